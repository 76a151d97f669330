"""What is owed on a day: interest to the day, the penalty on what is overdue, and the whole payoff.

Interest is simple: what is unpaid bears none. Days are half-open: the first counts, the last does not. All days are
days of the calendar: a due day on a holiday stays where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.lending.interest import Interest
from app.domain.lending.product import Method
from app.domain.lending.schedule import Row
from app.domain.money import RATE_SCALE, Rate, half_up

NO_PENALTY = Rate(0)


class DayBeforeDraw(ValueError):
    """Nothing is owed on a day before the loan was drawn."""

    def __init__(self, day: date, drawn_on: date) -> None:
        super().__init__(f"{day} is before the draw of {drawn_on}")
        self.day = day
        self.drawn_on = drawn_on


class InstalmentStatus(StrEnum):
    """Where an instalment stands on a business day; neither the due day nor a day of grace is late."""

    SCHEDULED = "SCHEDULED"
    DUE = "DUE"
    LATE = "LATE"
    PAID = "PAID"


class Bucket(StrEnum):
    """Bands of days past due, by the signs of a credit report: N, then 1 to 7."""

    CURRENT = "N"
    DAYS_1_30 = "1"
    DAYS_31_60 = "2"
    DAYS_61_90 = "3"
    DAYS_91_120 = "4"
    DAYS_121_150 = "5"
    DAYS_151_180 = "6"
    DAYS_OVER_180 = "7"


BUCKETS = tuple(Bucket)
BUCKET_DAYS = 30


def bucket_of(days_late: int) -> Bucket:
    """The band of a number of days past due."""
    return BUCKETS[min((max(0, days_late) + BUCKET_DAYS - 1) // BUCKET_DAYS, len(BUCKETS) - 1)]


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What the contract of one loan fixed: fen, how interest counts, the penalty a day, the draw and the method.

    `penalty` runs on overdue principal, in place of interest, `interest_penalty` on overdue interest. Both run from the
    day after the due day, but what is paid within `grace_days` of it bears none.
    """

    principal_minor: int
    interest: Interest
    penalty: Rate
    drawn_on: date
    method: Method
    grace_days: int = 0
    interest_penalty: Rate = NO_PENALTY


@dataclass(frozen=True, slots=True)
class InstalmentState:
    """One instalment as it is kept, all amounts in fen.

    Its interest runs from `starts_on` to `due_on`; a part prepayment moves `starts_on`. `penalty_due` is the penalty
    fixed up to `penalty_to`; from there on it runs on what is still unpaid of the principal. The penalty on interest
    is kept in the same way, apart; while no day of it is fixed its `interest_penalty_to` is None.
    """

    number: int
    starts_on: date
    due_on: date
    principal_due: int
    interest_due: int
    penalty_to: date
    penalty_due: int = 0
    fee_due: int = 0
    principal_paid: int = 0
    interest_paid: int = 0
    penalty_paid: int = 0
    fee_paid: int = 0
    interest_penalty_to: date | None = None
    interest_penalty_due: int = 0
    interest_penalty_paid: int = 0

    @property
    def interest_open(self) -> int:
        """Interest not yet paid, in fen."""
        return self.interest_due - self.interest_paid

    @property
    def principal_open(self) -> int:
        """Principal not yet paid, in fen."""
        return self.principal_due - self.principal_paid


@dataclass(frozen=True, slots=True)
class Owed:
    """What one instalment still asks on a day, in fen: planned amounts before its due day, owed ones from it on."""

    number: int
    due_on: date
    status: InstalmentStatus
    days_late: int
    fee_minor: int
    penalty_minor: int
    interest_minor: int
    principal_minor: int
    interest_penalty_minor: int = 0

    @property
    def is_due(self) -> bool:
        """Whether it is to be paid by now."""
        return self.status in {InstalmentStatus.DUE, InstalmentStatus.LATE}

    @property
    def total_minor(self) -> int:
        """All together, in fen."""
        penalties = self.penalty_minor + self.interest_penalty_minor
        return self.fee_minor + penalties + self.interest_minor + self.principal_minor


