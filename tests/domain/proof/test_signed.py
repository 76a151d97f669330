"""Notes, checkpoints, policies and canonical JSON beyond their published vectors: limits, names, quorums, numbers."""

import hashlib
import struct
from collections.abc import Callable

import pytest

from app.domain.proof import jcs
from app.domain.proof.record import Leaf, RecordClass
from app.domain.proof.signed import checkpoint, note, policy, tlog_proof
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.keys import Kind, Line, SecretKey, VerifierKey
from app.domain.proof.signed.policy import Policy
from app.domain.proof.strict import Fault, Unproven, to_base64
from app.doors.signing import SigningKey, SigningKeyUnusable, verify
from tests.domain.proof.a_log import LOG, ORIGIN, POLICY, SMALL, WITNESSES, key
from tests.domain.proof.vectors import refuses


def fault_of(act: Callable[[], object]) -> Fault:
    with pytest.raises(Unproven) as refused:
        act()
    return refused.value.fault


# ---- keys and notes ---------------------------------------------------------------------------------------


def test_a_signing_key_is_written_and_read_again_and_tells_nothing() -> None:
    made = SigningKey.new("log.example")
    again = SigningKey(SecretKey.parse(made.written()))
    assert (again.vkey, again.sign(b"x")) == (made.vkey, made.sign(b"x"))
    secret = SecretKey.parse(made.written())
    assert to_base64(secret.seed) not in repr(secret)
    assert secret.seed.hex() not in repr(secret)


@pytest.mark.parametrize("spoilt", ["PRIVATE+KEY+", "PRIVATE+KEY+a+00000000+AAAA", "a+00000000+AAAA", ""])
def test_what_is_no_signing_key_is_refused(spoilt: str) -> None:
    assert refuses(lambda: SecretKey.parse(spoilt))


def test_a_signing_key_under_another_name_is_not_taken_up() -> None:
    with pytest.raises(SigningKeyUnusable):
        SigningKey(SecretKey.parse(LOG.written().replace(ORIGIN, "another.example")))


@pytest.mark.parametrize(
    "sign", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\u0085b", "a\tb", "a\nb", "a\x01b", "\ud800"]
)
def test_a_name_that_could_be_read_in_two_ways_is_no_name(sign: str) -> None:
    assert refuses(lambda: Line.parse(f"— {sign} {to_base64(bytes(68))}"))


def test_a_name_of_any_script_is_a_name() -> None:
    named = key("借呗.example/日志")
    text = "text\n"
    signed = str(note.sign_note(text, named.vkey, named.sign)).encode()
    assert note.open_note(signed, [VerifierKey.parse(str(named.vkey))], verify).text == text


def test_a_text_may_hold_empty_lines_and_lines_that_look_signed() -> None:
    text = f"one\n\n{SMALL.signed().lines[0]}\n\ntwo\n"
    found = note.open_note(str(note.sign_note(text, LOG.vkey, LOG.sign)).encode(), [LOG.vkey], verify)
    assert found.text == text


@pytest.mark.parametrize(("count", "taken"), [(99, True), (100, False)])
def test_a_hundred_signatures_are_enough(count: int, taken: bool) -> None:
    strangers = [Line("s.example", number.to_bytes(4, "big"), b"x") for number in range(count)]
    assert refuses(lambda: note.sign_note("text\n", LOG.vkey, LOG.sign, strangers)) is not taken


def test_a_second_line_of_a_known_key_is_verified_too() -> None:
    good = note.sign_note("text\n", LOG.vkey, LOG.sign)
    forged = Line(ORIGIN, LOG.vkey.id, bytes(64))
    spoilt = str(note.Note(good.text, (*good.lines, forged))).encode()
    assert fault_of(lambda: note.open_note(spoilt, [LOG.vkey], verify)) is Fault.SIGNATURE_WRONG


def test_a_public_key_that_is_no_point_verifies_nothing() -> None:
    assert verify(bytes(31), b"", bytes(64)) is False
    assert verify(b"\xff" * 32, b"", bytes(64)) is False


