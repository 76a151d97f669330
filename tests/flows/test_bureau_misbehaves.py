"""A bureau that lies, comes late, says things twice or has the wrong time: one record at most, and an end that a person sees."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path

import httpx2
import pytest

from app.domain.deciding.bureau_file import BureauFile
from models.people import Customer
from tests.flows.rounds import customer_id
from tests.flows.test_inquiry_states import applied, told, withdrawn_in_flight
from tests.flows.trail import trail, work_once
from tests.world import World

HOUR, DAY = 3600, 86_400
LOOKS_MAX = 500
LOOK_SECONDS = 0.02


@pytest.fixture(autouse=True)
async def _faults_are_forgotten(bureau_url: str) -> AsyncIterator[None]:
    yield
    async with httpx2.AsyncClient(trust_env=False) as http:
        await http.delete(f"{bureau_url}/faults")


async def test_an_answer_that_comes_twice_is_nobody_elses_answer(house: World) -> None:
    """The second copy lies on a connection that is kept; the next question must not read it."""
    first, _ = await applied(house)
    await house.fault(subject=first.id_number, fault="TWICE")
    await house.settle()
    second, application = await applied(house)
    await house.settle()
    for person in (first, second):
        found = await trail(house, person)
        assert (found.told, found.attempts, await told(house, person)) == (
            ["ANSWERED"],
            ["ANSWERED"],
            (1, 1, "ANSWERED"),
        )
    assert (await house.node("MyApplication", application, second))["status"] == "DECIDED"


async def test_a_record_that_comes_late_is_the_one_record_of_the_question_sent_again(house: World) -> None:
    person, application = await applied(house)
    await house.fault(subject=person.id_number, fault="LATE", seconds=0.3)
    await house.settle()
    await recorded(house, person.id_number, receptions=3)  # unanswered, answered, and the late one: the same again
    found = await trail(house, person)
    assert (found.told, len(found.attempts)) == (["UNKNOWN", "NOT_RECORDED", "ANSWERED"], 2)
    assert await told(house, person) == (1, 1, "ANSWERED")
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"


async def test_a_record_that_comes_after_the_withdrawal_brings_no_answer(house: World) -> None:
    """The bureau said that it had recorded nothing, and then did: only its own list can tell, in reconciliation."""
    person, application = await applied(house)
    await withdrawn_in_flight(house, person, fault="LATE", seconds=0.5)
    await recorded(house, person.id_number, receptions=2)
    await house.settle()
    found = await trail(house, person)
    assert (found.told, len(found.attempts), found.report) == (["UNKNOWN", "NOT_RECORDED", "GIVEN_UP"], 1, None)
    assert (await house.node("MyApplication", application, person))["status"] == "WITHDRAWN"
    assert await house.bureau_records(person) == 1


async def recorded(world: World, id_number: str, receptions: int) -> None:
    """Until the bureau has received so many questions about the person."""
    async with httpx2.AsyncClient(base_url=world.bureau_url, trust_env=False) as http:
        for _ in range(LOOKS_MAX):
            counted = (await http.post("/counts/search", json={"subject": id_number})).json()
            if counted["receptions"] >= receptions:
                return
            await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("it never came")


async def test_a_status_that_claims_a_record_costs_none_and_ends_with_a_person(house: World) -> None:
    person, application = await applied(house)
    await house.fault(subject=person.id_number, fault="LIES_RECORDED")
    await work_once(house)
    assert (await trail(house, person)).told == ["UNKNOWN", "RECORDED_NO_REPORT"]
    await house.advance(4)
    await work_once(house)
    found = await trail(house, person)
    assert (found.row.state, len(found.attempts), await house.bureau_records(person)) == ("DISPUTED", 1, 0)
    waiting = await house.node("MyApplication", application, person)
    assert (waiting["status"], waiting["decision"]["outcome"]) == ("IN_REVIEW", "REFERRED")


@pytest.mark.parametrize("fault", ["MALFORMED", "UNKNOWN_CODE", "PARTIAL", "STALE", "WRONG_SUBJECT"])
async def test_a_report_that_stays_spoilt_is_asked_for_by_reference_until_it_is_whole(
    house: World, fault: str
) -> None:
    person, _ = await applied(house)
    await house.fault(subject=person.id_number, fault=fault, statuses=2)
    await house.settle()
    found = await trail(house, person)
    assert found.told == ["UNKNOWN", "RECORDED_NO_REPORT", "ANSWERED"]
    assert found.attempts == [f"UNKNOWN:{TYPED[fault]}"]
    assert await told(house, person) == (1, 1, "ANSWERED")


TYPED = {
    "MALFORMED": "REPORT_MALFORMED:PA01AR01",
    "UNKNOWN_CODE": "REPORT_MALFORMED:PH010Q03",
    "PARTIAL": "REPORT_MALFORMED:PF03",
    "STALE": "REPORT_MALFORMED:PA01AR01",
    "WRONG_SUBJECT": "WRONG_SUBJECT",
}


async def test_of_a_report_nothing_is_kept_but_the_allowed_fields(house: World) -> None:
    person, _ = await applied(house)
    await house.settle()
    found = await trail(house, person)
    owner = await Customer.get(id=await customer_id(person))
    assert found.report is not None
    assert found.report.sealed is not None
    kept = house.house.desk.box(owner).open("bureau_report", "sealed", found.row.id, found.report.sealed)
    assert json.loads(kept).keys() == {one.name for one in fields(BureauFile)}
    await house.house_connection("PRAGMA wal_checkpoint(TRUNCATE)")
    book = Path(house.house.settings.database.removeprefix("sqlite://")).read_bytes()  # noqa: ASYNC240 - a file on its own
    assert found.row.id.hex.encode() in book.replace(b"-", b"")
    assert not [code for code in (b"PA01BI01", b"PD01AI02", b"PH010R01", b"B-ALDER") if code in book]


async def test_a_clock_that_is_a_little_behind_harms_nobody(house: World) -> None:
    person, _ = await applied(house)
    await house.fault(subject=person.id_number, fault="SKEW", seconds=-20 * HOUR)
    await house.settle()
    assert (await trail(house, person)).told == ["ANSWERED"]
    assert await told(house, person) == (1, 1, "ANSWERED")


async def test_a_clock_that_is_ahead_refuses_the_permit_and_a_person_decides(house: World) -> None:
    person, application = await applied(house)
    await house.fault(subject=person.id_number, fault="SKEW", seconds=HOUR)
    await house.settle()
    found = await trail(house, person)
    assert (found.told, found.row.refusal_code) == (["REFUSED_BY_BUREAU"], "PERMIT_EXPIRED")
    assert (await house.node("MyApplication", application, person))["decision"]["outcome"] == "REFERRED"
    assert await told(house, person) == (0, 0, "FAILED")


async def test_a_clock_that_is_days_behind_gives_no_report_to_decide_on(house: World) -> None:
    person, application = await applied(house)
    await house.fault(subject=person.id_number, fault="SKEW", seconds=-9 * DAY)
    await work_once(house)
    assert (await trail(house, person)).told == ["UNKNOWN", "RECORDED_NO_REPORT"]
    await house.advance(4)
    await work_once(house)
    assert (await trail(house, person)).row.state == "DISPUTED"
    assert (await house.node("MyApplication", application, person))["decision"]["outcome"] == "REFERRED"
    assert await told(house, person) == (1, 1, "UNKNOWN")


@pytest.mark.parametrize("order", [{"next": 3}, {"rate": 1}])
async def test_faults_for_the_next_few_or_for_a_share_strike_whoever_asks(
    house: World, order: dict[str, object]
) -> None:
    await house.fault(fault="HTTP_500_AFTER", **order)
    people = [(await applied(house))[0] for _ in range(2)]
    await house.settle()
    for person in people:
        assert (await trail(house, person)).told == ["UNKNOWN", "ANSWERED"]
        assert await told(house, person) == (1, 1, "ANSWERED")
