"""Every way in which the bureau can fail, and where the inquiry, the application and the person stand afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.scalars import encode_id
from app.domain.calendar import business_date
from app.domain.consent.purpose import InquiryPurpose
from app.domain.proof.record import RecordClass
from app.doors.bureau.line import BureauLine
from app.flows.credit import assessing
from app.flows.credit.cases import load_case
from models.consent import Consent, InquiryAttempt
from models.credit import Application, Decision
from models.plumbing import LogOutbox
from tests.api.life import officer
from tests.flows.rounds import customer_id
from tests.flows.trail import inquiries_of, trail, work_once
from tests.sims.outsiders import process
from tests.world import Person, World

NOBODY_LISTENS = "http://127.0.0.1:9"
RISK = officer("risk")
LOOKS_MAX = 2000
RECORDED_SECONDS_MAX = 25.0
SETTLED = {
    # fault: (states that its answers brought, attempts)
    "SLOW": (["ANSWERED"], 1),
    "TIMEOUT_BEFORE": (["UNKNOWN", "NOT_RECORDED", "ANSWERED"], 2),
    "TIMEOUT_AFTER": (["UNKNOWN", "ANSWERED"], 1),
    "HTTP_500_BEFORE": (["UNKNOWN", "NOT_RECORDED", "ANSWERED"], 2),
    "HTTP_500_AFTER": (["UNKNOWN", "ANSWERED"], 1),
    "RESET": (["UNKNOWN", "ANSWERED"], 1),
    "DRIP": (["UNKNOWN", "ANSWERED"], 1),
    "MALFORMED": (["UNKNOWN", "ANSWERED"], 1),
    "UNKNOWN_CODE": (["UNKNOWN", "ANSWERED"], 1),
    "PARTIAL": (["UNKNOWN", "ANSWERED"], 1),
    "STALE": (["UNKNOWN", "ANSWERED"], 1),
    "LIES_NOT_RECORDED": (["UNKNOWN", "NOT_RECORDED", "ANSWERED"], 2),
    "WRONG_SUBJECT": (["UNKNOWN", "ANSWERED"], 1),
}


@asynccontextmanager
async def bureau_at(world: World, url: str) -> AsyncIterator[None]:
    """The house asks the bureau at another address for a while."""
    desk, usual = world.house.desk, world.house.desk.bureau
    desk.bureau = BureauLine(url, usual.name, usual.institution, usual.timeout_seconds)
    try:
        yield
    finally:
        await desk.bureau.close()
        desk.bureau = usual


async def applied(world: World, kind: str = "APPROVED", **asked: Any) -> tuple[Person, str]:
    """A new person with an application that nobody has worked on."""
    person = await world.new(kind)
    await world.grant(person)
    answer = await world.apply(person, **asked)
    assert answer["__typename"] == "SubmitApplicationPayload", answer
    return person, answer["application"]["id"]


async def told(world: World, person: Person) -> tuple[int, int, str]:
    """The bureau's records, the customer's count, and the status of the latest inquiry as shown."""
    nodes = (await world.ask("WhoLookedAtMyCredit", {}, person.token))["viewer"]["inquiries"]["nodes"]
    return await world.bureau_records(person), await world.inquiry_count(person), nodes[0]["status"]


@pytest.mark.parametrize("fault", SETTLED)
async def test_a_fault_is_settled_with_one_record_and_one_reference(house: World, fault: str) -> None:
    states, attempts = SETTLED[fault]
    person, application = await applied(house)
    await house.fault(subject=person.id_number, fault=fault, **({"seconds": 0.1} if fault == "SLOW" else {}))
    await house.settle()
    found = await trail(house, person)
    assert found.told == states
    assert len(found.attempts) == attempts
    assert found.report is not None
    assert found.report.sealed is not None
    assert await told(house, person) == (1, 1, "ANSWERED")
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"
    assert await inquiries_of(person) == 1


async def test_the_person_whose_bureau_times_out_is_settled_by_reference(house: World) -> None:
    person = await house.new("BUREAU_TIMES_OUT")
    application = await house.decided(person)
    found = await trail(house, person)
    assert found.told == ["UNKNOWN", "ANSWERED"]
    assert found.attempts == ["UNKNOWN:ReadTimeout"]
    assert (application["decision"]["outcome"], await told(house, person)) == ("APPROVED", (1, 1, "ANSWERED"))


async def notices_of_inquiries(world: World, person: Person) -> list[str]:
    """The titles of what the person was told of inquiries."""
    query = {"query": "{ viewer { notices(first: 50) { nodes { kind title } } } }"}
    answer = (await world.post(query, person.token, **{"accept-language": "en"})).json()
    nodes = answer["data"]["viewer"]["notices"]["nodes"]
    return [node["title"] for node in nodes if node["kind"] == "INQUIRY_MADE"]


async def test_every_outcome_points_back_at_the_intent_that_was_written_first(house: World) -> None:
    person, _ = await applied(house)
    await house.fault(subject=person.id_number, fault="HTTP_500_BEFORE")
    await house.settle()
    inquiry = (await trail(house, person)).row
    entries = await LogOutbox.filter(subject_id=inquiry.id).order_by("id")
    assert entries[0].entry_id == inquiry.intent_entry_id
    assert {entry.previous_entry_id for entry in entries[1:]} == {inquiry.intent_entry_id}
    first = await InquiryAttempt.get(inquiry_id=inquiry.id, number=1)
    assert inquiry.opened_at <= first.started_at


async def test_a_lost_report_stays_unknown_then_goes_to_a_person_then_expires(house: World) -> None:
    person, application = await applied(house)
    await house.fault(subject=person.id_number, fault="REPORT_LOST")
    await work_once(house)
    assert (await trail(house, person)).told == ["UNKNOWN", "RECORDED_NO_REPORT"]
    assert await told(house, person) == (1, 1, "UNKNOWN")
    assert (await house.apply(person))["__typename"] == "ApplicationExists"
    await house.advance(4)
    await work_once(house)
    assert (await trail(house, person)).row.state == "DISPUTED"
    waiting = await house.node("MyApplication", application, person)
    assert (waiting["status"], waiting["decision"]["outcome"]) == ("IN_REVIEW", "REFERRED")
    assert [reason["code"] for reason in waiting["decision"]["reasons"]] == ["BUREAU_UNAVAILABLE"]
    assert await told(house, person) == (1, 1, "UNKNOWN")
    assert await notices_of_inquiries(house, person) == ["We asked the credit bureau about you"]
    await house.advance(27)
    assert (await house.node("MyApplication", application, person))["status"] == "EXPIRED"
    await house.grant(person)
    assert (await house.apply(person))["__typename"] == "SubmitApplicationPayload"
    await house.settle()
    assert await told(house, person) == (2, 2, "ANSWERED")


async def test_an_officer_cannot_grant_a_line_on_an_answer_that_never_came(house: World) -> None:
    person, application = await applied(house)
    await house.fault(subject=person.id_number, fault="REPORT_LOST")
    await work_once(house)
    await house.advance(4)
    await work_once(house)
    answer = await house.act("ResolveReferral", RISK, **verdict(application))
    assert answer["__typename"] == "InvalidInput"
    declined = {"caseId": application, "approve": False, "reasons": ["BUREAU_UNAVAILABLE"]}
    answer = await house.act("ResolveReferral", RISK, note="The report is lost for good.", **declined)
    assert answer["decision"]["outcome"] == "DECLINED"
    assert await told(house, person) == (1, 1, "UNKNOWN")


# ---- the bureau is not there ------------------------------------------------------------------------------


async def test_a_bureau_that_is_down_costs_no_record_and_a_new_application_may_follow_at_once(house: World) -> None:
    person, application = await applied(house)
    async with bureau_at(house, NOBODY_LISTENS):
        await work_once(house)
        found = await trail(house, person)
        assert (found.row.state, found.told, found.attempts) == ("NOT_SENT", ["NOT_SENT"], ["NOT_SENT"])
        assert await told(house, person) == (0, 0, "OPEN")
        await work_once(house)
        assert (await trail(house, person)).attempts == ["NOT_SENT", "NOT_SENT"]
        await house.advance(1)
        await work_once(house)
    assert await told(house, person) == (0, 0, "FAILED")
    assert (await house.node("MyApplication", application, person))["status"] == "EXPIRED"
    assert (await house.apply(person))["__typename"] == "ConsentRequired"
    await house.grant(person)
    assert (await house.apply(person))["__typename"] == "SubmitApplicationPayload"
    await house.settle()
    assert await told(house, person) == (1, 1, "ANSWERED")


async def test_a_bureau_that_comes_back_within_the_permit_is_asked_with_the_same_reference(house: World) -> None:
    person, application = await applied(house)
    async with bureau_at(house, NOBODY_LISTENS):
        await work_once(house)
    before = (await trail(house, person)).row.id
    await house.settle()
    found = await trail(house, person)
    assert (found.row.id, found.told) == (before, ["NOT_SENT", "ANSWERED"])
    assert await told(house, person) == (1, 1, "ANSWERED")
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"


@asynccontextmanager
async def dying_bureau(world: World, person: Person, store: Path) -> AsyncIterator[None]:
    """The bureau records the person's inquiry, dies before it answers, and stays away inside the block."""
    with process("sims.bureau", store, "--timeout-seconds", "30") as (child, client):
        client.post("/faults", json={"subject": person.id_number, "fault": "TIMEOUT_AFTER"})
        await world.introduce_to(str(client.base_url).rstrip("/"))
        async with bureau_at(world, str(client.base_url).rstrip("/")):
            working = asyncio.create_task(work_once(world))
            async with asyncio.timeout(RECORDED_SECONDS_MAX):
                while client.post("/counts/search", json={"subject": person.id_number}).json()["records"] == 0:  # noqa: ASYNC110 - a process of its own
                    await asyncio.sleep(0.01)
            child.kill()
            child.wait()
            await working
            yield


