"""Paying a customer's credit back: held first, one reference for ever, few attempts, and the credit restored if it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.postings import Account, Posting, refund_held, refund_made, reversal
from app.domain.money import Money
from app.domain.refusals import InvalidInput
from app.domain.telling.notice import Message, NoticeKind
from app.doors.payments import PayoutAnswer, PayoutState
from app.flows.book.payouts import AGAIN_LATER, AGAIN_SOON, ATTEMPTS_MAX, TEMPORARY, Order, order_once, order_to
from app.flows.book.position import post
from app.flows.notices.telling import tell
from app.flows.unit import Desk, Unit
from models.connection import fetch, is_sqlite
from models.lending.payments import CreditRefund
from models.loans import Loan
from models.loans import Posting as PostingRow
from models.people import Customer

REFUND_CREDIT = "REFUND_CREDIT"
CAUSE = "REFUND"
OPEN = ("PENDING", "SENT")


@dataclass(frozen=True, slots=True)
class RefundCredit:
    """A wish for all credit to be paid back to the customer's own account."""


async def refund_credit(desk: Desk, customer_id: UUID, key: UUID, asked: RefundCredit) -> UUID:
    """Hold all credit of the customer and pay it back; the refund's id. It follows like a payout.

    Raises:
        InvalidInput: there is no credit, or a refund is on its way. IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "refundCredit", key, asked)
        if done:
            return UUID(done["refund"])
        if await CreditRefund.exists(customer_id=customer_id, state__in=OPEN):
            raise InvalidInput.at(problem="REFUND_UNDER_WAY")
        parts = await credits_of(customer_id)
        total = sum(parts.values())
        if total <= 0:
            raise InvalidInput.at(problem="NO_CREDIT")
        currency = (await Loan.get(id=next(iter(parts)))).currency
        refund = await CreditRefund.create(
            id=uuid7(),
            customer_id=customer.id,
            amount_minor=total,
            currency=currency,
            state="PENDING",
            created_at=unit.now,
        )
        for loan_id, amount in parts.items():
            held = _moved(amount, refund_held)
            await post(unit, await Loan.get(id=loan_id), held, cause=CAUSE, cause_id=refund.id)
        await unit.enqueue(REFUND_CREDIT, refund.id)
        await unit.keep(refund=refund.id)
        return refund.id


async def credits_of(customer_id: UUID) -> dict[UUID, int]:
    """What we owe the customer for overpayments, by the loan that it was paid for, in fen.

    Negative where an overpayment that went back to the customer was itself returned by the bank.
    """
    rows = await fetch(
        "SELECT loan_id, sum(CASE WHEN source = $2 THEN amount_minor ELSE -amount_minor END) AS total"
        " FROM posting WHERE customer_id = $1 AND (source = $2 OR destination = $2) GROUP BY loan_id ORDER BY loan_id",
        str(customer_id) if is_sqlite() else customer_id,
        Account.CUSTOMER_CREDIT.value,
    )
    return {UUID(str(row["loan_id"])): int(row["total"]) for row in rows if int(row["total"])}


async def owes_back(customer_id: UUID) -> bool:
    """Whether the customer holds money of ours: credit that went back out of a payment that was then returned."""
    return any(amount < 0 for amount in (await credits_of(customer_id)).values())


async def refund_under_way(customer_id: UUID) -> int:
    """Credit that is on its way back, in fen."""
    refund = await CreditRefund.get_or_none(customer_id=customer_id, state__in=OPEN)
    return refund.amount_minor if refund is not None else 0


async def advance_refund(desk: Desk, refund_id: UUID) -> timedelta | None:
    """Order a refund, or ask what became of it; None when it has ended."""
    order = await _next_order(desk, refund_id)
    return None if order is None else await _answer(desk, refund_id, await order_once(desk, order))


async def _next_order(desk: Desk, refund_id: UUID) -> Order | None:
    """Commit that a refund is being sent, before it is."""
    owner = (await CreditRefund.get(id=refund_id)).customer_id
    async with desk.unit() as unit:
        customer = await unit.lock_customer(owner)
        refund = await CreditRefund.filter(id=refund_id).select_for_update().get()
        if refund.state not in OPEN:
            return None
        sent_before = refund.state == "SENT"
        if not sent_before:
            refund.state = "SENT"
            refund.attempt += 1
            await refund.save(update_fields=["state", "attempt"])
        amount = Money(refund.amount_minor, refund.currency)
        return Order(order_to(desk, customer, refund.id, amount, refund.attempt, refund.created_at), sent_before)


async def _answer(desk: Desk, refund_id: UUID, answer: PayoutAnswer) -> timedelta | None:
    if answer.state in {PayoutState.PENDING, PayoutState.UNREACHABLE}:
        return AGAIN_LATER if answer.state is PayoutState.UNREACHABLE else AGAIN_SOON
    owner = (await CreditRefund.get(id=refund_id)).customer_id
    async with desk.unit() as unit:
        customer = await unit.lock_customer(owner)
        refund = await CreditRefund.filter(id=refund_id).select_for_update().get()
        if refund.state != "SENT":
            return None
        if answer.state is PayoutState.PAID:
            await CreditRefund.filter(id=refund.id).update(state="PAID", closed_at=unit.now, failure_code=None)
            for loan, held in await _held(refund.id):
                await post(unit, loan, _moved(held, refund_made), cause=CAUSE, cause_id=refund.id)
            await _tell(unit, customer, refund, "PAID")
            return None
        refund.failure_code = answer.failure_code or "UNSAID"
        if refund.failure_code == TEMPORARY and refund.attempt < ATTEMPTS_MAX:
            refund.state = "PENDING"
            await refund.save()
            return AGAIN_SOON
        await restore_credit(unit, customer, refund, refund.failure_code)
        return None


async def restore_credit(unit: Unit, customer: Customer, refund: CreditRefund, failure: str) -> None:
    """A refund failed, or came back after it was paid: the credit is the customer's again."""
    was_paid = refund.state == "PAID"
    for loan, held in await _held(refund.id):
        back = reversal(_moved(held, refund_held))
        paid_back = reversal(_moved(held, refund_made)) if was_paid else ()
        await post(unit, loan, (*paid_back, *back), cause=CAUSE, cause_id=refund.id)
    refund.state, refund.closed_at, refund.failure_code = "FAILED", unit.now, failure
    await refund.save()
    await _tell(unit, customer, refund, "FAILED")


async def _held(refund_id: UUID) -> list[tuple[Loan, int]]:
    """What the refund took out of the credit of each loan, in fen."""
    rows = await PostingRow.filter(cause=CAUSE, cause_id=refund_id).order_by("id")
    parts: dict[UUID, int] = {}
    for row in rows:
        signed = row.amount_minor * ((row.destination == "CUSTOMER_CREDIT") - (row.source == "CUSTOMER_CREDIT"))
        parts[row.loan_id] = parts.get(row.loan_id, 0) + signed
    return [(await Loan.get(id=loan_id), amount) for loan_id, amount in parts.items() if amount]


def _moved(amount: int, move: Callable[[int], tuple[Posting, ...]]) -> tuple[Posting, ...]:
    """A movement of a part of a refund; one of a negative credit goes the other way."""
    return move(amount) if amount > 0 else reversal(move(-amount))


async def _tell(unit: Unit, customer: Customer, refund: CreditRefund, variant: str) -> None:
    message = Message(NoticeKind.CREDIT_REFUNDED, variant, {"amount_minor": refund.amount_minor})
    await tell(unit, customer, message, refund.id, variant)
