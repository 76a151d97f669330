"""What officers see and do: their queues, the cases that wait for a person, and the verdict on them."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed, PageInfo
from app.api.customer.nouns.asking.application import ApplicationStatus
from app.api.customer.nouns.decision import Decision, LimitIncreaseConnection
from app.api.officer.approvals import ApprovalConnection, ApprovalMutation, FrozenLineConnection
from app.api.officer.audit import OversightAudit
from app.api.officer.bureau.route import OversightRoute, RouteMutation
from app.api.officer.figures.cost import OversightCost
from app.api.officer.figures.trial import OversightTrial
from app.api.officer.files import FileMutation
from app.api.officer.loans.corrections import OversightLoans
from app.api.officer.policies import OversightPolicies
from app.api.officer.policy_verbs import PolicyMutation
from app.api.officer.register import OversightRegister
from app.api.officer.rights import OversightRights
from app.api.officer.seen import FieldRevealed, revealed_of
from app.api.officer.training import OversightTraining, TrainingMutation
from app.api.officer.watch import OversightWatch
from app.api.reading import credit
from app.api.reading.oversight import officers as read
from app.api.reading.pages import Page
from app.api.refusals import (
    DecisionClosed,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    OwnAccount,
    StillWorking,
    TrainingExpired,
)
from app.api.scalars import Money, MoneyInput, encode_id, split_id
from app.domain.consent.purpose import InquiryPurpose
from app.domain.deciding.reasons import ReasonCode
from app.domain.oversight.roles import AccessPurpose, Role, Verb
from app.domain.refusals import InvalidInput as TooMuch
from app.domain.refusals import NotFound as NothingThere
from app.flows.oversight.referrals import Resolve, resolve_referral

REASONS_MAX = 4
_PURPOSE_OF = {
    "Application": InquiryPurpose.FIRST_APPLICATION,
    "LimitIncrease": InquiryPurpose.LIMIT_INCREASE,
}


@strawberry.type(description="An application that waits for a person. Who asks, only the file tells.")
class ReferredApplication:
    row: strawberry.Private[credit.ApplicationRow]
    id: strawberry.ID
    status: ApplicationStatus
    requested_limit: Money
    term_months: int
    submitted_at: datetime

    @strawberry.field(description="The decision that counts.")
    async def decision(self) -> Decision | None:
        row = await credit.latest_decision(application_id=self.row.id)
        return Decision.of(row) if row is not None else None

    @classmethod
    def of(cls, row: credit.ApplicationRow) -> "ReferredApplication":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("Application", row.id),
            status=ApplicationStatus(row.status),
            requested_limit=Money.of(row.requested_minor, row.currency),
            term_months=row.term_months,
            submitted_at=row.submitted_at,
        )


@strawberry.type
class ReferredApplicationConnection:
    nodes: list[ReferredApplication]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[credit.ApplicationRow]) -> "ReferredApplicationConnection":
        """From a page of rows."""
        return cls(
            nodes=[ReferredApplication.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )


@strawberry.type(description="Who opened whose file. Names and reasons stay in the files.")
class AccessLogEntry:
    row: strawberry.Private[read.AccessRow]
    at: datetime
    role: Role
    purpose: AccessPurpose
    customer_id: strawberry.ID
    revealed: list[FieldRevealed]

    @strawberry.field(description="The login of who looked.")
    async def by(self) -> str:
        return await read.login_of(self.row.staff_id)


@strawberry.type
class AccessLogConnection:
    nodes: list[AccessLogEntry]
    page_info: PageInfo

    @classmethod
    async def of(cls, page: Page[read.AccessRow]) -> "AccessLogConnection":
        """From a page of rows."""
        events = await read.reveals_of(page.rows)
        return cls(
            nodes=[
                AccessLogEntry(
                    row=row,
                    at=row.opened_at,
                    role=Role(row.role),
                    purpose=AccessPurpose(row.purpose),
                    customer_id=encode_id("Customer", row.customer_id),
                    revealed=revealed_of(events[row.id]),
                )
                for row in page.rows
            ],
            page_info=PageInfo.of(page),
        )


@strawberry.type(
    description="For officers, each field by role (docs/roles.md). No queue holds a name, a number or a phone."
)
class Oversight(
    OversightWatch,
    OversightPolicies,
    OversightTraining,
    OversightRegister,
    OversightAudit,
    OversightRights,
    OversightCost,
    OversightTrial,
    OversightLoans,
    OversightRoute,
):
    @strawberry.field(description="Applications that wait for a person, newest first. Role RISK.")
    async def referrals(self, info: Info, first: int = 20, after: str | None = None) -> ReferredApplicationConnection:
        officer = info.context.may(Verb.REFERRALS)
        return ReferredApplicationConnection.of(await read.referrals(officer, first, after))

    @strawberry.field(description="Increases that wait for a person, newest first. Role RISK.")
    async def increase_referrals(
        self, info: Info, first: int = 20, after: str | None = None
    ) -> LimitIncreaseConnection:
        officer = info.context.may(Verb.INCREASE_REFERRALS)
        return LimitIncreaseConnection.of(await read.increase_referrals(officer, first, after))

    @strawberry.field(description="Freezes that are running, newest first. Roles RISK, COMPLIANCE.")
    async def freezes(self, info: Info, first: int = 20, after: str | None = None) -> FrozenLineConnection:
        officer = info.context.may(Verb.FREEZES)
        return FrozenLineConnection.of(await read.freezes(officer, first, after))

    @strawberry.field(
        description=(
            "Proposals that wait for a second person, newest first: releases, policies and charge-offs for RISK, texts "
            "and the bureau's route for PRIVACY, corrections for OPERATOR, all for COMPLIANCE."
        )
    )
    async def pending_approvals(self, info: Info, first: int = 20, after: str | None = None) -> ApprovalConnection:
        officer = info.context.may(Verb.PENDING_APPROVALS)
        return ApprovalConnection.of(await read.pending_approvals(officer, first, after))

    @strawberry.field(description="Who opened whose file, newest first. Roles COMPLIANCE, PRIVACY.")
    async def access_log(self, info: Info, first: int = 20, after: str | None = None) -> AccessLogConnection:
        officer = info.context.may(Verb.ACCESS_LOG)
        return await AccessLogConnection.of(await read.access_log(officer, first, after))


@strawberry.input(description="Approve with a `limit`, or decline with `reasons`; always with a note.")
class ResolveReferralInput(Keyed):
    case_id: strawberry.ID = strawberry.field(description="An application or increase that waits for a person.")
    approve: bool = strawberry.field(description="Whether the case is granted.")
    note: str = strawberry.field(description="Why, for the record, 10 to 2000 characters.")
    limit: MoneyInput | None = strawberry.field(
        default=None, description="What is granted, at most what was asked for; null when declining."
    )
    reasons: list[ReasonCode] = strawberry.field(
        default_factory=list, description="Why it is declined, 1 to 4, strongest first; none when approving."
    )


@strawberry.type
class ResolveReferralPayload:
    decision: Decision


ResolveReferralResult = Annotated[
    ResolveReferralPayload
    | DecisionClosed
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("ResolveReferralResult"),
]


@strawberry.type
class OfficerQuery:
    @strawberry.field(
        directives=NEVER,
        description="For officers. Asking without the role nulls this field and adds FORBIDDEN to `errors`.",
    )
    def oversight(self, info: Info) -> Oversight | None:
        info.context.may(Verb.OVERSIGHT)
        return Oversight()


@strawberry.type
class OfficerMutation(FileMutation, ApprovalMutation, PolicyMutation, RouteMutation, TrainingMutation):
    @strawberry.mutation(
        directives=NEVER, description="Settle a case that waits for a person, on what is known already. Role RISK."
    )
    async def resolve_referral(self, info: Info, input: ResolveReferralInput) -> ResolveReferralResult:  # noqa: A002
        officer = info.context.may(Verb.RESOLVE_REFERRAL)
        if len(input.reasons) > REASONS_MAX:
            raise TooMuch.at("reasons", problem="REASONS_MANY")
        parts = split_id(input.case_id)
        if parts is None or parts[0] not in _PURPOSE_OF:
            raise NothingThere
        asked = Resolve(
            case_id=parts[1],
            purpose=_PURPOSE_OF[parts[0]],
            approve=input.approve,
            limit=input.limit.exact("limit") if input.limit is not None else None,
            reasons=tuple(input.reasons),
            note=input.note,
        )
        key = await resolve_referral(info.context.desk, officer, input.idempotency_key, asked)
        return ResolveReferralPayload(decision=Decision.of(await credit.case_of_decision(key)))
