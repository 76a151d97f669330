"""The log takes in every record once, in order, whoever sequences, and lets nobody take one out."""

import asyncio
import sys
from functools import partial

import pytest
from tortoise.exceptions import BaseORMException

from app.domain.proof.record import RecordClass
from app.domain.proof.standing import Standing
from app.flows.ledger.publishing import WouldFork, sign_head
from app.flows.ledger.sequencer import Sequencer
from app.flows.ledger.sequencing import sequence
from app.flows.ledger.standing import look
from app.flows.ledger.tree import root_at
from models.connection import connection, is_sqlite
from models.plumbing import LogOutbox
from models.proof import TlogCheckpoint, TlogEntry, TlogState
from tests.flows.ledger.tables import by_a_superuser, wrong_with_the_log
from tests.flows.rounds import Table, customer_id, together
from tests.needs import LONG
from tests.world import World

ROUNDS = 200 if LONG else 20


async def test_the_steps_of_an_inquiry_stand_in_the_log_each_pointing_at_the_one_before(house: World) -> None:
    person = await house.new()
    await house.decided(person)
    await house.sequencer.round()
    rows = await LogOutbox.filter(customer_id=await customer_id(person)).order_by("id")
    kinds = [RecordClass(row.record_class).name for row in rows]
    assert kinds == ["CONSENT_GIVEN", "PERMIT_ISSUED", "INQUIRY_INTENT", "INQUIRY_OUTCOME", "DECISION"]
    assert await TlogEntry.filter(entry_id__in=[row.entry_id for row in rows]).count() == len(rows)
    assert await wrong_with_the_log(house) == []
    state = await TlogState.get(id=1)
    assert (state.size, state.standing) == (state.published_size, "FIT")


async def test_a_head_that_another_sequencer_signs_while_one_looks_is_no_fork(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, grown = house.house.desk.ledger, list[int]()
    assert ledger is not None
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()

    async def meanwhile(size: int) -> bytes:
        if not grown:
            grown.append(size)
            await house.grant(await house.new(), "MARKETING")
            await house.sequencer.round()
        return await root_at(size)

    monkeypatch.setattr("app.flows.ledger.standing.root_at", meanwhile)
    assert (await look(ledger)).standing is Standing.FIT
    assert (await TlogState.get(id=1)).size > grown[0]


async def test_what_another_sequencer_wrongly_found_is_looked_at_anew(house: World) -> None:
    await house.sequencer.round()
    await TlogState.filter(id=1).update(standing=Standing.FORKED.value)
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()
    state = await TlogState.get(id=1)
    assert (state.standing, state.published_size) == ("FIT", state.size)


async def test_two_sequencers_at_once_neither_skip_nor_double(
    house: World, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = house.house.desk.ledger
    assert ledger is not None
    table = Table(f"two sequencers, {'SQLite' if is_sqlite() else 'PostgreSQL'}")
    pair = [Sequencer(house.house.desk, ledger) for _ in range(2)]
    people = [await house.new() for _ in range(2)]
    for number in range(ROUNDS):
        before = (await TlogState.get(id=1)).size if await TlogState.exists(id=1) else 0
        purpose = ("MARKETING", "PAYMENTS", "WEALTH")[number % 3]
        await together(
            *(partial(house.grant, person, purpose) for person in people),
            *(one.round for one in pair),
        )
        await pair[number % 2].round()
        grown = (await TlogState.get(id=1)).size - before
        table.outcomes[f"{grown} new entries"] += 1
        table.violations += await wrong_with_the_log(house)
    for one in pair:
        await one.close()
    with capsys.disabled():
        sys.stdout.write(f"\n{table.told()}\n")
    assert table.violations == []


async def test_signing_again_gives_the_same_bytes(house: World) -> None:
    ledger = house.house.desk.ledger
    assert ledger is not None
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.check()
    await sequence(house.house.desk)
    first = await sign_head(house.house.desk, ledger)
    again = await sign_head(house.house.desk, ledger)
    assert first is not None
    assert first == again
    assert (await TlogCheckpoint.get(size=first.size)).published_at_us is None
    await house.sequencer.round()
    assert (await TlogCheckpoint.get(size=first.size)).published_at_us is not None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tlog_entry SET leaf_hash = leaf WHERE seq = 0",
        "DELETE FROM tlog_entry WHERE seq = 0",
        "INSERT INTO tlog_entry SELECT seq + 999, entry_id, leaf, leaf_hash FROM tlog_entry WHERE seq = 0",
        "UPDATE tlog_tile SET n = n + 1",
        "DELETE FROM tlog_tile",
        "UPDATE tlog_state SET size = size - 1, published_size = 0",
        "DELETE FROM tlog_state",
        "UPDATE tlog_checkpoint SET body = 'another'",
        "UPDATE tlog_checkpoint SET published_at_us = 1",
        "DELETE FROM tlog_checkpoint",
        "INSERT INTO tlog_checkpoint SELECT size, log_signature, body, log_signature, '', NULL FROM tlog_checkpoint",
    ],
)
async def test_the_tables_of_the_log_only_grow(house: World, statement: str) -> None:
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()
    with pytest.raises(BaseORMException):
        await connection().execute_query(statement)
    assert await wrong_with_the_log(house) == []


async def test_a_head_of_another_root_is_never_signed_for_a_size_that_was(house: World) -> None:
    ledger = house.house.desk.ledger
    assert ledger is not None
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()
    state = await TlogState.get(id=1)
    await by_a_superuser(
        "tlog_state",
        "UPDATE tlog_state SET root = (SELECT leaf_hash FROM tlog_entry WHERE seq = 0), published_size = 0",
    )
    try:
        with pytest.raises(WouldFork):
            await sign_head(house.house.desk, ledger)
        fresh = Sequencer(house.house.desk, ledger)
        assert await fresh.check() is False
        assert (await TlogState.get(id=1)).standing == "FORKED"
        await fresh.close()
    finally:
        await by_a_superuser(
            "tlog_state",
            f"UPDATE tlog_state SET root = (SELECT root FROM tlog_checkpoint WHERE size = {state.size}),"
            f" published_size = {state.published_size}, standing = 'UNCHECKED'",
        )


async def test_a_round_that_is_cut_off_at_any_moment_loses_nothing(house: World) -> None:
    """The round ends where it stands; what it had not committed is undone, and the next one goes on."""
    ledger = house.house.desk.ledger
    assert ledger is not None
    person = await house.new()
    await house.sequencer.round()
    for number in range(24):
        await house.grant(person, ("MARKETING", "PAYMENTS", "WEALTH")[number % 3])
        cut = Sequencer(house.house.desk, ledger)
        task = asyncio.create_task(cut.round())
        for _ in range(1 + number * 3):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await cut.close()
        assert await wrong_with_the_log(house) == [], number
    await Sequencer(house.house.desk, ledger).round()
    state = await TlogState.get(id=1)
    assert state.size == state.published_size == await LogOutbox.all().count()
