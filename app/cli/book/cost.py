"""Telling what deciding costs."""

import json
from datetime import date
from decimal import Decimal

from app.domain.oversight.cost import CostReport

NOTHING = "nothing to divide by"


def as_json(report: CostReport) -> str:
    """See docs/formats/cost.md. Decimals are strings, so that no reader rounds them."""
    told = {
        "from": _text(report.period.first),
        "to": _text(report.period.last),
        "decisions": report.decisions,
        "decisionsByPeople": report.by_people,
        "applicants": report.applicants,
        "inquiries": report.inquiries,
        "inquiriesAvoided": report.avoided,
        "inquiriesPerDecision": _text(report.inquiries_per_decision),
        "inquiriesAvoidedPer1000Applicants": _text(report.avoided_per_1000_applicants),
        "decisionsMeasured": report.measured,
        "cpuSeconds": _text(report.cpu_seconds),
        "cpuSecondsPerDecision": _text(report.cpu_seconds_per_decision),
    }
    return json.dumps({"schema": "clearline-cost/1", **told})


def as_text(report: CostReport) -> str:
    """The same for reading."""
    spared = f"{report.avoided} spared by own data"
    rows = (
        ("period", f"{report.period.first or 'the beginning'} to {report.period.last or 'now'}"),
        ("decisions", f"{report.decisions} by machine, {report.by_people} by people, {report.applicants} applicants"),
        ("inquiries", f"{report.inquiries} made, {spared}"),
        ("  per decision", _text(report.inquiries_per_decision) or NOTHING),
        ("  spared per 1,000 applicants", _text(report.avoided_per_1000_applicants) or NOTHING),
        ("processor time", f"{report.cpu_seconds} s for {report.measured} decisions measured"),
        ("  seconds per decision", _text(report.cpu_seconds_per_decision) or NOTHING),
    )
    return "\n".join(f"{name:<30} {value}" for name, value in rows)


def _text(value: date | Decimal | None) -> str | None:
    return None if value is None else str(value)
