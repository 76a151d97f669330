"""Publishing a policy by two people: a draft by one, published by another, in force from a day to come, then frozen."""

import asyncio
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from uuid_utils.compat import uuid7

from app.domain.calendar import start_of_business_day
from app.domain.deciding.policy import Policy
from app.domain.oversight.approval import ApprovalKind, ApprovalOutcome, noted
from app.domain.oversight.roles import Officer
from app.domain.policies.checking import read_policy
from app.domain.policies.document import canonical, digest_of
from app.domain.policies.problems import PolicyUnsound
from app.domain.policies.segments import Published, side_by_side
from app.domain.refusals import InvalidInput, PolicyRefused, StillWorking
from app.flows.oversight.approving import Check, Proposal, close, lock_to_check, proposal_of, put_forward
from app.flows.policy.judging import VERSIONS_MAX, published_policies, read_row
from app.flows.unit import Desk, Unit
from models.credit import PolicyVersion
from models.oversight.staff import Approval

DAYS_AHEAD_MAX = 366


@dataclass(frozen=True, slots=True)
class ProposePolicy:
    """A policy's document, and the business day from whose beginning it is to judge."""

    document: str
    effective_from: date
    note: str


async def propose_policy(desk: Desk, officer: Officer, key: UUID, asked: ProposePolicy) -> UUID:
    """Put a policy forward as a draft; the proposal's id. The policy in force stays in force.

    Raises:
        InvalidInput: the note, the day, or a version that was named before.
        PolicyRefused: the document is no sound policy, or does not fit beside the others.
        ApprovalPending: a draft of this segment waits. IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    policy = await _sound(asked.document)
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "proposePolicy", key, asked)
        if done:
            return UUID(done["approval"])
        draft = Published(policy, _day_to_come(unit, asked.effective_from))
        await _may_be_named(policy)
        await _fits(draft, "effectiveFrom")
        row_id = uuid7()
        told = {"policy": str(row_id), "version": policy.version, "sha256": digest_of(policy)}
        proposal = Proposal(ApprovalKind.PUBLISH_POLICY, policy.segment, told, note)
        approval_id = await put_forward(unit, officer, proposal)
        await _draft(unit, officer, draft, row_id)
        await unit.keep(approval=approval_id)
        return approval_id


async def check_policy(desk: Desk, officer: Officer, key: UUID, asked: Check, outcome: ApprovalOutcome) -> UUID:
    """Publish a draft, which judges from its day on, or reject it; the proposal's id. Either way it is frozen.

    What was applied for before its day is judged by the policy of that moment, and offers made keep their terms.

    Raises:
        InvalidInput: the note, or the day of the draft has come. NotFound: no such proposal.
        PolicyRefused: it no longer fits beside the others. SamePerson: the officer made it.
        ApprovalClosed: it was checked already. IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    found = await proposal_of(asked.approval_id, ApprovalKind.PUBLISH_POLICY)
    drafted = await policy_row_of(found)
    confirmed = outcome is ApprovalOutcome.CONFIRMED
    if confirmed and drafted.state == "DRAFT":
        await _sound(drafted.document)  # once more: law and product may have changed since
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "confirmPolicy" if confirmed else "rejectPolicy", key, asked)
        if done:
            return UUID(done["approval"])
        approval = await lock_to_check(officer, found.id)
        if confirmed:
            await _fits_now(unit, drafted)
        await PolicyVersion.filter(id=drafted.id).update(
            state="PUBLISHED" if confirmed else "REJECTED", checker_id=officer.id, checked_at=unit.now
        )
        await close(unit, officer, approval, outcome, note)
        await unit.keep(approval=approval.id)
        return approval.id


async def policy_row_of(approval: Approval) -> PolicyVersion:
    """The draft that a proposal is about."""
    return await PolicyVersion.get(id=UUID(json.loads(approval.payload)["policy"]))


async def _sound(document: str) -> Policy:
    """The policy of a document, tried on its applicants off the event loop."""
    try:
        return await asyncio.to_thread(read_policy, document)
    except PolicyUnsound as unsound:
        raise PolicyRefused(unsound.problems) from unsound


async def _draft(unit: Unit, maker: Officer, draft: Published, row_id: UUID) -> None:
    policy = draft.policy
    try:
        await PolicyVersion.create(
            id=row_id,
            segment=policy.segment,
            version=policy.version,
            document=canonical(policy),
            sha256=digest_of(policy),
            state="DRAFT",
            maker_id=maker.id,
            made_at=unit.now,
            effective_from=draft.effective_from,
        )
    except IntegrityError as double:  # the same name, at this moment, in another segment
        raise StillWorking from double


async def _may_be_named(policy: Policy) -> None:
    if await PolicyVersion.exists(version=policy.version):
        raise InvalidInput.at("document", problem="POLICY_VERSION_TAKEN")
    if await PolicyVersion.all().count() >= VERSIONS_MAX:
        raise InvalidInput.at("document", problem="POLICIES_MANY")


def _day_to_come(unit: Unit, day: date) -> datetime:
    """The beginning of a day after today: then no moment that is past ever gets another judge."""
    if not unit.today() < day <= unit.today() + timedelta(days=DAYS_AHEAD_MAX):
        raise InvalidInput.at("effectiveFrom", problem="POLICY_DAY")
    return start_of_business_day(day)


async def _fits_now(unit: Unit, drafted: PolicyVersion) -> None:
    # One at a time: two policies that fit alone may not fit together.
    await PolicyVersion.all().order_by("id").limit(1).select_for_update()
    if drafted.effective_from <= unit.now:
        raise InvalidInput.at("approvalId", problem="POLICY_DAY_PAST")
    await _fits(Published(read_row(drafted), drafted.effective_from), "approvalId")


async def _fits(new: Published, field: str) -> None:
    published = await published_policies()
    of_segment = (version for version in published if version.policy.segment == new.policy.segment)
    if any(version.effective_from >= new.effective_from for version in of_segment):
        raise InvalidInput.at(field, problem="POLICY_NOT_LAST")
    problems = side_by_side(new, published)
    if problems:
        raise PolicyRefused(problems)
