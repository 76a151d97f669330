from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.lending.accrual import open_instalments, payoff, position
from app.domain.lending.allocation import Rules, allocate, rules_of
from app.domain.lending.interest import DayCount, Interest
from app.domain.lending.product import (
    ALLOCATION_ORDER,
    DEFAULT_PRODUCT,
    AllocationSequence,
    AllocationTarget,
    Fee,
    FeeKind,
    Method,
    NotYetSold,
    Payee,
    PrepaymentRule,
    product_on,
    register,
)
from app.domain.lending.quote import CeilingExceeded, CostKind, QuoteFigures, loan_terms, opened, plan_of, price_quote
from app.domain.money import Rate

GUARANTEE = Fee(FeeKind.GUARANTEE, Payee.GUARANTOR, Rate(200_000))


def test_the_product_sells_what_its_contract_says() -> None:
    product = DEFAULT_PRODUCT
    assert product.methods == (Method.LEVEL_INSTALMENT, Method.INTEREST_FIRST)
    assert max(product.terms_months) <= 12
    assert product.line_most_minor == 200_000_00
    assert product.ceiling_yearly.text(2) == "0.24"
    assert product.reading_seconds_least > 0


def test_costs_come_first_and_principal_last() -> None:
    assert [target.value for target in ALLOCATION_ORDER] == ["FEE", "PENALTY", "INTEREST", "PRINCIPAL"]
    assert AllocationTarget.OVERPAYMENT not in DEFAULT_PRODUCT.allocation_order


def test_a_product_offers_its_default_method() -> None:
    with pytest.raises(ValueError, match="default method"):
        replace(DEFAULT_PRODUCT, default_method=Method.DAILY)


@pytest.mark.parametrize("term", [0, 13])
def test_a_product_has_no_term_outside_a_year(term: int) -> None:
    with pytest.raises(ValueError, match="twelve months"):
        replace(DEFAULT_PRODUCT, terms_months=(3, term))


@pytest.mark.parametrize(
    "changes",
    [
        {"day_base": 364},
        {"grace_days": -1},
        {"prepayment_rules": ()},
        {"fees": (GUARANTEE, GUARANTEE)},
    ],
)
def test_a_product_has_no_figure_that_no_contract_prints(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"day|grace"):
        replace(DEFAULT_PRODUCT, **changes)


SECOND = replace(DEFAULT_PRODUCT, version=2, effective_from=date(2027, 1, 1), grace_days=3)


def test_a_later_version_is_sold_from_its_day_and_the_older_one_is_kept() -> None:
    products = register((DEFAULT_PRODUCT, SECOND))
    assert product_on(date(2026, 12, 31), products) is DEFAULT_PRODUCT
    assert product_on(date(2027, 1, 1), products) is SECOND
    assert products[1] is DEFAULT_PRODUCT
    assert product_on(DEFAULT_PRODUCT.effective_from) is DEFAULT_PRODUCT
    with pytest.raises(NotYetSold) as refused:
        product_on(date(2023, 12, 31), products)
    assert refused.value.day == date(2023, 12, 31)


