"""Paying a customer's credit back: held first, one reference for ever, few attempts, and the credit restored if it fails.

What went back out of a payment that then came back itself is owed back to us, and paid like a debt.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.postings import Credit, Posting, paid_back, refund_held, refund_made, reversal
from app.domain.money import Money
from app.domain.refusals import InvalidInput
from app.domain.telling.notice import Message, NoticeKind
from app.doors.payments import UNSETTLED, PayoutAnswer, PayoutState
from app.flows.book.payouts import AGAIN_LATER, AGAIN_SOON, ATTEMPTS_MAX, TEMPORARY, Order, order_once, order_to
from app.flows.book.position import post
from app.flows.notices.telling import tell
from app.flows.unit import Desk, Unit
from models.connection import fetch, plain
from models.lending.payments import CreditRefund, Payment
from models.loans import Loan
from models.loans import Posting as PostingRow
from models.people import Customer

REFUND_CREDIT = "REFUND_CREDIT"
CAUSE = "REFUND"
PAID_BACK = "PAID_BACK"
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
        credit = await credit_of(customer_id)
        if not credit.held_minor:
            raise InvalidInput.at(problem="NO_CREDIT")
        currency = (await Loan.get(id=next(iter(credit.parts)))).currency
        refund = await CreditRefund.create(
            id=uuid7(),
            customer_id=customer.id,
            amount_minor=credit.held_minor,
            currency=currency,
            state="PENDING",
            created_at=unit.now,
        )
        for loan_id, amount in credit.parts.items():
            held = _moved(amount, refund_held)
            await post(unit, await Loan.get(id=loan_id), held, cause=CAUSE, cause_id=refund.id)
        await unit.enqueue(REFUND_CREDIT, refund.id)
        await unit.keep(refund=refund.id)
        return refund.id


async def credit_of(customer_id: UUID) -> Credit[UUID]:
    """The customer's credit, by the loan that it was paid for."""
    rows = await fetch(  # written out, as the index of these few postings is
        "SELECT loan_id, sum(CASE source WHEN 'CUSTOMER_CREDIT' THEN amount_minor ELSE -amount_minor END) AS total"
        " FROM posting WHERE customer_id = $1 AND (source = 'CUSTOMER_CREDIT' OR destination = 'CUSTOMER_CREDIT')"
        " GROUP BY loan_id ORDER BY loan_id",
        plain(customer_id),
    )
    return Credit({UUID(str(row["loan_id"])): int(row["total"]) for row in rows if int(row["total"])})


async def pay_back(unit: Unit, customer: Customer, payment: Payment, amount_minor: int) -> None:
    """Book what a payment pays back of refunded credit, on the loans that it had come of."""
    parts = (await credit_of(customer.id)).owed_back_of(amount_minor)
    for loan_id, part in parts.items():
        loan = await Loan.filter(id=loan_id).select_for_update().get()
        await post(unit, loan, paid_back(part), cause=PAID_BACK, cause_id=payment.id)
    message = Message(NoticeKind.PAYMENT_CORRECTED, "PAID_BACK", {"amount_minor": sum(parts.values())})
    await tell(unit, customer, message, next(iter(parts)), str(payment.id))


async def paid_back_by(payment_id: UUID) -> list[PostingRow]:
    """What a payment paid back of refunded credit, loan by loan."""
    return [row for row in await _moved_by(payment_id) if row.reverses is None]


async def take_paid_back(unit: Unit, payment: Payment) -> None:
    """Reverse what a payment paid back: it never came, and the sum is owed back again."""
    for row in await paid_back_by(payment.id):
        loan = await Loan.filter(id=row.loan_id).select_for_update().get()
        undone = reversal(paid_back(row.amount_minor))
        await post(unit, loan, undone, cause=PAID_BACK, cause_id=payment.id, reverses=[row.id])


async def tell_owed_back(unit: Unit, customer: Customer, payment: Payment, before_minor: int) -> None:
    """Tell the customer of what is owed back, where a payment that came back made it more than before."""
    credit = await credit_of(customer.id)
    owed = credit.owed_back_minor
    if owed > before_minor:
        facts = {
            "amount_minor": owed,
            "payment_minor": payment.amount_minor,
            "paid_on": payment.effective_on.isoformat(),
        }
        message = Message(NoticeKind.PAYMENT_CORRECTED, "OWED_BACK", facts)
        await tell(unit, customer, message, next(iter(credit.owed_back_of(owed))), f"owed:{payment.id}")


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
    if answer.state in UNSETTLED:
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
    parts: dict[UUID, int] = {}
    for row in await _moved_by(refund_id):
        signed = row.amount_minor * ((row.destination == "CUSTOMER_CREDIT") - (row.source == "CUSTOMER_CREDIT"))
        parts[row.loan_id] = parts.get(row.loan_id, 0) + signed
    return [(await Loan.get(id=loan_id), amount) for loan_id, amount in parts.items() if amount]


async def _moved_by(cause_id: UUID) -> list[PostingRow]:
    """What a refund moved, or a payment that paid one back."""
    found = await fetch(  # written out, as the index is
        "SELECT id FROM posting WHERE cause IN ('REFUND', 'PAID_BACK') AND cause_id = $1", plain(cause_id)
    )
    return await PostingRow.filter(id__in=[row["id"] for row in found]).order_by("id")


def _moved(amount: int, move: Callable[[int], tuple[Posting, ...]]) -> tuple[Posting, ...]:
    """A movement of a part of a refund; one of a negative credit goes the other way."""
    return move(amount) if amount > 0 else reversal(move(-amount))


async def _tell(unit: Unit, customer: Customer, refund: CreditRefund, variant: str) -> None:
    message = Message(NoticeKind.CREDIT_REFUNDED, variant, {"amount_minor": refund.amount_minor})
    await tell(unit, customer, message, refund.id, variant)
