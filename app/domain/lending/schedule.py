"""The dated repayment plan of a loan, exact to the fen."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from app.domain.calendar import MONTHS_A_YEAR, SHORTEST_MONTH, add_months, due_day_in
from app.domain.lending.amortising import (
    MAX_INSTALMENTS,
    NegativeAmortisation,
    NotSchedulable,
    Part,
    level_instalment,
    split,
    until_repaid,
)
from app.domain.lending.interest import DayCount, Interest
from app.domain.lending.product import Method
from app.domain.money import MAX_AMOUNT_MINOR


class OverDetermined(ValueError):
    """A term and an instalment were both given: one follows from the other, both would contradict the rate."""

    def __init__(self, term_months: int, instalment_minor: int) -> None:
        super().__init__("give the term or the instalment, not both")
        self.term_months = term_months
        self.instalment_minor = instalment_minor


class InstalmentTooSmall(ValueError):
    """The instalment repays nothing or takes longer than any plan; `least_minor` (fen) ends in time."""

    def __init__(self, instalment_minor: int, least_minor: int) -> None:
        super().__init__(f"an instalment of {instalment_minor} fen is too small, {least_minor} would do")
        self.instalment_minor = instalment_minor
        self.least_minor = least_minor


class Row(NamedTuple):
    """One instalment of a plan, in fen: `balance_minor` is what remains after it, `days` its actual days.

    `fee_minor` is asked beside `amount_minor` where the rows of a loan ask different fees.
    """

    number: int
    due_on: date
    days: int
    amount_minor: int
    principal_minor: int
    interest_minor: int
    balance_minor: int
    fee_minor: int = 0


def due_dates(
    drawn_on: date, term_months: int, *, due_day: int | None = None, first_days_least: int = 0
) -> list[date]:
    """The due dates of a loan: the contractual day (the draw's own, if none is named) of each later month.

    A short month clamps it and the next one brings it back. With a day of its own the first period is short or long:
    the first due date is the next such day after the draw, or the one a month on if that is sooner than
    `first_days_least` days.
    """
    day = due_day or drawn_on.day
    first = due_day_in(drawn_on.year, drawn_on.month, day)
    offset = 0 if first > drawn_on else 1
    if (add_months(drawn_on, offset, day) - drawn_on).days < first_days_least:
        offset += 1
    if day > SHORTEST_MONTH:
        return [add_months(drawn_on, month, day) for month in range(offset, offset + term_months)]
    months = drawn_on.year * MONTHS_A_YEAR + drawn_on.month - 1 + offset
    return [date(at // MONTHS_A_YEAR, at % MONTHS_A_YEAR + 1, day) for at in range(months, months + term_months)]


def weights(interest: Interest, starts_on: date, dues: Sequence[date]) -> list[int]:
    """The rates of the periods that end at `dues`, in parts of the interest's scale."""
    if interest.day_count is DayCount.ACTUAL:
        ordinals = [starts_on.toordinal(), *(due.toordinal() for due in dues)]
        return [interest.rate.scaled * (due - start) for start, due in pairwise(ordinals)]
    return [interest.weight(start, due) for start, due in pairwise([starts_on, *dues])]


def rows_of(parts: Sequence[Part], drawn_on: date, dues: Sequence[date]) -> tuple[Row, ...]:
    """Parts with their dates and the balance after each."""
    balance = sum(part.principal_minor for part in parts)
    rows = []
    start = drawn_on
    for number, ((principal, interest), due) in enumerate(zip(parts, dues, strict=False), start=1):
        balance -= principal
        rows.append(Row(number, due, (due - start).days, principal + interest, principal, interest, balance))
        start = due
    return tuple(rows)


def schedule(
    principal_minor: int,
    interest: Interest,
    drawn_on: date,
    term_months: int | None,
    method: Method,
    *,
    instalment_minor: int | None = None,
    first_days_least: int = 0,
) -> tuple[Row, ...]:
    """The plan of a loan; principals sum to the loan and the last balance is zero.

    Interest of a row runs from the due day before it up to its own: the first day counts, the last does not. A level
    plan may be asked for by its instalment in place of its term; then its last row is smaller. DAILY has one row, at
    the end of the term.

    Raises:
        OverDetermined: a term and an instalment.
        InstalmentTooSmall: an instalment that would not repay the loan within MAX_INSTALMENTS.
        NotSchedulable, NegativeAmortisation: see `split`.
    """
    if instalment_minor is not None:
        if term_months is not None:
            raise OverDetermined(term_months, instalment_minor)
        return _by_instalment(principal_minor, interest, drawn_on, method, instalment_minor, first_days_least)
    if term_months is None or not 1 <= term_months <= MAX_INSTALMENTS:
        raise NotSchedulable(f"instalments are 1 to {MAX_INSTALMENTS}")
    dues = due_dates(drawn_on, term_months, due_day=interest.due_day, first_days_least=first_days_least)
    if method is Method.DAILY:
        dues = dues[-1:]
    parts = split(principal_minor, weights(interest, drawn_on, dues), interest.scale, method, interest.rounding)
    return rows_of(parts, drawn_on, dues)


def _by_instalment(
    principal_minor: int,
    interest: Interest,
    drawn_on: date,
    method: Method,
    instalment_minor: int,
    first_days_least: int,
) -> tuple[Row, ...]:
    if method is not Method.LEVEL_INSTALMENT:
        raise NotSchedulable("only a level plan follows from its instalment")
    if not 0 < principal_minor <= MAX_AMOUNT_MINOR:
        raise NotSchedulable("the amount is out of range")
    dues = due_dates(drawn_on, MAX_INSTALMENTS, due_day=interest.due_day, first_days_least=first_days_least)
    rates = weights(interest, drawn_on, dues)
    try:
        parts = until_repaid(principal_minor, rates, interest.scale, instalment_minor, interest.rounding)
    except (NegativeAmortisation, NotSchedulable):
        least = level_instalment(principal_minor, rates, interest.scale, interest.rounding)
        # One fen a row makes good for what rounding may take from each.
        raise InstalmentTooSmall(instalment_minor, least + 1) from None
    return rows_of(parts, drawn_on, dues)
