"""Every question a customer may ask. None of them leads to the bureau."""

from typing import Annotated
from uuid import UUID

import strawberry

from app.api.caller import Customer as CallingCustomer
from app.api.caller import Info
from app.api.contract import NEVER, Node
from app.api.customer.nouns.consent import ConsentWording
from app.api.customer.nouns.found import found
from app.api.customer.nouns.loan_parts import Instalment
from app.api.customer.nouns.notice import shown
from app.api.customer.nouns.quote import LimitEstimate, Quote
from app.api.customer.viewer import Customer
from app.api.reading import credit, loans, notices
from app.api.refusals import InvalidInput, LimitExceeded, LineNotActive, NotFound
from app.api.scalars import MoneyInput, decode_id, encode_id, split_id
from app.domain.calendar import business_date
from app.domain.consent.purpose import ConsentPurpose
from app.domain.lending.product import Method
from app.domain.refusals import InvalidInput as NotBoth
from app.flows.book.quoting import QuoteRequest, quotes
from app.flows.credit.estimating import estimate_limit


@strawberry.input(description="Without `lineId`: a first limit. Queries, so no key.")
class LimitEstimateInput:
    line_id: strawberry.ID | None = strawberry.field(
        default=None, description="The line to be raised; null before a first application."
    )


@strawberry.input(description="Without `lineId`: published terms, not binding. `method` null: the product's.")
class QuoteInput:
    amount: MoneyInput = strawberry.field(description="What would be drawn, 100.00 to 200000.00 CNY.")
    term_months: int = strawberry.field(description="3, 6, 9 or 12.")
    line_id: strawberry.ID | None = strawberry.field(
        default=None, description="The viewer's line, for a binding quote; null for published terms."
    )
    method: Method | None = strawberry.field(
        default=None, description="How it would be repaid; null: the product's own way."
    )


@strawberry.input(description="One amount over several terms and methods, at most 6 terms.")
class QuotesInput:
    amount: MoneyInput = strawberry.field(description="What would be drawn, 100.00 to 200000.00 CNY.")
    term_months: list[int] = strawberry.field(description="1 to 6 of 3, 6, 9 and 12, answered in this order.")
    line_id: strawberry.ID | None = strawberry.field(
        default=None, description="The viewer's line, for binding quotes; null for published terms."
    )
    method: Method | None = strawberry.field(
        default=None, description="How it would be repaid; null: the product's own way."
    )
    methods: list[Method] = strawberry.field(
        default_factory=list, description="Several ways side by side, in place of `method`: each term in each way."
    )


@strawberry.type
class LimitEstimatePayload:
    estimate: LimitEstimate


@strawberry.type
class QuotePayload:
    quote: Quote


@strawberry.type
class QuotesPayload:
    quotes: list[Quote]


LimitEstimateResult = Annotated[
    LimitEstimatePayload | LineNotActive | NotFound, strawberry.union("LimitEstimateResult")
]
QuoteResult = Annotated[
    QuotePayload | LimitExceeded | LineNotActive | InvalidInput | NotFound, strawberry.union("QuoteResult")
]
QuotesResult = Annotated[
    QuotesPayload | LimitExceeded | LineNotActive | InvalidInput | NotFound, strawberry.union("QuotesResult")
]


@strawberry.type
class CustomerQuery:
    @strawberry.field(directives=NEVER, description="The customer whose token this is.")
    def viewer(self, info: Info) -> Customer:
        key = info.context.customer_id
        return Customer(id=encode_id("Customer", key), row_id=key)

    @strawberry.field(
        directives=NEVER, description="Anything of the viewer's by id; null when not there or not theirs."
    )
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002 - the contract's word
        return await _node(info, id)

    @strawberry.field(
        directives=NEVER,
        description="A limit trial on own data: before a first application, or before asking for more.",
    )
    async def limit_estimate(self, info: Info, input: LimitEstimateInput) -> LimitEstimateResult:  # noqa: A002
        context = info.context
        customer_id = context.customer_id
        line_id = decode_id(input.line_id, "CreditLine") if input.line_id is not None else None
        exact = await estimate_limit(context.desk, customer_id, line_id)
        return LimitEstimatePayload(estimate=LimitEstimate.of(exact, context.language))

    @strawberry.field(directives=NEVER, description="A loan trial. Pure, own data only.")
    async def quote(self, info: Info, input: QuoteInput) -> QuoteResult:  # noqa: A002
        (one,) = await _quotes(info, input.line_id, input.amount, [input.term_months], [input.method])
        return QuotePayload(quote=one)

    @strawberry.field(
        directives=NEVER,
        description="One amount over several terms and methods, in the order asked; at most 6 terms.",
    )
    async def quotes(self, info: Info, input: QuotesInput) -> QuotesResult:  # noqa: A002
        if input.methods and input.method is not None:
            raise NotBoth.at("methods", problem="METHOD_OR_METHODS")
        ways: list[Method | None] = [*dict.fromkeys(input.methods)] or [input.method]
        return QuotesPayload(quotes=await _quotes(info, input.line_id, input.amount, input.term_months, ways))

    @strawberry.field(
        directives=NEVER, description="What must be agreed to for this purpose, in the request's language."
    )
    async def consent_wording(self, info: Info, purpose: ConsentPurpose) -> ConsentWording:
        context = info.context
        _ = context.customer_id
        now = await context.desk.refresh_clock()
        return ConsentWording.of(await credit.wording(purpose, context.language, now))


async def _quotes(
    info: Info,
    line: strawberry.ID | None,
    amount: MoneyInput,
    terms: list[int],
    methods: list[Method | None],
) -> list[Quote]:
    context = info.context
    customer_id = context.customer_id
    line_id = decode_id(line, "CreditLine") if line is not None else None
    exact_amount = amount.exact("amount")
    requests = [QuoteRequest(exact_amount, term, method) for term in terms for method in methods]
    priced = await quotes(context.desk, customer_id, line_id, requests, context.language)
    return [Quote.of(exact, context.language) for exact in priced]


async def _node(info: Info, global_id: strawberry.ID) -> Node | None:
    parts = split_id(global_id)
    if parts is None or not isinstance(info.context.caller, CallingCustomer):
        _ = info.context.customer_id
        return None
    kind, key = parts
    owner = info.context.customer_id
    if kind == "Customer":
        return Customer(id=global_id, row_id=key) if key == owner else None
    if kind == "Instalment":
        return await _instalment(info, key)
    if kind == "Notice":
        row = await notices.notice(owner, key)
        return (await shown(info, [row]))[0] if row is not None else None
    return await found(owner, kind, key)


async def _instalment(info: Info, key: UUID) -> Instalment | None:
    kept = await loans.instalment(info.context.customer_id, key)
    if kept is None:
        return None
    loan, row = kept
    today = business_date(await info.context.desk.refresh_clock())
    owed = loans.position(loan, await loans.instalments(loan.id), today)
    return Instalment.of(row, owed.instalments[row.number - 1], loan.currency)
