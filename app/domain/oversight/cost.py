"""What deciding costs, in figures of the book: processor time, inquiries, and inquiries that own data spared."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.domain.calendar import start_of_business_day
from app.domain.money import half_up

FIRST_YEAR, LAST_YEAR = 2000, 2999
APPLICANTS = 1000
MICROSECONDS = 1_000_000
PER_DECISION_PLACES = 4
PER_APPLICANTS_PLACES = 1
SECONDS_PLACES = 6


class PeriodWrong(ValueError):
    """The period ends before it begins, or lies outside the calendar."""

    def __init__(self) -> None:
        super().__init__(
            f"a period runs from an earlier day to a later one, in the years {FIRST_YEAR} to {LAST_YEAR}"
        )


@dataclass(frozen=True, slots=True)
class Period:
    """Business days from one to another, both counted; None is without end on that side.

    Raises:
        PeriodWrong: it ends before it begins, or lies outside the years 2000 to 2999.
    """

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        days = [day for day in (self.first, self.last) if day is not None]
        if days != sorted(days) or any(not FIRST_YEAR <= day.year <= LAST_YEAR for day in days):
            raise PeriodWrong

    @property
    def begins(self) -> datetime:
        """The first moment of the period."""
        return start_of_business_day(self.first or date(FIRST_YEAR, 1, 1))

    @property
    def ends(self) -> datetime:
        """The first moment after the period."""
        return start_of_business_day((self.last or date(LAST_YEAR, 12, 31)) + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class CostReport:
    """Counts of one period, and what follows from them; a quotient by nothing is None.

    `decisions` are the machine's, first and only for each request; `by_people` are settlements of what it referred.
    `applicants` are the different customers among the decisions. `avoided` are requests that own data ruled out, so
    that the bureau was not asked. `inquiries` are recorded at the bureau, or may be. `measured` decisions have their
    processor time, `cpu_us` microseconds in all.
    """

    period: Period
    decisions: int
    by_people: int
    applicants: int
    inquiries: int
    avoided: int
    measured: int
    cpu_us: int

    @property
    def inquiries_per_decision(self) -> Decimal | None:
        """Four decimals."""
        return _quotient(self.inquiries, self.decisions, PER_DECISION_PLACES)

    @property
    def avoided_per_1000_applicants(self) -> Decimal | None:
        """One decimal."""
        return _quotient(self.avoided * APPLICANTS, self.applicants, PER_APPLICANTS_PLACES)

    @property
    def cpu_seconds(self) -> Decimal:
        """All processor time, to the microsecond."""
        return Decimal(self.cpu_us).scaleb(-SECONDS_PLACES)

    @property
    def cpu_seconds_per_decision(self) -> Decimal | None:
        """To the microsecond, over the decisions that were measured."""
        return _quotient(self.cpu_us, self.measured * MICROSECONDS, SECONDS_PLACES)


def _quotient(numerator: int, denominator: int, places: int) -> Decimal | None:
    if denominator == 0:
        return None
    return Decimal(half_up(numerator * 10**places, denominator)).scaleb(-places)
