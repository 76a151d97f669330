"""What an audit found, and what officers do about it. Subjects are named by ids alone."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import NEVER, Keyed, PageInfo
from app.api.reading.oversight import audit as read
from app.api.refusals import (
    DecisionClosed,
    FindingAboutYou,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    OwnAccount,
    StillWorking,
    TrainingExpired,
)
from app.api.scalars import decode_id, encode_id
from app.domain.auditing.finding import Closing, FindingState, FindingStep
from app.domain.auditing.rules import AUDIT_RULES, AuditRuleId
from app.domain.auditing.rules import AuditRule as Rule
from app.domain.oversight.roles import Verb
from app.domain.watching.rules import Severity
from app.flows.audit.progress import Counts
from app.flows.audit.report import counts_of
from app.flows.audit.settling import (
    AssignFinding,
    CloseFinding,
    ReopenFinding,
    assign_finding,
    close_finding,
    reopen_finding,
)
from app.flows.audit.starting import RunAudit, run_audit

strawberry.enum(AuditRuleId, description="A kind of fault that an audit looks for.")
strawberry.enum(
    FindingState, description="Where a finding stands. REOPENED: it was closed, and found again or doubted."
)
strawberry.enum(FindingStep, description="What happened to a finding.")
strawberry.enum(
    Closing,
    name="FindingClosing",
    description="MENDED: found again, it is open again. REMAINS: the fault is a thing of the past, and stays closed.",
)


@strawberry.type(description="A rule of auditing.")
class AuditRule:
    id: AuditRuleId
    severity: Severity
    due_days: int = strawberry.field(description="Days from the finding to when it is due.")
    legal_source: str

    @strawberry.field(description="The rule, spelt out.")
    def title(self, info: Info) -> str:
        return words.say(info.context.language, "audit", self.id)

    @classmethod
    def of(cls, rule: Rule) -> "AuditRule":
        """As the law has it."""
        return cls(id=rule.id, severity=rule.severity, due_days=rule.due_days, legal_source=rule.legal_source)


@strawberry.type(description="One thing that happened to a finding, by a run or by an officer.")
class FindingHappened:
    finding: strawberry.Private[read.FindingRow]
    row: strawberry.Private[read.StepRow]
    kind: FindingStep
    at: datetime
    closing: Closing | None

    @strawberry.field(description="The login of who did it; null for a run.")
    async def by(self) -> str | None:
        return await read.login_known(self.row.made_by)

    @strawberry.field(description="The login of whom it was given to.")
    async def assigned_to(self) -> str | None:
        return await read.login_known(self.row.assigned_to)

    @strawberry.field(description="What the officer wrote.")
    def note(self, info: Info) -> str | None:
        return read.words_of(info.context.desk, self.finding, self.row)


@strawberry.type(description="A fault on record. What exactly each `problem` means stands in docs/formats/audit.md.")
class AuditFinding:
    row: strawberry.Private[read.FindingRow]
    id: strawberry.ID = strawberry.field(description="Also a `caseId` for `openCustomerFile`.")
    rule: AuditRule
    subject_kind: str
    subject_id: strawberry.ID
    customer_id: strawberry.ID | None
    problem: str
    detail: str
    severity: Severity
    state: FindingState
    due_on: date
    found_at: datetime
    seen_at: datetime = strawberry.field(description="When a run saw the fault last.")
    times_seen: int
    closing: Closing | None
    closed_at: datetime | None

    @strawberry.field(description="The login of who sees to it.")
    async def assigned_to(self) -> str | None:
        return await read.login_known(self.row.assigned_to)

    @strawberry.field(description="The login of the officer whom it is about.")
    async def about_officer(self) -> str | None:
        return await read.login_known(self.row.staff_id)

    @strawberry.field(description="The login of who closed it.")
    async def closed_by(self) -> str | None:
        return await read.login_known(self.row.closed_by)

    @strawberry.field(description="What it was closed on.")
    def evidence(self, info: Info) -> str | None:
        return read.evidence(info.context.desk, self.row)

    @strawberry.field(description="All that happened to it, oldest first; the newest 100.")
    async def history(self) -> list[FindingHappened]:
        return [
            FindingHappened(
                finding=self.row,
                row=step,
                kind=FindingStep(step.kind),
                at=step.made_at,
                closing=Closing(step.closing) if step.closing else None,
            )
            for step in await read.steps(self.row.id)
        ]

    @classmethod
    def of(cls, row: read.FindingRow) -> "AuditFinding":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("AuditFinding", row.id),
            rule=AuditRule.of(AUDIT_RULES[AuditRuleId(row.rule)]),
            subject_kind=row.subject_kind,
            subject_id=encode_id(row.subject_kind, row.subject_id),
            customer_id=encode_id("Customer", row.customer_id) if row.customer_id else None,
            problem=row.problem,
            detail=row.detail,
            severity=Severity[row.severity],
            state=FindingState(row.state),
            due_on=row.due_on,
            found_at=row.found_at,
            seen_at=row.seen_at,
            times_seen=row.times_seen,
            closing=Closing(row.closing) if row.closing else None,
            closed_at=row.closed_at,
        )


@strawberry.type
class AuditFindingConnection:
    nodes: list[AuditFinding]
    page_info: PageInfo


@strawberry.type(description="What a run has counted of one rule so far.")
class AuditCount:
    rule: AuditRule
    looked_at: int
    unchecked: int = strawberry.field(description="Rows that could not be wholly checked.")
    new: int
    known: int
    reopened: int
    remains: int = strawberry.field(description="Faults of the past that a person closed for good.")
    left: int = strawberry.field(description="New faults beyond what one run opens; the next run opens them.")

    @classmethod
    def of(cls, rule: Rule, counts: Counts) -> "AuditCount":
        """From a run's own counts."""
        return cls(
            rule=AuditRule.of(rule),
            looked_at=counts.looked_at,
            unchecked=counts.unchecked,
            new=counts.new,
            known=counts.known,
            reopened=counts.reopened,
            remains=counts.remains,
            left=counts.left,
        )


