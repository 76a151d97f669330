"""Somebody who may change everything in the database, guards and all, is found by `ledger fsck` and `ledger verify`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from app.cli.proof.log import examined
from app.domain.proof.record import Leaf
from app.domain.proof.signed import note
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.standing import Standing
from app.domain.proof.tree import merkle
from app.domain.proof.tree.tiles import tile_bytes, tiles
from app.flows.ledger import fsck
from app.flows.ledger.records import Opened
from models.connection import plain
from models.plumbing import LogOutbox
from models.proof import TlogCheckpoint, TlogEntry, TlogState
from tests.flows.ledger.tables import by_a_superuser
from tests.flows.rounds import customer_id
from tests.world import World

OTHER = b"\x07" * 32


class Undone(Exception):
    """What was done inside is to be undone."""


@asynccontextmanager
async def taken_back() -> AsyncIterator[None]:
    """A transaction that comes to nothing."""
    with suppress(Undone):
        async with in_transaction():
            yield
            raise Undone


async def change(table: str, what: str, *values: object) -> None:
    await by_a_superuser(table, f"UPDATE {table} SET {what}", *values)


async def a_leaf(_: World) -> None:
    entry = await TlogEntry.get(seq=0)
    await change("tlog_entry", "leaf = $1 WHERE seq = 0", bytes(entry.leaf)[:10] + OTHER)


async def a_leaf_with_its_hash(_: World) -> None:
    leaf = bytes((await TlogEntry.get(seq=0)).leaf)[:10] + OTHER
    await change("tlog_entry", "leaf = $1, leaf_hash = $2 WHERE seq = 0", leaf, merkle.leaf_hash(leaf))


async def a_record(_: World) -> None:
    first = await LogOutbox.all().order_by("id").first()
    assert first is not None
    await change("log_outbox", "commitment = $1 WHERE id = $2", OTHER, first.id)


async def the_class_of_a_record(_: World) -> None:
    first = await LogOutbox.all().order_by("id").first()
    assert first is not None
    await change("log_outbox", "class = 9 WHERE id = $1", first.id)


async def an_entry_taken_away(_: World) -> None:
    await by_a_superuser("tlog_entry", "DELETE FROM tlog_entry WHERE seq = 0")


async def the_last_entry_taken_away(_: World) -> None:
    await by_a_superuser("tlog_entry", "DELETE FROM tlog_entry WHERE seq = (SELECT max(seq) FROM tlog_entry)")


async def a_record_that_is_kept_from_the_log(world: World) -> None:
    await world.grant(await world.new(), "MARKETING")
    await by_a_superuser("tlog_pending", "DELETE FROM tlog_pending")


async def a_tile(_: World) -> None:
    await change("tlog_tile", "data = $1 WHERE level = 0 AND n = 0", OTHER)


async def the_root(_: World) -> None:
    await change("tlog_state", "root = $1", OTHER)


async def a_checkpoint(_: World) -> None:
    await change("tlog_checkpoint", "root = $1", OTHER)


async def the_cosignatures(_: World) -> None:
    await change("tlog_checkpoint", "cosignatures = $1", "")


async def everything_alike(world: World) -> None:
    """A record, its entry and all that follows from it, signed anew with the log's own key."""
    await a_record(world)
    ledger, state = world.house.desk.ledger, await TlogState.get(id=1)
    assert ledger is not None
    row = (await LogOutbox.all().order_by("id"))[0]
    entry = await TlogEntry.get(entry_id=row.entry_id)
    old = Leaf.parse(bytes(entry.leaf))
    leaf = bytes(Leaf(old.kind, old.previous, OTHER))
    await change("tlog_entry", "leaf = $1, leaf_hash = $2 WHERE seq = $3", leaf, merkle.leaf_hash(leaf), entry.seq)
    hashes = [bytes(one.leaf_hash) for one in await TlogEntry.all().order_by("seq")]
    nodes = merkle.nodes_of(hashes)
    for tile in tiles(0, state.size):
        data = tile_bytes(tile, nodes)
        await change("tlog_tile", "data = $1 WHERE level = $2 AND n = $3", data, tile.level or 0, tile.index)
    await change("tlog_state", "root = $1", merkle.root(state.size, nodes))
    for head in await TlogCheckpoint.all():
        root = merkle.root(head.size, nodes)
        signed = note.sign_note(Checkpoint(ledger.origin, head.size, root).text(), ledger.key.vkey, ledger.key.sign)
        words = "root = $1, body = $2, log_signature = $3 WHERE size = $4"
        await change("tlog_checkpoint", words, root, signed.text, signed.lines[0].signature, head.size)


