"""Releasing a frozen line by two people: one proposes, another confirms or rejects. The bureau is not asked."""

from dataclasses import dataclass
from uuid import UUID

from app.domain.oversight.approval import ApprovalKind, ApprovalOutcome, noted
from app.domain.oversight.roles import Officer
from app.domain.refusals import LineNotFrozen, NotFound
from app.flows.oversight.approving import Check, Proposal, close, lock_to_check, proposal_of, put_forward
from app.flows.unit import Desk
from app.flows.watch.freezing import release
from models.credit import CreditLine, Freeze


@dataclass(frozen=True, slots=True)
class ProposeRelease:
    """A wish that the running freeze of a line end."""

    line_id: UUID
    note: str


async def propose_release(desk: Desk, officer: Officer, key: UUID, asked: ProposeRelease) -> UUID:
    """Put the release of the running freeze forward; the proposal's id. The line stays frozen.

    Raises:
        InvalidInput: the note. NotFound: no such line. OwnAccount: it is the officer's own.
        LineNotFrozen: no freeze is running. ApprovalPending: this release waits already.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    found = await CreditLine.get_or_none(id=asked.line_id)
    if found is None:
        raise NotFound
    officer.keep_off_own(found.customer_id)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(found.customer_id)
        done = await unit.once(officer.id, "proposeRelease", key, asked)
        if done:
            return UUID(done["approval"])
        line = await CreditLine.get(id=found.id)
        freeze = await Freeze.get_or_none(line_id=line.id, released_at__isnull=True)
        if line.status != "FROZEN" or freeze is None:
            raise LineNotFrozen(line.status)
        proposal = Proposal(ApprovalKind.RELEASE, str(freeze.id), {"line": str(line.id)}, note)
        approval_id = await put_forward(unit, officer, proposal, customer)
        await unit.keep(approval=approval_id)
        return approval_id


async def check_release(desk: Desk, officer: Officer, key: UUID, asked: Check, outcome: ApprovalOutcome) -> UUID:
    """Confirm a release, which ends the freeze in this commit, or reject it; the proposal's id.

    Raises:
        InvalidInput: the note. NotFound: no such proposal. OwnAccount: it is about the officer's own account.
        SamePerson: the officer made it. ApprovalClosed: it was checked already.
        LineNotFrozen: confirming, and that very freeze has ended. IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    found = await proposal_of(asked.approval_id, ApprovalKind.RELEASE)
    if found.customer_id is None:
        raise RuntimeError("a release without a customer cannot be stored")
    officer.keep_off_own(found.customer_id)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(found.customer_id)
        verb = "confirmRelease" if outcome is ApprovalOutcome.CONFIRMED else "rejectRelease"
        done = await unit.once(officer.id, verb, key, asked)
        if done:
            return UUID(done["approval"])
        approval = await lock_to_check(officer, found.id)
        if outcome is ApprovalOutcome.CONFIRMED:
            freeze = await Freeze.get(id=UUID(approval.subject))
            line = await CreditLine.filter(id=freeze.line_id).select_for_update().get()
            if line.status != "FROZEN" or freeze.released_at is not None:
                raise LineNotFrozen(line.status)
            await release(unit, customer, line, f"approval:{approval.id}")
        await close(unit, officer, approval, outcome, note, customer)
        await unit.keep(approval=approval.id)
        return approval.id
