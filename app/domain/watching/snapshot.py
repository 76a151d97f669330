"""One line as watching sees it: own data only, as of one business date. No bureau's answer has a place here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

SALARY_ABSENT_DAYS = 60
SALARY_MONTHS_MIN = 3
MONTHS_A_YEAR = 12

ACTIVE = "ACTIVE"
FROZEN = "FROZEN"
CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A line on a business date. Amounts are fen; `used_minor` counts payouts on their way.

    `used_before_minor` and `limit_before_minor` are those of 30 days earlier; both None for a line that is younger.
    `income_stopped` is None when own data cannot tell.
    """

    status: str
    limit_minor: int
    used_minor: int
    limit_before_minor: int | None
    used_before_minor: int | None
    days_late: int
    missed_instalments: int
    draws_in_week: int
    device_changes_in_week: int
    income_stopped: bool | None

    def __post_init__(self) -> None:
        counts = (
            self.limit_minor,
            self.used_minor,
            self.days_late,
            self.missed_instalments,
            self.draws_in_week,
            self.device_changes_in_week,
        )
        if any(count < 0 for count in counts):
            raise ValueError("a line's figures are never negative")
        if (self.limit_before_minor is None) != (self.used_before_minor is None):
            raise ValueError("a line's earlier limit and use are known together or not at all")
        if self.status not in {ACTIVE, FROZEN, CLOSED}:
            raise ValueError(f"no such status of a line: {self.status}")

    @property
    def utilisation(self) -> Fraction:
        """Used of the limit, exact. More than 1 after a cut below what is used; 1 when a limit of nothing is used."""
        return _share(self.used_minor, self.limit_minor)

    @property
    def utilisation_before(self) -> Fraction | None:
        """The same 30 days ago, of the limit of then."""
        if self.limit_before_minor is None or self.used_before_minor is None:
            return None
        return _share(self.used_before_minor, self.limit_before_minor)

    @property
    def utilisation_jump(self) -> Fraction | None:
        """By which share of the limit the use grew in 30 days; None for a young line, never negative.

        Measured on the larger of the two limits: neither a raise nor a cut of ours may look like a jump.
        """
        if self.limit_before_minor is None or self.used_before_minor is None:
            return None
        grown = max(0, self.used_minor - self.used_before_minor)
        return _share(grown, max(self.limit_minor, self.limit_before_minor))


def _share(part: int, whole: int) -> Fraction:
    if whole > 0:
        return Fraction(part, whole)
    return Fraction(int(part > 0))


def income_stopped(salary_days: Iterable[date], as_of: date, *, payments_live: bool) -> bool | None:
    """Whether income that used to come has stopped: none for 60 days, after three months in a row that had some.

    None when own data cannot tell: payments are not connected, or income was never seen in three months in a row up
    to the last. Days may come in any order and twice; days after `as_of` are not known yet.
    """
    if not payments_live:
        return None
    days = {day for day in salary_days if day <= as_of}
    if not days:
        return None
    last = max(days)
    months = {day.year * MONTHS_A_YEAR + day.month for day in days}
    newest = last.year * MONTHS_A_YEAR + last.month
    if not months.issuperset(range(newest - SALARY_MONTHS_MIN + 1, newest + 1)):
        return None
    return as_of - last >= timedelta(days=SALARY_ABSENT_DAYS)
