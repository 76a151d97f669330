"""Trials: a range of limits, and a loan priced to the fen. Both ask nobody and bind only as they say."""

from datetime import date, datetime

import strawberry

from app.api import words
from app.api.customer.nouns.decision import Reason
from app.api.scalars import Money, Rate, rate, yearly
from app.domain.deciding.estimate import Estimate
from app.domain.lending.product import Method, PrepaymentRule
from app.domain.lending.quote import CostItem as ExactItem
from app.domain.lending.quote import CostKind
from app.domain.lending.schedule import Row
from app.flows.book.contract import ContractText, daily_percent, percent
from app.flows.book.disclosure import Disclosure
from app.flows.book.quoting import Quote as ExactQuote

strawberry.enum(
    Method,
    name="RepaymentMethod",
    description="How a loan is repaid. DAILY: by the day, in one row at the end of the term or whenever it suits.",
)
strawberry.enum(CostKind, name="CostKind", description="What a cost is for.")
strawberry.enum(
    PrepaymentRule,
    name="PrepaymentRule",
    description="What a prepayment leaves as it is: the term (smaller instalments) or the instalment (a shorter term).",
)
DAILY_PLACES = 8


@strawberry.type(description="A limit trial on our own data: a range, never binding. No bureau is asked.")
class LimitEstimate:
    low: Money
    high: Money
    inquiry_could_help: bool = strawberry.field(
        description="Could an inquiry change the answer? If not, do not spend one."
    )
    reasons: list[Reason]

    @classmethod
    def of(cls, exact: Estimate, language: str) -> "LimitEstimate":
        """From the law's own figure."""
        return cls(
            low=Money.of(exact.low_minor),
            high=Money.of(exact.high_minor),
            inquiry_could_help=exact.inquiry_could_help,
            reasons=[Reason.of(code.value, language) for code in exact.reasons],
        )


@strawberry.type(description="One row of a plan; `amount` is principal, interest and fee.")
class PlannedInstalment:
    number: int
    due_on: date
    days: int
    amount: Money
    principal: Money
    interest: Money
    fee: Money

    @classmethod
    def of(cls, row: Row, fee_minor: int = 0) -> "PlannedInstalment":
        """From a plan's row; `fee_minor` is asked beside it."""
        return cls(
            number=row.number,
            due_on=row.due_on,
            days=row.days,
            amount=Money.of(row.amount_minor + fee_minor),
            principal=Money.of(row.principal_minor),
            interest=Money.of(row.interest_minor),
            fee=Money.of(fee_minor),
        )


@strawberry.type(description="One cost: who charges it, how, by which standard, and if it arises when all goes well.")
class CostItem:
    kind: CostKind
    label: str
    payee: str
    method: str
    standard: str
    daily_rate: Rate
    yearly_rate: Rate
    amount: Money | None = strawberry.field(description="Null where it depends on a default.")
    if_normal: bool

    @classmethod
    def of(cls, item: ExactItem, language: str) -> "CostItem":
        """An item, spelt out."""
        return cls(
            kind=item.kind,
            label=words.say(language, "cost", item.kind.value),
            payee=words.say(language, "cost", item.payee.value),
            method=words.say(language, "cost", item.method.value),
            standard=f"{daily_percent(item.daily, 5)} / {percent(item.yearly, 2)}",
            daily_rate=rate(item.daily.scaled, DAILY_PLACES),
            yearly_rate=yearly(item.yearly.scaled),
            amount=Money.of(item.amount_minor) if item.amount_minor is not None else None,
            if_normal=item.if_normal,
        )


@strawberry.type(
    description=(
        "The comprehensive cost of one quote, to be shown and read before signing. Nothing else is charged. "
        "`sha256` is what is acknowledged."
    )
)
class CostDisclosure:
    principal: Money
    items: list[CostItem]
    annual_cost: Rate
    simple_annual_cost: Rate = strawberry.field(
        description="The same without compounding: simple, to be labelled so beside `annualCost`."
    )
    minimum_reading_seconds: int
    sha256: str

    @classmethod
    def of(cls, exact: Disclosure, language: str) -> "CostDisclosure":
        """The table, spelt out."""
        return cls(
            principal=Money.of(exact.principal_minor),
            items=[CostItem.of(item, language) for item in exact.items],
            annual_cost=yearly(exact.apr_scaled),
            simple_annual_cost=yearly(exact.simple_scaled),
            minimum_reading_seconds=exact.reading_seconds_min,
            sha256=exact.sha256,
        )


@strawberry.type(description="The text to be read and signed, made from the quote.")
class ContractDraft:
    title: str
    text: str
    sha256: str

    @classmethod
    def of(cls, exact: ContractText) -> "ContractDraft":
        """From the text."""
        return cls(title=exact.title, text=exact.text, sha256=exact.sha256)


@strawberry.type(
    description=(
        "A trial calculation, pure: on our own data, no row is written, no bureau is asked. `id` seals the terms, "
        "for the draw to quote them back; it is used once."
    )
)
class Quote:
    id: strawberry.ID
    amount: Money
    term_months: int
    method: Method
    daily_rate: Rate
    nominal_rate: Rate = strawberry.field(description="Simple, the daily rate times the days of the product's year.")
    apr: Rate = strawberry.field(description="Annualised comprehensive cost: IRR on actual days over 365.")
    simple_annual_cost: Rate = strawberry.field(description="The annual cost without compounding, labelled simple.")
    product_version: int = strawberry.field(description="The product that is sold today; a loan keeps it.")
    prepayment_rules: list[PrepaymentRule] = strawberry.field(
        description="What a prepayment of the loan may leave as it is; the first without a choice."
    )
    disclosure: CostDisclosure
    contract: ContractDraft
    plan: list[PlannedInstalment] = strawberry.field(description="At most 60, so a plain list.")
    total_repayable: Money
    total_interest: Money
    is_binding: bool = strawberry.field(
        description="True on the viewer's own line; false at published terms, before there is a line."
    )
    valid_until: datetime

    @classmethod
    def of(cls, exact: ExactQuote, language: str) -> "Quote":
        """From the law's own figures."""
        figures = exact.figures
        return cls(
            id=strawberry.ID(exact.seal),
            amount=Money.of(figures.terms.amount_minor),
            term_months=figures.terms.term_months,
            method=figures.terms.method,
            daily_rate=rate(figures.terms.daily.scaled, DAILY_PLACES),
            nominal_rate=yearly(figures.nominal_yearly.scaled),
            apr=yearly(figures.apr.scaled),
            simple_annual_cost=yearly(figures.simple.scaled),
            product_version=figures.terms.product.version,
            prepayment_rules=list(figures.terms.product.prepayment_of(figures.terms.method)),
            disclosure=CostDisclosure.of(exact.disclosure, language),
            contract=ContractDraft.of(exact.contract),
            plan=[PlannedInstalment.of(row, figures.fee_minor) for row in figures.plan],
            total_repayable=Money.of(figures.total_minor),
            total_interest=Money.of(figures.interest_minor),
            is_binding=exact.binding,
            valid_until=exact.valid_until,
        )
