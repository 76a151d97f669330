"""Tiles of C2SP tlog-tiles: 256 hashes wide, eight levels of the tree high, and bundles of entries beside them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Self

from app.domain.proof.strict import HASH_BYTES, malformed
from app.domain.proof.tree.merkle import EMPTY_ROOT, Nodes, node_hash

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
LEVEL_MAX: Final = 63
ENTRY_BYTES_MAX: Final = 0xFFFF
_LENGTH_BYTES: Final = 2

_PATH: Final = re.compile(
    r"tile/(?P<level>0|[1-9][0-9]?|entries)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile, or (with `level` None) one bundle of entries. `width` is WIDTH when it is full."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its place below a log's prefix."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        place = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{place}{part}"

    @classmethod
    def at(cls, path: str) -> Self:
        """The tile at a path; each tile has one path only.

        Raises:
            Unproven: MALFORMED.
        """
        found = _PATH.fullmatch(path)
        if found is None:
            raise malformed("not a tile's path")
        level = None if found["level"] == "entries" else int(found["level"])
        tile = cls(level, int(found["index"].replace("/", "").replace("x", "")), int(found["width"] or WIDTH))
        fits = tile.width < WIDTH or found["width"] is None
        if not fits or (level or 0) > LEVEL_MAX or tile.path != path:
            raise malformed("not a tile's path")
        return tile


def widths(size: int, height: int = HEIGHT) -> Iterator[tuple[int, int]]:
    """For each level of a tree of `size` leaves: how many tiles are full, and how wide the partial one is (or 0)."""
    while size:
        yield divmod(size, 1 << height)
        size >>= height


def changed(old: int, size: int, height: int = HEIGHT) -> Iterator[tuple[int, int, int]]:
    """Level, index and width of every hash tile that a tree of `size` leaves has and one of `old` leaves had not."""
    for level, (full, partial) in enumerate(widths(size, height)):
        before = old >> (height * level)
        if before == size >> (height * level):
            continue
        yield from ((level, index, 1 << height) for index in range(before >> height, full))
        if partial:
            yield level, full, partial


def tiles(old: int, size: int) -> Iterator[Tile]:
    """The tiles to write when a log grows from `old` to `size` leaves."""
    return (Tile(*tile) for tile in changed(old, size))


def entry_tiles(old: int, size: int) -> Iterator[Tile]:
    """The bundles to write when a log grows from `old` to `size` leaves."""
    return (Tile(None, tile.index, tile.width) for tile in tiles(old, size) if tile.level == 0)


def tile_bytes(tile: Tile, nodes: Nodes) -> bytes:
    """What stands in a hash tile."""
    level = (tile.level or 0) * HEIGHT
    return b"".join(nodes(level, tile.index * WIDTH + at) for at in range(tile.width))


def hashes_in(tile: Tile, data: bytes) -> list[bytes]:
    """The hashes of a tile.

    Raises:
        Unproven: MALFORMED when the data is not exactly as long as the tile is wide.
    """
    if len(data) != tile.width * HASH_BYTES:
        raise malformed(f"{tile.path} has {len(data)} bytes, not {tile.width * HASH_BYTES}")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def nodes_in(size: int, read: Callable[[Tile], bytes]) -> Nodes:
    """The perfect subtrees of a tree of `size` leaves, out of its tiles; each tile is read once.

    A tile is not believed: whoever reckons a root or a proof from it compares with a checkpoint.
    """
    seen: dict[tuple[int, int], list[bytes]] = {}

    def node(level: int, index: int) -> bytes:
        row, up = divmod(level, HEIGHT)
        first = index << up
        at = first // WIDTH
        if (row, at) not in seen:
            tile = Tile(row, at, min(WIDTH, (size >> (HEIGHT * row)) - at * WIDTH))
            seen[row, at] = hashes_in(tile, read(tile))
        return folded(seen[row, at][first % WIDTH : first % WIDTH + (1 << up)])

    return node


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of neighbouring hashes."""
    level: Sequence[bytes] = hashes
    while len(level) > 1:
        pairs = iter(level)
        level = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)]
    return level[0]


class Edge:
    """The right edge of a growing tree: the open tile of each level. All that a writer must keep in hand."""

    __slots__ = ("rows", "size")

    def __init__(self, size: int = 0, rows: Sequence[Sequence[bytes]] = ()) -> None:
        """The edge of a tree of `size` leaves; `rows` are the hashes of its partial tiles, level by level.

        Raises:
            Unproven: MALFORMED when the rows do not fit the size.
        """
        self.size = size
        self.rows = [list(row) for row in rows]
        if [len(row) for row in self.rows] != [partial for _, partial in widths(size)]:
            raise malformed("the partial tiles do not fit the size of the tree")

    def append(self, leaf_hashes: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Take in further leaf hashes; gives each tile that is new or has become wider, and its bytes."""
        before, full, coming = self.size, [], iter(leaf_hashes)
        while taken := list(islice(coming, WIDTH - self.size % WIDTH)):
            self.size += len(taken)
            full += self._put(0, taken)
        partial = [tile for tile in tiles(before, self.size) if tile.width < WIDTH]
        return full + [(tile, b"".join(self.rows[tile.level or 0])) for tile in partial]

    def root(self) -> bytes:
        """The root of the tree: the perfect subtrees of the edge, folded from the right."""
        reckoned: bytes | None = None
        for row in self.rows:
            rest = list(row)
            while rest:
                width = len(rest) & -len(rest)  # the lowest bit: the rightmost perfect subtree
                left = folded(rest[-width:])
                reckoned = left if reckoned is None else node_hash(left, reckoned)
                del rest[-width:]
        return EMPTY_ROOT if reckoned is None else reckoned

    def _put(self, level: int, values: list[bytes]) -> list[tuple[Tile, bytes]]:
        """Take in hashes that fit into the open tile of a level."""
        if level == len(self.rows):
            self.rows.append([])
        row = self.rows[level]
        row += values
        if len(row) < WIDTH:
            return []
        tile = Tile(level, (self.size >> (HEIGHT * (level + 1))) - 1)
        data, above = b"".join(row), folded(row)
        row.clear()
        return [(tile, data), *self._put(level + 1, [above])]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries behind their lengths, two bytes each.

    Raises:
        ValueError: an entry is longer than the length can tell.
    """
    parts = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise ValueError(f"an entry has at most {ENTRY_BYTES_MAX} bytes")
        parts.append(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry)
    return b"".join(parts)


def entries_in(tile: Tile, data: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        Unproven: MALFORMED when it holds more or fewer than the tile is wide, or ends inside one.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < tile.width:
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data) or len(entries) != tile.width:
        raise malformed(f"{tile.path} does not hold exactly {tile.width} entries")
    return entries
