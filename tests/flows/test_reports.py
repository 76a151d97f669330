"""Each opening of a bureau's report is on record and its owner sees it; a destroyed report is gone from everywhere."""

from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from app.api.scalars import decode_id, encode_id
from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.reading import OfAnotherCase, ReportUse
from app.doors.tombstones import Tombstones
from app.flows.audit.looks import decisions
from app.flows.audit.looks.scan import FIRST, Sight
from app.flows.credit.cases import case_of_inquiry, load_case
from app.flows.credit.facts import own_inputs
from app.flows.credit.reports import destroy_report, read_report
from app.flows.oversight.referrals import Reader, facts_of, open_report
from models.consent import Inquiry, ReportReading
from models.credit import Decision
from models.people import Customer, Staff
from tests.flows.audit.books import NOTE, officer
from tests.world import Person, World

LIMIT = {"amount": "3000.00", "currency": "CNY"}


async def report(world: World, person: Person) -> Any:
    """What its owner sees of the newest report."""
    seen = await world.ask("WhoLookedAtMyCredit", {}, person.token)
    return seen["viewer"]["inquiries"]["nodes"][0]["report"]


async def audited(world: World) -> tuple[list[str], int]:
    """What the audit finds wrong with the decisions, and how many it could not wholly check."""
    now = await world.house.desk.refresh_clock()
    seen = await decisions.DECISIONS[0].page(Sight(world.house.desk, now, now.date(), now.date()), FIRST, {})
    return [fault.problem for fault in seen.faults], seen.unchecked


async def test_every_opening_is_on_record_with_its_permit_use_and_reader_and_its_owner_sees_it(world: World) -> None:
    person = await world.new("REFERRED")
    application = await world.decided(person, "12000.00")
    asked = {"caseId": application["id"], "approve": True, "limit": LIMIT, "note": NOTE}
    assert (await world.act("ResolveReferral", officer("risk"), **asked))["__typename"] == "ResolveReferralPayload"
    inquiry = await Inquiry.get(application_id=decode_id(application["id"], "Application"))
    by_machine, by_person = await ReportReading.all().order_by("id")
    assert {(row.inquiry_id, row.permit_id, row.purpose) for row in (by_machine, by_person)} == {
        (inquiry.id, inquiry.permit_id, "FIRST_APPLICATION")
    }
    assert (by_machine.use, by_machine.reader_id) == ("SCORING", None)
    decided = await Decision.all().order_by("-number").first()
    assert decided is not None
    assert (by_person.use, by_person.reader_id) == ("REFERRAL", decided.decided_by)
    seen = await report(world, person)
    assert [reading["use"] for reading in seen["readings"]] == ["REFERRAL", "SCORING"]
    assert seen["destroyedAt"] is None


async def test_a_review_opens_the_report_for_its_officer_alone(world: World) -> None:
    person = await world.new("DECLINED")
    await world.decided(person, "20000.00")
    decision = encode_id("Decision", (await Decision.get()).id)
    asked = await world.act("RequestReview", person, decisionId=decision, reason="I paid all of it.")
    better = {"requestId": asked["request"]["id"], "uphold": False, "limit": LIMIT, "note": NOTE}
    assert (await world.act("SettleHumanReview", officer("risk"), **better))["request"]["outcome"] == "CHANGED"
    assert [reading["use"] for reading in (await report(world, person))["readings"]] == ["HUMAN_REVIEW", "SCORING"]


async def test_a_verdict_that_is_refused_leaves_the_opening_on_record(world: World) -> None:
    person = await world.new("REFERRED")
    case = (await world.decided(person, "12000.00"))["id"]
    asked: dict[str, Any] = {"caseId": case, "approve": True, "note": NOTE}
    assert (await world.act("ResolveReferral", officer("risk"), **asked))["violations"]  # a grant without a limit
    assert [reading["use"] for reading in (await report(world, person))["readings"]] == ["SCORING"]
    asked |= {"idempotencyKey": str(uuid4()), "limit": {**LIMIT, "amount": "13000.00"}}  # above what was asked for
    for uses in (["REFERRAL", "SCORING"], ["REFERRAL", "REFERRAL", "SCORING"]):
        refused = await world.act("ResolveReferral", officer("risk"), **asked)
        assert refused["violations"][0]["code"] == "SETTLEMENT_NOT_ALLOWED"
        assert [reading["use"] for reading in (await report(world, person))["readings"]] == uses
    asked["limit"] = LIMIT
    settled = await world.act("ResolveReferral", officer("risk"), **asked)
    assert (
        await world.act("ResolveReferral", officer("risk"), **asked) == settled
    )  # an answer told again opens nothing
    assert len((await report(world, person))["readings"]) == 4


