from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending import annual_cost as module
from app.domain.lending.annual_cost import NoAnnualCost, SeveralAnnualCosts, annual_cost, simple_cost
from app.domain.lending.interest import Interest
from app.domain.lending.product import Method
from app.domain.lending.schedule import schedule
from app.domain.money import RATE_SCALE, Rate, half_up
from tests.domain.lending.cases import (
    case,
    dailies,
    days,
    fast,
    fen,
    methods,
    principals,
    slow,
    terms_months,
)

START = date(2026, 1, 1)
Flows = list[tuple[date, int]]


def loan_flows(principal: int, daily: Rate, drawn: date, count: int, method: Method) -> Flows:
    plan = schedule(principal, Interest(daily), drawn, count, method)
    return [(drawn, principal), *((row.due_on, -row.amount_minor) for row in plan)]


def after(*flows: tuple[int, int]) -> Flows:
    """Flows by days from a fixed day."""
    return [(START + timedelta(offset), amount) for offset, amount in flows]


def proved(flows: Flows, rate: Rate) -> bool:
    """Whether the rate lies within half a basis point, by 60 digits of our own."""
    first = min(day for day, _ in flows)
    with localcontext() as context:
        context.prec = 60
        worths = []
        for half in (-5_000, 5_000):
            growth = 1 + Decimal(rate.scaled + half) / RATE_SCALE
            worths.append(sum(amount * growth ** (Decimal((first - day).days) / 365) for day, amount in flows))
    return worths[0] <= 0 <= worths[1]


@pytest.mark.parametrize(("name", "method"), [("C001b", Method.LEVEL_INSTALMENT), ("C006", Method.INTEREST_FIRST)])
def test_the_annual_cost_of_a_loan_is_right(name: str, method: Method) -> None:
    inputs = case(name)["inputs"]
    drawn = date.fromisoformat(inputs["drawn"])
    flows = loan_flows(fen(inputs["principal"]), Rate.parse(inputs["daily"]), drawn, inputs["n"], method)
    assert annual_cost(flows).text(4) == case(name)["expected"]["aprXirr365"]


def test_a_loan_without_interest_costs_exactly_nothing() -> None:
    assert annual_cost(loan_flows(1_000_00, Rate(0), START, 7, Method.LEVEL_INSTALMENT)) == Rate(0)


def test_the_order_and_the_side_of_flows_do_not_matter() -> None:
    flows = loan_flows(12_000_00, Rate(40_000), date(2026, 3, 10), 12, Method.LEVEL_INSTALMENT)
    assert annual_cost(flows[::-1]) == annual_cost([(day, -amount) for day, amount in flows]) == annual_cost(flows)


def test_flows_of_one_day_count_as_their_sum() -> None:
    fee_deducted = [*after((0, 100_000), (0, -1_000)), *after((365, -104_940))]
    assert annual_cost(fee_deducted).text(4) == "0.0600"


@pytest.mark.parametrize("years", [1, 2, 3])
@pytest.mark.parametrize("bp", [0, 1_234, 2_399])
def test_a_tie_is_decided_exactly_and_its_neighbours_too(bp: int, years: int) -> None:
    given_ = 20_000**years * 10**4
    taken = (20_000 + 2 * bp + 1) ** years * 10**4
    for change, expected in ((-1, bp), (0, bp + 1), (1, bp + 1)):
        assert annual_cost(after((0, given_), (365 * years, -(taken + change)))).scaled == expected * 10**4


def test_a_tie_below_zero_goes_away_from_zero() -> None:
    given_, taken = 20_000 * 10**6, (20_000 - 2 * 1_234 - 1) * 10**6
    for change, expected in ((-1, -1_235), (0, -1_235), (1, -1_234)):
        assert annual_cost(after((0, given_), (365, -(taken + change)))).scaled == expected * 10**4


@pytest.mark.parametrize("error", [-1e-5, 0.0, 1e-5])
@pytest.mark.parametrize(("bp", "expected"), [(1_234, 1_235), (0, 1), (-1, -1), (-1_235, -1_235)])
def test_a_tie_does_not_depend_on_which_side_the_float_lies(bp: int, expected: int, error: float) -> None:
    amounts = [20_000, -(20_000 + 2 * bp + 1)]

    def side(mark: int) -> int:
        return module._side([0, 365], amounts, 365, 10_000, mark)

    assert module.proved(side, bp + 0.5 + error, 1e-4) == expected


