"""A loan trial: the plan, its annual cost, and the cost table that is shown before signing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from app.domain.lending.accrual import penalty_daily
from app.domain.lending.annual_cost import YEAR_DAYS, annual_cost, simple_cost
from app.domain.lending.interest import Interest
from app.domain.lending.product import Method, Product
from app.domain.lending.schedule import Row, schedule
from app.domain.money import RATE_SCALE, Rate


class AmountOutsideProduct(ValueError):
    """The amount is below the least draw, above the largest line, or off the step; all in fen."""

    def __init__(self, least_minor: int, most_minor: int, step_minor: int) -> None:
        super().__init__("the amount is outside the product")
        self.least_minor = least_minor
        self.most_minor = most_minor
        self.step_minor = step_minor


class TermNotOffered(ValueError):
    """The product has no such term; `offered` are months."""

    def __init__(self, offered: Sequence[int]) -> None:
        super().__init__("the term is not offered")
        self.offered = tuple(offered)


class MethodNotOffered(ValueError):
    """The product is not repaid that way."""

    def __init__(self, offered: Sequence[Method]) -> None:
        super().__init__("the method is not offered")
        self.offered = tuple(offered)


class CeilingExceeded(ValueError):
    """Some performance that the contract allows would cost more a year than the product's ceiling."""

    def __init__(self, daily: Rate, most: Rate) -> None:
        super().__init__(f"a daily rate of {daily.text()} is above {most.text()}, the most under the ceiling")
        self.daily = daily
        self.most = most


class CostKind(StrEnum):
    """What a cost is."""

    INTEREST = "INTEREST"
    PENALTY = "PENALTY"
    FEE = "FEE"
    GUARANTEE = "GUARANTEE"
    PREPAYMENT = "PREPAYMENT"


class Payee(StrEnum):
    """Who charges a cost."""

    LENDER = "LENDER"


