from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending.accrual import LoanTerms, open_instalments, payoff, position
from app.domain.lending.annual_cost import annual_cost
from app.domain.lending.interest import Interest
from app.domain.lending.product import DEFAULT_PRODUCT, PRODUCTS, Method, Payee, UnknownProduct, product_of
from app.domain.lending.quote import (
    AmountOutsideProduct,
    CeilingExceeded,
    CostKind,
    MethodNotOffered,
    QuoteFigures,
    TermNotOffered,
    greatest_daily,
    price,
    price_quote,
)
from app.domain.money import RATE_SCALE, Rate
from tests.domain.lending.cases import MOST_DAILY, case, days, fast, fen

WORKED: dict[str, Any] = {
    "amount_minor": 12_000_00,
    "term_months": 12,
    "method": None,
    "daily": Rate(40_000),
    "drawn_on": date(2026, 3, 10),
}


def quoted(**changes: Any) -> QuoteFigures:
    return price_quote(DEFAULT_PRODUCT, **{**WORKED, **changes})


def test_a_trial_shows_the_worked_figures() -> None:
    expected, figures = case("C001b")["expected"], quoted()
    assert figures.total_minor == fen(expected["total"]) == sum(row.amount_minor for row in figures.plan)
    assert figures.interest_minor == fen(expected["interest"])
    assert figures.apr.text(4) == expected["aprXirr365"]
    assert figures.nominal_yearly.text(4) == "0.1460"
    assert figures.penalty.text() == "0.00060000"
    assert figures.terms.method is Method.LEVEL_INSTALMENT


def test_the_same_terms_give_the_same_figures() -> None:
    assert price(quoted().terms) == quoted()


def test_the_cost_table_names_every_cost_and_what_is_paid_when_all_goes_well() -> None:
    figures = quoted()
    interest, penalty, prepayment = figures.costs
    assert (interest.kind, interest.amount_minor, interest.if_normal) == (CostKind.INTEREST, 975_31, True)
    assert (interest.daily, interest.yearly) == (Rate(40_000), figures.nominal_yearly)
    assert (penalty.kind, penalty.amount_minor, penalty.if_normal) == (CostKind.PENALTY, None, False)
    assert penalty.daily == figures.penalty
    assert (prepayment.kind, prepayment.amount_minor, prepayment.if_normal) == (CostKind.PREPAYMENT, 0, False)
    assert (prepayment.daily, prepayment.yearly, penalty.yearly) == (Rate(0), Rate(0), Rate(60_000 * 365))
    assert {item.payee for item in figures.costs} == {Payee.LENDER}
    assert [item.method.value for item in figures.costs] == [
        "BY_DAY_ON_PRINCIPAL",
        "BY_DAY_ON_OVERDUE_PRINCIPAL",
        "NONE",
    ]
    normal = sum(item.amount_minor or 0 for item in figures.costs if item.if_normal)
    assert figures.terms.amount_minor + normal == figures.total_minor


def test_a_loan_without_interest_shows_nothing_to_pay() -> None:
    figures = quoted(amount_minor=1_000_00, term_months=3, daily=Rate(0))
    assert [row.amount_minor for row in figures.plan] == [333_33, 333_33, 333_34]
    assert figures.apr == figures.nominal_yearly == figures.penalty == Rate(0)
    assert all(not item.amount_minor for item in figures.costs)


@pytest.mark.parametrize("amount", [0, -1, 99_99, 200_000_01])
def test_an_amount_outside_the_product_is_refused(amount: int) -> None:
    with pytest.raises(AmountOutsideProduct) as refused:
        quoted(amount_minor=amount)
    assert (refused.value.least_minor, refused.value.most_minor) == (100_00, 200_000_00)


@pytest.mark.parametrize("amount", [100_00, 200_000_00])
def test_the_least_and_the_largest_amount_are_sold(amount: int) -> None:
    assert quoted(amount_minor=amount).terms.amount_minor == amount


def test_an_amount_off_the_step_of_the_product_is_refused() -> None:
    whole_yuan = replace(DEFAULT_PRODUCT, draw_step_minor=100)
    assert price_quote(whole_yuan, **WORKED).terms.amount_minor == 12_000_00
    with pytest.raises(AmountOutsideProduct) as refused:
        price_quote(whole_yuan, **{**WORKED, "amount_minor": 12_000_01})
    assert refused.value.step_minor == 100


def test_a_term_or_method_that_is_not_offered_is_refused_with_what_is() -> None:
    with pytest.raises(TermNotOffered) as term:
        quoted(term_months=13)
    assert term.value.offered == (3, 6, 9, 12)
    for method in (Method.EQUAL_PRINCIPAL, Method.DAILY):
        with pytest.raises(MethodNotOffered) as refused:
            quoted(method=method)
        assert refused.value.offered == DEFAULT_PRODUCT.methods


def test_a_rate_that_could_cost_more_than_the_ceiling_is_refused() -> None:
    assert quoted(daily=Rate(MOST_DAILY)).apr <= DEFAULT_PRODUCT.ceiling_yearly
    with pytest.raises(CeilingExceeded) as refused:
        quoted(daily=Rate(MOST_DAILY + 1))
    assert refused.value.most == Rate(MOST_DAILY)


@pytest.mark.parametrize("ceiling", ["0", "0.12", "0.24", "0.36"])
def test_the_greatest_daily_rate_is_the_last_one_under_the_ceiling(ceiling: str) -> None:
    bound = (RATE_SCALE + Rate.parse(ceiling).scaled) * RATE_SCALE**364
    most = greatest_daily(Rate.parse(ceiling)).scaled
    assert (RATE_SCALE + most) ** 365 <= bound < (RATE_SCALE + most + 1) ** 365


def test_the_published_range_of_rates_keeps_the_ceiling() -> None:
    assert DEFAULT_PRODUCT.daily_least < DEFAULT_PRODUCT.daily_most <= Rate(MOST_DAILY)


@fast
@given(
    days,
    st.sampled_from(DEFAULT_PRODUCT.terms_months),
    st.sampled_from(DEFAULT_PRODUCT.methods),
    st.integers(0, 27),
    st.booleans(),
)
def test_no_performance_on_time_or_early_costs_more_than_the_ceiling(
    drawn: date, months: int, method: Method, offset: int, to_the_end: bool
) -> None:
    daily = Rate(MOST_DAILY)
    figures = quoted(amount_minor=200_000_00, term_months=months, method=method, daily=daily, drawn_on=drawn)
    terms = LoanTerms(200_000_00, Interest(daily), figures.penalty, drawn, method)
    states = open_instalments(figures.plan, drawn)
    flows = [(drawn, 200_000_00)]
    if to_the_end:
        flows += [(row.due_on, -row.amount_minor) for row in figures.plan]
    else:
        day = date.fromordinal(drawn.toordinal() + 1 + offset)
        flows.append((day, -payoff(position(terms, states, day)).total_minor))
    assert annual_cost(flows) <= DEFAULT_PRODUCT.ceiling_yearly


def test_a_product_keeps_its_version() -> None:
    assert product_of(DEFAULT_PRODUCT.version) is DEFAULT_PRODUCT
    assert all(version == product.version for version, product in PRODUCTS.items())
    with pytest.raises(UnknownProduct) as refused:
        product_of(0)
    assert refused.value.version == 0
