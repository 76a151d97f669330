"""kill -9 of the worker, with its sequencer, at each step from a record to a decision: what is found, and how it ends.

Nothing in the product knows of this: each step is held from outside, by a lock in the database, a witness that keeps
silent or a bureau that does, until the kill. docs/kills.md is the table of it.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.doors.witnesses import Seen
from models.connection import fetch
from models.consent import Inquiry, InquiryAttempt
from models.credit import Application
from models.plumbing import Job
from models.proof import TlogCheckpoint, TlogEntry, TlogState
from tests.flows.ledger.tables import wrong_with_the_log
from tests.flows.rounds import customer_id
from tests.needs import LONG, ROOT
from tests.services.postgres import PostgresAddress
from tests.services.witnesses import NAMES, witnesses_of_this_run
from tests.story.test_kill_worker import Killer
from tests.world import Person, World, open_world

PAGE = ROOT / "docs" / "kills.md"
LOOK_SECONDS = 0.01
MOMENT_SECONDS_MAX = 40.0
LOCK_ROW = "SELECT * FROM {} FOR UPDATE"
LOCK_WRITES = "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE"


@dataclass(slots=True)
class Scene:
    """One person whose application is worked on, and what holds the step."""

    world: World
    person: Person
    place: dict[str, Any]
    stack: AsyncExitStack

    async def lock(self, statement: str) -> None:
        """Hold a lock until the scene ends."""
        connection = await asyncpg.connect(**self.place)
        self.stack.push_async_callback(connection.close)
        await connection.execute("BEGIN")
        await connection.execute(statement)

    async def inquiry(self) -> Inquiry | None:
        return await Inquiry.get_or_none(customer_id=await customer_id(self.person))

    async def state(self) -> str:
        inquiry = await self.inquiry()
        return inquiry.state if inquiry else "none"

    async def place_of_intent(self) -> int | None:
        """Where the person's intent stands in the log."""
        inquiry = await self.inquiry()
        entry = await TlogEntry.get_or_none(entry_id=inquiry.intent_entry_id) if inquiry else None
        return entry.seq if entry else None

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is seen in the books or at a neighbour."""
        deadline = time.monotonic() + MOMENT_SECONDS_MAX
        while not await holds():
            assert time.monotonic() < deadline, "the step was never reached"
            await asyncio.sleep(LOOK_SECONDS)

    async def in_state(self, *states: str) -> None:
        async def reached() -> bool:
            return await self.state() in states

        await self.until(reached)


async def not_appended(scene: Scene) -> AsyncIterator[None]:
    await scene.lock(LOCK_ROW.format("tlog_state"))
    yield
    await asyncio.sleep(0.5)


async def not_signed(scene: Scene) -> AsyncIterator[None]:
    await scene.lock(LOCK_WRITES.format("tlog_checkpoint"))
    yield
    before = (await TlogState.get(id=1)).published_size

    async def appended() -> bool:
        return bool((await TlogState.get(id=1)).size > before)

    await scene.until(appended)


async def no_witness_asked(scene: Scene) -> AsyncIterator[None]:
    witnesses_of_this_run().hold(*NAMES)
    yield
    await _signed(scene)


async def one_witness(scene: Scene) -> AsyncIterator[None]:
    witnesses_of_this_run().hold("east", "south")
    yield
    await _signed(scene)
    await asyncio.sleep(0.3)


async def not_published(scene: Scene) -> AsyncIterator[None]:
    """Publishing wakes the cases, and waits for a job's row."""
    yield
    await scene.in_state("INTENT_PENDING")
    await scene.lock(LOCK_ROW.format("job"))
    witnesses_of_this_run().behave()
    ledger = scene.world.house.desk.ledger
    assert ledger is not None

    async def cosigned() -> bool:
        place = await scene.place_of_intent()
        seen = [await ledger.witnesses.last_seen(name) for name in NAMES]
        return place is not None and all(isinstance(one, Seen) and one.size > place for one in seen)

    await scene.until(cosigned)
    await asyncio.sleep(0.3)


async def not_logged(scene: Scene) -> AsyncIterator[None]:
    yield
    await scene.in_state("INTENT_PENDING")
    await scene.lock(LOCK_ROW.format("customer"))
    witnesses_of_this_run().behave()

    async def published() -> bool:
        place = await scene.place_of_intent()
        return place is not None and (await TlogState.get(id=1)).published_size > place

    await scene.until(published)


async def not_attempted(scene: Scene) -> AsyncIterator[None]:
    await scene.lock(LOCK_WRITES.format("inquiry_attempt"))
    yield
    await scene.in_state("INTENT_LOGGED")


async def on_the_wire(scene: Scene) -> AsyncIterator[None]:
    await scene.world.fault(subject=scene.person.id_number, fault="TIMEOUT_BEFORE")
    yield
    await scene.in_state("SENDING")


async def recorded(scene: Scene) -> AsyncIterator[None]:
    await scene.world.fault(subject=scene.person.id_number, fault="TIMEOUT_AFTER")
    yield

    async def there() -> bool:
        return await scene.world.bureau_records(scene.person) == 1

    await scene.until(there)


async def answer_not_kept(scene: Scene) -> AsyncIterator[None]:
    await scene.lock(LOCK_WRITES.format("bureau_report"))
    yield

    async def there() -> bool:
        return await scene.world.bureau_records(scene.person) == 1

    await scene.until(there)
    await asyncio.sleep(0.3)


