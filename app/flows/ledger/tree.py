"""Reading the tree out of its tiles: roots and proofs of any size that the log has had."""

from collections.abc import Callable
from typing import TypeVar

from app.domain.proof.tree import merkle
from app.domain.proof.tree.merkle import Nodes
from app.domain.proof.tree.tiles import Edge, Tile, nodes_in, widths
from models.connection import fetch

HASH_BYTES = 32
Result = TypeVar("Result")


class TreeDamaged(Exception):
    """The tiles, the entries and the state row of the log do not agree: clearline ledger fsck tells where."""


async def edge(size: int) -> Edge:
    """The right edge of the tree of `size` leaves.

    Raises:
        TreeDamaged: a tile is missing or too short.
    """
    open_tiles = [(level, full, partial) for level, (full, partial) in enumerate(widths(size))]
    wanted = {Tile(level, full, partial) for level, full, partial in open_tiles if partial}
    found = await _tiles(wanted)
    rows = [_hashes(found[Tile(level, full, partial)]) if partial else [] for level, full, partial in open_tiles]
    return Edge(size, rows)


async def root_at(size: int) -> bytes:
    """The root over the first `size` entries."""
    return await _over_tiles(size, lambda nodes: merkle.root(size, nodes))


async def inclusion(seq: int, size: int) -> list[bytes]:
    """The proof that the entry `seq` stands in the tree of `size` entries."""
    return await _over_tiles(size, lambda nodes: merkle.inclusion_proof(seq, size, nodes))


async def consistency(old: int, size: int) -> list[bytes]:
    """The proof that the tree of `size` entries begins with the one of `old`."""
    return await _over_tiles(size, lambda nodes: merkle.consistency_proof(old, size, nodes))


async def tile_bytes(tile: Tile) -> bytes:
    """The hashes of one tile.

    Raises:
        TreeDamaged: it is missing or too short.
    """
    return (await _tiles({tile}))[tile]


async def _over_tiles(size: int, reckon: Callable[[Nodes], Result]) -> Result:
    """What `reckon` finds: once over blanks, to learn which tiles it needs, then over those tiles."""
    wanted: set[Tile] = set()

    def blank(tile: Tile) -> bytes:
        wanted.add(tile)
        return bytes(tile.width * HASH_BYTES)

    reckon(nodes_in(size, blank))
    found = await _tiles(wanted)
    return reckon(nodes_in(size, found.__getitem__))


async def _tiles(wanted: set[Tile]) -> dict[Tile, bytes]:
    """The bytes of tiles as they were when they were so wide: a tile only grows."""
    if not wanted:
        return {}
    ordered = sorted((tile.level or 0, tile.index, tile.width) for tile in wanted)
    places = ", ".join(f"({level}, {index})" for level, index, _ in ordered)
    rows = await fetch(f"SELECT level, n, data FROM tlog_tile WHERE (level, n) IN (VALUES {places})")  # noqa: S608 - ints
    stored = {(int(row["level"]), int(row["n"])): bytes(row["data"]) for row in rows}
    found = {}
    for level, index, width in ordered:
        data = stored.get((level, index), b"")[: width * HASH_BYTES]
        if len(data) != width * HASH_BYTES:
            raise TreeDamaged(f"tile {level}/{index} has no {width} hashes")
        found[Tile(level, index, width)] = data
    return found


def _hashes(data: bytes) -> list[bytes]:
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
