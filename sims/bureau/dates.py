"""Months counted back from a report, on the bureau's day (UTC+8)."""

import calendar
from datetime import date, datetime, timedelta, timezone

BUREAU_ZONE = timezone(timedelta(hours=8))


def day_of(moment: datetime) -> date:
    """The bureau's day."""
    return moment.astimezone(BUREAU_ZONE).date()


def month_back(day: date, months: int) -> str:
    """The month that many months before, e.g. 2025-11."""
    return f"{day_back(day, months):%Y-%m}"


def months_between(month: str, day: date) -> int:
    """How many months a month, e.g. 2025-11, lies before that of `day`."""
    return day.year * 12 + day.month - int(month[:4]) * 12 - int(month[5:])


def day_back(day: date, months: int) -> date:
    """The same day that many months before, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
