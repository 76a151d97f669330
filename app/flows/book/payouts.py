"""Paying out a drawn loan: one reference for ever, few attempts, and the hold released when it fails."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from app.domain.lending.postings import payout_failed, payout_made
from app.domain.lending.product import Method, product_of
from app.domain.lending.quote import CeilingExceeded, QuoteFigures, Terms, price
from app.domain.money import Money, Rate
from app.domain.telling.notice import Message, NoticeKind
from app.doors.payments import UNSETTLED, PayoutAnswer, PayoutOrder, PayoutState
from app.flows.book.position import post, write_plan
from app.flows.notices.telling import tell
from app.flows.unit import Desk, Unit
from models.credit import CreditLine
from models.loans import Instalment, Loan, Payout
from models.people import Customer

PAY_OUT = "PAY_OUT"
ATTEMPTS_MAX = 3
AGAIN_SOON = timedelta(seconds=1)
AGAIN_LATER = timedelta(seconds=5)
UNDER_WAY_MAX = timedelta(hours=1)
"""An order that the payment service does not know of so long after it was written will not come there any more."""
TEMPORARY = "TEMPORARY"
OWN_ACCOUNT_TAIL = "8888"  # the sandbox's bound account; binding real accounts is the payment service's affair


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid, whether it was asked for before, and whether it may leave, again too."""

    order: PayoutOrder
    asked_before: bool
    may_leave: bool = True


async def advance_payout(desk: Desk, loan_id: UUID) -> timedelta | None:
    """Order the payout, or ask what became of it; None when it has ended.

    Sending the same reference and attempt twice orders one payment, so a crash between order and answer is harmless.
    """
    order = await _next_order(desk, loan_id)
    return None if order is None else await _answer(desk, loan_id, await order_once(desk, order))


async def order_once(desk: Desk, order: Order) -> PayoutAnswer:
    """Send an order, or ask what became of it, and send it if it never arrived: one payment for one reference."""
    if order.asked_before:
        answer = await desk.payments.payout_status(order.order.reference)
        unheard = answer.state in {PayoutState.NOT_PLACED, PayoutState.UNREACHABLE}
        if order.may_leave and (unheard or _of_an_earlier_attempt(answer, order.order)):
            answer = await desk.payments.pay_out(order.order)
    else:
        answer = await desk.payments.pay_out(order.order)
        if answer.state is PayoutState.PENDING:
            answer = await desk.payments.payout_status(order.order.reference)
    return answer


def _of_an_earlier_attempt(answer: PayoutAnswer, order: PayoutOrder) -> bool:
    """Whether the service has not heard of this attempt: we stopped between its commit and its sending."""
    return answer.attempt is not None and answer.attempt < order.attempt


async def _next_order(desk: Desk, loan_id: UUID) -> Order | None:
    """Commit that the payout is being sent, before it is; a frozen line stops one that has not left."""
    owner = (await Loan.get(id=loan_id)).customer_id
    async with desk.unit() as unit:
        customer = await unit.lock_customer(owner)
        loan = await Loan.filter(id=loan_id).select_for_update().get()
        payout = await Payout.filter(loan_id=loan_id).select_for_update().get()
        if payout.state in {"PAID", "FAILED"}:
            return None
        line = await CreditLine.get(id=loan.line_id)
        sent_before = payout.state == "SENT"
        may_leave = line.status == "ACTIVE"
        if not sent_before and not may_leave:
            await _stop(unit, customer, loan, payout)
            return None
        if not sent_before:
            payout.state = "SENT"
            payout.attempt += 1
            await payout.save(update_fields=["state", "attempt"])
        amount = Money(payout.amount_minor, loan.currency)
        order = order_to(desk, customer, payout.id, amount, payout.attempt, payout.created_at)
        return Order(order, sent_before, may_leave)


async def _stop(unit: Unit, customer: Customer, loan: Loan, payout: Payout) -> None:
    """End a payout of a frozen line that has not left."""
    payout.state, payout.failure_code, payout.closed_at = "FAILED", "LINE_FROZEN", unit.now
    await payout.save()
    loan.status, loan.closed_at = "VOID", unit.now
    await loan.save(update_fields=["status", "closed_at"])
    await post(unit, loan, payout_failed(loan.principal_minor), cause="PAYOUT_STOPPED", cause_id=payout.id)
    await _tell_failed(unit, customer, loan, "FROZEN")