def test_sixty_digits_decide_where_floats_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    exact = module._exact_side

    def counted(times: list[int], amounts: list[int], year: int, unit: int, mark: int) -> int:
        asked.append(mark)
        return exact(times, amounts, year, unit, mark)

    monkeypatch.setattr(module, "_exact_side", counted)
    given_ = 20_000 * 10**12
    assert annual_cost(after((0, given_), (365, -(22_469 * 10**12 - 1)))).scaled == 1_234 * 10**4
    assert set(asked) == {2_469}


def test_a_poor_float_is_mended_by_the_proof() -> None:
    flows = loan_flows(12_000_00, Rate(40_000), date(2026, 3, 10), 12, Method.LEVEL_INSTALMENT)
    days_, amounts, _ = module._by_day(flows)
    right = annual_cost(flows).scaled // 10**4

    def side(mark: int) -> int:
        return module._side(days_, amounts, 365, 10_000, mark)

    for off in (-3.2, -0.4, 0.0, 0.4, 3.2):
        assert module.proved(side, right + off, 4.0) == right
    with pytest.raises(NoAnnualCost):
        module.proved(side, right + 1_000.0, 4.0)


def test_a_float_far_from_a_tie_needs_no_proof() -> None:
    def never(mark: int) -> int:
        raise AssertionError(mark)

    assert module.proved(never, 1_234.4, 0.05) == 1_234
    assert module.proved(never, -1_234.4, 0.05) == -1_234
    with pytest.raises(AssertionError):
        module.proved(never, 1_234.4, 0.2)


def test_extreme_rates_are_found_or_refused() -> None:
    assert annual_cost(after((0, 150_00), (9, -191_99))) > Rate(1_000 * RATE_SCALE)
    assert annual_cost(after((0, 100_00), (365, -1_00))).text(4) == "-0.9900"
    with pytest.raises(NoAnnualCost):
        annual_cost(after((0, 1), (1, -2)))
    with pytest.raises(NoAnnualCost):
        annual_cost(after((0, 10**9), (30, -1)))


@pytest.mark.parametrize("flows", [[], after((0, 100)), after((0, 100), (30, 5)), after((0, 100), (0, -100))])
def test_flows_that_never_turn_have_no_annual_cost(flows: Flows) -> None:
    with pytest.raises(NoAnnualCost):
        annual_cost(flows)


def test_flows_that_turn_twice_are_refused() -> None:
    with pytest.raises(SeveralAnnualCosts) as refused:
        annual_cost(after((0, 100), (30, -230), (60, 132)))
    assert refused.value.turns == 2


def test_more_flows_than_the_maximum_are_refused() -> None:
    with pytest.raises(NoAnnualCost):
        annual_cost(after(*((offset, 1) for offset in range(module.MAX_FLOWS)), (2_000, -5_000)))


@slow
@given(principals, dailies, days, terms_months, methods)
def test_every_annual_cost_is_within_half_a_basis_point(
    principal: int, daily: Rate, drawn: date, count: int, method: Method
) -> None:
    flows = loan_flows(principal, daily, drawn, count, method)
    assert proved(flows, annual_cost(flows))


@slow
@given(
    st.lists(st.tuples(st.integers(0, 800), st.integers(1, 10**9)), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(801, 2_000), st.integers(1, 10**9)), min_size=1, max_size=12),
)
def test_flows_of_any_shape_are_solved_or_refused(
    given_: list[tuple[int, int]], taken: list[tuple[int, int]]
) -> None:
    flows = after(*given_, *((offset, -amount) for offset, amount in taken))
    try:
        rate = annual_cost(flows)
    except NoAnnualCost:
        # No rate lies further out than that of all sums on the two days nearest to each other.
        received, paid = sum(a for _, a in given_), sum(a for _, a in taken)
        nearest = min(day for day, _ in taken) - max(day for day, _ in given_)
        furthest = log(paid / received) * 365 / nearest
        assert not module.LEAST_LOG + 1e-6 < furthest < module.MOST_LOG - 1e-6
    else:
        assert proved(flows, rate)


