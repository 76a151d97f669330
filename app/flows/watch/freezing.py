"""Freezing and releasing a line. Repaying and records work all the while."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.calendar import start_of_business_day
from app.domain.proof.record import RecordClass
from app.domain.refusals import InvalidInput, NotFound
from app.domain.telling.notice import Message, NoticeKind
from app.flows.notices.telling import tell
from app.flows.unit import Desk, Unit
from models.credit import CreditLine, Freeze
from models.people import Customer

REASON_LENGTH_MIN = 3
REASON_LENGTH_MAX = 200
FREEZE_DAYS_MAX = 180


@dataclass(frozen=True, slots=True)
class FreezeLine:
    """A wish to freeze a line for a reason, for some days or until released."""

    line_id: UUID
    reason: str
    days: int | None


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A wish to release a frozen line."""

    line_id: UUID


async def freeze_line(desk: Desk, actor_id: UUID, actor: str, key: UUID, asked: FreezeLine) -> UUID:
    """Freeze from this commit on: no draw commits after it; a payout that has not left is stopped.

    Raises:
        NotFound: no such line. InvalidInput: the reason, the days, or the line is frozen or closed already.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    reason = asked.reason.strip()
    if not (REASON_LENGTH_MIN <= len(reason) <= REASON_LENGTH_MAX and reason.isprintable()):
        raise InvalidInput.at("reason", problem="REASON_LENGTH")
    if asked.days is not None and not 1 <= asked.days <= FREEZE_DAYS_MAX:
        raise InvalidInput.at("days", problem="FREEZE_DAYS_OUT_OF_RANGE")
    async with desk.unit() as unit:
        customer, line = await _lock(unit, asked.line_id)
        done = await unit.once(actor_id, "freezeLine", key, asked)
        if done:
            return UUID(done["line"])
        if line.status != "ACTIVE":
            raise InvalidInput.at("lineId", problem="ALREADY_FROZEN")
        await freeze(unit, customer, line, reason=reason, actor=actor, days=asked.days)
        await unit.keep(line=line.id)
        return line.id


async def freeze(
    unit: Unit, customer: Customer, line: CreditLine, *, reason: str, actor: str, days: int | None
) -> UUID:
    """Freeze a locked, active line; the freeze's id.

    It ends with the last of `days` business days: then the end of that day releases it, at the moment that was told.
    """
    freeze_id = uuid7()
    ends_on = unit.today() + timedelta(days=days) if days else None
    await Freeze.create(
        id=freeze_id,
        line_id=line.id,
        customer_id=customer.id,
        reason=reason,
        actor=actor,
        started_at=unit.now,
        ends_at=start_of_business_day(ends_on) if ends_on else None,
    )
    line.status = "FROZEN"
    line.version += 1
    await line.save(update_fields=["status", "version"])
    await unit.record(RecordClass.FREEZE, customer, freeze_id, {"line": str(line.id), "by": actor})
    told = {"reason": reason, "ends_on": ends_on.isoformat()} if ends_on else {"reason": reason}
    message = Message(NoticeKind.FREEZE, "UNTIL" if ends_on else "OPEN_END", told)
    await tell(unit, customer, message, line.id, str(freeze_id))
    return freeze_id


async def release_line(desk: Desk, actor_id: UUID, actor: str, key: UUID, asked: ReleaseLine) -> UUID:
    """Release a frozen line.

    Raises:
        NotFound: no such line. InvalidInput: it is not frozen.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer, line = await _lock(unit, asked.line_id)
        done = await unit.once(actor_id, "releaseLine", key, asked)
        if done:
            return UUID(done["line"])
        if line.status != "FROZEN":
            raise InvalidInput.at("lineId", problem="NOT_FROZEN")
        await release(unit, customer, line, actor)
        await unit.keep(line=line.id)
        return line.id


async def release(unit: Unit, customer: Customer, line: CreditLine, actor: str) -> None:
    """End the running freeze of a locked line."""
    freeze = await Freeze.get(line_id=line.id, released_at__isnull=True)
    freeze.released_at, freeze.released_by = unit.now, actor
    await freeze.save(update_fields=["released_at", "released_by"])
    line.status = "ACTIVE"
    line.version += 1
    await line.save(update_fields=["status", "version"])
    await unit.record(RecordClass.RELEASE, customer, freeze.id, {"line": str(line.id), "by": actor})
    message = Message(NoticeKind.RELEASE, facts={"limit_minor": line.limit_minor})
    await tell(unit, customer, message, line.id, str(freeze.id))


async def release_ended(desk: Desk, freeze: Freeze) -> None:
    """Release a line whose freeze has come to its end, unless somebody was quicker."""
    async with desk.unit() as unit:
        customer, line = await _lock(unit, freeze.line_id)
        if line.status == "FROZEN" and await Freeze.exists(id=freeze.id, released_at__isnull=True):
            await release(unit, customer, line, "calendar")


async def _lock(unit: Unit, line_id: UUID) -> tuple[Customer, CreditLine]:
    """The line and its customer, in the one lock order of the house: the person first."""
    line = await CreditLine.get_or_none(id=line_id)
    if line is None:
        raise NotFound
    customer = await unit.lock_customer(line.customer_id)
    return customer, await CreditLine.filter(id=line_id).select_for_update().get()
