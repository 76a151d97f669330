"""What a mutation answers: the payload with what is true now, or what stopped it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.api.caller import Info
from app.api.customer.nouns.asking.application import Application
from app.api.customer.nouns.consent import Consent
from app.api.customer.nouns.decision import LimitIncrease
from app.api.customer.nouns.lending import CreditLine, Loan, Repayment
from app.api.customer.nouns.notice import Notice, shown
from app.api.customer.nouns.watch import Appeal
from app.api.reading import credit, loans, notices, watch
from app.api.refusals import (
    AccountRestricted,
    AppealExists,
    ApplicationExists,
    ApplicationNotOpen,
    CodeWrong,
    ConsentRequired,
    DisclosureRequired,
    IdempotencyConflict,
    InquiryUnsettled,
    InvalidInput,
    LimitExceeded,
    LineAlreadyOpen,
    LineInArrears,
    LineNotActive,
    NotFound,
    OfferExpired,
    QuoteStale,
    StatementOutdated,
    StillWorking,
    TooSoon,
    TrialStale,
    WordingOutdated,
)
from app.domain.refusals import NotFound as NothingThere


@strawberry.type
class GrantConsentPayload:
    consent: Consent


@strawberry.type
class RefuseConsentPayload:
    consent: Consent


@strawberry.type
class WithdrawConsentPayload:
    consent: Consent


@strawberry.type
class SubmitApplicationPayload:
    application: Application


@strawberry.type
class AcceptOfferPayload:
    application: Application
    line: CreditLine


@strawberry.type
class SendSigningCodePayload:
    expires_at: datetime


@strawberry.type
class DrawLoanPayload:
    loan: Loan
    line: CreditLine


@strawberry.type
class MakeRepaymentPayload:
    repayment: Repayment
    loan: Loan
    line: CreditLine


@strawberry.type
class AppealFreezePayload:
    appeal: Appeal
    line: CreditLine


@strawberry.type
class RequestLimitIncreasePayload:
    limit_increase: LimitIncrease
    line: CreditLine


@strawberry.type
class MarkNoticeReadPayload:
    notice: Notice


GrantConsentResult = Annotated[
    GrantConsentPayload
    | WordingOutdated
    | StatementOutdated
    | InquiryUnsettled
    | AccountRestricted
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("GrantConsentResult"),
]
RefuseConsentResult = Annotated[
    RefuseConsentPayload | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("RefuseConsentResult"),
]
WithdrawConsentResult = Annotated[
    WithdrawConsentPayload | NotFound | StillWorking | IdempotencyConflict,
    strawberry.union("WithdrawConsentResult"),
]
SubmitApplicationResult = Annotated[
    SubmitApplicationPayload
    | ConsentRequired
    | InquiryUnsettled
    | WordingOutdated
    | StatementOutdated
    | ApplicationExists
    | LineAlreadyOpen
    | TooSoon
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("SubmitApplicationResult"),
]
AcceptOfferResult = Annotated[
    AcceptOfferPayload | OfferExpired | ApplicationNotOpen | NotFound | StillWorking | IdempotencyConflict,
    strawberry.union("AcceptOfferResult"),
]
SendSigningCodeResult = Annotated[
    SendSigningCodePayload | QuoteStale | TooSoon | StillWorking | IdempotencyConflict,
    strawberry.union("SendSigningCodeResult"),
]
DrawLoanResult = Annotated[
    DrawLoanPayload
    | LineInArrears
    | QuoteStale
    | DisclosureRequired
    | CodeWrong
    | LimitExceeded
    | LineNotActive
    | StillWorking
    | InvalidInput
    | NotFound
    | IdempotencyConflict,
    strawberry.union("DrawLoanResult"),
]
MakeRepaymentResult = Annotated[
    MakeRepaymentPayload | TrialStale | StillWorking | InvalidInput | NotFound | IdempotencyConflict,
    strawberry.union("MakeRepaymentResult"),
]
AppealFreezeResult = Annotated[
    AppealFreezePayload | AppealExists | NotFound | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("AppealFreezeResult"),
]
RequestLimitIncreaseResult = Annotated[
    RequestLimitIncreasePayload
    | ConsentRequired
    | InquiryUnsettled
    | WordingOutdated
    | StatementOutdated
    | TooSoon
    | LineNotActive
    | LineInArrears
    | StillWorking
    | InvalidInput
    | NotFound
    | IdempotencyConflict,
    strawberry.union("RequestLimitIncreaseResult"),
]


MarkNoticeReadResult = Annotated[
    MarkNoticeReadPayload | NotFound | StillWorking | IdempotencyConflict, strawberry.union("MarkNoticeReadResult")
]


async def consent(info: Info, key: UUID) -> Consent:
    """The consent as it is now."""
    row = await credit.consent(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    return Consent.of(row)


async def application(info: Info, key: UUID) -> Application:
    """The application as it is now."""
    row = await credit.application(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    return Application.of(row)


async def line(info: Info, key: UUID) -> CreditLine:
    """The line as it is now."""
    row = await credit.line(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    return CreditLine.of(row)


async def loan(info: Info, key: UUID) -> Loan:
    """The loan as it is now."""
    row = await loans.loan(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    return Loan.of(row)


async def increase(info: Info, key: UUID) -> LimitIncrease:
    """The request as it is now."""
    row = await credit.increase(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    return LimitIncrease.of(row)


async def appeal(info: Info, key: UUID) -> AppealFreezePayload:
    """The appeal and its line, as they are now."""
    row = await watch.own_appeal(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    return AppealFreezePayload(appeal=Appeal.of(row), line=await line(info, row.line_id))


async def signing_code(info: Info, key: UUID) -> SendSigningCodePayload:
    """When the code ends; the code itself travels another way."""
    return SendSigningCodePayload(expires_at=await loans.code_expiry(info.context.customer_id, key))


async def repayment(info: Info, key: UUID) -> MakeRepaymentPayload:
    """The payment with its loan and line, as they are now."""
    row = await loans.repayment(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    paid = await loan(info, row.loan_id)
    return MakeRepaymentPayload(repayment=Repayment.of(row), loan=paid, line=await line(info, paid.row.line_id))


async def notice(info: Info, key: UUID) -> Notice:
    """The notice as it is now."""
    row = await notices.notice(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    return (await shown(info, [row]))[0]
