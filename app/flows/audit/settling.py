"""What officers do about findings: give one to somebody, close it with evidence, open it again."""

from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.auditing.finding import Closing, FindingState, FindingStep, ImpossibleStep, step, worded
from app.domain.auditing.rules import AUDIT_RULES, AuditRuleId, rules_seen_by
from app.domain.oversight.roles import Officer, Role
from app.domain.refusals import DecisionClosed, FindingAboutYou, InvalidInput, NotFound
from app.flows.audit.noting import add_step, open_again
from app.flows.unit import Desk, Unit
from models.oversight.audit import AuditFinding
from models.people import Staff

STEP_TABLE = "audit_finding_step"
NOTE = "note_sealed"
FINDING_TABLE = "audit_finding"
EVIDENCE = "evidence_sealed"


@dataclass(frozen=True, slots=True)
class AssignFinding:
    """A wish that an officer, by login, sees to a finding; the note says what is wanted."""

    finding_id: UUID
    login: str
    note: str


@dataclass(frozen=True, slots=True)
class CloseFinding:
    """What was done about a finding. `remains`: the fault is a thing of the past that stays in the book."""

    finding_id: UUID
    evidence: str
    remains: bool


@dataclass(frozen=True, slots=True)
class ReopenFinding:
    """A wish to see to a closed finding once more, and why."""

    finding_id: UUID
    note: str


async def assign_finding(desk: Desk, officer: Officer, key: UUID, asked: AssignFinding) -> UUID:
    """Give a finding to an officer who may see it and whom it is not about; the finding's id.

    Raises:
        NotFound: no finding that the officer sees. DecisionClosed: it is closed. InvalidInput: the note or the login.
        OwnAccount, FindingAboutYou: it is about the officer. IdempotencyConflict, StillWorking: as everywhere.
    """
    note = worded(asked.note, "note")
    finding = await _seen(officer, asked.finding_id)
    assignee = await _assignee(finding, asked.login)
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "assignFinding", key, asked)
        if done:
            return UUID(done["finding"])
        finding = await _locked(finding.id, FindingStep.ASSIGNED)
        finding.assigned_to = assignee
        await finding.save(update_fields=["state", "assigned_to"])
        await _write(unit, finding, FindingStep.ASSIGNED, officer, note, assigned_to=assignee)
        await unit.keep(finding=finding.id)
        return finding.id


async def close_finding(desk: Desk, officer: Officer, key: UUID, asked: CloseFinding) -> UUID:
    """Close a finding with evidence; the finding's id. A run that finds the fault again opens it again.

    Not so what `remains`, which only a rule on things of the past allows, and only while the problem is the same.

    Raises:
        NotFound, DecisionClosed, OwnAccount, FindingAboutYou: as for assigning. InvalidInput: the evidence, or the
        fault can be mended and so does not remain. IdempotencyConflict, StillWorking: as everywhere.
    """
    evidence = worded(asked.evidence, "evidence")
    finding = await _seen(officer, asked.finding_id)
    if asked.remains and not AUDIT_RULES[AuditRuleId(finding.rule)].of_the_past:
        raise InvalidInput.at("remains", problem="FAULT_CAN_BE_MENDED")
    closing = Closing.REMAINS if asked.remains else Closing.MENDED
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "closeFinding", key, asked)
        if done:
            return UUID(done["finding"])
        finding = await _locked(finding.id, FindingStep.CLOSED)
        finding.closing, finding.closed_at, finding.closed_by = closing.value, unit.now, officer.id
        box = desk.keys.subject(finding.id, finding.key_wrapped)
        finding.evidence_sealed = box.seal(FINDING_TABLE, EVIDENCE, finding.id, evidence.encode())
        await finding.save(update_fields=["state", "closing", "closed_at", "closed_by", EVIDENCE])
        await _write(unit, finding, FindingStep.CLOSED, officer, evidence, closing=closing)
        await unit.keep(finding=finding.id)
        return finding.id


async def reopen_finding(desk: Desk, officer: Officer, key: UUID, asked: ReopenFinding) -> UUID:
    """Open a closed finding again, due anew; the finding's id.

    Raises:
        NotFound, OwnAccount, FindingAboutYou: as for assigning. InvalidInput: the note, or it is not closed.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = worded(asked.note, "note")
    finding = await _seen(officer, asked.finding_id)
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "reopenFinding", key, asked)
        if done:
            return UUID(done["finding"])
        finding = await AuditFinding.filter(id=finding.id).select_for_update().get()
        if finding.state != FindingState.CLOSED:
            raise InvalidInput.at("findingId", problem="FINDING_NOT_CLOSED")
        await AuditFinding.filter(id=finding.id).update(**open_again(unit, finding))
        await _write(unit, finding, FindingStep.REOPENED, officer, note)
        await unit.keep(finding=finding.id)
        return finding.id


async def _seen(officer: Officer, finding_id: UUID) -> AuditFinding:
    """A finding that the officer's role sees and that is not about the officer."""
    finding = await AuditFinding.get_or_none(id=finding_id)
    if finding is None or finding.rule not in rules_seen_by(officer.role):
        raise NotFound
    if finding.customer_id is not None:
        officer.keep_off_own(finding.customer_id)
    if finding.staff_id == officer.id:
        raise FindingAboutYou
    return finding


async def _assignee(finding: AuditFinding, login: str) -> UUID:
    staff = await Staff.get_or_none(login=login) if login.isprintable() else None
    own = staff is not None and finding.customer_id is not None and staff.customer_id == finding.customer_id
    if staff is None or own or staff.id == finding.staff_id or finding.rule not in rules_seen_by(Role(staff.role)):
        raise InvalidInput.at("login", problem="OFFICER_CANNOT_TAKE_IT")
    return staff.id


async def _locked(finding_id: UUID, asked: FindingStep) -> AuditFinding:
    """The finding, locked, in the state that the step leads to."""
    finding = await AuditFinding.filter(id=finding_id).select_for_update().get()
    try:
        finding.state = step(FindingState(finding.state), asked).value
    except ImpossibleStep as closed:
        raise DecisionClosed from closed
    return finding


async def _write(
    unit: Unit,
    finding: AuditFinding,
    kind: FindingStep,
    officer: Officer,
    words: str,
    *,
    assigned_to: UUID | None = None,
    closing: Closing | None = None,
) -> None:
    step_id = uuid7()
    sealed = unit.desk.keys.subject(finding.id, finding.key_wrapped).seal(STEP_TABLE, NOTE, step_id, words.encode())
    await add_step(
        unit,
        finding.id,
        kind,
        made_by=officer.id,
        assigned_to=assigned_to,
        closing=closing,
        note_sealed=sealed,
        step_id=step_id,
    )
