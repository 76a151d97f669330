"""Going through the book, page by page. Each page and what it found is one commit, so a killed run goes on where it was."""

from datetime import timedelta
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.refusals import StillWorking
from app.flows.audit.looks import LOOKS
from app.flows.audit.looks.scan import FIRST, Look, Seen, Sight
from app.flows.audit.noting import note
from app.flows.audit.progress import Progress
from app.flows.unit import Desk
from models.oversight.audit import AuditRun

PAGES_A_TURN = 5  # a turn must end well within a job's lease
GO_ON = timedelta()


async def advance_audit(desk: Desk, run_id: UUID) -> timedelta | None:
    """The job AUDIT: look at the next pages; None when the run has ended. Two at once do each page once.

    Raises:
        StillWorking: another process was quicker with this page.
    """
    for _ in range(PAGES_A_TURN):
        run = await AuditRun.get(id=run_id)
        if run.state == "DONE":
            return None
        progress = Progress.of(run)
        look = _look(progress.look)
        now = await desk.refresh_clock()
        sight = Sight(desk, now, business_date(now), run.business_date)
        seen = await look.page(sight, progress.after or FIRST, progress.memo)
        await _keep(desk, run, progress, look, seen)
    return GO_ON


async def _keep(desk: Desk, run: AuditRun, progress: Progress, look: Look, seen: Seen) -> None:
    """Put a page on record, unless another process has done so: the version tells."""
    async with desk.unit() as unit:
        counted = AuditRun.filter(id=run.id, version=run.version, state="RUNNING")
        if not await counted.update(version=run.version + 1):
            raise StillWorking
        counts = progress.of_rule(look.rule)
        counts.looked_at += seen.rows
        counts.unchecked += seen.unchecked
        await note(unit, run, seen.faults, counts)
        following = look if seen.after is not None else _after(look)
        if seen.after is None:
            progress.memo = {}
        progress.look, progress.after = following.name if following else "", seen.after
        ended = {"state": "DONE", "ended_at": unit.now} if following is None else {}
        await AuditRun.filter(id=run.id).update(progress=progress.text(), **ended)


def _look(name: str) -> Look:
    """The look of a name; the first at the beginning, and for a name that this release does not know."""
    return next((look for look in LOOKS if look.name == name), LOOKS[0])


def _after(look: Look) -> Look | None:
    place = LOOKS.index(look) + 1
    return LOOKS[place] if place < len(LOOKS) else None
