"""Each day of the book is closed once: one accrual and one row of the tape for a loan and day, whoever runs it and when."""

import asyncio
from collections import Counter
from datetime import date, timedelta

import pytest

from app.api.scalars import encode_id
from app.domain.lending.accrual import interest_minor
from app.domain.money import Rate
from app.flows.book.end_of_day import run_due_days
from app.flows.days.closing import close_day, help_with_days
from models.connection import fetch
from models.loans import BookDay, Loan, Posting
from models.plumbing import BusinessClockRow
from tests.flows.days.collecting import accruals, borrower, business_date_of, tape, to_due_day
from tests.flows.payments.test_charging_off import charged_off
from tests.flows.rounds import books_agree
from tests.world import World


async def skip_days(days: int) -> None:
    """Let time pass with nobody at work."""
    clock = await BusinessClockRow.get(id=1)
    await BusinessClockRow.filter(id=1).update(offset_seconds=clock.offset_seconds + days * 86_400)


async def balances(loan: Loan) -> Counter[str]:
    """What each account of a loan holds."""
    held: Counter[str] = Counter()
    for row in await Posting.filter(loan_id=loan.id):
        held[row.destination] += row.amount_minor
        held[row.source] -= row.amount_minor
    return held


async def test_a_day_earns_once_however_often_and_by_how_many_it_is_closed(world: World) -> None:
    _, loan = await borrower(world, mandate=False)
    desk = world.house.desk
    start = await business_date_of(world)
    await skip_days(3)
    await asyncio.gather(run_due_days(desk), run_due_days(desk))
    await close_day(desk, start + timedelta(days=2))
    assert await help_with_days(desk) == 0
    rows = await tape(loan.id)
    assert list(rows) == [start + timedelta(days=number) for number in range(3)]
    assert set((await accruals(loan.id)).values()) == {1}
    daily = interest_minor(loan.principal_minor, Rate(loan.daily_scaled), 2)
    assert rows[start + timedelta(days=2)]["interest_minor"] == daily == (await balances(loan))["INTEREST_RECEIVABLE"]
    assert await run_due_days(desk) == 0
    assert await BookDay.filter(closed_at__isnull=True).count() == 0


async def test_a_payment_before_the_worker_came_closes_the_loans_own_days_first(world: World) -> None:
    person, loan = await borrower(world, mandate=False)
    start = await business_date_of(world)
    await skip_days(4)
    paid = {"amount": "500.00", "currency": "CNY"}
    await world.act("Repay", person, loanId=encode_id("Loan", loan.id), amount=paid)
    before = await tape(loan.id)
    assert list(before) == [start + timedelta(days=number) for number in range(4)]
    assert {row["outstanding_minor"] for row in before.values()} == {loan.principal_minor}
    await world.advance(1)
    after = await tape(loan.id)
    assert {day: after[day] for day in before} == before
    last = after[start + timedelta(days=4)]
    assert last["paid_principal_minor"] + last["paid_interest_minor"] == 50_000
    assert last["year_principal_minor"] == last["paid_principal_minor"]
    assert await books_agree(person) == []


async def test_lateness_ages_on_the_tape(world: World) -> None:
    person, loan = await borrower(world, mandate=False)
    due_on = await to_due_day(world, loan, later=32)
    rows = await tape(loan.id)
    at_due, first, later = rows[due_on], rows[due_on + timedelta(days=1)], rows[due_on + timedelta(days=31)]
    assert (at_due["past_due_minor"], at_due["days_past_due"], at_due["bucket"]) == (0, 0, "N")
    assert at_due["due_minor"] > 0
    assert (first["days_past_due"], first["bucket"], first["status"]) == (1, "1", "LATE")
    assert first["past_due_minor"] == at_due["due_minor"] + first["penalty_minor"]
    assert (later["days_past_due"], later["bucket"]) == (31, "2")
    assert await books_agree(person) == []


@pytest.mark.long
async def test_the_year_on_the_tape_begins_anew(world: World) -> None:
    person, loan = await borrower(world, mandate=False)
    await to_due_day(world, loan, later=32)
    paid = {"amount": "100.00", "currency": "CNY"}
    await world.act("Repay", person, loanId=encode_id("Loan", loan.id), amount=paid)
    today = await business_date_of(world)
    await world.advance((date(today.year + 1, 1, 2) - today).days)
    rows = await tape(loan.id)
    # it was paid in the present year unless the due day already lay in the next one
    year = [row for day, row in rows.items() if day.year == today.year and day >= today]
    assert {sum(_year(row)) for row in year} == {10_000}
    assert sum(_year(rows[date(today.year + 1, 1, 1)])) == 0
    assert await books_agree(person) == []


def _year(row: dict[str, int]) -> list[int]:
    return [row[f"year_{kind}_minor"] for kind in ("fee", "penalty", "interest", "principal", "over", "recovered")]


async def test_a_loan_repaid_on_a_day_has_that_days_row_and_no_later_one(world: World) -> None:
    person, loan = await borrower(world, mandate=False)
    await world.advance(2)
    today = await business_date_of(world)
    paid = {"amount": "4000.00", "currency": "CNY"}
    await world.act("Repay", person, loanId=encode_id("Loan", loan.id), amount=paid)
    await world.advance(3)
    rows = await tape(loan.id)
    assert max(rows) == today
    assert (rows[today]["status"], rows[today]["outstanding_minor"], rows[today]["interest_minor"]) == (
        "REPAID",
        0,
        0,
    )
    assert rows[today]["paid_over_minor"] > 0
    assert sum((await balances(loan)).values()) == 0
    assert await books_agree(person) == []


async def test_the_days_before_a_charge_off_stand_on_the_tape_as_they_were(world: World) -> None:
    person, loan = await borrower(world, mandate=False)
    await skip_days(125)
    day = await business_date_of(world)
    assert (await charged_off(world, loan.id))["__typename"] == "ApprovalPayload"
    await skip_days(1)
    paid = {"amount": "1.00", "currency": "CNY"}
    await world.act("Repay", person, loanId=encode_id("Loan", loan.id), amount=paid)
    status = {of: row["status"] for of, row in (await tape(loan.id)).items()}
    assert (status[day - timedelta(days=1)], status.pop(day)) == ("DEFAULTED", "CHARGED_OFF")
    assert set(status.values()) == {"CURRENT", "LATE", "DEFAULTED"}


async def test_a_book_of_an_older_release_begins_with_what_its_postings_hold(world: World) -> None:
    _, loan = await borrower(world, mandate=False)
    await world.advance(5)
    owed = (await balances(loan))["INTEREST_RECEIVABLE"]
    await fetch("DELETE FROM loan_day")
    await world.advance(1)
    rows = await tape(loan.id)
    assert len(rows) == 1
    (row,) = rows.values()
    assert row["interest_minor"] == (await balances(loan))["INTEREST_RECEIVABLE"] > owed


@pytest.mark.postgres
async def test_many_workers_share_a_days_pages_and_each_loan_is_closed_once(
    pg_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.flows.days.closing.PAGE", 1)
    loans = [(await borrower(pg_world, mandate=False))[1] for _ in range(5)]
    desk = pg_world.house.desk
    start = await business_date_of(pg_world)
    await skip_days(3)
    await asyncio.gather(run_due_days(desk), run_due_days(desk), help_with_days(desk), help_with_days(desk))
    for loan in loans:
        assert list(await tape(loan.id)) == [start + timedelta(days=number) for number in range(3)]
        assert set((await accruals(loan.id)).values()) == {1}
    assert {row.pages for row in await BookDay.filter(day__gte=start)} == {6}
