"""The contract's rates beside the figures that the same quote answers with and the engine charges."""

from datetime import date

from app.api.customer.nouns.quote import CostItem
from app.api.scalars import yearly
from app.domain.lending.product import FREE_CHOICE
from app.domain.lending.quote import QuoteFigures, price_quote
from app.domain.money import Rate
from app.flows.book.contract import contract_text


def quoted(daily: str) -> QuoteFigures:
    return price_quote(
        FREE_CHOICE,
        amount_minor=6_000_00,
        term_months=12,
        method=None,
        daily=Rate.parse(daily),
        drawn_on=date(2026, 11, 26),
    )


def contract(figures: QuoteFigures) -> str:
    return contract_text(figures, borrower="Li Hua", language="en").text


def standards(figures: QuoteFigures) -> list[str]:
    return [CostItem.of(item, "en").standard for item in figures.costs]


def test_the_contract_rounds_a_half_up_as_the_answer_does() -> None:
    figures = quoted("0.00045")
    assert yearly(figures.nominal_yearly.scaled) == "0.1643"
    assert "16.43% a year simple on 365 days" in contract(figures)
    assert standards(figures)[0] == "0.04500% / 16.43%"


def test_a_daily_rate_is_printed_with_every_decimal_that_is_charged() -> None:
    figures = quoted("0.00055")
    assert figures.penalty == Rate.parse("0.00065753")
    assert "0.065753% a day on overdue principal" in contract(figures)
    assert standards(figures)[1] == "0.065753% / 24.00%"
    fine = quoted("0.00028123")
    assert "Rate: 0.028123% a day" in contract(fine)
    assert standards(fine)[0] == "0.028123% / 10.26%"


def test_a_daily_rate_of_few_decimals_is_printed_without_further_zeros() -> None:
    figures = quoted("0.0004")
    assert "Rate: 0.0400% a day" in contract(figures)
    assert "0.06000% a day on overdue principal" in contract(figures)
    assert standards(figures) == ["0.04000% / 14.60%", "0.06000% / 21.90%", "0.00000% / 0.00%"]
