"""The embedded store under many writers: nobody meets a lock, and what was answered is what was written."""

import asyncio
from collections import Counter
from contextvars import copy_context

from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from app.flows.book.end_of_day import end_of_day
from models.connection import SQLITE_BUSY_MS, close_database, fetch, open_database
from models.consent import Consent
from models.loans import Loan, Repayment
from models.people import Customer
from models.plumbing import LogOutbox
from tests.flows.houses import processes
from tests.flows.rounds import Table, books_agree, kind_of
from tests.flows.writer import write
from tests.needs import LONG
from tests.world import Person, World

WRITERS = 50
PROCESSES = 5
TASKS = 10
ACTS = 20 if LONG else 5
BORROWERS = 20 if LONG else 8
LOOKS_MAX = 2000
LOOK_SECONDS = 0.01


async def test_fifty_writers_of_one_process_all_get_through(world: World) -> None:
    people = await asyncio.gather(*(world.new("MINOR") for _ in range(WRITERS)))
    before = await Consent.all().count(), await LogOutbox.all().count()
    answers = await asyncio.gather(
        *(
            world.act("RefuseConsent", person, purpose=purpose)
            for person in people
            for purpose in ("MARKETING", "SOCIAL")
        )
    )
    assert Counter(map(kind_of, answers)) == {"RefuseConsent": 2 * WRITERS}
    assert (await Consent.all().count(), await LogOutbox.all().count()) == (
        before[0] + 2 * WRITERS,
        before[1] + 2 * WRITERS,
    )


async def test_who_gives_up_waiting_for_the_connection_takes_it_from_nobody(world: World) -> None:
    entered: list[str] = []

    async def enter(name: str) -> None:
        async with in_transaction():
            entered.append(name)

    outside = copy_context()
    async with in_transaction():
        impatient, patient = (
            asyncio.create_task(enter(name), context=outside.copy()) for name in ("impatient", "patient")
        )
        await asyncio.sleep(0.01)
        impatient.cancel()
        await asyncio.wait({impatient})
        await asyncio.wait({patient}, timeout=0.05)
        assert entered == []
    await patient
    assert entered == ["patient"]


async def test_who_gives_up_while_the_book_is_opened_leaves_it_to_others(world: World) -> None:
    for turns in range(30):
        await close_database()
        await open_database(world.house.settings.database)
        impatient = asyncio.create_task(fetch("SELECT 1 AS one"))
        for _ in range(turns):
            await asyncio.sleep(0.0002)
        impatient.cancel()
        await asyncio.wait({impatient})
        async with asyncio.timeout(10):
            (row,) = await fetch("PRAGMA busy_timeout")
        assert row == {"timeout": SQLITE_BUSY_MS}


async def seen(world: World, person: Person, operation: str, key: str, status: str) -> None:
    """Until the customer sees the thing in this status."""
    for _ in range(LOOKS_MAX):
        if (await world.node(operation, key, person))["status"] == status:
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError(f"{operation} never became {status}")


async def test_whole_lives_at_once_beside_the_end_of_day_and_the_worker(world: World) -> None:
    """Grant, apply, accept, draw, repay for many at once, while a worker and the calendar run beside them."""
    table = Table(f"{BORROWERS} borrowers on SQLite")

    async def life(_number: int) -> Person:
        person = await world.new()
        await world.grant(person)
        applied = await world.apply(person)
        application = applied["application"]["id"]
        await seen(world, person, "MyApplication", application, "DECIDED")
        person.line_id = (await world.act("AcceptOffer", person, applicationId=application))["line"]["id"]
        drawn = await world.draw(person, "1000.00")
        loan = drawn["loan"]["id"]
        await seen(world, person, "MyLoan", loan, "CURRENT")
        repaid = await world.act("Repay", person, loanId=loan, amount={"amount": "100.00", "currency": "CNY"})
        table.round(applied, drawn, repaid)
        return person

    async def calendar(world: World) -> None:
        for _ in range(BORROWERS):
            await end_of_day(world.house.desk, await world.house.desk.refresh_clock())

    async with world.at_work():
        people, _ = await asyncio.gather(
            asyncio.gather(*(life(number) for number in range(BORROWERS))), calendar(world)
        )
    assert table.outcomes == {"1 DrawLoan + 1 MakeRepayment + 1 SubmitApplication": BORROWERS}
    assert (await Loan.all().count(), await Repayment.all().count()) == (BORROWERS, BORROWERS)
    for person in people:
        assert await books_agree(person) == []
        assert await world.bureau_records(person) == 1


async def test_processes_share_one_file_and_every_answer_is_a_row(world: World) -> None:
    desk = world.house.desk
    ids = [uuid7() for _ in range(PROCESSES * TASKS)]
    for customer_id in ids:
        async with desk.unit() as unit:
            await Customer.create(id=customer_id, created_at=unit.now, key_wrapped=desk.keys.new_subject(customer_id))
    before = await Consent.all().count(), await LogOutbox.all().count()
    start, answers = processes.Barrier(PROCESSES), processes.SimpleQueue()
    writers = [
        processes.Process(
            target=write, args=(world.house.settings, ids[n::PROCESSES], ACTS, start, answers), daemon=True
        )
        for n in range(PROCESSES)
    ]
    for writer in writers:
        writer.start()
    told = sum([Counter(await asyncio.to_thread(answers.get)) for _ in writers], Counter[str]())
    for writer in writers:
        writer.join()
    assert set(told) <= {"DONE", "StillWorking"}
    assert told.total() == PROCESSES * TASKS * ACTS
    assert (await Consent.all().count(), await LogOutbox.all().count()) == (
        before[0] + told["DONE"],
        before[1] + told["DONE"],
    )
