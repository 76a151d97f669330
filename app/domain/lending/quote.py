"""A loan trial: the plan, its annual cost, and the cost table that is shown before signing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from functools import cache

from app.domain.lending.accrual import NO_PENALTY, InstalmentState, LoanTerms, open_instalments, penalty_daily
from app.domain.lending.annual_cost import YEAR_DAYS, annual_cost, simple_cost
from app.domain.lending.product import Method, Payee, Product
from app.domain.lending.schedule import Row, schedule
from app.domain.money import RATE_PLACES, RATE_SCALE, Rate

_DIGITS = 40


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


class CostMethod(StrEnum):
    """How a cost comes about, a word that the presentation spells out."""

    BY_DAY_ON_PRINCIPAL = "BY_DAY_ON_PRINCIPAL"
    BY_DAY_ON_OVERDUE_PRINCIPAL = "BY_DAY_ON_OVERDUE_PRINCIPAL"
    BY_INSTALMENT_ON_AMOUNT = "BY_INSTALMENT_ON_AMOUNT"
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
    """What a trial says: plan, sums in fen, rates, and all costs there are; nothing else is charged.

    `fee_minor` is what each instalment asks beside its row.
    """

    terms: Terms
    plan: tuple[Row, ...]
    total_minor: int
    interest_minor: int
    apr: Rate
    nominal_yearly: Rate
    penalty: Rate
    costs: tuple[CostItem, ...]
    fee_minor: int = 0

    @property
    def simple(self) -> Rate:
        """The annual cost without compounding, to be labelled so beside the annualised comprehensive cost."""
        return simple_cost(_flows(self.terms, self.plan, self.fee_minor))


def _flows(terms: Terms, plan: Sequence[Row], fee_minor: int) -> list[tuple[date, int]]:
    """What the customer receives and pays, day by day."""
    paid = ((row.due_on, -row.amount_minor - fee_minor) for row in plan)
    return [(terms.drawn_on, terms.amount_minor), *paid]


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


def loan_terms(product: Product, principal_minor: int, daily: Rate, drawn_on: date, method: Method) -> LoanTerms:
    """What the contract of a loan of the product fixes."""
    penalty = product_penalty(product, daily)
    return LoanTerms(
        principal_minor=principal_minor,
        interest=product.interest(daily, drawn_on),
        penalty=penalty,
        drawn_on=drawn_on,
        method=method,
        grace_days=product.grace_days,
        interest_penalty=penalty if product.penalty_on_interest else NO_PENALTY,
    )


def plan_of(
    product: Product, amount_minor: int, daily: Rate, drawn_on: date, months: int, method: Method
) -> tuple[Row, ...]:
    """The plan of a loan of the product, for its trial and for its payout alike.

    Raises:
        NegativeAmortisation: a level instalment that does not carry its interest.
    """
    interest, least = product.interest(daily, drawn_on), product.first_days_least
    return schedule(amount_minor, interest, drawn_on, months, method, first_days_least=least)


def opened(
    product: Product, amount_minor: int, daily: Rate, drawn_on: date, months: int, method: Method
) -> tuple[InstalmentState, ...]:
    """The instalments of a fresh loan of the product, with its fees and nothing paid.

    Raises:
        NegativeAmortisation: see `plan_of`.
    """
    plan = plan_of(product, amount_minor, daily, drawn_on, months, method)
    return open_instalments(plan, drawn_on, product.fee_minor(amount_minor))


def _costs(terms: Terms, penalty: Rate, interest_minor: int, rows: int) -> tuple[CostItem, ...]:
    product, daily = terms.product, terms.daily
    base, lender = product.day_base, Payee.LENDER
    nothing = Rate(0)
    interest = CostItem(
        kind=CostKind.INTEREST,
        payee=lender,
        method=CostMethod.BY_DAY_ON_PRINCIPAL,
        daily=daily,
        yearly=Rate.yearly(daily, base),
        amount_minor=interest_minor,
        if_normal=True,
    )
    overdue = CostItem(
        kind=CostKind.PENALTY,
        payee=lender,
        method=CostMethod.BY_DAY_ON_OVERDUE_PRINCIPAL,
        daily=penalty,
        yearly=Rate.yearly(penalty, base),
        amount_minor=None,
        if_normal=False,
    )
    early = CostItem(CostKind.PREPAYMENT, lender, CostMethod.NONE, nothing, nothing, 0, if_normal=False)
    fees = (
        CostItem(
            kind=CostKind(fee.kind.value),
            payee=fee.payee,
            method=CostMethod.BY_INSTALMENT_ON_AMOUNT,
            daily=nothing,
            yearly=nothing,
            amount_minor=fee.minor(terms.amount_minor) * rows,
            if_normal=True,
        )
        for fee in product.fees
    )
    return (interest, *fees, overdue, early)


def _keeps_ceiling(terms: Terms, plan: Sequence[Row], fee_minor: int) -> bool:
    """Whether a loan with fees costs no more than the ceiling, on whichever of its due days it is repaid.

    Its interest counts as if it were paid day by day, the dearest that a customer may do with it; between two due days
    nothing else is charged. A part prepayment lowers the fees ahead with the principal (`relevel`), so it costs what
    parts of the loan cost that are each repaid early.
    """
    with localcontext(prec=_DIGITS) as context:
        year = 1 + Decimal(terms.product.ceiling_yearly.scaled).scaleb(-RATE_PLACES)
        day = year ** context.divide(1, YEAR_DAYS)
        left, start = Decimal(terms.amount_minor), Decimal(1)
        for row in plan:
            due = day ** -(row.due_on - terms.drawn_on).days
            left -= context.divide(row.interest_minor * (start - due), row.days * (day - 1))
            left -= (row.principal_minor + fee_minor) * due
            if left < row.balance_minor * due:
                return False
            start = due
    return True


def price(terms: Terms) -> QuoteFigures:
    """The figures of checked terms; the same terms give the same figures, for the trial and for the draw.

    Source of the cost table: provisions on disclosing the comprehensive financing cost of personal loans
    (2026 no. 2).

    Raises:
        NegativeAmortisation: a level instalment that does not carry its interest.
        CeilingExceeded: the fees of the product bring the cost above the ceiling.
    """
    product, daily, amount = terms.product, terms.daily, terms.amount_minor
    plan = plan_of(product, amount, daily, terms.drawn_on, terms.term_months, terms.method)
    fee = product.fee_minor(amount)
    if fee and not _keeps_ceiling(terms, plan, fee):
        raise CeilingExceeded(daily, _most_with_fees(terms, fee))
    interest = sum(row.interest_minor for row in plan)
    penalty = product_penalty(product, daily)
    return QuoteFigures(
        terms=terms,
        plan=plan,
        total_minor=amount + interest + fee * len(plan),
        interest_minor=interest,
        apr=annual_cost(_flows(terms, plan, fee)),
        nominal_yearly=Rate.yearly(daily, product.day_base),
        penalty=penalty,
        costs=_costs(terms, penalty, interest, len(plan)),
        fee_minor=fee,
    )


def _most_with_fees(terms: Terms, fee_minor: int) -> Rate:
    """The greatest daily rate that keeps the ceiling beside the fees; zero also when none does."""
    low, high = 0, terms.daily.scaled
    while high - low > 1:
        middle = (low + high) // 2
        plan = plan_of(
            terms.product, terms.amount_minor, Rate(middle), terms.drawn_on, terms.term_months, terms.method
        )
        low, high = (middle, high) if _keeps_ceiling(terms, plan, fee_minor) else (low, middle)
    return Rate(low)


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