@strawberry.type(description="One audit of the book.")
class AuditRun:
    row: strawberry.Private[read.RunRow]
    id: strawberry.ID
    business_date: date
    started_at: datetime
    ended_at: datetime | None = strawberry.field(description="Null while it is under way.")
    counts: list[AuditCount]

    @strawberry.field(description="The login of who asked for it; null when the calendar did.")
    async def started_by(self) -> str | None:
        return await read.login_known(self.row.started_by)

    @classmethod
    def of(cls, row: read.RunRow) -> "AuditRun":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("AuditRun", row.id),
            business_date=row.business_date,
            started_at=row.started_at,
            ended_at=row.ended_at,
            counts=[AuditCount.of(rule, counts) for rule, counts in counts_of(row)],
        )


@strawberry.type
class AuditRunConnection:
    nodes: list[AuditRun]
    page_info: PageInfo


@strawberry.type
class OversightAudit:
    @strawberry.field(
        description=(
            "What audits found, newest first; all for COMPLIANCE, what is about data for PRIVACY, about lending for "
            "RISK. Never what is about the officer who looks."
        )
    )
    async def findings(
        self,
        info: Info,
        state: FindingState | None = None,
        rule: AuditRuleId | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> AuditFindingConnection:
        page = await read.findings(info.context.may(Verb.FINDINGS), state, rule, first, after)
        return AuditFindingConnection(
            nodes=[AuditFinding.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )

    @strawberry.field(description="Audits, newest first. Every role.")
    async def audit_runs(self, info: Info, first: int = 20, after: str | None = None) -> AuditRunConnection:
        info.context.may(Verb.AUDIT_RUNS)
        page = await read.runs(first, after)
        return AuditRunConnection(
            nodes=[AuditRun.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )


@strawberry.input
class RunAuditInput(Keyed):
    pass


@strawberry.input(
    description="`login` is the officer's who shall see to it. A note has 10 to 2000 characters and names nobody."
)
class AssignFindingInput(Keyed):
    finding_id: strawberry.ID = strawberry.field(description="The finding.")
    login: str = strawberry.field(description="The login of the officer who shall see to it.")
    note: str = strawberry.field(description="Why; 10 to 2000 characters that name nobody.")


@strawberry.input(
    description=(
        "Evidence, 10 to 2000 characters, names nobody. With `remains` the fault is a thing of the past that stays in the "
        "book: runs see it and leave it closed. Only some rules allow that."
    )
)
class CloseFindingInput(Keyed):
    finding_id: strawberry.ID = strawberry.field(description="The finding.")
    evidence: str = strawberry.field(description="What was found and done; 10 to 2000 characters that name nobody.")
    remains: bool = strawberry.field(
        default=False, description="The fault is a thing of the past that stays in the book."
    )


@strawberry.input(description="A note has 10 to 2000 characters and names nobody.")
class ReopenFindingInput(Keyed):
    finding_id: strawberry.ID = strawberry.field(description="The finding.")
    note: str = strawberry.field(description="Why; 10 to 2000 characters that name nobody.")


@strawberry.type
class RunAuditPayload:
    run: AuditRun


@strawberry.type
class FindingPayload:
    finding: AuditFinding


RunAuditResult = Annotated[
    RunAuditPayload | StillWorking | InvalidInput | IdempotencyConflict, strawberry.union("RunAuditResult")
]
SettleFindingResult = Annotated[
    FindingPayload
    | DecisionClosed
    | FindingAboutYou
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("SettleFindingResult"),
]
ReopenFindingResult = Annotated[
    FindingPayload
    | FindingAboutYou
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("ReopenFindingResult"),
]


async def _answer(finding_id: UUID) -> FindingPayload:
    return FindingPayload(finding=AuditFinding.of(await read.finding(finding_id)))


@strawberry.type
class AuditMutation:
    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Have the book audited; a worker goes through it. While one runs, that one is the answer. Role COMPLIANCE."
        ),
    )
    async def run_audit(self, info: Info, input: RunAuditInput) -> RunAuditResult:  # noqa: A002
        officer = info.context.may(Verb.RUN_AUDIT)
        key = await run_audit(info.context.desk, officer, input.idempotency_key, RunAudit())
        return RunAuditPayload(run=AuditRun.of(await read.run(key)))

    @strawberry.mutation(directives=NEVER, description="Give a finding to an officer to see to. Role COMPLIANCE.")
    async def assign_finding(self, info: Info, input: AssignFindingInput) -> SettleFindingResult:  # noqa: A002
        officer = info.context.may(Verb.ASSIGN_FINDING)
        asked = AssignFinding(decode_id(input.finding_id, "AuditFinding"), input.login, input.note)
        return await _answer(await assign_finding(info.context.desk, officer, input.idempotency_key, asked))

    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Close a finding with evidence. A run that finds the fault again opens it again. Role COMPLIANCE; PRIVACY "
            "for what is about data."
        ),
    )
    async def close_finding(self, info: Info, input: CloseFindingInput) -> SettleFindingResult:  # noqa: A002
        officer = info.context.may(Verb.CLOSE_FINDING)
        asked = CloseFinding(decode_id(input.finding_id, "AuditFinding"), input.evidence, input.remains)
        return await _answer(await close_finding(info.context.desk, officer, input.idempotency_key, asked))

    @strawberry.mutation(directives=NEVER, description="Open a closed finding again, due anew. Role COMPLIANCE.")
    async def reopen_finding(self, info: Info, input: ReopenFindingInput) -> ReopenFindingResult:  # noqa: A002
        officer = info.context.may(Verb.REOPEN_FINDING)
        asked = ReopenFinding(decode_id(input.finding_id, "AuditFinding"), input.note)
        return await _answer(await reopen_finding(info.context.desk, officer, input.idempotency_key, asked))