@dataclass(frozen=True, slots=True)
class Position:
    """What a loan owes on a day, in fen.

    `accrued_minor` is the interest of the running period up to the day that is not paid yet, `accruing` the number of
    its instalment; None after the last due day and once all is paid.
    """

    as_of: date
    instalments: tuple[Owed, ...]
    accruing: int | None
    accrued_minor: int

    @property
    def due(self) -> tuple[Owed, ...]:
        """The instalments to be paid by now, oldest first."""
        return tuple(owed for owed in self.instalments if owed.is_due)

    @property
    def due_minor(self) -> int:
        """What is to be paid by now, in fen."""
        return sum(owed.total_minor for owed in self.due)

    @property
    def outstanding_minor(self) -> int:
        """Principal not yet repaid, due or not, in fen."""
        return sum(owed.principal_minor for owed in self.instalments)

    @property
    def interest_minor(self) -> int:
        """Interest earned and unpaid up to the day, in fen."""
        return sum(owed.interest_minor for owed in self.due) + self.accrued_minor

    @property
    def penalty_minor(self) -> int:
        """Penalty earned and unpaid up to the day, on principal and on interest, in fen."""
        return sum(owed.penalty_minor + owed.interest_penalty_minor for owed in self.instalments)

    @property
    def days_late(self) -> int:
        """Days since the oldest unpaid due day; zero when nothing is late."""
        return max((owed.days_late for owed in self.instalments), default=0)

    @property
    def bucket(self) -> Bucket:
        """The band of days past due."""
        return bucket_of(self.days_late)

    @property
    def settled(self) -> bool:
        """Whether nothing is owed any more, now or later."""
        return all(owed.status is InstalmentStatus.PAID for owed in self.instalments)


@dataclass(frozen=True, slots=True)
class Payoff:
    """What ends a loan on a day, in fen."""

    principal_minor: int
    interest_minor: int
    penalty_minor: int
    fee_minor: int

    @property
    def total_minor(self) -> int:
        """All together, in fen."""
        return self.principal_minor + self.interest_minor + self.penalty_minor + self.fee_minor


def interest_minor(balance_minor: int, daily: Rate, days: int) -> int:
    """Simple interest of a balance over whole days, HALF_UP to the fen."""
    return half_up(balance_minor * daily.scaled * days, RATE_SCALE)


