"""What the log's tables hold, reckoned again from nothing but the outbox and the entries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from app.domain.proof.record import Leaf
from app.domain.proof.signed import policy as policies
from app.domain.proof.tree import merkle
from app.domain.proof.tree.tiles import tile_bytes, tiles
from app.doors.signing import verify
from app.flows.ledger.proving import published_note
from models.connection import connection, fetch, is_sqlite
from models.plumbing import LogOutbox
from models.proof import TlogCheckpoint, TlogEntry, TlogState
from tests.world import World


@asynccontextmanager
async def tiles_spoilt() -> AsyncIterator[None]:
    """An empty table stands in the place of the tiles, which are guarded, inside the block."""
    await connection().execute_script(
        "ALTER TABLE tlog_tile RENAME TO tlog_tile_aside;"
        "CREATE TABLE tlog_tile AS SELECT * FROM tlog_tile_aside WHERE level < 0"
    )
    try:
        yield
    finally:
        await connection().execute_script("DROP TABLE tlog_tile; ALTER TABLE tlog_tile_aside RENAME TO tlog_tile")


async def wrong_with_the_log(world: World) -> list[str]:
    """All that does not agree: gaps, doubles, leaves without a record, another root, other tiles, unproven checkpoints."""
    wrong = []
    entries = await TlogEntry.all().order_by("seq")
    outbox = {row.entry_id: row for row in await LogOutbox.all()}
    state = await TlogState.get(id=1)
    waiting = {int(row["outbox_id"]) for row in await fetch("SELECT outbox_id FROM tlog_pending")}
    if [entry.seq for entry in entries] != list(range(state.size)):
        wrong.append("the indices have gaps")
    if {row.id for row in outbox.values()} - waiting != {outbox[entry.entry_id].id for entry in entries}:
        wrong.append("a record neither waits nor has a leaf, or has both")
    place: dict[UUID, int] = {entry.entry_id: entry.seq for entry in entries}
    for entry in entries:
        row, leaf = outbox[entry.entry_id], Leaf.parse(bytes(entry.leaf))
        previous = place[row.previous_entry_id] if row.previous_entry_id else None
        if (leaf.kind, leaf.previous, leaf.commitment) != (row.record_class, previous, bytes(row.commitment)):
            wrong.append(f"leaf {entry.seq} is not that of its record")
        if leaf.previous is not None and leaf.previous >= entry.seq:
            wrong.append(f"leaf {entry.seq} points forwards")
    nodes = merkle.nodes_of([merkle.leaf_hash(bytes(entry.leaf)) for entry in entries])
    if merkle.root(state.size, nodes) != bytes(state.root):
        wrong.append("the root is another")
    stored = {(row["level"], row["n"]): bytes(row["data"]) for row in await fetch("SELECT * FROM tlog_tile")}
    if {(tile.level, tile.index): tile_bytes(tile, nodes) for tile in tiles(0, state.size)} != stored:
        wrong.append("the tiles are others")
    return wrong + await _wrong_with_checkpoints(world, nodes)


async def _wrong_with_checkpoints(world: World, nodes: merkle.Nodes) -> list[str]:
    ledger, wrong = world.house.desk.ledger, []
    assert ledger is not None
    heads = await TlogCheckpoint.all().order_by("size")
    for head in heads:
        if merkle.root(head.size, nodes) != bytes(head.root):
            wrong.append(f"checkpoint {head.size} has another root")
        if head.published_at_us is not None:
            note = str(published_note(head, ledger.key.vkey))
            judged = policies.judge(policies.parse(ledger.policy_text), note.encode(), verify)
            if judged.checkpoint.root != bytes(head.root) or judged.beside:
                wrong.append(f"checkpoint {head.size} proves something else")
    published = max((head.size for head in heads if head.published_at_us is not None), default=0)
    if published != (await TlogState.get(id=1)).published_size:
        wrong.append("the published size is another")
    return wrong


async def by_a_superuser(table: str, statement: str, *values: object) -> None:
    """Change what the product cannot: its guards are taken off for the while."""
    if not is_sqlite():
        await connection().execute_query(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        await fetch(statement, *values)
        await connection().execute_query(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        return
    _, guards = await connection().execute_query(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
    )
    for guard in guards:
        await connection().execute_query(f"DROP TRIGGER {guard['name']}")
    await fetch(statement, *values)
    for guard in guards:
        await connection().execute_query(guard["sql"])
