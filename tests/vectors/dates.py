"""Vectors of days and due dates. The product counts actual days and thirty-day months; other counts stand here."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from app.domain.calendar import add_months
from app.domain.lending.interest import DayCount, Interest, thirty_days
from app.domain.money import Rate
from tests.vectors.reading import Inputs, NotApplicable, Why

PERIODS_A_YEAR = {"year": 1, "month": 12, "week": 52}


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def actual(start: date, end: date) -> int:
    """Days by the product's own count."""
    return Interest(Rate(0)).days(start, end)


def european(start: date, end: date) -> int:
    """30E/360: the 31st is a 30th. It is the product's count of a contractual day that no month clamps."""
    first, last = start.replace(day=min(start.day, 30)), end.replace(day=min(end.day, 30))
    return Interest(Rate(0), day_count=DayCount.THIRTY_360, due_day=1).days(first, last)


def american(start: date, end: date, *, february: bool = True) -> int:
    """30/360 US: a last 31st counts as the 30th only after a first 30th; two ends of February are both the 30th."""
    first, last = start.day, end.day
    if february and _february_end(start):
        last = 30 if _february_end(end) else last
        first = 30
    if last == 31 and first >= 30:
        last = 30
    first = min(first, 30)
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def _february_end(day: date) -> bool:
    return day.month == 2 and day == month_end(day)


def isda(start: date, end: date) -> Fraction:
    """ACT/ACT-ISDA: the days of each calendar year over that year's own length."""
    total = Fraction(0)
    while start < end:
        stop = min(end, date(start.year + 1, 1, 1))
        total += Fraction(actual(start, stop), 366 if calendar.isleap(start.year) else 365)
        start = stop
    return total


def backwards(start: date, end: date, unit: str) -> Fraction:
    """EU annex I: whole periods counted back from the end, then days over the year that ends where they stopped."""
    day = 31 if end == month_end(end) else end.day
    at, whole = end, 0
    while True:
        if unit == "week":
            earlier = at - timedelta(days=7)
        else:
            earlier = add_months(at, -12 if unit == "year" else -1, day)
        if earlier < start:
            break
        at, whole = earlier, whole + 1
    year = actual(add_months(at, -12, at.day), at)
    return Fraction(whole, PERIODS_A_YEAR[unit]) + Fraction(actual(start, at), year)


FRACTIONS: dict[str, Callable[[date, date], Fraction]] = {
    "ACT/360": lambda start, end: Fraction(actual(start, end), 360),
    "ACT/364": lambda start, end: Fraction(actual(start, end), 364),
    "ACT/365": lambda start, end: Fraction(actual(start, end), 365),
    "ACT/365F": lambda start, end: Fraction(actual(start, end), 365),
    "ACT/365.25": lambda start, end: Fraction(actual(start, end) * 4, 1461),
    "ACT/ACT": isda,
    "ACT/ACT-ISDA": isda,
    "30/360": lambda start, end: Fraction(european(start, end), 360),
    "30E/360": lambda start, end: Fraction(european(start, end), 360),
    "30/360-US": lambda start, end: Fraction(american(start, end, february=False), 360),
    "30U/360": lambda start, end: Fraction(american(start, end), 360),
    "30/360-BY-MONTHS": lambda start, end: Fraction(thirty_days(start, end, start.day), 360),
}


def year_fraction(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=year_fraction."""
    convention = inputs.text("convention").strip().upper()
    start, end = inputs.day("start"), inputs.day("end")
    if convention.startswith("EU-2008/48/EC"):
        unit = convention.removeprefix("EU-2008/48/EC").strip().lower() or "month"
        if unit in PERIODS_A_YEAR:
            return {"fraction": backwards(start, end, unit)}
    if convention in FRACTIONS:
        return {"fraction": FRACTIONS[convention](start, end)}
    raise NotApplicable(Why.UNKNOWN_CONVENTION, convention)


def day_count(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=day_count: DAYS360 unless a convention is named."""
    start, end = inputs.day("start"), inputs.day("end")
    if "convention" in inputs:
        named = inputs.text("convention").upper()
        if named.startswith("ACT"):
            return {"days": actual(start, end)}
        if not named.startswith("30"):
            raise NotApplicable(Why.UNKNOWN_CONVENTION, named)
        return {"days": european(start, end) if named.startswith(("30E", "30/360")) else american(start, end)}
    if str(inputs.raw.get("european", False)).lower() == "true":
        return {"days": european(start, end)}
    return {"days": _days360(start, end)}


def _days360(start: date, end: date) -> int:
    """DAYS360 in the American way: a last 31st after an earlier first day is the first of the next month."""
    first = 30 if start == month_end(start) else start.day
    year, month, last = end.year, end.month, end.day
    if end == month_end(end) and end.day == 31:
        last = 30 if first == 30 else 31
    return (year - start.year) * 360 + (month - start.month) * 30 + last - first


def shifted(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=add_months."""
    start, months = inputs.day("date", "start"), inputs.whole("months")
    return {"date": add_months(start, months, inputs.whole("day", "due_day", otherwise=start.day))}


def end_of_month(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=end_of_month: the last day of the month some months on."""
    start = inputs.day("date", "start")
    found = add_months(start, inputs.whole("months", otherwise=0), 31)
    return {"date": found, "end_of_month": found, "is_month_end": start == month_end(start)}


def due(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=due_dates: monthly from the first; at month's end the contractual day is the 31st."""
    first, count = inputs.day("first", "start"), inputs.whole("n", "count")
    day = 31 if inputs.raw.get("month_end") else inputs.whole("due_day", otherwise=first.day)
    found = [add_months(first, month, day) for month in range(count)]
    return {"first": found[0], "second": found[1] if count > 1 else None, "last": found[-1], "dates": found}