async def test_a_bureau_that_dies_after_recording_is_asked_by_reference_when_it_is_back(
    house: World, tmp_path: Path
) -> None:
    person, application = await applied(house)
    async with dying_bureau(house, person, tmp_path / "bureau.sqlite"):
        assert (await trail(house, person)).told == ["UNKNOWN"]
        assert (await house.node("MyApplication", application, person))["status"] == "IN_REVIEW"
        await work_once(house)
        assert (await trail(house, person)).told == ["UNKNOWN"]
    with process("sims.bureau", tmp_path / "bureau.sqlite") as (_child, client):
        async with bureau_at(house, str(client.base_url).rstrip("/")):
            await house.settle()
        records = client.post("/counts/search", json={"subject": person.id_number}).json()["records"]
    found = await trail(house, person)
    assert (found.told, len(found.attempts), records) == (["UNKNOWN", "ANSWERED"], 1, 1)
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"


async def test_an_unknown_past_its_deadline_is_disputed_and_waits_for_a_person(house: World, tmp_path: Path) -> None:
    person, application = await applied(house)
    async with dying_bureau(house, person, tmp_path / "bureau.sqlite"):
        await house.advance(3)
        await work_once(house)
    found = await trail(house, person)
    assert (found.told, found.row.state, len(found.attempts)) == (["UNKNOWN", "DISPUTED"], "DISPUTED", 1)
    waiting = await house.node("MyApplication", application, person)
    assert (waiting["status"], waiting["decision"]["outcome"]) == ("IN_REVIEW", "REFERRED")
    assert await house.inquiry_count(person) == 1
    assert await notices_of_inquiries(house, person) == ["It is not clear whether the bureau recorded an inquiry"]


