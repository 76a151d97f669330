"""Payments, whole and by loan; trials of them; credit that goes back."""

from datetime import date, datetime
from enum import Enum
from uuid import UUID

import strawberry

from app.api import words
from app.api.contract import Node, PageInfo
from app.api.customer.nouns.lending import Loan, Repayment
from app.api.customer.nouns.quote import PlannedInstalment
from app.api.reading import payments as read
from app.api.reading.pages import Page
from app.api.scalars import Money, encode_id
from app.domain.lending.product import AllocationTarget, PrepaymentRule
from app.flows.payments.trials import Part, Trial


@strawberry.enum(
    description="CUSTOMER: paid here. BANK: the bank told of it. DEBIT: collected. OFFICER: booked by two of the staff."
)
class PaymentChannel(Enum):
    CUSTOMER = "CUSTOMER"
    BANK = "BANK"
    DEBIT = "DEBIT"
    OFFICER = "OFFICER"


@strawberry.enum(description="RETURNED: the payment came back. MISTAKEN: it was never meant for us.")
class PaymentUndone(Enum):
    RETURNED = "RETURNED"
    MISTAKEN = "MISTAKEN"


@strawberry.type(description="Money that came in once, and what each loan took of it.")
class Payment(Node):
    row: strawberry.Private[read.PaymentRow]
    amount: Money
    channel: PaymentChannel
    reference: str = strawberry.field(description="How the bank names it.")
    effective_on: date = strawberry.field(description="The business day for which it counts.")
    received_at: datetime
    undone_at: datetime | None
    undone_as: PaymentUndone | None

    @strawberry.field(description="What of it paid back credit that was refunded out of a payment which came back.")
    async def paid_back(self) -> Money:
        return Money.of(await read.paid_back(self.row.id), self.row.currency)

    @strawberry.field(description="What each loan took of it; with `paidBack` they sum to `amount`.")
    async def repayments(self) -> list[Repayment]:
        return [Repayment.of(row) for row in await read.parts(self.row)]

    @classmethod
    def of(cls, row: read.PaymentRow) -> "Payment":
        """From its row."""
        return cls(
            id=encode_id("Payment", row.id),
            row=row,
            amount=Money.of(row.amount_minor, row.currency),
            channel=PaymentChannel(row.channel),
            reference=row.reference,
            effective_on=row.effective_on,
            received_at=row.received_at,
            undone_at=row.undone_at,
            undone_as=PaymentUndone(row.undone_as) if row.undone_as else None,
        )


@strawberry.type
class PaymentConnection:
    nodes: list[Payment]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.PaymentRow]) -> "PaymentConnection":
        """From a page of rows."""
        return cls(nodes=[Payment.of(row) for row in page.rows], page_info=PageInfo.of(page))


@strawberry.enum(description="PENDING, SENT: on its way. FAILED: the bank could not pay; the credit is yours again.")
class RefundState(Enum):
    PENDING = "PENDING"
    SENT = "SENT"
    PAID = "PAID"
    FAILED = "FAILED"


@strawberry.type(description="Credit on its way back to the customer's own account.")
class CreditRefund(Node):
    amount: Money
    state: RefundState
    failure: str | None = strawberry.field(description="The payment service's word, where it failed.")
    created_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, row: read.RefundRow) -> "CreditRefund":
        """From its row."""
        return cls(
            id=encode_id("CreditRefund", row.id),
            amount=Money.of(row.amount_minor, row.currency),
            state=RefundState(row.state),
            failure=row.failure_code,
            created_at=row.created_at,
            closed_at=row.closed_at,
        )


@strawberry.type
class CreditRefundConnection:
    nodes: list[CreditRefund]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.RefundRow]) -> "CreditRefundConnection":
        """From a page of rows."""
        return cls(nodes=[CreditRefund.of(row) for row in page.rows], page_info=PageInfo.of(page))


@strawberry.enum(description="REFUNDED_THEN_RETURNED: it was refunded out of a payment that the bank then took back.")
class OwedBackReason(Enum):
    REFUNDED_THEN_RETURNED = "REFUNDED_THEN_RETURNED"