# ---- checkpoints, proofs, leaves --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        Checkpoint("", 1, bytes(32)),
        Checkpoint("a\nb", 1, bytes(32)),
        Checkpoint("a", -1, bytes(32)),
        Checkpoint("a", 2**63, bytes(32)),
        Checkpoint("a", 1, bytes(31)),
        Checkpoint("a", 1, bytes(32), ("",)),
    ],
)
def test_no_checkpoint_is_written_that_could_not_be_read(head: Checkpoint) -> None:
    assert refuses(head.text)


def test_extension_lines_of_others_are_kept() -> None:
    head = Checkpoint("a b", 7, bytes(32), ("more", "and more"))
    assert checkpoint.parse(head.text()) == head


@pytest.mark.parametrize(
    "head", ["index 0\nextra AA==\n", "extra AA\nindex 0\n", "index 00\n", "index 0 \n", " index 0\n"]
)
def test_a_proof_file_has_one_form(head: str) -> None:
    assert refuses(lambda: tlog_proof.parse(f"c2sp.org/tlog-proof@v1\n{head}\ncheckpoint\n".encode()))


def test_a_leaf_has_42_bytes_and_one_reading() -> None:
    first = Leaf(RecordClass.INQUIRY_OUTCOME, 258, bytes(range(32)))
    assert bytes(first) == bytes.fromhex("01050000000000000102") + bytes(range(32))
    last = Leaf(RecordClass.CONSENT_GIVEN, None, bytes(32))
    assert bytes(last)[2:10] == b"\xff" * 8
    assert [Leaf.parse(bytes(leaf)) for leaf in (first, last)] == [first, last]


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        bytes(Leaf(RecordClass.FREEZE, 1, bytes(32)))[:-1],
        b"\2" + bytes(Leaf(RecordClass.FREEZE, 1, bytes(32)))[1:],
        b"\1\xfe" + b"\0" * 40,
        b"\1\1" + b"\x80" + b"\0" * 39,
    ],
)
def test_what_is_no_leaf_is_refused(entry: bytes) -> None:
    assert refuses(lambda: Leaf.parse(entry))


def test_a_leaf_that_does_not_fit_is_not_made() -> None:
    for leaf in (Leaf(RecordClass.FREEZE, -1, bytes(32)), Leaf(RecordClass.FREEZE, 1, bytes(31))):
        with pytest.raises(ValueError, match="does not fit"):
            bytes(leaf)


# ---- policies ---------------------------------------------------------------------------------------------

KEYS = [str(signer.vkey) for signer in WITNESSES.values()]


def of(*lines: str) -> Policy:
    return policy.parse("".join(f"{line}\n" for line in lines).encode())


def witnesses(*names: str) -> list[str]:
    return [f"witness {name} {key(name, Kind.COSIGNATURE).vkey}" for name in names]


def test_groups_of_groups_reach_a_quorum_as_they_say() -> None:
    found = of(
        *witnesses("x1", "x2", "x3", "y1", "y2"),
        "group X 2 x1 x2 x3",
        "group Y any y1 y2",
        "group both all X Y",
        "quorum both",
    )
    enough = [{"x1", "x3", "y2"}, {"x1", "x2", "x3", "y1"}]
    short: list[set[str]] = [set(), {"x1", "x2", "x3"}, {"x1", "y1", "y2"}, {"X", "Y"}, {"both"}]
    assert [found.reached(frozenset(names)) for names in enough] == [True, True]
    assert [found.reached(frozenset(names)) for names in short] == [False] * 5


def test_a_quorum_of_nobody_is_reached_by_nobody_and_still_needs_the_log() -> None:
    alone = f"log {LOG.vkey}\nquorum none\n".encode()
    assert policy.judge(policy.parse(alone), str(SMALL.signed()).encode(), verify).witnessed == {}
    assert (
        fault_of(lambda: policy.judge(of("quorum none"), str(SMALL.signed()).encode(), verify))
        is Fault.SIGNATURE_MISSING
    )


