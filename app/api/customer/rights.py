"""A customer's rights over own data: asked for and told, each answer read again after commit."""

from typing import Annotated
from uuid import UUID

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import NEVER, Keyed
from app.api.customer.nouns.rights import (
    Blocker,
    ClosingCheck,
    DataRequest,
    Effect,
    ErasureCheck,
    ErasureStep,
    WithdrawalForetold,
)
from app.api.reading import rights as read
from app.api.refusals import (
    AccountNotClear,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    RequestExists,
    RequestNotOpen,
    StillWorking,
    TooSoon,
)
from app.api.scalars import decode_id
from app.domain.refusals import NotFound as NothingThere
from app.domain.rights.requests import HeldField
from app.flows.rights.closing import CloseAccount, close_account, closing_check
from app.flows.rights.copying import RequestMyData, request_my_data
from app.flows.rights.correcting import RequestCorrection, request_correction
from app.flows.rights.erasing import RequestErasure, erasure_check, request_erasure
from app.flows.rights.foretelling import withdrawal_effect
from app.flows.rights.requests import CancelRequest, cancel_request
from app.flows.rights.reviewing import RequestReview, request_review


@strawberry.input
class RequestMyDataInput(Keyed):
    pass


@strawberry.input(
    description=(
        "`value`: what it should be; empty for BUREAU_RECORD. `evidence`: what is wrong and what shows it, 10 to 2000 "
        "characters."
    )
)
class RequestCorrectionInput(Keyed):
    field: HeldField = strawberry.field(description="What is wrong.")
    evidence: str = strawberry.field(description="What is wrong and what shows it; 10 to 2000 characters.")
    value: str = strawberry.field(default="", description="What it should be; empty for BUREAU_RECORD.")


@strawberry.input(description="`reason`: what speaks against the decision, 10 to 2000 characters.")
class RequestReviewInput(Keyed):
    decision_id: strawberry.ID = strawberry.field(description="The decision that a person shall look at.")
    reason: str = strawberry.field(description="What speaks against the decision; 10 to 2000 characters.")


@strawberry.input(description="Ask closeAccountCheck first, and show what it says.")
class CloseAccountInput(Keyed):
    pass


@strawberry.input(description="Ask erasureCheck first, and show what it says.")
class RequestErasureInput(Keyed):
    pass


@strawberry.input
class CancelRequestInput(Keyed):
    request_id: strawberry.ID = strawberry.field(description="The request to take back.")


@strawberry.type
class ConsentWithdrawalEffectPayload:
    foretold: WithdrawalForetold


@strawberry.type
class RequestMyDataPayload:
    request: DataRequest


@strawberry.type
class RequestCorrectionPayload:
    request: DataRequest


@strawberry.type
class RequestReviewPayload:
    request: DataRequest


@strawberry.type
class CloseAccountPayload:
    request: DataRequest


@strawberry.type
class RequestErasurePayload:
    request: DataRequest


@strawberry.type
class CancelRequestPayload:
    request: DataRequest


ConsentWithdrawalEffectResult = Annotated[
    ConsentWithdrawalEffectPayload | NotFound, strawberry.union("ConsentWithdrawalEffectResult")
]
RequestMyDataResult = Annotated[
    RequestMyDataPayload | TooSoon | StillWorking | IdempotencyConflict, strawberry.union("RequestMyDataResult")
]
RequestCorrectionResult = Annotated[
    RequestCorrectionPayload | RequestExists | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("RequestCorrectionResult"),
]
RequestReviewResult = Annotated[
    RequestReviewPayload | RequestExists | NotFound | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("RequestReviewResult"),
]
CloseAccountResult = Annotated[
    CloseAccountPayload | AccountNotClear | StillWorking | IdempotencyConflict,
    strawberry.union("CloseAccountResult"),
]
RequestErasureResult = Annotated[
    RequestErasurePayload | AccountNotClear | RequestExists | StillWorking | IdempotencyConflict,
    strawberry.union("RequestErasureResult"),
]
CancelRequestResult = Annotated[
    CancelRequestPayload | RequestNotOpen | NotFound | StillWorking | IdempotencyConflict,
    strawberry.union("CancelRequestResult"),
]


