"""Proposing a policy, and the word of a second person on it."""

from datetime import date
from typing import Annotated

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed
from app.api.officer.approvals import ApprovalPayload, CheckApprovalInput, approval_payload
from app.api.refusals import (
    ApprovalClosed,
    ApprovalPending,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    PolicyRefused,
    SamePerson,
    StillWorking,
)
from app.domain.oversight.approval import ApprovalOutcome
from app.domain.oversight.roles import Verb
from app.flows.policy.publishing import ProposePolicy, check_policy, propose_policy


@strawberry.input(
    description=(
        "A policy of docs/formats/policy.md, in force from the beginning of a business day after today, at most 366 "
        "days ahead. A note has 10 to 2000 characters."
    )
)
class ProposePolicyInput(Keyed):
    document: str = strawberry.field(description="The document, as docs/formats/policy.md has it.")
    effective_from: date = strawberry.field(description="The business day from whose beginning it judges.")
    note: str = strawberry.field(description="Why; 10 to 2000 characters.")


ProposePolicyResult = Annotated[
    ApprovalPayload | PolicyRefused | ApprovalPending | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("ProposePolicyResult"),
]
CheckPolicyResult = Annotated[
    ApprovalPayload
    | PolicyRefused
    | SamePerson
    | ApprovalClosed
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("CheckPolicyResult"),
]


@strawberry.type
class PolicyMutation:
    @strawberry.mutation(
        directives=NEVER,
        description="Draft a policy of a segment, old or new; another person publishes it. Role RISK.",
    )
    async def propose_policy(self, info: Info, input: ProposePolicyInput) -> ProposePolicyResult:  # noqa: A002
        officer = info.context.may(Verb.PROPOSE_POLICY)
        asked = ProposePolicy(input.document, input.effective_from, input.note)
        return await approval_payload(await propose_policy(info.context.desk, officer, input.idempotency_key, asked))

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Publish a policy that another person drafted. It judges what is asked from its day on; earlier requests "
            "and offers keep theirs. Role COMPLIANCE."
        ),
    )
    async def confirm_policy(self, info: Info, input: CheckApprovalInput) -> CheckPolicyResult:  # noqa: A002
        officer = info.context.may(Verb.CONFIRM_POLICY)
        confirmed, desk = ApprovalOutcome.CONFIRMED, info.context.desk
        key = input.idempotency_key
        return await approval_payload(await check_policy(desk, officer, key, input.check(), confirmed))

    @strawberry.mutation(
        directives=NEVER, description="Turn a drafted policy down; its version is used up. Role COMPLIANCE."
    )
    async def reject_policy(self, info: Info, input: CheckApprovalInput) -> CheckPolicyResult:  # noqa: A002
        officer = info.context.may(Verb.REJECT_POLICY)
        rejected, desk = ApprovalOutcome.REJECTED, info.context.desk
        key = input.idempotency_key
        return await approval_payload(await check_policy(desk, officer, key, input.check(), rejected))
