"""What deciding costs: processor time of the work itself, and the report over the book, equal on both stores."""

import asyncio
import time
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.domain.calendar import business_date
from app.domain.oversight.cost import CostReport, Period
from app.flows.cost.metering import counted, metered
from app.flows.cost.reporting import cost_report
from models.notices import AssessmentCost
from tests.world import World

BUSY_SECONDS = 0.03


def busy() -> None:
    """Use the processor of this thread for a while."""
    until = time.thread_time() + BUSY_SECONDS
    while time.thread_time() < until:
        pass


async def test_only_the_works_own_steps_are_counted_and_not_what_runs_while_it_waits() -> None:
    async def work() -> str:
        busy()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return "done"

    async def other() -> None:
        for _ in range(4):
            busy()
            await asyncio.sleep(0)

    (result, cpu_us), _ = await asyncio.gather(metered(work()), other())
    assert result == "done"
    assert BUSY_SECONDS * 1e6 <= cpu_us < 2 * BUSY_SECONDS * 1e6


async def test_what_the_work_hands_to_a_thread_is_counted_and_only_if_it_says_so() -> None:
    async def work(step: object) -> None:
        await asyncio.to_thread(step)  # type: ignore[arg-type]

    _, told = await metered(work(counted(busy)))
    _, untold = await metered(work(busy))
    assert told >= BUSY_SECONDS * 1e6 > untold
    counted(busy)()


async def test_a_cancelled_work_ends_as_one_and_a_fault_comes_through() -> None:
    ended = []

    async def waiting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def failing() -> None:
        await asyncio.sleep(0)
        raise KeyError

    task = asyncio.create_task(metered(waiting()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]
    with pytest.raises(KeyError):
        await metered(failing())


async def everything(world: World) -> CostReport:
    return await cost_report(world.house.desk, Period())


async def a_day_of_decisions(world: World) -> None:
    assert await everything(world) == CostReport(Period(), 0, 0, 0, 0, 0, 0, 0)
    first = business_date(await world.house.desk.refresh_clock())
    person = await world.with_line()
    await world.decided(await world.new("MINOR"))
    await world.advance(2)
    await world.grant(person, "LIMIT_INCREASE")
    limit = {"amount": "9000.00", "currency": "CNY"}
    await world.act("AskForMore", person, lineId=person.line_id, limit=limit)
    await world.settle()
    report = await everything(world)
    counts = (
        report.decisions,
        report.by_people,
        report.applicants,
        report.inquiries,
        report.avoided,
        report.measured,
    )
    assert counts == (3, 0, 2, 2, 1, 3)
    assert report.inquiries_per_decision == Decimal("0.6667")
    assert report.avoided_per_1000_applicants == Decimal("500.0")
    assert report.cpu_seconds_per_decision is not None
    assert Decimal("0.0005") < report.cpu_seconds_per_decision < 1
    early = await cost_report(world.house.desk, Period(first, first))
    late = await cost_report(world.house.desk, Period(first + timedelta(days=2)))
    assert (early.decisions, early.inquiries, late.decisions, late.inquiries) == (2, 1, 1, 1)
    assert early.cpu_us + late.cpu_us == report.cpu_us
    before = await cost_report(world.house.desk, Period(None, date(2020, 1, 1)))
    assert (before.decisions, before.inquiries_per_decision, before.cpu_seconds_per_decision) == (0, None, None)


async def test_the_report_tells_what_the_book_holds_by_business_day(world: World) -> None:
    await a_day_of_decisions(world)


@pytest.mark.postgres
async def test_the_report_tells_the_same_on_postgres(pg_world: World) -> None:
    await a_day_of_decisions(pg_world)


async def test_a_case_that_is_walked_twice_adds_up_and_a_person_adds_nothing(world: World) -> None:
    from tests.api.matrix.stage import NOTE, officer

    person = await world.new("REFERRED")
    application = await world.decided(person, "12000.00")
    kept = await AssessmentCost.get()
    verdict = {"caseId": application["id"], "approve": False, "reasons": ["BAD_DEBT"], "note": NOTE}
    await world.act("ResolveReferral", officer("risk"), **verdict)
    report = await everything(world)
    assert (report.decisions, report.by_people, report.measured, report.cpu_us) == (1, 1, 1, kept.cpu_us)
    from app.flows.cost.reporting import keep_cpu

    await keep_cpu(kept.case_id, 1000)
    again = await AssessmentCost.get()
    assert (again.walks, again.cpu_us) == (kept.walks + 1, kept.cpu_us + 1000)


async def test_the_metrics_tell_who_was_ruled_out_and_why_and_what_deciding_took(world: World) -> None:
    await world.decided(await world.new("MINOR"))
    text = (await world.http.get("/metrics")).text
    assert 'clearline_ruled_out{reason="POLICY_AGE"} 1.0' in text
    assert "clearline_assessments 1.0" in text
    kept = await AssessmentCost.get()
    assert f"clearline_assessment_cpu_seconds {kept.cpu_us / 1e6!r}" in text


async def test_the_metrics_of_an_empty_book_have_no_rows_without_labels(world: World) -> None:
    text = (await world.http.get("/metrics")).text
    assert "# HELP clearline_ruled_out Cases that own data ruled out, by the strongest reason, from the book." in text
    assert "\nclearline_ruled_out " not in text
    assert "\nclearline_inquiries " not in text
    assert "\nclearline_inquiries_avoided 0.0" in text
