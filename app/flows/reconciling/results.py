"""Writing what a comparison with the bureau found: the row, its record in the log, the notice, and the shut route.

One record at the bureau is one row for ever, whichever comparison saw it first. What a report shows has no reference
of the bureau's; ours for it is derived from what is shown, so that each later report finds the same row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from uuid_utils.compat import uuid7

from app.domain.calendar import add_months, business_date, start_of_business_day
from app.domain.consent.own_queries import SHOWN_MONTHS
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

    `inquiry` is the one of ours that it is about, `about` the index of the ID number. Of a report, `recorded_at` is the
    beginning of the day.
    """

    reference: str
    match: Match
    recorded_at: datetime | None
    inquiry: Inquiry | None
    report: UUID | None = None
    about: bytes | None = None


def reference_in_report(keys: Keys, number: bytes | None, customer_id: UUID | None, what: str) -> str:
    """Our reference for `what` a report shows of an ID number, by its index; rows of before have the customer's.

    Nobody without our key can make one, the bureau neither.
    """
    whose = bytes(number).hex() if number else str(customer_id)
    seal = keys.mac("reference-in-report", f"{whose}|{what}".encode()).hex()
    return f"{IN_REPORT}{what}-{seal[:_SEAL_CHARACTERS]}"


def of_number(number: bytes | None, customer_id: UUID | None) -> Q:
    """The rows about an ID number, by its index, whoever's they are; those of before have none, and are the customer's."""
    numbers, customers = [number] if number else [], [customer_id] if customer_id else []
    return Q(id_number_index__in=numbers) | Q(id_number_index__isnull=True, customer_id__in=customers)


async def results_of(number: bytes | None, customer_id: UUID | None) -> Sequence[ReconciliationResult]:
    """All results about an ID number, the oldest first."""
    return await ReconciliationResult.filter(of_number(number, customer_id)).order_by("id").limit(RESULTS_MAX)


def unannounced(
    keys: Keys, rows: Iterable[ReconciliationResult], *, in_report: bool
) -> list[tuple[date, ReconciliationResult]]:
    """Those of a number's results that nobody announced, with their days: which reports showed, or the bureau's list."""
    return [
        (business_date(row.recorded_at), row)
        for row in rows
        if row.result == Match.BUREAU_ONLY and row.recorded_at and (what_shown(keys, row) is not None) == in_report
    ]


def what_shown(keys: Keys, row: ReconciliationResult) -> str | None:
    """What a report showed, where a result's reference is ours for it; None where the bureau has told the reference."""
    what = row.reference.removeprefix(IN_REPORT).rpartition("-")[0]
    ours = {reference_in_report(keys, number, row.customer_id, what) for number in (None, row.id_number_index)}
    return what if row.reference in ours else None


async def put(unit: Unit, customer: Customer | None, customer_id: UUID | None, found: Found) -> bool:
    """Write a result and all that it brings, in the running unit; whether it is new or changed.

    `customer` is the locked person, None when it is nobody's, or the person's data were erased. What another comparison
    writes in this very moment is known.
    """
    row = await ReconciliationResult.filter(reference=found.reference).select_for_update().get_or_none()
    if row is not None and row.result == found.match:
        return False
    earlier = await _shown_before(unit, customer_id, found) if row is None else None
    row_id = await _keep(unit, row or earlier, customer_id, found)
    if row_id is None:
        return False
    if customer is not None:
        await _record(unit, customer, row_id, found)
    if found.match is Match.BUREAU_ONLY and earlier is None:
        if customer is not None:
            await _tell(unit, customer, row_id, found)
        await freeze_route(unit, row_id)
    return True


async def take_over(unit: Unit, customer: Customer, row: ReconciliationResult) -> None:
    """Give a locked person the record of their number that was found while it was nobody's: it shut the route then."""
    found = Found(row.reference, Match(row.result), row.recorded_at, None)
    await ReconciliationResult.filter(id=row.id).update(customer_id=customer.id)
    await _record(unit, customer, row.id, found)
    await _tell(unit, customer, row.id, found)


async def forget_strangers(unit: Unit) -> None:
    """Empty the number's index in nobody's records that are too old for any report: it is kept for reports alone."""
    today = unit.today()
    shown_since = start_of_business_day(add_months(today, -SHOWN_MONTHS - 1, today.day))
    old = ReconciliationResult.filter(customer_id__isnull=True, recorded_at__lt=shown_since)
    await old.filter(id_number_index__isnull=False).update(id_number_index=None)


async def _tell(unit: Unit, customer: Customer, row_id: UUID, found: Found) -> None:
    if found.recorded_at is not None:
        message = _notice(found, found.recorded_at)
        await tell(unit, customer, message, found.inquiry.id if found.inquiry else row_id)


def _notice(found: Found, recorded_at: datetime) -> Message:
    """What the person is told; a record on the bureau's list has a reference there that can be quoted, one in a report has none."""
    facts = {"recorded_on": business_date(recorded_at).isoformat()}
    if found.report is not None:
        return Message(NoticeKind.INQUIRY_UNANNOUNCED, facts=facts)
    return Message(NoticeKind.INQUIRY_UNANNOUNCED, "LISTED", {**facts, "reference": found.reference})


async def _shown_before(unit: Unit, customer_id: UUID | None, found: Found) -> ReconciliationResult | None:
    """The row of a record that a report showed before the bureau's list names it: it shut the route, and was told."""
    if found.match is not Match.BUREAU_ONLY or found.report or found.recorded_at is None:
        return None
    shown = unannounced(unit.desk.keys, await results_of(found.about, customer_id), in_report=True)
    return next((row for day, row in shown if day == business_date(found.recorded_at)), None)


async def _keep(unit: Unit, row: ReconciliationResult | None, customer_id: UUID | None, found: Found) -> UUID | None:
    told: dict[str, Any] = {
        "reference": found.reference,
        "result": found.match.value,
        "inquiry_id": found.inquiry.id if found.inquiry and not found.report else None,
        "customer_id": customer_id,
        "recorded_at": found.recorded_at,
        "found_at": unit.now,
        "id_number_index": found.about,
    }
    if row is None:
        made = ReconciliationResult(id=uuid7(), **told)
        await ReconciliationResult.bulk_create([made], ignore_conflicts=True)
        return made.id if await ReconciliationResult.exists(id=made.id) else None
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
