"""An officer as the law knows one: duty, own account, and the courses that still count."""

from app.domain.oversight.roles import Officer, Role
from app.flows.oversight.training import trained
from models.people import Staff


async def officer_of(staff: Staff) -> Officer:
    """The officer behind a row of the staff."""
    return Officer(staff.id, Role(staff.role), staff.customer_id, (await trained([staff.id]))[staff.id])
