"""Giving waiting records their place in the log: one transaction under the locked state row."""

from dataclasses import dataclass
from typing import Any

from app.domain.proof.record import Leaf, RecordClass
from app.domain.proof.standing import Standing
from app.domain.proof.tree.merkle import EMPTY_ROOT, leaf_hash
from app.domain.proof.tree.tiles import Tile
from app.flows.ledger.tree import TreeDamaged, edge
from app.flows.unit import Desk
from models.connection import fetch, is_sqlite, write_many
from models.proof import TlogState

BATCH_MAX = 4096


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: int
    entry_id: Any  # as the database gave it
    leaf: bytes
    leaf_hash: bytes


async def sequence(desk: Desk) -> int:
    """Append at most `BATCH_MAX` waiting records to the log, in the order of the outbox; how many.

    Whoever comes second waits for the lock and finds the next ones: two sequencers neither skip nor double.

    Raises:
        TreeDamaged: the tree in the tables is not the one that the state row speaks of; nothing was appended.
        StillWorking: another transaction held the state row for longer than the lock time-out.
    """
    async with desk.unit():
        state = await locked_state()
        waiting = await _waiting()
        if not waiting:
            return 0
        growing = await edge(state.size)
        if growing.root() != bytes(state.root):
            raise TreeDamaged("the tiles do not lead to the root of the log")
        entries = _placed(waiting, state.size)
        tiles = growing.append(entry.leaf_hash for entry in entries)
        await write_many(
            "INSERT INTO tlog_entry (seq, entry_id, leaf, leaf_hash) VALUES ($1, $2, $3, $4)",
            [[entry.seq, entry.entry_id, entry.leaf, entry.leaf_hash] for entry in entries],
        )
        await _write_tiles(tiles)
        await TlogState.filter(id=1).update(size=growing.size, root=growing.root())
        await _no_longer_waiting(state.size)
        return len(entries)


async def locked_state() -> TlogState:
    """The state row, locked until the transaction ends; a new log's is written here."""
    await fetch(
        "INSERT INTO tlog_state (id, size, root, published_size, standing, witnessed_at_us)"
        " VALUES (1, 0, $1, 0, $2, 0) ON CONFLICT DO NOTHING RETURNING id",
        EMPTY_ROOT,
        Standing.UNCHECKED.value,
    )
    return await TlogState.filter(id=1).select_for_update().get()


async def _waiting() -> list[dict[str, Any]]:
    """The oldest waiting records, each with the index of the step before it where that is in the log already."""
    skip = "" if is_sqlite() else " FOR UPDATE OF p SKIP LOCKED"
    return await fetch(
        "SELECT o.entry_id, o.class, o.commitment, o.previous_entry_id, e.seq AS previous"  # noqa: S608 - no value in it
        " FROM tlog_pending p JOIN log_outbox o ON o.id = p.outbox_id"
        " LEFT JOIN tlog_entry e ON e.entry_id = o.previous_entry_id"
        f" ORDER BY p.outbox_id LIMIT {BATCH_MAX}{skip}"
    )


def _placed(waiting: list[dict[str, Any]], first: int) -> list[_Entry]:
    """The entries from index `first` on. A step is written after the one before it, so that stands before it."""
    seq_of: dict[str, int] = {}
    entries = []
    for seq, row in enumerate(waiting, start=first):
        previous = row["previous"]
        if previous is None and row["previous_entry_id"] is not None:
            previous = seq_of[str(row["previous_entry_id"])]
        leaf = bytes(Leaf(RecordClass(row["class"]), previous, bytes(row["commitment"])))
        entries.append(_Entry(seq, row["entry_id"], leaf, leaf_hash(leaf)))
        seq_of[str(row["entry_id"])] = seq
    return entries


async def _write_tiles(tiles: list[tuple[Tile, bytes]]) -> None:
    await write_many(
        "INSERT INTO tlog_tile (level, n, data) VALUES ($1, $2, $3)"
        " ON CONFLICT (level, n) DO UPDATE SET data = excluded.data",
        [[tile.level, tile.index, data] for tile, data in tiles],
    )


async def _no_longer_waiting(first: int) -> None:
    """Exactly those that have an entry now: an older record may have committed meanwhile, and waits on."""
    await fetch(
        "DELETE FROM tlog_pending WHERE outbox_id IN (SELECT o.id FROM tlog_entry e"
        " JOIN log_outbox o ON o.entry_id = e.entry_id WHERE e.seq >= $1)",
        first,
    )
