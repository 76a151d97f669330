"""A customer's appeal against a freeze, and a person's answer to it."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.legible import legible
from app.domain.oversight.approval import ApprovalKind, noted
from app.domain.oversight.roles import Officer
from app.domain.refusals import AppealExists, ApprovalPending, DecisionClosed, InvalidInput, NotFound
from app.domain.telling.notice import Message, NoticeKind
from app.flows.notices.telling import tell
from app.flows.oversight.approving import Proposal, put_forward
from app.flows.unit import Desk, Unit
from models.credit import CreditLine, Freeze
from models.oversight.watch import Appeal
from models.people import Customer

TEXT_LENGTH_MIN = 10
TEXT_LENGTH_MAX = 2000
APPEALS_MAX = 3


@dataclass(frozen=True, slots=True)
class AppealFreeze:
    """What a customer says against the freeze that holds a line."""

    line_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class SettleAppeal:
    """An officer's answer: upholding proposes the release; always with a note."""

    appeal_id: UUID
    uphold: bool
    note: str


async def appeal_freeze(desk: Desk, customer_id: UUID, key: UUID, asked: AppealFreeze) -> UUID:
    """Open an appeal against the running freeze; the appeal's id. Repaying and records work all the while.

    Raises:
        NotFound: not the customer's line. AppealExists: one is open already.
        InvalidInput: the text, the line is not frozen, or this freeze was appealed three times.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    text = legible(asked.text, TEXT_LENGTH_MIN, TEXT_LENGTH_MAX)
    if text is None:
        raise InvalidInput.at("text", problem="APPEAL_LENGTH")
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "appealFreeze", key, asked)
        if done:
            return UUID(done["appeal"])
        if not await CreditLine.exists(id=asked.line_id, customer_id=customer_id):
            raise NotFound
        freeze = await Freeze.get_or_none(line_id=asked.line_id, released_at__isnull=True)
        if freeze is None:
            raise InvalidInput.at("lineId", problem="NOT_FROZEN")
        earlier = await Appeal.filter(freeze_id=freeze.id).order_by("-id").limit(APPEALS_MAX)
        if earlier and earlier[0].state == "OPEN":
            raise AppealExists(earlier[0].id)
        if len(earlier) == APPEALS_MAX:
            raise InvalidInput.at("lineId", problem="APPEALS_USED_UP")
        appeal_id = uuid7()
        await Appeal.create(
            id=appeal_id,
            freeze_id=freeze.id,
            line_id=asked.line_id,
            customer_id=customer.id,
            text_sealed=desk.box(customer).seal("appeal", "text_sealed", appeal_id, text.encode()),
            state="OPEN",
            opened_at=unit.now,
        )
        await unit.keep(appeal=appeal_id)
        return appeal_id


async def settle_appeal(desk: Desk, officer: Officer, key: UUID, asked: SettleAppeal) -> UUID:
    """Answer an appeal. Upholding it proposes the release, if that freeze still holds the line: two people release.

    Raises:
        NotFound: no such appeal. DecisionClosed: it was answered. InvalidInput: the note. OwnAccount: as it says.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    row = await Appeal.get_or_none(id=asked.appeal_id)
    if row is None:
        raise NotFound
    officer.keep_off_own(row.customer_id)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(row.customer_id)
        done = await unit.once(officer.id, "settleAppeal", key, asked)
        if done:
            return UUID(done["appeal"])
        appeal = await Appeal.filter(id=row.id).select_for_update().get()
        if appeal.state != "OPEN":
            raise DecisionClosed
        appeal.state = "UPHELD" if asked.uphold else "REJECTED"
        appeal.settled_at, appeal.settled_by = unit.now, officer.id
        appeal.note_sealed = desk.box(customer).seal("appeal", "note_sealed", appeal.id, note.encode())
        await appeal.save(update_fields=["state", "settled_at", "settled_by", "note_sealed"])
        if asked.uphold and await Freeze.exists(id=appeal.freeze_id, released_at__isnull=True):
            await _propose_release(unit, officer, customer, appeal, note)
        answer = Message(NoticeKind.APPEAL_ANSWERED, appeal.state)
        await tell(unit, customer, answer, appeal.line_id, str(appeal.id))
        await unit.keep(appeal=appeal.id)
        return appeal.id


async def _propose_release(unit: Unit, officer: Officer, customer: Customer, appeal: Appeal, note: str) -> None:
    """Put the release forward, unless somebody did already; another person confirms it."""
    proposal = Proposal(ApprovalKind.RELEASE, str(appeal.freeze_id), {"line": str(appeal.line_id)}, note)
    with suppress(ApprovalPending):
        await put_forward(unit, officer, proposal, customer)
