"""Each decision made again: its sealed inputs opened, scored by the same models, judged by the same policy.

A person's eyes see nothing of it. Scores are made again only where the very models of then are the models of now; a
decision by others is judged again on the score that it had, and counted as not wholly checked.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.auditing.finding import Fault
from app.domain.auditing.replay import OnRecord, unlike
from app.domain.auditing.rules import AuditRuleId
from app.domain.deciding.gate import LineThen, OwnFacts
from app.domain.deciding.outcome import Occupation, Outcome, Verdict
from app.domain.deciding.policy import Policy
from app.domain.deciding.reasons import ReasonCode
from app.domain.money import Rate
from app.domain.policies.document import digest_of
from app.doors.keys import WrongKey
from app.flows.audit.looks.scan import Look, Memo, Seen, Sight
from app.flows.credit.facts import adverse_reasons
from app.flows.credit.reports import file_of
from app.flows.policy.judging import policies_named
from app.flows.unit import Desk
from models.consent import BureauReport, Inquiry
from models.credit import Decision
from models.people import Customer

DECISIONS_PAGE = 50
_INCOMPLETE = "INCOMPLETE"


@dataclass(frozen=True, slots=True)
class _Found:
    """What a page of decisions refers to, by id or name."""

    customers: dict[UUID, Customer]
    inquiries: dict[UUID, Inquiry]
    policies: dict[str, Policy]
    destroyed: frozenset[UUID]
    """The inquiries whose reports were destroyed."""


async def _page(sight: Sight, after: UUID, _memo: Memo) -> Seen:
    rows = await Decision.filter(id__gt=after).order_by("id").limit(DECISIONS_PAGE)
    customers = {row.id: row for row in await Customer.filter(id__in={row.customer_id for row in rows})}
    asked = [row.inquiry_id for row in rows if row.inquiry_id is not None]
    inquiries = {row.id: row for row in await Inquiry.filter(id__in=asked)} if asked else {}
    policies = await policies_named({row.policy_version for row in rows})
    reports = BureauReport.filter(inquiry_id__in=asked, destroyed_at__isnull=False)
    destroyed = frozenset([row.inquiry_id for row in await reports]) if asked else frozenset[UUID]()
    found = _Found(customers, inquiries, policies, destroyed)
    problems = await asyncio.to_thread(_problems, sight.desk, rows, found)
    faults = [
        _fault(row, problem)
        for row, problem in zip(rows, problems, strict=True)
        if problem not in {None, _INCOMPLETE}
    ]
    following = rows[-1].id if len(rows) == DECISIONS_PAGE else None
    return Seen(len(rows), tuple(faults), following, problems.count(_INCOMPLETE))


def _fault(row: Decision, problem: str | None) -> Fault:
    rule = AuditRuleId.DECISION_NOT_REPRODUCIBLE
    return Fault(rule, "Decision", row.id, problem or "", row.customer_id, row.decided_by)


def _problems(desk: Desk, rows: list[Decision], found: _Found) -> list[str | None]:
    return [_problem(desk, row, found) for row in rows]


def _problem(desk: Desk, row: Decision, found: _Found) -> str | None:
    """What is wrong with a decision; INCOMPLETE where all that can be made again is right, but not all can be."""
    customer = found.customers.get(row.customer_id)
    if customer is None:
        return "INPUTS_DO_NOT_OPEN"
    if not customer.key_wrapped:
        return _INCOMPLETE  # the person's data were erased, and with them what the decision was made from
    try:
        plain = desk.box(customer).open("decision", "inputs_sealed", row.id, row.inputs_sealed)
    except WrongKey:
        return "INPUTS_DO_NOT_OPEN"
    if desk.keys.mac("decision-inputs", plain) != bytes(row.inputs_digest):
        return "INPUTS_NOT_THOSE"
    told = json.loads(plain)
    if (
        trouble := _add_report(desk, customer, row, told, is_destroyed=row.inquiry_id in found.destroyed)
    ) is not None:
        return trouble
    if (row.score, row.own_score) != (told["score"], told["own"]["own_score"]):
        return "SCORE_NOT_THAT_OF_INPUTS"
    policy = found.policies.get(row.policy_version)
    if policy is None:
        return "POLICY_UNKNOWN"
    if row.policy_sha256 not in {None, digest_of(policy)}:
        return "POLICY_NOT_THAT"
    if row.limit_increase_id is not None and "line" not in told:
        return _INCOMPLETE  # decided before the line was kept among the inputs
    if "file" not in told and told["from_report"] is not None:
        return _INCOMPLETE  # the report was destroyed, and with it what the decision took from it
    try:
        inquiry = found.inquiries.get(row.inquiry_id) if row.inquiry_id else None
        differs = unlike(_on_record(row, told, policy, inquiry))
    except ValueError:  # facts, a verdict or words that cannot be
        return "CONTRADICTS_ITSELF"
    return differs.value if differs else _rescored(desk, row, told)


def _add_report(
    desk: Desk, customer: Customer, row: Decision, told: dict[str, Any], *, is_destroyed: bool
) -> str | None:
    """Add what the decision took from the report to what else it was made from; what is wrong with that part, if anything."""
    if row.from_report_sealed is None:
        return "INPUTS_DO_NOT_OPEN" if told.get("from_report") is not None and not is_destroyed else None
    if is_destroyed:
        return "REPORT_KEPT_AFTER_ERASURE"
    try:
        taken = desk.box(customer).open("decision", "from_report_sealed", row.id, row.from_report_sealed)
    except WrongKey:
        return "INPUTS_DO_NOT_OPEN"
    if desk.keys.mac("decision-from-report", taken).hex() != told.get("from_report"):
        return "INPUTS_NOT_THOSE"
    told |= json.loads(taken)
    return None


def _on_record(row: Decision, told: dict[str, Any], policy: Policy, inquiry: Inquiry | None) -> OnRecord:
    verdict = Verdict(
        Outcome(row.outcome),
        _reasons(json.loads(row.reasons)),
        row.grade,
        row.limit_minor,
        Rate(row.daily_scaled) if row.daily_scaled is not None else None,
    )
    own = {
        **told["own"],
        "occupation": Occupation(told["own"]["occupation"]),
        "adverse": _reasons(told["own"]["adverse"]),
    }
    line = told.get("line")
    return OnRecord(
        verdict=verdict,
        policy=policy,
        own=OwnFacts(**own),
        score=told["score"],
        file=file_of(told["file"]) if told.get("file") else None,
        adverse=_reasons(told.get("adverse", [])),
        line=LineThen(**line) if line else None,
        asked=row.inquiry_id is not None,
        refusal_code=inquiry.refusal_code if inquiry else None,
        by_person=row.decided_by is not None,
    )


def _reasons(codes: list[str]) -> tuple[ReasonCode, ...]:
    return tuple(ReasonCode(code) for code in codes)


def _rescored(desk: Desk, row: Decision, told: dict[str, Any]) -> str | None:
    """Whether the models give the same score, and the same reasons, on the vector that was sealed."""
    if told.get("models") != desk.scorer.digests:
        return (
            "MODEL_NOT_THAT_VERSION"
            if "models" in told and row.model_version == desk.scorer.model_version
            else _INCOMPLETE
        )
    if told.get("file") is not None and row.score is not None:
        scored = desk.scorer.score_full(told["vector"])
        # A person's verdict rests on the score alone: the reasons are the person's own.
        reasons = told["adverse"] if row.decided_by is not None else [code.value for code in adverse_reasons(scored)]
        return None if (scored.score, reasons) == (row.score, told["adverse"]) else "SCORE_DIFFERS"
    if row.own_score is not None:
        scored = desk.scorer.score_own(told["vector"])
        reasons = [code.value for code in adverse_reasons(scored)]
        return None if (scored.score, reasons) == (row.own_score, told["own"]["adverse"]) else "SCORE_DIFFERS"
    return None


DECISIONS = (Look("DECISION_NOT_REPRODUCIBLE/Decision", AuditRuleId.DECISION_NOT_REPRODUCIBLE, _page),)
