"""Who a token belongs to, and the customer's own name for a screen."""

import hashlib
from uuid import UUID

from app.api.caller import Customer
from app.domain.oversight.roles import Officer
from app.flows.oversight.officers import officer_of
from models.people import AccessToken, Staff
from models.people import Customer as CustomerRow

TOKEN_LENGTH_MAX = 200


async def caller_of(token: str) -> Customer | Officer | None:
    """The caller behind a bearer token; None when nobody has it."""
    if not 0 < len(token) <= TOKEN_LENGTH_MAX:
        return None
    row = await AccessToken.get_or_none(sha256=hashlib.sha256(token.encode()).digest())
    if row is None:
        return None
    if row.customer_id is not None:
        return Customer(row.customer_id)
    return await officer_of(await Staff.get(id=row.staff_id))


async def customer(customer_id: UUID) -> CustomerRow:
    """The customer's own row."""
    return await CustomerRow.get(id=customer_id)


async def personas() -> list[CustomerRow]:
    """The seeded customers of the sandbox."""
    return await CustomerRow.filter(persona__not_isnull=True).order_by("id").limit(50)
