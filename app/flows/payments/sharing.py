"""Transfers of a customer with several loans, shared in the order of their value days, in whatever order they are told.

Which loan a transfer pays hangs on what came before it. So one that is told late, or counts no more, may move those after
it. What the customer paid here stays where the customer was shown that it goes.
"""

from datetime import date, datetime
from uuid import UUID

from app.domain.lending.history import MAX_ENTRIES
from app.flows.payments.correcting import REPAYMENTS_OF_A_PAYMENT_MAX, take_out
from app.flows.payments.paying import parts_of, shared_on, spread
from app.flows.payments.receiving import BANK, loan_named_for
from app.flows.payments.refunding import credit_of, tell_owed_back
from app.flows.unit import Unit
from models.lending.payments import Payment
from models.loans import Loan, Repayment
from models.people import Customer

SEVERAL = 2
Transfer = tuple[Payment, UUID | None]
"""A payment by the bank, and the loan that its payer named."""


async def share_in_order(unit: Unit, customer: Customer, cause: Payment, kind: str, actor: str) -> None:
    """Share a transfer that counts, and anew each one after it; `kind` is what `cause` does to the past of their loans.

    Raises:
        BookDisagrees: the book of a loan is not what its history comes to.
    """
    owed_back = (await credit_of(customer.id)).owed_back_minor
    waiting = await _from(cause)
    for index, (payment, named) in enumerate(waiting):
        parts = await _parts(payment)
        # A payout that came back made the part of its loan a credit for good: the money may have left.
        concerned = {named, *(part.loan_id for part in parts)} - {None}
        if await Loan.exists(id__in=concerned, status="VOID"):
            continue
        to_come = [later.id for later, _ in waiting[index:]]
        shares, loans = await shared_on(customer.id, payment.amount_minor, payment.effective_on, named, to_come)
        if parts_of(shares, loans) == {part.loan_id: part.amount_minor for part in parts}:
            continue
        for part in parts:
            await take_out(unit, customer, part, kind, actor, because=cause)
        await spread(unit, customer, payment, shares, loans, actor)
    await tell_owed_back(unit, customer, cause, owed_back)


async def _from(cause: Payment) -> list[Transfer]:
    """A transfer, if it counts, and those that come after it, in order; with a single loan none of them can move."""
    first = cause, await loan_named_for(cause.reference)
    found = [first] if cause.channel == BANK and cause.undone_at is None else []
    if await Loan.filter(customer_id=cause.customer_id).count() < SEVERAL:
        return found
    counted = Payment.filter(customer_id=cause.customer_id, channel=BANK, undone_at__isnull=True).exclude(id=cause.id)
    rows = (
        await counted.filter(effective_on__gte=cause.effective_on).order_by("effective_on", "id").limit(MAX_ENTRIES)
    )
    others = [(row, await loan_named_for(row.reference)) for row in rows]
    return sorted([*found, *(other for other in others if _place(other) > _place(first))], key=_place)


def _place(transfer: Transfer) -> tuple[date, bool, datetime, UUID]:
    """By value day; of one day what the payer named comes before what the law shares."""
    payment, named = transfer
    return payment.effective_on, named is None, payment.received_at, payment.id


async def _parts(payment: Payment) -> list[Repayment]:
    counted = Repayment.filter(payment_id=payment.id, undone_at__isnull=True).order_by("-id")
    return await counted.limit(REPAYMENTS_OF_A_PAYMENT_MAX)
