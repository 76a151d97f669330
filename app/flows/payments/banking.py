"""What the bank tells of payments: each notice once, in any order, however late; what does not fit waits for a person.

The book after all notices is the same, whatever their order: a payment that was returned counts as never made, and what
comes after one that is told late or returned is shared anew (`sharing`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.product import product_of
from app.domain.money import Money
from app.domain.refusals import IdempotencyConflict, NotFound
from app.flows.days.debits import SENT, STOPPED, collected
from app.flows.payments.correcting import ACCOUNT_RETURNED, BACK_DATED, undo_payment, undo_payout
from app.flows.payments.paying import drawn_by
from app.flows.payments.receiving import BANK, Received, never_booked, order_of_ours, receive, taken_back_first
from app.flows.payments.refunding import restore_credit
from app.flows.payments.sharing import share_in_order
from app.flows.unit import Desk, Unit
from models.lending.payments import BankNotice, CreditRefund, Payment
from models.loans import Debit, Loan, Payout
from models.people import Customer

ACTOR = "bank"
LINES_MAX = 2
"""So many of the highest lines a machine books at once: what is owed is less. More is a slip of the bank's."""


class Told(StrEnum):
    """What a notice tells. MISTAKEN: the money was never meant for us."""

    PAID = "PAID"
    RETURNED = "RETURNED"
    MISTAKEN = "MISTAKEN"


class Outcome(StrEnum):
    """What came of a notice. WAITING: for the payment that it takes back, which then is NEVER_BOOKED."""

    BOOKED = "BOOKED"
    UNDONE = "UNDONE"
    KNOWN = "KNOWN"
    WAITING = "WAITING"
    NEVER_BOOKED = "NEVER_BOOKED"
    FOR_A_PERSON = "FOR_A_PERSON"


class Problem(StrEnum):
    """Why a person has to look."""

    NOTICES_DISAGREE = "NOTICES_DISAGREE"
    CUSTOMER_UNKNOWN = "CUSTOMER_UNKNOWN"
    LOAN_UNKNOWN = "LOAN_UNKNOWN"
    CURRENCY_OTHER = "CURRENCY_OTHER"
    DAY_AHEAD = "DAY_AHEAD"
    NO_LOAN_THEN = "NO_LOAN_THEN"
    NOT_PAID_OUT = "NOT_PAID_OUT"
    FAR_TOO_LARGE = "FAR_TOO_LARGE"


class ForAPerson(Exception):
    """The notice cannot be booked by a machine."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of the bank, as it was sent; `sha256` is of its very bytes."""

    notice_id: str
    told: Told
    reference: str
    amount: Money
    value_on: date
    sha256: bytes
    customer_id: UUID
    loan_id: UUID | None = None


async def take_notice(desk: Desk, notice: Notice) -> Outcome:
    """Take a notice, once: the same bytes again are answered as the first time, and nothing happens.

    Raises:
        IdempotencyConflict: the bank used this notice's id for other bytes. StillWorking: as everywhere.
    """
    owner = await _owner(notice)
    async with desk.unit() as unit:
        customer = await _locked(unit, owner)
        row = _row(unit, notice, customer)
        await BankNotice.bulk_create([row], ignore_conflicts=True)
        kept = await BankNotice.get(notice_id=notice.notice_id)
        if bytes(kept.body_sha256) != notice.sha256:
            raise IdempotencyConflict
        if kept.id != row.id:
            return Outcome(kept.outcome)
        try:
            outcome, problem = await _booked(unit, customer, notice), None
        except ForAPerson as refused:
            outcome, problem = Outcome.FOR_A_PERSON, refused.problem.value
        await BankNotice.filter(id=row.id).update(outcome=outcome.value, problem=problem)
        return outcome


async def _owner(notice: Notice) -> UUID | None:
    """Whose payment, payout or refund the notice speaks of, or else who it says it is."""
    payment = await Payment.get_or_none(reference=notice.reference)
    if payment is not None:
        return payment.customer_id
    ours = await order_of_ours(notice.reference)
    return ours.customer_id if ours is not None else notice.customer_id


async def _locked(unit: Unit, owner: UUID | None) -> Customer | None:
    """The customer, locked; None where there is nobody of that id, or nobody any more."""
    if owner is None:
        return None
    try:
        return await unit.lock_customer(owner)
    except NotFound:
        return None


def _row(unit: Unit, notice: Notice, customer: Customer | None) -> BankNotice:
    return BankNotice(
        id=uuid7(),
        notice_id=notice.notice_id,
        kind=notice.told.value,
        reference=notice.reference,
        amount_minor=notice.amount.minor,
        currency=notice.amount.currency,
        value_on=notice.value_on,
        customer_id=customer.id if customer is not None else None,
        loan_id=None,
        body_sha256=notice.sha256,
        outcome=Outcome.WAITING.value,
        received_at=unit.now,
    )


async def _booked(unit: Unit, customer: Customer | None, notice: Notice) -> Outcome:
    if customer is not None and customer.id != notice.customer_id:
        raise ForAPerson(Problem.NOTICES_DISAGREE)
    # Read again under the lock: a twin may have been booked since.
    payment = await Payment.filter(reference=notice.reference).select_for_update().get_or_none()
    if notice.told is Told.PAID:
        return await _paid(unit, customer, notice, payment)
    if payment is not None:
        return await _undone(unit, customer, notice, payment)
    ours = await order_of_ours(notice.reference)
    if ours is None:
        return Outcome.WAITING
    return await _came_back(unit, _known(customer), notice, ours)


