"""The limit trial: what own data let expect. Nothing is written, nobody is asked."""

from uuid import UUID

from app.domain.deciding.estimate import Estimate, estimate
from app.domain.deciding.outcome import Occupation, Segment
from app.domain.deciding.policy import current_policy
from app.domain.refusals import LineNotActive, NotFound
from app.flows.credit.facts import Request, own_inputs
from app.flows.unit import Desk
from models.credit import CreditLine
from models.people import Customer

TRIAL_TERM_MONTHS = 12


async def estimate_limit(desk: Desk, customer_id: UUID, line_id: UUID | None) -> Estimate:
    """A range for a first limit, or for an increase of the line named.

    Raises:
        NotFound: not the customer's line. LineNotActive: it is frozen or closed.
    """
    now = await desk.refresh_clock()
    customer = await Customer.get(id=customer_id)
    present = None
    occupation = Occupation(customer.occupation) if customer.occupation else Occupation.SALARIED
    if line_id is not None:
        line = await CreditLine.get_or_none(id=line_id, customer_id=customer_id)
        if line is None:
            raise NotFound
        if line.status != "ACTIVE":
            raise LineNotActive(line.status)
        present = line.limit_minor
        occupation = Occupation(Segment(line.segment).value)
    limits = current_policy(Segment.SALARIED).limits
    request = Request(limits.min_minor, TRIAL_TERM_MONTHS, occupation)
    inputs = await own_inputs(desk, customer, request, now)
    return estimate(inputs.facts, inputs.policy, present)
