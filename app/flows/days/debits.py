"""Collecting what is due from the customer's account, under a mandate: presented by the calendar, booked once. Asks no bureau.

A debit is a row before it leaves, and its id is the payment service's reference: sent twice, it is one debit; told
twice, late, or beside the customer's own payment, it is one repayment.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

from tortoise.expressions import F, Q, Subquery
from uuid_utils.compat import uuid7

from app.domain.days.debiting import next_try_on, presentation
from app.domain.money import Money
from app.domain.refusals import StillWorking
from app.domain.telling.notice import Fact, Message, NoticeKind
from app.doors.payments import UNSETTLED, DebitOrder, PayoutAnswer, PayoutState
from app.flows.book.payouts import AGAIN_LATER, AGAIN_SOON, UNDER_WAY_MAX
from app.flows.book.position import OPEN_STATUSES, instalments_of, position_of
from app.flows.book.repaying import book_payment
from app.flows.notices.telling import tell
from app.flows.payments.correcting import ACCOUNT_RETURNED
from app.flows.payments.receiving import Received, never_booked, receive, taken_back_first
from app.flows.unit import Desk, Unit
from models.lending.payments import Payment
from models.loans import Debit, DebitMandate, Instalment, Loan, Repayment
from models.people import Customer

DEBIT = "DEBIT"
SENT, STOPPED = "SENT", "STOPPED"
PAGE = 200
PAGES_MAX = 100_000
AT_ONCE = 8
GIVE_UP_AFTER = 3
"""Orders in a row that the payment service did not answer; the rest are left to their jobs."""


async def present_debits(desk: Desk, day: date) -> int:
    """Present what is due on the present business day, and hear what the bank says; how many debits were presented.

    What the bank has not answered stays with the debit's job. Twice the same day presents nothing.
    """
    presented = silent = 0
    async for page in _loans_with_something_due(day):
        fresh = [debit for loan in page if (debit := await _present(desk, loan.id, loan.customer_id, day))]
        presented += len(fresh)
        for first in range(0, len(fresh), AT_ONCE):
            if silent >= GIVE_UP_AFTER:
                break
            waits = await asyncio.gather(*(_hear(desk, debit) for debit in fresh[first : first + AT_ONCE]))
            silent = silent + 1 if AGAIN_LATER in waits else 0
    return presented


async def _hear(desk: Desk, debit_id: UUID) -> timedelta | None:
    try:
        return await advance_debit(desk, debit_id)
    except StillWorking:  # its job comes back to it
        return AGAIN_SOON


async def _present(desk: Desk, loan_id: UUID, owner: UUID, day: date) -> UUID | None:
    """Write a debit for a loan if this is a day for one; its id."""
    async with desk.unit() as unit:
        await unit.lock_customer(owner)
        loan = await Loan.filter(id=loan_id, status__in=OPEN_STATUSES).select_for_update().get_or_none()
        if loan is None:
            return None
        mandate = await DebitMandate.get_or_none(line_id=loan.line_id, ended_at__isnull=True)
        earlier = await Debit.filter(loan_id=loan_id).order_by("id")
        if mandate is None or any(row.closed_at is None or row.presented_on >= day for row in earlier):
            return None
        tries: dict[date, int] = {}
        for row in earlier:
            tries[row.due_on] = tries.get(row.due_on, 0) + 1
        wanted = presentation(position_of(loan, await instalments_of(loan.id), day), tries)
        if wanted is None:
            return None
        debit = await Debit.create(
            id=uuid7(),
            customer_id=owner,
            loan_id=loan.id,
            mandate_id=mandate.id,
            due_on=wanted.due_on,
            number=wanted.number,
            presented_on=day,
            amount_minor=wanted.amount_minor,
            currency=loan.currency,
            state="PENDING",
            created_at=unit.now,
        )
        await unit.enqueue(DEBIT, debit.id)
        presented: UUID = debit.id
        return presented


async def advance_debit(desk: Desk, debit_id: UUID) -> timedelta | None:
    """The job DEBIT: send the order, or ask what became of it; None when it has ended."""
    answer = await desk.payments.debit_status(debit_id)
    if answer.state in {PayoutState.NOT_PLACED, PayoutState.UNREACHABLE}:
        order = await _next_order(desk, debit_id, answer.state)
        if not isinstance(order, DebitOrder):
            return order
        await desk.payments.collect(order)
        answer = await desk.payments.debit_status(order.reference)
    return await settle_debit(desk, debit_id, answer)


async def _next_order(desk: Desk, debit_id: UUID, known: PayoutState) -> DebitOrder | timedelta | None:
    """Commit that the order is being sent, before it is; else when to look again, or None when it has ended.

    One that has not left is stopped once its sum is not due any more, the mandate has ended, or its day is over. One
    that was to leave and is not at the bank leaves again only while it is wanted: it is stopped when nothing can be
    under way any more.
    """
    owner = (await Debit.get(id=debit_id)).customer_id
    async with desk.unit() as unit:
        customer = await unit.lock_customer(owner)
        debit = await Debit.filter(id=debit_id).select_for_update().get()
        if debit.closed_at is not None:
            return None
        mandate = await DebitMandate.get(id=debit.mandate_id)
        fresh = debit.state == "PENDING"
        if not await _still_wanted(unit, debit, mandate):
            if not fresh and (known is not PayoutState.NOT_PLACED or unit.now - debit.created_at < UNDER_WAY_MAX):
                return AGAIN_LATER
            await Debit.filter(id=debit.id).update(state=STOPPED, closed_at=unit.now)
            return None
        if fresh:
            await Debit.filter(id=debit.id).update(state=SENT)
        name = desk.box(customer).open("customer", "name_sealed", customer.id, customer.name_sealed or b"").decode()
        return DebitOrder(
            reference=debit.id,
            amount=Money(debit.amount_minor, debit.currency),
            holder=f"{name[0]}**",
            account_tail=mandate.account_tail,
            requested_at=debit.created_at,
        )


async def _still_wanted(unit: Unit, debit: Debit, mandate: DebitMandate) -> bool:
    loan = await Loan.get(id=debit.loan_id)
    if mandate.ended_at is not None or loan.status not in OPEN_STATUSES:
        return False
    if debit.state == "PENDING" and debit.presented_on != unit.today():
        return False
    owed = position_of(loan, await instalments_of(loan.id), debit.presented_on)
    return bool(owed.due_minor >= debit.amount_minor)


async def settle_debit(desk: Desk, debit_id: UUID, answer: PayoutAnswer) -> timedelta | None:
    """Book what the payment service says of a debit, once, however often and in whatever order it is told.

    The money counts for the day on which the debit was presented: a bank that answers late makes nobody late.
    """
    if answer.state in UNSETTLED:
        return AGAIN_LATER if answer.state is PayoutState.UNREACHABLE else AGAIN_SOON
    owner = (await Debit.get(id=debit_id)).customer_id
    async with desk.unit() as unit:
        customer = await unit.lock_customer(owner)
        debit = await Debit.filter(id=debit_id).select_for_update().get()
        if debit.closed_at is not None:
            return None
        returned = await taken_back_first(str(debit.id))
        if answer.state is PayoutState.PAID and not returned:
            await collected(unit, customer, debit)
            return None
        await never_booked(returned, customer.id)
        code = ACCOUNT_RETURNED if returned else answer.failure_code or "UNSAID"
        await Debit.filter(id=debit.id).update(state="FAILED", failure_code=code, closed_at=unit.now)
        await _tell_failed(unit, customer, debit)
        return None


async def collected(unit: Unit, customer: Customer, debit: Debit) -> None:
    """Book a locked debit that was paid, as a repayment of its own loan, and end it."""
    loan = await Loan.filter(id=debit.loan_id).select_for_update().get()
    repayment = await _book(unit, customer, loan, debit)
    await Debit.filter(id=debit.id).update(state="PAID", repayment_id=repayment, closed_at=unit.now)


async def _book(unit: Unit, customer: Customer, loan: Loan, debit: Debit) -> UUID:
    """The repayment of a debit that was paid; that of a payment under its reference, where one is in the book."""
    known = await Payment.get_or_none(reference=str(debit.id))
    if known is not None:
        booked = await Repayment.filter(payment_id=known.id).order_by("id")
        return UUID(str(next((row for row in booked if row.loan_id == loan.id), booked[0]).id))
    money = Money(debit.amount_minor, debit.currency)
    payment = await receive(unit, customer.id, Received("DEBIT", money, debit.presented_on, str(debit.id)))
    day = max(debit.presented_on, loan.drawn_on)
    return await book_payment(unit, customer, loan, debit.amount_minor, day, payment=payment, actor="debit")


async def _tell_failed(unit: Unit, customer: Customer, debit: Debit) -> None:
    facts: dict[str, Fact] = {"amount_minor": debit.amount_minor, "due_on": debit.due_on.isoformat()}
    again = next_try_on(debit.due_on, debit.number)
    if again is not None:
        facts["again_on"] = max(again, debit.presented_on + timedelta(days=1)).isoformat()
    message = Message(NoticeKind.DEBIT_FAILED, "AGAIN" if again else "LAST", facts)
    await tell(unit, customer, message, debit.loan_id, debit.presented_on.isoformat())


async def _loans_with_something_due(day: date) -> AsyncIterator[list[Loan]]:
    """Open loans under a running mandate with an instalment to pay by the day, by keyset pages."""
    unpaid = (
        Q(paid_principal_minor__lt=F("principal_minor"))
        | Q(paid_interest_minor__lt=F("interest_minor"))
        | Q(paid_penalty_minor__lt=F("penalty_minor"))
        | Q(paid_fee_minor__lt=F("fee_minor"))
        | Q(paid_interest_penalty_minor__lt=F("interest_penalty_minor"))
    )
    due = Instalment.filter(unpaid, due_on__lte=day).values("loan_id")
    lines = DebitMandate.filter(ended_at__isnull=True).values("line_id")
    running = Loan.filter(status__in=OPEN_STATUSES, charged_off_on__isnull=True)
    loans = running.filter(id__in=Subquery(due), line_id__in=Subquery(lines)).order_by("id")
    after = None
    for _ in range(PAGES_MAX):
        page = await (loans.filter(id__gt=after) if after else loans).limit(PAGE)
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1].id
