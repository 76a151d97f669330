"""Worked figures from outside the project, and loans for the property tests."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from app.domain.lending.accrual import InstalmentState, LoanTerms, open_instalments, penalty_daily
from app.domain.lending.allocation import Rules
from app.domain.lending.interest import DayCount, Interest
from app.domain.lending.product import DEFAULT_PRODUCT, AllocationSequence, Method, PrepaymentRule
from app.domain.lending.quote import greatest_daily
from app.domain.lending.schedule import Row, schedule
from app.domain.money import Money, Rate
from tests.needs import LONG, require_shared

fast = settings(max_examples=10_000 if LONG else 100, deadline=None, database=None, derandomize=not LONG)
slow = settings(max_examples=10_000 if LONG else 30, deadline=None, database=None, derandomize=not LONG)

MOST_DAILY = greatest_daily(DEFAULT_PRODUCT.ceiling_yearly).scaled
PLANNED = (Method.LEVEL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST)
EVERY = (*PLANNED, Method.DAILY)

principals = st.integers(100_00, 200_000_00)
dailies = st.integers(0, MOST_DAILY).map(Rate)
days = st.dates(date(2024, 1, 1), date(2031, 12, 31))
rules = st.builds(Rules, sequence=st.sampled_from(AllocationSequence), prepayment=st.sampled_from(PrepaymentRule))
terms_months = st.integers(1, 24)
methods = st.sampled_from(PLANNED)
every_method = st.sampled_from(EVERY)
graces = st.integers(0, 5)
least_days = st.integers(0, 3)


def case(name: str) -> Any:
    """One worked fault case: its inputs and the right figures."""
    path = require_shared("vectors", "faults", "cases.json")
    return next(item for item in json.loads(path.read_text()) if item["id"] == name)


def vectors(file: str, kind: str) -> list[Any]:
    """The published vectors of one kind; never an empty list."""
    path = require_shared("vectors", "lending", file)
    found = [item for item in json.loads(path.read_text())["vectors"] if item["kind"] == kind]
    assert found
    return found


def fen(text: str) -> int:
    """A written amount in fen."""
    return Money.parse(text, "CNY", allow_zero=True).minor


def loan(
    principal_minor: int,
    daily: Rate,
    drawn_on: date,
    term_months: int,
    method: Method = Method.LEVEL_INSTALMENT,
    *,
    grace_days: int = 0,
    least: int = 0,
) -> tuple[LoanTerms, tuple[Row, ...], tuple[InstalmentState, ...]]:
    """A fresh loan of the product's penalty rule: its terms, plan and instalments."""
    product = DEFAULT_PRODUCT
    penalty = penalty_daily(
        daily,
        product.penalty_numerator,
        product.penalty_denominator,
        product.ceiling_yearly,
        product.day_base,
    )
    interest = Interest(daily, least_days=least)
    plan = schedule(principal_minor, interest, drawn_on, term_months, method)
    terms = LoanTerms(principal_minor, interest, penalty, drawn_on, method, grace_days)
    return terms, plan, open_instalments(plan, drawn_on)


def monthly_loan(
    principal_minor: int, yearly: Rate, drawn_on: date, term_months: int, method: Method = Method.LEVEL_INSTALMENT
) -> tuple[LoanTerms, tuple[Row, ...], tuple[InstalmentState, ...]]:
    """A fresh loan whose months all count thirty days of a year of 360."""
    interest = Interest(yearly, 360, DayCount.THIRTY_360, due_day=drawn_on.day)
    plan = schedule(principal_minor, interest, drawn_on, term_months, method)
    return LoanTerms(principal_minor, interest, Rate(0), drawn_on, method), plan, open_instalments(plan, drawn_on)


def worked_loan(
    method: Method = Method.LEVEL_INSTALMENT, **changes: Any
) -> tuple[LoanTerms, tuple[Row, ...], tuple[InstalmentState, ...]]:
    """12,000.00 at 0.0004 a day over twelve instalments, drawn on 10 March 2026; `changes` are of its terms."""
    terms, plan, states = loan(12_000_00, Rate(40_000), date(2026, 3, 10), 12, method)
    return replace(terms, **changes), plan, states
