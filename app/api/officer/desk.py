"""What officers see and do: the queue of cases that wait for a person, and their verdict."""

from typing import Annotated
from uuid import UUID

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER
from app.api.customer.decision_nouns import Decision, LimitIncreaseConnection
from app.api.customer.viewer import ApplicationConnection
from app.api.reading import credit as read
from app.api.refusals import DecisionClosed, IdempotencyConflict, InvalidInput, NotFound, StillWorking
from app.api.scalars import MoneyInput, split_id
from app.domain.consent.purpose import InquiryPurpose
from app.domain.deciding.reasons import ReasonCode
from app.domain.refusals import InvalidInput as TooMuch
from app.domain.refusals import NotFound as NothingThere
from app.flows.oversight.referrals import Resolve, resolve_referral

REASONS_MAX = 4
_PURPOSE_OF = {
    "Application": InquiryPurpose.FIRST_APPLICATION,
    "LimitIncrease": InquiryPurpose.LIMIT_INCREASE,
}


@strawberry.type(description="For officers with the role RISK.")
class Oversight:
    @strawberry.field(description="Applications that wait for a person, newest first.")
    async def referrals(self, info: Info, first: int = 20, after: str | None = None) -> ApplicationConnection:
        info.context.officer("RISK")
        return ApplicationConnection.of(await read.referrals(first, after))

    @strawberry.field(description="Increases that wait for a person, newest first.")
    async def increase_referrals(
        self, info: Info, first: int = 20, after: str | None = None
    ) -> LimitIncreaseConnection:
        info.context.officer("RISK")
        return LimitIncreaseConnection.of(await read.increase_referrals(first, after))


@strawberry.input(description="Approve with a `limit`, or decline with `reasons`; always with a note.")
class ResolveReferralInput:
    idempotency_key: UUID
    case_id: strawberry.ID
    approve: bool
    note: str
    limit: MoneyInput | None = None
    reasons: list[ReasonCode] = strawberry.field(default_factory=list)


@strawberry.type
class ResolveReferralPayload:
    decision: Decision


ResolveReferralResult = Annotated[
    ResolveReferralPayload | DecisionClosed | NotFound | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("ResolveReferralResult"),
]


@strawberry.type
class OfficerQuery:
    @strawberry.field(
        directives=NEVER,
        description="For officers. Asking without the role nulls this field and adds FORBIDDEN to `errors`.",
    )
    def oversight(self, info: Info) -> Oversight | None:
        info.context.officer("RISK", "COMPLIANCE", "OPERATOR", "PRIVACY")
        return Oversight()


@strawberry.type
class OfficerMutation:
    @strawberry.mutation(
        directives=NEVER, description="Settle a case that waits for a person, on what is known already. Role RISK."
    )
    async def resolve_referral(self, info: Info, input: ResolveReferralInput) -> ResolveReferralResult:  # noqa: A002
        officer = info.context.officer("RISK")
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
        key = await resolve_referral(info.context.desk, officer.id, input.idempotency_key, asked)
        return ResolveReferralPayload(decision=Decision.of(await read.case_of_decision(key)))
