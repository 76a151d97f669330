"""The annual cost of dated flows: the one place where a yearly rate is solved for.

The rate x of `annual_cost` solves sum(flow / (1 + x) ** (days / 365)) = 0, the annualised comprehensive cost (PBoC
announcement 2021 no. 3, method IRR). That of `simple_cost` compounds at the flows only, as the contract's simple rate
does. Either is found in floating point within a bracket, with a bound on its error. Where the bound leaves two figures
to print, the sum is looked at on both sides of the figure, in exact numbers where floats leave its sign in doubt.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise
from math import exp, expm1, floor, log, log1p
from operator import mul, ne

from app.domain.money import RATE_SCALE, Rate

YEAR_DAYS = 365
PLACES = 4
MAX_FLOWS = 1000
MAX_STEPS = 100
MAX_CORRECTIONS = 8
# The logarithm of 1 + x is sought between these: from -99.98 % to some 500 million times a year.
LEAST_LOG, MOST_LOG = -8.5, 20.0
# A simple rate is sought between nothing and this many times a year.
MOST_SIMPLE = 1e6

_UNIT = 10**PLACES
# A Newton's step this short ends the search: over it no slope changes by a tenth, so that the root is within _ERROR.
_NEAR = 1e-8
_ERROR = 3e-8
_EDGE = 1e-6
_SURE = 1e-12
_DIGITS = 60
_ZERO = Decimal("1e-45")

Curve = Callable[[float], tuple[float, float]]
"""The value of flows at a rate, and its slope; it rises where the rate is sought."""


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


def bracketed_root(curve: Curve, low: float, high: float, start: float) -> float:
    """Where a rising curve crosses zero between `low` and `high`, by Newton's steps that never leave the bracket.

    Raises:
        NoAnnualCost: the curve does not cross within the bounds.
    """
    least, most = low + _EDGE, high - _EDGE
    at = min(max(start, low), high)
    for _ in range(MAX_STEPS):
        value, slope = curve(at)
        if abs(value) <= _NEAR * slope:
            at -= value / slope
            if least < at < most:
                return at
            break
        low, high = (at, high) if value < 0 else (low, at)
        following = at - value / slope if slope > 0 else low
        at = following if low < following < high else (low + high) / 2
    raise NoAnnualCost("the rate is beyond all bounds")


def proved(side: Callable[[int], int], near: float, error: float) -> int:
    """The whole number nearest to the true figure, HALF_UP, from a float that lies within `error` of it.

    Where that leaves two numbers `side(mark)` is asked where the true figure lies from `mark` halves: 1 above, -1
    below, 0 upon it.

    Raises:
        NoAnnualCost: the float lies further off than MAX_CORRECTIONS.
    """
    units: int = floor(near + 0.5)
    if floor(near - error + 0.5) == floor(near + error + 0.5):
        return units
    for _ in range(MAX_CORRECTIONS):
        above = side(2 * units + 1)
        below = side(2 * units - 1)
        # Upon a tie the figure goes away from zero, so below zero the lower mark is out and the upper one in.
        if above > 0 or (above == 0 and units >= 0):
            units += 1
        elif below < 0 or (below == 0 and units <= 0):
            units -= 1
        else:
            return units
    raise NoAnnualCost("the figure could not be proved")


def turn_of(amounts: Sequence[int]) -> int:
    """The index of the first amount of the other sign; the first amount is not zero.

    Raises:
        NoAnnualCost: all flows go one way. SeveralAnnualCosts: they turn more than once.
    """
    positive = [amount > 0 for amount in amounts]
    turns = sum(map(ne, positive, positive[1:]))
    if turns == 0:
        raise NoAnnualCost("all flows go one way")
    if turns > 1:
        raise SeveralAnnualCosts(turns)
    return positive.index(not positive[0])


def _by_day(flows: Sequence[tuple[date, int]]) -> tuple[list[int], list[int], int]:
    """Days from the first flow and whole amounts, one per day, the first amount positive; and where they turn."""
    if len(flows) > MAX_FLOWS:
        raise NoAnnualCost(f"more than {MAX_FLOWS} flows")
    sums: dict[int, int] = {}
    for day, amount in flows:
        ordinal = day.toordinal()
        sums[ordinal] = sums.get(ordinal, 0) + amount
    days = sorted(ordinal for ordinal, amount in sums.items() if amount)
    if not days:
        raise NoAnnualCost("nothing flows")
    first = days[0]
    amounts = [sums[ordinal] for ordinal in days]
    if amounts[0] < 0:
        amounts = [-amount for amount in amounts]
    return [ordinal - first for ordinal in days], amounts, turn_of(amounts)


def _guess(times: Sequence[int], amounts: Sequence[int], turn: int, year: int) -> float:
    """The logarithm of 1 + x of one sum paid and one repaid at the middle of each side."""
    given, taken = sum(amounts[:turn]), -sum(amounts[turn:])
    middle_given = sum(map(mul, times[:turn], amounts[:turn])) / given
    middle_taken = -sum(map(mul, times[turn:], amounts[turn:])) / taken
    guess: float = log(taken / given) * year / (middle_taken - middle_given)
    return guess


def _side(times: Sequence[int], amounts: Sequence[int], year: int, unit: int, mark: int) -> int:
    """Where the true rate lies from `mark` halves of a unit: 1 above, -1 below, 0 upon it."""
    growth = log1p(mark / (2 * unit)) / year
    terms = [amount * exp(-growth * time) for time, amount in zip(times, amounts, strict=True)]
    value = sum(terms)
    if abs(value) > _SURE * sum(map(abs, terms)):
        return -1 if value > 0 else 1
    return _exact_side(times, amounts, year, unit, mark)


def _exact_side(times: Sequence[int], amounts: Sequence[int], year: int, unit: int, mark: int) -> int:
    """`_side` in 60 digits; a sum below 1e-45 of what went into it is a tie."""
    with localcontext() as context:
        context.prec = _DIGITS
        growth = (1 + Decimal(mark) / (2 * unit)).ln() / year
        terms = [amount * (-growth * time).exp() for time, amount in zip(times, amounts, strict=True)]
        value = sum(terms, Decimal(0))
        if abs(value) <= _ZERO * sum(map(abs, terms), Decimal(0)):
            return 0
        return -1 if value > 0 else 1


def effective_rate(times: Sequence[int], amounts: Sequence[int], turn: int, *, year: int, unit: int) -> int:
    """The compound rate of a year, in parts of `unit`, that cancels flows at whole times, `year` of them to a year.

    The amounts before `turn` are positive, the others negative.

    Raises:
        NoAnnualCost: the rate is beyond the bounds.
    """
    origin = times[turn]
    years = [(origin - time) / year for time in times]
    pairs = list(zip(amounts, years, strict=True))

    def curve(at: float) -> tuple[float, float]:
        # Seen from the turn, the sum rises with the rate.
        terms = [amount * exp(at * time) for amount, time in pairs]
        return sum(terms), sum(map(mul, terms, years))

    root = bracketed_root(curve, LEAST_LOG, MOST_LOG, _guess(times, amounts, turn, year))
    near = expm1(root)
    error = _ERROR * (1 + near) * unit
    return proved(lambda mark: _side(times, amounts, year, unit, mark), near * unit, error)


def annual_cost(flows: Sequence[tuple[date, int]]) -> Rate:
    """The yearly rate at which dated flows (fen, received positive) cancel out; actual days over 365.

    Returned to four decimals, HALF_UP, exact. Flows that sum to zero cost exactly zero.

    Raises:
        NoAnnualCost: one-sided flows, all on one day, too many, or a rate beyond the bounds.
        SeveralAnnualCosts: the flows turn more than once.
    """
    days, amounts, turn = _by_day(flows)
    if sum(amounts) == 0:
        return Rate(0)
    return Rate(effective_rate(days, amounts, turn, year=YEAR_DAYS, unit=_UNIT) * (RATE_SCALE // _UNIT))


def _left(gaps: Sequence[int], amounts: Sequence[int], mark: int) -> int:
    """What is left of the flows when simple interest of `mark` halves of a unit runs between them, scaled up."""
    whole = 2 * _UNIT * YEAR_DAYS
    left, scale = amounts[0], 1
    for gap, amount in zip(gaps, amounts[1:], strict=True):
        scale *= whole
        left = left * (whole + mark * gap) + amount * scale
    return left


def simple_cost(flows: Sequence[tuple[date, int]]) -> Rate:
    """The simple yearly rate of dated flows: interest is due at each flow and bears none; actual days over 365.

    It is to be labelled simple wherever it is shown. To four decimals, HALF_UP, exact; never below zero.

    Raises:
        NoAnnualCost: see `annual_cost`; also flows that pay back less than was received.
        SeveralAnnualCosts: the flows turn more than once.
    """
    days, amounts, _ = _by_day(flows)
    if sum(amounts) > 0:
        raise NoAnnualCost("less is paid back than was received")
    gaps = [later - earlier for earlier, later in pairwise(days)]
    shares = [gap / YEAR_DAYS for gap in gaps]

    def curve(at: float) -> tuple[float, float]:
        left, slope = float(amounts[0]), 0.0
        for share, amount in zip(shares, amounts[1:], strict=True):
            slope = slope * (1 + at * share) + left * share
            left = left * (1 + at * share) + amount
        return left, slope

    if sum(amounts) == 0:
        return Rate(0)
    root = bracketed_root(curve, -2 * _EDGE, MOST_SIMPLE, 0.0)
    units = proved(lambda mark: _sign(-_left(gaps, amounts, mark)), root * _UNIT, _ERROR * _UNIT)
    return Rate(units * (RATE_SCALE // _UNIT))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
