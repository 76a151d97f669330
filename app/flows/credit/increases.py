"""Asking for a higher limit: its own consent, one inquiry, and the old limit serves on meanwhile."""

from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.consent.purpose import ConsentPurpose
from app.domain.money import Money
from app.domain.refusals import (
    ConsentRequired,
    InvalidInput,
    NotFound,
)
from app.flows.allowed.lines import check_active, check_increase
from app.flows.credit.cases import ASSESS_INCREASE
from app.flows.credit.consents import live_bureau_consent
from app.flows.unit import Desk
from models.credit import CreditLine, LimitIncrease


@dataclass(frozen=True, slots=True)
class Increase:
    """A wish for a new limit; the amount is the whole limit, not the difference."""

    line_id: UUID
    limit: Money


async def request_limit_increase(desk: Desk, customer_id: UUID, key: UUID, asked: Increase) -> UUID:
    """Record the request and answer at once; a worker carries on.

    Raises:
        NotFound, LineNotActive, LineInArrears, InvalidInput, TooSoon, ConsentRequired, WordingOutdated,
            StatementOutdated, InquiryUnsettled: nothing recorded.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "requestLimitIncrease", key, asked)
        if done:
            return UUID(done["increase"])
        line = await CreditLine.filter(id=asked.line_id, customer_id=customer_id).select_for_update().get_or_none()
        if line is None:
            raise NotFound
        check_active(line)
        if asked.limit.currency != line.currency:
            raise InvalidInput.at("limit", "currency", problem="CURRENCY_NOT_OFFERED")
        await check_increase(line, unit.now, asked.limit.minor)
        consent = await live_bureau_consent(unit, customer, ConsentPurpose.LIMIT_INCREASE)
        if consent is None:
            raise ConsentRequired(ConsentPurpose.LIMIT_INCREASE)
        consent.bound_at = unit.now
        await consent.save(update_fields=["bound_at"])
        increase_id = uuid7()
        await LimitIncrease.create(
            id=increase_id,
            customer_id=customer_id,
            line_id=line.id,
            consent_id=consent.id,
            status="RECEIVED",
            is_open=True,
            before_minor=line.limit_minor,
            requested_minor=asked.limit.minor,
            requested_at=unit.now,
        )
        await unit.enqueue(ASSESS_INCREASE, increase_id)
        await unit.keep(increase=increase_id)
        return increase_id
