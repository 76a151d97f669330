"""A payment as it comes in: once, by its reference, whatever loans take of it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.accrual import Position, payoff
from app.domain.lending.product import product_of
from app.domain.money import MAX_AMOUNT_MINOR, Money
from app.domain.refusals import InvalidInput
from app.flows.unit import Unit
from models.lending.payments import BankNotice, CreditRefund, Payment
from models.loans import Debit, Loan, Payout

BANK = "BANK"
TAKES_BACK = ("RETURNED", "MISTAKEN")
NEVER_BOOKED = "NEVER_BOOKED"
_BEFORE = ("WAITING", NEVER_BOOKED)


@dataclass(frozen=True, slots=True)
class Received:
    """Money that came in by a channel and counts for a day. Without a reference its own id is the reference."""

    channel: str
    amount: Money
    value_on: date
    reference: str | None = None


def must_fit(amount: Money, currency: str, most_minor: int = MAX_AMOUNT_MINOR) -> None:
    """Whether an amount can be paid on debts of a currency of which `most_minor` fen are taken.

    Raises:
        InvalidInput: another currency, or far more than is owed.
    """
    if amount.currency != currency:
        raise InvalidInput.at("amount", "currency", problem="CURRENCY_NOT_OFFERED")
    if amount.minor > most_minor:
        raise InvalidInput.at("amount", "amount", problem="PAYMENT_FAR_TOO_LARGE")


def most_of(loan: Loan, owed: Position) -> int:
    """What may be paid on a loan at most, in fen: what ends it, and one highest line beyond it."""
    return payoff(owed).total_minor + product_of(loan.product_version).line_most_minor


async def receive(unit: Unit, customer_id: UUID, received: Received) -> Payment:
    """The row of a payment."""
    payment_id = uuid7()
    return await Payment.create(
        id=payment_id,
        customer_id=customer_id,
        amount_minor=received.amount.minor,
        currency=received.amount.currency,
        channel=received.channel,
        reference=received.reference or str(payment_id),
        effective_on=received.value_on,
        received_at=unit.now,
    )


async def order_of_ours(reference: str) -> Payout | CreditRefund | Debit | None:
    """What we ordered of the bank under a reference: money that goes to a customer, or a debit that fetches it."""
    try:
        key = UUID(reference)
    except ValueError:
        return None
    return (
        await Payout.get_or_none(id=key) or await CreditRefund.get_or_none(id=key) or await Debit.get_or_none(id=key)
    )


async def loan_named_for(reference: str) -> UUID | None:
    """The loan that the payer of a transfer named, as the notice has it by which it is booked."""
    told = BankNotice.filter(reference=reference, kind="PAID", outcome__in=("WAITING", "BOOKED"))
    notice = await told.filter(loan_id__isnull=False).order_by("id").first()
    return notice.loan_id if notice is not None else None


async def taken_back_first(reference: str) -> list[BankNotice]:
    """The notices that took a payment back before it was booked: whoever tells of it later, it counts as never made."""
    return await BankNotice.filter(reference=reference, kind__in=TAKES_BACK, outcome__in=_BEFORE)


async def never_booked(notices: list[BankNotice], customer_id: UUID) -> None:
    """The payment that these took back has been told of, and stays out of the book."""
    rows = BankNotice.filter(id__in=[row.id for row in notices])
    await rows.update(outcome=NEVER_BOOKED, customer_id=customer_id)
