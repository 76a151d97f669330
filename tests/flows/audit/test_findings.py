"""The life of findings: seen again, closed, open again, never gone by themselves; and whom they are about keeps off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from app.api.scalars import encode_id
from app.domain.auditing.finding import FindingState
from app.domain.refusals import StillWorking
from app.flows.audit import running
from app.flows.audit.noting import NEW_A_RULE_MAX
from app.flows.audit.report import Report, report_of
from app.flows.audit.running import advance_audit
from app.flows.audit.starting import RunAudit, run_audit
from models.connection import fetch
from models.consent import Inquiry
from models.credit import CreditLine, LimitChange
from models.oversight.audit import AuditFinding, AuditFindingStep, AuditRun
from models.people import Customer, Staff
from models.plumbing import Job
from tests.flows.audit.books import audit, officer, officer_named
from tests.world import World

EVIDENCE = "The text is on file now, see ticket 4711."
UNRESOLVED = "INQUIRY_UNRESOLVED"


async def counts(run_id: UUID, rule: str) -> tuple[int, int, int, int]:
    """New, known, reopened, remains of one rule."""
    report: Report = await report_of(run_id)
    (found,) = [told for of, told in report.counts if of.id == rule]
    return found.new, found.known, found.reopened, found.remains


@asynccontextmanager
async def unresolved() -> AsyncIterator[UUID]:
    """An inquiry that stands open past its deadline, for a while."""
    inquiry = await Inquiry.all().order_by("id").first()
    assert inquiry is not None
    kept = (inquiry.closed_at, inquiry.deadline_at)
    await Inquiry.filter(id=inquiry.id).update(closed_at=None, deadline_at=inquiry.opened_at)
    try:
        yield inquiry.id
    finally:
        await Inquiry.filter(id=inquiry.id).update(closed_at=kept[0], deadline_at=kept[1])


async def settle(world: World, verb: str, by: str, finding: AuditFinding, /, **asked: Any) -> Any:
    """What an officer's act on a finding is answered."""
    key = encode_id("AuditFinding", finding.id)
    return await world.act(verb, officer(by), findingId=key, **asked)


async def history(finding: AuditFinding) -> list[str]:
    return [row.kind for row in await AuditFindingStep.filter(finding_id=finding.id).order_by("number")]


async def test_a_finding_is_seen_again_closed_and_open_again_and_keeps_its_history(world: World) -> None:
    desk = world.house.desk
    await world.with_line()
    async with unresolved() as inquiry_id:
        assert await counts(await audit(desk), UNRESOLVED) == (1, 0, 0, 0)
        assert await counts(await audit(desk), UNRESOLVED) == (0, 1, 0, 0)
        finding = await AuditFinding.get(subject_id=inquiry_id)
        assert (finding.state, finding.times_seen) == ("OPEN", 2)
        given = await settle(world, "AssignFinding", "compliance", finding, login="privacy", note=EVIDENCE)
        assert (given["finding"]["state"], given["finding"]["assignedTo"]) == ("ASSIGNED", "privacy")
        closed = await settle(world, "CloseFinding", "privacy", finding, evidence=EVIDENCE)
        assert (closed["finding"]["state"], closed["finding"]["evidence"]) == ("CLOSED", EVIDENCE)
        assert await counts(await audit(desk), UNRESOLVED) == (0, 0, 1, 0)
    again = await AuditFinding.get(id=finding.id)
    assert (again.state, again.evidence_sealed, again.closed_by) == ("REOPENED", None, None)
    assert await counts(await audit(desk), UNRESOLVED) == (0, 0, 0, 0)  # the fault is gone
    assert (await AuditFinding.get(id=finding.id)).state == "REOPENED"  # and nobody has said so
    assert await history(finding) == ["FOUND", "ASSIGNED", "CLOSED", "REOPENED"]
    assert await AuditFinding.all().count() == 1
    told = await world.ask("AuditFindings", {"rule": UNRESOLVED}, officer("compliance").token)
    (node,) = told["oversight"]["findings"]["nodes"]
    assert [(step["kind"], step["by"]) for step in node["history"]] == [
        ("FOUND", None),
        ("ASSIGNED", "compliance"),
        ("CLOSED", "privacy"),
        ("REOPENED", None),
    ]
    assert node["rule"]["title"]
    assert node["subjectId"] == encode_id("Inquiry", inquiry_id)


async def test_what_remains_stays_closed_while_it_is_the_same_and_only_where_nothing_can_mend_it(
    world: World,
) -> None:
    desk = world.house.desk
    await world.with_line()
    change = await LimitChange.all().first()
    assert change is not None
    rule = "LIMIT_CHANGE_WITHOUT_REASON"
    await LimitChange.filter(id=change.id).update(actor=" ")
    await audit(desk)
    finding = await AuditFinding.get(subject_id=change.id)
    closed = await settle(world, "CloseFinding", "compliance", finding, evidence=EVIDENCE, remains=True)
    assert closed["finding"]["closing"] == "REMAINS"
    assert await counts(await audit(desk), rule) == (0, 0, 0, 1)
    await LimitChange.filter(id=change.id).update(reason=" ")
    assert await counts(await audit(desk), rule) == (0, 0, 1, 0)
    async with unresolved() as inquiry_id:
        await audit(desk)
        mendable = await AuditFinding.get(subject_id=inquiry_id)
        refused = await settle(world, "CloseFinding", "compliance", mendable, evidence=EVIDENCE, remains=True)
        assert [told["code"] for told in refused["violations"]] == ["FAULT_CAN_BE_MENDED"]


