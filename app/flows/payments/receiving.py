"""A payment as it comes in: once, by its reference, whatever loans take of it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.money import Money
from app.flows.unit import Unit
from models.payments import Payment


@dataclass(frozen=True, slots=True)
class Received:
    """Money that came in by a channel and counts for a day. Without a reference its own id is the reference."""

    channel: str
    amount: Money
    value_on: date
    reference: str | None = None


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
