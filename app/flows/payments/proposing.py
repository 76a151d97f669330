"""What a person puts right on a loan, by two: one officer proposes, another confirms or rejects. The bureau is not asked."""

import json
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.money import Money
from app.domain.oversight.approval import ApprovalKind, ApprovalOutcome, noted
from app.domain.oversight.roles import Officer
from app.domain.refusals import InvalidInput, NotFound
from app.flows.book.position import CHARGED_OFF, OPEN_STATUSES, instalments_of, position_of, status_on
from app.flows.book.repaying import book_payment
from app.flows.oversight.approving import Check, Proposal, close, lock_to_check, proposal_of, put_forward
from app.flows.payments.correcting import BACK_DATED, charge_off, undo_payment
from app.flows.payments.histories import owed_on
from app.flows.payments.receiving import Received, most_of, order_of_ours, receive, taken_back_first
from app.flows.payments.sharing import share_in_order
from app.flows.unit import Desk, Unit
from models.lending.payments import Payment
from models.loans import Loan, Repayment
from models.oversight.staff import Approval
from models.people import Customer

REFERENCE = r"[A-Za-z0-9._:-]{1,64}"


class CorrectionWish(StrEnum):
    """What a person corrects: a payment that came back, one that was never meant for us, or one that was not booked."""

    RETURNED = "RETURNED"
    MISTAKEN = "MISTAKEN"
    BOOK_LATE = "BOOK_LATE"


@dataclass(frozen=True, slots=True)
class LatePayment:
    """A payment that came and was not booked: how much, for which day, and the bank's name for it."""

    amount: Money
    value_on: date
    reference: str


@dataclass(frozen=True, slots=True)
class ProposeCorrection:
    """A wish to take the payment of a repayment back, or (BOOK_LATE) to book one in the past of a loan."""

    wish: CorrectionWish
    note: str
    repayment_id: UUID | None = None
    loan_id: UUID | None = None
    late: LatePayment | None = None


@dataclass(frozen=True, slots=True)
class ProposeChargeOff:
    """A wish that a defaulted loan leave the book."""

    loan_id: UUID
    note: str


async def propose_correction(desk: Desk, officer: Officer, key: UUID, asked: ProposeCorrection) -> UUID:
    """Put a correction forward; the proposal's id. The book stays as it is.

    Raises:
        InvalidInput: the note, or what is asked does not fit together. NotFound: no such repayment or loan.
        OwnAccount: it is the officer's own. ApprovalPending: this correction waits already.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    owner, subject, payload = await _wished(asked)
    officer.keep_off_own(owner)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(owner)
        done = await unit.once(officer.id, "proposeCorrection", key, asked)
        if done:
            return UUID(done["approval"])
        await _must_fit(unit, payload)
        approval_id = await put_forward(
            unit, officer, Proposal(ApprovalKind.CORRECTION, subject, payload, note), customer
        )
        await unit.keep(approval=approval_id)
        return approval_id


async def check_correction(desk: Desk, officer: Officer, key: UUID, asked: Check, outcome: ApprovalOutcome) -> UUID:
    """Confirm a correction, which is booked in this commit, or reject it; the proposal's id.

    Raises:
        InvalidInput: the note, or confirming what no longer fits. NotFound: no such proposal.
        OwnAccount: it is about the officer's own account. SamePerson: the officer made it.
        ApprovalClosed: it was checked already. IdempotencyConflict, StillWorking: as everywhere.
    """
    verb = "confirmCorrection" if outcome is ApprovalOutcome.CONFIRMED else "rejectCorrection"
    return await _check(desk, officer, key, asked, outcome, ApprovalKind.CORRECTION, verb)


async def propose_charge_off(desk: Desk, officer: Officer, key: UUID, asked: ProposeChargeOff) -> UUID:
    """Put the charge-off of a defaulted loan forward; the proposal's id. The loan stays in the book.

    Raises:
        InvalidInput: the note, or the loan is not in default. NotFound: no such loan.
        OwnAccount: it is the officer's own. ApprovalPending: it waits already.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    found = await Loan.get_or_none(id=asked.loan_id)
    if found is None:
        raise NotFound
    officer.keep_off_own(found.customer_id)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(found.customer_id)
        done = await unit.once(officer.id, "proposeChargeOff", key, asked)
        if done:
            return UUID(done["approval"])
        await _must_be_defaulted(unit, found.id)
        proposal = Proposal(ApprovalKind.CHARGE_OFF, str(found.id), {"loan": str(found.id)}, note)
        approval_id = await put_forward(unit, officer, proposal, customer)
        await unit.keep(approval=approval_id)
        return approval_id


async def check_charge_off(desk: Desk, officer: Officer, key: UUID, asked: Check, outcome: ApprovalOutcome) -> UUID:
    """Confirm a charge-off, which takes the claim out of the book in this commit, or reject it; the proposal's id.

    Raises:
        InvalidInput: the note, or confirming a loan that is no longer in default. NotFound: no such proposal.
        OwnAccount: it is about the officer's own account. SamePerson: the officer made it.
        ApprovalClosed: it was checked already. IdempotencyConflict, StillWorking: as everywhere.
    """
    verb = "confirmChargeOff" if outcome is ApprovalOutcome.CONFIRMED else "rejectChargeOff"
    return await _check(desk, officer, key, asked, outcome, ApprovalKind.CHARGE_OFF, verb)