def order_to(
    desk: Desk, customer: Customer, reference: UUID, amount: Money, attempt: int, requested_at: datetime
) -> PayoutOrder:
    """An order to pay to the customer's own account."""
    name = desk.box(customer).open("customer", "name_sealed", customer.id, customer.name_sealed or b"").decode()
    return PayoutOrder(
        reference=reference,
        amount=amount,
        holder=f"{name[0]}**",
        account_tail=OWN_ACCOUNT_TAIL,
        attempt=attempt,
        requested_at=requested_at,
    )


async def _start_when_paid(unit: Unit, loan: Loan) -> None:
    """Interest and due days run from the day the money left, as the contract says, not from the signature."""
    if unit.today() <= loan.drawn_on:
        return
    figures = _priced_from(loan, unit.today())
    loan.drawn_on, loan.apr_scaled, loan.daily_scaled = unit.today(), figures.apr.scaled, figures.terms.daily.scaled
    await Instalment.filter(loan_id=loan.id).delete()
    await write_plan(loan)


def _priced_from(loan: Loan, day: date) -> QuoteFigures:
    """What a signed loan costs that starts on a later day.

    The money has left, so it is lent: where fees over other months would pass the ceiling, the rate gives way.
    """
    product, daily = product_of(loan.product_version), Rate(loan.daily_scaled)
    terms = Terms(product, loan.principal_minor, loan.term_months, Method(loan.method), daily, day)
    try:
        return price(terms)
    except CeilingExceeded as over:
        return price(replace(terms, daily=over.most))


async def _answer(desk: Desk, loan_id: UUID, answer: PayoutAnswer) -> timedelta | None:
    if answer.state in UNSETTLED - {PayoutState.NOT_PLACED}:
        return AGAIN_LATER if answer.state is PayoutState.UNREACHABLE else AGAIN_SOON
    owner = (await Loan.get(id=loan_id)).customer_id
    async with desk.unit() as unit:
        customer = await unit.lock_customer(owner)
        loan = await Loan.filter(id=loan_id).select_for_update().get()
        payout = await Payout.filter(loan_id=loan_id).select_for_update().get()
        if payout.state != "SENT":
            return None
        if answer.state is PayoutState.NOT_PLACED:
            frozen = (await CreditLine.get(id=loan.line_id)).status != "ACTIVE"
            if not frozen or unit.now - payout.created_at < UNDER_WAY_MAX:
                return AGAIN_LATER
            await _stop(unit, customer, loan, payout)
            return None
        if answer.state is PayoutState.PAID:
            await Payout.filter(id=payout.id).update(state="PAID", closed_at=unit.now, failure_code=None)
            loan.status, loan.paid_out_at = "CURRENT", unit.now
            await _start_when_paid(unit, loan)
            await loan.save(update_fields=["status", "paid_out_at", "drawn_on", "apr_scaled", "daily_scaled"])
            await post(unit, loan, payout_made(loan.principal_minor), cause="PAYOUT", cause_id=payout.id)
            await _tell_done(unit, customer, loan)
            return None
        payout.failure_code = answer.failure_code or "UNSAID"
        if payout.failure_code == TEMPORARY and payout.attempt < ATTEMPTS_MAX:
            payout.state = "PENDING"
            await payout.save()
            return AGAIN_SOON
        payout.state, payout.closed_at = "FAILED", unit.now
        await payout.save()
        loan.status, loan.closed_at = "VOID", unit.now
        await loan.save(update_fields=["status", "closed_at"])
        await post(unit, loan, payout_failed(loan.principal_minor), cause="PAYOUT_FAILED", cause_id=payout.id)
        await _tell_failed(unit, customer, loan)
        return None


async def _tell_done(unit: Unit, customer: Customer, loan: Loan) -> None:
    first = await Instalment.get(loan_id=loan.id, number=1)
    facts = {
        "amount_minor": loan.principal_minor,
        "first_minor": first.principal_minor + first.interest_minor + first.fee_minor,
        "first_due_on": first.due_on.isoformat(),
    }
    await tell(unit, customer, Message(NoticeKind.PAYOUT_DONE, facts=facts), loan.id)


async def _tell_failed(unit: Unit, customer: Customer, loan: Loan, variant: str = "PLAIN") -> None:
    facts = {"amount_minor": loan.principal_minor}
    await tell(unit, customer, Message(NoticeKind.PAYOUT_FAILED, variant, facts), loan.id)
