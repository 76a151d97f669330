"""The line, its loans and their payments."""

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum

import strawberry

from app.api.caller import Info
from app.api.contract import Node, PageInfo
from app.api.customer.nouns.days.ability import Ability, ability
from app.api.customer.nouns.days.debits import DebitConnection, DebitMandate, DebitMandateText
from app.api.customer.nouns.days.statement import Statement
from app.api.customer.nouns.decision import LimitChangeConnection, LimitIncreaseConnection
from app.api.customer.nouns.loan_parts import (
    Allocation,
    Contract,
    ContractAnnex,
    Instalment,
    LoanCorrectionConnection,
    PayoffQuote,
)
from app.api.customer.nouns.quote import DAILY_PLACES
from app.api.customer.nouns.watch import Freeze, RiskEventConnection
from app.api.reading import credit, loans, payments, watch
from app.api.reading.lending import days
from app.api.scalars import Money, Rate, encode_id, rate, yearly
from app.domain.calendar import business_date
from app.domain.lending.accrual import payoff
from app.domain.lending.product import Method, PrepaymentRule, product_of
from app.domain.money import Rate as ExactRate
from app.flows.allowed import lines as of_line
from app.flows.allowed import loans as of_loan
from app.flows.days.statements import cycles_of, statement_of

STATEMENTS_MAX = 24


@strawberry.enum(description="FROZEN: repaying and records work, nothing new can be drawn or asked for.")
class LineStatus(Enum):
    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    CLOSED = "CLOSED"


@strawberry.enum(
    description=(
        "PENDING_PAYOUT: signed, money on its way. CHARGED_OFF: still owed, and earning nothing. VOID: the payout failed, "
        "nothing is owed."
    )
)
class LoanStatus(Enum):
    PENDING_PAYOUT = "PENDING_PAYOUT"
    CURRENT = "CURRENT"
    LATE = "LATE"
    DEFAULTED = "DEFAULTED"
    CHARGED_OFF = "CHARGED_OFF"
    REPAID = "REPAID"
    VOID = "VOID"


@strawberry.type(description="What one loan took of a payment.")
class Repayment(Node):
    row: strawberry.Private[loans.RepaymentRow]
    amount: Money
    received_at: datetime
    effective_on: date = strawberry.field(description="The business day for which it counts.")
    undone_at: datetime | None = strawberry.field(
        description="Since when it counts no more: the payment came back, or this part pays another loan now. Null: it counts."
    )
    payment_id: strawberry.ID | None = strawberry.field(description="The payment that it is a part of.")

    @strawberry.field
    async def loan(self) -> "Loan":
        row = await loans.loan(self.row.customer_id, self.row.loan_id)
        if row is None:
            raise RuntimeError("a repayment without its loan cannot be stored")
        return Loan.of(row)

    @strawberry.field(description="The annex to the contract, where principal was prepaid.")
    async def annex(self) -> ContractAnnex | None:
        row = await payments.annex_of(self.row.id)
        return ContractAnnex.of(row) if row is not None else None

    @strawberry.field(description="Sums to `amount`; none once it is undone.")
    async def allocations(self) -> list[Allocation]:
        numbers: dict[object, int] = {row.id: row.number for row in await loans.instalments(self.row.loan_id)}
        return [Allocation.of(row, numbers, self.row.currency) for row in await loans.allocations(self.row.id)]

    @classmethod
    def of(cls, row: loans.RepaymentRow) -> "Repayment":
        """From its row."""
        return cls(
            id=encode_id("Repayment", row.id),
            row=row,
            amount=Money.of(row.amount_minor, row.currency),
            received_at=row.received_at,
            effective_on=row.effective_on,
            undone_at=row.undone_at,
            payment_id=encode_id("Payment", row.payment_id) if row.payment_id is not None else None,
        )


@strawberry.type
class RepaymentConnection:
    nodes: list[Repayment]
    page_info: PageInfo


