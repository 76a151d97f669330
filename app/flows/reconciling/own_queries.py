"""Comparing the records under our name in a report with our inquiries about its ID number, as the report comes.

Whatever becomes of the report: who asked about a person in our name is the person's to know, also where consent was
withdrawn meanwhile and the answer is destroyed unread. Of the records nothing is kept but what differs.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.domain.calendar import business_date, start_of_business_day
from app.domain.consent.inquiry import InquiryState
from app.domain.consent.own_queries import Asked, OwnQuery, Seen, Showing, compare_queries, running_days, showing
from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.reconciling import Match
from app.flows.reconciling.results import (
    Found,
    of_number,
    put,
    reference_in_report,
    results_of,
    take_over,
    unannounced,
    what_shown,
)
from app.flows.unit import Unit
from models.consent import Inquiry, InquiryAttempt, ReconciliationResult
from models.people import Customer

INQUIRIES_MAX = 500


async def compare_report(
    unit: Unit, customer: Customer, inquiry: Inquiry, made_at: datetime, shown: Sequence[OwnQuery]
) -> None:
    """Put on the record what the report of `inquiry` shows under our name that differs, in the running unit.

    What agrees leaves nothing, unless an earlier report showed it otherwise. `made_at` is the report's own time. A report
    is of an ID number, which others may have given wrongly: their inquiries explain its records, and no more. Whether
    one of theirs is missing is not this customer's affair, and the bureau's list tells it.
    """
    keys, number = unit.desk.keys, inquiry.id_number_index or customer.id_number_index
    rows = await Inquiry.filter(of_number(number, customer.id)).order_by("-id").limit(INQUIRIES_MAX)
    ours = {row.id: row for row in rows}
    kept = {row.reference: row for row in await results_of(number, customer.id)}
    before = {what_shown(keys, row): row for row in kept.values()}
    listed = Counter(day for day, _ in unannounced(keys, kept.values(), in_report=False))
    asked = await _asked(unit, ours, kept, inquiry.id, made_at)
    for seen in compare_queries(shown, asked, listed, business_date(made_at)):
        row = ours[seen.inquiry_id] if seen.inquiry_id else None
        what = str(seen.inquiry_id) if seen.inquiry_id else f"{seen.day}-{seen.nth}"
        if (row and row.customer_id != customer.id) or (what not in before and _is_known(seen, kept)):
            continue
        known = before.get(what)
        reference = known.reference if known else reference_in_report(keys, number, customer.id, what)
        recorded_at = start_of_business_day(seen.day) if seen.day else None
        await put(unit, customer, customer.id, Found(reference, seen.match, recorded_at, row, inquiry.id, number))
    if number == customer.id_number_index:
        for nobodys in (row for row in kept.values() if row.customer_id is None):
            await take_over(unit, customer, nobodys)


def _is_known(seen: Seen, kept: dict[str, ReconciliationResult]) -> bool:
    """Whether nothing is to be said: an agreement, or what the bureau's list says as well; no report told otherwise."""
    listed = kept.get(str(seen.inquiry_id)) if seen.inquiry_id else None
    return seen.match is Match.MATCHED or (listed is not None and listed.result == seen.match)


async def _asked(
    unit: Unit, ours: dict[UUID, Inquiry], kept: dict[str, ReconciliationResult], running: UUID, made_at: datetime
) -> list[Asked]:
    """Each inquiry that was sent and of which the bureau may have a record, with the days on which it was made."""
    begun = dict[UUID, datetime]()
    for attempt in await InquiryAttempt.filter(inquiry_id__in=list(ours)).order_by("number"):
        begun.setdefault(attempt.inquiry_id, attempt.started_at)
    found = []
    for inquiry_id, began in begun.items():
        row, listed = ours[inquiry_id], kept.get(str(inquiry_id))
        listed_at = listed.recorded_at if listed is not None and listed.result != Match.BUREAU_ONLY else None
        shown = showing(InquiryState(row.state), row.closed_at, listed_at, made_at)
        days = (business_date(listed_at or began), business_date(listed_at or row.closed_at or unit.now))
        if inquiry_id == running:
            shown, days = Showing.RUNNING, running_days(began, made_at)
        if shown is not None:
            found.append(Asked(inquiry_id, InquiryPurpose(row.purpose).reason_code, *days, shown))
    return found
