"""The business date of the book, and what falls due when it moves: one day after the other, never backwards."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid5

from tortoise.models import Model
from tortoise.queryset import QuerySet

from app.domain.calendar import ADVANCE_DAYS_MAX, business_date, start_of_business_day
from app.domain.consent.inquiry import APPLICATION_EXPIRES_AFTER
from app.domain.consent.purpose import InquiryPurpose
from app.domain.refusals import InvalidInput
from app.flows.audit.starting import start_due_audit
from app.flows.behaviour.simulated import is_month_start, tell_last_month
from app.flows.credit.cases import expire, load_case
from app.flows.credit.intents import end_if_unsent
from app.flows.credit.reports import destroy_report
from app.flows.days.closing import close_day
from app.flows.days.debits import present_debits
from app.flows.dead import revive_unsettled
from app.flows.notices.delivering import make_postponed_due
from app.flows.notices.reminders import remind
from app.flows.oversight.retention import sweep_retention
from app.flows.rights.erasing import erase_due, erase_source_events, withdrawn_sources
from app.flows.unit import ANYBODY, Desk
from app.flows.watch.freezing import release_ended
from models.connection import fetch, plain
from models.consent import Inquiry
from models.credit import Application, Freeze, LimitIncrease, Offer
from models.people import Customer
from models.plumbing import BusinessClockRow
from models.rights import ErasureStep

ADVANCE = "sandboxAdvanceClock"
DAYS_AT_ONCE_MAX = 4000
PAGE = 200
PAGES_MAX = 100_000

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Advance:
    """A wish that the sandbox's business clock move forwards by whole days."""

    days: int


async def advance_clock(desk: Desk, key: UUID, asked: Advance) -> date:
    """Move the sandbox's business clock forwards, running every end of day in between; the new business date.

    Each day of a key is moved once: a wish that was cut short goes on where it stopped, one that was done does nothing.

    Raises:
        InvalidInput: not 1 to 400 days. IdempotencyConflict, StillWorking: as everywhere.
    """
    if not 1 <= asked.days <= ADVANCE_DAYS_MAX:
        raise InvalidInput.at("days", problem="DAYS_OUT_OF_RANGE")
    for number in range(asked.days):
        async with desk.unit() as unit:
            if await unit.once(ANYBODY, ADVANCE, uuid5(key, str(number)), asked) is None:
                clock = await _locked_clock(desk)
                clock.offset_seconds += int(timedelta(days=1).total_seconds())
                await clock.save(update_fields=["offset_seconds"])
                await unit.keep()
        await _run_days(desk)
    await _after_the_last(desk)
    await make_postponed_due(desk)
    return business_date(await desk.refresh_clock())


async def moved_within(now: datetime, most: timedelta) -> bool:
    """Whether the sandbox's clock was moved less than `most` ago, in real time.

    Each day of a wish is claimed at the moment before it is moved: a day later in business time it was done.
    """
    rows = await fetch(
        "SELECT created_at FROM idempotent_request WHERE actor_id = $1 AND operation = $2"
        " ORDER BY created_at DESC LIMIT 1",
        *(plain(ANYBODY), ADVANCE),
    )
    return bool(rows) and now - (datetime.fromisoformat(str(rows[0]["created_at"])) + timedelta(days=1)) < most


async def run_due_days(desk: Desk) -> int:
    """Run the end of every day that has passed and was not run; how many. Twice the same day changes nothing.

    What is past its time is taken away after the last of them, and every seventh day an audit begins then.
    """
    run = await _run_days(desk)
    if run:
        await _after_the_last(desk)
    return run


async def _after_the_last(desk: Desk) -> None:
    """What is done once, however many days have passed."""
    await revive_unsettled(desk)
    await sweep_retention(desk)
    await start_due_audit(desk, business_date(await desk.refresh_clock()))


