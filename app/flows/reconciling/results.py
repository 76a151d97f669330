"""Writing what a comparison with the bureau found: the row, its record in the log, the notice, and the shut route.

One record at the bureau is one row for ever, whichever comparison saw it first. What a report shows has no reference
of the bureau's; ours for it is derived from what is shown, so that each later report finds the same row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.calendar import business_date
from app.domain.consent.reconciling import Match
from app.domain.proof.record import RecordClass
from app.domain.telling.notice import Message, NoticeKind
from app.doors.keys import Keys
from app.flows.ledger.route import freeze_route
from app.flows.notices.telling import tell
from app.flows.unit import Unit
from models.consent import Inquiry, ReconciliationResult
from models.people import Customer

RESULTS_MAX = 2000
IN_REPORT = "report-"
_SEAL_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Found:
    """One result, under the bureau's reference or, with the `report` that showed it, under ours for it.

    `inquiry` is the one of ours that it is about. Of a report, `recorded_at` is the beginning of the day.
    """

    reference: str
    match: Match
    recorded_at: datetime | None
    inquiry: Inquiry | None
    report: UUID | None = None


def reference_in_report(keys: Keys, customer_id: UUID, what: str) -> str:
    """Our reference for `what` a report shows of a person; nobody without our key can make one, the bureau neither."""
    seal = keys.mac("reference-in-report", f"{customer_id}|{what}".encode()).hex()
    return f"{IN_REPORT}{what}-{seal[:_SEAL_CHARACTERS]}"


async def results_of(customer_id: UUID) -> Sequence[ReconciliationResult]:
    """All results of a person, the oldest first."""
    return await ReconciliationResult.filter(customer_id=customer_id).order_by("id").limit(RESULTS_MAX)


def unannounced(
    keys: Keys, rows: Iterable[ReconciliationResult], *, in_report: bool
) -> list[tuple[date, ReconciliationResult]]:
    """Those of a person's results that nobody announced, with their days: which reports showed, or the bureau's list."""
    return [
        (business_date(row.recorded_at), row)
        for row in rows
        if row.result == Match.BUREAU_ONLY and row.recorded_at and _is_in_report(keys, row) == in_report
    ]


def _is_in_report(keys: Keys, row: ReconciliationResult) -> bool:
    """Whether a result's reference is ours for what a report showed, and not one that the bureau has told."""
    what = row.reference.removeprefix(IN_REPORT).rpartition("-")[0]
    return row.customer_id is not None and row.reference == reference_in_report(keys, row.customer_id, what)


async def put(unit: Unit, customer: Customer | None, customer_id: UUID | None, found: Found) -> bool:
    """Write a result and all that it brings, in the running unit; whether it is new or changed.

    `customer` is the locked person, None when it is nobody's, or the person's data were erased.
    """
    row = await ReconciliationResult.filter(reference=found.reference).select_for_update().get_or_none()
    if row is not None and row.result == found.match:
        return False
    earlier = await _shown_before(unit, customer_id, found) if row is None else None
    row_id = await _keep(unit, row or earlier, customer_id, found)
    if customer is not None:
        await _record(unit, customer, row_id, found)
    if found.match is Match.BUREAU_ONLY and earlier is None:
        if customer is not None and found.recorded_at is not None:
            await tell(
                unit, customer, _notice(found, found.recorded_at), found.inquiry.id if found.inquiry else row_id
            )
        await freeze_route(unit, row_id)
    return True


def _notice(found: Found, recorded_at: datetime) -> Message:
    """What the person is told; a record on the bureau's list has a reference there that can be quoted, one in a report has none."""
    facts = {"recorded_on": business_date(recorded_at).isoformat()}
    if found.report is not None:
        return Message(NoticeKind.INQUIRY_UNANNOUNCED, facts=facts)
    return Message(NoticeKind.INQUIRY_UNANNOUNCED, "LISTED", {**facts, "reference": found.reference})


async def _shown_before(unit: Unit, customer_id: UUID | None, found: Found) -> ReconciliationResult | None:
    """The row of a record that a report showed before the bureau's list names it: it shut the route, and was told."""
    if found.match is not Match.BUREAU_ONLY or found.report or customer_id is None or found.recorded_at is None:
        return None
    shown = unannounced(unit.desk.keys, await results_of(customer_id), in_report=True)
    return next((row for day, row in shown if day == business_date(found.recorded_at)), None)


async def _keep(unit: Unit, row: ReconciliationResult | None, customer_id: UUID | None, found: Found) -> UUID:
    told: dict[str, Any] = {
        "reference": found.reference,
        "result": found.match.value,
        "inquiry_id": found.inquiry.id if found.inquiry and not found.report else None,
        "customer_id": customer_id,
        "recorded_at": found.recorded_at,
        "found_at": unit.now,
    }
    if row is None:
        return (await ReconciliationResult.create(id=uuid7(), **told)).id
    await ReconciliationResult.filter(id=row.id).update(**told)
    return row.id


async def _record(unit: Unit, customer: Customer, row_id: UUID, found: Found) -> None:
    await unit.record(
        RecordClass.RECONCILIATION,
        customer,
        row_id,
        {
            "inquiry": str(found.inquiry.id) if found.inquiry else None,
            "reference": found.reference,
            "report": str(found.report) if found.report else None,
            "result": str(found.match),
            "recordedAt": found.recorded_at.isoformat() if found.recorded_at else None,
        },
        previous=found.inquiry.intent_entry_id if found.inquiry else None,
    )
