"""Every act of a customer: one input with a key, one flow, one answer that is read again after commit."""

from datetime import datetime
from uuid import UUID

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, ONCE_WITH_CONSENT, Keyed
from app.api.customer import answers
from app.api.customer.answers import (
    AcceptOfferResult,
    AppealFreezeResult,
    DrawLoanResult,
    GrantConsentResult,
    MakeRepaymentResult,
    MarkNoticeReadResult,
    RefuseConsentResult,
    RequestLimitIncreaseResult,
    SendSigningCodeResult,
    SubmitApplicationResult,
    WithdrawConsentResult,
)
from app.api.scalars import MoneyInput, aware, decode_id, split_id
from app.domain.consent.purpose import ConsentPurpose
from app.domain.deciding.outcome import Occupation
from app.domain.refusals import InvalidInput
from app.flows.book.drawing import Draw, draw_loan
from app.flows.book.repaying import Repay, make_repayment
from app.flows.book.signing import SendCode, send_signing_code
from app.flows.credit.applications import Accept, Submit, accept_offer, submit_application
from app.flows.credit.applications import ApplicantInput as Applicant
from app.flows.credit.consents import (
    Evidence,
    Grant,
    Refuse,
    Withdraw,
    grant_consent,
    refuse_consent,
    withdraw_consent,
)
from app.flows.credit.increases import Increase, request_limit_increase
from app.flows.notices.inbox import MarkRead, mark_read
from app.flows.watch.appeals import AppealFreeze, appeal_freeze


@strawberry.input(description="What was shown, for how long: it is evidence. `channel`: APP, WEB or PLAYGROUND.")
class DisplayEvidence:
    wording_sha256: str = strawberry.field(description="`sha256` of the very text that was shown.")
    language: str = strawberry.field(description="The language of that text: zh-CN or en.")
    shown_at: datetime = strawberry.field(description="When it was shown, with its time zone.")
    seconds_read: int = strawberry.field(description="Whole seconds for which it was in sight.")
    channel: str = strawberry.field(description="APP, WEB or PLAYGROUND.")
    earlier_inquiries: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="`inquiryId` of each of the wording's `earlierInquiries`, whose `text` was shown with it.",
    )


@strawberry.input(description="The person, as on the identity card.")
class ApplicantInput:
    name: str = strawberry.field(description="The full name, 1 to 50 characters.")
    id_number: str = strawberry.field(description="18 characters; the last may be X.")
    phone: str = strawberry.field(description="A mainland mobile number, with or without +86.")


@strawberry.input
class GrantConsentInput(Keyed):
    purpose: ConsentPurpose = strawberry.field(description="The one purpose that is agreed to.")
    evidence: DisplayEvidence = strawberry.field(description="How its text was shown.")


@strawberry.input
class RefuseConsentInput(Keyed):
    purpose: ConsentPurpose = strawberry.field(description="The one purpose that is refused.")


@strawberry.input
class WithdrawConsentInput(Keyed):
    consent_id: strawberry.ID = strawberry.field(description="A consent of the viewer's that was given.")


@strawberry.input
class SubmitApplicationInput(Keyed):
    applicant: ApplicantInput = strawberry.field(description="Who applies.")
    limit: MoneyInput = strawberry.field(description="The limit that is wished for, 500.00 to 200000.00 CNY.")
    term_months: int = strawberry.field(description="The usual term of a draw: 3, 6, 9 or 12.")
    occupation: Occupation = strawberry.field(default=Occupation.SALARIED, description="What the applicant lives on.")


@strawberry.input
class AcceptOfferInput(Keyed):
    application_id: strawberry.ID = strawberry.field(description="The application whose offer is accepted.")


@strawberry.input(description="Sends a one-time code bound to this quote; in the sandbox it is always 000000.")
class SendSigningCodeInput(Keyed):
    quote_id: strawberry.ID = strawberry.field(description="The binding quote that is to be drawn on.")


@strawberry.input(description="The draw signs the contract made from the quote, after its disclosure was read.")
class DrawLoanInput(Keyed):
    line_id: strawberry.ID = strawberry.field(description="The line that is drawn on.")
    quote_id: strawberry.ID = strawberry.field(description="The binding quote; it is drawn on once.")
    disclosure_sha256: str = strawberry.field(description="`sha256` of the quote's cost disclosure, as read.")
    contract_sha256: str = strawberry.field(description="`sha256` of the quote's contract, as signed.")
    seconds_read: int = strawberry.field(description="Whole seconds for which the disclosure was in sight.")
    one_time_code: str = strawberry.field(description="The code that was sent for this quote.")
    use: str = strawberry.field(default="DAILY_CONSUMPTION", description="What the money is for.")


