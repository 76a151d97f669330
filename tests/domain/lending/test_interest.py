from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import add_months
from app.domain.lending.interest import MAX_LEAST_DAYS, DayCount, Interest, thirty_days
from app.domain.money import Rate
from tests.domain.lending.cases import days, fast, fen

MONTHS = DayCount.THIRTY_360
TWELVE = Rate.parse("0.12")


@pytest.mark.parametrize(
    ("interest", "right"),
    [
        (Interest(Rate.parse("0.0004")), "0.80"),
        (Interest(Rate.parse("0.146"), per_days=365), "0.80"),
        (Interest(Rate.parse("0.144"), per_days=360), "0.80"),
        (Interest(Rate.parse("0.00000001")), "0.00"),
        (Interest(Rate(0)), "0.00"),
    ],
)
def test_the_base_of_the_year_is_part_of_the_rate(interest: Interest, right: str) -> None:
    assert interest.on(1_000_00, date(2028, 2, 28), date(2028, 3, 1)) == fen(right)


def test_a_year_of_366_days_bears_366_days_and_the_base_stays() -> None:
    assert Interest(Rate.parse("0.365"), per_days=365).on(1_000_00, date(2028, 1, 1), date(2029, 1, 1)) == 366_00
    assert Interest(Rate.parse("0.365"), per_days=365).on(1_000_00, date(2027, 1, 1), date(2028, 1, 1)) == 365_00


@pytest.mark.parametrize(
    ("start", "end", "due_day", "right"),
    [
        ("2026-01-31", "2026-02-28", 31, 30),
        ("2026-02-28", "2026-03-31", 31, 30),
        ("2028-01-30", "2028-02-29", 30, 30),
        ("2026-01-29", "2026-02-28", 29, 30),
        ("2026-02-28", "2026-03-29", 29, 30),
        ("2026-01-28", "2026-02-28", 28, 30),
        ("2026-01-10", "2027-01-10", 10, 360),
        ("2026-01-31", "2026-02-15", 15, 15),
        ("2026-01-05", "2026-02-15", 15, 40),
        ("2026-02-28", "2026-03-01", 31, 1),
        ("2026-03-10", "2026-03-10", 10, 0),
    ],
)
def test_contractual_months_have_thirty_days(start: str, end: str, due_day: int, right: int) -> None:
    interest = Interest(TWELVE, per_days=360, day_count=MONTHS, due_day=due_day)
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert interest.days(first, last) == thirty_days(first, last, due_day) == right
    assert interest.weight(first, last) == TWELVE.scaled * right


@fast
@given(days, st.integers(1, 60), st.integers(1, 31))
def test_any_two_neighbouring_due_days_are_a_month_apart(start: date, months: int, due_day: int) -> None:
    one, two = add_months(start, months, due_day), add_months(start, months + 1, due_day)
    assert thirty_days(one, two, due_day) == 30


@fast
@given(days, st.integers(0, 800), st.integers(1, 31))
def test_days_of_months_never_run_backwards(start: date, span: int, due_day: int) -> None:
    interest = Interest(TWELVE, per_days=360, day_count=MONTHS, due_day=due_day)
    at = start + timedelta(span)
    assert interest.days(start, at) <= interest.days(start, at + timedelta(1)) + 1
    assert interest.days(start, start) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"per_days": 364},
        {"per_days": 0},
        {"due_day": 0},
        {"due_day": 32},
        {"day_count": MONTHS},
        {"least_days": -1},
        {"least_days": MAX_LEAST_DAYS + 1},
    ],
)
def test_what_no_contract_says_is_no_interest(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"day"):
        Interest(Rate(1), **changes)


def test_actual_days_are_actual_whatever_the_due_day() -> None:
    for due_day in (None, 10, 31):
        assert Interest(TWELVE, per_days=360, due_day=due_day).days(date(2026, 1, 31), date(2026, 2, 28)) == 28
    assert Interest(TWELVE, least_days=MAX_LEAST_DAYS).least_days == MAX_LEAST_DAYS


def test_another_rounding_may_be_handed_in() -> None:
    down = Interest(Rate.parse("0.0004"), rounding=lambda numerator, denominator: numerator // denominator)
    assert down.on(62_50, date(2026, 3, 10), date(2026, 3, 11)) == 2
    assert Interest(Rate.parse("0.0004")).on(62_50, date(2026, 3, 10), date(2026, 3, 11)) == 3
