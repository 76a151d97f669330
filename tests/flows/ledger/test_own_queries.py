"""A record that nobody announced is found by a report or by the bureau's list, whichever shows it first, and once."""

from collections.abc import AsyncIterator

import pytest

from app.domain.calendar import business_date
from app.domain.consent.reconciling import Match
from app.flows.ledger.route import route_is_open
from app.flows.reconciling.daily import reconcile
from tests.api.life import officer
from tests.flows.ledger.test_reconciling import opened_again, results, told
from tests.flows.strays import asks_for_more, leaves_of, rows_of, stray
from tests.flows.trail import trail
from tests.world import World


@pytest.fixture(autouse=True)
async def _an_open_route(house: World) -> AsyncIterator[None]:
    """What a test leaves shut, two officers open again, and what it leaves at the bureau is known."""
    yield
    await reconcile(house.house.desk)
    await opened_again(house)


async def test_a_record_that_nobody_announced_is_found_once_by_whatever_shows_it(house: World) -> None:
    person = await house.with_line()
    await reconcile(house.house.desk)
    moment = await stray(house, person, days_ago=40)
    assert await asks_for_more(house, person) == "APPROVED"  # the answer serves all the same
    (row,) = await rows_of(person)
    assert (row.result, row.recorded_at and business_date(row.recorded_at)) == ("BUREAU_ONLY", moment.date())
    (leaf,) = await leaves_of(house, person, row)
    assert (leaf["report"], leaf["reference"]) == (str((await trail(house, person)).row.id), row.reference)
    assert await told(house, person) == ["An inquiry that we did not announce"]
    seen = (await house.ask("BureauRoute", {}, officer("compliance").token))["oversight"]["bureauRoute"]
    assert (seen["isOpen"], seen["cause"]["reference"]) == (False, row.reference)

    await opened_again(house)
    assert await asks_for_more(house, person, "7000.00") == "APPROVED"
    ((reference, match),) = [
        (one, match) for one, match in (await results(house)).items() if match is not Match.MATCHED
    ]
    assert match is Match.BUREAU_ONLY
    (named,) = await rows_of(person)
    assert (named.id, named.reference, named.recorded_at) == (row.id, reference, moment)
    assert [leaf["reference"] for leaf in await leaves_of(house, person, row)] == [row.reference, reference]
    assert await asks_for_more(house, person, "8000.00") == "APPROVED"
    assert (await route_is_open(), len(await told(house, person)), len(await rows_of(person))) == (True, 1, 1)

    await stray(house, person, days_ago=40)  # a second one of that day is another
    await asks_for_more(house, person, "9000.00")
    assert (await route_is_open(), len(await told(house, person)), len(await rows_of(person))) == (False, 2, 2)
