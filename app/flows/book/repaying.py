"""Repaying: always possible while something is owed, frozen line or not. Asks no bureau."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.history import Outcome, credited, play
from app.domain.lending.product import PrepaymentRule, product_of
from app.domain.money import Money
from app.domain.refusals import NotFound
from app.domain.telling.notice import Message, NoticeKind
from app.flows.allowed.loans import check_repay
from app.flows.book.position import (
    instalments_of,
    position_of,
    rewrite_instalments,
    state_of,
    terms_of,
)
from app.flows.days.tape import close_missed_days
from app.flows.notices.telling import tell
from app.flows.payments.annexes import issue_annex, issue_corrected
from app.flows.payments.histories import entry_of, history_of, with_newest
from app.flows.payments.outcomes import accrue, note_correction, replace_history, stamp, write_outcome
from app.flows.payments.receiving import Received, most_of, must_fit, receive
from app.flows.payments.trials import agreed_rule
from app.flows.unit import Desk, Unit
from models.lending.payments import Payment
from models.loans import Loan, Repayment
from models.people import Customer


@dataclass(frozen=True, slots=True)
class Repay:
    """A payment for one loan; `trial_id` names the preview that the customer agreed to, if a plan was chosen by one."""

    loan_id: UUID
    amount: Money
    trial_id: str | None = None


async def make_repayment(desk: Desk, customer_id: UUID, key: UUID, asked: Repay) -> UUID:
    """Book a payment: what is due first, then interest to the day, then principal; the excess is the customer's.

    Raises:
        NotFound: not the customer's loan or preview. InvalidInput: nothing is owed, or ahead of its time where a
            preview is named, or the amount or currency does not fit.
        TrialStale: the preview is not what would be booked now. IdempotencyConflict, StillWorking: as everywhere.
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
        day = max(unit.today(), loan.drawn_on)
        owed = position_of(loan, await instalments_of(loan.id), day)
        must_fit(asked.amount, loan.currency, most_of(loan, owed))
        rule = None
        if asked.trial_id is not None:
            rule = await agreed_rule(unit, loan, asked.amount.minor, asked.trial_id)
        repayment_id = await book_payment(unit, customer, loan, asked.amount.minor, day, rule=rule)
        await unit.keep(repayment=repayment_id)
        return repayment_id


async def book_payment(
    unit: Unit,
    customer: Customer,
    loan: Loan,
    amount_minor: int,
    day: date,
    *,
    payment: Payment | None = None,
    rule: PrepaymentRule | None = None,
    actor: str = "customer",
) -> UUID:
    """Book what a locked loan takes of a payment that counts for `day`; the repayment's id.

    One of a day that is over is put into the past of the loan, and all that followed is played again. A void loan
    takes nothing: all of it is the customer's credit. Without `payment` it is a payment of its own, of the customer's.

    Raises:
        NotAllocatable, DayBeforeDraw: no loan can take it.
    """
    await close_missed_days(unit, loan)
    if payment is None:
        payment = await receive(unit, customer.id, Received("CUSTOMER", Money(amount_minor, loan.currency), day))
    # Its place among others comes before its row: the row counts from its insertion on.
    before = await history_of(loan) if day < unit.today() else None
    repayment = await Repayment.create(
        id=uuid7(),
        customer_id=customer.id,
        loan_id=loan.id,
        amount_minor=amount_minor,
        currency=loan.currency,
        effective_on=day,
        received_at=unit.now,
        payment_id=payment.id,
        rule=rule.value if rule else None,
    )
    entry = entry_of(repayment, product_of(loan.product_version))
    if loan.status == "VOID":
        await write_outcome(unit, loan, [], credited(entry, ()))
    elif before is None:
        outcome = await _book_now(unit, loan, repayment)
        await issue_annex(unit, customer, loan, repayment.id, outcome)
    else:
        again = await replace_history(unit, loan, before, with_newest(before, entry))
        played = again.played_again - 1
        correction = await note_correction(unit, loan, "BACK_DATED", actor, day, played, payment.id)
        if again.replanned:
            await issue_corrected(unit, customer, loan, correction, repayment)
    await _tell(unit, customer, loan, repayment)
    return repayment.id


async def _book_now(unit: Unit, loan: Loan, repayment: Repayment) -> Outcome:
    rows = await instalments_of(loan.id)
    entry = entry_of(repayment, product_of(loan.product_version))
    outcome = play(terms_of(loan), tuple(state_of(row) for row in rows), entry, loan.charged_off_on)
    await accrue(unit, loan, rows, entry.day, repayment.id)
    await write_outcome(unit, loan, rows, outcome)
    await rewrite_instalments(rows, outcome.instalments)
    await stamp(unit, loan, outcome.instalments, entry.day)
    return outcome


async def _tell(unit: Unit, customer: Customer, loan: Loan, repayment: Repayment) -> None:
    left = sum(state_of(row).principal_open for row in await instalments_of(loan.id))
    facts = {
        "amount_minor": repayment.amount_minor,
        "left_minor": left,
        "received_on": repayment.effective_on.isoformat(),
    }
    variant = {"REPAID": "SETTLED", "VOID": "CREDIT"}.get(loan.status, "PART")
    await tell(unit, customer, Message(NoticeKind.REPAYMENT_RECEIVED, variant, facts), repayment.id)