@strawberry.type(description="What the customer holds of ours: due at once, without interest, paid by `makePayment`.")
class OwedBack:
    amount: Money
    reason: OwedBackReason
    message: str = strawberry.field(description="The reason and what to do, in the request's language.")
    payments: list[Payment] = strawberry.field(description="The payments that came back, newest first, at most 20.")


@strawberry.type(description="Where customer and lender stand beside the loans, all of them together.")
class CustomerCredit:
    held: Money = strawberry.field(description="What I paid beyond all debts: mine, and paid back by `refundCredit`.")
    owed_back: OwedBack | None = strawberry.field(description="What I owe back; null: nothing.")

    @classmethod
    async def of(cls, customer_id: UUID, language: str) -> "CustomerCredit":
        """From the postings of all loans."""
        exact = await read.credit(customer_id)
        owed, reason = exact.owed_back_minor, OwedBackReason.REFUNDED_THEN_RETURNED
        back = OwedBack(
            amount=Money.of(owed),
            reason=reason,
            message=words.say(language, "owedBack", reason.value),
            payments=[Payment.of(row) for row in await read.taken_back(customer_id, list(exact.owed_back_of(owed)))],
        )
        return cls(held=Money.of(exact.held_minor), owed_back=back if owed else None)


@strawberry.type(description="A part of a payment as it would be booked.")
class TrialLine:
    target: AllocationTarget
    amount: Money
    instalment_number: int | None
    on_interest: bool = strawberry.field(description="Of a PENALTY: whether it runs on overdue interest.")


@strawberry.type(description="What one loan would take of a payment, and how its plan would stand after it.")
class TrialPart:
    loan: Loan
    amount: Money
    rule: PrepaymentRule
    relevels: bool = strawberry.field(
        description="Whether principal is prepaid, so that the plan changes by the rule."
    )
    settles: bool
    lines: list[TrialLine] = strawberry.field(description="They sum to `amount`.")
    plan: list[PlannedInstalment] = strawberry.field(description="The rows still to come, at most 60.")
    interest_left: Money
    interest_saved: Money

    @classmethod
    def of(cls, part: Part) -> "TrialPart":
        """From the law's own figures."""
        currency, shown = part.loan.currency, part.preview
        return cls(
            loan=Loan.of(part.loan),
            amount=Money.of(part.amount_minor, currency),
            rule=shown.rule,
            relevels=part.relevels,
            settles=shown.settled,
            lines=[
                TrialLine(
                    target=line.target,
                    amount=Money.of(line.amount_minor, currency),
                    instalment_number=line.instalment,
                    on_interest=line.on_interest,
                )
                for line in shown.lines
            ],
            plan=[PlannedInstalment.of(row, row.fee_minor) for row in shown.rows],
            interest_left=Money.of(shown.interest_left_minor, currency),
            interest_saved=Money.of(shown.saved_minor, currency),
        )


@strawberry.type(
    description=(
        "A payment as it would be booked now; nothing is written. `id` seals what is shown: a payment that names it is "
        "booked only if it would still do exactly this."
    )
)
class PaymentTrial:
    id: strawberry.ID
    amount: Money
    parts: list[TrialPart]
    credit: Money = strawberry.field(description="What no loan takes: the customer's, and refundable.")
    paid_back: Money = strawberry.field(
        description="What pays back refunded credit of a payment that came back: after what is due, before what is not."
    )
    valid_until: datetime

    @classmethod
    def of(cls, trial: Trial) -> "PaymentTrial":
        """From the flow's trial."""
        currency = trial.amount.currency
        return cls(
            id=strawberry.ID(trial.seal),
            amount=Money.of(trial.amount.minor, currency),
            parts=[TrialPart.of(part) for part in trial.parts],
            credit=Money.of(trial.credit_minor, currency),
            paid_back=Money.of(trial.back_minor, currency),
            valid_until=trial.valid_until,
        )
