"""Requests of customers about their data and decisions: the queue by due day, and an officer's answer.

Customers are named by ids alone; what one of them wrote is shown under a running access to the file.
"""

from datetime import date, datetime
from typing import Annotated

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed, PageInfo
from app.api.reading import rights as read
from app.api.refusals import (
    DecisionClosed,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    OwnAccount,
    SamePerson,
    StillWorking,
    TrainingExpired,
)
from app.api.scalars import MoneyInput, decode_id, encode_id, split_id
from app.domain.deciding.reasons import ReasonCode
from app.domain.oversight.roles import Verb
from app.domain.refusals import InvalidInput as TooMuch
from app.domain.rights.requests import HeldField, RequestKind, RequestOutcome, RequestState, overdue
from app.flows.rights.correcting import SettleRequest, settle_request
from app.flows.rights.reviewing import SettleHumanReview, settle_human_review

REASONS_MAX = 4


@strawberry.type(description="What was written in a request, under an access to the file.")
class RequestWords:
    value: str | None = strawberry.field(description="The value asked for.")
    text: str | None = strawberry.field(description="The evidence or the reason.")
    proposal: str | None = strawberry.field(description="What the first of two officers noted.")


@strawberry.type(description="A request that an officer answers.")
class RequestCase:
    row: strawberry.Private[read.RequestRow]
    id: strawberry.ID
    customer_id: strawberry.ID
    kind: RequestKind
    state: RequestState
    field: HeldField | None
    decision_id: strawberry.ID | None
    received_at: datetime
    due_on: date
    outcome: RequestOutcome | None
    settled_at: datetime | None

    @strawberry.field(description="Whether the answer is late.")
    async def is_overdue(self, info: Info) -> bool:
        return overdue(self.state, self.due_on, await read.today(info.context.desk))

    @strawberry.field(
        description="What the customer wrote, under a running access to that customer's file; else null."
    )
    async def words(self, info: Info, access_id: strawberry.ID) -> RequestWords | None:
        officer = info.context.may(Verb.REQUESTS)
        parts = split_id(access_id)
        if parts is None or parts[0] != "StaffAccess":
            return None
        found = await read.told_for(info.context.desk, officer, parts[1], self.row)
        if found is None:
            return None
        told, noted = found
        text = told.get("evidence") or told.get("reason")
        return RequestWords(value=told.get("value") or None, text=text, proposal=noted)

    @classmethod
    def of(cls, row: read.RequestRow) -> "RequestCase":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("DataRequest", row.id),
            customer_id=encode_id("Customer", row.customer_id),
            kind=RequestKind(row.kind),
            state=RequestState(row.state),
            field=HeldField(row.subject) if row.kind == RequestKind.CORRECTION else None,
            decision_id=encode_id("Decision", row.decision_id) if row.decision_id is not None else None,
            received_at=row.received_at,
            due_on=row.due_on,
            outcome=RequestOutcome(row.outcome) if row.outcome else None,
            settled_at=row.settled_at,
        )


@strawberry.type
class RequestCaseConnection:
    nodes: list[RequestCase]
    page_info: PageInfo


@strawberry.type
class OversightRights:
    @strawberry.field(
        description=(
            "Requests about own data (PRIVACY) and decisions (RISK), past due first; without `state`, those that wait "
            "for a person."
        )
    )
    async def requests(
        self,
        info: Info,
        kind: RequestKind | None = None,
        state: RequestState | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> RequestCaseConnection:
        page = await read.queue(info.context.may(Verb.REQUESTS), kind, state, first, after)
        return RequestCaseConnection(nodes=[RequestCase.of(row) for row in page.rows], page_info=PageInfo.of(page))


@strawberry.input(description="The note is the answer that the customer reads.")
class SettleRequestInput(Keyed):
    request_id: strawberry.ID = strawberry.field(description="The request.")
    accept: bool = strawberry.field(description="Whether it is done as asked.")
    note: str = strawberry.field(description="The answer that the customer reads; 10 to 2000 characters.")


@strawberry.input(
    description=(
        "`uphold`: the decision stands. Else `limit` is the whole limit that takes its place. The note is the answer "
        "that the customer reads."
    )
)
class SettleHumanReviewInput(Keyed):
    request_id: strawberry.ID = strawberry.field(description="The request.")
    uphold: bool = strawberry.field(description="Whether the decision stands.")
    note: str = strawberry.field(description="The answer that the customer reads; 10 to 2000 characters.")
    limit: MoneyInput | None = strawberry.field(
        default=None, description="The whole limit that takes the place of the old one; none when it stands."
    )
    reasons: list[ReasonCode] = strawberry.field(
        default_factory=list, description="What speaks against more, if it is less than was asked for."
    )


@strawberry.type
class SettleRequestPayload:
    request: RequestCase


@strawberry.type
class SettleHumanReviewPayload:
    request: RequestCase


SettleRequestResult = Annotated[
    SettleRequestPayload
    | DecisionClosed
    | SamePerson
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("SettleRequestResult"),
]
SettleHumanReviewResult = Annotated[
    SettleHumanReviewPayload
    | DecisionClosed
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("SettleHumanReviewResult"),
]


@strawberry.type
class RightsDeskMutation:
    @strawberry.mutation(
        directives=NEVER,
        description="Accept or refuse a correction; an ID number takes two officers. Role PRIVACY.",
    )
    async def settle_request(self, info: Info, input: SettleRequestInput) -> SettleRequestResult:  # noqa: A002
        officer = info.context.may(Verb.SETTLE_REQUEST)
        asked = SettleRequest(decode_id(input.request_id, "DataRequest"), input.accept, input.note)
        key = await settle_request(info.context.desk, officer, input.idempotency_key, asked)
        return SettleRequestPayload(request=RequestCase.of(await read.request(key)))

    @strawberry.mutation(
        directives=NEVER,
        description="Look again at a decision of the machine, on what is known already. Role RISK.",
    )
    async def settle_human_review(
        self,
        info: Info,
        input: SettleHumanReviewInput,  # noqa: A002
    ) -> SettleHumanReviewResult:
        officer = info.context.may(Verb.SETTLE_HUMAN_REVIEW)
        if len(input.reasons) > REASONS_MAX:
            raise TooMuch.at("reasons", problem="REASONS_MANY")
        asked = SettleHumanReview(
            request_id=decode_id(input.request_id, "DataRequest"),
            uphold=input.uphold,
            limit=input.limit.exact("limit") if input.limit is not None else None,
            reasons=tuple(input.reasons),
            note=input.note,
        )
        key = await settle_human_review(info.context.desk, officer, input.idempotency_key, asked)
        return SettleHumanReviewPayload(request=RequestCase.of(await read.request(key)))
