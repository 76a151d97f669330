"""Comparing our inquiries with the records that the bureau holds under our name: once a business day, and when asked.

No person is asked about, and nothing is counted at the bureau. Whatever it shows that nobody announced shuts the route,
is told to the person, and stays for the audit.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.calendar import business_date
from app.domain.consent.inquiry import RECORDED, InquiryState
from app.domain.consent.reconciling import Match, Ours, Result, Settlement, Theirs, compare
from app.domain.refusals import NotFound
from app.doors.bureau.follow_up import BureauAway, QueryRecord, query_records
from app.doors.bureau.line import NotRecorded, RecordedNoReport
from app.flows.credit.answering import put_answer
from app.flows.credit.cases import case_of_inquiry
from app.flows.reconciling.results import Found, forget_strangers, put
from app.flows.unit import Desk, Unit
from models.consent import Inquiry, InquiryAttempt, Reconciliation, ReconciliationResult
from models.people import Customer

PAGES_MAX = 2000
FILE_SECONDS_MAX = 600.0
INQUIRIES_MAX = 1_000_000
AT_ONCE = 500
COMPARED_DAYS_MAX = 2
COMPARED_GRACE = timedelta(minutes=2)
"""So long a worker has to compare once the sandbox's clock was moved; it takes half a minute."""
_MAY_BE_MISSING = [state.value for state in (*RECORDED, InquiryState.UNKNOWN)]


@dataclass(slots=True)
class Report:
    """What a comparison came to. `found` are the results that are new or changed, by the bureau's reference."""

    day: date
    records: int = 0
    settled: int = 0
    found: list[tuple[str, Match]] = field(default_factory=list)


async def reconcile(desk: Desk) -> Report:
    """Compare now. Safe to run twice, at once or after a crash: each result is a commit of its own, once.

    Raises:
        BureauAway: the bureau does not show its records; nothing was compared.
    """
    rows = Inquiry.filter(state__in=_MAY_BE_MISSING).order_by("id").limit(INQUIRIES_MAX)
    before = [str(found) for found in await rows.values_list("id", flat=True)]
    records = await _all_records(desk)
    inquiries = await _inquiries({*(record.reference for record in records), *before})
    now = await desk.refresh_clock()
    theirs = [Theirs(record.reference, record.purpose, record.recorded_at) for record in records]
    report = Report(business_date(now), len(records))
    by_reference = {record.reference: record for record in records}
    results = compare(theirs, await _ours(inquiries), before, now)
    for part in _parts(results):
        await _put_all(desk, part, by_reference, inquiries, report)
    async with desk.unit() as unit:
        await Reconciliation.create(
            id=uuid7(),
            business_date=report.day,
            done_at=unit.now,
            records=report.records,
            changed=len(report.found),
            settled=report.settled,
        )
        await forget_strangers(unit)
    return report


async def reconcile_of_the_day(desk: Desk) -> Report | None:
    """Compare unless that was done on this business day; None when it was.

    What is dated ahead, by a clock that was wrong then, was not done on its day, and is taken away before that day comes.

    Raises:
        BureauAway: the bureau does not show its records.
    """
    today = business_date(await desk.refresh_clock())
    ahead = Reconciliation.filter(business_date__gt=today)
    if await ahead.exists():
        async with desk.unit():
            await ahead.delete()
    if await Reconciliation.exists(business_date=today):
        return None
    return await reconcile(desk)


async def days_since_compared(now: datetime) -> int:
    """How many business days ago the last comparison was, or where there is none the oldest inquiry; 0 without any.

    Past `COMPARED_DAYS_MAX` somebody must see to it: the worker compares every day, unless the bureau keeps it from that.
    """
    last = await last_comparison(now)
    if last is not None:
        return (business_date(now) - last.business_date).days
    oldest = await Inquiry.all().order_by("id").first()
    return max((business_date(now) - business_date(oldest.opened_at)).days, 0) if oldest is not None else 0


async def last_comparison(now: datetime) -> Reconciliation | None:
    """The last comparison; one that is dated ahead, by a clock that was wrong, tells nothing."""
    done = Reconciliation.filter(business_date__lte=business_date(now))
    return await done.order_by("-business_date", "-id").first()


