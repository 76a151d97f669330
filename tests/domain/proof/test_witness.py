"""What a witness answers: the published conversation, each status of the specification, and no way to make it sign a fork."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.proof import witness as law
from app.domain.proof.signed import note
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.keys import Kind, Line, VerifierKey
from app.domain.proof.signed.note import Note
from app.domain.proof.tree import merkle
from app.domain.proof.witness import Answer, Head, Rejected, Witness
from app.doors.signing import SigningKey, verify
from tests.domain.proof.a_log import LOG, ORIGIN, WITNESSES, key
from tests.domain.proof.vectors import Tally, load
from tests.needs import LONG

EXAMPLES = 1_000 if LONG else 40
NORTH = WITNESSES["north"]
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(64)]
FORKED = [*LEAVES[:5], merkle.leaf_hash(b"other"), *LEAVES[6:]]
NODES, OTHER = merkle.nodes_of(LEAVES), merkle.nodes_of(FORKED)


@dataclass
class Kept:
    """A witness and what it has kept."""

    witness: Witness = field(default_factory=lambda: Witness(NORTH.vkey, {ORIGIN: [LOG.vkey]}))
    signer: SigningKey = NORTH
    heads: dict[str, Head] = field(default_factory=dict)
    shown: Note | None = None

    def ask(self, body: bytes, now: int = 1_000) -> Answer:
        try:
            asked = self.witness.read(body, verify)
            head = self.witness.follow(asked, self.heads.get(asked.checkpoint.origin), now)
        except Rejected as rejected:
            return rejected.answer
        line, self.shown = self.witness.cosign(asked, head, self.signer.sign)
        self.heads[asked.checkpoint.origin] = head
        return law.cosigned(line)

    def grow(self, old: int, size: int, nodes: merkle.Nodes = NODES, now: int = 1_000) -> Answer:
        proof = merkle.consistency_proof(old, size, nodes) if old <= size else []
        return self.ask(law.request(old, proof, signed(size, merkle.root(size, nodes))), now)


def signed(size: int, root: bytes, by: SigningKey = LOG, *others: Line) -> Note:
    return note.sign_note(Checkpoint(ORIGIN, size, root).text(), by.vkey, by.sign, others)


def seconds_of(answer: Answer) -> int:
    return int.from_bytes(Line.parse(answer.body.rstrip("\n")).signature[:8], "big")


def test_the_published_conversation() -> None:
    told, tally = load("witness_protocol"), Tally("witness_protocol")
    log = VerifierKey(told["origin"], Kind.ED25519, bytes.fromhex(told["log_public_key_hex"]))
    kept = Kept(Witness(NORTH.vkey, {log.name: [log]}))
    for step in told["steps"]:
        answer = kept.ask(step["request_body"].encode())
        right = answer.status in step["acceptable"]
        if answer.status == 409:
            right &= step["torchwood_assert"] == f'body == "{answer.body}"'.replace("\n", "\\n")
            right &= answer.content_type == "text/x.tlog.size"
        tally.check(step["why"], holds=right)
    monkeys = told["monkeys"]
    five, eight = note.parse(monkeys["cp5"].encode()), note.parse(monkeys["cp8"].encode())
    vkey = VerifierKey.parse(monkeys["vkey"])
    kept = Kept(Witness(NORTH.vkey, {vkey.name: [vkey]}))
    proof = [bytes.fromhex(value) for value in monkeys["consistency_5_8"]]
    tally.check("monkeys 5", holds=kept.ask(law.request(0, [], five)).status == 200)
    tally.check("root5", holds=kept.heads["monkeys"].root.hex() == monkeys["root5"])
    tally.check("monkeys 8 without proof", holds=kept.ask(law.request(5, [], eight)).status == 422)
    tally.check("monkeys 8", holds=kept.ask(law.request(5, proof, eight)).status == 200)
    tally.done(least=13)


def test_a_cosignature_is_of_the_whole_text_and_the_note_shows_the_log_and_the_witness() -> None:
    kept = Kept()
    stranger = Line("stranger.example", b"\0\0\0\1", b"x")
    answer = kept.ask(law.request(0, [], signed(3, merkle.root(3, NODES), LOG, stranger)), now=1_700_000_000)
    assert (answer.status, answer.content_type) == (200, "text/plain; charset=utf-8")
    assert kept.shown is not None
    opened = note.open_note(str(kept.shown).encode(), [LOG.vkey, NORTH.vkey], verify)
    assert [known for known, _ in opened.verified] == [LOG.vkey, NORTH.vkey]
    assert opened.unknown == ()
    assert str(opened.verified[1][1]) + "\n" == answer.body
    assert seconds_of(answer) == 1_700_000_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff", 400),
        (b"old 0", 400),
        (b"old 0\n\n", 400),
        (b"old 00\n\n" + str(signed(1, LEAVES[0])).encode(), 400),
        (b"old +0\n\n" + str(signed(1, LEAVES[0])).encode(), 400),
        (b"old 1_0\n\n" + str(signed(1, LEAVES[0])).encode(), 400),
        (b"old 0\r\n\r\n" + str(signed(1, LEAVES[0])).encode(), 400),
        ("old ٠\n\n".encode() + str(signed(1, LEAVES[0])).encode(), 400),
        (b"old 18446744073709551616\n\n" + str(signed(1, LEAVES[0])).encode(), 400),
        (b"new 0\n\n" + str(signed(1, LEAVES[0])).encode(), 400),
        (b"old 0\nAAAA\n\n" + str(signed(1, LEAVES[0])).encode(), 400),
        (b"old 0\n\n" + str(signed(1, LEAVES[0])).encode()[:-1], 400),
        (law.request(0, [LEAVES[0]] * 64, signed(1, LEAVES[0])), 400),
        (law.request(2, [], signed(1, LEAVES[0])), 400),
        (b"old 0\n\n" + Checkpoint(ORIGIN, 1, LEAVES[0]).text().encode(), 400),
        (b"old 0\n\n" + str(signed(1, LEAVES[0])).replace(ORIGIN + "\n1", "elsewhere.example\n1").encode(), 404),
        (law.request(0, [], signed(1, LEAVES[0], key(ORIGIN + "x"))), 403),
        (law.request(0, [], signed(1, LEAVES[0], SigningKey.of_seed(ORIGIN, Kind.ED25519, bytes(32)))), 403),
        (b"old 0\n\n" + str(signed(1, LEAVES[0])).replace("\n1\n", "\n2\n").encode(), 403),
        (law.request(1, [], signed(1, LEAVES[0])), 409),
        (law.request(0, [LEAVES[0]], signed(1, LEAVES[0])), 422),
        (law.request(0, [], signed(0, LEAVES[0])), 422),
        (law.request(0, [], signed(0, merkle.EMPTY_ROOT)), 200),
        (law.request(0, [], signed(1, LEAVES[0])), 200),
    ],
)
def test_a_first_request_gets_the_status_of_the_specification(body: bytes, status: int) -> None:
    kept = Kept()
    answer = kept.ask(body)
    assert answer.status == status, answer.body
    assert bool(kept.heads) is (status == 200)


def test_a_witness_that_has_seen_eight_takes_only_what_begins_with_them() -> None:
    kept = Kept()
    assert kept.grow(0, 8).status == 200
    before = dict(kept.heads)
    assert [kept.grow(0, 9).status, kept.grow(3, 9).status, kept.grow(9, 12).status] == [409, 409, 409]
    assert kept.grow(0, 9).body == "8\n"
    assert kept.grow(8, 7).status == 400
    assert kept.ask(law.request(8, [], signed(9, merkle.root(9, NODES)))).status == 422
    assert kept.grow(8, 12, OTHER).status == 422
    assert kept.grow(8, 8, OTHER).status == 422
    assert kept.ask(law.request(8, [LEAVES[0]], signed(8, merkle.root(8, NODES)))).status == 422
    assert kept.heads == before
    assert kept.grow(8, 8).status == 200
    assert kept.grow(8, 12).status == 200


def test_what_a_log_has_signed_and_cannot_prove_is_evidence_and_nothing_else_is() -> None:
    kept = Kept()
    kept.grow(0, 8)
    fork = kept.witness.read(law.request(8, [], signed(8, merkle.root(8, OTHER))), verify)
    with pytest.raises(Rejected) as forked:
        kept.witness.follow(fork, kept.heads[ORIGIN], 1)
    assert forked.value.evidence
    stale = kept.witness.read(law.request(0, [], signed(9, merkle.root(9, NODES))), verify)
    with pytest.raises(Rejected) as late:
        kept.witness.follow(stale, kept.heads[ORIGIN], 1)
    assert not late.value.evidence


def test_its_time_does_not_go_back_with_its_clock_and_is_never_none() -> None:
    kept = Kept()
    assert seconds_of(kept.grow(0, 1, now=500)) == 500
    assert seconds_of(kept.grow(1, 2, now=400)) == 500
    assert seconds_of(kept.grow(2, 2, now=501)) == 501
    assert seconds_of(Kept().grow(0, 1, now=0)) == 1


def test_each_log_is_followed_by_itself_and_by_any_of_its_keys() -> None:
    second = key("second.example/log")
    renewed = SigningKey.of_seed(ORIGIN, Kind.ED25519, bytes(range(32)))
    kept = Kept(Witness(NORTH.vkey, {ORIGIN: [LOG.vkey, renewed.vkey], "second.example/log": [second.vkey]}))
    other = note.sign_note(
        Checkpoint("second.example/log", 2, merkle.root(2, OTHER)).text(), second.vkey, second.sign
    )
    assert kept.grow(0, 3).status == 200
    assert kept.ask(law.request(0, [], other)).status == 200
    proof = merkle.consistency_proof(3, 4, NODES)
    assert kept.ask(law.request(3, proof, signed(4, merkle.root(4, NODES), renewed))).status == 200
    assert {origin: head.size for origin, head in kept.heads.items()} == {ORIGIN: 4, "second.example/log": 2}


steps = st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans(), st.integers(0, 3))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(steps, max_size=25))
def test_all_trees_that_it_ever_cosigns_are_one_growing_tree(asked: list[tuple[int, int, bool, int]]) -> None:
    kept = Kept()
    cosigned: list[Head] = []
    for old, size, forked, lie in asked:
        nodes = OTHER if forked else NODES
        last = kept.heads.get(ORIGIN)
        told_old = (last.size if last else 0) if lie else old  # most logs know where they stand
        if kept.grow(told_old, max(size, told_old) if lie > 1 else size, nodes).status == 200:
            cosigned.append(kept.heads[ORIGIN])
    assert [head.size for head in cosigned] == sorted(head.size for head in cosigned)
    for nodes in (NODES, OTHER):
        if all(head.root == merkle.root(head.size, nodes) for head in cosigned):
            return
    pytest.fail("it cosigned two trees")


def test_a_log_is_named_to_monitors_by_the_digest_of_its_origin() -> None:
    assert law.place("hello world") == "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
