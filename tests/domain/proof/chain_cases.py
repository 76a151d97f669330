"""Files of several inquiries, as good and bad customers bring them: judged in Python and in JavaScript alike.

One log holds three inquiries of one person, the first two of another, and an outcome for each.
"""

import hashlib
from dataclasses import dataclass, replace
from functools import cache

from app.domain.proof import bundle, jcs
from app.domain.proof.bundle import Chain, Gap
from app.domain.proof.receipt import Receipt
from app.domain.proof.record import Leaf, RecordClass, Scalar, commitment
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.tlog_proof import TlogProof
from app.domain.proof.tree import merkle
from tests.domain.proof.a_log import ORIGIN, POLICY, signed

_INTENT, _OUTCOME = RecordClass.INQUIRY_INTENT, RecordClass.INQUIRY_OUTCOME


@dataclass(frozen=True)
class Written:
    """A record with its salt, before the log is whole."""

    kind: RecordClass
    record: dict[str, Scalar]
    salt: bytes
    previous: int | None

    @property
    def committed(self) -> str:
        return commitment(self.salt, self.record).hex()


def _salt(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _person(name: str, inquiries: int, after: int) -> list[Written]:
    """A person's inquiries, each with its outcome, in a log that holds `after` entries already."""
    found: list[Written] = []
    for number in range(1, inquiries + 1):
        inquiry = f"{name}-{number}"
        told: dict[str, Scalar] = {
            "class": _INTENT.name,
            "inquiry": inquiry,
            "number": number,
            "previous": found[-2].committed if found else None,
            "first": found[0].committed if found else None,
        }
        intent = Written(_INTENT, told, _salt(f"{inquiry} intent"), None)
        outcome: dict[str, Scalar] = {"class": _OUTCOME.name, "inquiry": inquiry, "state": "ANSWERED"}
        found += [intent, Written(_OUTCOME, outcome, _salt(f"{inquiry} outcome"), after + len(found))]
    return found


MINE = _person("mine", 4, 0)
THEIRS = _person("theirs", 4, len(MINE))
_ALL = [*MINE, *THEIRS]


@cache
def receipt_of(index: int) -> Receipt:
    """The receipt of an entry of the whole log."""
    leaves = [bytes(Leaf(one.kind, one.previous, commitment(one.salt, one.record))) for one in _ALL]
    nodes = merkle.nodes_of([merkle.leaf_hash(leaf) for leaf in leaves])
    head = Checkpoint(ORIGIN, len(_ALL), merkle.root(len(_ALL), nodes))
    path = merkle.inclusion_proof(index, len(_ALL), nodes)
    one, note = _ALL[index], signed(head, "north", "south")
    return Receipt(one.kind, one.record, one.salt, one.previous, TlogProof(index, tuple(path), str(note)), POLICY)


def of(number: int, *, theirs: bool = False) -> bytes:
    """The file of a person's inquiry of this number."""
    at = 2 * (number - 1) + (len(MINE) if theirs else 0)
    return bundle.written([receipt_of(at), receipt_of(at + 1)])


def _text(*receipts: Receipt, schema: str = bundle.SCHEMA) -> bytes:
    return jcs.canonical({"schema": schema, "receipts": [jcs.parse_canonical(bytes(one)) for one in receipts]})


def _before(number: int) -> Gap:
    """What lies before the inquiry of this number, as that one tells it."""
    return Gap(1, number - 1, number, MINE[2 * number - 4].committed)


GOOD: dict[str, tuple[list[bytes], Chain]] = {
    "one file": ([of(1)], Chain((1,))),
    "the second alone": ([of(2)], Chain((2,), before=_before(2))),
    "the third alone": ([of(3)], Chain((3,), before=_before(3))),
    "all of them, in any order": ([of(3), of(1), of(4), of(2)], Chain((1, 2, 3, 4))),
    "the same file twice": ([of(1), of(1), of(2)], Chain((1, 2))),
    "the third is missing": ([of(1), of(2), of(4)], Chain((1, 2, 4), (Gap(3, 3, 4, MINE[4].committed),))),
    "two in the middle are missing": ([of(4), of(1)], Chain((1, 4), (Gap(2, 3, 4, MINE[4].committed),))),
    "all before are missing": ([of(3), of(4)], Chain((3, 4), before=_before(3))),
    "one before and one between are missing": (
        [of(2), of(4)],
        Chain((2, 4), (Gap(3, 3, 4, MINE[4].committed),), _before(2)),
    ),
    "an intent alone": ([bytes(receipt_of(0))], Chain((1,), unanswered=(1,))),
    "a file of an intent alone": ([_text(receipt_of(0))], Chain((1,), unanswered=(1,))),
    "an intent alone among others": ([bytes(receipt_of(0)), of(2)], Chain((1, 2), unanswered=(1,))),
    "an intent and another's outcome": (
        [bytes(receipt_of(0)), bytes(receipt_of(3))],
        Chain((1,), unanswered=(1,), unannounced=(3,)),
    ),
    "an outcome alone": ([bytes(receipt_of(1))], Chain(unannounced=(1,))),
    "two outcomes alone, one of them twice": (
        [bytes(receipt_of(at)) for at in (3, 1, 3)],
        Chain(unannounced=(1, 3)),
    ),
    "an outcome and its intent, each by itself": ([bytes(receipt_of(1)), bytes(receipt_of(0))], Chain((1,))),
}
"""Name → files, and what they come to."""

BAD: dict[str, tuple[list[bytes], str]] = {
    "a neighbour of another person": ([of(1), of(2, theirs=True)], "FOREIGN"),
    "another person's, beyond a gap": ([of(1), of(2), of(4, theirs=True)], "FOREIGN"),
    "two people's, both beyond a gap": ([of(2), of(4, theirs=True)], "FOREIGN"),
    "two with the same number": ([of(1), of(1, theirs=True)], "FOREIGN"),
    "an outcome of another inquiry": ([_text(receipt_of(0), receipt_of(3))], "FOREIGN"),
    "an outcome of another person": ([_text(receipt_of(0), receipt_of(len(MINE) + 1))], "FOREIGN"),
    "an outcome first": ([_text(receipt_of(1), receipt_of(0))], "FOREIGN"),
    "an outcome twice": ([_text(receipt_of(0), receipt_of(1), receipt_of(1))], "FOREIGN"),
    "two intents": ([_text(receipt_of(0), receipt_of(2))], "FOREIGN"),
    "no receipt": ([_text()], "MALFORMED"),
    "too many receipts": ([_text(*[receipt_of(0)] * (bundle.RECEIPTS_MAX + 1))], "MALFORMED"),
    "another schema": ([_text(receipt_of(0), schema="clearline-receipts/2")], "MALFORMED"),
    "a space more": ([of(1).replace(b'{"receipts"', b'{ "receipts"')], "MALFORMED"),
    "another salt": ([_text(replace(receipt_of(0), salt=bytes(32)), receipt_of(1))], "PROOF_WRONG"),
    "a proof of another entry": ([_text(replace(receipt_of(0), proof=receipt_of(2).proof))], "PROOF_WRONG"),
    "one good file and one cut short": ([of(1), of(2)[:-1]], "MALFORMED"),
}