async def not_decided(scene: Scene) -> AsyncIterator[None]:
    await scene.lock(LOCK_WRITES.format("decision"))
    yield
    await scene.in_state("ANSWERED")


async def _signed(scene: Scene) -> None:
    async def reached() -> bool:
        state = await TlogState.get(id=1)
        return state.size > state.published_size and await TlogCheckpoint.exists(size=state.size)

    await scene.until(reached)


@dataclass(frozen=True, slots=True)
class Step:
    """How a step is held, and what may be found after the kill: states of the inquiry, how the log stands."""

    hold: Callable[[Scene], AsyncIterator[None]]
    states: tuple[str, ...]
    log: tuple[str, ...]
    records: int = 0


ANY = ("published", "signed", "appended", "a record waits")
BEFORE = ("none", "INTENT_PENDING")
STEPS: dict[str, Step] = {
    "a record is committed, not appended": Step(not_appended, ("none",), ("a record waits",)),
    "appended, not signed": Step(not_signed, ("none",), ("appended", "a record waits")),
    "signed, no witness has answered": Step(no_witness_asked, BEFORE, ("signed", "a record waits")),
    "one witness has cosigned": Step(one_witness, BEFORE, ("signed", "a record waits")),
    "the quorum has cosigned, not published": Step(not_published, ("INTENT_PENDING",), ("signed",)),
    "published, the inquiry still waits": Step(not_logged, ("INTENT_PENDING",), ANY),
    "logged, no attempt yet": Step(not_attempted, ("INTENT_LOGGED",), ANY),
    "on the wire, not recorded": Step(on_the_wire, ("SENDING",), ANY),
    "recorded, no answer yet": Step(recorded, ("SENDING",), ANY, records=1),
    "answered, the answer not kept": Step(answer_not_kept, ("SENDING",), ANY, records=1),
    "kept, not decided": Step(not_decided, ("ANSWERED",), ANY, records=1),
}
HELD_FIRST = {not_published, not_logged}
PLAYED = STEPS if LONG else {name: STEPS[name] for name in list(STEPS)[::3]}


@pytest.mark.postgres
async def test_whatever_step_a_kill_meets_the_next_worker_ends_it_with_one_record(
    tmp_path: Path, bureau_url: str, payments_url: str, postgres: PostgresAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = []
    async with postgres.database() as name:
        url = postgres.url(name)
        async with open_world(url, tmp_path, bureau_url, payments_url) as world:
            killer = Killer(world.house.settings)
            place = {"host": postgres.host, "port": postgres.port, "user": postgres.user, "database": name}
            try:
                for name_of_step, step in PLAYED.items():
                    rows.append(f"| {name_of_step} | {await played(world, killer, place, step)} |")
            finally:
                killer.kill()
                witnesses_of_this_run().behave()
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(rows) + "\n")
    page = PAGE.read_text(encoding="utf-8")
    assert [row for row in rows if row not in page] == []


async def played(world: World, killer: Killer, place: dict[str, Any], step: Step) -> str:
    """One kill at one step: the rest of its row in the table."""
    hold = step.hold
    witnesses_of_this_run().behave()
    await world.sequencer.round()
    if hold in HELD_FIRST:
        witnesses_of_this_run().hold(*NAMES)
    person = await world.new()
    async with AsyncExitStack() as stack:
        scene = Scene(world, person, place, stack)
        if hold not in {not_appended, not_signed}:
            await applied(world, person)
        async with asynccontextmanager(hold)(scene):
            if hold in {not_appended, not_signed}:
                await applied(world, person)
            killer.begin()
        killer.kill()
        found = await scene.state(), await log_of(scene), await world.bureau_records(person)
    assert found[0] in step.states
    assert found[1] in step.log
    assert found[2] == step.records
    witnesses_of_this_run().behave()
    await Job.filter(state="READY").update(lease_until_us=0, due_at_us=0)
    killer.begin()
    await settled(scene)
    killer.kill()
    await world.sequencer.round()
    assert await wrong_with_the_log(world) == []
    application = await Application.get(customer_id=await customer_id(person))
    inquiry = await scene.inquiry()
    assert inquiry is not None
    attempts = [row.outcome for row in await InquiryAttempt.filter(inquiry_id=inquiry.id).order_by("number")]
    records = await world.bureau_records(person)
    assert (application.status, records) == ("DECIDED", 1)
    seen = "any" if step.log == ANY else " or ".join(step.log)
    return f"{' or '.join(step.states)} | {seen} | {step.records} | {attempts[0]} | {application.status} | {records}"


async def applied(world: World, person: Person) -> None:
    await world.grant(person)
    assert (await world.apply(person))["__typename"] == "SubmitApplicationPayload"


async def settled(scene: Scene) -> None:
    async def ended() -> bool:
        await Job.filter(state="READY", lease_until_us=0).update(due_at_us=0)
        application = await Application.get(customer_id=await customer_id(scene.person))
        return application.status == "DECIDED"

    await scene.until(ended)


async def log_of(scene: Scene) -> str:
    """How far the log has come when nobody works."""
    state = await TlogState.get(id=1)
    (waiting,) = await fetch("SELECT count(*) AS many FROM tlog_pending")
    if waiting["many"]:
        return "a record waits"
    if state.size == state.published_size:
        return "published"
    return "signed" if await TlogCheckpoint.exists(size=state.size) else "appended"
