"""How each operation of internal audit is asked."""

from typing import Any
from uuid import UUID, uuid4

from app.api.scalars import encode_id
from app.domain.auditing.rules import AuditRuleId
from app.domain.oversight.roles import Role, Verb
from app.flows.audit.progress import Progress
from models.credit import CreditLine
from models.oversight.audit import AuditFinding, AuditRun
from tests.api.matrix.stage import NOTE, Ask, Asked, Stage, act, officer


def rule_of(role: Role) -> AuditRuleId:
    """A rule whose findings the role sees; any, where it sees none."""
    return AuditRuleId.RECORD_MISSING if role is Role.PRIVACY else AuditRuleId.POSTING_UNBALANCED


async def _run() -> AuditRun:
    found = await AuditRun.get_or_none(state="DONE", progress=Progress().text())
    if found is not None:
        return found
    now = (await CreditLine.all().order_by("id").first() or CreditLine()).opened_at
    return await AuditRun.create(
        id=uuid4(),
        cause="CALENDAR",
        business_date=now.date(),
        started_at=now,
        state="DONE",
        progress=Progress().text(),
        ended_at=now,
    )


async def finding(stage: Stage, role: Role) -> str:
    """A finding about the person that nobody has closed, of a rule that the role sees."""
    run, finding_id = await _run(), uuid4()
    customer_id: UUID = await stage.row(stage.person)
    await AuditFinding.create(
        id=finding_id,
        rule=rule_of(role).value,
        subject_kind="Loan",
        subject_id=uuid4(),
        problem="PLANTED",
        detail="",
        customer_id=customer_id,
        severity="HIGH",
        state="OPEN",
        due_on=run.business_date,
        found_at=run.started_at,
        found_run_id=run.id,
        seen_at=run.started_at,
        seen_run_id=run.id,
        seen_as="NEW",
        times_seen=1,
        key_wrapped=stage.world.house.desk.keys.new_subject(finding_id),
    )
    return encode_id("AuditFinding", finding_id)


async def _listed(stage: Stage, _login: str, role: Role, _whose: str) -> Asked:
    node = await finding(stage, role)
    return Asked("{ oversight { findings(first: 50) { nodes { id } } } }", None, node)


async def _runs(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked("{ oversight { auditRuns { nodes { id } } } }")


async def _nothing(_stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {}


async def _assigning(stage: Stage, _login: str, role: Role) -> dict[str, Any]:
    return {"findingId": await finding(stage, role), "login": "compliance2", "note": NOTE}


async def _closing(stage: Stage, _login: str, role: Role) -> dict[str, Any]:
    return {"findingId": await finding(stage, role), "evidence": NOTE}


async def _reopening(stage: Stage, _login: str, role: Role) -> dict[str, Any]:
    key = await finding(stage, role)
    closed = await stage.world.act("CloseFinding", officer("compliance2"), findingId=key, evidence=NOTE)
    assert closed["finding"]["state"] == "CLOSED"
    return {"findingId": key, "note": NOTE}


HOW_AUDIT: dict[Verb, Ask] = {
    Verb.FINDINGS: _listed,
    Verb.AUDIT_RUNS: _runs,
    Verb.RUN_AUDIT: act(Verb.RUN_AUDIT, _nothing),
    Verb.ASSIGN_FINDING: act(Verb.ASSIGN_FINDING, _assigning),
    Verb.CLOSE_FINDING: act(Verb.CLOSE_FINDING, _closing),
    Verb.REOPEN_FINDING: act(Verb.REOPEN_FINDING, _reopening),
}
