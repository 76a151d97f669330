"""What a customer asks and does about paying: trials, a payoff by day, one payment for all loans, credit back."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed
from app.api.customer.nouns.loan_parts import PayoffQuote
from app.api.customer.nouns.payments import CreditRefund, Payment, PaymentTrial
from app.api.reading import payments as read
from app.api.refusals import IdempotencyConflict, InvalidInput, NotFound, StillWorking, TrialStale
from app.api.scalars import MoneyInput, decode_id
from app.domain.refusals import NotFound as NothingThere
from app.flows.payments.paying import Pay, make_payment
from app.flows.payments.refunding import RefundCredit, refund_credit
from app.flows.payments.trials import payment_trial, payoff_on, prepayment_previews


@strawberry.input(description="A payment for one loan. Queries, so no key.")
class PrepaymentPreviewInput:
    loan_id: strawberry.ID = strawberry.field(description="The loan that would be paid for.")
    amount: MoneyInput = strawberry.field(description="What would be paid today.")


@strawberry.input(description="A payment for all that is owed. Queries, so no key.")
class RepaymentTrialInput:
    amount: MoneyInput = strawberry.field(description="What would be paid today.")
    first_loan_id: strawberry.ID | None = strawberry.field(
        default=None, description="The loan to be paid first, up to its payoff; null: as Civil Code 560 has it."
    )


@strawberry.input(description="One loan on one day. Queries, so no key.")
class PayoffQuoteInput:
    loan_id: strawberry.ID = strawberry.field(description="The loan that would be paid off.")
    on: date = strawberry.field(description="The business day, from today to 366 days ahead.")


@strawberry.input(description="One payment for several loans.")
class MakePaymentInput(Keyed):
    amount: MoneyInput = strawberry.field(
        description="What is paid; more than is owed becomes the customer's credit."
    )
    first_loan_id: strawberry.ID | None = strawberry.field(
        default=None, description="The loan to be paid first, up to its payoff; null: as Civil Code 560 has it."
    )
    trial_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "A trial of `repaymentTrial` that is agreed to; refused as TrialStale if the split would be another now."
        ),
    )


@strawberry.input(description="All credit, to the customer's own account.")
class RefundCreditInput(Keyed):
    pass


@strawberry.type
class PrepaymentPreviewPayload:
    trials: list[PaymentTrial] = strawberry.field(description="One for each rule of the product, the default first.")


@strawberry.type
class RepaymentTrialPayload:
    trial: PaymentTrial


@strawberry.type
class PayoffQuotePayload:
    payoff: PayoffQuote


@strawberry.type
class MakePaymentPayload:
    payment: Payment


@strawberry.type
class RefundCreditPayload:
    refund: CreditRefund


PrepaymentPreviewResult = Annotated[
    PrepaymentPreviewPayload | InvalidInput | NotFound, strawberry.union("PrepaymentPreviewResult")
]
RepaymentTrialResult = Annotated[
    RepaymentTrialPayload | InvalidInput | NotFound, strawberry.union("RepaymentTrialResult")
]
PayoffQuoteResult = Annotated[PayoffQuotePayload | InvalidInput | NotFound, strawberry.union("PayoffQuoteResult")]
MakePaymentResult = Annotated[
    MakePaymentPayload | TrialStale | StillWorking | InvalidInput | NotFound | IdempotencyConflict,
    strawberry.union("MakePaymentResult"),
]
RefundCreditResult = Annotated[
    RefundCreditPayload | StillWorking | InvalidInput | IdempotencyConflict, strawberry.union("RefundCreditResult")
]


@strawberry.type
class PaymentsQuery:
    @strawberry.field(
        directives=NEVER,
        description="A payment for one loan under each prepayment rule, side by side. Pure, own data only.",
    )
    async def prepayment_preview(
        self,
        info: Info,
        input: PrepaymentPreviewInput,  # noqa: A002
    ) -> PrepaymentPreviewResult:
        context, loan_id = info.context, decode_id(input.loan_id, "Loan")
        amount = input.amount.exact("amount")
        trials = await prepayment_previews(context.desk, context.customer_id, loan_id, amount)
        return PrepaymentPreviewPayload(trials=[PaymentTrial.of(trial) for trial in trials])

    @strawberry.field(
        directives=NEVER, description="How one payment would be shared among all loans. Pure, own data only."
    )
    async def repayment_trial(self, info: Info, input: RepaymentTrialInput) -> RepaymentTrialResult:  # noqa: A002
        context, amount = info.context, input.amount.exact("amount")
        trial = await payment_trial(context.desk, context.customer_id, amount, _first(input.first_loan_id))
        return RepaymentTrialPayload(trial=PaymentTrial.of(trial))

    @strawberry.field(
        directives=NEVER, description="What ends a loan on a day, if nothing else is paid until then. Pure."
    )
    async def payoff_quote(self, info: Info, input: PayoffQuoteInput) -> PayoffQuoteResult:  # noqa: A002
        context, loan_id = info.context, decode_id(input.loan_id, "Loan")
        found = await payoff_on(context.desk, context.customer_id, loan_id, input.on)
        return PayoffQuotePayload(payoff=PayoffQuote.of(found.end, found.day, found.loan.currency))


@strawberry.type
class PaymentsMutation:
    @strawberry.mutation(
        directives=NEVER,
        description="Pay once for all loans: the chosen one first, then as Civil Code 560 has it. Works while frozen.",
    )
    async def make_payment(self, info: Info, input: MakePaymentInput) -> MakePaymentResult:  # noqa: A002
        context = info.context
        asked = Pay(input.amount.exact("amount"), _first(input.first_loan_id), input.trial_id)
        key = await make_payment(context.desk, context.customer_id, input.idempotency_key, asked)
        row = await read.payment(context.customer_id, key)
        if row is None:
            raise NothingThere
        return MakePaymentPayload(payment=Payment.of(row))

    @strawberry.mutation(
        directives=NEVER, description="Have all credit paid back to the own account. Works while frozen."
    )
    async def refund_credit(self, info: Info, input: RefundCreditInput) -> RefundCreditResult:  # noqa: A002
        context = info.context
        key = await refund_credit(context.desk, context.customer_id, input.idempotency_key, RefundCredit())
        row = await read.refund(context.customer_id, key)
        if row is None:
            raise NothingThere
        return RefundCreditPayload(refund=CreditRefund.of(row))


def _first(loan_id: strawberry.ID | None) -> UUID | None:
    return decode_id(loan_id, "Loan") if loan_id is not None else None
