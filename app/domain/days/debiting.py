"""When what is due is collected from the customer's account: on the due day, then a few more times, never twice a day."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.lending.accrual import Position

PRESENT_AFTER_DAYS = (0, 1, 3, 7)
"""How many days after a due day each try is made; after the last of them the customer pays in another way."""
TRIES_MAX = len(PRESENT_AFTER_DAYS)


@dataclass(frozen=True, slots=True)
class Presentation:
    """A debit to be presented: for which due day, which try, and all that is to be paid by then, in fen."""

    due_on: date
    number: int
    amount_minor: int


def presentation(owed: Position, tries_by_due_day: dict[date, int]) -> Presentation | None:
    """What to present on the day of the position; None when nothing is due, or it is not the day for a try.

    `tries_by_due_day` counts the debits of the loan so far by the due day that they were for. Days that nobody
    presented on are not made up for: the next try comes on the next day that the book sees. A debit asks for all that
    is to be paid by now, so the newest due day leads, and an older debt has its tries again with it.
    """
    due_days = [item.due_on for item in owed.due if item.total_minor > 0]
    if not due_days:
        return None
    newest = max(due_days)
    tries = tries_by_due_day.get(newest, 0)
    if tries >= TRIES_MAX or (owed.as_of - newest).days < PRESENT_AFTER_DAYS[tries]:
        return None
    return Presentation(newest, tries + 1, owed.due_minor)


def next_try_on(due_on: date, number: int) -> date | None:
    """The day of the try that follows try `number`; None after the last."""
    return due_on + timedelta(days=PRESENT_AFTER_DAYS[number]) if number < TRIES_MAX else None
