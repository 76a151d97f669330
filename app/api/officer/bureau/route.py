"""The way to the bureau as officers see it, and the two people who open it again."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed
from app.api.officer.approvals import ApprovalPayload, CheckApprovalInput, approval_payload
from app.api.reading.oversight import route as read
from app.api.refusals import (
    ApprovalClosed,
    ApprovalPending,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    OwnAccount,
    RouteNotFrozen,
    SamePerson,
    StillWorking,
)
from app.api.scalars import encode_id
from app.domain.consent.reconciling import Match
from app.domain.consent.waiting import WaitingFor
from app.domain.oversight.approval import ApprovalOutcome
from app.domain.oversight.roles import Verb
from app.flows.oversight.route import ProposeRouteRelease, check_route_release, propose_route_release

strawberry.enum(
    Match,
    name="ReconciliationMatch",
    description=(
        "BUREAU_ONLY: the bureau has a record that nobody announced, or that ended as never recorded. OURS_ONLY: we "
        "were answered, and it shows no record."
    ),
)


@strawberry.type(description="What became of one reference at the bureau.")
class ReconciliationResult:
    id: strawberry.ID
    reference: str = strawberry.field(
        description=(
            "The bureau's; or ours, `report-…`, for what a report showed: an inquiry by its id, a record that is "
            "nobody's by its day and number."
        )
    )
    match: Match
    inquiry_id: strawberry.ID | None = strawberry.field(
        description="Whose reference it is; null where it is no inquiry's of ours."
    )
    customer_id: strawberry.ID | None = strawberry.field(description="Null where it is nobody whom we know.")
    recorded_at: datetime | None = strawberry.field(
        description="When the bureau recorded it; where a report alone showed it, the beginning of that business day."
    )
    found_at: datetime

    @classmethod
    def of(cls, row: read.ResultRow) -> "ReconciliationResult":
        """From its row."""
        return cls(
            id=encode_id("ReconciliationResult", row.id),
            reference=row.reference,
            match=Match(row.result),
            inquiry_id=encode_id("Inquiry", row.inquiry_id) if row.inquiry_id else None,
            customer_id=encode_id("Customer", row.customer_id) if row.customer_id else None,
            recorded_at=row.recorded_at,
            found_at=row.found_at,
        )


@strawberry.type(description="How many open requests that nobody has decided on wait for one thing.")
class WaitingRequests:
    reason: WaitingFor
    count: int
    since: datetime = strawberry.field(description="Since when the oldest of them waits.")

    @classmethod
    def of(cls, waits: read.Waits) -> "WaitingRequests":
        """From what was counted."""
        return cls(reason=waits.reason, count=waits.count, since=waits.since)


@strawberry.type(description="Whether inquiries may go to the bureau at all. While it is shut, every case waits.")
class BureauRoute:
    is_open: bool
    frozen_at: datetime | None
    cause: ReconciliationResult | None = strawberry.field(description="What it was shut for.")
    compared_on: date | None = strawberry.field(description="When our inquiries and its records were last compared.")
    differing: list[ReconciliationResult] = strawberry.field(
        description="Where they do not agree, newest first, at most 50."
    )
    waiting: list[WaitingRequests] = strawberry.field(
        description="What open requests wait for, and how many; those that a person decides on are `referrals`."
    )


@strawberry.input(description="What was found and done. A note has 10 to 2000 characters.")
class ProposeRouteReleaseInput(Keyed):
    note: str = strawberry.field(description="Why inquiries may go out again, 10 to 2000 characters.")


ProposeRouteReleaseResult = Annotated[
    ApprovalPayload
    | RouteNotFrozen
    | ApprovalPending
    | OwnAccount
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("ProposeRouteReleaseResult"),
]
CheckRouteReleaseResult = Annotated[
    ApprovalPayload
    | SamePerson
    | ApprovalClosed
    | RouteNotFrozen
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("CheckRouteReleaseResult"),
]


@strawberry.type
class OversightRoute:
    @strawberry.field(
        description="The way to the bureau, and where its records and ours differ. Roles COMPLIANCE, PRIVACY."
    )
    async def bureau_route(self, info: Info) -> BureauRoute:
        officer = info.context.may(Verb.BUREAU_ROUTE)
        now = await info.context.desk.refresh_clock()
        freeze, last = await read.freeze_now(), await read.last_comparison(now)
        return BureauRoute(
            is_open=freeze is None,
            frozen_at=freeze.frozen_at if freeze else None,
            cause=ReconciliationResult.of(await read.cause(freeze)) if freeze else None,
            compared_on=last.business_date if last else None,
            differing=[ReconciliationResult.of(row) for row in await read.differing(officer)],
            waiting=[WaitingRequests.of(waits) for waits in await read.waits_now()],
        )


@strawberry.type
class RouteMutation:
    @strawberry.mutation(
        directives=NEVER,
        description="Propose that inquiries go out again; another person confirms. Role COMPLIANCE.",
    )
    async def propose_route_release(
        self,
        info: Info,
        input: ProposeRouteReleaseInput,  # noqa: A002
    ) -> ProposeRouteReleaseResult:
        officer, desk = info.context.may(Verb.PROPOSE_ROUTE_RELEASE), info.context.desk
        asked = ProposeRouteRelease(input.note)
        return await approval_payload(await propose_route_release(desk, officer, input.idempotency_key, asked))

    @strawberry.mutation(
        directives=NEVER,
        description="Open the route that another person proposed to open. Roles COMPLIANCE, PRIVACY.",
    )
    async def confirm_route_release(self, info: Info, input: CheckApprovalInput) -> CheckRouteReleaseResult:  # noqa: A002
        officer = info.context.may(Verb.CONFIRM_ROUTE_RELEASE)
        confirmed, desk, key = ApprovalOutcome.CONFIRMED, info.context.desk, input.idempotency_key
        return await approval_payload(await check_route_release(desk, officer, key, input.check(), confirmed))

    @strawberry.mutation(
        directives=NEVER, description="Turn a proposed opening down; the route stays shut. Roles COMPLIANCE, PRIVACY."
    )
    async def reject_route_release(self, info: Info, input: CheckApprovalInput) -> CheckRouteReleaseResult:  # noqa: A002
        officer = info.context.may(Verb.REJECT_ROUTE_RELEASE)
        rejected, desk, key = ApprovalOutcome.REJECTED, info.context.desk, input.idempotency_key
        return await approval_payload(await check_route_release(desk, officer, key, input.check(), rejected))
