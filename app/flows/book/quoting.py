"""Trial calculation: reads own rows and computes. Nothing is written, nobody is asked.

The id of a quote seals its terms, so that a draw can quote them back; it is checked, priced again, and spent once.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.lending.product import Method, Product, product_of, product_on
from app.domain.lending.quote import (
    AmountOutsideProduct,
    CeilingExceeded,
    MethodNotOffered,
    QuoteFigures,
    TermNotOffered,
    price_quote,
)
from app.domain.money import Money, Rate
from app.domain.refusals import InvalidInput, LimitExceeded, LineNotActive, NotFound, QuoteStale, Violation
from app.flows.book.contract import ContractText, contract_text
from app.flows.book.disclosure import Disclosure, disclosure_of
from app.flows.book.position import line_figures
from app.flows.payments.sealing import NotOurs, seal, unseal
from app.flows.unit import Desk
from models.credit import CreditLine
from models.loans import Loan
from models.people import Customer

TERMS_MAX = 6
QUOTES_MAX = TERMS_MAX * len(Method)
_PURPOSE, _PREFIX = "quote", "q1."


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What is asked: an amount, a term in months, a method (None: the product's)."""

    amount: Money
    term_months: int
    method: Method | None


@dataclass(frozen=True, slots=True)
class Quote:
    """A trial with everything that is shown, read and signed. `seal` is the quote's id."""

    seal: str
    figures: QuoteFigures
    disclosure: Disclosure
    contract: ContractText
    valid_until: datetime
    binding: bool


@dataclass(frozen=True, slots=True)
class SealedTerms:
    """What a quote's id holds."""

    customer_id: UUID
    line_id: UUID
    amount_minor: int
    term_months: int
    method: Method
    daily: Rate
    product_version: int
    drawn_on: date
    language: str
    valid_until: datetime
    digest: bytes


async def quotes(
    desk: Desk, customer_id: UUID, line_id: UUID | None, requests: list[QuoteRequest], language: str
) -> list[Quote]:
    """Price every request on the customer's own line, or at published terms when none is named.

    Raises:
        NotFound: not the customer's line. LineNotActive: it is frozen or closed.
        LimitExceeded: more than what is available. InvalidInput: outside the product.
    """
    if not requests:
        raise InvalidInput.at("termMonths", problem="NO_TERMS")
    if len({request.term_months for request in requests}) > TERMS_MAX or len(requests) > QUOTES_MAX:
        raise InvalidInput.at("termMonths", problem="TOO_MANY_TERMS")
    now = await desk.refresh_clock()
    customer = await Customer.get(id=customer_id)
    line = None
    if line_id is not None:
        line = await CreditLine.get_or_none(id=line_id, customer_id=customer_id)
        if line is None:
            raise NotFound
        if line.status != "ACTIVE":
            raise LineNotActive(line.status)
        available = (await line_figures(line.id)).available(line)
        if max(request.amount.minor for request in requests) > available:
            priced = [_priced(request, line, now) for request in requests]  # a malformed request is told first
            del priced
            raise LimitExceeded(available)
    return [_quote(desk, customer, line, request, now, language) for request in requests]


def terms_on(line: CreditLine | None, day: date) -> tuple[Product, Rate]:
    """The product that is sold on a day and the daily rate of a line; without one the dearest published rate.

    The dearest, so that nobody is lured. A line's rate is its own, whatever product a draw on it is made under.
    """
    product = product_on(day)
    return product, product.daily_most if line is None else Rate(line.daily_scaled)


