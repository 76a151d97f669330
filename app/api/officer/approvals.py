"""What two officers agree on: proposals, and the word of a second person."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed, PageInfo
from app.api.officer.policies import Policy
from app.api.reading.oversight import officers as read
from app.api.reading.oversight import policies
from app.api.reading.pages import Page
from app.api.refusals import (
    ApprovalClosed,
    ApprovalPending,
    IdempotencyConflict,
    InvalidInput,
    LineNotFrozen,
    NotFound,
    OwnAccount,
    SamePerson,
    StillWorking,
    TrainingExpired,
)
from app.api.scalars import Money, decode_id, encode_id
from app.domain.consent.purpose import ConsentPurpose
from app.domain.oversight.approval import ApprovalKind, ApprovalOutcome
from app.domain.oversight.roles import Verb
from app.flows.oversight.approving import Check
from app.flows.oversight.publishing import ProposeWording, check_wording, propose_wording, sha256_of
from app.flows.watch.release import ProposeRelease, check_release, propose_release

strawberry.enum(ApprovalKind, description="What needs two people.")


@strawberry.type(description="A freeze that is running. Whose line it is, only the file tells.")
class FrozenLine:
    id: strawberry.ID = strawberry.field(description="Of the freeze; a `caseId` for `openCustomerFile`.")
    line_id: strawberry.ID
    reason: str
    since: datetime
    ends_at: datetime | None

    @classmethod
    def of(cls, row: read.FreezeRow) -> "FrozenLine":
        """From its row."""
        return cls(
            id=encode_id("Freeze", row.id),
            line_id=encode_id("CreditLine", row.line_id),
            reason=row.reason,
            since=row.started_at,
            ends_at=row.ends_at,
        )


@strawberry.type
class FrozenLineConnection:
    nodes: list[FrozenLine]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.FreezeRow]) -> "FrozenLineConnection":
        """From a page of rows."""
        return cls(
            nodes=[FrozenLine.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )


@strawberry.type(description="A consent text as it was proposed.")
class ProposedWording:
    purpose: ConsentPurpose
    language: str
    text: str
    sha256: str


@strawberry.type(
    description=(
        "What a CORRECTION or a CHARGE_OFF would do: take back a payment, book one late (`loanId`, `amount`, `valueOn`, "
        "`reference`), or charge off a loan."
    )
)
class ProposedCorrection:
    wish: str
    payment_id: strawberry.ID | None
    loan_id: strawberry.ID | None
    amount: Money | None
    value_on: date | None
    reference: str | None

    @classmethod
    def of(cls, told: dict[str, str]) -> "ProposedCorrection":
        """From what was proposed."""
        return cls(
            wish=told.get("wish", ApprovalKind.CHARGE_OFF.value),
            payment_id=encode_id("Payment", UUID(told["payment"])) if "payment" in told else None,
            loan_id=encode_id("Loan", UUID(told["loan"])) if "loan" in told else None,
            amount=Money.of(int(told["amount"]), told["currency"]) if "amount" in told else None,
            value_on=date.fromisoformat(told["day"]) if "day" in told else None,
            reference=told.get("reference"),
        )


@strawberry.type(description="What one officer proposed and another checks.")
class Approval:
    row: strawberry.Private[read.ApprovalRow]
    id: strawberry.ID
    kind: ApprovalKind
    made_at: datetime
    checked_at: datetime | None
    outcome: ApprovalOutcome | None

    @strawberry.field(description="The login of who proposed it.")
    async def maker(self) -> str:
        return await read.login_of(self.row.maker_id)

    @strawberry.field(description="The login of who checked it.")
    async def checker(self) -> str | None:
        return await read.login_of(self.row.checker_id) if self.row.checker_id is not None else None

    @strawberry.field(
        description="The maker's note on a text or a policy; a note about a person stands in the person's file."
    )
    def note(self) -> str | None:
        return self.row.maker_note

    @strawberry.field(description="What a RELEASE ends.")
    async def freeze(self) -> FrozenLine | None:
        if self.row.kind != ApprovalKind.RELEASE:
            return None
        return FrozenLine.of(await read.freeze_of(self.row))

    @strawberry.field(description="What PUBLISH_POLICY puts in force.")
    async def policy(self) -> Policy | None:
        if self.row.kind != ApprovalKind.PUBLISH_POLICY:
            return None
        return Policy.of(await policies.policy_of(self.row))

    @strawberry.field(description="What CORRECTION or CHARGE_OFF does.")
    def correction(self) -> ProposedCorrection | None:
        if self.row.kind not in {ApprovalKind.CORRECTION, ApprovalKind.CHARGE_OFF}:
            return None
        return ProposedCorrection.of(read.told_by(self.row))

    @strawberry.field(description="What PUBLISH_WORDING puts in force.")
    def wording(self) -> ProposedWording | None:
        if self.row.kind != ApprovalKind.PUBLISH_WORDING:
            return None
        told = read.told_by(self.row)
        return ProposedWording(
            purpose=ConsentPurpose(told["purpose"]),
            language=told["language"],
            text=told["text"],
            sha256=sha256_of(told["text"]),
        )

    @classmethod
    def of(cls, row: read.ApprovalRow) -> "Approval":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("Approval", row.id),
            kind=ApprovalKind(row.kind),
            made_at=row.made_at,
            checked_at=row.checked_at,
            outcome=ApprovalOutcome(row.outcome) if row.outcome else None,
        )


@strawberry.type
class ApprovalConnection:
    nodes: list[Approval]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.ApprovalRow]) -> "ApprovalConnection":
        """From a page of rows."""
        return cls(
            nodes=[Approval.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )


@strawberry.input(description="A note has 10 to 2000 characters.")
class ProposeReleaseInput(Keyed):
    line_id: strawberry.ID = strawberry.field(description="The frozen line.")
    note: str = strawberry.field(description="Why it should be released, 10 to 2000 characters.")


@strawberry.input(description="A new text, 200 to 16000 characters, of a purpose in zh-CN or en.")
class ProposeWordingInput(Keyed):
    purpose: ConsentPurpose = strawberry.field(description="The purpose that the text asks consent for.")
    language: str = strawberry.field(description="zh-CN or en.")
    text: str = strawberry.field(description="The whole new text, 200 to 16000 characters.")
    note: str = strawberry.field(description="Why it is changed, 10 to 2000 characters.")


@strawberry.input(description="A second person's word on a proposal, with a note of 10 to 2000 characters.")
class CheckApprovalInput(Keyed):
    approval_id: strawberry.ID = strawberry.field(description="A proposal of somebody else's that waits.")
    note: str = strawberry.field(description="Why it is confirmed or rejected, 10 to 2000 characters.")

    def check(self) -> Check:
        """The same, decoded."""
        return Check(decode_id(self.approval_id, "Approval"), self.note)


@strawberry.type
class ApprovalPayload:
    approval: Approval


ProposeReleaseResult = Annotated[
    ApprovalPayload
    | LineNotFrozen
    | ApprovalPending
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("ProposeReleaseResult"),
]
CheckReleaseResult = Annotated[
    ApprovalPayload
    | SamePerson
    | ApprovalClosed
    | LineNotFrozen
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("CheckReleaseResult"),
]
ProposeWordingResult = Annotated[
    ApprovalPayload | ApprovalPending | NotFound | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("ProposeWordingResult"),
]
CheckWordingResult = Annotated[
    ApprovalPayload | SamePerson | ApprovalClosed | NotFound | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("CheckWordingResult"),
]


async def approval_payload(approval_id: UUID) -> ApprovalPayload:
    """The proposal, read again after its commit."""
    return ApprovalPayload(approval=Approval.of(await read.approval(approval_id)))


@strawberry.type
class ApprovalMutation:
    @strawberry.mutation(
        directives=NEVER, description="Propose that a frozen line be released; another person confirms. Role RISK."
    )
    async def propose_release(self, info: Info, input: ProposeReleaseInput) -> ProposeReleaseResult:  # noqa: A002
        officer = info.context.may(Verb.PROPOSE_RELEASE)
        asked = ProposeRelease(decode_id(input.line_id, "CreditLine"), input.note)
        return await approval_payload(await propose_release(info.context.desk, officer, input.idempotency_key, asked))

    @strawberry.mutation(
        directives=NEVER,
        description="Release a line that another person proposed to release. Roles RISK, COMPLIANCE.",
    )
    async def confirm_release(self, info: Info, input: CheckApprovalInput) -> CheckReleaseResult:  # noqa: A002
        officer = info.context.may(Verb.CONFIRM_RELEASE)
        confirmed = ApprovalOutcome.CONFIRMED
        desk = info.context.desk
        return await approval_payload(
            await check_release(desk, officer, input.idempotency_key, input.check(), confirmed)
        )

    @strawberry.mutation(
        directives=NEVER, description="Turn a proposed release down; the line stays frozen. Roles RISK, COMPLIANCE."
    )
    async def reject_release(self, info: Info, input: CheckApprovalInput) -> CheckReleaseResult:  # noqa: A002
        officer = info.context.may(Verb.REJECT_RELEASE)
        rejected = ApprovalOutcome.REJECTED
        desk = info.context.desk
        return await approval_payload(
            await check_release(desk, officer, input.idempotency_key, input.check(), rejected)
        )

    @strawberry.mutation(
        directives=NEVER, description="Propose a new consent text; another person publishes it. Role COMPLIANCE."
    )
    async def propose_wording(self, info: Info, input: ProposeWordingInput) -> ProposeWordingResult:  # noqa: A002
        officer = info.context.may(Verb.PROPOSE_WORDING)
        asked = ProposeWording(input.purpose, input.language, input.text, input.note)
        return await approval_payload(await propose_wording(info.context.desk, officer, input.idempotency_key, asked))

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Publish a text that another person proposed, in force at once: consents on the old one open nothing "
            "more. Roles COMPLIANCE, PRIVACY."
        ),
    )
    async def confirm_wording(self, info: Info, input: CheckApprovalInput) -> CheckWordingResult:  # noqa: A002
        officer = info.context.may(Verb.CONFIRM_WORDING)
        confirmed = ApprovalOutcome.CONFIRMED
        desk = info.context.desk
        return await approval_payload(
            await check_wording(desk, officer, input.idempotency_key, input.check(), confirmed)
        )

    @strawberry.mutation(directives=NEVER, description="Turn a proposed text down. Roles COMPLIANCE, PRIVACY.")
    async def reject_wording(self, info: Info, input: CheckApprovalInput) -> CheckWordingResult:  # noqa: A002
        officer = info.context.may(Verb.REJECT_WORDING)
        rejected = ApprovalOutcome.REJECTED
        desk = info.context.desk
        return await approval_payload(
            await check_wording(desk, officer, input.idempotency_key, input.check(), rejected)
        )
