"""Giving waiting records their place in the log: one transaction under the locked state row."""

from collections.abc import Sequence
from typing import Any

from app.domain.proof.record import leaf_of
from app.domain.proof.standing import Standing
from app.domain.proof.tree.merkle import EMPTY_ROOT, leaf_hash
from app.domain.proof.tree.tiles import Tile
from app.flows.ledger.tree import TreeDamaged, edge
from app.flows.unit import Desk
from models.connection import fetch, fetch_plain, is_sqlite, write_many
from models.proof import TlogState

BATCH_MAX = 4096


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
        tiles = growing.append(hashed for *_, hashed in entries)
        await write_many("INSERT INTO tlog_entry (seq, entry_id, leaf, leaf_hash) VALUES ($1, $2, $3, $4)", entries)
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


async def _waiting() -> Sequence[Sequence[Any]]:
    """The oldest waiting records, each with the index of the step before it where that is in the log already."""
    skip = "" if is_sqlite() else " FOR UPDATE OF p SKIP LOCKED"
    return await fetch_plain(
        "SELECT o.entry_id, o.class, o.commitment, o.previous_entry_id, e.seq"  # noqa: S608 - no value in it
        " FROM tlog_pending p JOIN log_outbox o ON o.id = p.outbox_id"
        " LEFT JOIN tlog_entry e ON e.entry_id = o.previous_entry_id"
        f" ORDER BY p.outbox_id LIMIT {BATCH_MAX}{skip}"
    )


def _placed(waiting: Sequence[Sequence[Any]], first: int) -> list[list[Any]]:
    """Index, id, leaf and leaf hash of each entry from `first` on. A step is written after the one before it."""
    seq_of: dict[Any, int] = {}
    entries = []
    for seq, (entry_id, kind, commitment, previous_id, previous) in enumerate(waiting, start=first):
        before = seq_of[previous_id] if previous is None and previous_id is not None else previous
        leaf = leaf_of(kind, before, commitment)
        entries.append([seq, entry_id, leaf, leaf_hash(leaf)])
        seq_of[entry_id] = seq
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