@strawberry.input
class MakeRepaymentInput(Keyed):
    loan_id: strawberry.ID = strawberry.field(description="The loan that is paid for.")
    amount: MoneyInput = strawberry.field(
        description="What is paid; more than is owed becomes the customer's credit."
    )
    trial_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "A preview of `prepaymentPreview` that is agreed to; null: the first rule of the loan's product. Refused "
            "as TrialStale if the payment would no longer do what was shown."
        ),
    )


@strawberry.input(description="`text`: what speaks against the freeze, 10 to 2000 characters.")
class AppealFreezeInput(Keyed):
    line_id: strawberry.ID = strawberry.field(description="The frozen line.")
    text: str = strawberry.field(description="What speaks against the freeze, 10 to 2000 characters.")


@strawberry.input(description="`limit` is the whole new limit, not the difference.")
class RequestLimitIncreaseInput(Keyed):
    line_id: strawberry.ID = strawberry.field(description="The line whose limit is to rise.")
    limit: MoneyInput = strawberry.field(description="The whole new limit, above the present one.")


@strawberry.input
class MarkNoticeReadInput(Keyed):
    notice_id: strawberry.ID = strawberry.field(description="A notice of the viewer's.")


def _inquiries(named: list[strawberry.ID]) -> tuple[UUID, ...]:
    parts = [split_id(one) for one in named]
    known = tuple(sorted(part[1] for part in parts if part is not None and part[0] == "Inquiry"))
    if len(known) != len(named):
        raise InvalidInput.at("evidence", "earlierInquiries", problem="INQUIRY_UNKNOWN")
    return known


