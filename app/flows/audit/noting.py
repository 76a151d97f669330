"""Faults become findings: a new one is opened, a known one seen again, a closed one opened again."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.auditing.finding import Closing, Fault, FindingState, FindingStep, Seen, seen_again, step
from app.domain.auditing.rules import AUDIT_RULES, AuditRuleId
from app.flows.audit.progress import Counts
from app.flows.unit import Unit
from models.oversight.audit import AuditFinding, AuditFindingStep, AuditRun

NEW_A_RULE_MAX = 1000


async def note(unit: Unit, run: AuditRun, faults: Sequence[Fault], counts: Counts) -> None:
    """Put the faults of one page, all of one rule and kind of subject, on record; a run that did so before adds nothing."""
    if not faults:
        return
    first, subjects = faults[0], [fault.subject_id for fault in faults]
    found = AuditFinding.filter(rule=first.rule.value, subject_kind__in={fault.subject_kind for fault in faults})
    rows = await found.filter(subject_id__in=subjects).order_by("id").select_for_update()
    known = {(row.subject_kind, row.subject_id): row for row in rows}
    for fault in faults:
        finding = known.get((fault.subject_kind, fault.subject_id))
        if finding is not None:
            counts.count(await _see(unit, run, finding, fault))
        elif counts.new >= NEW_A_RULE_MAX:
            counts.left += 1
        else:
            await _open(unit, run, fault)
            counts.count(Seen.NEW)


async def _open(unit: Unit, run: AuditRun, fault: Fault) -> None:
    rule, finding_id = AUDIT_RULES[fault.rule], uuid7()
    await AuditFinding.create(
        id=finding_id,
        rule=rule.id.value,
        subject_kind=fault.subject_kind,
        subject_id=fault.subject_id,
        problem=fault.problem,
        detail=fault.detail,
        customer_id=fault.customer_id,
        staff_id=fault.staff_id,
        severity=rule.severity.name,
        state=FindingState.OPEN.value,
        due_on=unit.today() + timedelta(days=rule.due_days),
        found_at=unit.now,
        found_run_id=run.id,
        seen_at=unit.now,
        seen_run_id=run.id,
        seen_as=Seen.NEW.value,
        times_seen=1,
        key_wrapped=unit.desk.keys.new_subject(finding_id),
    )
    await add_step(unit, finding_id, FindingStep.FOUND, run_id=run.id)


async def _see(unit: Unit, run: AuditRun, finding: AuditFinding, fault: Fault) -> Seen:
    closing = Closing(finding.closing) if finding.closing else None
    same = (finding.problem, finding.detail) == (fault.problem, fault.detail)
    seen = seen_again(FindingState(finding.state), closing, same_problem=same)
    opened: dict[str, object] = {}
    if seen is Seen.REOPENED:
        opened = open_again(unit, finding)
        await add_step(unit, finding.id, FindingStep.REOPENED, run_id=run.id)
    await AuditFinding.filter(id=finding.id).update(
        problem=fault.problem,
        detail=fault.detail,
        seen_at=unit.now,
        seen_run_id=run.id,
        seen_as=seen.value,
        times_seen=finding.times_seen + 1,
        **opened,
    )
    return seen


def open_again(unit: Unit, finding: AuditFinding) -> dict[str, object]:
    """The columns of a closed finding that is open again, due anew."""
    return {
        "state": step(FindingState(finding.state), FindingStep.REOPENED).value,
        "due_on": unit.today() + timedelta(days=AUDIT_RULES[AuditRuleId(finding.rule)].due_days),
        "assigned_to": None,
        "closing": None,
        "closed_at": None,
        "closed_by": None,
        "evidence_sealed": None,
    }


async def add_step(
    unit: Unit,
    finding_id: UUID,
    kind: FindingStep,
    *,
    run_id: UUID | None = None,
    made_by: UUID | None = None,
    assigned_to: UUID | None = None,
    closing: Closing | None = None,
    note_sealed: bytes | None = None,
    step_id: UUID | None = None,
) -> None:
    """Write the next step of a locked finding's history."""
    await AuditFindingStep.create(
        id=step_id or uuid7(),
        finding_id=finding_id,
        number=await AuditFindingStep.filter(finding_id=finding_id).count() + 1,
        kind=kind.value,
        made_at=unit.now,
        run_id=run_id,
        made_by=made_by,
        assigned_to=assigned_to,
        closing=closing.value if closing else None,
        note_sealed=note_sealed,
    )
