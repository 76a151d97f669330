"""No second try behind the customer's back: an inquiry that may already show is stated before one more is agreed to."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from app.api.scalars import encode_id
from app.domain.calendar import business_date
from app.domain.proof.record import RecordClass
from app.flows.reconciling.daily import reconcile
from models.consent import Consent, Inquiry
from models.people import Customer
from models.plumbing import LogOutbox
from tests.flows.ledger.test_reconciling import opened_again
from tests.flows.rounds import customer_id
from tests.flows.test_inquiry_states import applied, withdrawn_in_flight
from tests.flows.trail import trail, work_once
from tests.world import Person, World


@pytest.fixture(autouse=True)
async def _faults_are_forgotten(bureau_url: str) -> AsyncIterator[None]:
    yield
    async with httpx2.AsyncClient(trust_env=False) as http:
        await http.delete(f"{bureau_url}/faults")


async def to_state(world: World, person: Person, purpose: str = "FIRST_APPLICATION") -> list[dict[str, Any]]:
    """What stands beside the text of a purpose."""
    shown = await world.ask("ReadConsent", {"purpose": purpose}, person.token)
    found: list[dict[str, Any]] = shown["consentWording"]["earlierInquiries"]
    return found


async def record_of(world: World, person: Person, consent_id: str) -> dict[str, Any]:
    """What the log holds of a consent that was given, opened."""
    owner = await Customer.get(id=await customer_id(person))
    consents = await Consent.filter(customer_id=owner.id)
    row = next(row for row in consents if encode_id("Consent", row.id) == consent_id)
    entry = await LogOutbox.get(subject_id=row.id, record_class=int(RecordClass.CONSENT_GIVEN))
    box = world.house.desk.box(owner)
    told: dict[str, Any] = json.loads(box.open("log_outbox", "record_sealed", entry.entry_id, entry.record_sealed))
    return told


async def withdraw(world: World, person: Person, inquiry: Inquiry) -> None:
    await world.act("WithdrawConsent", person, consentId=encode_id("Consent", inquiry.consent_id))


async def disputed_at_last(world: World) -> None:
    """What has no answer goes to a person, so that nothing of this test waits on in the next."""
    await world.advance(4)
    await work_once(world)


async def test_an_inquiry_that_ended_in_dispute_is_stated_and_the_next_consent_names_it(house: World) -> None:
    person, _ = await applied(house)
    assert await to_state(house, person) == []
    await house.fault(subject=person.id_number, fault="REPORT_LOST")
    await work_once(house)
    await disputed_at_last(house)
    await house.advance(27)
    disputed = (await trail(house, person)).row
    assert disputed.state == "DISPUTED"
    (stated,) = await to_state(house, person)
    day, key = business_date(disputed.opened_at).isoformat(), encode_id("Inquiry", disputed.id)
    assert (stated["inquiryId"], stated["number"], stated["day"]) == (key, 1, day)
    assert day in stated["text"]
    assert "可能已显示在您的信用报告中" in stated["text"]

    for unshown in ([], [encode_id("Inquiry", disputed.consent_id)]):
        refused = await house.grant(person, earlierInquiries=unshown)
        assert refused["__typename"] == "StatementOutdated"
        assert refused["wording"]["earlierInquiries"] == [{"inquiryId": key, "text": stated["text"]}]
    wrong = await house.grant(person, earlierInquiries=["x", key])
    assert [told["code"] for told in wrong["violations"]] == ["INQUIRY_UNKNOWN"]
    assert await Consent.filter(customer_id=disputed.customer_id, purpose="FIRST_APPLICATION").count() == 1

    given = (await house.grant(person))["consent"]
    assert given["wording"]["earlierInquiries"] == [{"number": 1}]
    assert (await record_of(house, person, given["id"]))["earlier"] == str(disputed.id)
    assert (await house.apply(person))["__typename"] == "SubmitApplicationPayload"
    await house.settle()
    assert await house.bureau_records(person) == 2
    assert [told["number"] for told in await to_state(house, person)] == [1]


async def test_the_statement_speaks_the_language_of_the_text_and_stands_beside_the_bureaus_purposes_alone(
    house: World,
) -> None:
    person, _ = await applied(house)
    await house.fault(subject=person.id_number, fault="REPORT_LOST")
    await work_once(house)
    assert [told["number"] for told in await to_state(house, person, "LIMIT_INCREASE")] == [1]
    assert await to_state(house, person, "PAYMENTS") == []
    query = "{ consentWording(purpose: LIMIT_INCREASE) { earlierInquiries { text } } }"
    answer = await house.post({"query": query}, person.token, **{"accept-language": "en"})
    (told,) = answer.json()["data"]["consentWording"]["earlierInquiries"]
    assert "may already show in your credit report" in told["text"]
    other = await house.new()
    assert await to_state(house, other) == []
    await disputed_at_last(house)


async def test_a_consent_given_before_an_inquiry_came_to_stand_opens_nothing(house: World) -> None:
    person, _ = await applied(house)
    early = (await house.grant(person))["consent"]
    assert (await record_of(house, person, early["id"]))["earlier"] == ""
    await house.fault(subject=person.id_number, fault="REPORT_LOST")
    await work_once(house)
    await withdraw(house, person, (await trail(house, person)).row)
    refused = await house.apply(person)
    assert refused["__typename"] == "StatementOutdated"
    assert len(refused["wording"]["earlierInquiries"]) == 1
    await house.grant(person)
    assert (await house.apply(person))["__typename"] == "SubmitApplicationPayload"
    await disputed_at_last(house)


async def test_an_answer_that_served_no_decision_is_stated_and_one_that_did_is_not(house: World) -> None:
    person, _ = await applied(house)
    await withdrawn_in_flight(house, person, fault="TIMEOUT_AFTER")
    assert (await trail(house, person)).row.state == "ANSWERED"
    assert [told["number"] for told in await to_state(house, person)] == [1]
    served = await house.with_line()
    assert await to_state(house, served, "LIMIT_INCREASE") == []


async def test_a_request_whose_consent_no_longer_states_all_ends_unasked(house: World) -> None:
    person, _ = await applied(house)
    await withdrawn_in_flight(house, person, fault="LIES_NOT_RECORDED")
    denied = (await trail(house, person)).row
    assert (denied.state, denied.closed_at is not None) == ("NOT_RECORDED", True)
    assert await to_state(house, person) == []  # the bureau's word is believed
    await house.grant(person)
    application = (await house.apply(person))["application"]["id"]
    await reconcile(house.house.desk)  # and its own list shows that it has one
    await opened_again(house)
    await house.settle()
    assert (await house.node("MyApplication", application, person))["status"] == "EXPIRED"
    assert (await trail(house, person)).row.id == denied.id
    assert [told["number"] for told in await to_state(house, person)] == [1]
    assert await house.bureau_records(person) == 1
