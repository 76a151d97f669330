"""Jobs that have failed too often: shown to the operator, who makes them ready again once the cause is mended."""

from dataclasses import dataclass
from uuid import UUID

from app.clock import real_now_us
from app.flows.credit.cases import JOB_OF, load_case, open_inquiry
from app.flows.unit import JOB_WAKE_UP, Desk
from models.plumbing import Job

DEAD = "DEAD"
SHOWN_MAX = 200
REVIVED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that nobody works on any more: what it was to do, for what, how it failed last, and how often it was tried."""

    id: UUID
    kind: str
    subject_id: UUID
    trouble: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Dead:
    """How many jobs are dead, and the first of them."""

    many: int
    jobs: tuple[DeadJob, ...]


async def dead_jobs() -> Dead:
    """The dead jobs, oldest first. A trouble is the name of a fault and how often it came; it quotes nobody's data."""
    rows = await Job.filter(state=DEAD).order_by("id").limit(SHOWN_MAX)
    jobs = tuple(DeadJob(row.id, row.kind, row.subject_id, row.trouble, row.attempts) for row in rows)
    return Dead(await Job.filter(state=DEAD).count(), jobs)


async def revive(desk: Desk, job_id: UUID | None) -> int:
    """Make one dead job ready again, or all; how many. What it had done before stays done: each step checks first."""
    dead = Job.filter(state=DEAD) if job_id is None else Job.filter(state=DEAD, id=job_id)
    async with desk.unit() as unit:
        revived = await dead.update(state="READY", due_at_us=real_now_us(), lease_until_us=0, trouble="", attempts=0)
        unit.after_commit(lambda: unit.desk.cache.wake(JOB_WAKE_UP))
    return revived


async def revive_unsettled(desk: Desk) -> int:
    """Make ready again what died over a request that still waits for its answer, or whose inquiry is still open; how many.

    Done once a day, so that neither is left to itself until somebody looks at the list of the dead.
    """
    died = await Job.filter(state=DEAD, kind__in=list(JOB_OF.values())).order_by("id").limit(REVIVED_MAX)
    revived = 0
    for job in died:
        if await open_inquiry(job.subject_id) is not None or await _waits(job):
            revived += await revive(desk, job.id)
    return revived


async def _waits(job: Job) -> bool:
    purpose = next(purpose for purpose, kind in JOB_OF.items() if kind == job.kind)
    case = await load_case(purpose, job.subject_id)
    return case.row.is_open and await case.latest_decision() is None
