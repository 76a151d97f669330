from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending.product import Method
from app.domain.lending.schedule import (
    MAX_INSTALMENTS,
    NegativeAmortisation,
    NotSchedulable,
    Part,
    due_dates,
    level_instalment,
    schedule,
    split,
)
from app.domain.money import MAX_AMOUNT_MINOR, RATE_SCALE, Rate
from tests.domain.lending.cases import (
    PLANNED,
    case,
    dailies,
    days,
    fast,
    fen,
    methods,
    principals,
    terms_months,
    vectors,
    worked_loan,
)

YEAR = 12
LEVEL = Method.LEVEL_INSTALMENT


def by_months(principal: str, annual: str, count: int, method: Method = LEVEL) -> list[Part]:
    """A plan of equal months: annual / 12 each, held exactly."""
    return split(fen(principal), [Rate.parse(annual).scaled] * count, RATE_SCALE * YEAR, method)


def assert_rows(parts: Sequence[Part], rows: list[dict[str, Any]], principal: int) -> None:
    balance = principal
    for part, row in zip(parts, rows, strict=True):
        balance -= part.principal_minor
        found = (part.principal_minor + part.interest_minor, part.principal_minor, part.interest_minor, balance)
        assert found == tuple(fen(row[name]) for name in ("amount", "principal", "interest", "balance")), row["k"]


@pytest.mark.parametrize("name", ["C001a", "C004a", "C004b"])
def test_a_plan_by_months_is_exact_to_the_fen(name: str) -> None:
    inputs, expected = case(name)["inputs"], case(name)["expected"]
    parts = by_months(inputs["principal"], inputs["annual"], inputs["n"])
    assert_rows(parts, expected["rows"], fen(inputs["principal"]))
    assert sum(part.interest_minor for part in parts) == fen(expected["interest"])


def test_a_plan_by_days_is_exact_to_the_fen() -> None:
    expected = case("C001b")["expected"]
    _, plan, _ = worked_loan()
    assert_rows([Part(row.principal_minor, row.interest_minor) for row in plan], expected["rows"], 12_000_00)
    for row, right in zip(plan, expected["rows"], strict=True):
        assert (row.number, row.due_on.isoformat(), row.days) == (right["k"], right["due"], right["days"])
        assert (row.amount_minor, row.balance_minor) == (fen(right["amount"]), fen(right["balance"]))
    assert sum(row.amount_minor for row in plan) == fen(expected["total"])


def test_the_last_row_absorbs_the_drift_of_a_long_plan() -> None:
    inputs, expected = case("C001c")["inputs"], case("C001c")["expected"]
    rate = Rate.parse(inputs["periodRate"]).scaled
    amounts = [sum(part) for part in split(fen(inputs["principal"]), [rate] * inputs["n"], RATE_SCALE, LEVEL)]
    assert set(amounts[:-1]) == {fen(expected["instalment"])}
    assert amounts[-1] == fen(expected["last"])
    assert sum(amounts) == fen(expected["total"])


def test_equal_principal_bears_interest_on_the_balance_before_the_row() -> None:
    inputs, expected = case("C003")["inputs"], case("C003")["expected"]
    parts = by_months(inputs["principal"], inputs["annual"], inputs["n"], Method.EQUAL_PRINCIPAL)
    assert [part.interest_minor for part in parts] == [fen(text) for text in expected["interestRows"]]
    assert {part.principal_minor for part in parts} == {fen(expected["principalPerRow"])}


def test_one_instalment_over_february_bears_its_28_days() -> None:
    inputs, expected = case("C006")["inputs"], case("C006")["expected"]
    for method in PLANNED:
        (row,) = schedule(
            fen(inputs["principal"]),
            Rate.parse(inputs["daily"]),
            date.fromisoformat(inputs["drawn"]),
            inputs["n"],
            method,
        )
        assert (row.due_on.isoformat(), row.days) == (inputs["due"], expected["days"])
        assert (row.interest_minor, row.amount_minor) == (fen(expected["interest"]), fen(expected["amount"]))


@pytest.mark.parametrize("name", ["C007a", "C007b", "C007c", "C007d"])
def test_due_days_come_back_after_a_short_month(name: str) -> None:
    inputs = case(name)["inputs"]
    found = due_dates(date.fromisoformat(inputs["drawn"]), inputs["n"])
    assert [day.isoformat() for day in found] == case(name)["expected"]


def test_interest_first_repays_all_principal_at_the_end() -> None:
    plan = schedule(1_000_00, Rate(40_000), date(2026, 3, 10), 3, Method.INTEREST_FIRST)
    assert [row.principal_minor for row in plan] == [0, 0, 1_000_00]
    assert [row.interest_minor for row in plan] == [12_40, 12_00, 12_40]
    assert [row.balance_minor for row in plan] == [1_000_00, 1_000_00, 0]


def test_an_instalment_that_does_not_carry_its_interest_is_refused() -> None:
    with pytest.raises(NegativeAmortisation) as refused:
        split(1_000_00, [60_000_000, 0, 0, 0], RATE_SCALE, LEVEL)
    assert refused.value.number == 1


@pytest.mark.parametrize("count", [0, MAX_INSTALMENTS + 1])
def test_a_plan_has_one_to_sixty_rows(count: int) -> None:
    with pytest.raises(NotSchedulable):
        schedule(1_000_00, Rate(40_000), date(2026, 3, 10), count, LEVEL)
    with pytest.raises(NotSchedulable):
        split(1_000_00, [1] * count, RATE_SCALE, LEVEL)


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT_MINOR + 1])
def test_an_amount_out_of_range_has_no_plan(amount: int) -> None:
    with pytest.raises(NotSchedulable):
        schedule(amount, Rate(40_000), date(2026, 3, 10), 12, LEVEL)


