"""A clock that has stepped back: what it left far ahead is looked at all the same, and nothing is done twice."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.clock import real_now_us
from app.flows.credit.answering import NOT_SENT_WAITS
from app.flows.notices.telling import TELL
from app.flows.worker import FLOW_OF, LONGER_WAITS, WAIT_MAX, Worker, claim_due, wake_sleepers
from models.plumbing import Job
from tests.flows.test_inquiry_states import applied
from tests.world import World

HOUR_US = 3_600_000_000
LEASE_US = 30_000_000


def us(wait: timedelta) -> int:
    return int(wait.total_seconds()) * 1_000_000


async def a_job(kind: str, due_in_us: int, lease_for_us: int = 0) -> UUID:
    """A job of nobody's, due and held so long from now."""
    key, now = uuid4(), real_now_us()
    lease = now + lease_for_us if lease_for_us else 0
    await Job.create(
        id=key, kind=kind, subject_id=key, due_at_us=now + due_in_us, lease_until_us=lease, state="READY"
    )
    return key


async def due_in(key: UUID) -> int:
    due_at_us: int = (await Job.get(id=key)).due_at_us
    return due_at_us - real_now_us()


@pytest.fixture
async def worker(house: World) -> Worker:
    await Job.all().delete()
    return house.house.worker()


async def test_what_a_step_back_left_far_ahead_is_looked_at_by_the_next_turn_of_the_calendar(
    house: World, worker: Worker
) -> None:
    person, application = await applied(house)
    await house.sequencer.round()
    await Job.filter(kind="ASSESS_APPLICATION").update(due_at_us=real_now_us() + 9000 * HOUR_US)
    await worker.run_calendar()
    for _ in range(3):
        await worker.run_due()
        await house.sequencer.round()
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"
    assert await house.bureau_records(person) == 1


@pytest.mark.usefixtures("worker")
async def test_a_wait_that_a_flow_asks_for_is_left_alone() -> None:
    assert max(NOT_SENT_WAITS) < WAIT_MAX
    waits = await a_job("ASSESS_APPLICATION", us(max(NOT_SENT_WAITS)))
    sleeps = await a_job("ASSESS_APPLICATION", us(WAIT_MAX) + 60_000_000)
    assert await wake_sleepers() == 1
    assert (await due_in(sleeps) <= 0, await due_in(waits) > 0) == (True, True)


@pytest.mark.usefixtures("worker")
async def test_a_reminder_may_wait_for_the_end_of_the_quiet_hours_and_no_longer() -> None:
    waits, sleeps = await a_job(TELL, 10 * HOUR_US), await a_job(TELL, us(LONGER_WAITS[TELL]) + HOUR_US)
    assert await wake_sleepers() == 1
    assert (await due_in(sleeps) <= 0, await due_in(waits) > 9 * HOUR_US) == (True, True)


async def test_a_flow_that_asks_for_longer_is_looked_at_before(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def for_days(*_: object) -> timedelta:
        return timedelta(days=3)

    monkeypatch.setitem(FLOW_OF, "PAY_OUT", for_days)
    asks = await a_job("PAY_OUT", 0)
    assert await worker.run_due() == 1
    assert 0 < await due_in(asks) <= us(WAIT_MAX)


@pytest.mark.usefixtures("worker")
async def test_a_lease_that_no_present_clock_gave_holds_nobody_off_and_one_that_runs_does() -> None:
    await a_job("PAY_OUT", 0, LEASE_US)
    lost = await a_job("PAY_OUT", 0, 9000 * HOUR_US)
    assert [UUID(str(job["id"])) for job in await claim_due(LEASE_US)] == [lost]
    assert await claim_due(LEASE_US) == []