async def _check(
    desk: Desk, officer: Officer, key: UUID, asked: Check, outcome: ApprovalOutcome, kind: ApprovalKind, verb: str
) -> UUID:
    note = noted(asked.note)
    found = await proposal_of(asked.approval_id, kind)
    if found.customer_id is None:
        raise RuntimeError("a correction without a customer cannot be stored")
    officer.keep_off_own(found.customer_id)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(found.customer_id)
        done = await unit.once(officer.id, verb, key, asked)
        if done:
            return UUID(done["approval"])
        approval = await lock_to_check(officer, found.id)
        if outcome is ApprovalOutcome.CONFIRMED:
            await _carry_out(unit, customer, approval)
        await close(unit, officer, approval, outcome, note, customer)
        await unit.keep(approval=approval.id)
        return approval.id


async def _carry_out(unit: Unit, customer: Customer, approval: Approval) -> None:
    payload: dict[str, str] = json.loads(approval.payload)
    actor = f"approval:{approval.id}"
    if approval.kind == ApprovalKind.CHARGE_OFF:
        await charge_off(unit, customer, await _must_be_defaulted(unit, UUID(payload["loan"])), actor)
        return
    await _must_fit(unit, payload)
    if payload["wish"] != CorrectionWish.BOOK_LATE:
        payment = await Payment.filter(id=UUID(payload["payment"])).select_for_update().get()
        await undo_payment(unit, customer, payment, payload["wish"], actor)
        await share_in_order(unit, customer, payment, payload["wish"], actor)
        return
    loan = await Loan.filter(id=UUID(payload["loan"])).select_for_update().get()
    amount, day = Money(int(payload["amount"]), payload["currency"]), date.fromisoformat(payload["day"])
    payment = await receive(unit, customer.id, Received("OFFICER", amount, day, payload["reference"]))
    await book_payment(unit, customer, loan, amount.minor, day, payment=payment, actor=actor)
    await share_in_order(unit, customer, payment, BACK_DATED, actor)


async def _wished(asked: ProposeCorrection) -> tuple[UUID, str, dict[str, str]]:
    """Whose loan it is, what may wait only once, and what is to be carried out.

    Raises:
        InvalidInput: parts that do not fit together. NotFound: no such repayment or loan.
    """
    if asked.wish is not CorrectionWish.BOOK_LATE:
        if asked.repayment_id is None or asked.late is not None or asked.loan_id is not None:
            raise InvalidInput.at("repaymentId", problem="CORRECTION_PARTS")
        repayment = await Repayment.get_or_none(id=asked.repayment_id)
        if repayment is None:
            raise NotFound
        payment = str(repayment.payment_id)
        return repayment.customer_id, payment, {"wish": asked.wish.value, "payment": payment}
    late = asked.late
    if late is None or asked.loan_id is None or asked.repayment_id is not None:
        raise InvalidInput.at("late", problem="CORRECTION_PARTS")
    if not re.fullmatch(REFERENCE, late.reference):
        raise InvalidInput.at("late", "reference", problem="REFERENCE_FORM")
    loan = await Loan.get_or_none(id=asked.loan_id)
    if loan is None:
        raise NotFound
    payload = {"wish": asked.wish.value, "loan": str(loan.id), "reference": late.reference}
    payload |= {"amount": str(late.amount.minor), "currency": late.amount.currency, "day": late.value_on.isoformat()}
    return loan.customer_id, late.reference, payload


async def _must_fit(unit: Unit, payload: dict[str, str]) -> None:
    """Whether a correction can be carried out as the book stands.

    Raises:
        InvalidInput: the payment was taken back already; or a late one does not fit the loan, or is booked already.
    """
    if payload["wish"] != CorrectionWish.BOOK_LATE:
        payment = await Payment.get(id=UUID(payload["payment"]))
        if payment.undone_at is not None:
            raise InvalidInput.at("repaymentId", problem="PAYMENT_UNDONE")
        return
    loan, day = await Loan.get(id=UUID(payload["loan"])), date.fromisoformat(payload["day"])
    reference = payload["reference"]
    if await Payment.exists(reference=reference) or await order_of_ours(reference) is not None:
        raise InvalidInput.at("late", "reference", problem="PAYMENT_KNOWN")
    if await taken_back_first(reference):
        raise InvalidInput.at("late", "reference", problem="PAYMENT_UNDONE")
    if loan.status not in {*OPEN_STATUSES, "REPAID"}:
        raise InvalidInput.at("loanId", problem="LOAN_NOT_PAID_OUT")
    if not loan.drawn_on <= day <= unit.today():
        raise InvalidInput.at("late", "valueOn", problem="VALUE_DAY")
    if payload["currency"] != loan.currency:
        raise InvalidInput.at("late", "amount", "currency", problem="CURRENCY_NOT_OFFERED")
    if int(payload["amount"]) > most_of(loan, await owed_on(loan, day)):
        raise InvalidInput.at("late", "amount", "amount", problem="PAYMENT_FAR_TOO_LARGE")


async def _must_be_defaulted(unit: Unit, loan_id: UUID) -> Loan:
    """The loan, locked.

    Raises:
        InvalidInput: it is not in default, or left the book already.
    """
    loan = await Loan.filter(id=loan_id).select_for_update().get()
    status = status_on(loan, position_of(loan, await instalments_of(loan.id), unit.today()))
    if status != "DEFAULTED":
        problem = "LOAN_CHARGED_OFF" if status == CHARGED_OFF else "LOAN_NOT_DEFAULTED"
        raise InvalidInput.at("loanId", problem=problem)
    return loan
