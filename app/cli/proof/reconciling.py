"""Comparing with the bureau's records, and telling what differs."""

import json
from dataclasses import dataclass

from app.domain.consent.reconciling import Match
from app.flows.ledger.route import route_is_open
from app.flows.reconciling.daily import Report, reconcile
from app.main import House
from models.consent import ReconciliationResult

DIFFERING_MAX = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison; every result that differs now, by reference; and whether the way to the bureau is open."""

    report: Report
    differing: tuple[tuple[str, Match], ...]
    is_open: bool


async def compared(house: House) -> Told:
    """Compare now.

    Raises:
        BureauAway: the bureau does not show its records.
    """
    report = await reconcile(house.desk)
    rows = await ReconciliationResult.exclude(result=Match.MATCHED).order_by("-id").limit(DIFFERING_MAX)
    differing = tuple((row.reference, Match(row.result)) for row in rows)
    return Told(report, differing, await route_is_open())


def as_text(told: Told) -> str:
    """The comparison for a reader."""
    report = told.report
    head = f"{report.day}: {report.records} records at the bureau, {len(report.found)} results new, {report.settled} settled"
    lines = [head, *(f" ✘ {match.value} {reference}" for reference, match in told.differing)]
    if not told.is_open:
        lines.append(
            " ✘ the way to the bureau is shut: two officers open it (proposeRouteRelease, confirmRouteRelease)"
        )
    return "\n".join([*lines, *([] if told.differing else [" ✔ all agree"])])


def as_json(told: Told) -> str:
    """The comparison for a machine (docs/formats/ledger.md)."""
    report = told.report
    return json.dumps(
        {
            "schema": "clearline-reconciliation/1",
            "businessDate": report.day.isoformat(),
            "records": report.records,
            "changed": [{"reference": reference, "result": match.value} for reference, match in report.found],
            "settled": report.settled,
            "differing": [{"reference": reference, "result": match.value} for reference, match in told.differing],
            "routeOpen": told.is_open,
        }
    )
