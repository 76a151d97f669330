"""A customer's inbox, and its notices in words."""

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from app.api.reading.pages import PAGE_MAX, Page, page
from app.flows.notices.inbox import inbox_of
from app.flows.notices.telling import Told, told
from app.flows.unit import Desk
from models.notices import Notice
from models.people import Customer

NoticeRow: TypeAlias = Notice


async def notices(customer_id: UUID, first: int, after: str | None, *, unread_only: bool) -> Page[NoticeRow]:
    """What the customer was told, newest first."""
    inbox = inbox_of(customer_id)
    return await page(inbox.filter(read_at__isnull=True) if unread_only else inbox, first, after)


async def latest(customer_id: UUID) -> list[NoticeRow]:
    """The newest notices, oldest first: enough to see what has come since a moment ago."""
    return list(reversed(await inbox_of(customer_id).order_by("-id").limit(PAGE_MAX)))


async def notice(customer_id: UUID, notice_id: UUID) -> NoticeRow | None:
    """One notice of the customer."""
    return await inbox_of(customer_id).filter(id=notice_id).first()


async def in_words(desk: Desk, customer_id: UUID, rows: Sequence[NoticeRow], language: str) -> list[Told]:
    """Notices of one customer in words."""
    if not rows:
        return []
    box = desk.box(await Customer.get(id=customer_id))
    return [told(desk.say, language, box, row) for row in rows]