async def _all_records(desk: Desk) -> list[QueryRecord]:
    try:
        async with asyncio.timeout(FILE_SECONDS_MAX):
            return await _page_by_page(desk)
    except TimeoutError:
        raise BureauAway("FILE_TOO_SLOW") from None


async def _page_by_page(desk: Desk) -> list[QueryRecord]:
    records: list[QueryRecord] = []
    after: int | None = 0
    for _ in range(PAGES_MAX):
        if after is None:
            return records
        page = await query_records(desk.bureau, after)
        records += page.records
        after = page.following
    if after is None:
        return records
    raise BureauAway("FILE_TOO_LONG")


def _parts(results: Sequence[Result]) -> Iterator[Sequence[Result]]:
    return (results[at : at + AT_ONCE] for at in range(0, len(results), AT_ONCE))


async def _inquiries(references: set[str]) -> dict[str, Inquiry]:
    """Those of our inquiries that these references name."""
    ids = sorted(found for found in map(_uuid, references) if found is not None)
    rows: dict[str, Inquiry] = {}
    for at in range(0, len(ids), AT_ONCE):
        rows |= {str(row.id): row for row in await Inquiry.filter(id__in=ids[at : at + AT_ONCE])}
    return rows


def _uuid(text: str) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


async def _ours(inquiries: dict[str, Inquiry]) -> dict[str, Ours]:
    ids, tried = [row.id for row in inquiries.values()], dict[UUID, datetime]()
    for at in range(0, len(ids), AT_ONCE):
        attempts = InquiryAttempt.filter(inquiry_id__in=ids[at : at + AT_ONCE]).order_by("number")
        tried |= {attempt.inquiry_id: attempt.started_at for attempt in await attempts}
    return {
        reference: Ours(InquiryState(row.state), row.closed_at is not None, row.purpose, tried.get(row.id))
        for reference, row in inquiries.items()
    }


async def _put_all(
    desk: Desk,
    results: Sequence[Result],
    records: dict[str, QueryRecord],
    inquiries: dict[str, Inquiry],
    report: Report,
) -> None:
    known = ReconciliationResult.filter(reference__in=[one.reference for one in results])
    kept = {row.reference: row.result for row in await known}
    for one in results:
        inquiry = inquiries.get(one.reference)
        if one.settlement is not None and inquiry is not None:
            report.settled += 1
            answer = RecordedNoReport("BUREAU_LIST") if one.settlement is Settlement.RECORDED else NotRecorded()
            await put_answer(desk, await case_of_inquiry(inquiry), inquiry.id, answer)
        if one.match is None or kept.get(one.reference) == one.match:
            continue
        record = records.get(one.reference)
        about = inquiry.id_number_index if inquiry else _number(desk, record)
        customer_id = inquiry.customer_id if inquiry else await _whose(about)
        recorded_at = one.theirs.recorded_at if one.theirs else None
        if await _put(desk, Found(one.reference, one.match, recorded_at, inquiry, about=about), customer_id):
            report.found.append((one.reference, one.match))


def _number(desk: Desk, record: QueryRecord | None) -> bytes | None:
    """The keyed index of the number that a record is about; the number is not kept."""
    return desk.keys.index("id_number", record.id_number) if record is not None else None


async def _whose(number: bytes | None) -> UUID | None:
    """Which of our customers a record is about, if any."""
    row = await Customer.get_or_none(id_number_index=number) if number is not None else None
    return row.id if row is not None else None


async def _put(desk: Desk, found: Found, customer_id: UUID | None) -> bool:
    """Write a result and all that it brings, in one commit; whether it is new."""
    async with desk.unit() as unit:
        return await put(unit, await _locked(unit, customer_id), customer_id, found)


async def _locked(unit: Unit, customer_id: UUID | None) -> Customer | None:
    """The customer, locked; None when it is nobody's, or the person's data were erased."""
    try:
        return await unit.lock_customer(customer_id) if customer_id is not None else None
    except NotFound:
        return None
