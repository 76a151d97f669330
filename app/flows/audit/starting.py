"""Beginning an audit: on an officer's word, and by the calendar every seven business days."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from uuid_utils.compat import uuid7

from app.domain.calendar import business_date
from app.domain.oversight.roles import Officer
from app.domain.refusals import StillWorking
from app.flows.audit.progress import Progress
from app.flows.unit import Desk, Unit
from models.oversight.audit import AuditRun
from models.people import Customer

AUDIT = "AUDIT"
AUDIT_EVERY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RunAudit:
    """A wish to have the book audited."""


async def run_audit(desk: Desk, officer: Officer, key: UUID, asked: RunAudit) -> UUID:
    """Begin a run and answer at once; a worker goes through the book. One runs at a time, and is the answer meanwhile.

    Raises:
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "runAudit", key, asked)
        if done:
            return UUID(done["run"])
        run_id = await _begin(unit, unit.today(), officer.id)
        await unit.keep(run=run_id)
        return run_id


async def start_due_audit(desk: Desk, day: date) -> None:
    """Begin the run of a business day, when the last began seven days ago or the book is seven days old."""
    last = await AuditRun.all().order_by("-business_date").first()
    if last is None:
        first = await Customer.all().order_by("id").first()
        since = business_date(first.created_at) if first else day
    else:
        since = last.business_date
    if day - since >= AUDIT_EVERY:
        async with desk.unit() as unit:
            await _begin(unit, day, None)


async def _begin(unit: Unit, day: date, officer_id: UUID | None) -> UUID:
    """A fresh run, or the one that is under way; either way its job is ready, also after it was given up.

    Raises:
        StillWorking: another process begins one at this moment.
    """
    running = await AuditRun.filter(state="RUNNING").select_for_update().get_or_none()
    if running is None:
        try:
            running = await AuditRun.create(
                id=uuid7(),
                cause="OFFICER" if officer_id else "CALENDAR",
                business_date=day,
                started_at=unit.now,
                started_by=officer_id,
                state="RUNNING",
                progress=Progress().text(),
            )
        except IntegrityError as double:
            raise StillWorking from double
    await unit.enqueue(AUDIT, running.id)
    return running.id
