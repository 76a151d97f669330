"""Putting the past of a loan right: a payment that came back, a payout that came back, a claim that left the book.

Each is another history of the loan; the book is brought from the one to the other, and the customer is told.
"""

from uuid import UUID

from app.domain.lending.history import credited, payout_undone
from app.domain.lending.product import product_of
from app.domain.telling.notice import Message, NoticeKind
from app.flows.book.position import fresh_instalments, instalments_of, loan_balances, position_of, state_of
from app.flows.days.tape import close_missed_days
from app.flows.notices.telling import tell
from app.flows.payments.annexes import issue_corrected
from app.flows.payments.histories import charge_off_of, entry_of, history_of, with_newest
from app.flows.payments.outcomes import Replaced, note_correction, replace_history, rewrite, take_back
from app.flows.payments.refunding import credit_of, take_paid_back, tell_owed_back
from app.flows.unit import Unit
from models.lending.payments import Payment
from models.loans import Loan, Payout, Repayment
from models.people import Customer

REPAYMENTS_OF_A_PAYMENT_MAX = 500
PAYOUT_RETURNED = "PAYOUT_RETURNED"
ACCOUNT_RETURNED = "ACCOUNT_RETURNED"
BACK_DATED = "BACK_DATED"
SHARED_ANEW = "SHARED_ANEW"


async def undo_payment(unit: Unit, customer: Customer, payment: Payment, undone_as: str, actor: str) -> None:
    """Take a payment out of every loan that took of it, and play again what followed. Twice does nothing.

    Raises:
        BookDisagrees: the book of a loan is not what its history comes to.
    """
    if payment.undone_at is not None:
        return
    owed_back = (await credit_of(customer.id)).owed_back_minor
    parts = Repayment.filter(payment_id=payment.id, undone_at__isnull=True).order_by("-id")
    for repayment in await parts.limit(REPAYMENTS_OF_A_PAYMENT_MAX):
        await take_out(unit, customer, repayment, undone_as, actor)
    await take_paid_back(unit, payment)
    payment.undone_at, payment.undone_as = unit.now, undone_as
    await payment.save(update_fields=["undone_at", "undone_as"])
    await tell_owed_back(unit, customer, payment, owed_back)


async def take_out(
    unit: Unit, customer: Customer, repayment: Repayment, kind: str, actor: str, because: Payment | None = None
) -> None:
    """Take a part of a payment out of its loan: for good, or `because` of another, which moves it elsewhere.

    Raises:
        BookDisagrees: the book of the loan is not what its history comes to.
    """
    loan = await Loan.filter(id=repayment.loan_id).select_for_update().get()
    again = await _without(unit, loan, repayment)
    repayment.undone_at = unit.now
    await repayment.save(update_fields=["undone_at"])
    payment_id = because.id if because is not None else repayment.payment_id
    correction = await note_correction(
        unit, loan, kind, actor, repayment.effective_on, again.played_again, payment_id
    )
    if again.replanned:
        await issue_corrected(unit, customer, loan, correction, because or repayment)
    await _tell_corrected(unit, customer, loan, SHARED_ANEW if because else kind, repayment, correction.id)


async def _without(unit: Unit, loan: Loan, repayment: Repayment) -> Replaced:
    if loan.status == "VOID":
        entry = entry_of(repayment, product_of(loan.product_version))
        await take_back(unit, loan, credited(entry, ()))
        return Replaced()
    before = await history_of(loan)
    return await replace_history(unit, loan, before, before.undo(str(repayment.id)))


async def undo_payout(unit: Unit, customer: Customer, loan: Loan, payout: Payout, actor: str) -> None:
    """A payout that had arrived came back: the loan is void, its limit free, and what was paid on it is a credit.

    Raises:
        BookDisagrees: the book of the loan is not what its history comes to.
    """
    await close_missed_days(unit, loan)
    played = (await history_of(loan)).replay()
    fix = payout_undone(played, await loan_balances(loan.id))
    await rewrite(unit, loan, fix, fresh_instalments(loan), cause=PAYOUT_RETURNED)
    loan.status, loan.closed_at = "VOID", unit.now
    loan.charged_off_on = loan.charged_off_at = None
    await loan.save(update_fields=["status", "closed_at", "charged_off_on", "charged_off_at"])
    payout.state, payout.failure_code, payout.closed_at = "FAILED", ACCOUNT_RETURNED, unit.now
    await payout.save(update_fields=["state", "failure_code", "closed_at"])
    await note_correction(unit, loan, PAYOUT_RETURNED, actor, loan.drawn_on, 0, None)
    message = Message(NoticeKind.PAYOUT_FAILED, "RETURNED", {"amount_minor": loan.principal_minor})
    await tell(unit, customer, message, loan.id)


async def charge_off(unit: Unit, customer: Customer, loan: Loan, actor: str) -> None:
    """Take the claim out of the book, which is no gift: it stands as it is today, earns nothing more, and is still owed.

    Raises:
        BookDisagrees: the book of the loan is not what its history comes to.
    """
    before = await history_of(loan)
    owed = position_of(loan, await instalments_of(loan.id), unit.today())
    loan.charged_off_on, loan.charged_off_at = unit.today(), unit.now
    await loan.save(update_fields=["charged_off_on", "charged_off_at"])
    await replace_history(unit, loan, before, with_newest(before, charge_off_of(loan)))
    correction = await note_correction(unit, loan, "CHARGED_OFF", actor, unit.today(), 0, None)
    facts = {"left_minor": owed.outstanding_minor + owed.interest_minor + owed.penalty_minor}
    message = Message(NoticeKind.PAYMENT_CORRECTED, "CHARGED_OFF", facts)
    await tell(unit, customer, message, loan.id, str(correction.id))


async def _tell_corrected(
    unit: Unit, customer: Customer, loan: Loan, variant: str, repayment: Repayment, correction_id: UUID
) -> None:
    left = sum(state_of(row).principal_open for row in await instalments_of(loan.id))
    facts = {
        "amount_minor": repayment.amount_minor,
        "paid_on": repayment.effective_on.isoformat(),
        "left_minor": 0 if loan.status == "VOID" else left,
    }
    await tell(unit, customer, Message(NoticeKind.PAYMENT_CORRECTED, variant, facts), loan.id, str(correction_id))
