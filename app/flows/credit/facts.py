"""What own data tell of a customer at a moment, for the gate, the score and the trial."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.deciding.behaviour import BehaviourEvent, DataSource, EventKind
from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.gate import OwnFacts
from app.domain.deciding.income import verified_income_minor
from app.domain.deciding.outcome import Occupation
from app.domain.deciding.policy import Policy
from app.domain.deciding.reasons import ReasonCode
from app.domain.person import IdNumber
from app.flows.cost.metering import counted
from app.flows.credit.cases import Request
from app.flows.credit.consents import live_source_consents
from app.flows.policy.judging import policy_for
from app.flows.unit import Desk
from ml.features import MAX_EVENTS, Applicant, known, vector
from ml.serving.reasons import reason_codes
from ml.serving.scorer import Scored
from models.people import BehaviourEventRow, Customer


@dataclass(frozen=True, slots=True)
class OwnInputs:
    """Everything of our own that a decision rests on, as of one business date, and the consents it rests on."""

    events: tuple[BehaviourEvent, ...]
    sources: frozenset[DataSource]
    applicant: Applicant
    as_of: date
    facts: OwnFacts
    policy: Policy
    consents: dict[DataSource, UUID]

    def known(self) -> dict[str, float | None]:
        """The own numbers of the vector by name; None where nothing is known."""
        return known(self.events, self.sources, None, self.applicant, self.as_of)

    def vector(self, file: BureauFile | None) -> tuple[float, ...]:
        """The feature vector, with the bureau's file or without."""
        return vector(self.events, self.sources, file, self.applicant, self.as_of)


async def own_inputs(desk: Desk, customer: Customer, request: Request, now: datetime) -> OwnInputs:
    """Own data of a customer at `now`, scored off the event loop where a source is connected.

    The policy is the one that was in force when the request was made.
    """
    live = await live_source_consents([customer.id], now)
    consents = {source: row.id for (_, source), row in live.items()}
    sources = frozenset(consents)
    as_of = business_date(now)
    rows = (
        await BehaviourEventRow.filter(customer_id=customer.id, occurred_on__lt=as_of)
        .order_by("-occurred_on", "-id")
        .limit(MAX_EVENTS)
    )
    events = tuple(BehaviourEvent(EventKind(row.kind), row.occurred_on, row.amount_minor) for row in rows)
    policy = await policy_for(request.occupation, request.asked_at)
    applicant = Applicant(
        age=_age(desk, customer, as_of, policy),
        segment="SMALL_BUSINESS" if request.occupation is Occupation.SMALL_BUSINESS else "SALARIED",
        requested_minor=request.requested_minor,
        term_months=request.term_months,
    )
    scored = None
    if sources:
        plain = vector(events, sources, None, applicant, as_of)
        scored = await asyncio.to_thread(counted(desk.scorer.score_own), plain)
    facts = OwnFacts(
        age=applicant.age,
        occupation=request.occupation,
        own_score=scored.score if scored else None,
        requested_minor=request.requested_minor,
        term_months=request.term_months,
        verified_income_minor=verified_income_minor(events, sources, as_of),
        adverse=adverse_reasons(scored) if scored else (),
    )
    return OwnInputs(events, sources, applicant, as_of, facts, policy, consents)


def adverse_reasons(scored: Scored) -> tuple[ReasonCode, ...]:
    """What in the data speaks against the customer, strongest first.

    That the score as a whole is low is for the policy to say, which knows the cut-off.
    """
    codes = (ReasonCode(code) for code in reason_codes(scored))
    return tuple(code for code in codes if code is not ReasonCode.SCORE_LOW)


def _age(desk: Desk, customer: Customer, as_of: date, policy: Policy) -> int:
    if customer.id_number_sealed is None:
        return policy.age_min  # a trial before anybody said who they are: nothing is ruled out by age
    sealed = desk.box(customer).open("customer", "id_number_sealed", customer.id, customer.id_number_sealed)
    return IdNumber(sealed.decode()).age_on(as_of)
