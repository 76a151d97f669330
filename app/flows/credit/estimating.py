"""The limit trial: what own data let expect. Nothing is written, nobody is asked."""

from datetime import datetime
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.deciding.estimate import Estimate, estimate
from app.domain.deciding.outcome import Occupation
from app.domain.refusals import LineNotActive, NotFound
from app.flows.allowed.lines import in_arrears
from app.flows.credit.cases import Request
from app.flows.credit.facts import own_inputs
from app.flows.policy.judging import policy_for
from app.flows.unit import Desk
from models.credit import Application, CreditLine
from models.people import Customer

TRIAL_TERM_MONTHS = 12


async def trial_of(occupation: Occupation, now: datetime) -> Request:
    """The request that a trial makes for somebody who asks for nothing yet: the least limit there is."""
    policy = await policy_for(occupation, now)
    return Request(policy.limits.min_minor, TRIAL_TERM_MONTHS, occupation, now)


async def estimate_limit(desk: Desk, customer_id: UUID, line_id: UUID | None) -> Estimate:
    """A range for a first limit, or for an increase of the line named.

    Raises:
        NotFound: not the customer's line. LineNotActive: it is frozen or closed.
    """
    now = await desk.refresh_clock()
    customer = await Customer.get(id=customer_id)
    present, late = None, False
    occupation = Occupation(customer.occupation) if customer.occupation else Occupation.SALARIED
    if line_id is not None:
        line = await CreditLine.get_or_none(id=line_id, customer_id=customer_id)
        if line is None:
            raise NotFound
        if line.status != "ACTIVE":
            raise LineNotActive(line.status)
        present, late = line.limit_minor, await in_arrears(line, business_date(now))
        occupation = Occupation((await Application.get(id=line.application_id)).occupation)
    inputs = await own_inputs(desk, customer, await trial_of(occupation, now), now)
    return estimate(inputs.facts, inputs.policy, present, in_arrears=late)
