"""The same work by libraries that know nothing of this project."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy_financial
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending.amortising import by_instalment, level_instalment
from app.domain.lending.annual_cost import annual_cost, effective_rate, simple_cost
from app.domain.lending.interest import Interest
from app.domain.lending.product import Method
from app.domain.lending.schedule import schedule
from app.domain.money import RATE_SCALE, Rate
from tests.domain.lending.cases import dailies, days, fast, methods, principals, terms_months

FINE = 10**9
BELOW_A_FEN = 1e-6


def flows_of(principal: int, daily: Rate, drawn: date, count: int, method: Method) -> list[tuple[date, int]]:
    plan = schedule(principal, Interest(daily), drawn, count, method)
    return [(drawn, principal), *((row.due_on, -row.amount_minor) for row in plan)]


@fast
@given(principals, dailies, days, terms_months, methods)
def test_the_annual_cost_is_what_pyxirr_finds(
    principal: int, daily: Rate, drawn: date, count: int, method: Method
) -> None:
    flows = flows_of(principal, daily, drawn, count, method)
    found = pyxirr.xirr([day for day, _ in flows], [float(amount) for _, amount in flows])
    assert found is not None
    assert abs(annual_cost(flows).scaled / RATE_SCALE - found) <= 0.5e-4 + 1e-9


@fast
@given(principals, st.integers(1, 3_000_000), st.integers(1, 60))
def test_a_rate_of_periods_is_what_numpy_financial_finds(principal: int, rate: int, count: int) -> None:
    paid = level_instalment(principal, [rate] * count, RATE_SCALE)
    amounts = [principal] + [-paid] * count
    if sum(amounts) == 0:
        return
    ours = effective_rate(list(range(count + 1)), amounts, 1, year=1, unit=10**8) / 10**8
    assert abs(ours - numpy_financial.irr(amounts)) <= 1e-7


@fast
@given(principals, st.integers(1, 3_000_000), st.integers(1, 60))
def test_the_level_instalment_is_what_numpy_financial_finds(principal: int, rate: int, count: int) -> None:
    theirs = -numpy_financial.pmt(rate / RATE_SCALE, count, principal)
    assert abs(level_instalment(principal, [rate] * count, RATE_SCALE) - theirs) <= 0.5 + BELOW_A_FEN * theirs


@fast
@given(principals, st.integers(1, 3_000_000), st.integers(1, 60))
def test_unrounded_rows_are_what_numpy_financial_finds(principal: int, rate: int, count: int) -> None:
    rates = [rate] * count
    parts = by_instalment(principal * FINE, rates, RATE_SCALE, level_instalment(principal * FINE, rates, RATE_SCALE))
    theirs = numpy_financial.ipmt(rate / RATE_SCALE, range(1, count + 1), count, principal)
    for part, other in zip(parts, theirs, strict=True):
        assert abs(part.interest_minor / FINE + other) <= BELOW_A_FEN * principal


@fast
@given(principals, dailies, days, terms_months, methods)
def test_the_simple_cost_leaves_nothing_of_the_flows(
    principal: int, daily: Rate, drawn: date, count: int, method: Method
) -> None:
    flows = flows_of(principal, daily, drawn, count, method)
    rate = simple_cost(flows).scaled

    def left(scaled: Fraction) -> Fraction:
        balance = Fraction(flows[0][1])
        for (before, _), (after, amount) in pairwise(flows):
            balance = balance * (1 + scaled * (after - before).days / (365 * RATE_SCALE)) + amount
        return balance

    assert left(Fraction(rate) - 5_000) <= 0 <= left(Fraction(rate) + 5_000)
