"""What a report shows under our name, beside our inquiries of its person: each way in which the two may differ."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.domain.consent.reconciling import Match
from app.domain.person import make_id_number
from app.flows.ledger.route import route_is_open
from app.flows.reconciling.daily import reconcile
from models.consent import ReconciliationResult
from tests.api.life import officer
from tests.flows.ledger.test_reconciling import NOTE, opened_again, results, told
from tests.flows.strays import asks_for_more, leaves_of, rows_of, stray
from tests.flows.test_inquiry_states import applied, bureau_at, withdrawn_in_flight
from tests.flows.trail import trail
from tests.sims.outsiders import process
from tests.world import Person, World


@pytest.fixture(autouse=True)
async def _an_open_route(house: World) -> AsyncIterator[None]:
    """What a test leaves shut, two officers open again, and what it leaves at the bureau is known."""
    yield
    await reconcile(house.house.desk)
    await opened_again(house)


async def test_a_report_that_agrees_leaves_nothing(house: World) -> None:
    person = await house.with_line()
    assert await asks_for_more(house, person) == "APPROVED"
    assert (await rows_of(person), await route_is_open()) == ([], True)
    assert not await ReconciliationResult.exists(reference__startswith="report-")


async def test_what_the_bureaus_list_has_named_is_no_news_in_a_report(house: World) -> None:
    person = await house.with_line()
    await stray(house, person, days_ago=3, purpose="LIMIT_INCREASE")
    assert Match.BUREAU_ONLY in (await results(house)).values()
    await opened_again(house)
    assert await asks_for_more(house, person) == "APPROVED"
    assert (await route_is_open(), len(await told(house, person)), len(await rows_of(person))) == (True, 1, 1)


async def test_a_second_record_on_the_day_of_ours_is_a_double_until_the_list_names_it(house: World) -> None:
    person = await house.with_line()
    first = (await trail(house, person)).row
    await house.advance(2)
    await stray(house, person, days_ago=2)
    await asks_for_more(house, person)
    (row,) = await rows_of(person)
    assert (row.result, str(first.id) in row.reference, await route_is_open()) == ("DUPLICATE", True, True)
    assert Match.BUREAU_ONLY in (await results(house)).values()
    assert not await route_is_open()
    await opened_again(house)
    await asks_for_more(house, person, "7000.00")
    assert [one.result for one in await rows_of(person)] == ["BUREAU_ONLY"]
    assert [leaf["result"] for leaf in await leaves_of(house, person, row)] == ["DUPLICATE", "MATCHED"]


@asynccontextmanager
async def another_bureau(world: World, store: Path) -> AsyncIterator[str]:
    """A bureau that was asked nothing yet: whatever we asked before, it shows none of it; its address."""
    with process("sims.bureau", store) as (_child, client):
        url = str(client.base_url).rstrip("/")
        await world.introduce_to(url)
        async with bureau_at(world, url):
            yield url


async def test_an_answered_inquiry_that_a_report_does_not_show_is_found_until_one_does(
    house: World, tmp_path: Path
) -> None:
    person = await house.with_line()
    first = (await trail(house, person)).row
    await house.advance(2)
    async with another_bureau(house, tmp_path / "other.sqlite"):
        assert await asks_for_more(house, person) == "APPROVED"
    (row,) = await rows_of(person)
    assert (row.result, row.recorded_at, await route_is_open()) == ("OURS_ONLY", None, True)
    assert (await leaves_of(house, person, row))[0]["inquiry"] == str(first.id)
    await asks_for_more(house, person, "7000.00")
    assert await rows_of(person) == []
    assert (await ReconciliationResult.get(id=row.id)).result == "MATCHED"


async def test_a_record_of_another_purpose_in_place_of_ours_is_found(house: World, tmp_path: Path) -> None:
    person = await house.with_line()
    first = (await trail(house, person)).row
    await house.advance(2)
    async with another_bureau(house, tmp_path / "other.sqlite") as url:
        await stray(house, person, days_ago=2, purpose="LIMIT_INCREASE", url=url)
        await asks_for_more(house, person)
    (row,) = await rows_of(person)
    assert (row.result, await route_is_open()) == ("PURPOSE_MISMATCH", True)
    assert (await leaves_of(house, person, row))[0]["inquiry"] == str(first.id)


async def test_a_report_that_is_destroyed_unread_was_compared_all_the_same(house: World) -> None:
    person, _ = await applied(house)
    await stray(house, person, days_ago=5)
    await withdrawn_in_flight(house, person, fault="TIMEOUT_AFTER")
    report = (await trail(house, person)).report
    assert report is not None
    assert (report.sealed, [row.result for row in await rows_of(person)]) == (None, ["BUREAU_ONLY"])
    assert (len(await told(house, person)), await route_is_open()) == (1, False)


def a_number(year: int) -> str:
    return make_id_number("990001", date(year, 7, 9), 1)


def with_number(person: Person, number: str) -> Person:
    return replace(person, id_number=number, applicant={**person.applicant, "idNumber": number})


async def test_a_report_of_a_number_that_was_corrected_is_compared_with_the_inquiries_about_it(house: World) -> None:
    first = await house.with_line()
    right = a_number(1985)
    fix = {"field": "ID_NUMBER", "value": right, "evidence": "The card was read wrongly."}
    made = await house.act("RequestCorrection", first, **fix)
    for who in ("privacy", "privacy2"):
        settled = {"requestId": made["request"]["id"], "accept": True, "note": NOTE}
        await house.act("SettleRequest", officer(who), **settled)
    await house.advance(2)
    assert await asks_for_more(house, first) == "APPROVED"  # what was asked about the old number is not missed
    assert (await trail(house, first)).row.id_number_index == house.house.desk.keys.index("id_number", right)
    second = await house.new()
    second.applicant = {**first.applicant, "phone": second.phone}
    await house.decided(second)  # and it is not nobody's in a report of that number
    assert (await trail(house, second)).report is not None
    assert (await rows_of(first), await rows_of(second), await route_is_open()) == ([], [], True)


async def test_a_strangers_record_is_known_and_told_when_the_stranger_becomes_a_customer(house: World) -> None:
    person = with_number(await house.new(), a_number(1987))
    await stray(house, person, days_ago=20)
    assert Match.BUREAU_ONLY in (await results(house)).values()
    await opened_again(house)
    await house.decided(person)
    (row,) = await rows_of(person)
    assert (row.result, len(await told(house, person)), await route_is_open()) == ("BUREAU_ONLY", 1, True)
    assert len(await leaves_of(house, person, row)) == 1
    assert await results(house) == {str((await trail(house, person)).row.id): Match.MATCHED}
