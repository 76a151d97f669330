"""The job TELL: a notice leaves after commit, at least once, always under its own id, and not for ever."""

import asyncio
from datetime import timedelta
from uuid import UUID

from app.clock import real_now_us
from app.domain.calendar import business_date
from app.domain.telling.notice import ATTEMPTS_MAX, DELIVERY_WAITS, REMINDERS, NoticeKind, not_before
from app.doors.notices import Letter, NotDelivered
from app.flows.notices.reminders import still_so
from app.flows.notices.telling import TELL, inbox_topic, seal, told
from app.flows.unit import Desk, Unit
from models.connection import fetch, is_sqlite
from models.consent import Consent, ConsentWording
from models.notices import Notice
from models.people import Customer

DELIVERY_SECONDS_MAX = 5
DEFAULT_LANGUAGE = "zh-CN"


async def deliver_notice(desk: Desk, notice_id: UUID) -> timedelta | None:
    """Hand a notice over, or say when to try again; None when that is settled.

    1. Commit the attempt; a reminder that is no longer so lapses instead. 2. Hand over, outside any transaction.
    3. Commit what came of it. Stopped between 2 and 3, the letter goes out again under the same reference.
    """
    # 1
    async with desk.unit() as unit:
        notice = await Notice.filter(id=notice_id).select_for_update().get()
        if notice.state != "PENDING":
            return None
        opens = max(notice.not_before, not_before(NoticeKind(notice.kind), unit.now))
        if unit.now < opens:
            return opens - unit.now
        customer = await Customer.get(id=notice.customer_id)
        if not await _still_to_be_told(unit, customer, notice):
            await _close(unit, notice, "LAPSED")
            return None
        notice.attempts += 1
        await notice.save(update_fields=["attempts", "facts_sealed"])
        letter = await _letter(desk, customer, notice)
    # 2
    handed_over = await _handed_over(desk, letter)
    # 3
    async with desk.unit() as unit:
        notice = await Notice.filter(id=notice_id).select_for_update().get()
        if notice.state != "PENDING":
            return None
        if not handed_over and notice.attempts < ATTEMPTS_MAX:
            return DELIVERY_WAITS[notice.attempts - 1]
        await _close(unit, notice, "SENT" if handed_over else "FAILED")
    return None


async def make_postponed_due(desk: Desk) -> None:
    """Have the worker look now at what waits for a moment that the sandbox's clock was moved past."""
    now = await desk.refresh_clock()
    await fetch(
        "UPDATE job SET due_at_us = $1 WHERE kind = $2 AND state = 'READY' AND due_at_us > $1 AND subject_id IN"
        " (SELECT id FROM notice WHERE state = 'PENDING' AND not_before <= $3) RETURNING id",
        *(real_now_us(), TELL, now.isoformat(sep=" ") if is_sqlite() else now),
    )


async def _still_to_be_told(unit: Unit, customer: Customer, notice: Notice) -> bool:
    """Whether the notice is still so; a reminder takes the figures of today."""
    if notice.kind not in REMINDERS:
        return True
    message = await still_so(notice, business_date(unit.now))
    if message is None:
        return False
    notice.facts_sealed = seal(unit.desk.box(customer), notice.id, message)
    return True


async def _close(unit: Unit, notice: Notice, state: str) -> None:
    notice.state, notice.closed_at = state, unit.now
    await notice.save(update_fields=["state", "closed_at"])
    unit.after_commit(lambda: unit.desk.cache.wake(inbox_topic(notice.customer_id)))


async def _letter(desk: Desk, customer: Customer, notice: Notice) -> Letter:
    box = desk.box(customer)
    language = await _language_of(customer)
    words = told(desk.say, language, box, notice)
    sealed = customer.phone_sealed
    return Letter(
        reference=notice.id,
        kind=notice.kind,
        language=language,
        phone=box.open("customer", "phone_sealed", customer.id, sealed).decode() if sealed else None,
        title=words.title,
        body=words.body,
    )


async def _language_of(customer: Customer) -> str:
    """The language of the text that the customer answered last: nobody has asked for another."""
    answered = await Consent.filter(customer_id=customer.id, refused=False).order_by("-id").first()
    if answered is None:
        return DEFAULT_LANGUAGE
    return (await ConsentWording.get(id=answered.wording_id)).language


async def _handed_over(desk: Desk, letter: Letter) -> bool:
    try:
        async with asyncio.timeout(DELIVERY_SECONDS_MAX):
            await desk.post.deliver(letter)
    except (NotDelivered, TimeoutError):
        return False
    return True
