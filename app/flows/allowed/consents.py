"""What must have been stated before a customer agrees to one more inquiry: shown with the text, and checked by the acts."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.domain.consent.earlier import RECORD_SHOWS, STATED_MAX, Earlier, must_be_stated
from app.domain.consent.inquiry import InquiryState
from app.domain.consent.purpose import BUREAU_PURPOSES, ConsentPurpose
from app.domain.consent.reconciling import Match
from app.domain.deciding.outcome import Outcome
from app.domain.proof.record import RecordClass
from app.domain.refusals import StatementOutdated
from app.flows.unit import Desk
from models.consent import Consent, Inquiry, ReconciliationResult
from models.credit import Application, Decision, LimitIncrease
from models.people import Customer
from models.plumbing import LogOutbox

LOOKED_AT_MAX = 500


async def earlier_to_state(customer_id: UUID, purpose: ConsentPurpose, now: datetime) -> list[Inquiry]:
    """The inquiries that must be stated with the text of this purpose at `now`, newest first; of either purpose."""
    if purpose not in BUREAU_PURPOSES:
        return []
    shown = Inquiry.filter(customer_id=customer_id, opened_at__gt=now - RECORD_SHOWS)
    rows = await shown.order_by("-subject_seq").limit(LOOKED_AT_MAX)
    if not rows:
        return []
    useful, found = await _of_use(rows), await _found_at_bureau(rows)
    due = [
        row for row in rows if must_be_stated(Earlier(InquiryState(row.state), row.id not in useful, row.id in found))
    ]
    return due[:STATED_MAX]


async def _of_use(rows: Sequence[Inquiry]) -> set[UUID]:
    """Those on which somebody has decided, or whose request is still open."""
    decisions = Decision.filter(inquiry_id__in=[row.id for row in rows]).exclude(outcome=Outcome.REFERRED.value)
    decided = {decision.inquiry_id for decision in await decisions}
    cases = [row.application_id or row.limit_increase_id for row in rows if row.id not in decided]
    open_cases = {
        case_id
        for table in (Application, LimitIncrease)
        for case_id in await table.filter(id__in=cases, is_open=True).values_list("id", flat=True)
    }
    return {
        row.id for row in rows if row.id in decided or (row.application_id or row.limit_increase_id) in open_cases
    }


async def _found_at_bureau(rows: Sequence[Inquiry]) -> set[UUID]:
    results = ReconciliationResult.filter(inquiry_id__in=[row.id for row in rows])
    return {found.inquiry_id for found in await results.exclude(result=Match.OURS_ONLY.value) if found.inquiry_id}


async def stated_with(desk: Desk, consents: Sequence[Consent]) -> dict[UUID, list[UUID]]:
    """The inquiries that were stated when each consent was given, as its record on the log names them; by its id."""
    owner_of = {row.id: row.customer_id for row in consents}
    entries = await LogOutbox.filter(subject_id__in=list(owner_of), record_class=int(RecordClass.CONSENT_GIVEN))
    owners = {owner_of[entry.subject_id] for entry in entries}
    boxes = {owner.id: desk.box(owner) for owner in await Customer.filter(id__in=owners)} if owners else {}
    stated: dict[UUID, list[UUID]] = {key: [] for key in owner_of}
    for entry in entries:
        box = boxes[owner_of[entry.subject_id]]
        record = json.loads(box.open("log_outbox", "record_sealed", entry.entry_id, entry.record_sealed))
        stated[entry.subject_id] = [UUID(text) for text in record.get("earlier", "").split()]
    return stated


async def check_stated(desk: Desk, row: Consent, now: datetime) -> None:
    """Check that a consent was given knowing what must be stated now: at submit, and again when the permit is minted.

    What was stated and has been settled since does no harm.

    Raises:
        StatementOutdated: an inquiry that was not stated then may show at the bureau now.
    """
    purpose = ConsentPurpose(row.purpose)
    due = {earlier.id for earlier in await earlier_to_state(row.customer_id, purpose, now)}
    if due and not due <= set((await stated_with(desk, [row]))[row.id]):
        raise StatementOutdated(purpose)
