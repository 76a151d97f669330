"""Reads that the sandbox's own fields need."""

from datetime import date
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.refusals import NotFound
from app.flows.unit import Desk
from models.credit import CreditLine


async def clock(desk: Desk) -> tuple[date, int]:
    """The business date, and how many days it is ahead."""
    now = await desk.refresh_clock()
    return business_date(now), desk.clock.offset.days


async def own_line(customer_id: UUID, line_id: UUID) -> UUID:
    """The line's id, if it is the customer's.

    Raises:
        NotFound: it is not.
    """
    if not await CreditLine.exists(id=line_id, customer_id=customer_id):
        raise NotFound
    return line_id


async def line(line_id: UUID) -> CreditLine:
    """A line just acted on."""
    return await CreditLine.get(id=line_id)