def penalty_daily(daily: Rate, numerator: int, denominator: int, ceiling_yearly: Rate, day_base: int) -> Rate:
    """The daily rate on overdue principal, in place of the contract's: its multiple, cut to the yearly ceiling.

    Both are rounded down to eight decimals: a cap is kept exactly, and half a unit above it would be beyond it.

    Raises:
        ValueError: a multiple or a day base that is not positive.
    """
    if numerator <= 0 or day_base <= 0:
        raise ValueError("the multiple of a penalty and its day base are positive")
    return Rate(min(daily.scaled * numerator // denominator, ceiling_yearly.scaled // day_base))


def open_instalments(plan: Sequence[Row], drawn_on: date, fee_minor: int = 0) -> tuple[InstalmentState, ...]:
    """The instalments of a fresh loan, nothing paid; `fee_minor` (fen) falls due with each."""
    starts = [drawn_on, *(row.due_on for row in plan)]
    return tuple(
        InstalmentState(
            number=row.number,
            starts_on=start,
            due_on=row.due_on,
            principal_due=row.principal_minor,
            interest_due=row.interest_minor,
            penalty_to=row.due_on,
            fee_due=fee_minor,
        )
        for start, row in zip(starts, plan, strict=False)
    )


def in_grace(terms: LoanTerms, state: InstalmentState, as_of: date) -> bool:
    """Whether what is paid on a day bears no penalty yet."""
    return (as_of - state.due_on).days <= terms.grace_days


def penalty_total(terms: LoanTerms, state: InstalmentState, as_of: date) -> int:
    """All penalty on principal that an instalment has cost up to a day, paid or not, in fen."""
    if in_grace(terms, state, as_of):
        return state.penalty_due
    days = max(0, (as_of - state.penalty_to).days)
    return state.penalty_due + interest_minor(state.principal_open, terms.penalty, days)


def interest_penalty_total(terms: LoanTerms, state: InstalmentState, as_of: date) -> int:
    """All penalty on interest that an instalment has cost up to a day, paid or not, in fen."""
    if in_grace(terms, state, as_of):
        return state.interest_penalty_due
    days = max(0, (as_of - (state.interest_penalty_to or state.due_on)).days)
    return state.interest_penalty_due + interest_minor(state.interest_open, terms.interest_penalty, days)


def _status(terms: LoanTerms, state: InstalmentState, open_minor: int, as_of: date) -> InstalmentStatus:
    paid = state.principal_paid + state.interest_paid + state.penalty_paid + state.fee_paid
    if open_minor == 0 and (paid or as_of >= state.due_on):
        return InstalmentStatus.PAID
    if as_of < state.due_on:
        return InstalmentStatus.SCHEDULED
    return InstalmentStatus.DUE if in_grace(terms, state, as_of) else InstalmentStatus.LATE


def _owed(terms: LoanTerms, state: InstalmentState, as_of: date, *, ended: bool) -> Owed:
    penalty_open = penalty_total(terms, state, as_of) - state.penalty_paid
    interest_penalty = interest_penalty_total(terms, state, as_of) - state.interest_penalty_paid
    fee_open = state.fee_due - state.fee_paid
    total = penalty_open + interest_penalty + fee_open + state.interest_open + state.principal_open
    status = InstalmentStatus.PAID if ended else _status(terms, state, total, as_of)
    return Owed(
        number=state.number,
        due_on=state.due_on,
        status=status,
        days_late=(as_of - state.due_on).days if status is InstalmentStatus.LATE else 0,
        fee_minor=fee_open,
        penalty_minor=penalty_open,
        interest_minor=state.interest_open,
        principal_minor=state.principal_open,
        interest_penalty_minor=interest_penalty,
    )


def running(instalments: Sequence[InstalmentState], as_of: date) -> InstalmentState | None:
    """The instalment whose period holds the day; None after the last due day."""
    return next((state for state in instalments if as_of < state.due_on), None)


def charged_to(terms: LoanTerms, state: InstalmentState, as_of: date) -> date:
    """The day up to which a running period is charged: the day itself, or the end of the least days of the loan."""
    least = terms.drawn_on + timedelta(days=terms.interest.least_days)
    return min(max(as_of, least, state.starts_on), state.due_on)


def accrued_minor(terms: LoanTerms, instalments: Sequence[InstalmentState], as_of: date) -> int:
    """Interest of the running period up to the day, paid or not, in fen: on all principal that is not due yet."""
    state = running(instalments, as_of)
    if state is None:
        return 0
    balance = sum(later.principal_open for later in instalments if later.due_on > as_of)
    return terms.interest.on(balance, state.starts_on, charged_to(terms, state, as_of))


def _is_ended(state: InstalmentState) -> bool:
    return (
        state.principal_open == 0
        and state.interest_open == 0
        and state.fee_due == state.fee_paid
        and state.penalty_due == state.penalty_paid
        and state.interest_penalty_due == state.interest_penalty_paid
    )


def position(terms: LoanTerms, instalments: Sequence[InstalmentState], as_of: date) -> Position:
    """What a loan owes on a business day, all entries up to that day being in `instalments`.

    Raises:
        DayBeforeDraw: the day is before the draw.
    """
    if as_of < terms.drawn_on:
        raise DayBeforeDraw(as_of, terms.drawn_on)
    ended = all(map(_is_ended, instalments))
    owed = tuple(_owed(terms, state, as_of, ended=ended) for state in instalments)
    state = None if ended else running(instalments, as_of)
    accrued = accrued_minor(terms, instalments, as_of) - state.interest_paid if state else 0
    return Position(as_of, owed, state.number if state else None, accrued)


def payoff(owed: Position) -> Payoff:
    """What ends the loan on the day of the position: interest and fees of the time that was used and no other.

    Source: Civil Code 677.
    """
    return Payoff(
        principal_minor=owed.outstanding_minor,
        interest_minor=owed.interest_minor,
        penalty_minor=owed.penalty_minor,
        fee_minor=sum(item.fee_minor for item in owed.due),
    )
