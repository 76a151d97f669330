"""Quotients of the cost report are exact, rounded once, and nothing where there is nothing to divide by."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.calendar import start_of_business_day
from app.domain.oversight.cost import CostReport, Period, PeriodWrong


def report(**counts: int) -> CostReport:
    empty = {
        "decisions": 0,
        "by_people": 0,
        "applicants": 0,
        "inquiries": 0,
        "avoided": 0,
        "measured": 0,
        "cpu_us": 0,
    }
    return CostReport(Period(), **{**empty, **counts})


def test_nothing_divided_by_nothing_is_nothing() -> None:
    empty = report()
    assert empty.inquiries_per_decision is None
    assert empty.avoided_per_1000_applicants is None
    assert empty.cpu_seconds_per_decision is None
    assert empty.cpu_seconds == 0


@pytest.mark.parametrize(
    ("inquiries", "decisions", "said"), [(2, 3, "0.6667"), (1, 8, "0.1250"), (0, 7, "0.0000"), (7, 7, "1.0000")]
)
def test_inquiries_for_each_decision_have_four_decimals(inquiries: int, decisions: int, said: str) -> None:
    assert str(report(inquiries=inquiries, decisions=decisions).inquiries_per_decision) == said


def test_a_half_is_rounded_up() -> None:
    assert report(avoided=1, applicants=16_000).avoided_per_1000_applicants == Decimal("0.1")
    assert report(cpu_us=3, measured=2).cpu_seconds_per_decision == Decimal("0.000002")


def test_processor_time_is_told_in_seconds_to_the_microsecond() -> None:
    found = report(cpu_us=1_234_567, measured=2)
    assert (str(found.cpu_seconds), str(found.cpu_seconds_per_decision)) == ("1.234567", "0.617284")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 2, 1), date(2026, 1, 31)),
        (date(1999, 12, 31), None),
        (None, date(3000, 1, 1)),
        (date.min, date.max),
    ],
)
def test_a_period_that_cannot_be_is_refused(first: date | None, last: date | None) -> None:
    with pytest.raises(PeriodWrong):
        Period(first, last)


def test_a_period_holds_its_last_day() -> None:
    day = Period(date(2026, 1, 31), date(2026, 1, 31))
    assert (day.ends - day.begins).total_seconds() == 86_400
    assert Period(None, date(2999, 12, 31)).ends == start_of_business_day(date(3000, 1, 1))