async def test_while_nobody_knows_whether_the_bureau_recorded_no_other_inquiry_is_begun(
    house: World, tmp_path: Path
) -> None:
    person, _ = await applied(house)
    async with dying_bureau(house, person, tmp_path / "bureau.sqlite"):
        doubtful = (await trail(house, person)).row
        assert doubtful.state == "UNKNOWN"
        await house.act("WithdrawConsent", person, consentId=encode_id("Consent", doubtful.consent_id))
        for refused in (await house.grant(person), await house.apply(person)):
            assert refused["__typename"] == "InquiryUnsettled"
            assert business_date(doubtful.deadline_at).isoformat() in refused["message"]
    with process("sims.bureau", tmp_path / "bureau.sqlite") as (_child, client):
        async with bureau_at(house, str(client.base_url).rstrip("/")):
            await house.settle()
    assert (await trail(house, person)).told == ["UNKNOWN", "ANSWERED"]
    assert (await house.grant(person))["__typename"] == "GrantConsentPayload"
    assert (await house.apply(person))["__typename"] == "SubmitApplicationPayload"


# ---- withdrawn in the middle ------------------------------------------------------------------------------


async def withdrawn_in_flight(world: World, person: Person, **fault: Any) -> Consent:
    """Withdraw while the inquiry is on the wire, let everything settle, and tell the consent."""
    await world.fault(subject=person.id_number, **fault)
    owner = await customer_id(person)
    consent = await Consent.get(customer_id=owner, purpose="FIRST_APPLICATION")
    working = asyncio.create_task(work_once(world))
    for _ in range(LOOKS_MAX):
        if (await world.ask("Me", {}, person.token))["viewer"]["inquiryCount"] == 1:
            break
    await world.act("WithdrawConsent", person, consentId=encode_id("Consent", consent.id))
    await working
    await world.settle()
    return await Consent.get(id=consent.id)


