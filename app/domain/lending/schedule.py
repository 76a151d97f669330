"""The repayment plan of a loan, exact to the fen.

One core splits a balance over periods of given rates; plans by actual days, plans by months and re-levelled
plans are all made by it. Rates are whole numerators over one scale, so that nothing is rounded but interest,
the level instalment and equal parts: HALF_UP, once each.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from app.domain.calendar import add_months
from app.domain.lending.product import Method
from app.domain.money import MAX_AMOUNT_MINOR, RATE_SCALE, Rate, half_up

MAX_INSTALMENTS = 60


class NegativeAmortisation(ValueError):
    """A period's interest is more than the level instalment: the balance would grow."""

    def __init__(self, number: int) -> None:
        super().__init__(f"the interest of row {number} is more than the instalment")
        self.number = number


class NotSchedulable(ValueError):
    """No plan can be made of what was asked; `fact` names it."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"no plan can be made: {fact}")
        self.fact = fact


class Part(NamedTuple):
    """What one row takes, in fen."""

    principal_minor: int
    interest_minor: int


class Row(NamedTuple):
    """One instalment of a plan, in fen: `balance_minor` is what remains after it, `days` its actual days."""

    number: int
    due_on: date
    days: int
    amount_minor: int
    principal_minor: int
    interest_minor: int
    balance_minor: int


def level_instalment(balance_minor: int, rates: Sequence[int], scale: int) -> int:
    """The level instalment over periods of rates `rates[k] / scale`, in fen: P x prod(1 + r) / F, HALF_UP.

    F is the recurrence F_1 = 1, F_k = 1 + F_(k-1) (1 + r_k), held over a power of the scale to stay whole.
    """
    grown, future, power = scale + rates[0], 1, 1
    for rate in rates[1:]:
        power *= scale
        future = power + future * (scale + rate)
        grown *= scale + rate
    return half_up(balance_minor * grown, scale * future)


def _level(balance_minor: int, rates: Sequence[int], scale: int) -> list[Part]:
    instalment = level_instalment(balance_minor, rates, scale)
    parts = []
    for number, rate in enumerate(rates[:-1], start=1):
        interest = half_up(balance_minor * rate, scale)
        if interest > instalment:
            raise NegativeAmortisation(number)
        # A balance of a few fen is gone before the last row: never take more than is left.
        principal = min(instalment - interest, balance_minor)
        parts.append(Part(principal, interest))
        balance_minor -= principal
    parts.append(Part(balance_minor, half_up(balance_minor * rates[-1], scale)))
    return parts


def _equal_principal(balance_minor: int, rates: Sequence[int], scale: int) -> list[Part]:
    share = half_up(balance_minor, len(rates))
    parts = []
    for rate in rates[:-1]:
        principal = min(share, balance_minor)
        parts.append(Part(principal, half_up(balance_minor * rate, scale)))
        balance_minor -= principal
    parts.append(Part(balance_minor, half_up(balance_minor * rates[-1], scale)))
    return parts


def _interest_first(balance_minor: int, rates: Sequence[int], scale: int) -> list[Part]:
    interests = [half_up(balance_minor * rate, scale) for rate in rates]
    return [*(Part(0, interest) for interest in interests[:-1]), Part(balance_minor, interests[-1])]


def split(balance_minor: int, rates: Sequence[int], scale: int, method: Method) -> list[Part]:
    """A balance in fen split over periods of rates `rates[k] / scale`; the last row takes all that remains.

    Raises:
        NotSchedulable: no period, more than MAX_INSTALMENTS, an amount or a rate out of range, or a method
            without a plan.
        NegativeAmortisation: a level instalment that does not carry its interest.
    """
    if not 1 <= len(rates) <= MAX_INSTALMENTS:
        raise NotSchedulable(f"instalments are 1 to {MAX_INSTALMENTS}")
    if not 0 < balance_minor <= MAX_AMOUNT_MINOR:
        raise NotSchedulable("the amount is out of range")
    if scale <= 0 or min(rates) < 0:
        raise NotSchedulable("a rate is negative")
    if method is Method.LEVEL_INSTALMENT:
        return _level(balance_minor, rates, scale)
    if method is Method.EQUAL_PRINCIPAL:
        return _equal_principal(balance_minor, rates, scale)
    if method is Method.INTEREST_FIRST:
        return _interest_first(balance_minor, rates, scale)
    raise NotSchedulable(f"{method} has no plan")


def due_dates(drawn_on: date, term_months: int) -> list[date]:
    """The due dates of a loan: the day of the draw in each later month, clamped to its end and back again."""
    return [add_months(drawn_on, month, drawn_on.day) for month in range(1, term_months + 1)]


def schedule(principal_minor: int, daily: Rate, drawn_on: date, term_months: int, method: Method) -> tuple[Row, ...]:
    """The plan of a loan by actual days; principals sum to the loan and the last balance is zero.

    Interest of a row runs from the due day before it up to its own: the first day counts, the last does not.

    Raises:
        NotSchedulable: see `split`.
        NegativeAmortisation: see `split`.
    """
    if not 1 <= term_months <= MAX_INSTALMENTS:
        raise NotSchedulable(f"instalments are 1 to {MAX_INSTALMENTS}")
    dues = due_dates(drawn_on, term_months)
    days = [(due - start).days for start, due in zip([drawn_on, *dues], dues, strict=False)]
    parts = split(principal_minor, [daily.scaled * count for count in days], RATE_SCALE, method)
    rows = []
    balance = principal_minor
    for number, (due, count, (principal, interest)) in enumerate(zip(dues, days, parts, strict=True), start=1):
        balance -= principal
        rows.append(Row(number, due, count, principal + interest, principal, interest, balance))
    return tuple(rows)
