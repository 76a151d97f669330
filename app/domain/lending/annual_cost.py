"""The annual cost of dated flows: the one place where a yearly rate is solved for.

The rate x solves sum(flow / (1 + x) ** (days / 365)) = 0 (PBoC announcement 2021 no. 3, method IRR). It is
found in floating point and then proved: the sum is looked at on both sides of the printed figure, in floats
where its sign is beyond doubt and in 60 digits where it is not.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise
from math import exp, expm1, floor, log, log1p
from operator import mul

from app.domain.money import RATE_SCALE, Rate

YEAR_DAYS = 365
PLACES = 4
MAX_FLOWS = 1000
MAX_STEPS = 100
MAX_CORRECTIONS = 8
# The logarithm of 1 + x is sought between these: from -99.98 % to some 500 million times a year.
LEAST_LOG, MOST_LOG = -8.5, 20.0

_UNIT = 10**PLACES
# A step this short leaves the next digits right too; the proof mends what it does not.
_NEAR = 1e-8
_SURE = 1e-12
_DIGITS = 60
_ZERO = Decimal("1e-45")


class NoAnnualCost(ValueError):
    """No rate solves the flows: they all go one way, fall on one day, or the rate is beyond all bounds."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"no annual cost: {fact}")
        self.fact = fact


class SeveralAnnualCosts(ValueError):
    """The flows turn more than once, so that more than one rate may solve them."""

    def __init__(self, turns: int) -> None:
        super().__init__(f"the flows turn {turns} times, an annual cost needs one")
        self.turns = turns


def _by_day(flows: Sequence[tuple[date, int]]) -> tuple[list[int], list[int]]:
    """Days from the first flow and whole amounts, one per day, the first amount positive."""
    if len(flows) > MAX_FLOWS:
        raise NoAnnualCost(f"more than {MAX_FLOWS} flows")
    sums: dict[date, int] = {}
    for day, amount in flows:
        sums[day] = sums.get(day, 0) + amount
    kept = sorted((day, amount) for day, amount in sums.items() if amount)
    if not kept:
        raise NoAnnualCost("nothing flows")
    first, opening = kept[0]
    sign = 1 if opening > 0 else -1
    return [(day - first).days for day, _ in kept], [sign * amount for _, amount in kept]


def _check_one_turn(amounts: list[int]) -> int:
    """The index of the first negative amount, when no positive one follows it."""
    turns = sum(1 for one, two in pairwise(amounts) if (one > 0) != (two > 0))
    if turns == 0:
        raise NoAnnualCost("all flows go one way")
    if turns > 1:
        raise SeveralAnnualCosts(turns)
    return next(index for index, amount in enumerate(amounts) if amount < 0)


def _guess(days: list[int], amounts: list[int], turn: int) -> float:
    """The logarithm of 1 + x of one sum paid and one repaid at the middle of each side."""
    given, taken = sum(amounts[:turn]), -sum(amounts[turn:])
    middle_given = sum(d * a for d, a in zip(days[:turn], amounts[:turn], strict=True)) / given
    middle_taken = -sum(d * a for d, a in zip(days[turn:], amounts[turn:], strict=True)) / taken
    return log(taken / given) * YEAR_DAYS / (middle_taken - middle_given)


def _root(days: list[int], amounts: list[int], turn: int) -> float:
    """The logarithm of 1 + x by Newton's steps in a bracket: seen from the turn, the sum rises with it."""
    origin = days[turn]
    years = [(day - origin) / YEAR_DAYS for day in days]
    low, high = LEAST_LOG, MOST_LOG
    at = min(max(_guess(days, amounts, turn), low), high)
    for _ in range(MAX_STEPS):
        terms = [amount * exp(-at * year) for amount, year in zip(amounts, years, strict=True)]
        value = sum(terms)
        slope = -sum(map(mul, terms, years))
        low, high = (at, high) if value < 0 else (low, at)
        following = at - value / slope if slope > 0 else low
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - at) <= _NEAR:
            return following
        at = following
    return at


def _sign(days: list[int], amounts: list[int], mark: int) -> int:
    """Where the true rate lies from `mark` halves of the last printed place: 1 above, -1 below, 0 upon it."""
    growth = log1p(mark / (2 * _UNIT)) / YEAR_DAYS
    terms = [amount * exp(-growth * day) for day, amount in zip(days, amounts, strict=True)]
    value = sum(terms)
    if abs(value) > _SURE * sum(map(abs, terms)):
        return -1 if value > 0 else 1
    return _exact_sign(days, amounts, mark)


def _exact_sign(days: list[int], amounts: list[int], mark: int) -> int:
    """`_sign` in 60 digits; a sum below 1e-45 of what went into it is a tie."""
    with localcontext() as context:
        context.prec = _DIGITS
        growth = (1 + Decimal(mark) / (2 * _UNIT)).ln() / YEAR_DAYS
        terms = [amount * (-growth * day).exp() for day, amount in zip(days, amounts, strict=True)]
        value = sum(terms, Decimal(0))
        if abs(value) <= _ZERO * sum(map(abs, terms), Decimal(0)):
            return 0
        return -1 if value > 0 else 1


def _rounded(days: list[int], amounts: list[int], near: float) -> int:
    """The rate in units of the last printed place, HALF_UP, proved on both sides of `near`, the float."""
    units: int = floor(near * _UNIT + 0.5)
    for _ in range(MAX_CORRECTIONS):
        above = _sign(days, amounts, 2 * units + 1)
        below = _sign(days, amounts, 2 * units - 1)
        # Upon a tie the figure goes away from zero, so below zero the lower mark is out and the upper one in.
        if above > 0 or (above == 0 and units >= 0):
            units += 1
        elif below < 0 or (below == 0 and units <= 0):
            units -= 1
        else:
            return units
    raise NoAnnualCost("the figure could not be proved")


def annual_cost(flows: Sequence[tuple[date, int]]) -> Rate:
    """The yearly rate at which dated flows (fen, received positive) cancel out; actual days over 365.

    Returned to four decimals, HALF_UP, exact. Flows that sum to zero cost exactly zero.

    Raises:
        NoAnnualCost: one-sided flows, all on one day, too many, or a rate beyond the bounds.
        SeveralAnnualCosts: the flows turn more than once.
    """
    days, amounts = _by_day(flows)
    turn = _check_one_turn(amounts)
    if sum(amounts) == 0:
        return Rate(0)
    root = _root(days, amounts, turn)
    if not LEAST_LOG + 1e-6 < root < MOST_LOG - 1e-6:
        raise NoAnnualCost("the rate is beyond all bounds")
    return Rate(_rounded(days, amounts, expm1(root)) * (RATE_SCALE // _UNIT))
