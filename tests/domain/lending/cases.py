"""Worked figures from outside the project, and loans for the property tests."""

import json
import os
from datetime import date
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from app.domain.lending.accrual import InstalmentState, LoanTerms, open_instalments, penalty_daily
from app.domain.lending.interest import Interest
from app.domain.lending.product import DEFAULT_PRODUCT, Method
from app.domain.lending.quote import greatest_daily
from app.domain.lending.schedule import Row, schedule
from app.domain.money import Money, Rate
from tests.needs import require_shared

LONG = os.environ.get("CLEARLINE_PROFILE_TESTS") == "long"
fast = settings(max_examples=10_000 if LONG else 100, deadline=None, database=None, derandomize=not LONG)
slow = settings(max_examples=10_000 if LONG else 30, deadline=None, database=None, derandomize=not LONG)

MOST_DAILY = greatest_daily(DEFAULT_PRODUCT.ceiling_yearly).scaled
PLANNED = (Method.LEVEL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST)

principals = st.integers(100_00, 200_000_00)
dailies = st.integers(0, MOST_DAILY).map(Rate)
days = st.dates(date(2024, 1, 1), date(2031, 12, 31))
terms_months = st.integers(1, 24)
methods = st.sampled_from(PLANNED)


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
    plan = schedule(principal_minor, Interest(daily), drawn_on, term_months, method)
    terms = LoanTerms(principal_minor, Interest(daily), penalty, drawn_on, method)
    return terms, plan, open_instalments(plan, drawn_on)


def worked_loan() -> tuple[LoanTerms, tuple[Row, ...], tuple[InstalmentState, ...]]:
    """12,000.00 at 0.0004 a day over twelve level instalments, drawn on 10 March 2026."""
    return loan(12_000_00, Rate(40_000), date(2026, 3, 10), 12)