def _priced(request: QuoteRequest, line: CreditLine | None, now: datetime) -> QuoteFigures:
    product, daily = terms_on(line, business_date(now))
    if request.amount.currency != product.currency:
        raise InvalidInput.at("amount", "currency", problem="CURRENCY_NOT_OFFERED")
    try:
        return price_quote(
            product,
            amount_minor=request.amount.minor,
            term_months=request.term_months,
            method=request.method,
            daily=daily,
            drawn_on=business_date(now),
        )
    except AmountOutsideProduct as error:
        raise InvalidInput((Violation(("amount", "amount"), "AMOUNT_OUTSIDE_PRODUCT"),)) from error
    except TermNotOffered as error:
        raise InvalidInput((Violation(("termMonths",), "TERM_NOT_OFFERED"),)) from error
    except MethodNotOffered as error:
        raise InvalidInput((Violation(("method",), "METHOD_NOT_OFFERED"),)) from error
    except CeilingExceeded as error:
        raise InvalidInput((Violation(("termMonths",), "TERM_ABOVE_CEILING"),)) from error


def _quote(
    desk: Desk, customer: Customer, line: CreditLine | None, request: QuoteRequest, now: datetime, language: str
) -> Quote:
    figures = _priced(request, line, now)
    valid_until = now + timedelta(minutes=figures.terms.product.quote_valid_minutes)
    quote_id = _seal(desk, customer.id, line, figures, language, valid_until)
    return Quote(
        seal=quote_id,
        figures=figures,
        disclosure=disclosure_of(figures),
        contract=draft(desk, customer, figures, language),
        valid_until=valid_until,
        binding=line is not None,
    )


def draft(desk: Desk, customer: Customer, figures: QuoteFigures, language: str) -> ContractText:
    """The contract of a quote, with the customer's own name in it once it is known."""
    name = ""
    if customer.name_sealed is not None:
        name = desk.box(customer).open("customer", "name_sealed", customer.id, customer.name_sealed).decode()
    return contract_text(figures, borrower=name, language=language)


def _seal(
    desk: Desk,
    customer_id: UUID,
    line: CreditLine | None,
    figures: QuoteFigures,
    language: str,
    valid_until: datetime,
) -> str:
    terms = figures.terms
    body: dict[str, object] = {
        "c": customer_id.hex,
        "l": line.id.hex if line else "",
        "a": terms.amount_minor,
        "t": terms.term_months,
        "m": terms.method.value,
        "d": terms.daily.scaled,
        "p": terms.product.version,
        "o": terms.drawn_on.isoformat(),
        "g": language,
        "u": valid_until.isoformat(),
    }
    return seal(desk.keys, _PURPOSE, _PREFIX, body)


def open_seal(desk: Desk, customer_id: UUID, quote_id: str) -> SealedTerms:
    """The terms behind a quote's id.

    Raises:
        QuoteStale: it is not ours, another customer's, or of no line; all look alike.
    """
    try:
        body, sealed = unseal(desk.keys, _PURPOSE, _PREFIX, quote_id)
    except NotOurs as error:
        raise QuoteStale from error
    if body["c"] != customer_id.hex or not body["l"]:
        raise QuoteStale
    return SealedTerms(
        customer_id=customer_id,
        line_id=UUID(hex=body["l"]),
        amount_minor=body["a"],
        term_months=body["t"],
        method=Method(body["m"]),
        daily=Rate(body["d"]),
        product_version=body["p"],
        drawn_on=date.fromisoformat(body["o"]),
        language=body["g"],
        valid_until=datetime.fromisoformat(body["u"]),
        digest=hashlib.sha256(sealed).digest(),
    )


async def spent_or_over(desk: Desk, terms: SealedTerms) -> bool:
    """Whether a quote was drawn on already, or its time is over."""
    return await desk.refresh_clock() >= terms.valid_until or await Loan.exists(quote_digest=terms.digest)


def price_again(terms: SealedTerms) -> QuoteFigures:
    """The figures of sealed terms, computed anew; the same terms give the same figures."""
    return price_quote(
        product_of(terms.product_version),
        amount_minor=terms.amount_minor,
        term_months=terms.term_months,
        method=terms.method,
        daily=terms.daily,
        drawn_on=terms.drawn_on,
    )
