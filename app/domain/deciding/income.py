"""One month's income as own data prove it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from app.domain.deciding.behaviour import BehaviourEvent, DataSource, EventKind

PROVEN_WINDOW = timedelta(days=183)
PROVEN_MONTHS_MIN = 3


def verified_income_minor(
    events: Sequence[BehaviourEvent], sources: frozenset[DataSource], as_of: date
) -> int | None:
    """The middle month's income in fen over half a year, the lower middle of an even count; None when not proven.

    Proven: payments are connected, and at least three months of the half year before `as_of` show income.
    """
    if DataSource.PAYMENTS not in sources:
        return None
    months: Counter[tuple[int, int]] = Counter()
    for event in events:
        if event.kind is EventKind.SALARY_IN and as_of - PROVEN_WINDOW <= event.occurred_on < as_of:
            months[event.occurred_on.year, event.occurred_on.month] += event.amount_minor
    if len(months) < PROVEN_MONTHS_MIN:
        return None
    ordered = sorted(months.values())
    return ordered[(len(ordered) - 1) // 2]