async def test_an_answer_to_a_withdrawn_consent_is_destroyed_unread(house: World) -> None:
    person, application = await applied(house)
    await withdrawn_in_flight(house, person, fault="TIMEOUT_AFTER")
    found = await trail(house, person)
    assert found.told == ["UNKNOWN", "ANSWERED"]
    assert found.report is not None
    assert (found.report.sealed, found.report.destroyed_at is not None) == (None, True)
    shown = await house.node("MyApplication", application, person)
    assert (shown["status"], shown["decision"]) == ("WITHDRAWN", None)
    assert await told(house, person) == (1, 1, "ANSWERED")


async def test_an_answer_that_has_come_but_was_not_decided_on_is_destroyed_with_the_consent(house: World) -> None:
    person, application = await applied(house)
    desk, owner = house.house.desk, await customer_id(person)
    row = await Application.get(customer_id=owner)
    case = await load_case(InquiryPurpose.FIRST_APPLICATION, row.id)
    await house.sequencer.round()
    await assessing._open(desk, case)  # the steps of a worker that stops before it decides
    await house.sequencer.round()
    await assessing._log(desk, case, (await trail(house, person)).row)
    await assessing._send(desk, case, (await trail(house, person)).row)
    answered = await trail(house, person)
    assert answered.report is not None
    assert answered.report.sealed is not None
    consents = (await house.ask("MyRecords", {}, person.token))["viewer"]["consents"]["nodes"]
    used = next(consent for consent in consents if consent["purpose"] == "FIRST_APPLICATION")
    await house.act("WithdrawConsent", person, consentId=used["id"])
    destroyed = (await trail(house, person)).report
    assert destroyed is not None
    assert (destroyed.sealed, destroyed.destroyed_at is not None) == (None, True)
    await house.settle()
    shown = await house.node("MyApplication", application, person)
    assert (shown["status"], shown["decision"]) == ("WITHDRAWN", None)
    assert await told(house, person) == (1, 1, "ANSWERED")


def verdict(case: str) -> dict[str, Any]:
    """What an officer says who approves a case."""
    limit = {"amount": "8000.00", "currency": "CNY"}
    return {"caseId": case, "approve": True, "limit": limit, "note": "The objection concerns another lender."}


