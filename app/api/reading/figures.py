"""Figures of the whole book for the metrics page: counts only, nothing about a person."""

import json
from collections import Counter

from app.domain.oversight.cost import MICROSECONDS
from app.flows.credit.waiting import waits_now
from app.flows.reconciling.daily import days_since_compared
from app.flows.unit import business_now
from models.connection import fetch

Figure = tuple[dict[str, str], int | float]


async def inquiries_by_state() -> list[Figure]:
    """How many inquiries stand in which state, by purpose."""
    rows = await fetch("SELECT purpose, state, count(*) AS number FROM inquiry GROUP BY purpose, state")
    return [({"purpose": str(row["purpose"]), "state": str(row["state"])}, int(row["number"])) for row in rows]


async def requests_waiting() -> list[Figure]:
    """How many open requests that nobody has decided on wait for what."""
    return [({"reason": waits.reason.value}, waits.count) for waits in await waits_now()]


async def reconciliation_results() -> list[Figure]:
    """How many references stand in which relation to the bureau's records."""
    rows = await fetch("SELECT result, count(*) AS number FROM reconciliation_result GROUP BY result")
    return [({"result": str(row["result"])}, int(row["number"])) for row in rows]


async def reconciliation_age_days() -> list[Figure]:
    """How many business days ago our inquiries were last compared with the bureau's records."""
    return [({}, await days_since_compared(await business_now()))]


async def route_frozen() -> list[Figure]:
    """Whether the way to the bureau is shut: 1, or 0."""
    rows = await fetch("SELECT count(*) AS number FROM route_freeze WHERE released_at IS NULL")
    return [({}, int(rows[0]["number"]))]


async def log_records() -> list[Figure]:
    """How many records wait for the log, stand in it, and were seen by a quorum."""
    waiting = await fetch("SELECT count(*) AS number FROM tlog_pending")
    state = await fetch("SELECT size, published_size FROM tlog_state WHERE id = 1")
    size, published = (int(state[0]["size"]), int(state[0]["published_size"])) if state else (0, 0)
    told = {"waiting": int(waiting[0]["number"]), "appended": size, "published": published}
    return [({"state": name}, number) for name, number in told.items()]


async def log_standing() -> list[Figure]:
    """1 for the standing that the log was last found in."""
    rows = await fetch("SELECT standing FROM tlog_state WHERE id = 1")
    return [({"standing": str(row["standing"])}, 1) for row in rows]


async def decisions_by_outcome() -> list[Figure]:
    """How many decisions had which outcome."""
    rows = await fetch("SELECT outcome, count(*) AS number FROM decision GROUP BY outcome")
    return [({"outcome": str(row["outcome"])}, int(row["number"])) for row in rows]


async def inquiries_avoided() -> list[Figure]:
    """How many cases own data ruled out, so that the bureau was not asked."""
    rows = await fetch(
        "SELECT count(*) AS number FROM decision WHERE outcome = 'DECLINED' AND inquiry_id IS NULL AND decided_by IS NULL"
    )
    return [({}, int(rows[0]["number"]))]


async def ruled_out_by_reason() -> list[Figure]:
    """How many cases own data ruled out, by the strongest reason: one of the codes of the law."""
    rows = await fetch(
        "SELECT reasons, count(*) AS number FROM decision"
        " WHERE outcome = 'DECLINED' AND inquiry_id IS NULL AND decided_by IS NULL GROUP BY reasons"
    )
    counts: Counter[str] = Counter()
    for row in rows:
        counts[json.loads(row["reasons"])[0]] += int(row["number"])
    return [({"reason": reason}, number) for reason, number in sorted(counts.items())]


async def decision_cpu() -> tuple[list[Figure], list[Figure]]:
    """Processor time of all assessments in seconds, and how many there were."""
    (row,) = await fetch("SELECT count(*) AS number, sum(cpu_us) AS total FROM assessment_cost")
    return [({}, int(row["total"] or 0) / MICROSECONDS)], [({}, int(row["number"]))]


async def jobs_by_state() -> list[Figure]:
    """How many jobs are ready, done or dead, by kind."""
    rows = await fetch("SELECT kind, state, count(*) AS number FROM job GROUP BY kind, state")
    return [({"kind": str(row["kind"]), "state": str(row["state"])}, int(row["number"])) for row in rows]
