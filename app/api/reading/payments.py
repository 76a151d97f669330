"""Rows of payments, refunds, corrections and the bank's notices, each read scoped to its viewer."""

from typing import TypeAlias
from uuid import UUID

from tortoise.expressions import Subquery

from app.api.reading.pages import Page, page
from app.domain.lending.postings import Credit
from app.domain.oversight.roles import Officer
from app.doors.keys import Keys
from app.flows.payments.refunding import credit_of, paid_back_by
from models.lending.payments import BankNotice, ContractAnnex, CreditRefund, LoanCorrection, Payment
from models.loans import Repayment
from models.people import Customer

PaymentRow: TypeAlias = Payment
RefundRow: TypeAlias = CreditRefund
CorrectionRow: TypeAlias = LoanCorrection
AnnexRow: TypeAlias = ContractAnnex
NoticeRow: TypeAlias = BankNotice

PARTS_MAX = 500
TAKEN_BACK_MAX = 20


async def payments(customer_id: UUID, first: int, after: str | None) -> Page[PaymentRow]:
    """The customer's payments, newest first."""
    return await page(Payment.filter(customer_id=customer_id), first, after)


async def payment(customer_id: UUID, payment_id: UUID) -> PaymentRow | None:
    """One payment of the customer."""
    return await Payment.get_or_none(id=payment_id, customer_id=customer_id)


async def parts(row: PaymentRow) -> list[Repayment]:
    """What each loan took of a payment until it came back, if it did; what was moved to another before is none of it."""
    took = Repayment.filter(payment_id=row.id)
    counted = took.filter(undone_at__isnull=True) if row.undone_at is None else took.filter(undone_at=row.undone_at)
    return await counted.order_by("id").limit(PARTS_MAX)


async def refunds(customer_id: UUID, first: int, after: str | None) -> Page[RefundRow]:
    """Credit that was paid back, newest first."""
    return await page(CreditRefund.filter(customer_id=customer_id), first, after)


async def refund(customer_id: UUID, refund_id: UUID) -> RefundRow | None:
    """One refund of the customer."""
    return await CreditRefund.get_or_none(id=refund_id, customer_id=customer_id)


async def credit(customer_id: UUID) -> Credit[UUID]:
    """What the customer has to the good, or owes back, by the loan that it came of."""
    return await credit_of(customer_id)


async def paid_back(payment_id: UUID) -> int:
    """What a payment paid back of refunded credit, in fen."""
    return sum(row.amount_minor for row in await paid_back_by(payment_id))


async def taken_back(customer_id: UUID, loan_ids: list[UUID]) -> list[PaymentRow]:
    """The newest payments for some loans that came back or were never meant for us."""
    parts = Repayment.filter(loan_id__in=loan_ids, undone_at__isnull=False).values("payment_id")
    undone = Payment.filter(customer_id=customer_id, id__in=Subquery(parts), undone_at__isnull=False)
    return await undone.order_by("-id").limit(TAKEN_BACK_MAX)


async def corrections(loan_id: UUID, first: int, after: str | None) -> Page[CorrectionRow]:
    """What was put right on a loan, newest first."""
    return await page(LoanCorrection.filter(loan_id=loan_id), first, after)


async def annex_of(repayment_id: UUID) -> AnnexRow | None:
    """The annex that a prepayment was issued with."""
    return await ContractAnnex.get_or_none(repayment_id=repayment_id)


async def annex_of_correction(correction_id: UUID) -> AnnexRow | None:
    """The annex that a correction was issued with."""
    return await ContractAnnex.get_or_none(correction_id=correction_id)


async def annex_text(keys: Keys, row: AnnexRow) -> str:
    """The text of an annex, opened for its own borrower."""
    customer = await Customer.get(id=row.customer_id)
    box = keys.subject(customer.id, customer.key_wrapped)
    return box.open("contract_annex", "text_sealed", row.id, row.text_sealed).decode()


async def bank_notices(officer: Officer, first: int, after: str | None) -> Page[NoticeRow]:
    """Notices of the bank that wait for a person, newest first; none about the officer's own account."""
    waiting = BankNotice.filter(outcome="FOR_A_PERSON")
    if officer.customer_id is not None:  # a row of nobody is equal to none, and must stay
        own = await waiting.filter(customer_id=officer.customer_id).values_list("id", flat=True)
        waiting = waiting.exclude(id__in=own) if own else waiting
    return await page(waiting, first, after)
