"""Our inquiries beside the bureau's own records: what agrees, what is settled by it, and what shuts the route."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
from uuid_utils.compat import uuid7

from app.clock import real_now_us
from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.reconciling import Match
from app.domain.proof.record import RecordClass
from app.doors.bureau.follow_up import BureauAway
from app.doors.bureau.line import BureauLine
from app.flows.credit import assessing
from app.flows.credit.cases import ASSESS_APPLICATION, load_case
from app.flows.ledger.route import route_is_open, running_freeze
from app.flows.reconciling import daily
from app.flows.reconciling.daily import days_since_compared, reconcile, reconcile_of_the_day
from app.flows.reconciling.results import Found, put
from models.consent import Inquiry, InquiryAttempt, Reconciliation, ReconciliationResult, RouteFreeze
from models.credit import Application
from models.plumbing import Job, LogOutbox
from tests.api.life import officer
from tests.flows.ledger.test_intent_first import applied, intended
from tests.flows.ledger.test_superuser import taken_back
from tests.flows.rounds import customer_id, together
from tests.flows.strays import rows_of, stray
from tests.flows.trail import trail, work_once
from tests.services.wire import Write, raw_neighbour
from tests.sims import announced
from tests.sims.outsiders import question
from tests.world import Person, World, introduce

NOTE = "A note that is long enough."


@pytest.fixture(autouse=True)
async def _an_open_route(house: World) -> AsyncIterator[None]:
    """What a test leaves shut, two officers open again."""
    await reconcile(house.house.desk)  # what the test before left is known
    yield
    await opened_again(house)


async def opened_again(world: World) -> None:
    if await route_is_open():
        return
    made = await world.act("ProposeRouteRelease", officer("compliance"), note=NOTE)
    key = made["approval"]["id"] if "approval" in made else made["approvalId"]
    answer = await world.act("ConfirmRouteRelease", officer("privacy"), approvalId=key, note=NOTE)
    assert answer["__typename"] == "ApprovalPayload", answer


async def behind_our_back(world: World, person: Person, **changes: Any) -> str:
    """A record at the bureau under our name that our book knows nothing of: somebody has asked with another log."""
    institution, ledger = world.house.settings.institution, world.house.desk.ledger
    assert ledger is not None
    await introduce(world.bureau_url, institution, announced.POLICY)
    subject = {"name": person.name, "idNumber": person.id_number}
    asked = question(person.id_number, institution=institution, subject=subject, **changes)
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{world.bureau_url}/inquiries", json=asked)
        assert answer.status_code == 200, answer.text
    await introduce(world.bureau_url, institution, ledger.policy_text.decode())
    return str(asked["reference"])


async def results(world: World) -> dict[str, Match]:
    """What a comparison finds that is new or changed."""
    return dict((await reconcile(world.house.desk)).found)


async def told(
    world: World, person: Person, kind: str = "INQUIRY_UNANNOUNCED", part: str = "title", language: str = "en"
) -> list[str]:
    query = {"query": "{ viewer { notices(first: 50) { nodes { kind title body } } } }"}
    answer = (await world.post(query, person.token, **{"accept-language": language})).json()
    nodes = answer["data"]["viewer"]["notices"]["nodes"]
    return [node[part] for node in nodes if node["kind"] == kind]


async def test_what_agrees_is_put_on_the_log_once(house: World) -> None:
    person = await house.with_line()
    inquiry = (await trail(house, person)).row
    assert await results(house) == {str(inquiry.id): Match.MATCHED}
    assert await results(house) == {}
    row = await ReconciliationResult.get(inquiry_id=inquiry.id)
    entry = await LogOutbox.get(subject_id=row.id, record_class=int(RecordClass.RECONCILIATION))
    assert entry.previous_entry_id == inquiry.intent_entry_id
    assert (await route_is_open(), await house.bureau_records(person)) == (True, 1)


async def test_a_record_that_nobody_announced_shuts_the_route_and_is_told(house: World) -> None:
    person = await house.with_line()
    await reconcile(house.house.desk)
    reference = await behind_our_back(house, person, purpose="LIMIT_INCREASE", reasonCode="26")
    assert await results(house) == {reference: Match.BUREAU_ONLY}
    row = await ReconciliationResult.get(reference=reference)
    assert (row.inquiry_id, row.customer_id) == (None, await customer_id(person))
    assert await told(house, person) == ["An inquiry that we did not announce"]
    for language in ("en", "zh-CN"):
        (body,) = await told(house, person, part="body", language=language)
        assert reference in body  # what the person can quote to the bureau
    entries = await LogOutbox.filter(subject_id=row.id)
    assert [entry.record_class for entry in entries] == [RecordClass.RECONCILIATION]
    seen = (await house.ask("BureauRoute", {}, officer("compliance").token))["oversight"]["bureauRoute"]
    assert (seen["isOpen"], seen["cause"]["reference"]) == (False, reference)
    assert await results(house) == {}
    assert await RouteFreeze.filter(released_at__isnull=True).count() == 1


async def test_two_findings_at_once_shut_the_route_once_and_neither_is_lost(house: World) -> None:
    desk = house.house.desk
    people = [await house.new() for _ in range(2)]
    references = [await behind_our_back(house, person) for person in people]
    both_and_one_of_them_twice = (*references, references[0])

    async def found(reference: str) -> None:
        async with desk.unit() as unit:
            now = await desk.refresh_clock()
            await put(unit, None, None, Found(reference, Match.BUREAU_ONLY, now, None))
            await asyncio.sleep(0.05)

    await together(*(partial(found, reference) for reference in both_and_one_of_them_twice))
    assert await ReconciliationResult.filter(reference__in=references).count() == 2
    assert await RouteFreeze.filter(released_at__isnull=True).count() == 1


async def test_a_record_of_a_stranger_shuts_the_route_too(house: World) -> None:
    nobody = Person("", "赵无人", "990101198012120019", "")
    reference = await behind_our_back(house, nobody)
    assert await results(house) == {reference: Match.BUREAU_ONLY}
    row = await ReconciliationResult.get(reference=reference)
    assert row.customer_id is None
    assert not await route_is_open()
    assert row.id_number_index == house.house.desk.keys.index("id_number", nobody.id_number)
    await ReconciliationResult.filter(id=row.id).update(recorded_at=row.found_at - timedelta(days=800))
    assert await results(house) == {}  # known by its reference for ever, and by the number while a report shows it
    assert (await ReconciliationResult.get(id=row.id)).id_number_index is None


async def test_while_the_route_is_shut_nothing_is_asked_and_two_officers_open_it(house: World) -> None:
    early, _ = await intended(house)
    await behind_our_back(house, await house.new())
    await reconcile(house.house.desk)
    late, application = await applied(house)
    for _ in range(2):
        await work_once(house)
    assert [await house.bureau_records(one) for one in (early, late)] == [0, 0]
    assert (await house.node("MyApplication", application, late))["status"] == "RECEIVED"
    assert not await Inquiry.exists(customer_id=await customer_id(late))
    made = await house.act("ProposeRouteRelease", officer("compliance"), note=NOTE)
    key = made["approval"]["id"]
    same = await house.act("ConfirmRouteRelease", officer("compliance"), approvalId=key, note=NOTE)
    assert (same["__typename"], await route_is_open()) == ("SamePerson", False)
    second = await house.act("ConfirmRouteRelease", officer("compliance2"), approvalId=key, note=NOTE)
    assert (second["approval"]["outcome"], await route_is_open()) == ("CONFIRMED", True)
    assert (await house.act("ProposeRouteRelease", officer("compliance"), note=NOTE))[
        "__typename"
    ] == "RouteNotFrozen"
    await house.settle()
    assert [await house.bureau_records(one) for one in (early, late)] == [1, 1]


async def test_what_is_found_after_an_opening_was_put_forward_shuts_the_route_again(house: World) -> None:
    first, second = await house.with_line(), await house.with_line()
    await stray(house, first, days_ago=40)
    await reconcile(house.house.desk)
    made = await house.act("ProposeRouteRelease", officer("compliance"), note=NOTE)
    await stray(house, second, days_ago=30)
    await reconcile(house.house.desk)
    check = {"approvalId": made["approval"]["id"], "note": NOTE}
    assert (await house.act("ConfirmRouteRelease", officer("privacy"), **check))["__typename"].endswith("Payload")
    held = await running_freeze()
    assert held is not None
    assert [row.id for row in await rows_of(second)] == [held.result_id]
    await opened_again(house)
    assert await route_is_open()


async def test_who_waits_for_a_shut_route_sees_it_and_is_told_once_and_again_when_it_opens(house: World) -> None:
    seen = await house.with_line()
    await behind_our_back(house, seen, purpose="LIMIT_INCREASE", reasonCode="26")
    await reconcile(house.house.desk)
    late, application = await applied(house)
    await work_once(house)
    waiting = (await house.node("MyApplication", application, late))["waiting"]
    assert waiting["reason"] == "ROUTE_SHUT"
    assert await told(house, late, "REQUEST_WAITS") == []
    counted = (await house.ask("BureauRoute", {}, officer("compliance").token))["oversight"]["bureauRoute"]["waiting"]
    assert {"reason": "ROUTE_SHUT", "count": 1, "since": waiting["since"]} in counted
    await house.advance(1)
    for _ in range(2):
        await work_once(house)
    assert await told(house, late, "REQUEST_WAITS") == ["Your request has to wait"]
    job = await Job.filter(kind=ASSESS_APPLICATION, state="READY").order_by("-id").first()
    assert job is not None
    assert job.due_at_us - real_now_us() > 20_000_000  # whoever has waited for long is not looked at all the time
    await opened_again(house)
    await house.settle()
    await opened_again(house)
    assert await told(house, late, "ROUTE_REOPENED") == ["Your request goes on"]
    assert await told(house, seen, "ROUTE_REOPENED") == ["Inquiries go out again"]
    shown = await house.node("MyApplication", application, late)
    assert (shown["status"], shown["waiting"], await house.bureau_records(late)) == ("DECIDED", None, 1)


async def test_a_record_of_what_ended_as_never_recorded_is_found(house: World) -> None:
    person, _ = await intended(house)
    inquiry = (await trail(house, person)).row
    await house.advance(1)
    await work_once(house)
    assert (await trail(house, person)).told == ["GIVEN_UP"]
    await behind_our_back(house, person, reference=str(inquiry.id))
    assert await results(house) == {str(inquiry.id): Match.BUREAU_ONLY}
    assert len(await told(house, person)) == 1


async def test_an_unknown_inquiry_that_the_bureau_shows_is_known_to_be_recorded(house: World) -> None:
    person, _ = await applied(house)
    await house.fault(subject=person.id_number, fault="TIMEOUT_AFTER", seconds=1.5)
    await work_until_unknown(house, person)
    inquiry = (await trail(house, person)).row
    report = await reconcile(house.house.desk)
    assert (report.found, report.settled) == ([(str(inquiry.id), Match.MATCHED)], 1)
    assert (await trail(house, person)).told == ["UNKNOWN", "RECORDED_NO_REPORT"]
    await house.settle()
    assert (await trail(house, person)).told[-1] == "ANSWERED"
    assert await house.bureau_records(person) == 1


async def test_an_unknown_inquiry_that_the_bureau_never_shows_is_known_not_to_be(house: World) -> None:
    person, application = await applied(house)
    await house.fault(subject=person.id_number, fault="TIMEOUT_BEFORE", seconds=1.5)
    await work_until_unknown(house, person)
    report = await reconcile(house.house.desk)
    assert (report.found, report.settled) == ([], 0)  # it may still come
    await house.advance(1)
    assert (await reconcile(house.house.desk)).settled == 1
    assert (await trail(house, person)).told == ["UNKNOWN", "NOT_RECORDED"]
    await house.settle()
    assert (await house.node("MyApplication", application, person))["status"] == "EXPIRED"
    assert await house.bureau_records(person) == 0


async def work_until_unknown(world: World, person: Person) -> None:
    """The knock alone, without the question by reference that follows it."""
    desk, row = world.house.desk, await Application.get(customer_id=await customer_id(person))
    case = await load_case(InquiryPurpose.FIRST_APPLICATION, row.id)
    await assessing._open(desk, case)
    await world.sequencer.round()
    await assessing._log(desk, case, (await trail(world, person)).row)
    await assessing._send(desk, case, (await trail(world, person)).row)
    assert (await trail(world, person)).told == ["UNKNOWN"]


async def test_an_answer_of_which_the_bureau_shows_no_record_is_found(house: World) -> None:
    person = await house.with_line()
    await reconcile(house.house.desk)
    inquiry = (await trail(house, person)).row
    desk = house.house.desk
    name, desk.bureau.institution = desk.bureau.institution, "nobody-asks-so"
    try:
        assert (await results(house))[str(inquiry.id)] is Match.OURS_ONLY
    finally:
        desk.bureau.institution = name
    assert (await results(house))[str(inquiry.id)] is Match.MATCHED
    assert await route_is_open()


async def test_a_record_of_another_time_is_found(house: World) -> None:
    person = await house.with_line()
    await reconcile(house.house.desk)
    inquiry = (await trail(house, person)).row
    attempt = await InquiryAttempt.get(inquiry_id=inquiry.id)
    began = attempt.started_at
    await InquiryAttempt.filter(id=attempt.id).update(
        started_at=(await house.house.desk.refresh_clock()).replace(year=2020)
    )
    assert await results(house) == {str(inquiry.id): Match.TIME_SKEW}
    await InquiryAttempt.filter(id=attempt.id).update(started_at=began)
    assert await results(house) == {str(inquiry.id): Match.MATCHED}


async def test_it_is_done_once_a_business_day(house: World) -> None:
    await house.advance(1)
    assert await reconcile_of_the_day(house.house.desk) is not None
    assert await reconcile_of_the_day(house.house.desk) is None


async def test_how_many_days_they_were_not_compared_is_told(house: World) -> None:
    await house.with_line()
    await house.advance(3)
    assert "clearline_reconciliation_age_days 3.0" in (await house.http.get("/metrics")).text
    await reconcile(house.house.desk)
    assert "clearline_reconciliation_age_days 0.0" in (await house.http.get("/metrics")).text
    first = await Inquiry.all().order_by("id").first()
    assert first is not None
    async with taken_back():
        await Reconciliation.all().delete()
        assert await days_since_compared(first.opened_at + timedelta(days=3)) == 3


async def test_a_comparison_dated_ahead_by_a_wrong_clock_neither_counts_as_todays_nor_keeps_the_next_off(
    house: World,
) -> None:
    desk = house.house.desk
    await house.advance(1)
    await reconcile(desk)
    made = await Reconciliation.all().order_by("-id").first()
    assert made is not None
    await Reconciliation.filter(id=made.id).update(business_date=made.business_date + timedelta(days=400))
    now = await desk.refresh_clock()
    assert 0 < await days_since_compared(now) < 400
    assert await reconcile_of_the_day(desk) is not None
    assert (await days_since_compared(now), await reconcile_of_the_day(desk)) == (0, None)
    async with taken_back():
        await Reconciliation.exclude(id=made.id).delete()
        await Inquiry.all().update(opened_at=now + timedelta(days=3))
        assert await days_since_compared(now) == 0


async def test_a_comparison_dated_ahead_is_taken_away_so_that_its_day_is_compared_and_officers_are_not_told_of_it(
    house: World,
) -> None:
    desk = house.house.desk
    await reconcile(desk)
    made = await Reconciliation.all().order_by("-id").first()
    assert made is not None
    ahead = made.business_date + timedelta(days=2)
    await Reconciliation.create(
        id=uuid7(), business_date=ahead, done_at=made.done_at, records=0, changed=0, settled=0
    )
    seen = (await house.ask("BureauRoute", {}, officer("compliance").token))["oversight"]["bureauRoute"]
    assert seen["comparedOn"] == made.business_date.isoformat()
    assert await reconcile_of_the_day(desk) is None
    await house.advance(2)
    assert await reconcile_of_the_day(desk) is not None


async def test_a_file_of_records_that_never_ends_is_given_up_and_nothing_is_concluded(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "FILE_SECONDS_MAX", 0.5)
    told = 0

    def tell(write: Write) -> None:
        nonlocal told
        told += 1
        record = {"n": told, "reference": "R", "purpose": "P", "recordedAt": "2026-11-26T00:00:00Z", "idNumber": "I"}
        body = json.dumps({"records": [record], "next": told}).encode()
        write(b"HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        time.sleep(0.02)

    runs = await Reconciliation.all().count()
    with raw_neighbour(tell) as url:
        line = BureauLine(url, "bureau", house.house.settings.institution, 5.0)
        with pytest.raises(BureauAway, match="FILE_TOO_SLOW"):
            await reconcile(replace(house.house.desk, bureau=line))
        await line.close()
    assert told > 1
    assert await Reconciliation.all().count() == runs
    assert await route_is_open()
