"""The worker: claims jobs that are due and calls the flow of each. Several may run; a lease keeps them apart."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog

from app.clock import real_now_us
from app.domain.consent.purpose import InquiryPurpose
from app.domain.refusals import StillWorking
from app.doors.bureau.follow_up import BureauAway
from app.flows.audit.running import advance_audit
from app.flows.audit.starting import AUDIT
from app.flows.behaviour.jobs import HAND_OVER
from app.flows.behaviour.simulated import hand_over
from app.flows.book.end_of_day import run_due_days
from app.flows.book.payouts import PAY_OUT, advance_payout
from app.flows.cost.metering import metered
from app.flows.cost.reporting import keep_cpu
from app.flows.credit.answering import end_overdue
from app.flows.credit.assessing import advance
from app.flows.credit.cases import ASSESS_APPLICATION, ASSESS_INCREASE, JOB_OF
from app.flows.credit.waiting import tell_wait
from app.flows.days.closing import help_with_days
from app.flows.days.debits import DEBIT, advance_debit
from app.flows.notices.delivering import deliver_notice
from app.flows.notices.reopening import TELL_REOPENED, tell_reopened
from app.flows.notices.telling import TELL
from app.flows.payments.refunding import REFUND_CREDIT, advance_refund
from app.flows.reconciling.daily import reconcile_of_the_day
from app.flows.unit import JOB_WAKE_UP, Desk
from app.flows.watch.agreeing import APPLY_AGREED, apply_agreed
from app.flows.watch.jobs import WATCH
from app.flows.watch.sweeping import sweep_of_the_day
from app.flows.watch.watching import watch_customer
from models.connection import fetch, is_sqlite
from models.credit import Application, LimitIncrease
from models.plumbing import Job

CLAIM_MAX = 8
TROUBLE_MAX = 20
IDLE_SECONDS = 2.0
DAYS_LOOK_SECONDS = 30
HELP_LOOK_SECONDS = 1
CALENDAR_STOP_SECONDS = 5
BACK_OFF_SECONDS_MAX = 60
WAIT_MAX = timedelta(minutes=15)
"""No job waits longer from now, but for those below: one that wants to is looked at then, and says so again."""
LONGER_WAITS = {TELL: timedelta(hours=12)}  # a reminder waits for the end of the quiet hours

_log = structlog.get_logger("worker")

Result = TypeVar("Result")


async def _application(desk: Desk, subject_id: UUID) -> timedelta | None:
    return await _assess(desk, InquiryPurpose.FIRST_APPLICATION, await Application.get(id=subject_id))


async def _increase(desk: Desk, subject_id: UUID) -> timedelta | None:
    return await _assess(desk, InquiryPurpose.LIMIT_INCREASE, await LimitIncrease.get(id=subject_id))


async def _assess(desk: Desk, purpose: InquiryPurpose, row: Application | LimitIncrease) -> timedelta | None:
    """Walk a case on; what that cost us is kept when the walk has come to its end, and a long wait is told."""
    wait, cpu_us = await metered(advance(desk, purpose, row.id, row.customer_id))
    await keep_cpu(row.id, cpu_us)
    if wait is not None:
        await tell_wait(desk, purpose, row)
    return wait


FLOW_OF: dict[str, Callable[[Desk, UUID], Awaitable[timedelta | None]]] = {
    ASSESS_APPLICATION: _application,
    ASSESS_INCREASE: _increase,
    PAY_OUT: advance_payout,
    DEBIT: advance_debit,
    REFUND_CREDIT: advance_refund,
    HAND_OVER: hand_over,
    WATCH: watch_customer,
    APPLY_AGREED: apply_agreed,
    AUDIT: advance_audit,
    TELL: deliver_notice,
    TELL_REOPENED: tell_reopened,
}


class Worker:
    """One worker of one process. `lease_seconds` is longer than any single job may take."""

    def __init__(self, desk: Desk, lease_seconds: int) -> None:
        self._desk = desk
        self._lease_us = lease_seconds * 1_000_000
        self._stopping = asyncio.Event()
        self._name = secrets.token_hex(8)

    def stop(self) -> None:
        """Finish what is claimed and claim no more."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped; wake-ups only make it quicker. The calendar runs beside the jobs and holds none up."""
        calendar = asyncio.create_task(self._calendar())
        try:
            async with self._desk.cache.waiting(JOB_WAKE_UP) as waiter:
                while not self._stopping.is_set():
                    if await self._without_ending(self.run_due) in {None, 0}:
                        await self._rest(waiter.wait(IDLE_SECONDS))
        finally:
            self._stopping.set()
            await asyncio.wait({calendar}, timeout=CALENDAR_STOP_SECONDS)
            calendar.cancel()

    async def _calendar(self) -> None:
        while not self._stopping.is_set():
            pause = await self._without_ending(self.run_calendar)
            await self._rest(asyncio.sleep(IDLE_SECONDS if pause is None else pause, result=True))

    async def _without_ending(self, work: Callable[[], Awaitable[Result]]) -> Result | None:
        """What the work returns; None when it could not be done now."""
        try:
            return await work()
        except Exception as error:  # noqa: BLE001 - the edge: a database away must not end the worker
            _log.error("worker waits", fault=type(error).__name__, exc_info=error)
            return None

    async def run_calendar(self) -> float:
        """Run the end of every day that has passed, the sweep of the day, and the comparison with the bureau's records.

        Gives after how many seconds to look again.

        One worker leads: the lease saves double work, and both would do no harm twice. The others share its pages.
        """
        if not await self._desk.cache.lease("end-of-day", self._name, DAYS_LOOK_SECONDS):
            return HELP_LOOK_SECONDS if await help_with_days(self._desk) else DAYS_LOOK_SECONDS
        try:
            await wake_sleepers()
            await run_due_days(self._desk)
            await sweep_of_the_day(self._desk)
            await reconcile_of_the_day(self._desk)
        except StillWorking:
            return IDLE_SECONDS
        except BureauAway as away:
            _log.warning("not reconciled", fault=str(away))
        return DAYS_LOOK_SECONDS

    async def _rest(self, waiting: Awaitable[bool]) -> None:
        rest = asyncio.ensure_future(waiting)
        stop = asyncio.ensure_future(self._stopping.wait())
        _, left = await asyncio.wait({rest, stop}, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def run_due(self) -> int:
        """Claim and do what is due now; how many jobs were done."""
        claimed = await claim_due(self._lease_us)
        await asyncio.gather(*(self._do(job) for job in claimed))
        return len(claimed)

    async def _do(self, job: dict[str, object]) -> None:
        job_id, kind = UUID(str(job["id"])), str(job["kind"])
        try:
            wait = await FLOW_OF[kind](self._desk, UUID(str(job["subject_id"])))
        except StillWorking:
            wait = timedelta(seconds=1)
        except Exception as error:  # noqa: BLE001 - the edge: a fault of one job must not end the worker
            await self._trouble(job_id, kind, job, error)
            return
        # Only the claim that did it ends it: a job made ready again meanwhile has news to be looked at.
        mine = Job.filter(id=job_id, lease_until_us=int(str(job["lease_until_us"])))
        if wait is None:
            await mine.update(state="DONE", lease_until_us=0, trouble="")
        else:
            due = real_now_us() + _us(min(wait, LONGER_WAITS.get(kind, WAIT_MAX)))
            await mine.filter(state="READY").update(due_at_us=due, lease_until_us=0, trouble="")

    async def _trouble(self, job_id: UUID, kind: str, job: dict[str, object], error: Exception) -> None:
        """Wait longer after each fault; past the maximum the job is dead and shown to the operator.

        An inquiry that it could not settle by its deadline goes to a person then.
        """
        name = type(error).__name__
        times = int(str(job["trouble"]).rpartition("#")[2] or 0) + 1
        _log.error("job failed", kind=kind, job=str(job_id), fault=name, times=times, exc_info=error)
        delay = min(2**times, BACK_OFF_SECONDS_MAX) * 1_000_000
        mine = Job.filter(id=job_id, lease_until_us=int(str(job["lease_until_us"])))
        ended = await mine.update(
            state="DEAD" if times >= TROUBLE_MAX else "READY",
            due_at_us=real_now_us() + delay,
            lease_until_us=0,
            trouble=f"{name}#{times}",
        )
        if ended and times >= TROUBLE_MAX and kind in JOB_OF.values():
            await self._without_ending(partial(end_overdue, self._desk, UUID(str(job["subject_id"]))))


def _us(wait: timedelta) -> int:
    return int(wait.total_seconds() * 1_000_000)


async def wake_sleepers() -> int:
    """Make what waits longer than any flow asks for due now; how many.

    Only a clock that has stepped back leaves a job so far ahead. Looked at too early, a flow says how long to wait.
    """
    now = real_now_us()
    sleeping = [Job.filter(due_at_us__gt=now + _us(WAIT_MAX)).exclude(kind__in=list(LONGER_WAITS))]
    sleeping += [Job.filter(due_at_us__gt=now + _us(most), kind=kind) for kind, most in LONGER_WAITS.items()]
    return sum([await jobs.filter(state="READY").update(due_at_us=now) for jobs in sleeping])


async def claim_due(lease_us: int) -> list[dict[str, object]]:
    """Claim due jobs in one statement; a claim whose lease ran out is claimed again.

    So is one whose lease ends later than two of them from now: no clock but one that has stepped back since gave it.
    """
    now = real_now_us()
    skip = "" if is_sqlite() else " FOR UPDATE SKIP LOCKED"
    return await fetch(
        "UPDATE job SET lease_until_us = $1, attempts = attempts + 1 WHERE id IN ("  # noqa: S608 - no value in it
        "SELECT id FROM job WHERE state = 'READY' AND due_at_us <= $2 AND (lease_until_us <= $3 OR lease_until_us > $4)"
        f" ORDER BY due_at_us, id LIMIT {CLAIM_MAX}{skip}) RETURNING id, kind, subject_id, attempts, trouble,"
        " lease_until_us",
        *(now + lease_us, now, now, now + 2 * lease_us),
    )
