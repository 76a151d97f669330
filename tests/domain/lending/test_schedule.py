from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending.amortising import (
    MAX_INSTALMENTS,
    NegativeAmortisation,
    NotSchedulable,
    Part,
    level_instalment,
    split,
    until_repaid,
)
from app.domain.lending.interest import DayCount, Interest
from app.domain.lending.product import Method
from app.domain.lending.schedule import InstalmentTooSmall, OverDetermined, due_dates, schedule
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


def test_a_dated_plan_by_months_is_the_plan_by_equal_months() -> None:
    inputs, expected = case("C001a")["inputs"], case("C001a")["expected"]
    for drawn in (date(2026, 3, 10), date(2026, 1, 31), date(2027, 12, 29), date(2028, 2, 29)):
        interest = Interest(Rate.parse(inputs["annual"]), 360, DayCount.THIRTY_360, due_day=drawn.day)
        plan = schedule(fen(inputs["principal"]), interest, drawn, inputs["n"], LEVEL)
        parts = [Part(row.principal_minor, row.interest_minor) for row in plan]
        assert_rows(parts, expected["rows"], fen(inputs["principal"]))


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
            Interest(Rate.parse(inputs["daily"])),
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


@pytest.mark.parametrize(
    ("drawn", "due_day", "least", "right"),
    [
        ("2026-03-10", 15, 0, ["2026-03-15", "2026-04-15", "2026-05-15"]),
        ("2026-03-10", 15, 5, ["2026-03-15", "2026-04-15", "2026-05-15"]),
        ("2026-03-10", 15, 6, ["2026-04-15", "2026-05-15", "2026-06-15"]),
        ("2026-03-10", 10, 0, ["2026-04-10", "2026-05-10", "2026-06-10"]),
        ("2026-03-10", 9, 0, ["2026-04-09", "2026-05-09", "2026-06-09"]),
        ("2026-01-31", 31, 0, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2026-02-28", 31, 0, ["2026-03-31", "2026-04-30", "2026-05-31"]),
        ("2026-01-31", None, 29, ["2026-03-31", "2026-04-30", "2026-05-31"]),
        ("2027-12-20", 1, 0, ["2028-01-01", "2028-02-01", "2028-03-01"]),
    ],
)
def test_a_due_day_of_its_own_makes_a_short_or_a_long_first_period(
    drawn: str, due_day: int | None, least: int, right: list[str]
) -> None:
    found = due_dates(date.fromisoformat(drawn), 3, due_day=due_day, first_days_least=least)
    assert [day.isoformat() for day in found] == right


def test_a_short_first_period_bears_its_own_days() -> None:
    interest = Interest(Rate.parse("0.0004"), due_day=15)
    for method in PLANNED:
        plan = schedule(1_000_00, interest, date(2026, 3, 10), 3, method)
        assert [row.days for row in plan] == [5, 31, 30]
        assert plan[0].interest_minor == 2_00
    longer = schedule(1_000_00, interest, date(2026, 3, 10), 3, LEVEL, first_days_least=6)
    assert [row.days for row in longer] == [36, 30, 31]


def test_a_daily_loan_is_one_sum_at_the_end_of_its_term() -> None:
    (row,) = schedule(5_000_00, Interest(Rate.parse("0.0005")), date(2026, 1, 31), 1, Method.DAILY)
    assert (row.due_on, row.interest_minor, row.amount_minor) == (date(2026, 2, 28), 70_00, 5_070_00)
    (row,) = schedule(5_000_00, Interest(Rate.parse("0.0005")), date(2026, 1, 31), 12, Method.DAILY)
    assert (row.number, row.due_on, row.interest_minor) == (1, date(2027, 1, 31), 912_50)


def test_a_plan_follows_from_its_instalment_with_a_smaller_last_row() -> None:
    plan = schedule(12_000_00, Interest(Rate(40_000)), date(2026, 3, 10), None, LEVEL, instalment_minor=3_000_00)
    assert [row.amount_minor for row in plan[:-1]] == [3_000_00] * 4
    assert 0 < plan[-1].amount_minor <= 3_000_00
    assert plan[-1].balance_minor == 0
    assert sum(row.principal_minor for row in plan) == 12_000_00


def test_an_instalment_that_just_reaches_the_rest_ends_the_plan() -> None:
    assert until_repaid(1_000_00, [0] * 5, 1, 250_00) == [Part(250_00, 0)] * 4
    assert until_repaid(1_000_00, [1, 1], 100, 1_010_00) == [Part(1_000_00, 10_00)]
    assert until_repaid(1_000_00, [1, 1], 100, 1_009_99) == [Part(999_99, 10_00), Part(1, 0)]
    with pytest.raises(NotSchedulable):
        until_repaid(1_000_00, [0] * 3, 1, 250_00)
    with pytest.raises(NegativeAmortisation) as refused:
        until_repaid(1_000_00, [0, 2], 1, 10_00)
    assert refused.value.number == 2


def test_a_term_and_an_instalment_are_one_too_many() -> None:
    with pytest.raises(OverDetermined) as refused:
        schedule(12_000_00, Interest(Rate(40_000)), date(2026, 3, 10), 12, LEVEL, instalment_minor=1_081_27)
    assert (refused.value.term_months, refused.value.instalment_minor) == (12, 1_081_27)
    with pytest.raises(NotSchedulable):
        schedule(12_000_00, Interest(Rate(40_000)), date(2026, 3, 10), None, LEVEL)
    with pytest.raises(NotSchedulable):
        schedule(12_000_00, Interest(Rate(40_000)), date(2026, 3, 10), None, Method.DAILY, instalment_minor=1)
    with pytest.raises(NotSchedulable):
        schedule(0, Interest(Rate(40_000)), date(2026, 3, 10), None, LEVEL, instalment_minor=1)


@pytest.mark.parametrize("instalment", [0, 1, 148_79, 148_80, 148_81, 200_00])
def test_an_instalment_that_never_ends_names_one_that_does(instalment: int) -> None:
    def plan(amount: int) -> int:
        found = schedule(12_000_00, Interest(Rate(40_000)), date(2026, 3, 10), None, LEVEL, instalment_minor=amount)
        return len(found)

    with pytest.raises(InstalmentTooSmall) as refused:
        plan(instalment)
    assert refused.value.instalment_minor == instalment
    assert plan(refused.value.least_minor) == MAX_INSTALMENTS


@pytest.mark.parametrize("text", ["21474836.47", "21474836.48", "42949672.96", "100000000000.00"])
def test_amounts_beyond_32_bits_stay_exact(text: str) -> None:
    principal = fen(text)
    for method in (*PLANNED, Method.DAILY):
        plan = schedule(principal, Interest(Rate.parse("0.00012345")), date(2026, 3, 10), 12, method)
        assert sum(row.principal_minor for row in plan) == principal
        assert plan[-1].balance_minor == 0
        exact = Fraction(principal * 12_345 * plan[0].days, RATE_SCALE)
        assert abs(plan[0].interest_minor - exact) <= Fraction(1, 2)


def test_interest_first_repays_all_principal_at_the_end() -> None:
    plan = schedule(1_000_00, Interest(Rate(40_000)), date(2026, 3, 10), 3, Method.INTEREST_FIRST)
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
        schedule(1_000_00, Interest(Rate(40_000)), date(2026, 3, 10), count, LEVEL)
    with pytest.raises(NotSchedulable):
        split(1_000_00, [1] * count, RATE_SCALE, LEVEL)


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT_MINOR + 1])
def test_an_amount_out_of_range_has_no_plan(amount: int) -> None:
    with pytest.raises(NotSchedulable):
        schedule(amount, Interest(Rate(40_000)), date(2026, 3, 10), 12, LEVEL)


