"""An intent, its proof and its end: nothing goes to the bureau before the witnesses have seen that it will."""

import json
from uuid import UUID

from app.clock import real_now_us
from app.domain.consent.inquiry import GIVEN_UP
from app.domain.proof.record import RecordClass
from app.domain.proof.standing import Standing
from app.doors.bureau.line import ProvenIntent
from app.flows.credit.cases import JOB_OF
from app.flows.ledger.proving import proof_of
from app.flows.unit import JOB_WAKE_UP, Desk, Unit
from models.connection import fetch
from models.consent import Inquiry
from models.people import Customer
from models.plumbing import LogOutbox
from models.proof import TlogState

QUORUM_LATELY_US = 3 * 60 * 1_000_000


async def log_publishes() -> bool:
    """Whether a quorum of witnesses answered lately: a permit's 30 minutes begin only when they can be used."""
    state = await TlogState.get_or_none(id=1)
    if state is None or state.standing != Standing.FIT:
        return False
    return bool(abs(real_now_us() - state.witnessed_at_us) < QUORUM_LATELY_US)


async def is_logged(desk: Desk, entry_id: UUID) -> bool:
    """Whether a record stands in a checkpoint with the quorum."""
    return desk.ledger is not None and await proof_of(entry_id, desk.ledger) is not None


async def proven_intent(desk: Desk, customer: Customer, entry_id: UUID) -> ProvenIntent | None:
    """The opened record of an intent, its salt and the proof; None while no quorum has seen it."""
    logged = await proof_of(entry_id, desk.ledger) if desk.ledger else None
    if logged is None:
        return None
    row, box = await LogOutbox.get(entry_id=entry_id), desk.box(customer)
    return ProvenIntent(
        record=json.loads(box.open("log_outbox", "record_sealed", entry_id, row.record_sealed)),
        salt=box.open("log_outbox", "salt_sealed", entry_id, row.salt_sealed),
        subject_salt=subject_salt(desk, row.subject_id),
        previous=logged.leaf.previous,
        proof=str(logged.proof),
    )


def subject_salt(desk: Desk, inquiry_id: UUID) -> bytes:
    """What opens the mark of an inquiry's subject: the bureau alone is told it."""
    return desk.keys.mac("intent-subject", inquiry_id.bytes)


async def record_outcome(unit: Unit, customer: Customer, inquiry: Inquiry, state: str) -> None:
    """Put on the log what became of an intent; the leaf points back at the intent's."""
    await unit.record(
        RecordClass.INQUIRY_OUTCOME,
        customer,
        inquiry.id,
        {"inquiry": str(inquiry.id), "state": state},
        previous=inquiry.intent_entry_id,
    )


async def record_erased(unit: Unit, customer: Customer, inquiry: Inquiry) -> None:
    """Put on the log that the report of an inquiry was destroyed, or was never kept."""
    await unit.record(
        RecordClass.REPORT_ERASED, customer, inquiry.id, {"inquiry": str(inquiry.id)}, inquiry.intent_entry_id
    )


async def end_unsent(unit: Unit, customer: Customer, inquiry: Inquiry) -> None:
    """End a locked inquiry of which nothing was recorded and nothing will be sent: every intent has an outcome."""
    inquiry.closed_at = unit.now
    await inquiry.save(update_fields=["closed_at"])
    await record_outcome(unit, customer, inquiry, GIVEN_UP)


async def wake_logged(unit: Unit, size: int) -> None:
    """Make the cases due whose intents stand among the first `size` entries.

    A claim that is being worked on ends without effect on the job, as everywhere where there is news.
    """
    woken = await fetch(
        "UPDATE job SET due_at_us = $1, lease_until_us = 0, attempts = 0 WHERE state = 'READY' AND kind IN ($2, $3)"
        " AND subject_id IN (SELECT COALESCE(i.application_id, i.limit_increase_id) FROM inquiry i"
        " JOIN tlog_entry e ON e.entry_id = i.intent_entry_id"
        " WHERE i.state = 'INTENT_PENDING' AND i.closed_at IS NULL AND e.seq < $4) RETURNING id",
        *(real_now_us(), *JOB_OF.values(), size),
    )
    if woken:
        unit.after_commit(lambda: unit.desk.cache.wake(JOB_WAKE_UP))