def _known(customer: Customer | None) -> Customer:
    """The customer.

    Raises:
        ForAPerson: there is none.
    """
    if customer is None:
        raise ForAPerson(Problem.CUSTOMER_UNKNOWN)
    return customer


def _must_agree(notice: Notice, amount_minor: int, currency: str) -> None:
    if (notice.amount.minor, notice.amount.currency) != (amount_minor, currency):
        raise ForAPerson(Problem.NOTICES_DISAGREE)


async def _paid(unit: Unit, customer: Customer | None, notice: Notice, payment: Payment | None) -> Outcome:
    """Book a payment, unless it is booked already or its return came first."""
    if payment is not None:
        _must_agree(notice, payment.amount_minor, payment.currency)
        if payment.channel == BANK and payment.effective_on != notice.value_on:
            raise ForAPerson(Problem.NOTICES_DISAGREE)
        return Outcome.KNOWN
    owner = _known(customer)
    returned = await taken_back_first(notice.reference)
    for earlier in returned:
        _must_agree(notice, earlier.amount_minor, earlier.currency)
    if returned:
        await never_booked(returned, owner.id)
        return Outcome.NEVER_BOOKED
    if (ours := await order_of_ours(notice.reference)) is not None:
        return await _fetched(unit, owner, notice, ours)
    await _must_fit(unit, owner, notice)
    loans = await drawn_by(owner.id, notice.value_on)
    if not loans or (notice.loan_id is not None and notice.loan_id not in loans):
        raise ForAPerson(Problem.NO_LOAN_THEN)
    received = Received(BANK, notice.amount, notice.value_on, notice.reference)
    payment = await receive(unit, owner.id, received)
    await share_in_order(unit, owner, payment, BACK_DATED, ACTOR)
    return Outcome.BOOKED


async def _fetched(unit: Unit, owner: Customer, notice: Notice, ours: Payout | CreditRefund | Debit) -> Outcome:
    """A debit that the bank says was paid, before the payment service did: booked as a debit is. What went out is no payment.

    Raises:
        ForAPerson: it is not what we ordered, or not on its way.
    """
    if not isinstance(ours, Debit) or notice.loan_id not in {None, ours.loan_id}:
        raise ForAPerson(Problem.NOTICES_DISAGREE)
    _must_agree(notice, ours.amount_minor, ours.currency)
    debit = await Debit.filter(id=ours.id).select_for_update().get()
    if debit.state not in {SENT, STOPPED}:  # a stopped one may have left for all that: the money is the customer's
        raise ForAPerson(Problem.NOTICES_DISAGREE)
    await collected(unit, owner, debit)
    return Outcome.BOOKED


async def _must_fit(unit: Unit, owner: Customer, notice: Notice) -> None:
    """Whether a payment can be booked at all.

    Raises:
        ForAPerson: a day that has not come, a loan that is not the customer's, another currency, far more than can be owed.
    """
    if notice.value_on > unit.today():
        raise ForAPerson(Problem.DAY_AHEAD)
    loans = Loan.filter(customer_id=owner.id)
    loan = await (loans.filter(id=notice.loan_id) if notice.loan_id else loans).order_by("-id").first()
    if loan is None:
        raise ForAPerson(Problem.LOAN_UNKNOWN)
    if loan.currency != notice.amount.currency:
        raise ForAPerson(Problem.CURRENCY_OTHER)
    if notice.amount.minor > LINES_MAX * product_of(loan.product_version).line_most_minor:
        raise ForAPerson(Problem.FAR_TOO_LARGE)
    await BankNotice.filter(notice_id=notice.notice_id).update(loan_id=notice.loan_id)


async def _undone(unit: Unit, customer: Customer | None, notice: Notice, payment: Payment) -> Outcome:
    if payment.undone_at is not None:
        return Outcome.KNOWN
    _must_agree(notice, payment.amount_minor, payment.currency)
    owner = _known(customer)
    await undo_payment(unit, owner, payment, notice.told.value, ACTOR)
    await share_in_order(unit, owner, payment, notice.told.value, ACTOR)
    return Outcome.UNDONE


async def _came_back(unit: Unit, customer: Customer, notice: Notice, ours: Payout | CreditRefund | Debit) -> Outcome:
    """What we paid to the customer came back; a debit not booked yet never will be."""
    if isinstance(ours, Debit):
        _must_agree(notice, ours.amount_minor, ours.currency)
        return Outcome.WAITING
    if ours.state == "FAILED":
        return Outcome.KNOWN
    if ours.state != "PAID":
        raise ForAPerson(Problem.NOT_PAID_OUT)
    if isinstance(ours, CreditRefund):
        _must_agree(notice, ours.amount_minor, ours.currency)
        await restore_credit(unit, customer, ours, ACCOUNT_RETURNED)
        return Outcome.UNDONE
    loan = await Loan.filter(id=ours.loan_id).select_for_update().get()
    _must_agree(notice, ours.amount_minor, loan.currency)
    await undo_payout(unit, customer, loan, ours, ACTOR)
    return Outcome.UNDONE