@pytest.mark.parametrize(
    "changes", [{"version": 1}, {"version": 2, "effective_from": DEFAULT_PRODUCT.effective_from}, {"version": 0}]
)
def test_versions_and_their_days_rise(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        register((DEFAULT_PRODUCT, replace(SECOND, **changes)))


def test_a_loan_counts_as_its_product_says() -> None:
    months = replace(DEFAULT_PRODUCT, day_base=360, day_count=DayCount.THIRTY_360, least_days=1, grace_days=3)
    terms = loan_terms(months, 12_000_00, Rate(40_000), date(2026, 1, 31), Method.LEVEL_INSTALMENT)
    assert terms.interest == Interest(Rate(40_000), day_count=DayCount.THIRTY_360, due_day=31, least_days=1)
    assert (terms.grace_days, terms.penalty) == (3, Rate(60_000))
    assert (terms.principal_minor, terms.drawn_on) == (12_000_00, date(2026, 1, 31))
    assert terms.method is Method.LEVEL_INSTALMENT
    plan = plan_of(months, 12_000_00, Rate(40_000), date(2026, 1, 31), 12, Method.LEVEL_INSTALMENT)
    assert [row.interest_minor for row in plan[:2]] == [144_00, 132_77]
    later = replace(DEFAULT_PRODUCT, first_days_least=29)
    plan = plan_of(later, 12_000_00, Rate(40_000), date(2026, 1, 31), 12, Method.LEVEL_INSTALMENT)
    assert plan[0].due_on == date(2026, 3, 31)


def test_the_rules_of_payments_are_the_products_and_the_customer_chooses_the_prepayment() -> None:
    product = replace(
        DEFAULT_PRODUCT,
        allocation_sequence=AllocationSequence.BY_INSTALMENT,
        prepayment_rules=(PrepaymentRule.KEEP_INSTALMENT, PrepaymentRule.KEEP_TERM),
    )
    assert rules_of(product).prepayment is PrepaymentRule.KEEP_INSTALMENT
    chosen = rules_of(product, PrepaymentRule.KEEP_TERM)
    assert chosen == Rules(product.allocation_order, AllocationSequence.BY_INSTALMENT, PrepaymentRule.KEEP_TERM)


def with_fees(share: int, amount: int = 12_000_00, daily: int = 30_000) -> QuoteFigures:
    fee = Fee(FeeKind.GUARANTEE, Payee.GUARANTOR, Rate(share))
    return price_quote(
        replace(DEFAULT_PRODUCT, fees=(fee,)),
        amount_minor=amount,
        term_months=12,
        method=None,
        daily=Rate(daily),
        drawn_on=date(2026, 3, 10),
    )


def test_a_fee_is_in_the_annual_cost_with_its_payee() -> None:
    figures, without = with_fees(200_000), with_fees(0)
    assert figures.fee_minor == 24_00
    assert figures.total_minor == without.total_minor + 12 * 24_00
    assert figures.interest_minor == without.interest_minor
    assert figures.apr > without.apr
    assert figures.simple > without.simple
    item = next(item for item in figures.costs if item.payee is Payee.GUARANTOR)
    assert (item.kind, item.amount_minor, item.if_normal) == (CostKind.GUARANTEE, 12 * 24_00, True)
    normal = sum(item.amount_minor or 0 for item in figures.costs if item.if_normal)
    assert figures.terms.amount_minor + normal == figures.total_minor


def test_fees_that_break_the_ceiling_are_refused_with_the_rate_that_keeps_it() -> None:
    with pytest.raises(CeilingExceeded) as refused:
        with_fees(800_000)
    most = refused.value.most.scaled
    assert with_fees(800_000, daily=most).apr <= DEFAULT_PRODUCT.ceiling_yearly
    with pytest.raises(CeilingExceeded):
        with_fees(800_000, daily=most + 2)
    with pytest.raises(CeilingExceeded) as refused:
        with_fees(5_000_000)
    assert refused.value.most == Rate(0)


def test_a_fee_ends_with_the_loan() -> None:
    figures = with_fees(200_000)
    product, drawn = figures.terms.product, figures.terms.drawn_on
    terms = loan_terms(product, 12_000_00, figures.terms.daily, drawn, figures.terms.method)
    states = open_instalments(figures.plan, drawn, figures.fee_minor)
    first = figures.plan[0].due_on
    assert payoff(position(terms, states, drawn + timedelta(5))).fee_minor == 0
    end = payoff(position(terms, states, first))
    assert end.fee_minor == 24_00
    spread = allocate(end.total_minor, terms, states, first)
    assert spread.settled
    assert payoff(position(terms, spread.instalments, figures.plan[-1].due_on)).total_minor == 0


@pytest.mark.parametrize(("charged", "penalty"), [(False, Rate(0)), (True, Rate(60_000))])
def test_interest_that_is_late_bears_a_penalty_only_where_the_product_says_so(charged: bool, penalty: Rate) -> None:
    product = replace(DEFAULT_PRODUCT, penalty_on_interest=charged)
    terms = loan_terms(product, 12_000_00, Rate(40_000), date(2026, 3, 10), Method.LEVEL_INSTALMENT)
    assert (terms.interest_penalty, terms.penalty) == (penalty, Rate(60_000))


def test_a_product_may_have_a_term_of_one_month() -> None:
    assert replace(DEFAULT_PRODUCT, terms_months=(1,)).terms_months == (1,)


def test_only_a_loan_with_principal_in_every_row_may_be_shortened() -> None:
    both = DEFAULT_PRODUCT.prepayment_of(Method.LEVEL_INSTALMENT)
    assert both == DEFAULT_PRODUCT.prepayment_of(Method.EQUAL_PRINCIPAL) == DEFAULT_PRODUCT.prepayment_rules
    for method in (Method.INTEREST_FIRST, Method.DAILY):
        assert DEFAULT_PRODUCT.prepayment_of(method) == (PrepaymentRule.KEEP_TERM,)


def test_a_loan_opens_as_its_plan_with_its_fees_and_nothing_paid() -> None:
    product, drawn = replace(DEFAULT_PRODUCT, fees=(GUARANTEE,)), date(2026, 3, 10)
    plan = plan_of(product, 12_000_00, Rate(30_000), drawn, 6, Method.INTEREST_FIRST)
    states = opened(product, 12_000_00, Rate(30_000), drawn, 6, Method.INTEREST_FIRST)
    assert [(state.due_on, state.principal_open, state.interest_open) for state in states] == [
        (row.due_on, row.principal_minor, row.interest_minor) for row in plan
    ]
    assert states[0].starts_on == drawn
    assert {state.fee_due for state in states} == {product.fee_minor(12_000_00)} != {0}
