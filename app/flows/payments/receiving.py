"""A payment as it comes in: once, by its reference, whatever loans take of it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.money import MAX_AMOUNT_MINOR, Money
from app.domain.refusals import InvalidInput
from app.flows.unit import Unit
from models.lending.payments import Payment


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
