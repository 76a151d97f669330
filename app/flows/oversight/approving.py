"""What two officers must agree on, put forward by one and checked by another, inside the unit that acts on it."""

import json
from dataclasses import dataclass
from uuid import UUID

from tortoise.exceptions import IntegrityError
from uuid_utils.compat import uuid7

from app.domain.oversight.approval import ApprovalKind, ApprovalOutcome, checkable
from app.domain.oversight.roles import Officer
from app.domain.refusals import ApprovalPending, NotFound, StillWorking
from app.flows.unit import Unit
from models.oversight.staff import Approval
from models.people import Customer

TABLE = "approval"
MAKER_NOTE = "maker_note_sealed"
CHECKER_NOTE = "checker_note_sealed"


@dataclass(frozen=True, slots=True)
class Check:
    """An officer's word on a proposal, with a note."""

    approval_id: UUID
    note: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is put forward: the subject is unique while it waits; the payload is a flat JSON object."""

    kind: ApprovalKind
    subject: str
    payload: dict[str, str]
    note: str


async def put_forward(unit: Unit, maker: Officer, proposal: Proposal, customer: Customer | None = None) -> UUID:
    """Write a proposal; a note about a customer is sealed under that customer's key.

    Raises:
        ApprovalPending: the same subject waits already. StillWorking: it is being put forward at this moment.
    """
    waiting = await Approval.get_or_none(kind=proposal.kind.value, subject=proposal.subject, outcome__isnull=True)
    if waiting is not None:
        raise ApprovalPending(waiting.id)
    approval_id = uuid7()
    sealed = _sealed(unit, customer, MAKER_NOTE, approval_id, proposal.note)
    try:
        await Approval.create(
            id=approval_id,
            kind=proposal.kind.value,
            subject=proposal.subject,
            customer_id=customer.id if customer else None,
            payload=json.dumps(proposal.payload, ensure_ascii=False, sort_keys=True),
            maker_id=maker.id,
            made_at=unit.now,
            maker_note=None if customer else proposal.note,
            maker_note_sealed=sealed,
        )
    except IntegrityError as double:
        raise StillWorking from double
    return approval_id


async def proposal_of(approval_id: UUID, kind: ApprovalKind) -> Approval:
    """A proposal of a kind.

    Raises:
        NotFound: there is none.
    """
    approval = await Approval.get_or_none(id=approval_id, kind=kind.value)
    if approval is None:
        raise NotFound
    return approval


async def lock_to_check(checker: Officer, approval_id: UUID) -> Approval:
    """The proposal, locked, if this officer may check it.

    Raises:
        ApprovalClosed: it was checked already. SamePerson: the checker made it.
    """
    approval = await Approval.filter(id=approval_id).select_for_update().get()
    checkable(approval.maker_id, checker.id, approval.outcome)
    return approval


async def close(
    unit: Unit,
    checker: Officer,
    approval: Approval,
    outcome: ApprovalOutcome,
    note: str,
    customer: Customer | None = None,
) -> None:
    """Write the outcome of a check on a locked proposal."""
    await Approval.filter(id=approval.id).update(
        checker_id=checker.id,
        checked_at=unit.now,
        outcome=outcome.value,
        checker_note=None if customer else note,
        checker_note_sealed=_sealed(unit, customer, CHECKER_NOTE, approval.id, note),
    )


def _sealed(unit: Unit, customer: Customer | None, column: str, row_id: UUID, note: str) -> bytes | None:
    return unit.desk.box(customer).seal(TABLE, column, row_id, note.encode()) if customer else None
