from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.money import (
    MAX_AMOUNT_MINOR,
    AmountMalformed,
    AmountProblem,
    CurrencyMismatch,
    Money,
    Rate,
    RateMalformed,
    half_up,
)
from tests.domain.lending.cases import case

quick = settings(max_examples=200, deadline=None, database=None, derandomize=True)


@pytest.mark.parametrize(
    ("numerator", "denominator", "whole"),
    [
        (5, 10, 1),
        (4, 10, 0),
        (-5, 10, -1),
        (-4, 10, 0),
        (25, 10, 3),
        (35, 10, 4),
        (-25, 10, -3),
        (0, 7, 0),
        (7, 1, 7),
    ],
)
def test_half_goes_away_from_zero(numerator: int, denominator: int, whole: int) -> None:
    assert half_up(numerator, denominator) == whole


@quick
@given(st.integers(-(10**30), 10**30), st.integers(1, 10**20))
def test_rounding_is_symmetric_and_nearest(numerator: int, denominator: int) -> None:
    whole = half_up(numerator, denominator)
    assert whole == -half_up(-numerator, denominator)
    assert abs(Fraction(numerator, denominator) - whole) <= Fraction(1, 2)


def test_rounding_refuses_a_denominator_that_is_not_positive() -> None:
    for denominator in (0, -3):
        with pytest.raises(ValueError, match="denominator"):
            half_up(1, denominator)


def test_written_forms_of_one_amount_are_one() -> None:
    good = case("C063")["inputs"]["good"]
    assert {Money.parse(text, "CNY").text() for text in good} == {"1000.00"}


def test_bad_amounts_are_refused_and_never_repeated() -> None:
    for text in case("C063")["inputs"]["bad"]:
        with pytest.raises(AmountMalformed) as refused:
            Money.parse(text, "CNY")
        assert not text.strip() or text == "0" or text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", AmountProblem.EMPTY),
        ("0", AmountProblem.ZERO),
        ("0.00", AmountProblem.ZERO),
        ("00", AmountProblem.LEADING_ZERO),
        ("007.50", AmountProblem.LEADING_ZERO),
        ("0.001", AmountProblem.TOO_FINE),
        ("1000.005", AmountProblem.TOO_FINE),
        ("1.", AmountProblem.NOT_DIGITS),
        (".5", AmountProblem.NOT_DIGITS),
        ("+1", AmountProblem.NOT_DIGITS),
        ("-0.01", AmountProblem.NOT_DIGITS),
        ("1e3", AmountProblem.NOT_DIGITS),
        ("1000\n", AmountProblem.NOT_DIGITS),
        ("١٠٠", AmountProblem.NOT_DIGITS),
        ("9" * 25, AmountProblem.TOO_LONG),
        ("9" * 100_000, AmountProblem.TOO_LONG),
        ("99999999999999999999.99", AmountProblem.TOO_LARGE),
        ("10000000000000.01", AmountProblem.TOO_LARGE),
    ],
)
def test_each_problem_of_an_amount_has_its_word(text: str, problem: AmountProblem) -> None:
    with pytest.raises(AmountMalformed) as refused:
        Money.parse(text, "CNY")
    assert refused.value.problem is problem


def test_big_amounts_come_back_digit_for_digit_or_are_refused() -> None:
    *within, beyond, far_beyond = case("C011")["inputs"]["amounts"]
    assert [Money.parse(text, "CNY").text() for text in within] == within
    assert len(within) == 3
    for text in (beyond, far_beyond):
        with pytest.raises(AmountMalformed) as refused:
            Money.parse(text, "CNY")
        assert refused.value.problem is AmountProblem.TOO_LARGE


@quick
@given(st.integers(0, MAX_AMOUNT_MINOR))
def test_an_amount_survives_its_text(minor: int) -> None:
    assert Money.parse(Money(minor, "CNY").text(), "CNY", allow_zero=True).minor == minor


def test_amounts_add_subtract_and_compare_in_one_currency() -> None:
    one, two = Money(1, "CNY"), Money(250, "CNY")
    assert one + two == Money(251, "CNY")
    assert (one - two).text() == "-2.49"
    assert one < two
    assert two >= one
    assert max(one, two) is two


def test_currencies_never_mix() -> None:
    yuan, dollar = Money(1, "CNY"), Money(1, "USD")
    assert yuan != dollar
    for operation in (lambda: yuan + dollar, lambda: yuan - dollar, lambda: yuan < dollar, lambda: yuan >= dollar):
        with pytest.raises(CurrencyMismatch):
            operation()


@pytest.mark.parametrize("minor", [1.0, True, "1"])
def test_minor_units_are_whole_numbers_only(minor: Any) -> None:
    with pytest.raises(TypeError):
        Money(minor, "CNY")


def test_a_currency_is_three_capital_letters() -> None:
    for currency in ("", "cny", "CN", "CNYX"):
        with pytest.raises(ValueError, match="currency"):
            Money(1, currency)


def test_a_rate_is_read_and_shown_to_eight_places() -> None:
    assert Rate.parse("0.0004") == Rate(40_000)
    assert Rate.parse("0.00192308").scaled == 192_308
    assert Rate(40_000).text() == "0.00040000"
    assert Rate(15_622_499).text(4) == "0.1562"
    assert Rate(15_625_000).text(4) == "0.1563"
    assert Rate(-5_000).text(4) == "-0.0001"
    assert Rate(150_000_000).text(0) == "2"


@pytest.mark.parametrize("text", ["", "-0.1", "0.123456789", "1e-3", " 0.1", "0,1", "00.1", "1.", "9" * 40])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(RateMalformed):
        Rate.parse(text)


def test_a_rate_shows_no_more_than_eight_places() -> None:
    for places in (-1, 9):
        with pytest.raises(ValueError, match="decimals"):
            Rate(1).text(places)


def test_a_yearly_rate_speaks_of_its_base() -> None:
    assert Rate.yearly(Rate.parse("0.00065"), 360).text(4) == "0.2340"
    assert Rate.yearly(Rate.parse("0.00065"), 365).text(5) == "0.23725"