async def waiting_for_an_officer(world: World, purpose: str) -> tuple[Person, str]:
    """A person whose application or increase was answered and referred; and its id."""
    person = await world.new("REFERRED")
    application = (await world.decided(person, "12000.00"))["id"]
    if purpose == "FIRST_APPLICATION":
        return person, application
    await world.act("ResolveReferral", RISK, **verdict(application))
    line = (await world.act("AcceptOffer", person, applicationId=application))["line"]["id"]
    await world.grant(person, "LIMIT_INCREASE")
    asked = await world.act("AskForMore", person, lineId=line, limit={"amount": "9000.00", "currency": "CNY"})
    await world.settle()
    return person, asked["limitIncrease"]["id"]


@pytest.mark.parametrize(("purpose", "shown_by", "ends"), [
    ("FIRST_APPLICATION", "MyApplication", "APPLICATION_ENDS"), ("LIMIT_INCREASE", "MyIncrease", "INCREASE_ENDS"),
])  # fmt: skip
async def test_a_case_that_waits_for_a_person_ends_with_its_consent_and_the_report_is_destroyed(
    house: World, purpose: str, shown_by: str, ends: str
) -> None:
    person, key = await waiting_for_an_officer(house, purpose)
    before = await trail(house, person)
    assert before.report is not None
    assert before.report.sealed is not None
    consent = encode_id("Consent", before.row.consent_id)
    told_before = await house.ask("ConsentWithdrawalEffect", {"consentId": consent}, person.token)
    effects = [effect["code"] for effect in told_before["consentWithdrawalEffect"]["foretold"]["effects"]]
    assert effects[:3] == [ends, "REPORT_DESTROYED", "INQUIRY_STAYS_ON_RECORD"]
    await house.act("WithdrawConsent", person, consentId=consent)
    destroyed = (await trail(house, person)).report
    assert destroyed is not None
    assert (destroyed.sealed, destroyed.destroyed_at is not None) == (None, True)
    erased = await LogOutbox.get(subject_id=before.row.id, record_class=int(RecordClass.REPORT_ERASED))
    assert erased.previous_entry_id == before.row.intent_entry_id
    assert (await house.node(shown_by, key, person))["status"] == "WITHDRAWN"
    letter = (await house.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"][0]
    assert letter["title"] == "您的授权已撤回，申请随之终止"
    assert (await house.act("ResolveReferral", RISK, **verdict(key)))["__typename"] == "DecisionClosed"


async def test_after_its_consent_is_withdrawn_a_review_changes_nothing_by_the_report(house: World) -> None:
    person = await house.new("DECLINED")
    await house.decided(person, "12000.00")
    used = encode_id("Consent", (await trail(house, person)).row.consent_id)
    await house.act("WithdrawConsent", person, consentId=used)
    decision = await Decision.get(customer_id=await customer_id(person))
    asked = {"decisionId": encode_id("Decision", decision.id), "reason": "I paid all of it."}
    request = (await house.act("RequestReview", person, **asked))["request"]["id"]
    better = {"uphold": False, "limit": {"amount": "3000.00", "currency": "CNY"}, "note": "It was paid in time."}
    answer = await house.act("SettleHumanReview", RISK, requestId=request, **better)
    assert answer["violations"][0]["code"] == "SETTLEMENT_NOT_ALLOWED"
    upheld = await house.act("SettleHumanReview", RISK, requestId=request, uphold=True, note="It stands as it is.")
    assert upheld["request"]["outcome"] == "UPHELD"


async def test_what_was_never_recorded_is_not_sent_again_once_consent_is_withdrawn(house: World) -> None:
    person, application = await applied(house)
    await withdrawn_in_flight(house, person, fault="TIMEOUT_BEFORE")
    found = await trail(house, person)
    assert (found.told, len(found.attempts)) == (["UNKNOWN", "NOT_RECORDED", "GIVEN_UP"], 1)
    assert found.row.closed_at is not None
    assert (await house.node("MyApplication", application, person))["status"] == "WITHDRAWN"
    assert await told(house, person) == (0, 0, "FAILED")


async def test_what_never_left_is_not_sent_again_once_consent_is_withdrawn(house: World) -> None:
    person, application = await applied(house)
    async with bureau_at(house, NOBODY_LISTENS):
        await work_once(house)
    consents = (await house.ask("MyRecords", {}, person.token))["viewer"]["consents"]["nodes"]
    used = next(consent for consent in consents if consent["purpose"] == "FIRST_APPLICATION")
    await house.act("WithdrawConsent", person, consentId=used["id"])
    await house.settle()
    assert (await trail(house, person)).attempts == ["NOT_SENT"]
    assert (await house.node("MyApplication", application, person))["status"] == "WITHDRAWN"
    assert await told(house, person) == (0, 0, "FAILED")


# ---- ruled out, refused, too soon -------------------------------------------------------------------------


async def test_a_name_that_does_not_match_leaves_no_record_and_counts_nothing(house: World) -> None:
    person = await house.new("MISMATCH")
    application = await house.decided(person)
    assert application["decision"]["outcome"] == "DECLINED"
    assert (await trail(house, person)).row.refusal_code == "SUBJECT_NOT_MATCHED"
    assert await told(house, person) == (0, 0, "FAILED")


@pytest.mark.parametrize(("kind", "occupation", "reason"), [
    ("MINOR", "SALARIED", "POLICY_AGE"),
    ("APPROVED", "STUDENT", "STUDENT"),
])  # fmt: skip
async def test_what_own_data_rule_out_asks_nobody_and_uses_no_consent(
    house: World, kind: str, occupation: str, reason: str
) -> None:
    person, key = await applied(house, kind, occupation=occupation)
    await house.settle()
    application = await house.node("MyApplication", key, person)
    assert (application["decision"]["outcome"], application["decision"]["inquiry"]) == ("DECLINED", None)
    assert reason in [told["code"] for told in application["decision"]["reasons"]]
    assert (await house.bureau_records(person), await inquiries_of(person)) == (0, 0)
    consent = await Consent.get(customer_id=await customer_id(person), purpose="FIRST_APPLICATION")
    assert consent.used_at is None


async def test_after_a_decline_the_next_application_waits_ninety_days(house: World) -> None:
    person = await house.new("DECLINED")
    assert (await house.decided(person))["decision"]["outcome"] == "DECLINED"
    await house.grant(person)
    early = await house.apply(person)
    assert early["__typename"] == "TooSoon"
    await house.skip(91)
    await house.grant(person)
    assert (await house.apply(person))["__typename"] == "SubmitApplicationPayload"
    assert await house.bureau_records(person) == 1


async def test_an_increase_whose_answer_is_late_leaves_the_old_limit_serving(house: World, tmp_path: Path) -> None:
    person = await house.with_line("5000.00")
    await house.grant(person, "LIMIT_INCREASE")
    more = {"lineId": person.line_id, "limit": {"amount": "9000.00", "currency": "CNY"}}
    await house.fault(subject=person.id_number, fault="TIMEOUT_AFTER")
    asked = await house.act("AskForMore", person, **more)
    assert (await house.draw(person, "1000.00"))["__typename"] == "DrawLoanPayload"
    await house.settle()
    increase = await house.node("MyIncrease", asked["limitIncrease"]["id"], person)
    assert (increase["status"], increase["limitGranted"]) == ("APPROVED", {"amount": "9000.00"})
    assert (await trail(house, person)).told == ["UNKNOWN", "ANSWERED"]
    assert await told(house, person) == (2, 2, "ANSWERED")


@pytest.fixture(autouse=True)
async def _faults_are_forgotten(bureau_url: str) -> AsyncIterator[None]:
    yield
    async with httpx2.AsyncClient(trust_env=False) as http:
        await http.delete(f"{bureau_url}/faults")