async def test_a_person_opens_a_closed_finding_again_and_a_closed_one_is_not_closed_twice(world: World) -> None:
    await world.with_line()
    async with unresolved() as inquiry_id:
        await audit(world.house.desk)
    finding = await AuditFinding.get(subject_id=inquiry_id)
    early = await settle(world, "ReopenFinding", "compliance", finding, note=EVIDENCE)
    assert [told["code"] for told in early["violations"]] == ["FINDING_NOT_CLOSED"]
    key = str(uuid4())
    for _ in range(2):  # the same key closes once
        closed = await settle(world, "CloseFinding", "compliance", finding, evidence=EVIDENCE, idempotencyKey=key)
        assert closed["finding"]["state"] == "CLOSED"
    for verb, asked in (
        ("CloseFinding", {"evidence": EVIDENCE}),
        ("AssignFinding", {"login": "privacy", "note": EVIDENCE}),
    ):
        assert (await settle(world, verb, "compliance2", finding, **asked))["__typename"] == "DecisionClosed"
    opened = await settle(world, "ReopenFinding", "compliance2", finding, note="The ticket says nothing of it.")
    assert opened["finding"]["state"] == "REOPENED"
    assert await history(finding) == ["FOUND", "CLOSED", "REOPENED"]


async def test_whom_a_finding_is_about_neither_sees_it_nor_settles_it_nor_is_given_it(world: World) -> None:
    person = await world.with_line("5000.00")
    cut = {"lineId": person.line_id, "limit": {"amount": "900.00", "currency": "CNY"}, "reason": "a test"}
    assert (await world.act("DecreaseLimit", officer("risk"), **cut))["__typename"] == "DecreaseLimitPayload"
    await LimitChange.filter(actor__startswith="officer:").update(reason=" ")
    await audit(world.house.desk)
    finding = await AuditFinding.get(rule="LIMIT_CHANGE_WITHOUT_REASON")
    assert finding.staff_id == (await Staff.get(login="risk")).id
    seen = {
        login: len((await world.ask("AuditFindings", {}, officer(login).token))["oversight"]["findings"]["nodes"])
        for login in ("risk", "risk2", "compliance", "privacy")
    }
    assert seen == {"risk": 0, "risk2": 1, "compliance": 1, "privacy": 0}
    refused = await settle(world, "AssignFinding", "compliance", finding, login="risk", note=EVIDENCE)
    assert [told["code"] for told in refused["violations"]] == ["OFFICER_CANNOT_TAKE_IT"]
    assert (await settle(world, "CloseFinding", "privacy", finding, evidence=EVIDENCE))["__typename"] == "NotFound"
    await Staff.filter(login="risk").update(role="COMPLIANCE")
    answer = await settle(world, "CloseFinding", "risk", finding, evidence=EVIDENCE)
    assert answer["__typename"] == "FindingAboutYou"
    await Staff.filter(login="risk2").update(role="COMPLIANCE", customer_id=finding.customer_id)
    assert (await settle(world, "CloseFinding", "risk2", finding, evidence=EVIDENCE))["__typename"] == "OwnAccount"
    assert (await AuditFinding.get(id=finding.id)).state == "OPEN"


async def test_a_run_that_is_killed_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = world.house.desk
    await world.with_line()
    monkeypatch.setattr(running, "PAGES_A_TURN", 1)
    async with unresolved():
        run_id = await run_audit(desk, await officer_named("compliance"), uuid4(), RunAudit())
        for _ in range(5):
            await advance_audit(desk, run_id)
        halfway = (await AuditRun.get(id=run_id)).version
        assert (halfway, await AuditFinding.all().count()) == (5, 1)
        assert await run_audit(desk, await officer_named("compliance2"), uuid4(), RunAudit()) == run_id
        assert await audit(desk) == run_id
        assert await counts(run_id, UNRESOLVED) == (1, 0, 0, 0)
    assert await AuditFindingStep.all().count() == 1


@pytest.mark.postgres
async def test_two_workers_at_once_do_each_page_once(pg_world: World) -> None:
    desk = pg_world.house.desk
    await pg_world.with_line()

    async def work(run_id: UUID) -> None:
        for _ in range(200):
            try:
                if await advance_audit(desk, run_id) is None:
                    return
            except StillWorking:
                await asyncio.sleep(0)
        raise AssertionError("the run does not end")

    async with unresolved():
        run_id = await run_audit(desk, await officer_named("compliance"), uuid4(), RunAudit())
        await asyncio.gather(*(work(run_id) for _ in range(4)))
    alone = await audit(desk)
    first, second = (await report_of(run_id)), (await report_of(alone))
    assert [told.looked_at for _, told in first.counts] == [told.looked_at for _, told in second.counts]
    assert await counts(run_id, UNRESOLVED) == (1, 0, 0, 0)
    assert await AuditFindingStep.all().count() == 1


