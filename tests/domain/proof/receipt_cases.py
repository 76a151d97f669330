"""Receipts that must be refused, and why: judged by the Python verifier and by its JavaScript twin alike."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.proof.record import RecordClass
from app.domain.proof.signed.keys import Kind, Line
from app.domain.proof.signed.policy import bare
from app.domain.proof.signed.tlog_proof import TlogProof
from app.domain.proof.strict import Fault
from tests.domain.proof.a_log import LOG, ORIGIN, POLICY, RECORD, SMALL, key, with_checkpoint

RECEIPT = SMALL.receipt()
GOOD = bytes(RECEIPT)
TRUSTED = [b"quorum none\n", POLICY]
MOVED = b"# the same keys\n\n" + POLICY.replace(b"example/\n", b"example.org/moved\n")
SPACED = POLICY.replace(b" ", b" \t ").replace(b"https://", b"http://")
BARE = bare(POLICY)
KEPT = [(bytes(SMALL.receipt(policy=BARE)), text) for text in (BARE, POLICY, MOVED, SPACED)]
"""Receipts that hold, and a policy that their holder has kept: the same keys, wherever they are reached."""


@dataclass(frozen=True)
class Case:
    """A receipt, the policies that its holder trusts, and the fault."""

    name: str
    data: bytes
    fault: Fault
    trusted: list[bytes] = field(default_factory=lambda: TRUSTED)


def with_member(name: str, value: object) -> bytes:
    """The good receipt with another member, in canonical form."""
    told: dict[str, Any] = json.loads(GOOD)
    told[name] = value
    return json.dumps(dict(sorted(told.items())), ensure_ascii=False, separators=(",", ":")).encode()


def _policies() -> list[Case]:
    forger, elsewhere = key("forger.example"), key("clearline.example/other")
    forged = f"log {forger.vkey}\nquorum none\n".encode()
    other_log = POLICY.replace(str(LOG.vkey).encode(), str(elsewhere.vkey).encode())
    log_as_witness = f"log {LOG.vkey}\nwitness w {key(ORIGIN, Kind.COSIGNATURE).vkey}\nquorum w\n".encode()
    unseen = with_checkpoint(SMALL.receipt(policy=log_as_witness), str(SMALL.signed()))
    broken = b"quorum nobody\n"
    return [
        Case("no policy is trusted", GOOD, Fault.POLICY_UNKNOWN, []),
        Case("a word more in the trusted policy", GOOD, Fault.POLICY_UNKNOWN, [POLICY + b"# a word\n"]),
        Case("another address in the receipt", bytes(SMALL.receipt(policy=MOVED)), Fault.POLICY_UNKNOWN),
        Case("an address, where the kept policy has none", GOOD, Fault.POLICY_UNKNOWN, [BARE]),
        Case(
            "another quorum, without addresses",
            KEPT[0][0],
            Fault.POLICY_UNKNOWN,
            [MOVED.replace(b"seen 2", b"seen 1")],
        ),
        Case("a kept policy that was cut", KEPT[0][0], Fault.POLICY_UNKNOWN, [POLICY[:-1]]),
        Case(
            "two addresses of one witness",
            KEPT[0][0],
            Fault.POLICY_UNKNOWN,
            [POLICY.replace(b"example/", b"example/ 2")],
        ),
        Case("a forger with keys of his own", bytes(SMALL.receipt(policy=forged)), Fault.POLICY_UNKNOWN),
        Case("a policy of another log", bytes(SMALL.receipt(policy=other_log)), Fault.LOG_UNKNOWN, [other_log]),
        Case("the log's key is no witness's", bytes(unseen), Fault.QUORUM_MISSING, [log_as_witness]),
        Case("a trusted policy that is none", bytes(SMALL.receipt(policy=broken)), Fault.MALFORMED, [broken]),
    ]


def _signatures() -> list[Case]:
    signed = SMALL.signed("north", "south")
    without_log = f"{signed.text}\n" + "".join(f"{line}\n" for line in signed.lines[1:])
    stranger = Line("stranger.example", b"\1\2\3\4", bytes(2420))
    short = Line(signed.lines[1].name, signed.lines[1].key_id, signed.lines[1].signature[:64])
    timeless = Line(short.name, short.key_id, bytes(8) + signed.lines[1].signature[8:])

    def spare(line: Line) -> bytes:
        return bytes(with_checkpoint(RECEIPT, str(replace(signed, lines=(*signed.lines, line)))))

    def instead(line: Line) -> bytes:
        return bytes(with_checkpoint(RECEIPT, str(replace(signed, lines=(signed.lines[0], line, signed.lines[2])))))

    return [
        Case("one witness", bytes(SMALL.receipt("north")), Fault.QUORUM_MISSING),
        Case("one witness twice", bytes(SMALL.receipt("north", "north")), Fault.QUORUM_MISSING),
        Case("no witness", bytes(with_checkpoint(RECEIPT, str(SMALL.signed()))), Fault.QUORUM_MISSING),
        Case("no log", bytes(with_checkpoint(RECEIPT, without_log)), Fault.LOG_UNKNOWN),
        Case("a stranger's line", spare(stranger), Fault.SIGNATURE_UNKNOWN),
        Case("a line twice", spare(signed.lines[1]), Fault.SIGNATURE_UNKNOWN),
        Case("a cosignature without its time", instead(short), Fault.MALFORMED),
        Case("a cosignature of no time", instead(timeless), Fault.MALFORMED),
        Case(
            "strangers alone",
            bytes(with_checkpoint(RECEIPT, f"{signed.text}\n{stranger}\n")),
            Fault.SIGNATURE_MISSING,
        ),
        Case("an unsigned checkpoint", bytes(with_checkpoint(RECEIPT, signed.text)), Fault.MALFORMED),
    ]


def _swaps() -> list[Case]:
    other = replace(SMALL, record={**RECORD, "number": 2}, at=8)
    outcome = replace(RECEIPT, kind=RecordClass.INQUIRY_OUTCOME, record={**RECORD, "class": "INQUIRY_OUTCOME"})
    swapped = {
        "another record": replace(RECEIPT, record=other.record),
        "another salt": replace(RECEIPT, salt=bytes(32)),
        "another proof": replace(RECEIPT, proof=other.receipt().proof),
        "another checkpoint": with_checkpoint(RECEIPT, str(other.signed("north", "south"))),
        "a stale checkpoint": with_checkpoint(RECEIPT, str(replace(SMALL, size=9).signed("north", "south"))),
        "a checkpoint before the entry": with_checkpoint(
            RECEIPT, str(replace(SMALL, size=7).signed("north", "south"))
        ),
        "another class": outcome,
        "another step before": replace(RECEIPT, previous=4),
        "no step before": replace(RECEIPT, previous=None),
    }
    lying = replace(SMALL, record={**RECORD, "class": "DECISION"}).receipt()
    return [
        *(Case(name, bytes(changed), Fault.PROOF_WRONG) for name, changed in swapped.items()),
        Case("a record that was logged under another class", bytes(lying), Fault.MALFORMED),
    ]


def _malformed() -> list[Case]:
    members: list[tuple[str, object]] = [
        ("schema", "clearline-receipt/2"),
        ("class", 0),
        ("class", 4.5),
        ("class", True),
        ("class", "4"),
        ("class", None),
        ("previousIndex", -1),
        ("previousIndex", 7),
        ("previousIndex", False),
        ("previousIndex", 2.5),
        ("record", []),
        ("record", None),
        ("record", {}),
        ("record", {"class": "INQUIRY_INTENT", "deep": {"a": 1}}),
        ("record", {"class": "INQUIRY_INTENT", "share": 0.5}),
        ("salt", "AAAA"),
        ("salt", None),
        ("salt", SMALL.salt.hex()),
        ("proof", "c2sp.org/tlog-proof@v1\nindex 0\n"),
        ("proof", str(TlogProof(7, (), "x\n", b"extra"))),
        ("proof", str(TlogProof(7, (), "x\n", b""))),
        ("proof", str(TlogProof(7, (bytes(32),) * 64, "x\n"))),
        ("policy", None),
        ("more", 1),
    ]
    nothing = [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b'{"a":1,"a":1}',
        b"[" * 5_000,
        b" " * 300_000,
        GOOD + b"\n",
        b"\xef\xbb\xbf" + GOOD,
    ]
    half = GOOD.replace(b'"purpose":"', b'"purpose":"\\ud800')
    unsafe = GOOD.replace(b'"number":1', b'"number":9007199254740993')
    exponent = GOOD.replace(b'"number":1', b'"number":1e+21')
    minus = GOOD.replace(b'"number":1', b'"number":-0')
    twice = GOOD.replace(b'"number":1', b'"number":1,"number":1')
    return [
        *(Case(f"{name} {value!r}"[:60], with_member(name, value), Fault.MALFORMED) for name, value in members),
        *(Case(repr(data[:20]), data, Fault.MALFORMED) for data in [*nothing, half, unsafe, exponent, minus, twice]),
    ]


CASES = [*_policies(), *_signatures(), *_swaps(), *_malformed()]