def test_a_negative_rate_is_refused() -> None:
    with pytest.raises(NotSchedulable):
        schedule(1_000_00, Interest(Rate(-1)), date(2026, 3, 10), 12, LEVEL)


@fast
@given(principals, dailies, days, st.integers(1, MAX_INSTALMENTS), methods)
def test_every_plan_holds_its_invariants(
    principal: int, daily: Rate, drawn: date, count: int, method: Method
) -> None:
    plan = schedule(principal, Interest(daily), drawn, count, method)
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
    plan = schedule(principal, Interest(daily), drawn, count, LEVEL)
    discount, worth = Fraction(1), Fraction(0)
    for row in plan:
        discount /= 1 + Fraction(daily.scaled * row.days, RATE_SCALE)
        worth += discount
    instalment = level_instalment(principal, [daily.scaled * row.days for row in plan], RATE_SCALE)
    assert abs(instalment - principal / worth) <= Fraction(1, 2)
    if count > 1:
        assert plan[0].amount_minor == instalment


@fast
@given(principals, dailies, days, st.integers(1, 2_000))
def test_a_plan_by_instalment_keeps_it_to_the_last_row(principal: int, daily: Rate, drawn: date, share: int) -> None:
    interest = Interest(daily)
    instalment = principal * share // 1_000 + 1
    try:
        plan = schedule(principal, interest, drawn, None, LEVEL, instalment_minor=instalment)
    except InstalmentTooSmall as refused:
        instalment = refused.least_minor
        plan = schedule(principal, interest, drawn, None, LEVEL, instalment_minor=instalment)
    assert all(row.amount_minor == instalment for row in plan[:-1])
    assert 0 < plan[-1].amount_minor <= instalment
    assert sum(row.principal_minor for row in plan) == principal
    assert plan[-1].balance_minor == 0


@fast
@given(st.integers(1, 99), st.integers(0, 2_000_000), st.integers(1, MAX_INSTALMENTS), methods)
def test_a_balance_of_a_few_fen_still_ends_at_zero(balance: int, rate: int, count: int, method: Method) -> None:
    parts = split(balance, [rate] * count, RATE_SCALE, method)
    assert sum(part.principal_minor for part in parts) == balance
    assert all(part.principal_minor >= 0 and part.interest_minor >= 0 for part in parts)


def test_a_plan_by_its_instalment_follows_the_due_day_and_the_least_first_period() -> None:
    interest = Interest(Rate(40_000), due_day=15)
    by_instalment = schedule(
        12_000_00, interest, date(2026, 3, 10), None, LEVEL, instalment_minor=3_000_00, first_days_least=10
    )
    by_term = schedule(12_000_00, interest, date(2026, 3, 10), 5, LEVEL, first_days_least=10)
    assert [row.due_on for row in by_instalment] == [row.due_on for row in by_term]
    assert by_instalment[0].due_on == date(2026, 4, 15)


@pytest.mark.parametrize("amount", [1, MAX_AMOUNT_MINOR])
def test_the_least_and_the_greatest_amount_have_a_plan_by_their_instalment(amount: int) -> None:
    (row,) = schedule(amount, Interest(Rate(0)), date(2026, 3, 10), None, LEVEL, instalment_minor=amount)
    assert (row.principal_minor, row.balance_minor) == (amount, 0)
