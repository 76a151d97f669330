"""The cost of deciding, kept case by case and read from the book: the same from every process and after every restart."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.consent.inquiry import COUNTED
from app.domain.oversight.cost import CostReport, Period
from app.flows.unit import Desk
from models.connection import fetch, is_sqlite
from models.consent import Inquiry
from models.credit import Decision


async def keep_cpu(case_id: UUID, cpu_us: int) -> None:
    """Add the processor time (microseconds) of one walk to its case."""
    await fetch(
        "INSERT INTO assessment_cost (case_id, walks, cpu_us) VALUES ($1, 1, $2) ON CONFLICT (case_id) DO UPDATE"
        " SET walks = assessment_cost.walks + 1, cpu_us = assessment_cost.cpu_us + excluded.cpu_us RETURNING walks",
        *(str(case_id) if is_sqlite() else case_id, cpu_us),
    )


async def cost_report(desk: Desk, period: Period) -> CostReport:
    """What deciding cost in a period of business days, all figures of one moment."""
    begins, ends = period.begins, period.ends
    async with desk.unit():
        decisions = await _decisions(begins, ends)
        measured = await _measured(begins, ends)
        inquiries = await Inquiry.filter(
            state__in=[state.value for state in COUNTED], opened_at__gte=begins, opened_at__lt=ends
        ).count()
        by_people = await Decision.filter(
            decided_by__isnull=False, decided_at__gte=begins, decided_at__lt=ends
        ).count()
    return CostReport(
        period=period,
        decisions=int(decisions["number"]),
        by_people=by_people,
        applicants=int(decisions["applicants"]),
        inquiries=inquiries,
        avoided=int(decisions["avoided"]),
        measured=int(measured["number"]),
        cpu_us=int(measured["cpu_us"]),
    )


async def _decisions(begins: datetime, ends: datetime) -> dict[str, Any]:
    """The machine's decisions of a period, the customers among them, and those that own data alone made."""
    (row,) = await fetch(
        "SELECT count(*) AS number, count(DISTINCT customer_id) AS applicants,"
        " sum(CASE WHEN outcome = 'DECLINED' AND inquiry_id IS NULL THEN 1 ELSE 0 END) AS ruled_out"
        " FROM decision WHERE decided_by IS NULL AND decided_at >= $1 AND decided_at < $2",
        *_moments(begins, ends),
    )
    return {**row, "avoided": row["ruled_out"] or 0}


async def _measured(begins: datetime, ends: datetime) -> dict[str, Any]:
    (row,) = await fetch(
        "SELECT count(*) AS number, sum(cost.cpu_us) AS total FROM decision JOIN assessment_cost cost"
        " ON cost.case_id = coalesce(decision.application_id, decision.limit_increase_id)"
        " WHERE decision.decided_by IS NULL AND decision.decided_at >= $1 AND decision.decided_at < $2",
        *_moments(begins, ends),
    )
    return {**row, "cpu_us": row["total"] or 0}


def _moments(*moments: datetime) -> list[datetime | str]:
    return [moment.isoformat(sep=" ") if is_sqlite() else moment for moment in moments]
