"""Real processes: the worker is killed again and again with questions on the wire, and nobody is asked about twice."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.settings import Settings
from models.connection import close_database, open_database
from models.consent import Inquiry, InquiryAttempt
from models.credit import Application
from models.plumbing import Job
from tests.flows.houses import processes, run_worker, serving
from tests.flows.rounds import customer_id
from tests.needs import LONG
from tests.world import Person, World, open_world

KILLS = 20 if LONG else 3
LOOK_SECONDS = 0.01
MOMENT_SECONDS_MAX = 30.0
SETTLE_SECONDS_MAX = 60.0
MOMENTS = ("INTENDED", "SENDING", "RECORDED")
FAULTS: tuple[dict[str, Any], ...] = (
    {"fault": "SLOW", "seconds": 0.5},
    {"fault": "TIMEOUT_AFTER"},
    {"fault": "TIMEOUT_BEFORE", "times": 2},
    {},
)
STATED = {
    # application: inquiry states in which it may be left
    "DECIDED": {"ANSWERED", "REFUSED_BY_BUREAU"},
    "EXPIRED": {"INTENT_PENDING", "NOT_SENT", "NOT_RECORDED"},
    "IN_REVIEW": {"DISPUTED"},
}


@pytest.fixture
async def server(tmp_path: Path, bureau_url: str, payments_url: str) -> AsyncIterator[World]:
    """The API in a process of its own on SQLite, with no worker; the book is read beside it."""
    database = f"sqlite://{tmp_path / 'book.sqlite'}"
    async with open_world(database, tmp_path, bureau_url, payments_url) as world:
        house = world.house
    with serving(house.settings, tmp_path / "api.log") as url:
        async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30.0) as http:
            await open_database(database)
            try:
                yield World(house, http, bureau_url, payments_url, house.sequencer())
            finally:
                await close_database()


class Killer:
    """One worker process at a time, ended by SIGKILL: no handler runs, nothing is put in order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._worker: ForkServerProcess | None = None

    def begin(self) -> None:
        """Start a worker."""
        self._worker = processes.Process(target=run_worker, args=(self._settings,), daemon=True)
        self._worker.start()

    def kill(self) -> None:
        """Kill it, if it runs."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.join()
            self._worker = None


async def apply_with_a_fault(world: World, number: int) -> Person:
    """A new person who has applied, and about whom the bureau will misbehave in the way of the person's number."""
    person = await world.new()
    await world.grant(person)
    if fault := FAULTS[number % len(FAULTS)]:
        await world.fault(subject=person.id_number, **fault)
    assert (await world.apply(person))["__typename"] == "SubmitApplicationPayload"
    return person


async def kill_in_the_moment(world: World, killer: Killer, person: Person, moment: str) -> None:
    """Kill the worker once the person's inquiry has come as far as `moment`, or is past it."""
    owner, deadline = await customer_id(person), time.monotonic() + MOMENT_SECONDS_MAX
    while time.monotonic() < deadline:
        inquiry = await Inquiry.get_or_none(customer_id=owner)
        reached = inquiry is not None
        if inquiry is not None and moment != "INTENDED":
            reached = await InquiryAttempt.exists(inquiry_id=inquiry.id)
        if inquiry is not None and moment == "RECORDED":
            past = inquiry.state not in {"INTENT_PENDING", "INTENT_LOGGED", "SENDING"}
            reached = past or await world.bureau_records(person) > 0
        if reached:
            killer.kill()
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError(f"{moment} was never reached")


async def leases_run_out() -> None:
    """As if the time had passed for which a dead worker's claims, and every pause, still hold."""
    await Job.filter(state="READY").update(lease_until_us=0, due_at_us=0)


async def until_nothing_waits() -> None:
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while await Job.exists(state="READY"):
        assert time.monotonic() < deadline, "jobs never settle"
        await Job.filter(state="READY", lease_until_us=0).update(due_at_us=0)
        await asyncio.sleep(LOOK_SECONDS)


async def test_a_worker_killed_again_and_again_costs_no_second_record(
    server: World, capsys: pytest.CaptureFixture[str]
) -> None:
    killer = Killer(server.house.settings)
    people: list[Person] = []
    try:
        for number in range(KILLS):
            people.append(await apply_with_a_fault(server, number))
            killer.begin()
            await kill_in_the_moment(server, killer, people[-1], MOMENTS[number % len(MOMENTS)])
            await leases_run_out()
        killer.begin()
        await until_nothing_waits()
    finally:
        killer.kill()
    ends: Counter[str] = Counter()
    for application in await Application.all():
        inquiry = await Inquiry.get(application_id=application.id)
        attempts = await InquiryAttempt.filter(inquiry_id=inquiry.id).order_by("number")
        ends[f"{application.status}, {inquiry.state} by {' > '.join(str(each.outcome) for each in attempts)}"] += 1
        assert inquiry.state in STATED[application.status], (application.status, inquiry.state)
    records = Counter([await server.bureau_records(person) for person in people])
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills of the worker; people by records at the bureau: {dict(records)}\n")
        sys.stdout.write("".join(f"  {times:>3} x  {end}\n" for end, times in ends.most_common()))
    assert sum(ends.values()) == KILLS
    assert set(records) <= {0, 1}
    for person in people:
        assert await server.bureau_records(person) == await server.inquiry_count(person)
