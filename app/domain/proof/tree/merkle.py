"""The tree of RFC 6962: hashes, roots, proofs of inclusion and of consistency, made and verified.

A tree is known by its perfect subtrees: `Nodes` gives the hash of the subtree of 2^level leaves that begins at leaf
index * 2^level. A list of leaf hashes, a set of tiles and a right edge all can be asked in this way.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from app.domain.proof.strict import SIZE_MAX, Fault, Unproven, check_hash

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
PROOF_HASHES_MAX: Final = 63  # a tree of fewer than 2^63 leaves is at most so deep

Nodes = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def nodes_of(leaf_hashes: Sequence[bytes]) -> Nodes:
    """The perfect subtrees over a list of leaf hashes; each is reckoned once. The list may grow."""
    known: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hashes[index]
        if (level, index) not in known:
            known[level, index] = node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))
        return known[level, index]

    return node


def root(size: int, nodes: Nodes) -> bytes:
    """The root of the first `size` leaves."""
    return _range_hash(0, size, nodes) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962, 2.1.1: from the leaf's sibling up.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, nodes))
            end = middle
        else:
            path.append(_range_hash(start, middle, nodes))
            start = middle
    return path[::-1]


def consistency_proof(old: int, size: int, nodes: Nodes) -> list[bytes]:
    """PROOF(old, D[size]) of RFC 6962, 2.1.2; nothing from an empty tree or to the same size.

    Raises:
        ValueError: the old tree is not smaller than or as large as the new one.
    """
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {size} does not follow one of {old}")
    if old == 0:
        return []
    path: list[bytes] = []
    start, end = 0, size
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, nodes))
            end = middle
        else:
            path.append(_range_hash(start, middle, nodes))
            start = middle
    if start:  # the old tree ends inside: its last subtree is no part of what the verifier holds
        path.append(_range_hash(start, end, nodes))
    return path[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected: bytes) -> None:
    """Check that the hash `leaf` stands at `index` in the tree of `size` leaves with the root `expected`.

    Raises:
        Unproven: PROOF_WRONG; MALFORMED when something is no hash.
    """
    _check_hashes(leaf, expected, *proof)
    if not 0 <= index < size <= SIZE_MAX:
        raise _wrong(f"no leaf {index} in a tree of {size}")
    reckoned, place, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            raise _wrong("the inclusion proof is too long")
        if place & 1 or place == last:
            reckoned = node_hash(sibling, reckoned)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reckoned = node_hash(reckoned, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise _wrong("the inclusion proof is too short")
    if reckoned != expected:
        raise _wrong("the inclusion proof leads to another root")


def verify_consistency(old: int, size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the tree of `size` leaves begins with the tree of `old` leaves (RFC 9162, 2.1.4.2).

    An empty tree is the beginning of every tree, by an empty proof.

    Raises:
        Unproven: PROOF_WRONG; MALFORMED when something is no hash.
    """
    _check_hashes(old_root, new_root, *proof)
    if not 0 <= old <= size <= SIZE_MAX:
        raise _wrong(f"a tree of {size} does not follow one of {old}")
    if old in {0, size}:
        _check_trivial(old, size, proof, old_root, new_root)
        return
    hashes = list(proof)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise _wrong("the consistency proof is empty")
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise _wrong("the consistency proof is too long")
        if place & 1 or place == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise _wrong("the consistency proof is too short")
    if first != old_root or second != new_root:
        raise _wrong("the consistency proof leads to other roots")


def _check_trivial(old: int, size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    if proof:
        raise _wrong("nothing is to be proven, yet there is a proof")
    if old == 0 and old_root != EMPTY_ROOT:
        raise _wrong("the old tree is empty, its root is not")
    if old == size and old_root != new_root:
        raise _wrong("two roots for one size")


def _range_hash(start: int, end: int, nodes: Nodes) -> bytes:
    """MTH(D[start:end]) where `start` is a multiple of the smallest power of two that is not below end - start."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(width)
    return node_hash(_range_hash(start, middle, nodes), _range_hash(middle, end, nodes))


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _check_hashes(*hashes: bytes) -> None:
    for value in hashes:
        check_hash(value, "a hash")


def _wrong(told: str) -> Unproven:
    return Unproven(Fault.PROOF_WRONG, told)
