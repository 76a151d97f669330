"""Reckoning the whole log again: from the entries to the root, the tiles, the checkpoints and the records."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.proof.record import leaf_of
from app.domain.proof.tree.merkle import EMPTY_ROOT, leaf_hash
from app.domain.proof.tree.tiles import Edge, changed
from models.connection import fetch, fetch_plain
from models.proof import TlogCheckpoint, TlogState

PAGE = 4096
TILES_PAGE = 64
FINDINGS_MAX = 100


@dataclass(slots=True)
class Found:
    """What a whole reckoning came to: how much was read, and all that does not agree."""

    entries: int = 0
    checkpoints: int = 0
    waiting: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        """Keep a finding, as long as there are not too many."""
        if len(self.wrong) < FINDINGS_MAX:
            self.wrong.append(what)

    def hold(self, truth: bool, otherwise: str) -> None:
        """Note a finding unless `truth`."""
        if not truth:
            self.note(otherwise)


@dataclass(slots=True)
class _Rebuilt:
    """The tree as it is reckoned here: its root at each size in question, and all its tiles."""

    ends: deque[int]
    edge: Edge = field(default_factory=Edge)
    roots: dict[int, bytes] = field(default_factory=lambda: {0: EMPTY_ROOT})
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def grow(self, hashes: list[bytes]) -> None:
        """Take in further leaf hashes, at most up to the last end."""
        while hashes:
            step = self.ends[0] - self.edge.size
            self.tiles |= {(tile.level or 0, tile.index): data for tile, data in self.edge.append(hashes[:step])}
            hashes = hashes[step:]
            while self.ends and self.ends[0] == self.edge.size:
                self.roots[self.ends.popleft()] = self.edge.root()


async def fsck() -> Found:
    """Rebuild the tree from the entries alone, and compare it with everything that stands in the tables.

    Gaps; the leaf hash and the record's commitment of each entry; each tile, byte for byte; the root of the state row
    and of every checkpoint; and that nothing stands beyond the state row. Reads only. Entries that come in meanwhile are
    left for the next time.
    """
    found = Found()
    state = await TlogState.get_or_none(id=1)
    size = state.size if state else 0
    heads = await TlogCheckpoint.filter(size__lte=size).order_by("size")
    tree = _Rebuilt(deque([*(head.size for head in heads), size]))
    while tree.edge.size < size:
        rows = await _page(tree.edge.size, min(PAGE, size - tree.edge.size))
        if not rows:
            found.note(f"there are {tree.edge.size} entries, not {size}")
            return found
        tree.grow(_checked(found, rows, tree.edge.size))
    found.entries, found.checkpoints = size, len(heads)
    for head in heads:
        found.hold(
            tree.roots[head.size] == bytes(head.root), f"the checkpoint of {head.size} entries has another root"
        )
    found.hold(state is None or tree.roots[size] == bytes(state.root), "the state row has another root")
    await _compare_tiles(found, tree.tiles, size)
    await _compare_ends(found, size)
    await _compare_outbox(found)
    return found


async def _page(first: int, count: int) -> Sequence[Sequence[Any]]:
    return await fetch_plain(
        "SELECT e.seq, e.leaf, e.leaf_hash, o.class, o.commitment, o.previous_entry_id IS NULL, p.seq"
        " FROM tlog_entry e LEFT JOIN log_outbox o ON o.entry_id = e.entry_id"
        " LEFT JOIN tlog_entry p ON p.entry_id = o.previous_entry_id"
        " WHERE e.seq >= $1 ORDER BY e.seq LIMIT $2",
        *(first, count),
    )


def _checked(found: Found, rows: Sequence[Sequence[Any]], first: int) -> list[bytes]:
    """The hash of each entry's leaf, as it is reckoned here."""
    # A million times: a sentence is made only where there is something to tell, and nothing is hashed twice.
    hashes = []
    for seq, (stored_seq, leaf, stored_hash, kind, commitment, begins, previous) in enumerate(rows, start=first):
        hashed = leaf_hash(leaf)
        hashes.append(hashed)
        if stored_seq != seq:
            found.note(f"entry {seq} is missing")
        if hashed != stored_hash:
            found.note(f"entry {seq} has another hash")
        if commitment is None:
            found.note(f"entry {seq} has no record")
        elif not (begins or previous is not None) or leaf != _leaf(kind, previous, commitment):
            found.note(f"entry {seq} is not that of its record")
    return hashes


def _leaf(kind: int, previous: int | None, commitment: bytes) -> bytes | None:
    """The leaf that a record must have; None when it can have none."""
    try:
        return leaf_of(kind, previous, commitment)
    except ValueError:
        return None


async def _compare_tiles(found: Found, tiles: dict[tuple[int, int], bytes], size: int) -> None:
    """Tiles that a sequencer writes meanwhile are no finding, as long as each begins with what is reckoned here."""
    stored = {(int(row["level"]), int(row["n"])) for row in await fetch("SELECT level, n FROM tlog_tile")}
    both = sorted(stored & set(tiles))
    others: dict[tuple[int, int], bytes] = {}
    for at in range(0, len(both), TILES_PAGE):
        places = ", ".join(f"({level}, {n})" for level, n in both[at : at + TILES_PAGE])
        rows = await fetch(f"SELECT level, n, data FROM tlog_tile WHERE (level, n) IN (VALUES {places})")  # noqa: S608 - ints
        read = {(row["level"], row["n"]): row["data"] for row in rows}
        others |= {place: data for place, data in read.items() if data != tiles[place]}
    state = await TlogState.get_or_none(id=1)
    grown = {(level, n) for level, n, _ in changed(size, max(size, state.size if state else 0))}
    for level, n in (set(tiles) - stored) | (stored - set(tiles) - grown):
        found.note(f"the tile {level}/{n} is missing, or should not be there")
    for place, data in others.items():
        is_longer = place in grown and data.startswith(tiles[place])
        found.hold(is_longer, f"the tile {place[0]}/{place[1]} is another")


async def _compare_ends(found: Found, size: int) -> None:
    """The state row speaks of all that stands in the tables. One statement, so that no sequencer comes in between."""
    (row,) = await fetch(
        "SELECT coalesce((SELECT size FROM tlog_state WHERE id = 1), 0) AS size,"
        " coalesce((SELECT max(seq) + 1 FROM tlog_entry), 0) AS entries,"
        " coalesce((SELECT max(size) FROM tlog_checkpoint), 0) AS signed"
    )
    now = int(row["size"])
    found.hold(now >= size, f"the state row went back from {size} entries to {now}")
    found.hold(int(row["entries"]) <= now, f"entries up to {row['entries']} stand beyond the {now} of the state row")
    found.hold(
        int(row["signed"]) <= now, f"a checkpoint of {row['signed']} entries stands beyond the {now} of the state row"
    )


async def _compare_outbox(found: Found) -> None:
    (waiting,) = await fetch("SELECT count(*) AS many FROM tlog_pending")
    found.waiting = int(waiting["many"])
    (lost,) = await fetch(
        "SELECT count(*) AS many FROM log_outbox o"
        " WHERE NOT EXISTS (SELECT 1 FROM tlog_pending p WHERE p.outbox_id = o.id)"
        " AND NOT EXISTS (SELECT 1 FROM tlog_entry e WHERE e.entry_id = o.entry_id)"
    )
    found.hold(int(lost["many"]) == 0, f"{lost['many']} records neither wait nor stand in the log")