async def a_log_set_back(_: World) -> None:
    """State row and tiles as they were when the log had one entry."""
    first = bytes((await TlogEntry.get(seq=0)).leaf_hash)
    await by_a_superuser("tlog_tile", "DELETE FROM tlog_tile WHERE NOT (level = 0 AND n = 0)")
    await change("tlog_tile", "data = $1", first)
    await change("tlog_state", "size = 1, published_size = 1, root = $1", first)


async def a_log_set_back_with_its_entries(world: World) -> None:
    await a_log_set_back(world)
    await by_a_superuser("tlog_entry", "DELETE FROM tlog_entry WHERE seq > 0")


FOUND: dict[Callable[[World], Awaitable[None]], str] = {
    a_leaf: "entry 0 has another hash",
    a_leaf_with_its_hash: "entry 0 is not that of its record",
    a_record: "entry 0 is not that of its record",
    the_class_of_a_record: "entry 0 is not that of its record",
    an_entry_taken_away: "entry 0 is missing",
    the_last_entry_taken_away: "entries, not",
    a_record_that_is_kept_from_the_log: "1 records neither wait nor stand in the log",
    a_tile: "the tile 0/0 is another",
    the_root: "the state row has another root",
    a_checkpoint: "entries has another root",
    the_cosignatures: "is not cosigned by the quorum",
    a_log_set_back: "stand beyond the 1 of the state row",
    a_log_set_back_with_its_entries: "entries stands beyond the 1 of the state row",
    everything_alike: "a witness holds a checkpoint that this log does not begin with",
}


@pytest.mark.parametrize("attack", FOUND, ids=lambda attack: attack.__name__)
async def test_what_a_superuser_changed_is_found(house: World, attack: Callable[[World], Awaitable[None]]) -> None:
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()
    assert (await examined(house.house, beside_witnesses=True)).found.wrong == []
    async with taken_back():
        await attack(house)
        report = await examined(house.house, beside_witnesses=True)
    assert [wrong for wrong in report.found.wrong if FOUND[attack] in wrong], report.found.wrong
    assert (await examined(house.house, beside_witnesses=True)).found.wrong == []


async def test_what_a_sequencer_appends_while_the_log_is_reckoned_is_no_finding(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()
    page = fsck._page

    async def appended_to(first: int, count: int) -> Sequence[Sequence[Any]]:
        rows = await page(first, count)
        await house.grant(await house.new(), "MARKETING")
        await house.sequencer.round()
        return rows

    before = (await TlogState.get(id=1)).size
    monkeypatch.setattr(fsck, "_page", appended_to)
    found = await fsck.fsck()
    assert (found.wrong, found.entries) == ([], before)
    assert (await TlogState.get(id=1)).size > before


async def test_a_sealed_record_that_was_touched_is_found_by_opening_it(house: World) -> None:
    erased = await house.new()
    await house.grant(erased, "MARKETING")
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()
    owner = await customer_id(erased)
    first, *_, last = await LogOutbox.all().order_by("id")
    async with taken_back():
        await change("log_outbox", "record_sealed = $1 WHERE id = $2", first.record_sealed, last.id)
        swapped = await examined(house.house, beside_witnesses=False, records=True)
    async with taken_back():
        await by_a_superuser("customer", "UPDATE customer SET key_wrapped = $1 WHERE id = $2", b"", plain(owner))
        robbed = await examined(house.house, beside_witnesses=False, records=True)
        house.house.desk.tombstones.add(owner)
        gone = await examined(house.house, beside_witnesses=False, records=True)
    whole = (await examined(house.house, beside_witnesses=False, records=True)).records
    assert [wrong.partition(": ")[2] for wrong in swapped.found.wrong] == ["its record does not open"]
    assert robbed.found.wrong[0].endswith("the person's key is gone, and nobody was erased")
    assert (gone.found.wrong, gone.records) == ([], Opened(whole.opened - 1, 1) if whole else None)


async def test_a_rewritten_log_agrees_with_itself_and_only_its_witnesses_know(house: World) -> None:
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()
    async with taken_back():
        await everything_alike(house)
        alone = await examined(house.house, beside_witnesses=False)
        beside = await examined(house.house, beside_witnesses=True)
    assert alone.found.wrong == []
    assert beside.standing is Standing.FORKED
