"""Fees beside part prepayments: they fall with the principal, so that no early performance passes the ceiling."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from app.domain.lending.accrual import position
from app.domain.lending.allocation import allocate, relevel, rules_of
from app.domain.lending.annual_cost import annual_cost
from app.domain.lending.product import FREE_CHOICE, Fee, FeeKind, Method, Payee, PrepaymentRule, Product
from app.domain.lending.quote import CeilingExceeded, loan_terms, opened, price_quote
from app.domain.money import Rate
from tests.domain.lending.cases import fast, methods

KEEP_TERM, KEEP_INSTALMENT = PrepaymentRule.KEEP_TERM, PrepaymentRule.KEEP_INSTALMENT
DRAWN, DAILY = date(2026, 3, 10), Rate(30_000)
LEVEL = Method.LEVEL_INSTALMENT


def charging(share: int) -> Product:
    return replace(FREE_CHOICE, fees=(Fee(FeeKind.FEE, Payee.LENDER, Rate(share)),))


def cost(
    product: Product,
    principal: int,
    prepaid: Mapping[date, tuple[int, PrepaymentRule]],
    daily: Rate = DAILY,
    method: Method = LEVEL,
) -> Rate:
    """The annual cost of twelve months paid on time, with a percentage of what is left prepaid on some days."""
    terms = loan_terms(product, principal, daily, DRAWN, method)
    states = opened(product, principal, daily, DRAWN, 12, method)
    flows = [(DRAWN, principal)]
    for day in sorted({state.due_on for state in states} | set(prepaid)):
        share, rule = prepaid.get(day, (0, KEEP_TERM))
        owed = position(terms, states, day)
        ahead = owed.outstanding_minor - sum(item.principal_minor for item in owed.due)
        early = ahead * share // 100
        amount = owed.due_minor + (early + owed.accrued_minor if early else 0)
        if amount:
            states = allocate(amount, terms, states, day, rules_of(product, rule)).instalments
            flows.append((day, -amount))
    assert position(terms, states, states[-1].due_on).settled
    return annual_cost(flows)


@pytest.mark.parametrize("share", [50, 90, 99])
@pytest.mark.parametrize("rule", PrepaymentRule)
def test_a_part_prepayment_of_a_loan_with_fees_keeps_the_ceiling(share: int, rule: PrepaymentRule) -> None:
    product = charging(100_000)
    assert cost(product, 10_000_00, {DRAWN + timedelta(1): (share, rule)}) <= product.ceiling_yearly


def test_a_fee_falls_with_the_principal_that_its_row_stands_on() -> None:
    product, method = charging(100_000), Method.EQUAL_PRINCIPAL
    terms = loan_terms(product, 12_000_00, DAILY, DRAWN, method)
    states = opened(product, 12_000_00, DAILY, DRAWN, 12, method)
    half = {rule: relevel(terms, states, 5_500_00, DRAWN, rule) for rule in PrepaymentRule}
    fees = {rule: [state.fee_due for state in rows] for rule, rows in half.items()}
    assert sum(fees[KEEP_TERM]) == 66_00
    assert fees[KEEP_TERM] == [5_50] * 12
    # Of 5,500.00 and 12,000.00, then of 4,500.00 and 11,000.00, down to 500.00 and 7,000.00.
    assert fees[KEEP_INSTALMENT] == [5_50, 4_91, 4_20, 3_33, 2_25, 86, *[0] * 6]


def test_interest_paid_early_beside_a_fee_counts_under_the_ceiling() -> None:
    daily, share = Rate(54_000), 4_294_921
    asked: dict[str, Any] = {
        "amount_minor": 200_000_00,
        "term_months": 12,
        "method": Method.DAILY,
        "daily": daily,
        "drawn_on": DRAWN,
    }
    prepaid = {date(2026, 9, 10): (1, KEEP_TERM)}
    assert cost(charging(share), 200_000_00, {}, daily, Method.DAILY).text(4) == "0.2400"
    assert cost(charging(share), 200_000_00, prepaid, daily, Method.DAILY).text(4) == "0.2515"
    with pytest.raises(CeilingExceeded):
        price_quote(charging(share), **asked)


@fast
@given(
    st.dictionaries(
        st.integers(1, 330).map(lambda days: DRAWN + timedelta(days)),
        st.tuples(st.integers(1, 60), st.sampled_from(PrepaymentRule)),
        max_size=4,
    ),
    st.integers(1, 500_000),
    st.integers(15_000, 55_000).map(Rate),
    methods,
)
def test_no_early_performance_that_is_sold_passes_the_ceiling(
    prepaid: dict[date, tuple[int, PrepaymentRule]], share: int, daily: Rate, method: Method
) -> None:
    product = charging(share)
    asked: dict[str, Any] = {
        "amount_minor": 200_000_00,
        "term_months": 12,
        "method": method,
        "daily": daily,
        "drawn_on": DRAWN,
    }
    try:
        price_quote(product, **asked)
    except CeilingExceeded:
        reject()
    assert cost(product, 200_000_00, prepaid, daily, method) <= product.ceiling_yearly