class CostMethod(StrEnum):
    """How a cost comes about, a word that the presentation spells out."""

    BY_DAY_ON_PRINCIPAL = "BY_DAY_ON_PRINCIPAL"
    BY_DAY_ON_OVERDUE_PRINCIPAL = "BY_DAY_ON_OVERDUE_PRINCIPAL"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class CostItem:
    """One cost: who charges it, how, at which daily rate and nominal yearly rate, how much of it is known, in fen.

    `amount_minor` is None where it depends on a default; `if_normal` says whether it is paid when all goes well.
    """

    kind: CostKind
    payee: Payee
    method: CostMethod
    daily: Rate
    yearly: Rate
    amount_minor: int | None
    if_normal: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for, checked against the product; the amount in fen."""

    product: Product
    amount_minor: int
    term_months: int
    method: Method
    daily: Rate
    drawn_on: date


@dataclass(frozen=True, slots=True)
class QuoteFigures:
    """What a trial says: plan, sums in fen, rates, and all costs there are; nothing else is charged."""

    terms: Terms
    plan: tuple[Row, ...]
    total_minor: int
    interest_minor: int
    apr: Rate
    nominal_yearly: Rate
    penalty: Rate
    costs: tuple[CostItem, ...]

    @property
    def simple(self) -> Rate:
        """The annual cost without compounding, to be labelled so beside the annualised comprehensive cost."""
        return simple_cost(_flows(self.terms, self.plan))


def _flows(terms: Terms, plan: Sequence[Row]) -> list[tuple[date, int]]:
    """What the customer receives and pays, day by day."""
    return [(terms.drawn_on, terms.amount_minor), *((row.due_on, -row.amount_minor) for row in plan)]


@cache
def greatest_daily(ceiling_yearly: Rate) -> Rate:
    """The greatest daily rate whose use can never cost more a year than the ceiling, before rounding to the fen.

    Simple interest paid after k days costs (1 + k d) ** (365 / k) - 1 a year, the most for k = 1: paying back after
    one day. No plan compounds faster, so (1 + d) ** 365 <= 1 + ceiling bounds every performance of a loan
    without fees.
    """
    bound = (RATE_SCALE + ceiling_yearly.scaled) * RATE_SCALE ** (YEAR_DAYS - 1)
    low, high = 0, ceiling_yearly.scaled + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if (RATE_SCALE + middle) ** YEAR_DAYS <= bound else (low, middle)
    return Rate(low)


def check_terms(
    product: Product,
    *,
    amount_minor: int,
    term_months: int,
    method: Method | None,
    daily: Rate,
    drawn_on: date,
) -> Terms:
    """The terms of a trial, with the product's method where none is named.

    Raises:
        AmountOutsideProduct, TermNotOffered, MethodNotOffered: what the product does not sell.
        CeilingExceeded: the daily rate could cost more than the ceiling.
    """
    fits = product.draw_least_minor <= amount_minor <= product.line_most_minor
    if not fits or amount_minor % product.draw_step_minor:
        raise AmountOutsideProduct(product.draw_least_minor, product.line_most_minor, product.draw_step_minor)
    if term_months not in product.terms_months:
        raise TermNotOffered(product.terms_months)
    chosen = method or product.default_method
    if chosen not in product.methods:
        raise MethodNotOffered(product.methods)
    most = greatest_daily(product.ceiling_yearly)
    if daily > most:
        raise CeilingExceeded(daily, most)
    return Terms(product, amount_minor, term_months, chosen, daily, drawn_on)


def product_penalty(product: Product, daily: Rate) -> Rate:
    """The daily penalty rate that a loan of the product and of a daily rate prints."""
    return penalty_daily(
        daily,
        product.penalty_numerator,
        product.penalty_denominator,
        product.ceiling_yearly,
        product.day_base,
    )


def _costs(product: Product, daily: Rate, penalty: Rate, interest_minor: int) -> tuple[CostItem, ...]:
    base, lender = product.day_base, Payee.LENDER
    return (
        CostItem(
            kind=CostKind.INTEREST,
            payee=lender,
            method=CostMethod.BY_DAY_ON_PRINCIPAL,
            daily=daily,
            yearly=Rate.yearly(daily, base),
            amount_minor=interest_minor,
            if_normal=True,
        ),
        CostItem(
            kind=CostKind.PENALTY,
            payee=lender,
            method=CostMethod.BY_DAY_ON_OVERDUE_PRINCIPAL,
            daily=penalty,
            yearly=Rate.yearly(penalty, base),
            amount_minor=None,
            if_normal=False,
        ),
        CostItem(
            kind=CostKind.PREPAYMENT,
            payee=lender,
            method=CostMethod.NONE,
            daily=Rate(0),
            yearly=Rate(0),
            amount_minor=0,
            if_normal=False,
        ),
    )


def price(terms: Terms) -> QuoteFigures:
    """The figures of checked terms; the same terms give the same figures, for the trial and for the draw.

    Source of the cost table: provisions on disclosing the comprehensive financing cost of personal loans
    (2026 no. 2).

    Raises:
        NegativeAmortisation: a level instalment that does not carry its interest.
    """
    product, daily = terms.product, terms.daily
    plan = schedule(terms.amount_minor, Interest(daily), terms.drawn_on, terms.term_months, terms.method)
    total = sum(row.amount_minor for row in plan)
    interest = total - terms.amount_minor
    penalty = product_penalty(product, daily)
    return QuoteFigures(
        terms=terms,
        plan=plan,
        total_minor=total,
        interest_minor=interest,
        apr=annual_cost(_flows(terms, plan)),
        nominal_yearly=Rate.yearly(daily, product.day_base),
        penalty=penalty,
        costs=_costs(product, daily, penalty, interest),
    )


def price_quote(
    product: Product,
    *,
    amount_minor: int,
    term_months: int,
    method: Method | None,
    daily: Rate,
    drawn_on: date,
) -> QuoteFigures:
    """A trial in one step: `price` of `check_terms`, with the refusals of both."""
    terms = check_terms(
        product,
        amount_minor=amount_minor,
        term_months=term_months,
        method=method,
        daily=daily,
        drawn_on=drawn_on,
    )
    return price(terms)
