"""Own data of one window, summed: the part of the features that reads events."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from app.domain.deciding.behaviour import BehaviourEvent, DataSource, EventKind

HALF_YEAR = timedelta(days=182)
QUARTER = timedelta(days=90)
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class OwnData:
    """What the events say. Amounts are fen (a month where said); None is "not known", never zero.

    Sums are of integers, so that the order of events cannot turn the last bit of a number.
    """

    income_minor: float | None
    income_instability: float | None
    income_months: float | None
    spending_minor: float | None
    shortfalls: float | None
    balance_minor: float | None
    balance_trend: float | None
    late_bill_share: float | None
    months_observed: float
    vouches: float

    @classmethod
    def of(cls, events: Sequence[BehaviourEvent], as_of: date) -> Self:
        """The sums over events that are already cut to the window and to the consented sources.

        Raises:
            ValueError: an amount is negative.
        """
        if any(event.amount_minor < 0 for event in events):
            raise ValueError("an amount of own data is never negative")
        kinds: dict[EventKind, list[BehaviourEvent]] = defaultdict(list)
        for event in events:
            kinds[event.kind].append(event)
        paid = [event for event in events if event.source is DataSource.PAYMENTS]
        months = len(_months(paid))
        income = _months(kinds[EventKind.SALARY_IN])
        spending = sum(event.amount_minor for event in kinds[EventKind.SPENDING])
        late, on_time = len(kinds[EventKind.BILL_LATE]), len(kinds[EventKind.BILL_ON_TIME])
        balances = kinds[EventKind.BALANCE]
        short = [event for event in kinds[EventKind.CASH_SHORTFALL] if event.occurred_on >= as_of - HALF_YEAR]
        return cls(
            income_minor=sum(income.values()) / months if paid else None,
            income_instability=_instability(list(income.values())),
            income_months=min(len(income), MONTHS_A_YEAR) if paid else None,
            spending_minor=spending / months if paid else None,
            shortfalls=len(short) if paid else None,
            balance_minor=_mean(balances),
            balance_trend=_trend(balances, as_of - QUARTER),
            late_bill_share=late / (late + on_time) if late + on_time else None,
            months_observed=min(
                len(_months([event for event in events if event.source is not DataSource.SOCIAL])), MONTHS_A_YEAR
            ),
            vouches=len(kinds[EventKind.CONTACT_VOUCHED]),
        )


def _months(events: Sequence[BehaviourEvent]) -> Counter[tuple[int, int]]:
    """The sum of amounts by calendar month; a month without events has no key."""
    sums: Counter[tuple[int, int]] = Counter()
    for event in events:
        sums[event.occurred_on.year, event.occurred_on.month] += event.amount_minor
    return sums


def _mean(events: Sequence[BehaviourEvent]) -> float | None:
    return sum(event.amount_minor for event in events) / len(events) if events else None


def _instability(amounts: Sequence[int]) -> float | None:
    """Mean absolute deviation over the mean; one month tells nothing."""
    count, total = len(amounts), sum(amounts)
    if count < 2 or total == 0:  # noqa: PLR2004
        return None
    return sum(abs(amount * count - total) for amount in amounts) / (count * total)


def _trend(balances: Sequence[BehaviourEvent], since: date) -> float | None:
    """The mean balance since a day over the mean before it; unknown while either part is empty or zero."""
    late = _mean([event for event in balances if event.occurred_on >= since])
    early = _mean([event for event in balances if event.occurred_on < since])
    return late / early if late is not None and early else None
