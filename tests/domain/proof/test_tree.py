"""Trees of any size: every proof that is made verifies, every other is refused, and tiles say what the naive tree says."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.proof.strict import Fault, Unproven
from app.domain.proof.tree import merkle, tiles
from tests.domain.proof.vectors import refuses
from tests.needs import LONG

EXAMPLES = 2_000 if LONG else 60
LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(700)]
NODES = merkle.nodes_of(LEAVES)

sizes = st.integers(1, len(LEAVES))


def naive(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:split]) + naive(leaves[split:])).digest()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data(), sizes)
def test_an_inclusion_proof_holds_for_its_leaf_alone(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    root, proof = merkle.root(size, NODES), merkle.inclusion_proof(index, size, NODES)
    assert root == naive(LEAVES[:size])
    merkle.verify_inclusion(index, size, LEAVES[index], proof, root)

    def refused(index: int, size: int, leaf: bytes, proof: list[bytes], root: bytes) -> bool:
        return refuses(lambda: merkle.verify_inclusion(index, size, leaf, proof, root))

    wrong_index = data.draw(st.integers(0, len(LEAVES) + 9).filter(lambda other: other != index))
    assert refused(wrong_index, size, LEAVES[index], proof, root)
    assert refused(index, size, data.draw(st.binary(min_size=32, max_size=32)), proof, root)
    assert refused(index, size, LEAVES[index], proof, merkle.root(size, merkle.nodes_of(LEAVES[::-1])))
    for wrong in mutated(data, proof):
        assert refused(index, size, LEAVES[index], wrong, root)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data(), sizes)
def test_a_consistency_proof_holds_for_its_two_trees_alone(data: st.DataObject, size: int) -> None:
    old = data.draw(st.integers(1, size))
    before, after = merkle.root(old, NODES), merkle.root(size, NODES)
    proof = merkle.consistency_proof(old, size, NODES)
    merkle.verify_consistency(old, size, proof, before, after)

    def refused(old: int, size: int, proof: list[bytes], before: bytes, after: bytes) -> bool:
        return refuses(lambda: merkle.verify_consistency(old, size, proof, before, after))

    other = data.draw(st.binary(min_size=32, max_size=32))
    assert refused(old, size, proof, other, after)
    assert refused(old, size, proof, before, other)
    if old != size:
        assert refused(size, old, proof, after, before)
        forked = [*LEAVES[: old - 1], other, *LEAVES[old:size]]
        assert refused(old, size, proof, merkle.root(old, merkle.nodes_of(forked)), after)
    for wrong in mutated(data, proof):
        assert refused(old, size, wrong, before, after)


def mutated(data: st.DataObject, proof: list[bytes]) -> list[list[bytes]]:
    """The proof with a bit flipped, a hash taken away, added, doubled, or two changed places."""
    extra = data.draw(st.binary(min_size=32, max_size=32))
    wrong = [[*proof, extra], [extra, *proof]]
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(proof[at], "big") ^ (1 << bit)).to_bytes(32, "big")
        wrong += [
            [*proof[:at], flipped, *proof[at + 1 :]],
            [*proof[:at], *proof[at + 1 :]],
            [*proof[:at], proof[at], *proof[at:]],
            [*proof[:at], proof[at][:31], *proof[at + 1 :]],
        ]
        if proof[::-1] != proof:
            wrong.append(proof[::-1])
    return wrong


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=4))
def test_tiles_written_in_batches_hold_the_naive_tree(batches: list[int]) -> None:
    edge, size = tiles.Edge(), 0
    shelf: dict[tiles.Tile, bytes] = {}
    for batch in batches:
        leaves = [merkle.leaf_hash(str(number).encode()) for number in range(size, size + batch)]
        written = edge.append(leaves)
        assert {tile for tile, _ in written} == set(tiles.tiles(size, size + batch))
        shelf |= dict(written)
        size += batch
    everything = merkle.nodes_of([merkle.leaf_hash(str(number).encode()) for number in range(size)])
    assert edge.root() == merkle.root(size, everything)
    read = tiles.nodes_in(size, shelf.__getitem__)
    assert merkle.root(size, read) == edge.root()
    for index in range(0, size, 37):
        assert merkle.inclusion_proof(index, size, read) == merkle.inclusion_proof(index, size, everything)
        assert merkle.consistency_proof(index, size, read) == merkle.consistency_proof(index, size, everything)
    for tile, data in shelf.items():
        assert tiles.Tile.at(tile.path) == tile
        assert tiles.tile_bytes(tile, everything) == data


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.binary(max_size=50), min_size=1, max_size=12), st.data())
def test_a_bundle_gives_back_its_entries_and_no_cut_one_is_taken(entries: list[bytes], data: st.DataObject) -> None:
    tile, packed = tiles.Tile(None, 0, len(entries)), tiles.bundle(entries)
    assert tiles.entries_in(tile, packed) == entries
    assert refuses(lambda: tiles.entries_in(tile, packed[: data.draw(st.integers(0, len(packed) - 1))]))
    assert refuses(lambda: tiles.entries_in(tile, packed + b"\0"))
    assert refuses(lambda: tiles.entries_in(tiles.Tile(None, 0, len(entries) + 1), packed))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 2**63 - 1), st.integers(0, 63) | st.none(), st.integers(1, 256))
def test_a_path_names_one_tile(index: int, level: int | None, width: int) -> None:
    tile = tiles.Tile(level, index, width)
    assert tiles.Tile.at(tile.path) == tile


def test_what_is_no_tree_is_refused_by_its_name() -> None:
    leaf = LEAVES[0]
    with pytest.raises(Unproven) as short:
        merkle.verify_inclusion(0, 1, leaf[:31], [], leaf)
    assert short.value.fault is Fault.MALFORMED
    with pytest.raises(Unproven) as huge:
        merkle.verify_inclusion(0, 2**63, leaf, [], leaf)
    assert huge.value.fault is Fault.PROOF_WRONG
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(3, 3, NODES)
    with pytest.raises(ValueError, match="does not follow"):
        merkle.consistency_proof(4, 3, NODES)
    with pytest.raises(ValueError, match="65535"):
        tiles.bundle([bytes(65_536)])
    with pytest.raises(Unproven):
        tiles.Edge(3, [[leaf]])


def test_an_empty_tree_begins_every_tree_by_an_empty_proof() -> None:
    merkle.verify_consistency(0, 5, [], merkle.EMPTY_ROOT, merkle.root(5, NODES))
    assert refuses(lambda: merkle.verify_consistency(0, 5, [LEAVES[0]], merkle.EMPTY_ROOT, merkle.root(5, NODES)))
    assert refuses(lambda: merkle.verify_consistency(0, 5, [], LEAVES[0], merkle.root(5, NODES)))
