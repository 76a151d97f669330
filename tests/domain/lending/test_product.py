from dataclasses import replace

import pytest

from app.domain.lending.product import ALLOCATION_ORDER, DEFAULT_PRODUCT, AllocationTarget, Method


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