async def test_a_change_that_a_review_refuses_leaves_the_opening_on_record(world: World) -> None:
    person = await world.new("THIN_FILE")
    await world.decided(person, "20000.00")
    decision = await Decision.get()
    told = {"decisionId": encode_id("Decision", decision.id), "reason": "My income is higher."}
    request = (await world.act("RequestReview", person, **told))["request"]["id"]
    same = {"amount": f"{(decision.limit_minor or 0) // 100}.00", "currency": "CNY"}
    asked = {"requestId": request, "uphold": False, "limit": same, "note": NOTE}
    refused = await world.act("SettleHumanReview", officer("risk"), **asked)
    assert refused["violations"][0]["code"] == "REVIEW_NO_BETTER"
    assert [reading["use"] for reading in (await report(world, person))["readings"]] == ["HUMAN_REVIEW", "SCORING"]


async def test_a_report_destroyed_after_it_was_opened_is_not_used(world: World) -> None:
    person = await world.new("REFERRED")
    await world.decided(person, "12000.00")
    decided, inquiry, desk = await Decision.get(), await Inquiry.get(), world.house.desk
    risk = await Staff.get(login="risk")
    case = await case_of_inquiry(inquiry)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(inquiry.customer_id)
        inputs = await own_inputs(desk, customer, case.request, unit.now)
        file = await open_report(unit, customer, case, decided, Reader(risk.id, ReportUse.REFERRAL))
    assert file is not None
    assert (await facts_of(inputs, decided, file)) is not None
    async with desk.unit() as unit:
        assert await destroy_report(unit, await unit.lock_customer(inquiry.customer_id), inquiry.id)
    assert await facts_of(inputs, decided, file) is None


async def test_a_report_stays_shut_for_another_case_of_the_same_person(world: World) -> None:
    person = await world.with_line("12000.00")
    await world.grant(person, "LIMIT_INCREASE")
    more = {"lineId": person.line_id, "limit": {"amount": "20000.00", "currency": "CNY"}}
    asked = await world.act("AskForMore", person, **more)
    await world.settle()
    increase = decode_id(asked["limitIncrease"]["id"], "LimitIncrease")
    first = await Inquiry.get(purpose="FIRST_APPLICATION")
    before = await ReportReading.all().count()
    async with world.house.desk.unit() as unit:
        customer = await unit.lock_customer(first.customer_id)
        case = await load_case(InquiryPurpose.LIMIT_INCREASE, increase)
        with pytest.raises(OfAnotherCase):
            await read_report(unit, customer, case, first, ReportUse.SCORING)
    assert await ReportReading.all().count() == before == 2


async def test_what_a_decision_took_from_a_report_ends_with_it_and_the_verdict_stays(world: World) -> None:
    person = await world.new("THIN_FILE")
    await world.decided(person, "12000.00")
    before = await Decision.get()
    assert before.from_report_sealed is not None
    assert await audited(world) == ([], 0)
    await Decision.filter(id=before.id).update(from_report_sealed=b"another")
    assert (await audited(world))[0] == ["INPUTS_DO_NOT_OPEN"]
    await Decision.filter(id=before.id).update(from_report_sealed=None)
    assert (await audited(world))[0] == ["INPUTS_DO_NOT_OPEN"]  # the report is there, what was taken from it is not
    await Decision.filter(id=before.id).update(from_report_sealed=before.from_report_sealed)
    inquiry = await Inquiry.get()
    async with world.house.desk.unit() as unit:
        assert await destroy_report(unit, await unit.lock_customer(inquiry.customer_id), inquiry.id)
    after = await Decision.get()
    assert after.from_report_sealed is None
    assert (after.outcome, after.score, after.inputs_digest) == (before.outcome, before.score, before.inputs_digest)
    box = world.house.desk.box(await Customer.get(id=inquiry.customer_id))
    assert b"report_number" not in box.open("decision", "inputs_sealed", after.id, after.inputs_sealed)
    assert await audited(world) == ([], 1)
    seen = await report(world, person)
    assert (seen["destroyedAt"] is not None, len(seen["readings"])) == (True, 1)


async def test_a_report_on_which_nobody_decided_is_destroyed_when_its_request_expires(world: World) -> None:
    person = await world.new("REFERRED")
    application = await world.decided(person, "12000.00")
    await world.skip(31)
    assert (await world.node("MyApplication", application["id"], person))["status"] == "EXPIRED"
    assert (await report(world, person))["destroyedAt"] is not None
    assert (await Decision.get()).from_report_sealed is None


async def test_a_list_outside_the_book_that_cannot_be_written_takes_no_destruction_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    person = await world.new("REFERRED")
    await world.decided(person, "12000.00")
    monkeypatch.setattr(Tombstones, "add_report", full)
    consent = encode_id("Consent", (await Inquiry.get()).consent_id)
    with capture_logs() as told:
        assert (await world.act("WithdrawConsent", person, consentId=consent))["__typename"].endswith("Payload")
    assert [line["event"] for line in told if line["log_level"] == "error"] == ["destroyed report not listed"]
    assert (await report(world, person))["destroyedAt"] is not None