@fast
@given(
    st.integers(10**9, 10**12),
    st.integers(1, 60_000).map(Rate),
    st.integers(0, 2_000).map(lambda n: START + timedelta(n)),
)
def test_one_period_costs_what_its_days_compound_to(principal: int, daily: Rate, drawn: date) -> None:
    flows = loan_flows(principal, daily, drawn, 1, Method.LEVEL_INSTALMENT)
    span = (flows[1][0] - drawn).days
    effective = (1 + float(Fraction(daily.scaled * span, RATE_SCALE))) ** (365 / span) - 1
    assert abs(annual_cost(flows).scaled - half_up(round(effective * 10**12), 10**4)) <= 5_010


def test_the_simple_cost_of_a_loan_without_fees_is_its_nominal_rate() -> None:
    for method in (Method.LEVEL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST, Method.DAILY):
        flows = loan_flows(1_200_000_00, Rate(40_000), date(2026, 3, 10), 12, method)
        assert simple_cost(flows).text(4) == "0.1460"
        assert annual_cost(flows) >= simple_cost(flows)


def test_a_fee_taken_from_the_payout_costs_what_was_not_received() -> None:
    assert simple_cost(after((0, 100_000), (0, -1_000), (365, -104_940))).text(4) == "0.0600"
    assert simple_cost(after((0, 100_000), (73, -101_000))).text(4) == "0.0500"


def test_the_simple_cost_rounds_a_tie_up_and_its_neighbours_to_their_sides() -> None:
    given_ = 20_000 * 10**6
    for change, expected in ((-1, 1_234), (0, 1_235), (1, 1_235)):
        taken = (20_000 + 2 * 1_234 + 1) * 10**6 + change
        assert simple_cost(after((0, given_), (365, -taken))).scaled == expected * 10**4


def test_a_loan_without_interest_has_no_simple_cost() -> None:
    assert simple_cost(loan_flows(1_000_00, Rate(0), START, 7, Method.LEVEL_INSTALMENT)) == Rate(0)


def test_flows_without_a_simple_cost_are_refused() -> None:
    with pytest.raises(NoAnnualCost):
        simple_cost(after((0, 100), (30, -99)))
    with pytest.raises(NoAnnualCost):
        simple_cost(after((0, 100), (30, 5)))
    with pytest.raises(NoAnnualCost):
        simple_cost(after((0, 1), (1, -(10**6))))
    with pytest.raises(SeveralAnnualCosts):
        simple_cost(after((0, 100), (30, -230), (60, 132)))


def test_what_simple_interest_leaves_is_reckoned_over_every_gap() -> None:
    # 7.3 % a year, in halves of a basis point; three gaps, held as whole numbers.
    mark, gaps, amounts = 1_460, [30, 61, 31], [100_000, -30_000, -30_000, -41_000]
    left = Fraction(amounts[0])
    for gap, amount in zip(gaps, amounts[1:], strict=True):
        left = left * (1 + Fraction(mark * gap, 20_000 * 365)) + amount
    assert module._left(gaps, amounts, mark) == left * (20_000 * 365) ** 3


def test_a_simple_tie_over_several_gaps_goes_up_and_its_neighbours_to_their_sides() -> None:
    # Half a basis point above 12.34 %: after two half-years of 73 days each nothing is left.
    half = Fraction(2_469, 20_000) / 5
    given_ = 10**14
    middle = 4 * 10**13
    taken = (given_ * (1 + half) - middle) * (1 + half)
    assert taken.denominator == 1
    for change, expected in ((-1, 1_234), (0, 1_235), (1, 1_235)):
        flows = after((0, given_), (73, -middle), (146, -(int(taken) + change)))
        assert simple_cost(flows).scaled == expected * 10**4


def test_one_fen_too_little_has_no_simple_cost_and_one_too_much_has_some() -> None:
    with pytest.raises(NoAnnualCost) as refused:
        simple_cost(after((0, 1_000), (30, -999)))
    assert refused.value.fact == "less is paid back than was received"
    assert simple_cost(after((0, 1_000), (365, -1_001))).text(4) == "0.0010"
