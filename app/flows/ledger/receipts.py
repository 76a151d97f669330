"""Receipts: what of an inquiry stands in the log before a quorum, and the one file that proves it to anybody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.domain.proof import bundle
from app.domain.proof.receipt import Receipt
from app.domain.proof.record import Leaf, RecordClass, Scalar
from app.domain.proof.signed.policy import bare
from app.domain.proof.signed.tlog_proof import TlogProof
from app.domain.proof.standing import ReceiptState, Standing
from app.domain.refusals import NotFound
from app.doors.ledger import Ledger
from app.doors.signing import verify
from app.flows.ledger.proving import Seen, seen_in_its_time, seen_now
from app.flows.ledger.standing import present_standing
from app.flows.ledger.tree import inclusion
from app.flows.unit import Desk
from models.consent import Inquiry
from models.people import Customer
from models.plumbing import LogOutbox
from models.proof import TlogEntry

STEPS_MAX = bundle.RECEIPTS_MAX
_STEPS = (RecordClass.INQUIRY_INTENT, RecordClass.INQUIRY_OUTCOME)


class ReceiptNotReady(Exception):
    """There is nothing to prove yet, or nothing any more; `state` says which."""

    def __init__(self, state: ReceiptState) -> None:
        super().__init__(state.value)
        self.state = state


@dataclass(frozen=True, slots=True)
class Step:
    """One record of an inquiry. `record` is None once the key is destroyed, `seen` while no quorum has cosigned it."""

    row: LogOutbox
    record: Mapping[str, Scalar] | None
    seen: Seen | None

    @property
    def kind(self) -> RecordClass:
        """What it tells."""
        return RecordClass(self.row.record_class)


@dataclass(frozen=True, slots=True)
class Provable:
    """What of an inquiry can be proven now, step by step in the order of the record."""

    state: ReceiptState
    steps: tuple[Step, ...]


async def provable(desk: Desk, inquiry: Inquiry) -> Provable:
    """What can be proven of an inquiry; nothing is written, and the bureau is not asked."""
    customer = await Customer.get(id=inquiry.customer_id)
    steps = tuple([await _step(desk, customer, row) for row in await _rows(inquiry)])
    if not steps or steps[0].kind is not RecordClass.INQUIRY_INTENT:
        raise RuntimeError("an inquiry without an intent cannot be stored")
    if not customer.key_wrapped:
        return Provable(ReceiptState.ERASED, steps)
    if steps[0].seen is None:
        return Provable(await _why_not(steps[0]), steps)
    ended = inquiry.closed_at is not None and len(steps) > 1 and all(step.seen for step in steps)
    return Provable(ReceiptState.COMPLETE if ended else ReceiptState.PARTIAL, steps)


async def receipt_file(desk: Desk, customer_id: UUID, inquiry_id: UUID) -> bytes:
    """The file that proves an inquiry of the customer, checked as its holder will check it.

    Raises:
        NotFound: the customer has no such inquiry. ReceiptNotReady: nothing of it can be proven now.
    """
    inquiry = await Inquiry.get_or_none(id=inquiry_id, customer_id=customer_id)
    if inquiry is None:
        raise NotFound
    found = await provable(desk, inquiry)
    if not found.state.is_provable or desk.ledger is None:
        raise ReceiptNotReady(found.state)
    customer = await Customer.get(id=customer_id)
    parts = [await _receipt(desk, customer, step) for step in found.steps]
    known = sorted((part for part in parts if part is not None), key=lambda part: part.proof.index)
    data = bundle.written(known)
    bundle.verify_file(data, {part.policy for part in known}, verify)
    return data


async def _rows(inquiry: Inquiry) -> list[LogOutbox]:
    """The intent, then the outcomes; an inquiry has few by rule."""
    kinds = [int(kind) for kind in _STEPS]
    rows = LogOutbox.filter(subject_id=inquiry.id, record_class__in=kinds, customer_id=inquiry.customer_id)
    return await rows.order_by("record_class", "id").limit(STEPS_MAX)


async def _step(desk: Desk, customer: Customer, row: LogOutbox) -> Step:
    record = None
    if customer.key_wrapped:
        box = desk.box(customer)
        record = json.loads(box.open("log_outbox", "record_sealed", row.entry_id, row.record_sealed))
    return Step(row, record, await _seen(desk.ledger, row.entry_id) if desk.ledger else None)


async def _seen(ledger: Ledger, entry_id: UUID) -> Seen | None:
    """Where an entry was seen, by the present policy if that will do, else by the one of its time."""
    seen = await seen_now(ledger, entry_id)
    return seen or await seen_in_its_time(ledger, entry_id)


async def _why_not(intent: Step) -> ReceiptState:
    standing = await present_standing()
    if standing is Standing.FORKED:
        return ReceiptState.LOG_STOPPED
    appended = await TlogEntry.exists(entry_id=intent.row.entry_id)
    if appended or standing is Standing.NO_QUORUM:
        return ReceiptState.WAITING_FOR_QUORUM
    return ReceiptState.WAITING_FOR_LOG


async def _receipt(desk: Desk, customer: Customer, step: Step) -> Receipt | None:
    if step.seen is None or step.record is None:
        return None
    entry = await TlogEntry.get(seq=step.seen.index)
    leaf, head = Leaf.parse(bytes(entry.leaf)), step.seen.judged.checkpoint
    hashes = await inclusion(step.seen.index, head.size)
    salt = desk.box(customer).open("log_outbox", "salt_sealed", step.row.entry_id, step.row.salt_sealed)
    proof = TlogProof(step.seen.index, tuple(hashes), str(step.seen.note))
    # Without addresses: a witness that moves leaves the keys that a holder has kept as good as they were.
    return Receipt(step.kind, step.record, salt, leaf.previous, proof, bare(step.seen.policy))