def test_a_negative_rate_and_a_method_without_plan_are_refused() -> None:
    with pytest.raises(NotSchedulable):
        schedule(1_000_00, Rate(-1), date(2026, 3, 10), 12, LEVEL)
    with pytest.raises(NotSchedulable):
        schedule(1_000_00, Rate(1), date(2026, 3, 10), 12, Method.DAILY)


@fast
@given(principals, dailies, days, st.integers(1, MAX_INSTALMENTS), methods)
def test_every_plan_holds_its_invariants(
    principal: int, daily: Rate, drawn: date, count: int, method: Method
) -> None:
    plan = schedule(principal, daily, drawn, count, method)
    assert len(plan) == count
    assert sum(row.principal_minor for row in plan) == principal
    assert plan[-1].balance_minor == 0
    assert all(row.principal_minor >= 0 and row.interest_minor >= 0 for row in plan)
    assert all(row.amount_minor == row.principal_minor + row.interest_minor for row in plan)
    assert sum(row.days for row in plan) == (plan[-1].due_on - drawn).days
    balances = [principal, *(row.balance_minor for row in plan)]
    for (before, after), row in zip(pairwise(balances), plan, strict=True):
        assert before - row.principal_minor == after
        exact = Fraction(before * daily.scaled * row.days, RATE_SCALE)
        assert abs(row.interest_minor - exact) <= Fraction(1, 2)
    if method is LEVEL:
        assert len({row.amount_minor for row in plan[:-1]}) <= 1


@fast
@given(principals, st.integers(0, 200_000), st.integers(1, MAX_INSTALMENTS))
def test_the_last_level_row_is_off_by_its_rounding_only(principal: int, rate: int, count: int) -> None:
    amounts = [sum(part) for part in split(principal, [rate] * count, RATE_SCALE, LEVEL)]
    growth = (1 + Fraction(rate, RATE_SCALE)) ** count
    assert abs(amounts[-1] - amounts[0]) <= count * growth


@fast
@given(principals, dailies, days, terms_months)
def test_the_level_instalment_is_the_exact_one_rounded(principal: int, daily: Rate, drawn: date, count: int) -> None:
    plan = schedule(principal, daily, drawn, count, LEVEL)
    discount, worth = Fraction(1), Fraction(0)
    for row in plan:
        discount /= 1 + Fraction(daily.scaled * row.days, RATE_SCALE)
        worth += discount
    instalment = level_instalment(principal, [daily.scaled * row.days for row in plan], RATE_SCALE)
    assert abs(instalment - principal / worth) <= Fraction(1, 2)
    if count > 1:
        assert plan[0].amount_minor == instalment


@fast
@given(st.integers(1, 99), st.integers(0, 2_000_000), st.integers(1, MAX_INSTALMENTS), methods)
def test_a_balance_of_a_few_fen_still_ends_at_zero(balance: int, rate: int, count: int, method: Method) -> None:
    parts = split(balance, [rate] * count, RATE_SCALE, method)
    assert sum(part.principal_minor for part in parts) == balance
    assert all(part.principal_minor >= 0 and part.interest_minor >= 0 for part in parts)


def test_published_level_instalments_agree() -> None:
    level = [item for item in vectors("china_disclosure.json", "schedule_totals") if "instalment" in item["expected"]]
    assert level
    for item in level:
        inputs = item["inputs"]
        rates = [Rate.parse(inputs["nominal_rate"]).scaled] * int(inputs["n"])
        instalment = level_instalment(fen(inputs["principal"]), rates, RATE_SCALE * YEAR)
        assert instalment == fen(item["expected"]["instalment"]), item["id"]


@pytest.mark.parametrize(
    ("file", "name"),
    [("fineract_cumulative.json", "fin-cum-level"), ("fineract_progressive.json", "fin-emi-30360-9.4822")],
)
def test_published_plans_agree_row_by_row(file: str, name: str) -> None:
    (item,) = [item for item in vectors(file, "schedule") if item["id"] == name]
    inputs, rows = item["inputs"], item["expected"]["rows"]
    if "period_rate" in inputs:
        parts = split(
            fen(inputs["principal"]), [Rate.parse(inputs["period_rate"]).scaled] * len(rows), RATE_SCALE, LEVEL
        )
    else:
        parts = by_months(inputs["draws"][0]["amount"], inputs["annual_rate"], len(rows))
    found = [(part.principal_minor, part.interest_minor) for part in parts]
    assert found == [(fen(row["principal"]), fen(row["interest"])) for row in rows]


def test_a_published_plan_without_interest_agrees() -> None:
    (item,) = [item for item in vectors("fineract_cumulative.json", "schedule") if item["id"] == "fin-zero-1000-6"]
    parts = split(int(item["inputs"]["principal"]), [0] * 6, RATE_SCALE, Method.EQUAL_PRINCIPAL)
    assert [part.principal_minor for part in parts] == [int(text) for text in item["expected"]["principal"]]


def test_a_published_unrounded_plan_differs_by_rounding_only() -> None:
    (item,) = vectors("numpy_financial_docs.json", "schedule")
    inputs, rows = item["inputs"], item["expected"]["rows"]
    parts = by_months(inputs["principal"], inputs["nominal_rate"], int(inputs["n"]))
    for part, row in zip(parts, rows, strict=True):
        assert abs(part.interest_minor - fen(row["interest"].lstrip("-"))) <= 1
        assert abs(part.principal_minor - fen(row["principal"].lstrip("-"))) <= 3
