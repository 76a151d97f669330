"""How a rate becomes interest: which days count, over which year, and the one rounding to the fen.

The first day counts and the last does not, so that nothing is owed for a loan repaid on the day of its draw, unless
the contract prints a least number of days.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.calendar import LONGEST_MONTH, due_day_in
from app.domain.money import RATE_SCALE, Rate, Rounding, half_up

DAY_BASES = (360, 365)
MONTH_DAYS = 30
MAX_LEAST_DAYS = 28


class DayCount(StrEnum):
    """Which days bear interest: all of the calendar, or thirty to each contractual month."""

    ACTUAL = "ACTUAL"
    THIRTY_360 = "THIRTY_360"


def thirty_days(start: date, end: date, due_day: int) -> int:
    """Days from `start` to `end` at thirty a month; between two due dates of `due_day` whole months, clamped or not."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * MONTH_DAYS + _day_of_thirty(end, due_day) - _day_of_thirty(start, due_day)


def _day_of_thirty(day: date, due_day: int) -> int:
    nominal = due_day if day == due_day_in(day.year, day.month, due_day) else day.day
    return min(nominal, MONTH_DAYS)


@dataclass(frozen=True, slots=True)
class Interest:
    """Simple interest as one contract counts it: `rate` for every `per_days` days, 1 for a daily rate.

    `due_day` is the contractual day of the month, None for the day of the draw; months of thirty days need it named.
    `least_days` are charged from the draw even when the money came back sooner. `rounding` makes whole fen of each
    period's interest.

    Raises:
        ValueError: a base, a due day or a least number of days that no contract has.
    """

    rate: Rate
    per_days: int = 1
    day_count: DayCount = DayCount.ACTUAL
    due_day: int | None = None
    least_days: int = 0
    rounding: Rounding = half_up

    def __post_init__(self) -> None:
        if self.per_days not in {1, *DAY_BASES}:
            raise ValueError("a rate is for a day, or for a year of 360 or 365 days")
        if self.due_day is not None and not 1 <= self.due_day <= LONGEST_MONTH:
            raise ValueError("a contractual day is 1 to 31")
        if self.day_count is DayCount.THIRTY_360 and self.due_day is None:
            raise ValueError("months of thirty days need the contractual day")
        if not 0 <= self.least_days <= MAX_LEAST_DAYS:
            raise ValueError(f"the least days charged are 0 to {MAX_LEAST_DAYS}")

    @property
    def scale(self) -> int:
        """The whole number that `weight` is a part of."""
        return RATE_SCALE * self.per_days

    def days(self, start: date, end: date) -> int:
        """The days that bear interest from `start` to `end`."""
        if self.day_count is DayCount.ACTUAL or self.due_day is None:
            return (end - start).days
        return thirty_days(start, end, self.due_day)

    def weight(self, start: date, end: date) -> int:
        """The rate of a period, in parts of `scale`."""
        return self.rate.scaled * self.days(start, end)

    def on(self, balance_minor: int, start: date, end: date) -> int:
        """The interest of a balance over a period, in whole fen."""
        return self.rounding(balance_minor * self.weight(start, end), self.scale)