@strawberry.type(description="One draw on the line.")
class Loan(Node):
    row: strawberry.Private[loans.LoanRow]
    principal: Money
    method: Method
    term_months: int
    daily_rate: Rate
    apr: Rate
    use: str
    drawn_at: datetime
    paid_out_at: datetime | None
    charged_off_on: date | None = strawberry.field(
        description="The day from which the claim earns nothing; null as long as it stands in the book."
    )
    product_version: int = strawberry.field(description="The product that it was made under, and is kept by.")
    grace_days: int
    poll_after_ms: int | None = strawberry.field(
        description="Ask again after this many milliseconds; null when nothing will change by itself."
    )

    @strawberry.field(description="What a prepayment of today may leave as it is; the first without a choice.")
    async def prepayment_rules(self, info: Info) -> list[PrepaymentRule]:
        rows = await loans.instalments(self.row.id)
        return list(loans.prepayment_rules(self.row, rows, await _today(info)))

    @strawberry.field
    async def line(self) -> "CreditLine":
        row = await credit.line(self.row.customer_id, self.row.line_id)
        if row is None:
            raise RuntimeError("a loan without its line cannot be stored")
        return CreditLine.of(row)

    @strawberry.field
    async def status(self, info: Info) -> LoanStatus:
        owed = loans.position(self.row, await loans.instalments(self.row.id), await _today(info))
        return LoanStatus(loans.status(self.row, owed))

    @strawberry.field(description="Principal not repaid yet, due or not.")
    async def outstanding(self, info: Info) -> Money:
        if self.row.status == "VOID":
            return Money.of(0, self.row.currency)
        owed = loans.position(self.row, await loans.instalments(self.row.id), await _today(info))
        return Money.of(owed.outstanding_minor, self.row.currency)

    @strawberry.field(description="What ends the loan today; null when nothing is owed.")
    async def payoff(self, info: Info) -> PayoffQuote | None:
        if self.row.status not in {"CURRENT", "LATE", "DEFAULTED"}:
            return None
        today = await _today(info)
        end = payoff(loans.position(self.row, await loans.instalments(self.row.id), today))
        return PayoffQuote.of(end, today, self.row.currency)

    @strawberry.field(description="What was paid on it beyond all debts, to the good of the customer and refundable.")
    async def credit(self) -> Money:
        exact = await payments.credit(self.row.customer_id)
        return Money.of(exact.held_of(self.row.id), self.row.currency)

    @strawberry.field(description="What was put right on it, newest first.")
    async def corrections(self, first: int = 20, after: str | None = None) -> LoanCorrectionConnection:
        return LoanCorrectionConnection.of(await payments.corrections(self.row.id, first, after))

    @strawberry.field
    async def contract(self) -> Contract:
        return Contract.of(await loans.contract_of(self.row.id))

    @strawberry.field(description="Why the payout failed, where it did: the payment service's word.")
    async def payout_failure(self) -> str | None:
        return (await loans.payout_of(self.row.id)).failure_code

    @strawberry.field(description="At most 60, so a plain list. What a prepayment cut off the end is not in it.")
    async def instalments(self, info: Info) -> list[Instalment]:
        rows = await loans.instalments(self.row.id)
        owed = loans.position(self.row, rows, await _today(info))
        last = max(
            (row.number for row in rows if row.principal_minor + row.interest_minor + row.fee_minor), default=0
        )
        pairs = zip(rows, owed.instalments, strict=True)
        return [Instalment.of(row, item, self.row.currency) for row, item in pairs if row.number <= last]

    @strawberry.field
    async def repayments(self, first: int = 20, after: str | None = None) -> RepaymentConnection:
        page = await loans.repayments(self.row.id, first, after)
        return RepaymentConnection(
            nodes=[Repayment.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )

    @strawberry.field(description="Whether a payment can be made.")
    async def can_repay(self, info: Info) -> Ability:
        return await ability(_said(lambda: of_loan.check_repay(self.row)), info.context.language)

    @strawberry.field(description="Whether there is anything to pay ahead of its time.")
    async def can_prepay(self, info: Info) -> Ability:
        return await ability(of_loan.check_prepay(self.row, await _today(info)), info.context.language)

    @strawberry.field(description="The tries to collect what was due under the line's mandate, newest first.")
    async def debits(self, first: int = 20, after: str | None = None) -> DebitConnection:
        return DebitConnection.of(await days.debits(self.row.id, first, after))

    @classmethod
    def of(cls, row: loans.LoanRow) -> "Loan":
        """From its row."""
        product = product_of(row.product_version)
        return cls(
            id=encode_id("Loan", row.id),
            row=row,
            principal=Money.of(row.principal_minor, row.currency),
            method=Method(row.method),
            term_months=row.term_months,
            daily_rate=rate(row.daily_scaled, DAILY_PLACES),
            apr=yearly(row.apr_scaled),
            use=row.use,
            drawn_at=row.drawn_at,
            paid_out_at=row.paid_out_at,
            charged_off_on=row.charged_off_on,
            product_version=row.product_version,
            grace_days=product.grace_days,
            poll_after_ms=500 if row.status == "PENDING_PAYOUT" else None,
        )


@strawberry.type
class LoanConnection:
    nodes: list[Loan]
    page_info: PageInfo


@strawberry.type(description="A revolving credit line. Looking at it asks no bureau.")
class CreditLine(Node):
    row: strawberry.Private[credit.LineRow]
    status: LineStatus
    limit: Money
    daily_rate: Rate
    nominal_rate: Rate
    opened_at: datetime

    @strawberry.field(description="Principal owed, all loans together.")
    async def balance(self, info: Info) -> Money:
        figures = await loans.figures(info.context.desk.cache, self.row)
        return Money.of(figures.used_minor, self.row.currency)

    @strawberry.field(description="Held for payouts on their way.")
    async def held(self, info: Info) -> Money:
        figures = await loans.figures(info.context.desk.cache, self.row)
        return Money.of(figures.held_minor, self.row.currency)

    @strawberry.field(description="What may still be drawn; never negative.")
    async def available(self, info: Info) -> Money:
        figures = await loans.figures(info.context.desk.cache, self.row)
        return Money.of(figures.available(self.row), self.row.currency)

    @strawberry.field
    async def freeze(self) -> Freeze | None:
        row = await credit.running_freeze(self.row.id)
        return Freeze.of(row) if row else None

    @strawberry.field(description="What the rules of watching said of the line, newest first.")
    async def risk_events(self, first: int = 20, after: str | None = None) -> RiskEventConnection:
        return RiskEventConnection.of(await watch.risk_events(self.row.id, first, after))

    @strawberry.field(description="Whether the least amount can be drawn.")
    async def can_draw(self, info: Info) -> Ability:
        return await ability(of_line.check_draw(self.row, await _today(info)), info.context.language)

    @strawberry.field(description="Whether a higher limit can be asked for; its own consent comes on the way.")
    async def can_request_increase(self, info: Info) -> Ability:
        now = await info.context.desk.refresh_clock()
        return await ability(of_line.check_increase(self.row, now), info.context.language)

    @strawberry.field(
        description="Whether the account can be closed; `closeAccountCheck` tells each thing in the way."
    )
    async def can_close(self, info: Info) -> Ability:
        return await ability(of_line.check_close(self.row.customer_id, await _today(info)), info.context.language)

    @strawberry.field(description="The newest months, at most 24, newest first; the present one is so far.")
    async def statements(self, info: Info, first: int = 3) -> list[Statement]:
        today, row = await _today(info), self.row
        wanted = cycles_of(row, today, max(0, min(first, STATEMENTS_MAX)))
        return [Statement.of(await statement_of(row, cycle), info.context.language, row.currency) for cycle in wanted]

    @strawberry.field(description="The running word that what is due is collected from the own account; null: none.")
    async def debit_mandate(self) -> DebitMandate | None:
        row = await days.running_mandate(self.row.id)
        return DebitMandate.of(row) if row is not None else None

    @strawberry.field(description="What `agreeToDebits` agrees to, in the request's language.")
    async def debit_mandate_text(self, info: Info) -> DebitMandateText:
        return DebitMandateText.of(info.context.language)

    @strawberry.field(description="The oldest instalment with anything to pay.")
    async def next_due(self, info: Info) -> Instalment | None:
        found = await loans.next_due(self.row.id, await _today(info))
        if found is None:
            return None
        loan, row, owed = found
        return Instalment.of(row, owed.instalments[row.number - 1], loan.currency)

    @strawberry.field
    async def loans(self, first: int = 20, after: str | None = None) -> LoanConnection:
        page = await loans.loans(self.row.id, first, after)
        return LoanConnection(
            nodes=[Loan.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )

    @strawberry.field
    async def limit_increases(self, first: int = 20, after: str | None = None) -> LimitIncreaseConnection:
        return LimitIncreaseConnection.of(await credit.increases(self.row.id, first, after))

    @strawberry.field(description="How the limit came to be what it is.")
    async def limit_changes(self, first: int = 20, after: str | None = None) -> LimitChangeConnection:
        return LimitChangeConnection.of(await credit.limit_changes(self.row.id, first, after))

    @classmethod
    def of(cls, row: credit.LineRow) -> "CreditLine":
        """From its row."""
        base = product_of(row.product_version).day_base
        return cls(
            id=encode_id("CreditLine", row.id),
            row=row,
            status=LineStatus(row.status),
            limit=Money.of(row.limit_minor, row.currency),
            daily_rate=rate(row.daily_scaled, DAILY_PLACES),
            nominal_rate=yearly(ExactRate.yearly(ExactRate(row.daily_scaled), base).scaled),
            opened_at=row.opened_at,
        )


async def _said(check: Callable[[], None]) -> None:
    check()


async def _today(info: Info) -> date:
    return business_date(await info.context.desk.refresh_clock())
