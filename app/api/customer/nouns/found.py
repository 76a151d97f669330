"""What can be found again by its id alone: how each kind is read for its owner, and shown."""

from typing import Any
from uuid import UUID

from app.api.contract import Node
from app.api.customer.nouns.asking.application import Application, Offer
from app.api.customer.nouns.consent import Consent, Inquiry
from app.api.customer.nouns.days.debits import Debit, DebitMandate
from app.api.customer.nouns.decision import Decision, LimitChange, LimitIncrease
from app.api.customer.nouns.lending import CreditLine, Loan, Repayment
from app.api.customer.nouns.loan_parts import Contract
from app.api.customer.nouns.payments import CreditRefund, Payment
from app.api.reading import credit, loans, payments
from app.api.reading.lending import days

KINDS: dict[str, tuple[Any, Any]] = {
    "Application": (credit.application, Application),
    "Offer": (credit.offer, Offer),
    "Consent": (credit.consent, Consent),
    "Inquiry": (credit.inquiry, Inquiry),
    "Decision": (credit.decision, Decision),
    "CreditLine": (credit.line, CreditLine),
    "LimitIncrease": (credit.increase, LimitIncrease),
    "LimitChange": (credit.limit_change, LimitChange),
    "Loan": (loans.loan, Loan),
    "Repayment": (loans.repayment, Repayment),
    "Contract": (loans.contract, Contract),
    "Payment": (payments.payment, Payment),
    "CreditRefund": (payments.refund, CreditRefund),
    "Debit": (days.debit, Debit),
    "DebitMandate": (days.mandate, DebitMandate),
}


async def found(owner: UUID, kind: str, key: UUID) -> Node | None:
    """The owner's thing of this kind and key; None when there is none, or it is somebody else's."""
    if kind not in KINDS:
        return None
    find, noun = KINDS[kind]
    row = await find(owner, key)
    shown: Node | None = noun.of(row) if row is not None else None
    return shown
