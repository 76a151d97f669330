"""Lowering a limit by a person, even below what is used: nothing is called in, and nothing more can be drawn."""

from dataclasses import dataclass
from uuid import UUID

from app.domain.money import Money
from app.domain.oversight.roles import Officer
from app.domain.refusals import InvalidInput, LineNotActive, NotFound
from app.domain.watching.snapshot import CLOSED
from app.flows.credit.concluding import change_limit
from app.flows.unit import Desk
from app.flows.watch.freezing import REASON_LENGTH_MAX, REASON_LENGTH_MIN
from models.credit import CreditLine


@dataclass(frozen=True, slots=True)
class DecreaseLimit:
    """The whole new limit, below the present one, and why: the reason is shown to the customer."""

    line_id: UUID
    limit: Money
    reason: str


async def decrease_limit(desk: Desk, officer: Officer, key: UUID, asked: DecreaseLimit) -> UUID:
    """Lower a limit; the line's id. An increase still being decided on ends unraised.

    Raises:
        NotFound: no such line. LineNotActive: it is closed. OwnAccount: it is the officer's own.
        InvalidInput: the reason, or the limit is no decrease.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    reason = asked.reason.strip()
    if not (REASON_LENGTH_MIN <= len(reason) <= REASON_LENGTH_MAX and reason.isprintable()):
        raise InvalidInput.at("reason", problem="REASON_LENGTH")
    row = await CreditLine.get_or_none(id=asked.line_id)
    if row is None:
        raise NotFound
    officer.keep_off_own(row.customer_id)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(row.customer_id)
        done = await unit.once(officer.id, "decreaseLimit", key, asked)
        if done:
            return UUID(done["line"])
        line = await CreditLine.filter(id=row.id).select_for_update().get()
        if line.status == CLOSED:
            raise LineNotActive(line.status)
        if asked.limit.currency != line.currency or not 0 <= asked.limit.minor < line.limit_minor:
            raise InvalidInput.at("limit", problem="LIMIT_NOT_BELOW_PRESENT")
        await change_limit(unit, customer, line, asked.limit.minor, reason=reason, actor=f"officer:{officer.id}")
        await unit.keep(line=line.id)
        return line.id
