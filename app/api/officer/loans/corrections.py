"""What officers put right on a loan, by two, and the bank's notices that wait for a person."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed, PageInfo
from app.api.officer.approvals import ApprovalPayload, CheckApprovalInput, approval_payload
from app.api.reading import payments as read
from app.api.reading.pages import Page
from app.api.refusals import (
    ApprovalClosed,
    ApprovalPending,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    OwnAccount,
    SamePerson,
    StillWorking,
    TrainingExpired,
)
from app.api.scalars import Money, MoneyInput, decode_id, encode_id
from app.domain.oversight.approval import ApprovalOutcome
from app.domain.oversight.roles import Verb
from app.flows.payments.banking import Problem, Told
from app.flows.payments.proposing import (
    CorrectionWish,
    LatePayment,
    ProposeChargeOff,
    ProposeCorrection,
    check_charge_off,
    check_correction,
    propose_charge_off,
    propose_correction,
)

strawberry.enum(Told, name="BankNoticeKind", description="What the bank told.")
strawberry.enum(Problem, name="BankNoticeProblem", description="Why a person has to look.")
strawberry.enum(
    CorrectionWish,
    name="CorrectionWish",
    description="RETURNED, MISTAKEN: take a payment back. BOOK_LATE: book one that came and was not booked.",
)


@strawberry.type(
    description="A notice of the bank that no machine could book. Whose account it is, only the file tells."
)
class BankNotice:
    id: strawberry.ID
    kind: Told
    reference: str
    amount: Money
    value_on: date
    problem: Problem
    customer_id: strawberry.ID | None
    received_at: datetime

    @classmethod
    def of(cls, row: read.NoticeRow) -> "BankNotice":
        """From its row."""
        return cls(
            id=encode_id("BankNotice", row.id),
            kind=Told(row.kind),
            reference=row.reference,
            amount=Money.of(row.amount_minor, row.currency),
            value_on=row.value_on,
            problem=Problem(row.problem),
            customer_id=encode_id("Customer", row.customer_id) if row.customer_id is not None else None,
            received_at=row.received_at,
        )


@strawberry.type
class BankNoticeConnection:
    nodes: list[BankNotice]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.NoticeRow]) -> "BankNoticeConnection":
        """From a page of rows."""
        return cls(nodes=[BankNotice.of(row) for row in page.rows], page_info=PageInfo.of(page))


@strawberry.type
class OversightLoans:
    @strawberry.field(
        description="Notices of the bank that wait for a person, newest first. Roles OPERATOR, COMPLIANCE."
    )
    async def bank_notices(self, info: Info, first: int = 20, after: str | None = None) -> BankNoticeConnection:
        officer = info.context.may(Verb.BANK_NOTICES)
        return BankNoticeConnection.of(await read.bank_notices(officer, first, after))


@strawberry.input(description="A payment that came and was not booked.")
class LatePaymentInput:
    amount: MoneyInput = strawberry.field(description="What was paid.")
    value_on: date = strawberry.field(description="The business day for which it counts, not before the draw.")
    reference: str = strawberry.field(description="The bank's name for it, 1 to 64 of A-Z a-z 0-9 . _ : -")


@strawberry.input(description="`repaymentId` to take a payment back, or `loanId` and `late` to book one.")
class ProposeCorrectionInput(Keyed):
    wish: CorrectionWish = strawberry.field(description="What is to be put right.")
    note: str = strawberry.field(description="Why, 10 to 2000 characters.")
    repayment_id: strawberry.ID | None = strawberry.field(
        default=None, description="A part of the payment that is taken back, whole, from every loan."
    )
    loan_id: strawberry.ID | None = strawberry.field(default=None, description="The loan that it is booked on.")
    late: LatePaymentInput | None = strawberry.field(default=None, description="The payment that is booked.")


@strawberry.input(description="A note has 10 to 2000 characters.")
class ProposeChargeOffInput(Keyed):
    loan_id: strawberry.ID = strawberry.field(description="A loan in default.")
    note: str = strawberry.field(description="Why it should leave the book, 10 to 2000 characters.")


ProposeCorrectionResult = Annotated[
    ApprovalPayload
    | ApprovalPending
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("ProposeCorrectionResult"),
]
ProposeChargeOffResult = Annotated[
    ApprovalPayload
    | ApprovalPending
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("ProposeChargeOffResult"),
]
CheckCorrectionResult = Annotated[
    ApprovalPayload
    | SamePerson
    | ApprovalClosed
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("CheckCorrectionResult"),
]
CheckChargeOffResult = Annotated[
    ApprovalPayload
    | SamePerson
    | ApprovalClosed
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("CheckChargeOffResult"),
]


@strawberry.type
class LoanDeskMutation:
    @strawberry.mutation(
        directives=NEVER,
        description="Propose that a payment be taken back, or booked late; another person confirms. Role OPERATOR.",
    )
    async def propose_correction(self, info: Info, input: ProposeCorrectionInput) -> ProposeCorrectionResult:  # noqa: A002
        officer = info.context.may(Verb.PROPOSE_CORRECTION)
        late = input.late
        asked = ProposeCorrection(
            wish=input.wish,
            note=input.note,
            repayment_id=decode_id(input.repayment_id, "Repayment") if input.repayment_id is not None else None,
            loan_id=decode_id(input.loan_id, "Loan") if input.loan_id is not None else None,
            late=LatePayment(late.amount.exact("late", "amount"), late.value_on, late.reference) if late else None,
        )
        key = await propose_correction(info.context.desk, officer, input.idempotency_key, asked)
        return await approval_payload(key)

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Carry out a correction that another person proposed: all that followed is played again. Roles OPERATOR, "
            "COMPLIANCE."
        ),
    )
    async def confirm_correction(self, info: Info, input: CheckApprovalInput) -> CheckCorrectionResult:  # noqa: A002
        officer = info.context.may(Verb.CONFIRM_CORRECTION)
        desk, asked = info.context.desk, input.check()
        confirmed = ApprovalOutcome.CONFIRMED
        return await approval_payload(await check_correction(desk, officer, input.idempotency_key, asked, confirmed))

    @strawberry.mutation(directives=NEVER, description="Turn a proposed correction down. Roles OPERATOR, COMPLIANCE.")
    async def reject_correction(self, info: Info, input: CheckApprovalInput) -> CheckCorrectionResult:  # noqa: A002
        officer = info.context.may(Verb.REJECT_CORRECTION)
        desk, asked = info.context.desk, input.check()
        rejected = ApprovalOutcome.REJECTED
        return await approval_payload(await check_correction(desk, officer, input.idempotency_key, asked, rejected))

    @strawberry.mutation(
        directives=NEVER,
        description="Propose that a loan in default leave the book; another person confirms. Role RISK.",
    )
    async def propose_charge_off(self, info: Info, input: ProposeChargeOffInput) -> ProposeChargeOffResult:  # noqa: A002
        officer = info.context.may(Verb.PROPOSE_CHARGE_OFF)
        asked = ProposeChargeOff(decode_id(input.loan_id, "Loan"), input.note)
        key = await propose_charge_off(info.context.desk, officer, input.idempotency_key, asked)
        return await approval_payload(key)

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Charge off a loan that another person proposed: it earns nothing more and is still owed. Role COMPLIANCE."
        ),
    )
    async def confirm_charge_off(self, info: Info, input: CheckApprovalInput) -> CheckChargeOffResult:  # noqa: A002
        officer = info.context.may(Verb.CONFIRM_CHARGE_OFF)
        desk, asked = info.context.desk, input.check()
        confirmed = ApprovalOutcome.CONFIRMED
        return await approval_payload(await check_charge_off(desk, officer, input.idempotency_key, asked, confirmed))

    @strawberry.mutation(directives=NEVER, description="Turn a proposed charge-off down. Role COMPLIANCE.")
    async def reject_charge_off(self, info: Info, input: CheckApprovalInput) -> CheckChargeOffResult:  # noqa: A002
        officer = info.context.may(Verb.REJECT_CHARGE_OFF)
        desk, asked = info.context.desk, input.check()
        rejected = ApprovalOutcome.REJECTED
        return await approval_payload(await check_charge_off(desk, officer, input.idempotency_key, asked, rejected))
