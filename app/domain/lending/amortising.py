"""A balance split into rows, exact to the fen: the core of every plan.

Rates of the periods are whole numerators over one scale, so that nothing is rounded but interest, the level
instalment and equal parts, once each. The last row takes all that remains. What rounds is handed in: the product
rounds HALF_UP, published figures of others are checked under their own rule.
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.domain.lending.product import Method
from app.domain.money import MAX_AMOUNT_MINOR, Rounding, half_up

MAX_INSTALMENTS = 60


class NotSchedulable(ValueError):
    """No plan can be made of what was asked; `fact` names it."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"no plan can be made: {fact}")
        self.fact = fact


class NegativeAmortisation(ValueError):
    """A period's interest is more than the level instalment: the balance would grow."""

    def __init__(self, number: int) -> None:
        super().__init__(f"the interest of row {number} is more than the instalment")
        self.number = number


class Part(NamedTuple):
    """What one row takes, in fen."""

    principal_minor: int
    interest_minor: int


def level_instalment(balance_minor: int, rates: Sequence[int], scale: int, rounding: Rounding = half_up) -> int:
    """The level instalment over periods of rates `rates[k] / scale`, in fen: P x prod(1 + r) / F, rounded once.

    F is the recurrence F_1 = 1, F_k = 1 + F_(k-1) (1 + r_k), held over a power of the scale to stay whole.
    """
    grown, future, power = scale + rates[0], 1, 1
    for rate in rates[1:]:
        power *= scale
        future = power + future * (scale + rate)
        grown *= scale + rate
    return rounding(balance_minor * grown, scale * future)


def by_instalment(
    balance_minor: int, rates: Sequence[int], scale: int, instalment_minor: int, rounding: Rounding = half_up
) -> list[Part]:
    """Rows of one given instalment, one for each rate; the last takes the rest, more or less.

    Raises:
        NegativeAmortisation: an instalment that does not carry its interest.
    """
    parts = []
    for number, rate in enumerate(rates[:-1], start=1):
        interest = rounding(balance_minor * rate, scale)
        if interest > instalment_minor:
            raise NegativeAmortisation(number)
        # A balance of a few fen is gone before the last row: never take more than is left.
        principal = min(instalment_minor - interest, balance_minor)
        parts.append(Part(principal, interest))
        balance_minor -= principal
    parts.append(Part(balance_minor, rounding(balance_minor * rates[-1], scale)))
    return parts


def until_repaid(
    balance_minor: int, rates: Sequence[int], scale: int, instalment_minor: int, rounding: Rounding = half_up
) -> list[Part]:
    """Rows of one given instalment until nothing remains, the last one smaller; at most one for each rate.

    Raises:
        NegativeAmortisation: an instalment that does not carry its interest.
        NotSchedulable: something remains after the last rate.
    """
    parts: list[Part] = []
    for number, rate in enumerate(rates, start=1):
        interest = rounding(balance_minor * rate, scale)
        if balance_minor + interest <= instalment_minor:
            return [*parts, Part(balance_minor, interest)]
        if interest > instalment_minor:
            raise NegativeAmortisation(number)
        parts.append(Part(instalment_minor - interest, interest))
        balance_minor -= instalment_minor - interest
    raise NotSchedulable(f"the instalment does not repay the loan in {len(rates)} rows")


def by_principals(
    principals: Sequence[int], rates: Sequence[int], scale: int, rounding: Rounding = half_up
) -> list[Part]:
    """Rows that repay given principals, each with the interest of the balance before it."""
    balance = sum(principals)
    parts = []
    for principal, rate in zip(principals, rates, strict=True):
        parts.append(Part(principal, rounding(balance * rate, scale)))
        balance -= principal
    return parts


def equal_principals(balance_minor: int, count: int, rounding: Rounding = half_up) -> list[int]:
    """A balance in equal shares; the last takes the rest, and none takes more than is left."""
    share = rounding(balance_minor, count)
    shares = []
    for _ in range(count - 1):
        shares.append(min(share, balance_minor))
        balance_minor -= shares[-1]
    return [*shares, balance_minor]


def split(
    balance_minor: int, rates: Sequence[int], scale: int, method: Method, rounding: Rounding = half_up
) -> list[Part]:
    """A balance in fen split over periods of rates `rates[k] / scale`; DAILY, like interest first, ends in one sum.

    Raises:
        NotSchedulable: no period, more than MAX_INSTALMENTS, an amount or a rate out of range.
        NegativeAmortisation: a level instalment that does not carry its interest.
    """
    if not 1 <= len(rates) <= MAX_INSTALMENTS:
        raise NotSchedulable(f"instalments are 1 to {MAX_INSTALMENTS}")
    if not 0 < balance_minor <= MAX_AMOUNT_MINOR:
        raise NotSchedulable("the amount is out of range")
    if scale <= 0 or min(rates) < 0:
        raise NotSchedulable("a rate is negative")
    if method is Method.LEVEL_INSTALMENT:
        instalment = level_instalment(balance_minor, rates, scale, rounding)
        return by_instalment(balance_minor, rates, scale, instalment, rounding)
    if method is Method.EQUAL_PRINCIPAL:
        principals = equal_principals(balance_minor, len(rates), rounding)
    else:
        principals = [*[0] * (len(rates) - 1), balance_minor]
    return by_principals(principals, rates, scale, rounding)
