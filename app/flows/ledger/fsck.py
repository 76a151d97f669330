"""Reckoning the whole log again: from the entries to the root, the tiles, the checkpoints and the records."""

from dataclasses import dataclass, field
from typing import Any

from app.domain.proof.record import Leaf, RecordClass
from app.domain.proof.tree.merkle import leaf_hash
from app.domain.proof.tree.tiles import Edge
from models.connection import fetch
from models.proof import TlogCheckpoint, TlogState

PAGE = 4096
PAGES_MAX = 1_000_000
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


async def fsck() -> Found:
    """Rebuild the tree from the entries alone, and compare it with everything that stands in the tables.

    Gaps; the leaf hash and the record's commitment of each entry; each tile, byte for byte; the root of the state row
    and of every checkpoint. Reads only. Entries that come in meanwhile are left for the next time.
    """
    found, growing = Found(), Edge()
    tiles: dict[tuple[int, int], bytes] = {}
    state = await TlogState.get_or_none(id=1)
    size = state.size if state else 0
    heads = await TlogCheckpoint.filter(size__lte=size).order_by("size")
    ends = [*(head.size for head in heads), size]
    roots = {0: growing.root()}
    for end in ends:
        while growing.size < end:
            rows = await _page(growing.size, min(PAGE, end - growing.size))
            if not rows:
                found.note(f"there are {growing.size} entries, not {size}")
                return found
            hashes = [_checked(found, row, growing.size + at) for at, row in enumerate(rows)]
            tiles |= {(tile.level or 0, tile.index): data for tile, data in growing.append(hashes)}
        roots[end] = growing.root()
    found.entries, found.checkpoints = growing.size, len(heads)
    for head in heads:
        found.hold(roots[head.size] == bytes(head.root), f"the checkpoint of {head.size} entries has another root")
    found.hold(state is None or roots[size] == bytes(state.root), "the state row has another root")
    await _compare_tiles(found, tiles)
    await _compare_outbox(found)
    return found


async def _page(first: int, count: int) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT e.seq, e.leaf, e.leaf_hash, o.class, o.commitment, o.previous_entry_id, p.seq AS previous"
        " FROM tlog_entry e LEFT JOIN log_outbox o ON o.entry_id = e.entry_id"
        " LEFT JOIN tlog_entry p ON p.entry_id = o.previous_entry_id"
        " WHERE e.seq >= $1 ORDER BY e.seq LIMIT $2",
        *(first, count),
    )


def _checked(found: Found, row: dict[str, Any], seq: int) -> bytes:
    """The hash of an entry's leaf, as it is reckoned here."""
    # A million times: a sentence is made only where there is something to tell, and nothing is hashed twice.
    leaf = bytes(row["leaf"])
    hashed = leaf_hash(leaf)
    if row["seq"] != seq:
        found.note(f"entry {seq} is missing")
    if hashed != bytes(row["leaf_hash"]):
        found.note(f"entry {seq} has another hash")
    if row["commitment"] is None:
        found.note(f"entry {seq} has no record")
    elif leaf != _leaf_of(row):
        found.note(f"entry {seq} is not that of its record")
    return hashed


def _leaf_of(row: dict[str, Any]) -> bytes | None:
    """The leaf that a record must have; None when the step before it has no place."""
    if row["previous_entry_id"] is not None and row["previous"] is None:
        return None
    return bytes(Leaf(RecordClass(row["class"]), row["previous"], bytes(row["commitment"])))


async def _compare_tiles(found: Found, tiles: dict[tuple[int, int], bytes]) -> None:
    stored = {(int(row["level"]), int(row["n"])) for row in await fetch("SELECT level, n FROM tlog_tile")}
    for place in stored ^ set(tiles):
        found.note(f"the tile {place[0]}/{place[1]} is missing, or should not be there")
    for level, n in stored & set(tiles):
        (row,) = await fetch("SELECT data FROM tlog_tile WHERE level = $1 AND n = $2", level, n)
        found.hold(bytes(row["data"]) == tiles[level, n], f"the tile {level}/{n} is another")


async def _compare_outbox(found: Found) -> None:
    (waiting,) = await fetch("SELECT count(*) AS many FROM tlog_pending")
    found.waiting = int(waiting["many"])
    (lost,) = await fetch(
        "SELECT count(*) AS many FROM log_outbox o"
        " WHERE NOT EXISTS (SELECT 1 FROM tlog_pending p WHERE p.outbox_id = o.id)"
        " AND NOT EXISTS (SELECT 1 FROM tlog_entry e WHERE e.entry_id = o.entry_id)"
    )
    found.hold(int(lost["many"]) == 0, f"{lost['many']} records neither wait nor stand in the log")
