"""Opening the way to the bureau again by two people: one proposes, another confirms or rejects.

Whoever waited for it, or was told that it is shut, is told then.
"""

from dataclasses import dataclass
from uuid import UUID

from app.domain.consent.reconciling import Match
from app.domain.oversight.approval import ApprovalKind, ApprovalOutcome, noted
from app.domain.oversight.roles import Officer
from app.domain.refusals import RouteNotFrozen
from app.flows.ledger.route import freeze_route, running_freeze
from app.flows.notices.reopening import TELL_REOPENED
from app.flows.oversight.approving import Check, Proposal, close, lock_to_check, proposal_of, put_forward
from app.flows.unit import Desk, Unit
from models.consent import ReconciliationResult, RouteFreeze
from models.oversight.staff import Approval


@dataclass(frozen=True, slots=True)
class ProposeRouteRelease:
    """A wish that inquiries go out again, with what was found and done."""

    note: str


async def propose_route_release(desk: Desk, officer: Officer, key: UUID, asked: ProposeRouteRelease) -> UUID:
    """Put the opening of the route forward; the proposal's id. The route stays shut.

    Raises:
        InvalidInput: the note. RouteNotFrozen: it is open. OwnAccount: it was shut for the officer's own record.
        ApprovalPending: this opening waits already. IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "proposeRouteRelease", key, asked)
        if done:
            return UUID(done["approval"])
        freeze = await running_freeze()
        if freeze is None:
            raise RouteNotFrozen
        await _keep_off_own(officer, freeze)
        proposal = Proposal(ApprovalKind.RELEASE_ROUTE, str(freeze.id), {}, note)
        approval_id = await put_forward(unit, officer, proposal)
        await unit.keep(approval=approval_id)
        return approval_id


async def check_route_release(
    desk: Desk, officer: Officer, key: UUID, asked: Check, outcome: ApprovalOutcome
) -> UUID:
    """Confirm an opening, after which inquiries go out again, or reject it; the proposal's id.

    A record that was found after the proposal has been judged by nobody: it shuts the route again at once.

    Raises:
        InvalidInput: the note. NotFound: no such proposal. SamePerson: the officer made it. ApprovalClosed: it was
        checked already. OwnAccount: the route was shut for the officer's own record. RouteNotFrozen: confirming, and
        that freeze has ended. IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    found = await proposal_of(asked.approval_id, ApprovalKind.RELEASE_ROUTE)
    async with desk.unit() as unit:
        verb = "confirmRouteRelease" if outcome is ApprovalOutcome.CONFIRMED else "rejectRouteRelease"
        done = await unit.once(officer.id, verb, key, asked)
        if done:
            return UUID(done["approval"])
        approval = await lock_to_check(officer, found.id)
        freeze = await RouteFreeze.filter(id=UUID(approval.subject)).select_for_update().get()
        await _keep_off_own(officer, freeze)
        if outcome is ApprovalOutcome.CONFIRMED:
            await _open(unit, freeze, approval)
        await close(unit, officer, approval, outcome, note)
        await unit.keep(approval=approval.id)
        return approval.id


async def _keep_off_own(officer: Officer, freeze: RouteFreeze) -> None:
    result = await ReconciliationResult.get(id=freeze.result_id)
    if result.customer_id is not None:
        officer.keep_off_own(result.customer_id)


async def _open(unit: Unit, freeze: RouteFreeze, approval: Approval) -> None:
    """End a freeze; what was found since its opening was put forward shuts the route again, for nobody has judged that."""
    if freeze.released_at is not None:
        raise RouteNotFrozen
    await RouteFreeze.filter(id=freeze.id).update(released_at=unit.now, approval_id=approval.id)
    since = ReconciliationResult.filter(result=Match.BUREAU_ONLY.value, found_at__gte=approval.made_at)
    unjudged = await since.exclude(id=freeze.result_id).order_by("found_at", "id").first()
    if unjudged is not None:
        await freeze_route(unit, unjudged.id)
    else:
        await unit.enqueue(TELL_REOPENED, freeze.id)
