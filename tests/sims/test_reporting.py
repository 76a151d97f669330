"""What lenders tell the bureau month by month: how it shows, what is not taken, and that it is no question."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx2
import pytest

from app.doors.bureau.decoding import FIELD_GROUPS, decode
from sims.bureau.app import build
from sims.bureau.people import person
from sims.bureau.reporting import Row, Told, outlived
from tests.sims.outsiders import id_number, in_memory, question

PERSON = id_number("005")


@pytest.fixture
async def bureau() -> AsyncIterator[httpx2.AsyncClient]:
    async with in_memory(build(":memory:", timeout_seconds=0)) as client:
        yield client


def account(days: int = 0, **changes: Any) -> dict[str, Any]:
    told = {
        "account": "L-1",
        "idNumber": PERSON,
        "granted": 12_000,
        "balance": 9_000,
        "due": 1_100,
        "overdue": 1_100 if days else 0,
        "daysPastDue": days,
        "openedOn": "2025-11-05",
        "noticedAt": "2026-01-20T10:00:00+08:00" if days else None,
    }
    return told | changes


async def tell(bureau: httpx2.AsyncClient, month: str, *accounts: dict[str, Any]) -> Any:
    file = {"institution": "B-OAK", "month": month, "reportedAt": f"{month}-28T23:00:00+08:00", "accounts": accounts}
    answer = await bureau.post("/accounts", json=file)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def shown(bureau: httpx2.AsyncClient) -> dict[str, Any]:
    """The account as the report of 2 March 2026 shows it."""
    report = (await bureau.post("/inquiries", json=question(PERSON))).json()["report"]
    decode(report, sorted(FIELD_GROUPS))
    (found,) = [one for one in report["PD01"] if one["PD01A"]["PD01AI02"] == "B-OAK"]
    return dict(found)


async def test_what_a_lender_tells_shows_in_the_next_report_and_is_no_question(bureau: httpx2.AsyncClient) -> None:
    await tell(bureau, "2025-11", account())
    await tell(bureau, "2026-01", account(31))
    assert (await tell(bureau, "2026-02", account(61)))["blocked"] == []
    counted = await bureau.post("/counts/search", json={"subject": PERSON})
    assert counted.json() == {"records": 0, "receptions": 0}
    found = await shown(bureau)
    assert found["PD01E"]["PD01ED01"].endswith("/N#23")
    assert (found["PD01A"]["PD01AD01"], found["PD01C"]["PD01CJ06"], found["PD01C"]["PD01CS02"]) == ("R4", 1_100, 3)


@pytest.mark.parametrize(
    ("days", "sign"), [(0, "N"), (1, "1"), (30, "1"), (31, "2"), (180, "6"), (181, "7"), (900, "7")]
)
def test_days_past_due_are_a_sign(days: int, sign: str) -> None:
    assert told(days).sign == sign


def told(days: int) -> Told:
    return Told.model_validate(account(days, openedOn=date(2015, 1, 5), noticedAt=None), strict=False)


async def test_bad_news_that_nobody_was_told_of_is_kept_out_and_the_rest_is_taken(bureau: httpx2.AsyncClient) -> None:
    late = "2026-03-05T10:00:00+08:00"
    answer = await tell(
        bureau,
        "2026-02",
        account(account="L-2"),
        account(5, noticedAt=None),
        account(5, account="L-3", noticedAt=late),
        account(account="L-4", openedOn="2026-03-01"),
        account(account="L-5", overdue=7),
    )
    codes = ["ADVERSE_WITHOUT_NOTICE", "ADVERSE_WITHOUT_NOTICE", "NOT_OPEN", "OVERDUE_UNCLEAR"]
    assert (answer["taken"], [one["code"] for one in answer["blocked"]]) == (1, codes)
    assert (await shown(bureau))["PD01E"]["PD01ED01"].endswith("/###N")


async def test_a_month_is_told_once_and_corrected_with_a_word(bureau: httpx2.AsyncClient) -> None:
    await tell(bureau, "2026-02", account(5))
    assert await tell(bureau, "2026-02", account(5)) == {"taken": 1, "blocked": []}
    other = await tell(bureau, "2026-02", account())
    assert other["blocked"] == [{"account": "L-1", "code": "TOLD_OTHERWISE"}]
    right: dict[str, Any] = {"institution": "B-OAK", "month": "2026-02", "reportedAt": "2026-03-01T09:00:00+08:00"}
    right |= {"account": account(), "annotation": "corrected on objection"}
    assert (await bureau.post("/accounts/corrections", json=right)).status_code == 204
    found = await shown(bureau)
    assert found["PD01E"]["PD01ED01"].endswith("###N")
    assert found["PD01Z"] == [{"PD01ZH": "corrected on objection"}]
    missing = await bureau.post("/accounts/corrections", json=right | {"month": "2026-01"})
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_TOLD")


def test_bad_months_go_five_years_after_their_default_has_ended() -> None:
    rows: list[Row] = [
        ("2020-11", told(5), ""),
        ("2020-12", told(35), ""),
        ("2021-03", told(0), ""),
        ("2021-04", told(5), ""),
    ]
    assert outlived(rows, date(2026, 2, 28)) == []
    assert outlived(rows, date(2026, 3, 1)) == ["2020-11", "2020-12"]  # the last has not ended yet
    assert outlived([*rows, ("2021-05", told(0), "")], date(2026, 5, 1)) == ["2020-11", "2020-12", "2021-04"]


def test_a_seed_chooses_the_people_and_the_same_seed_the_same() -> None:
    numbers = [id_number(f"{100 + n}") for n in range(20)]
    first, again, other = ([person(number, seed) for number in numbers] for seed in (1, 1, 2))
    assert first == again != other
    assert [person(id_number("001"), seed) for seed in (1, 2)] == [person(id_number("001"))] * 2