def test_a_witness_that_nobody_here_can_verify_never_counts() -> None:
    public = bytes(1312)
    encoded = to_base64(b"\x06" + public)
    number = hashlib.sha256(b"pq.example\n\x06" + public).hexdigest()[:8]
    quantum = f"pq.example+{number}+{encoded}"
    found = of(f"log {LOG.vkey}", f"witness w {quantum}", "quorum w")
    forged = note.sign_note(
        SMALL.checkpoint().text(), LOG.vkey, LOG.sign, [Line("pq.example", bytes.fromhex(number), bytes(2428))]
    )
    assert fault_of(lambda: policy.judge(found, str(forged).encode(), verify)) is Fault.QUORUM_MISSING


def test_a_log_may_not_sign_for_the_origin_of_another() -> None:
    other = key("other.example/log")
    both = policy.parse(POLICY + f"log {other.vkey}\n".encode())
    foreign = note.sign_note(SMALL.checkpoint().text(), other.vkey, other.sign)
    assert fault_of(lambda: policy.judge(both, str(foreign).encode(), verify)) is Fault.LOG_UNKNOWN


@pytest.mark.parametrize(
    "lines",
    [
        ["quorum"],
        ["quorum none more"],
        ["witness w"],
        [f"witness w {KEYS[0]} a b", "quorum none"],
        [f"witness none {KEYS[0]}", "quorum none"],
        [f"witness w {KEYS[0]}", f"witness v {KEYS[0]}", "quorum none"],
        [f"witness w {KEYS[0]}", "group g 0 w", "quorum g"],
        [f"witness w {KEYS[0]}", "group g 01 w", "quorum g"],
        [f"witness w {KEYS[0]}", "group g +1 w", "quorum g"],
        [f"witness w {KEYS[0]}", "group g 1", "quorum g"],
        [f"witness w {KEYS[0]}", "group w 1 w", "quorum w"],
        ["quorum g", f"witness w {KEYS[0]}", "group g 1 w"],
        [f"log {LOG.vkey}", f"log {LOG.vkey}", "quorum none"],
        [f"log {KEYS[0]}", "quorum none"],
        ["sunshine", "quorum none"],
        ["quorum\u00a0none"],
        ["# a bell \x07", "quorum none"],
        ["# \x7f", "quorum none"],
        [*witnesses(*(f"w{number}" for number in range(65))), "quorum none"],
    ],
)
def test_a_line_that_is_none_spoils_the_policy(lines: list[str]) -> None:
    assert refuses(lambda: of(*lines))


def test_names_are_bytes_and_a_key_with_broken_ones_is_refused_in_order() -> None:
    kelvin = policy.parse(f"witness K {KEYS[0]}\nwitness \u212a {KEYS[1]}\nquorum \u212a\n".encode())
    assert not kelvin.reached(frozenset({"K"}))
    assert policy.parse(f"witness \xff {KEYS[0]}\nquorum \xff\n".encode("latin-1")).quorum == "\udcff"
    broken = KEYS[0].replace("north", "n\xffrth").encode("latin-1")
    assert fault_of(lambda: policy.parse(b"witness w " + broken + b"\nquorum w\n")) is Fault.MALFORMED
    assert refuses(lambda: policy.parse(POLICY[:-1]))


# ---- canonical JSON ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555554", "333333333.33333325"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_a_double_is_written_as_rfc_8785_shows(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert jcs.canonical(value).decode() == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, -(2**53), "\ud800", {"\udfff": 1}])
def test_what_two_readers_could_take_differently_is_not_written(value: jcs.Json) -> None:
    assert refuses(lambda: jcs.canonical(value))


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "1e999", '{"a":1,"a":2}', '"\\ud800"', "[" * 50 + "]" * 50, "01", "\ufeff1"]
)
def test_what_two_readers_could_take_differently_is_not_read(text: str) -> None:
    assert refuses(lambda: jcs.parse(text.encode("utf-8", "surrogatepass")))


def test_one_spacing_and_one_order_are_canonical() -> None:
    assert jcs.parse_canonical('{"a":[1,null],"€":"\\u001f"}'.encode()) == {"a": [1, None], "€": "\x1f"}
    for other in (' {"a":1}', '{"a": 1}', '{"b":1,"a":2}', '{"a":1.0}', '{"a":"\\u0041"}', '{"a":-0}'):
        assert refuses(lambda text=other: jcs.parse_canonical(text.encode()))  # type: ignore[misc]
