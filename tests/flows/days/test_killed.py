"""Real processes: the end of days is killed again and again, and the book comes out as if nobody had."""

import asyncio
import random
import time
from datetime import date, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from app.api.observe import set_up_logging
from app.domain.calendar import business_date
from app.flows.book.end_of_day import run_due_days
from app.main import open_house
from app.settings import Settings
from models.connection import close_database, fetch, open_database
from models.plumbing import BusinessClockRow
from tests.flows.days.filling import fill
from tests.flows.houses import processes
from tests.needs import LONG
from tests.services.postgres import PostgresAddress
from tests.services.process import end_with_parent
from tests.world import open_world

LOANS = 450
DAYS = 4
KILLS = 8 if LONG else 2
SECONDS_MAX = 90.0


def run_days(settings: Settings) -> None:
    """Be a process that closes days until all are closed."""
    end_with_parent()
    set_up_logging("CRITICAL")

    async def run() -> None:
        async with open_house(settings) as house:
            await run_due_days(house.desk)

    asyncio.run(run())


def begun(settings: Settings) -> ForkServerProcess:
    process = processes.Process(target=run_days, args=(settings,), daemon=True)
    process.start()
    return process


async def progress() -> int:
    rows = await fetch("SELECT count(*) AS n FROM day_page WHERE done_at IS NOT NULL")
    return int(rows[0]["n"])


async def filled(url: str, home: Path, bureau_url: str, payments_url: str, **more: Any) -> tuple[Settings, date]:
    """A book of many loans, with days that passed while nobody was at work."""
    async with open_world(url, home, bureau_url, payments_url, **more) as world:
        today = business_date(await world.house.desk.refresh_clock())
        await fill(world.house.desk.keys, LOANS, today)
        await BusinessClockRow.filter(id=1).update(offset_seconds=DAYS * 86_400)
        return world.house.settings, today


async def killed_on_the_way(settings: Settings, workers: int) -> int:
    """Run the days, each process killed after a moment of its own, until they are done; how many were killed."""
    dice, kills, deadline = random.Random(26), 0, time.monotonic() + SECONDS_MAX
    running = [begun(settings) for _ in range(workers)]
    while time.monotonic() < deadline:
        await asyncio.sleep(0.01)
        for place, process in enumerate(running):
            if process.exitcode == 0:
                return kills
            if process.exitcode is not None:  # it met a lock for too long: the next one goes on
                running[place] = begun(settings)
            elif kills < KILLS and await progress() > kills and dice.random() < 0.2:
                process.kill()
                process.join()
                kills += 1
                await fetch("UPDATE day_page SET lease_until_us = 0 WHERE done_at IS NULL RETURNING number")
                running[place] = begun(settings)
    raise AssertionError("the days never end")


async def book_is_whole(today: date) -> None:
    """Each loan has one row and one accrual a day, and the receivables of the tape are those of the postings."""
    days = await fetch("SELECT day, count(*) AS n FROM loan_day GROUP BY day ORDER BY day")
    found = {date.fromisoformat(str(row["day"])): int(row["n"]) for row in days}
    assert found == {today + timedelta(days=number): LOANS for number in range(DAYS)}
    twice = await fetch(
        "SELECT loan_id FROM posting WHERE cause = 'END_OF_DAY' GROUP BY loan_id, effective_on, destination"
        " HAVING count(*) > 1"
    )
    assert twice == []
    wrong = await fetch(
        "SELECT t.loan_id FROM loan_day t WHERE t.interest_minor <> (SELECT coalesce(sum(CASE p.destination"
        " WHEN 'INTEREST_RECEIVABLE' THEN p.amount_minor ELSE 0 END) - sum(CASE p.source"
        " WHEN 'INTEREST_RECEIVABLE' THEN p.amount_minor ELSE 0 END), 0) FROM posting p"
        " WHERE p.loan_id = t.loan_id AND p.effective_on <= t.day)"
    )
    assert wrong == []


@pytest.mark.long
async def test_killed_anywhere_the_days_go_on_on_sqlite(tmp_path: Path, bureau_url: str, payments_url: str) -> None:
    url = f"sqlite://{tmp_path / 'book.sqlite'}"
    settings, today = await filled(url, tmp_path, bureau_url, payments_url)
    await open_database(url)
    try:
        assert await killed_on_the_way(settings, 1) > 0
        await book_is_whole(today)
    finally:
        await close_database()


@pytest.mark.postgres
async def test_killed_anywhere_two_processes_go_on_on_postgresql(
    tmp_path: Path, bureau_url: str, payments_url: str, postgres: PostgresAddress, redis_url: str
) -> None:
    async with postgres.database() as name:
        url = postgres.url(name)
        settings, today = await filled(url, tmp_path, bureau_url, payments_url, redis_url=redis_url)
        await open_database(url)
        try:
            assert await killed_on_the_way(settings, 2) > 0
            await book_is_whole(today)
        finally:
            await close_database()