async def _request(info: Info, key: UUID) -> DataRequest:
    """The request as it is now."""
    row = await read.own_request(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    return DataRequest.of(row)


@strawberry.type
class RightsQuery:
    @strawberry.field(
        directives=NEVER,
        description="What withdrawing this consent would do, told before it is done; nothing happens.",
    )
    async def consent_withdrawal_effect(self, info: Info, consent_id: strawberry.ID) -> ConsentWithdrawalEffectResult:
        context = info.context
        customer_id = context.customer_id
        foretold = await withdrawal_effect(context.desk, customer_id, decode_id(consent_id, "Consent"))
        day = foretold.events_erased_on
        told = WithdrawalForetold(
            consent_id=consent_id,
            effects=[
                Effect(code=code, text=words.say(context.language, "effect", code, erased_on=day))
                for code in foretold.effects
            ],
            events_erased_on=day,
        )
        return ConsentWithdrawalEffectPayload(foretold=told)

    @strawberry.field(directives=NEVER, description="What stands in the way of closing the account; nothing happens.")
    async def close_account_check(self, info: Info) -> ClosingCheck:
        context = info.context
        found = await closing_check(context.desk, context.customer_id)
        return ClosingCheck(
            can_close=not found,
            blockers=[Blocker.of(facts, context.language) for facts in found],
            text=words.say(context.language, "request", "CLOSE_ACCOUNT_TOLD"),
        )

    @strawberry.field(
        directives=NEVER,
        description="What an erasure would erase when, what the law holds, what stands in its way; nothing happens.",
    )
    async def erasure_check(self, info: Info) -> ErasureCheck:
        context = info.context
        found = await erasure_check(context.desk, context.customer_id)
        return ErasureCheck(
            can_erase=not found.blockers,
            blockers=[Blocker.of(facts, context.language) for facts in found.blockers],
            plan=[ErasureStep.of(planned, context.language) for planned in found.plan],
        )


@strawberry.type
class RightsMutation:
    @strawberry.mutation(
        directives=NEVER,
        description="A copy of all my data, to be fetched as JSON and as a page for seven days. Three a day.",
    )
    async def request_my_data(self, info: Info, input: RequestMyDataInput) -> RequestMyDataResult:  # noqa: A002
        context = info.context
        key = await request_my_data(context.desk, context.customer_id, input.idempotency_key, RequestMyData())
        return RequestMyDataPayload(request=await _request(info, key))

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Have something corrected that is held of me; an officer answers within 20 days, two where it is the ID "
            "number. An objection to the bureau's data is noted and answered; the bureau is not asked again."
        ),
    )
    async def request_correction(self, info: Info, input: RequestCorrectionInput) -> RequestCorrectionResult:  # noqa: A002
        context = info.context
        asked = RequestCorrection(input.field, input.value, input.evidence)
        key = await request_correction(context.desk, context.customer_id, input.idempotency_key, asked)
        return RequestCorrectionPayload(request=await _request(info, key))

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Have a person look at a decision of the machine that declined or granted less, within 60 days of it. The "
            "bureau is not asked again."
        ),
    )
    async def request_review(self, info: Info, input: RequestReviewInput) -> RequestReviewResult:  # noqa: A002
        context = info.context
        asked = RequestReview(decode_id(input.decision_id, "Decision"), input.reason)
        key = await request_review(context.desk, context.customer_id, input.idempotency_key, asked)
        return RequestReviewPayload(request=await _request(info, key))

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Close the account: the line closes and every live consent is withdrawn, at once. Records stay to be seen; "
            "applying again is possible."
        ),
    )
    async def close_account(self, info: Info, input: CloseAccountInput) -> CloseAccountResult:  # noqa: A002
        context = info.context
        key = await close_account(context.desk, context.customer_id, input.idempotency_key, CloseAccount())
        return CloseAccountPayload(request=await _request(info, key))

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Erase what no law holds, at once, and schedule the rest. Until it is taken back, the account is restricted: "
            "data are only stored, and nothing new begins."
        ),
    )
    async def request_erasure(self, info: Info, input: RequestErasureInput) -> RequestErasureResult:  # noqa: A002
        context = info.context
        key = await request_erasure(context.desk, context.customer_id, input.idempotency_key, RequestErasure())
        return RequestErasurePayload(request=await _request(info, key))

    @strawberry.mutation(
        directives=NEVER,
        description="Take an open request back. What an erasure has erased already stays erased.",
    )
    async def cancel_request(self, info: Info, input: CancelRequestInput) -> CancelRequestResult:  # noqa: A002
        context = info.context
        asked = CancelRequest(decode_id(input.request_id, "DataRequest"))
        key = await cancel_request(context.desk, context.customer_id, input.idempotency_key, asked)
        return CancelRequestPayload(request=await _request(info, key))
