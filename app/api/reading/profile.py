"""The profile that own data make of a customer, read for its owner alone."""

from uuid import UUID

from app.flows.behaviour.profile import Profile, profile_of
from app.flows.unit import Desk


async def profile(desk: Desk, customer_id: UUID) -> Profile:
    """The customer's profile as of now; the bureau is not asked."""
    return await profile_of(desk, customer_id)
