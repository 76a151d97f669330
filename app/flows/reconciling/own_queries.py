"""Comparing the records under our name in a report with our inquiries of that person, as the report comes.

Whatever becomes of the report: who asked about a person in our name is the person's to know, also where consent was
withdrawn meanwhile and the answer is destroyed unread. Of the records nothing is kept but what differs.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.domain.calendar import business_date, start_of_business_day
from app.domain.consent.inquiry import InquiryState
from app.domain.consent.own_queries import Asked, OwnQuery, Seen, Showing, compare_queries, showing
from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.reconciling import Match
from app.flows.reconciling.results import Found, put, reference_in_report, results_of, unannounced
from app.flows.unit import Unit
from models.consent import Inquiry, InquiryAttempt, ReconciliationResult
from models.people import Customer

INQUIRIES_MAX = 500


async def compare_report(
    unit: Unit, customer: Customer, inquiry: Inquiry, made_at: datetime, shown: Sequence[OwnQuery]
) -> None:
    """Put on the record what the report of `inquiry` shows under our name that differs, in the running unit.

    What agrees leaves nothing, unless an earlier report showed it otherwise. `made_at` is the report's own time.
    """
    rows = await Inquiry.filter(customer_id=customer.id).order_by("-subject_seq").limit(INQUIRIES_MAX)
    ours, kept = {row.id: row for row in rows}, {row.reference: row for row in await results_of(customer.id)}
    listed = Counter(day for day, _ in unannounced(unit.desk.keys, kept.values(), in_report=False))
    asked = await _asked(unit, ours, kept, inquiry.id, made_at)
    for seen in compare_queries(shown, asked, listed, business_date(made_at)):
        row = ours[seen.inquiry_id] if seen.inquiry_id else None
        what = str(seen.inquiry_id) if seen.inquiry_id else f"{seen.day}-{seen.nth}"
        reference = reference_in_report(unit.desk.keys, customer.id, what)
        if _is_known(seen, reference, kept):
            continue
        recorded_at = start_of_business_day(seen.day) if seen.day else None
        await put(unit, customer, customer.id, Found(reference, seen.match, recorded_at, row, inquiry.id))


def _is_known(seen: Seen, reference: str, kept: dict[str, ReconciliationResult]) -> bool:
    """Whether nothing is to be said: an agreement that no report denied, or what the bureau's list says as well."""
    listed = kept.get(str(seen.inquiry_id)) if seen.inquiry_id else None
    return reference not in kept and (
        seen.match is Match.MATCHED or (listed is not None and listed.result == seen.match)
    )


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
        span = (listed_at or began, listed_at or row.closed_at or unit.now)
        if inquiry_id == running:
            shown, span = Showing.RUNNING, (min(began, made_at), made_at)
        if shown is not None:
            reason = InquiryPurpose(row.purpose).reason_code
            found.append(Asked(inquiry_id, reason, business_date(span[0]), business_date(span[1]), shown))
    return found
