"""The inbox of a customer, and marking what was read."""

from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app.domain.refusals import NotFound
from app.domain.telling.notice import REMINDERS
from app.flows.unit import Desk
from models.notices import Notice


@dataclass(frozen=True, slots=True)
class MarkRead:
    """A wish to mark one notice as read."""

    notice_id: UUID


def inbox_of(customer_id: UUID) -> QuerySet[Notice]:
    """What a customer finds in the inbox: everything at once, a reminder from when it may be sent.

    A delivery that fails keeps nothing from the inbox.
    """
    waits = Q(state="PENDING", kind__in=[kind.value for kind in REMINDERS])
    return Notice.filter(~waits, customer_id=customer_id).exclude(state="LAPSED")


async def mark_read(desk: Desk, customer_id: UUID, key: UUID, asked: MarkRead) -> UUID:
    """Mark a notice of the customer's inbox as read; its id. Reading it twice keeps the first moment.

    Raises:
        NotFound: there is none in this inbox. IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "markNoticeRead", key, asked)
        if done:
            return UUID(done["notice"])
        notice = await inbox_of(customer_id).filter(id=asked.notice_id).first()
        if notice is None:
            raise NotFound
        if notice.read_at is None:
            notice.read_at = unit.now
            await notice.save(update_fields=["read_at"])
        await unit.keep(notice=notice.id)
        return notice.id