async def _run_days(desk: Desk) -> int:
    run = 0
    for _ in range(DAYS_AT_ONCE_MAX):
        now = await desk.refresh_clock()
        clock = await BusinessClockRow.get_or_none(id=1)
        if clock is not None and clock.book_date >= business_date(now):
            break
        following = clock.book_date + timedelta(days=1) if clock else business_date(now)
        if clock is not None:
            await close_day(desk, clock.book_date)
        await end_of_day(desk, start_of_business_day(following).astimezone(UTC))  # SQLite compares moments as text
        async with desk.unit():
            locked = await _locked_clock(desk)
            if locked.book_date < following:
                locked.book_date = following
                await locked.save(update_fields=["book_date"])
        run += 1
    return run


async def end_of_day(desk: Desk, moment: datetime) -> None:
    """What ends by the calendar at `moment`: applications that nobody settled, offers, freezes with an end, legal holds.

    In the sandbox the sources of own data also tell of the month that ended.

    Lateness, interest and penalty need no job: they follow from the date whenever they are read. Debits are presented
    and reminders written for the present day only: nothing is collected for days that were caught up on.
    """
    old = moment - APPLICATION_EXPIRES_AFTER
    waiting = Application.filter(is_open=True, status__in=("RECEIVED", "IN_REVIEW"), submitted_at__lte=old)
    async for application in _paged(waiting):
        await _expire(desk, InquiryPurpose.FIRST_APPLICATION, application, "UNSETTLED")
    async for increase in _paged(LimitIncrease.filter(is_open=True, requested_at__lte=old)):
        await _expire(desk, InquiryPurpose.LIMIT_INCREASE, increase, "UNSETTLED")
    async for offer in _paged(Offer.filter(accepted_at__isnull=True, valid_until__lte=moment)):
        lapsed = await Application.get(id=offer.application_id)
        if lapsed.status == "DECIDED" and lapsed.is_open:
            await _expire(desk, InquiryPurpose.FIRST_APPLICATION, lapsed, "OFFER_LAPSED")
    if desk.sandbox and is_month_start(business_date(moment)):
        async for customer in _paged(Customer.filter(simulated_as__isnull=False)):
            await tell_last_month(desk, customer, business_date(moment))
    async for freeze in _paged(Freeze.filter(released_at__isnull=True, ends_at__lte=moment)):
        await release_ended(desk, freeze)
    await _erase(desk, business_date(moment))
    if business_date(moment) == business_date(await desk.refresh_clock()):
        await present_debits(desk, business_date(moment))
        await remind(desk, business_date(moment))


async def _erase(desk: Desk, day: date) -> None:
    for consent_id in await withdrawn_sources(day):
        await erase_source_events(desk, consent_id)
    async for due in _paged(ErasureStep.filter(done_at__isnull=True, erase_on__lte=day)):
        await erase_due(desk, due, day)


async def _paged(query: QuerySet[Row]) -> AsyncIterator[Row]:
    """Every row of a query by keyset pages; what the loop changes meanwhile does not shift them."""
    after = None
    for _ in range(PAGES_MAX):
        rows = await (query.filter(id__gt=after) if after else query).order_by("id").limit(PAGE)
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        after = rows[-1].pk


async def _expire(desk: Desk, purpose: InquiryPurpose, row: Application | LimitIncrease, why: str) -> None:
    async with desk.unit() as unit:
        customer = await unit.lock_customer(row.customer_id)
        case = await load_case(purpose, row.id)
        if case.row.is_open:
            inquiry = await Inquiry.filter(**case.subject).select_for_update().get_or_none()
            if inquiry is not None:
                await end_if_unsent(unit, customer, inquiry)
                if not await case.is_decided():
                    await destroy_report(unit, customer, inquiry.id)  # it was for a decision that nobody will make
            await expire(unit, customer, case, why)


async def _locked_clock(desk: Desk) -> BusinessClockRow:
    clock = await BusinessClockRow.filter(id=1).select_for_update().get_or_none()
    if clock is None:
        today = business_date(await desk.refresh_clock())
        clock = await BusinessClockRow.create(id=1, offset_seconds=0, book_date=today)
    return clock
