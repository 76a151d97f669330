"""Audit runs and findings, for the officers whose role sees them; never what is about the officer who looks."""

from typing import TypeAlias
from uuid import UUID

from tortoise.expressions import Q

from app.api.reading.pages import Page, page
from app.domain.auditing.finding import FindingState
from app.domain.auditing.rules import AuditRuleId, rules_seen_by
from app.domain.oversight.roles import Officer
from app.flows.audit.settling import EVIDENCE, FINDING_TABLE, NOTE, STEP_TABLE
from app.flows.unit import Desk
from models.oversight.audit import AuditFinding, AuditFindingStep, AuditRun
from models.people import Staff

FindingRow: TypeAlias = AuditFinding
StepRow: TypeAlias = AuditFindingStep
RunRow: TypeAlias = AuditRun

STEPS_MAX = 100


async def findings(
    officer: Officer, state: FindingState | None, rule: AuditRuleId | None, first: int, after: str | None
) -> Page[FindingRow]:
    """Findings that the role sees, newest first."""
    seen = rules_seen_by(officer.role)
    query = AuditFinding.filter(rule__in=[seen_rule.value for seen_rule in seen if rule in {None, seen_rule}])
    if state is not None:
        query = query.filter(state=state.value)
    query = query.filter(Q(staff_id__isnull=True) | ~Q(staff_id=officer.id))
    if officer.customer_id is not None:
        query = query.filter(Q(customer_id__isnull=True) | ~Q(customer_id=officer.customer_id))
    return await page(query, first, after)


async def runs(first: int, after: str | None) -> Page[RunRow]:
    """Runs, newest first."""
    return await page(AuditRun.all(), first, after)


async def finding(finding_id: UUID) -> FindingRow:
    """A finding just acted on."""
    return await AuditFinding.get(id=finding_id)


async def login_known(staff_id: UUID | None) -> str | None:
    """An officer's login; None for nobody, or nobody whom the book knows."""
    staff = await Staff.get_or_none(id=staff_id) if staff_id is not None else None
    return staff.login if staff is not None else None


async def run(run_id: UUID) -> RunRow:
    """A run just begun."""
    return await AuditRun.get(id=run_id)


async def steps(finding_id: UUID) -> list[StepRow]:
    """What happened to a finding, oldest first, the newest STEPS_MAX."""
    rows = await AuditFindingStep.filter(finding_id=finding_id).order_by("-number").limit(STEPS_MAX)
    return rows[::-1]


def evidence(desk: Desk, row: FindingRow) -> str | None:
    """What the finding was closed on; None while it is not closed."""
    if row.evidence_sealed is None:
        return None
    box = desk.keys.subject(row.id, row.key_wrapped)
    return box.open(FINDING_TABLE, EVIDENCE, row.id, row.evidence_sealed).decode()


def words_of(desk: Desk, row: FindingRow, step: StepRow) -> str | None:
    """What an officer wrote on a step; None for a step of a run."""
    if step.note_sealed is None:
        return None
    return desk.keys.subject(row.id, row.key_wrapped).open(STEP_TABLE, NOTE, step.id, step.note_sealed).decode()
