"""Asking for a higher limit: its own consent, one inquiry, and the old limit serves on meanwhile."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.consent.purpose import ConsentPurpose
from app.domain.deciding.outcome import Occupation
from app.domain.money import Money
from app.domain.refusals import (
    ConsentRequired,
    InvalidInput,
    LineNotActive,
    NotFound,
    TooSoon,
)
from app.flows.credit.cases import ASSESS_INCREASE
from app.flows.credit.consents import live_bureau_consent
from app.flows.policy.judging import policy_for
from app.flows.unit import Desk, Unit
from models.credit import Application, CreditLine, LimitIncrease

COOL_OFF_AFTER_DECLINE = timedelta(days=90)
ONE_AT_A_TIME = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Increase:
    """A wish for a new limit; the amount is the whole limit, not the difference."""

    line_id: UUID
    limit: Money


async def request_limit_increase(desk: Desk, customer_id: UUID, key: UUID, asked: Increase) -> UUID:
    """Record the request and answer at once; a worker carries on.

    Raises:
        NotFound, LineNotActive, InvalidInput, TooSoon, ConsentRequired, WordingOutdated: nothing recorded.
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
        if line.status != "ACTIVE":
            raise LineNotActive(line.status)
        _check_amount(line, asked.limit, await _most(line, unit.now))
        await _not_too_soon(unit, line)
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


async def _most(line: CreditLine, now: datetime) -> int:
    """The highest limit, in fen, of the policy that would judge the request."""
    first = await Application.get(id=line.application_id)
    return (await policy_for(Occupation(first.occupation), now)).limits.max_minor


def _check_amount(line: CreditLine, limit: Money, most_minor: int) -> None:
    if limit.currency != line.currency:
        raise InvalidInput.at("limit", "currency", problem="CURRENCY_NOT_OFFERED")
    if limit.minor <= line.limit_minor:
        raise InvalidInput.at("limit", "amount", problem="LIMIT_NOT_ABOVE_PRESENT")
    if limit.minor > most_minor:
        raise InvalidInput.at("limit", "amount", problem="LIMIT_OUTSIDE_PRODUCT")


async def _not_too_soon(unit: Unit, line: CreditLine) -> None:
    """One request at a time, and a waiting time after a decline only."""
    last = await LimitIncrease.filter(line_id=line.id).order_by("-id").first()
    if last is None:
        return
    if last.is_open:
        raise TooSoon(unit.now + ONE_AT_A_TIME)
    if last.status == "DECLINED" and last.closed_at is not None:
        allowed_from = last.closed_at + COOL_OFF_AFTER_DECLINE
        if unit.now < allowed_from:
            raise TooSoon(allowed_from)
