"""The bureau's reports: kept sealed, opened through one door that names who reads for what, and destroyed whole."""

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.reading import ReportUse, check_reading
from app.domain.deciding.bureau_file import BureauFile
from app.flows.credit.cases import Case
from app.flows.credit.intents import record_erased
from app.flows.unit import Desk, Unit
from models.consent import BureauReport, Inquiry, PermitRow, ReportReading
from models.consent import Consent as ConsentRow
from models.credit import Decision
from models.people import Customer

_log = structlog.get_logger("reports")


async def keep_report(unit: Unit, customer: Customer, case: Case, inquiry: Inquiry, file: BureauFile) -> None:
    """Keep the consented fields, sealed; or destroy them unread when consent was withdrawn or the case has ended."""
    consent = await ConsentRow.get(id=inquiry.consent_id)
    wanted = consent.withdrawn_at is None and case.row.is_open
    plain = json.dumps(asdict(file), default=str, sort_keys=True).encode()
    await BureauReport.create(
        inquiry_id=inquiry.id,
        customer_id=customer.id,
        sealed=unit.desk.box(customer).seal("bureau_report", "sealed", inquiry.id, plain) if wanted else None,
        received_at=unit.now,
        destroyed_at=None if wanted else unit.now,
    )
    if not wanted:
        await record_erased(unit, customer, inquiry)
        if case.row.is_open:
            await case.close("WITHDRAWN", unit.now)


async def read_report(
    unit: Unit, customer: Customer, case: Case, inquiry: Inquiry, use: ReportUse, reader: UUID | None = None
) -> BureauFile | None:
    """The stored file of an inquiry, and the reading on record; None when there is none or it was destroyed.

    `reader` is an officer, None the machine. What is read is to be used after the commit, or in this unit alone.

    Raises:
        OfAnotherCase: the permit is not of this customer, purpose and case.
    """
    permit = await PermitRow.get(id=inquiry.permit_id)
    minted_for = permit.application_id or permit.limit_increase_id
    check_reading(
        (permit.customer_id, InquiryPurpose(permit.purpose), minted_for), (customer.id, case.purpose, case.id)
    )
    row = await BureauReport.get_or_none(inquiry_id=inquiry.id)
    if row is None or row.sealed is None:
        return None
    await ReportReading.create(
        id=uuid7(),
        inquiry_id=inquiry.id,
        customer_id=customer.id,
        permit_id=permit.id,
        purpose=permit.purpose,
        use=use.value,
        reader_id=reader,
        read_at=unit.now,
    )
    return file_of(json.loads(unit.desk.box(customer).open("bureau_report", "sealed", inquiry.id, row.sealed)))


async def report_stands(inquiry_id: UUID) -> bool:
    """Whether the report of an inquiry is kept, and was not destroyed."""
    return await BureauReport.exists(inquiry_id=inquiry_id, destroyed_at__isnull=True)


def file_of(stored: dict[str, Any]) -> BureauFile:
    """A file as it was kept in JSON."""
    return BureauFile(**{**stored, "reported_at": datetime.fromisoformat(stored["reported_at"])})


async def destroy_report(unit: Unit, customer: Customer, inquiry_id: UUID) -> bool:
    """Destroy the report of an inquiry, with what decisions took from it, and put that on the log; whether there was one.

    The person is locked. The verdicts stay, with their reasons; they cannot be made again from the beginning. After the
    commit it is listed outside the book too, so that a restored backup has it destroyed again.
    """
    kept = BureauReport.filter(inquiry_id=inquiry_id, destroyed_at__isnull=True)
    if not await kept.update(sealed=None, destroyed_at=unit.now):
        return False
    unit.after_commit(partial(_list_outside, unit.desk, inquiry_id))
    await Decision.filter(inquiry_id=inquiry_id).update(from_report_sealed=None)
    await record_erased(unit, customer, await Inquiry.get(id=inquiry_id))
    return True


async def _list_outside(desk: Desk, inquiry_id: UUID) -> None:
    """List a destroyed report outside the book. That it could not be written takes nothing back, and is told."""
    try:
        await asyncio.to_thread(desk.tombstones.add_report, inquiry_id)
    except OSError as trouble:
        _log.error("destroyed report not listed", inquiry=str(inquiry_id), fault=type(trouble).__name__)
