"""One payment for several loans: the customer's choice first, then as Civil Code 560 has it; what is left is a credit."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.lending.accrual import payoff
from app.domain.lending.allocation import rules_of
from app.domain.lending.prepayment import Debt, Shares, share_out
from app.domain.lending.product import product_of
from app.domain.money import Money
from app.flows.book.position import OPEN_STATUSES, terms_of
from app.flows.book.repaying import book_payment
from app.flows.payments.histories import owed_on
from app.flows.payments.receiving import Received, receive
from app.flows.payments.refunding import pay_back
from app.flows.payments.trials import LOANS_MAX, check_split, shared
from app.flows.unit import Desk, Unit
from models.lending.payments import Payment
from models.loans import Loan
from models.people import Customer


@dataclass(frozen=True, slots=True)
class Pay:
    """A payment for all that is owed, loans and what is owed back; `first` is the loan to be paid first."""

    amount: Money
    first: UUID | None = None
    trial_id: str | None = None


async def make_payment(desk: Desk, customer_id: UUID, key: UUID, asked: Pay) -> UUID:
    """Book one payment over the open loans of the customer; the payment's id.

    Raises:
        NotFound: the chosen loan or the trial is not the customer's. InvalidInput: nothing is owed, or the amount does
            not fit.
        TrialStale: the trial is not what would be booked now. IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "makePayment", key, asked)
        if done:
            return UUID(done["payment"])
        shares, loans = await shared(customer_id, asked.amount, unit.today(), asked.first)
        if asked.trial_id is not None:
            await check_split(unit, customer_id, shares, loans, asked.trial_id)
        payment = await receive(unit, customer_id, Received("CUSTOMER", asked.amount, unit.today()))
        await spread(unit, customer, payment, shares, loans)
        await unit.keep(payment=payment.id)
        return payment.id


async def spread(
    unit: Unit, customer: Customer, payment: Payment, shares: Shares[UUID], loans: dict[UUID, Loan], actor: str = ""
) -> None:
    """Book each loan's share of a payment, and what it pays back of refunded credit."""
    if shares.back_minor:
        await pay_back(unit, customer, payment, shares.back_minor)
    for loan_id, part in parts_of(shares, loans).items():
        loan = await Loan.filter(id=loan_id).select_for_update().get()
        day = (
            max(payment.effective_on, loan.drawn_on) if payment.effective_on >= unit.today() else payment.effective_on
        )
        await book_payment(unit, customer, loan, part, day, payment=payment, actor=actor or payment.channel.lower())


def parts_of(shares: Shares[UUID], loans: dict[UUID, Loan]) -> dict[UUID, int]:
    """What is booked on each loan: what no loan takes is kept with the last of them, as the customer's credit."""
    parts = dict(shares.shares)
    if shares.credit_minor:
        last = next(reversed(parts), None) or max(loans)
        parts[last] = parts.get(last, 0) + shares.credit_minor
    return parts


async def drawn_by(customer_id: UUID, day: date) -> dict[UUID, Loan]:
    """The loans that could take a payment of a day."""
    drawn = Loan.filter(customer_id=customer_id, status__in=(*OPEN_STATUSES, "REPAID"), drawn_on__lte=day)
    return {loan.id: loan for loan in await drawn.order_by("-id").limit(LOANS_MAX)}


async def shared_on(
    customer_id: UUID, amount_minor: int, day: date, first: UUID | None, without: Collection[UUID]
) -> tuple[Shares[UUID], dict[UUID, Loan]]:
    """How a payment that counts for `day` is shared among the loans that were drawn by then, as they stood on it.

    The loan that was named takes first, up to its payoff. What was not owed that day is a credit. The payments
    `without` are taken for not made yet.
    """
    loans = await drawn_by(customer_id, day)
    debts = [await _debt_on(loan, day, without) for loan in loans.values()]
    owed = [debt for debt in debts if payoff(debt.owed).total_minor > 0 or debt.key == first]
    if not owed or (first is not None and first not in loans):
        return Shares((), amount_minor), loans
    return share_out(amount_minor, owed, first), loans


async def _debt_on(loan: Loan, day: date, without: Collection[UUID]) -> Debt[UUID]:
    """A loan as it stood on a day that may be over."""
    terms = terms_of(loan)
    rules = rules_of(product_of(loan.product_version))
    return Debt(loan.id, await owed_on(loan, day, without), terms.interest.rate, terms.penalty, rules)
