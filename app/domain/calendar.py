"""Business days and due days: a day is a day of UTC+8, a due day comes back after a short month."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta, timezone

BUSINESS_ZONE = timezone(timedelta(hours=8))
MONTHS_A_YEAR = 12
SHORTEST_MONTH = 28
LONGEST_MONTH = 31
ADVANCE_DAYS_MAX = 400  # that the sandbox's business date is moved at once


class NaiveMoment(ValueError):
    """A moment without a zone belongs to no business day."""

    def __init__(self) -> None:
        super().__init__("a moment needs its zone")


def business_date(now: datetime) -> date:
    """The business day that `now` falls in, whatever the zone it is written in.

    Raises:
        NaiveMoment: `now` has no zone.
    """
    if now.utcoffset() is None:
        raise NaiveMoment
    return now.astimezone(BUSINESS_ZONE).date()


def start_of_business_day(day: date) -> datetime:
    """The first moment of a business day, with its zone."""
    return datetime.combine(day, time.min, BUSINESS_ZONE)


def add_months(start: date, months: int, day: int) -> date:
    """The contractual `day` (1 to 31) of the month `months` after `start`'s, clamped to that month's end.

    Due dates are counted from the draw, so that a clamp never lasts: 31 January, 28 February, 31 March.

    Raises:
        ValueError: no such contractual day, or a year outside the calendar.
    """
    years, month = divmod(start.month - 1 + months, MONTHS_A_YEAR)
    return due_day_in(start.year + years, month + 1, day)


def due_day_in(year: int, month: int, day: int) -> date:
    """The contractual `day` (1 to 31) of a month, clamped to its end.

    Raises:
        ValueError: no such contractual day, or a month outside the calendar.
    """
    if not 1 <= day <= LONGEST_MONTH:
        raise ValueError("a contractual day is 1 to 31")
    if day > SHORTEST_MONTH:
        day = min(day, monthrange(year, month)[1])
    return date(year, month, day)