async def test_the_calendar_begins_a_run_every_seventh_day_and_a_worker_does_it(world: World) -> None:
    await world.advance(6)
    assert await AuditRun.all().count() == 0
    await world.advance(1)
    await world.settle()
    run = await AuditRun.get()
    assert (run.cause, run.state, run.started_by) == ("CALENDAR", "DONE", None)
    assert (await Job.get(kind="AUDIT")).state == "DONE"
    await world.advance(6)
    assert await AuditRun.all().count() == 1
    await world.advance(8)
    assert await AuditRun.all().count() == 2


async def test_a_run_opens_so_many_new_findings_and_leaves_the_rest_to_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert NEW_A_RULE_MAX == 1000
    monkeypatch.setattr("app.flows.audit.noting.NEW_A_RULE_MAX", 1)
    for _ in range(2):
        await world.with_line()
    await CreditLine.all().update(limit_minor=123_400)
    left = []
    for _ in range(3):
        report = await report_of(await audit(world.house.desk))
        (told,) = [told for rule, told in report.counts if rule.id == "LIMIT_CHANGE_WITHOUT_REASON"]
        left.append((told.new, told.known, told.left))
    assert left == [(1, 0, 1), (1, 1, 0), (0, 2, 0)]


async def test_a_decision_of_an_unreadable_person_is_a_finding_and_ends_no_run(world: World) -> None:
    await world.with_line()
    await Customer.exclude(id_number_sealed=None).update(key_wrapped=b"gone")
    await audit(world.house.desk)
    assert {row.problem for row in await AuditFinding.all()} == {"INPUTS_DO_NOT_OPEN"}


async def test_a_decision_of_an_erased_person_is_left_unchecked_and_is_no_finding(world: World) -> None:
    await world.with_line()
    await Customer.exclude(id_number_sealed=None).update(key_wrapped=b"")
    report = await report_of(await audit(world.house.desk))
    (told,) = [told for rule, told in report.counts if rule.id == "DECISION_NOT_REPRODUCIBLE"]
    assert (told.looked_at, told.unchecked, report.unsettled) == (1, 1, 0)


async def test_what_points_at_nobody_is_found_and_ends_no_run(world: World) -> None:
    await world.with_line()
    nobody = "00000000-0000-7000-8000-000000000001"
    for statement in (
        "PRAGMA foreign_keys = OFF",
        f"UPDATE credit_line SET customer_id = '{nobody}', limit_minor = 1",
        f"UPDATE decision SET customer_id = '{nobody}', decided_by = '{nobody}'",
    ):
        await world.house_connection(statement)
    await audit(world.house.desk)
    await world.house_connection("PRAGMA foreign_keys = ON")
    told = await world.ask("AuditFindings", {}, officer("compliance").token)
    found = {node["problem"]: node for node in told["oversight"]["findings"]["nodes"]}
    assert set(found) == {"NOT_AS_DECIDED", "LIMIT_NOT_THE_LAST_CHANGES", "INPUTS_DO_NOT_OPEN"}
    assert found["INPUTS_DO_NOT_OPEN"]["aboutOfficer"] is None


WRONG = {
    "closed without evidence": "UPDATE audit_finding SET state = 'CLOSED'",
    "assigned to nobody": "UPDATE audit_finding SET state = 'ASSIGNED'",
    "found elsewhere": "UPDATE audit_finding SET rule = 'RECORD_MISSING'",
    "taken away": "DELETE FROM audit_finding",
    "a step taken away": "DELETE FROM audit_finding_step",
    "a step rewritten": "UPDATE audit_finding_step SET kind = 'REOPENED'",
}


async def test_the_database_keeps_findings_and_their_history(world: World) -> None:
    await _kept(world)


@pytest.mark.postgres
async def test_the_database_keeps_findings_and_their_history_on_postgresql(pg_world: World) -> None:
    await _kept(pg_world)


async def _kept(world: World) -> None:
    await world.with_line()
    async with unresolved():
        await audit(world.house.desk)
    for statement in WRONG.values():
        with pytest.raises((IntegrityError, OperationalError)):
            await fetch(f"{statement} RETURNING id")
    columns = (
        "rule, subject_kind, subject_id, problem, detail, severity, state, due_on, found_at, found_run_id, seen_at"
    )
    again = f"{columns}, seen_run_id, seen_as, times_seen, key_wrapped"
    with pytest.raises(IntegrityError):
        await fetch(
            f"INSERT INTO audit_finding (id, {again}) SELECT '00000000-0000-7000-8000-000000000009', {again}"
            " FROM audit_finding RETURNING id"
        )
    assert [row.state for row in await AuditFinding.all()] == [FindingState.OPEN]
