"""A run and its findings, for people and machines (docs/formats/audit.md)."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from app.api import words
from app.api.scalars import encode_id
from app.domain.auditing.rules import AuditRule
from app.flows.audit.progress import Counts
from app.flows.audit.report import Report, Told
from models.oversight.audit import AuditFinding


def report_as_json(report: Report) -> str:
    """One line."""
    return json.dumps(
        {
            "schema": "clearline-audit/1",
            "run": encode_id("AuditRun", report.run.id),
            "businessDate": report.run.business_date.isoformat(),
            "unsettled": report.unsettled,
            "rules": [_rule(rule, counts) for rule, counts in report.counts],
            "findings": [_finding(row) for row in report.told.findings],
            "more": report.told.more,
        },
        ensure_ascii=False,
    )


def list_as_json(told: Told, today: date) -> str:
    """One line."""
    return json.dumps(
        {
            "schema": "clearline-audit-findings/1",
            "businessDate": today.isoformat(),
            "findings": [{**_finding(row), "overdue": _overdue(row, today)} for row in told.findings],
            "more": told.more,
        },
        ensure_ascii=False,
    )


def report_as_text(report: Report) -> str:
    """The same for reading: rules that found something, then each finding."""
    head = f"{report.run.business_date}: {sum(counts.looked_at for _, counts in report.counts)} rows looked at"
    if not report.unsettled:
        return f"{head}; nothing found"
    faults = "1 fault" if report.unsettled == 1 else f"{report.unsettled} faults"
    lines = [f"{head}, {faults} to see to"]
    lines += [
        f"  {rule.id:<28} new {counts.new}, known {counts.known}, reopened {counts.reopened}, left {counts.left}"
        for rule, counts in report.counts
        if counts.unsettled
    ]
    return "\n".join([*lines, *_rows(report.told, report.run.business_date)])


def list_as_text(told: Told, today: date) -> str:
    """The findings, one a paragraph."""
    return "\n".join(_rows(told, today)) if told.findings else "no findings"


def _rows(told: Told, today: date) -> list[str]:
    lines = []
    for row in told.findings:
        late = ", overdue" if _overdue(row, today) else ""
        lines.append(f"{row.severity:<6} {row.state:<8} {words.say('en', 'audit', row.rule)}: {row.problem}")
        lines.append(
            f"       {row.subject_kind} {encode_id(row.subject_kind, row.subject_id)}  due {row.due_on}{late}"
        )
        lines.append(f"       finding {encode_id('AuditFinding', row.id)}{'  ' + row.detail if row.detail else ''}")
    return [*lines, f"and {told.more} more"] if told.more else lines


def _overdue(row: AuditFinding, today: date) -> bool:
    return row.state != "CLOSED" and row.due_on < today


def _rule(rule: AuditRule, counts: Counts) -> dict[str, Any]:
    told = asdict(counts)
    return {
        "rule": rule.id.value,
        "severity": rule.severity.name,
        "dueDays": rule.due_days,
        "legalSource": rule.legal_source,
        "lookedAt": told.pop("looked_at"),
        **told,
    }


def _finding(row: AuditFinding) -> dict[str, Any]:
    return {
        "id": encode_id("AuditFinding", row.id),
        "rule": row.rule,
        "subject": {"kind": row.subject_kind, "id": encode_id(row.subject_kind, row.subject_id)},
        "problem": row.problem,
        "detail": row.detail,
        "severity": row.severity,
        "state": row.state,
        "dueOn": row.due_on.isoformat(),
        "seen": row.seen_as,
    }
