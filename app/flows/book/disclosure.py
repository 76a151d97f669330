"""The comprehensive cost of one quote, to be shown and read before signing, and what of it is acknowledged."""

import hashlib
from dataclasses import dataclass

from app.domain.lending.quote import CostItem, QuoteFigures
from app.domain.proof.record import Scalar, canonical


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The disclosure table. `sha256` is of its canonical figures, the same in every language."""

    principal_minor: int
    items: tuple[CostItem, ...]
    apr_scaled: int
    simple_scaled: int
    reading_seconds_min: int
    sha256: str


def disclosure_of(figures: QuoteFigures) -> Disclosure:
    """The table of a quote (provisions on disclosing the comprehensive financing cost, 2026 no. 2)."""
    terms, simple = figures.terms, figures.simple
    flat: dict[str, Scalar] = {
        "schema": "clearline-disclosure/1",
        "principal": terms.amount_minor,
        "currency": terms.product.currency,
        "drawnOn": terms.drawn_on.isoformat(),
        "term": terms.term_months,
        "method": terms.method.value,
        "apr": figures.apr.scaled,
        "simple": simple.scaled,
        "total": figures.total_minor,
        "readingSeconds": terms.product.reading_seconds_least,
    }
    for item in figures.costs:
        flat[f"{item.kind}.payee"] = item.payee.value
        flat[f"{item.kind}.daily"] = item.daily.scaled
        flat[f"{item.kind}.amount"] = item.amount_minor
        flat[f"{item.kind}.ifNormal"] = item.if_normal
    return Disclosure(
        principal_minor=terms.amount_minor,
        items=figures.costs,
        apr_scaled=figures.apr.scaled,
        simple_scaled=simple.scaled,
        reading_seconds_min=terms.product.reading_seconds_least,
        sha256=hashlib.sha256(canonical(flat)).hexdigest(),
    )
