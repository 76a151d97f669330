"""What an end of day did: counts of the whole book, no person in it."""

from dataclasses import dataclass
from datetime import date

from app.domain.calendar import business_date
from app.flows.book.end_of_day import run_due_days
from app.flows.unit import Desk
from models.connection import fetch, plain
from models.loans import BookDay, Debit
from models.plumbing import BusinessClockRow

DAYS_MAX = 4000


@dataclass(frozen=True, slots=True)
class DayReport:
    """One day that was closed: loans on its tape, those of them that were late, and the pages that they were cut into."""

    day: date
    loans: int
    late: int
    pages: int


@dataclass(frozen=True, slots=True)
class EndOfDayReport:
    """What was done to bring the book to its business date."""

    business_date: date
    days: tuple[DayReport, ...]
    debits: int


async def end_of_days(desk: Desk) -> EndOfDayReport:
    """Run the end of every day that has passed and was not run; run again, it does nothing.

    Raises:
        StillWorking: another process keeps a part of a day for long.
    """
    before = await BusinessClockRow.get_or_none(id=1)
    debits = await Debit.all().count()
    await run_due_days(desk)
    today = business_date(await desk.refresh_clock())
    closed: list[BookDay] = []
    if before is not None:
        closed = await BookDay.filter(day__gte=before.book_date, day__lt=today).order_by("day").limit(DAYS_MAX)
    days = [await _told(row) for row in closed]
    return EndOfDayReport(today, tuple(days), await Debit.all().count() - debits)


async def _told(row: BookDay) -> DayReport:
    (found,) = await fetch(
        "SELECT count(*) AS loans, coalesce(sum(CASE WHEN days_past_due > 0 THEN 1 ELSE 0 END), 0) AS late"
        " FROM loan_day WHERE day = $1",
        plain(row.day),
    )
    return DayReport(row.day, int(found["loans"]), int(found["late"]), row.pages)
