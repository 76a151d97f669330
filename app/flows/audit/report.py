"""What a run tells: counts by rule, and the findings that somebody has to see to."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.queryset import QuerySet

from app.domain.auditing.finding import FindingState
from app.domain.auditing.rules import AUDIT_RULES, AuditRule, AuditRuleId
from app.flows.audit.progress import Counts, Progress
from models.oversight.audit import AuditFinding, AuditRun

TOLD_MAX = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """Findings, newest first, and how many more there are."""

    findings: Sequence[AuditFinding]
    more: int


@dataclass(frozen=True, slots=True)
class Report:
    """One run: every rule with its counts, and what it saw that is not closed."""

    run: AuditRun
    counts: Sequence[tuple[AuditRule, Counts]]
    told: Told

    @property
    def unsettled(self) -> int:
        """Faults that somebody has to see to."""
        return sum(counts.unsettled for _, counts in self.counts)


def counts_of(run: AuditRun) -> list[tuple[AuditRule, Counts]]:
    """What a run has counted so far, by rule."""
    progress = Progress.of(run)
    return [(rule, progress.counts[rule.id]) for rule in AUDIT_RULES.values() if rule.id in progress.counts]


async def report_of(run_id: UUID) -> Report:
    """The report of a run."""
    run = await AuditRun.get(id=run_id)
    seen = AuditFinding.filter(seen_run_id=run.id).exclude(state=FindingState.CLOSED.value)
    return Report(run, counts_of(run), await _told(seen))


async def findings_told(state: FindingState | None, rule: AuditRuleId | None, *, closed_too: bool) -> Told:
    """Findings of a state and a rule; without a state those that are not closed, or all."""
    query = AuditFinding.all()
    if state is not None:
        query = query.filter(state=state.value)
    elif not closed_too:
        query = query.exclude(state=FindingState.CLOSED.value)
    return await _told(query.filter(rule=rule.value) if rule else query)


async def _told(query: QuerySet[AuditFinding]) -> Told:
    rows = await query.order_by("-id").limit(TOLD_MAX)
    return Told(rows, await query.count() - len(rows))
