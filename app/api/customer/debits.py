"""Agreeing that what is due is collected from the own account, and ending that."""

from typing import Annotated
from uuid import UUID

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed
from app.api.customer import answers
from app.api.customer.nouns.days.debits import DebitMandate
from app.api.customer.nouns.lending import CreditLine
from app.api.reading import days
from app.api.refusals import IdempotencyConflict, InvalidInput, LineNotActive, NotFound, StillWorking
from app.api.scalars import decode_id
from app.domain.refusals import NotFound as NothingThere
from app.flows.days.mandates import AgreeToDebits, EndDebits, agree_to_debits, end_debits


@strawberry.input
class AgreeToDebitsInput(Keyed):
    line_id: strawberry.ID = strawberry.field(description="The line whose loans are collected for.")
    text_sha256: str = strawberry.field(description="`sha256` of the line's `debitMandateText`, as read.")


@strawberry.input
class EndDebitsInput(Keyed):
    line_id: strawberry.ID = strawberry.field(description="The line whose mandate ends.")


@strawberry.type
class AgreeToDebitsPayload:
    mandate: DebitMandate
    line: CreditLine


@strawberry.type
class EndDebitsPayload:
    mandate: DebitMandate
    line: CreditLine


AgreeToDebitsResult = Annotated[
    AgreeToDebitsPayload | LineNotActive | StillWorking | InvalidInput | NotFound | IdempotencyConflict,
    strawberry.union("AgreeToDebitsResult"),
]
EndDebitsResult = Annotated[
    EndDebitsPayload | StillWorking | NotFound | IdempotencyConflict, strawberry.union("EndDebitsResult")
]


@strawberry.type
class DebitMutation:
    @strawberry.mutation(
        directives=NEVER,
        description="Let what is due on a line be collected from the own account, on its due days; ended at any time.",
    )
    async def agree_to_debits(self, info: Info, input: AgreeToDebitsInput) -> AgreeToDebitsResult:  # noqa: A002
        asked = AgreeToDebits(decode_id(input.line_id, "CreditLine"), input.text_sha256)
        key = await agree_to_debits(info.context.desk, info.context.customer_id, input.idempotency_key, asked)
        return AgreeToDebitsPayload(mandate=await _mandate(info, key), line=await answers.line(info, asked.line_id))

    @strawberry.mutation(directives=NEVER, description="End the debit mandate of a line; nothing is sent after that.")
    async def end_debits(self, info: Info, input: EndDebitsInput) -> EndDebitsResult:  # noqa: A002
        asked = EndDebits(decode_id(input.line_id, "CreditLine"))
        key = await end_debits(info.context.desk, info.context.customer_id, input.idempotency_key, asked)
        return EndDebitsPayload(mandate=await _mandate(info, key), line=await answers.line(info, asked.line_id))


async def _mandate(info: Info, key: UUID) -> DebitMandate:
    row = await days.mandate(info.context.customer_id, key)
    if row is None:
        raise NothingThere
    return DebitMandate.of(row)