@strawberry.type
class CustomerMutation:
    @strawberry.mutation(directives=NEVER, description="Agree to one purpose, on the text in force.")
    async def grant_consent(self, info: Info, input: GrantConsentInput) -> GrantConsentResult:  # noqa: A002
        evidence = Evidence(
            wording_sha256=input.evidence.wording_sha256,
            language=input.evidence.language,
            shown_at=aware(input.evidence.shown_at, "evidence", "shownAt"),
            seconds_read=input.evidence.seconds_read,
            channel=input.evidence.channel,
            earlier=_inquiries(input.evidence.earlier_inquiries),
        )
        key = await grant_consent(
            info.context.desk, info.context.customer_id, input.idempotency_key, Grant(input.purpose, evidence)
        )
        return answers.GrantConsentPayload(consent=await answers.consent(info, key))

    @strawberry.mutation(
        directives=NEVER,
        description="Refuse one purpose; it is not put forward again for 30 days. Blocks nothing else.",
    )
    async def refuse_consent(self, info: Info, input: RefuseConsentInput) -> RefuseConsentResult:  # noqa: A002
        key = await refuse_consent(
            info.context.desk, info.context.customer_id, input.idempotency_key, Refuse(input.purpose)
        )
        return answers.RefuseConsentPayload(consent=await answers.consent(info, key))

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Withdraw a consent, with effect at once. An application still waiting on it, or for a person, ends; "
            "an answer of the bureau that it would have been decided on is destroyed."
        ),
    )
    async def withdraw_consent(self, info: Info, input: WithdrawConsentInput) -> WithdrawConsentResult:  # noqa: A002
        asked = Withdraw(decode_id(input.consent_id, "Consent"))
        key = await withdraw_consent(info.context.desk, info.context.customer_id, input.idempotency_key, asked)
        return answers.WithdrawConsentPayload(consent=await answers.consent(info, key))

    @strawberry.mutation(
        directives=ONCE_WITH_CONSENT,
        description=(
            "Apply for a line. Answers at once; applicationUpdated and pollAfterMs tell how it goes on. Asks the "
            "bureau at most once, under a FIRST_APPLICATION consent, and only if own data do not rule it out."
        ),
    )
    async def submit_application(self, info: Info, input: SubmitApplicationInput) -> SubmitApplicationResult:  # noqa: A002
        limit, wrong = input.limit.tried("limit")
        asked = Submit(
            applicant=Applicant(input.applicant.name, input.applicant.id_number, input.applicant.phone),
            limit=limit,
            term_months=input.term_months,
            occupation=input.occupation,
        )
        key = await submit_application(
            info.context.desk, info.context.customer_id, input.idempotency_key, asked, wrong
        )
        return answers.SubmitApplicationPayload(application=await answers.application(info, key))

    @strawberry.mutation(directives=NEVER, description="Accept the offer; the line is open at once.")
    async def accept_offer(self, info: Info, input: AcceptOfferInput) -> AcceptOfferResult:  # noqa: A002
        asked = Accept(decode_id(input.application_id, "Application"))
        key = await accept_offer(info.context.desk, info.context.customer_id, input.idempotency_key, asked)
        return answers.AcceptOfferPayload(
            application=await answers.application(info, asked.application_id), line=await answers.line(info, key)
        )

    @strawberry.mutation(directives=NEVER, description="Have a one-time code sent, to sign the contract of a quote.")
    async def send_signing_code(self, info: Info, input: SendSigningCodeInput) -> SendSigningCodeResult:  # noqa: A002
        key = await send_signing_code(
            info.context.desk, info.context.customer_id, input.idempotency_key, SendCode(input.quote_id)
        )
        return await answers.signing_code(info, key)

    @strawberry.mutation(directives=NEVER, description="Draw on a quote, once. The payout follows.")
    async def draw_loan(self, info: Info, input: DrawLoanInput) -> DrawLoanResult:  # noqa: A002
        asked = Draw(
            line_id=decode_id(input.line_id, "CreditLine"),
            quote_id=input.quote_id,
            disclosure_sha256=input.disclosure_sha256,
            contract_sha256=input.contract_sha256,
            seconds_read=input.seconds_read,
            one_time_code=input.one_time_code,
            use=input.use,
        )
        key = await draw_loan(info.context.desk, info.context.customer_id, input.idempotency_key, asked)
        return answers.DrawLoanPayload(
            loan=await answers.loan(info, key), line=await answers.line(info, asked.line_id)
        )

    @strawberry.mutation(
        directives=NEVER,
        description="Repay. Due items first, then interest to the day, then principal. Works while frozen.",
    )
    async def make_repayment(self, info: Info, input: MakeRepaymentInput) -> MakeRepaymentResult:  # noqa: A002
        asked = Repay(decode_id(input.loan_id, "Loan"), input.amount.exact("amount"), input.trial_id)
        key = await make_repayment(info.context.desk, info.context.customer_id, input.idempotency_key, asked)
        return await answers.repayment(info, key)

    @strawberry.mutation(
        directives=NEVER,
        description="Speak against the freeze of a line; a person answers. One open appeal a freeze, three at most.",
    )
    async def appeal_freeze(self, info: Info, input: AppealFreezeInput) -> AppealFreezeResult:  # noqa: A002
        asked = AppealFreeze(decode_id(input.line_id, "CreditLine"), input.text)
        key = await appeal_freeze(info.context.desk, info.context.customer_id, input.idempotency_key, asked)
        return await answers.appeal(info, key)

    @strawberry.mutation(
        directives=ONCE_WITH_CONSENT,
        description="Ask for more. Asks the bureau at most once, under a LIMIT_INCREASE consent of its own.",
    )
    async def request_limit_increase(
        self,
        info: Info,
        input: RequestLimitIncreaseInput,  # noqa: A002
    ) -> RequestLimitIncreaseResult:
        asked = Increase(decode_id(input.line_id, "CreditLine"), input.limit.exact("limit"))
        key = await request_limit_increase(info.context.desk, info.context.customer_id, input.idempotency_key, asked)
        return answers.RequestLimitIncreasePayload(
            limit_increase=await answers.increase(info, key), line=await answers.line(info, asked.line_id)
        )

    @strawberry.mutation(directives=NEVER, description="Mark a notice as read; the first moment stays.")
    async def mark_notice_read(self, info: Info, input: MarkNoticeReadInput) -> MarkNoticeReadResult:  # noqa: A002
        asked = MarkRead(decode_id(input.notice_id, "Notice"))
        key = await mark_read(info.context.desk, info.context.customer_id, input.idempotency_key, asked)
        return answers.MarkNoticeReadPayload(notice=await answers.notice(info, key))
