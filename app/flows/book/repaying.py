"""Repaying: always possible while something is owed, frozen line or not. Asks no bureau."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.accrual import payoff
from app.domain.lending.allocation import Allocation, allocate, rules_of
from app.domain.lending.postings import Account, accrued, repaid
from app.domain.lending.product import product_of
from app.domain.money import Money
from app.domain.refusals import InvalidInput, NotFound
from app.domain.telling.notice import Message, NoticeKind
from app.flows.allowed.loans import check_repay
from app.flows.book.position import (
    instalments_of,
    loan_balances,
    position_of,
    post,
    rewrite_instalments,
    state_of,
    terms_of,
)
from app.flows.days.tape import close_missed_days
from app.flows.notices.telling import tell
from app.flows.unit import Desk, Unit
from models.loans import Allocation as AllocationRow
from models.loans import Instalment, Loan, Repayment
from models.people import Customer


@dataclass(frozen=True, slots=True)
class Repay:
    """A payment for one loan."""

    loan_id: UUID
    amount: Money


async def make_repayment(desk: Desk, customer_id: UUID, key: UUID, asked: Repay) -> UUID:
    """Book a payment: what is due first, then interest to the day, then principal; the excess is the customer's.

    Raises:
        NotFound: not the customer's loan. InvalidInput: nothing is owed, or the amount or currency does not fit.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "makeRepayment", key, asked)
        if done:
            return UUID(done["repayment"])
        loan = await Loan.filter(id=asked.loan_id, customer_id=customer_id).select_for_update().get_or_none()
        if loan is None:
            raise NotFound
        check_repay(loan)
        if asked.amount.currency != loan.currency:
            raise InvalidInput.at("amount", "currency", problem="CURRENCY_NOT_OFFERED")
        await close_missed_days(unit, loan)
        day = max(unit.today(), loan.drawn_on)
        owed = position_of(loan, await instalments_of(loan.id), day)
        if asked.amount.minor > payoff(owed).total_minor + product_of(loan.product_version).line_most_minor:
            raise InvalidInput.at("amount", "amount", problem="PAYMENT_FAR_TOO_LARGE")
        repayment_id = await book_payment(unit, customer, loan, asked.amount.minor, day)
        await unit.keep(repayment=repayment_id)
        return repayment_id


async def book_payment(unit: Unit, customer: Customer, loan: Loan, amount_minor: int, day: date) -> UUID:
    """Book money (fen) that came for a locked loan and counts for a business day; what no debt takes is a credit."""
    rows = await instalments_of(loan.id)
    states, rules = [state_of(row) for row in rows], rules_of(product_of(loan.product_version))
    spread = allocate(amount_minor, terms_of(loan), states, day, rules)
    repayment = await Repayment.create(
        id=uuid7(),
        customer_id=customer.id,
        loan_id=loan.id,
        amount_minor=amount_minor,
        currency=loan.currency,
        effective_on=day,
        received_at=unit.now,
    )
    await _write(unit, loan, rows, repayment, spread, day)
    message = Message(
        NoticeKind.REPAYMENT_RECEIVED,
        "SETTLED" if spread.settled else "PART",
        {"amount_minor": amount_minor, "left_minor": _principal_left(spread), "received_on": day.isoformat()},
    )
    await tell(unit, customer, message, repayment.id)
    booked: UUID = repayment.id
    return booked


def _principal_left(spread: Allocation) -> int:
    return sum(state.principal_open for state in spread.instalments)


async def _write(
    unit: Unit, loan: Loan, rows: list[Instalment], repayment: Repayment, spread: Allocation, day: date
) -> None:
    by_number = {row.number: row.id for row in rows}
    await AllocationRow.bulk_create(
        [
            AllocationRow(
                id=uuid7(),
                repayment_id=repayment.id,
                instalment_id=by_number[line.instalment] if line.instalment is not None else None,
                target=line.target.value,
                amount_minor=line.amount_minor,
            )
            for line in spread.lines
        ]
    )
    balances = await loan_balances(loan.id)
    earned = accrued(
        position_of(loan, rows, day),
        interest_receivable_minor=balances.get(Account.INTEREST_RECEIVABLE, 0),
        penalty_receivable_minor=balances.get(Account.PENALTY_RECEIVABLE, 0),
    )
    await post(unit, loan, (*earned, *repaid(spread.lines)), cause="REPAYMENT", cause_id=repayment.id)
    await rewrite_instalments(rows, spread.instalments)
    if spread.settled and loan.status != "REPAID":
        loan.status, loan.closed_at = "REPAID", unit.now
        await loan.save(update_fields=["status", "closed_at"])
