"""Closing a business day: every loan earns, ages and gets its row of the loan tape, page by page.

A day is cut into pages once, on record. Any number of workers claim pages, each under a lease; a page is closed and
marked in one transaction, so one that was killed leaves its page to the next, and nothing is ever done twice.
"""

import asyncio
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from app.clock import real_now_us
from app.domain.calendar import start_of_business_day
from app.domain.refusals import StillWorking
from app.flows.book.position import OPEN_STATUSES
from app.flows.days.tape import close_loans
from app.flows.unit import Desk, Unit
from models.connection import fetch, is_sqlite, plain, write_many
from models.loans import BookDay, Loan

PAGE = 200
LEASE_US = 30_000_000
AGAIN_US = 200_000
WAIT_SECONDS = 0.2
WAITS_MAX = 600
PAGES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """The loans of a day after one id up to another; None: from the first, to the last."""

    day: date
    number: int
    after: UUID | None
    last: UUID | None


async def close_day(desk: Desk, day: date) -> None:
    """Close a business day that is over, alone or beside other workers; one that is closed stays as it is.

    Raises:
        StillWorking: another worker has kept a page for long; the day can be gone on with at any time.
    """
    await _plan(desk, day)
    waits = 0
    while await _open_pages(day):
        if await share_day(desk, day):
            waits = 0
            continue
        waits += 1
        if waits > WAITS_MAX:
            raise StillWorking
        await asyncio.sleep(WAIT_SECONDS)
    async with desk.unit() as unit:
        await BookDay.filter(day=day, closed_at__isnull=True).update(closed_at=unit.now)


async def share_day(desk: Desk, day: date) -> int:
    """Close the pages of a planned day that no other worker has; how many they were."""
    pages = 0
    for _ in range(PAGES_MAX):
        page = await _claim(day)
        if page is None:
            return pages
        try:
            await _close_page(desk, page)
            pages += 1
        except StillWorking:
            await _let_go(page)
    return pages


async def help_with_days(desk: Desk) -> int:
    """Share in whatever day another worker is closing at this moment; how many pages were closed here."""
    day = await BookDay.filter(closed_at__isnull=True).order_by("day").first()
    return await share_day(desk, day.day) if day is not None else 0


async def _plan(desk: Desk, day: date) -> None:
    """Cut a day into pages, once; whoever comes second finds them."""
    async with desk.unit() as unit:
        begun = await fetch(
            "INSERT INTO book_day (day, pages, began_at) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING RETURNING day",
            *(plain(day), plain(unit.now)),
        )
        if not begun:
            return
        ends: list[UUID | None] = [*await _page_ends(day), None]
        starts = [None, *ends[:-1]]
        await write_many(
            "INSERT INTO day_page (day, number, after_id, last_id) VALUES ($1, $2, $3, $4)",
            [
                [day, number, after, last]
                for number, (after, last) in enumerate(zip(starts, ends, strict=True), start=1)
            ],
        )
        await BookDay.filter(day=day).update(pages=len(ends))


async def _page_ends(day: date) -> list[UUID]:
    """The id of every last loan of a full page."""
    rows = await fetch(
        "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM loan"  # noqa: S608 - fixed words
        f" WHERE status IN {OPEN_STATUSES!r} OR (closed_at >= $1 AND status = 'REPAID')) AS numbered"
        f" WHERE place % {PAGE} = 0 ORDER BY id",
        plain(start_of_business_day(day)),
    )
    return [UUID(str(row["id"])) for row in rows]


async def _open_pages(day: date) -> bool:
    return bool(await fetch("SELECT 1 AS one FROM day_page WHERE day = $1 AND done_at IS NULL LIMIT 1", plain(day)))


async def _claim(day: date) -> Page | None:
    now = real_now_us()
    skip = "" if is_sqlite() else " FOR UPDATE SKIP LOCKED"
    rows = await fetch(
        "UPDATE day_page SET lease_until_us = $1 WHERE day = $2 AND number = (SELECT number FROM day_page"  # noqa: S608 - fixed words
        f" WHERE day = $2 AND done_at IS NULL AND lease_until_us <= $3 ORDER BY number LIMIT 1{skip})"
        " RETURNING number, after_id, last_id",
        *(now + LEASE_US, plain(day), now),
    )
    if not rows:
        return None
    after, last = (UUID(str(end)) if end is not None else None for end in (rows[0]["after_id"], rows[0]["last_id"]))
    return Page(day, int(rows[0]["number"]), after, last)


async def _let_go(page: Page) -> None:
    """Somebody's affairs were busy: whoever is free looks at the page again in a moment."""
    await fetch(
        "UPDATE day_page SET lease_until_us = $1 WHERE day = $2 AND number = $3 AND done_at IS NULL RETURNING number",
        *(real_now_us() + AGAIN_US, plain(page.day), page.number),
    )
    await asyncio.sleep(WAIT_SECONDS)


async def _close_page(desk: Desk, page: Page) -> None:
    async with desk.unit() as unit:
        marked = await fetch(
            "UPDATE day_page SET done_at = $1 WHERE day = $2 AND number = $3 AND done_at IS NULL RETURNING number",
            *(plain(unit.now), plain(page.day), page.number),
        )
        if not marked:
            return
        people = await _lock_people(unit, page)
        loans = await _loans(page).order_by("id")
        await close_loans(unit, [loan for loan in loans if loan.customer_id in people], page.day)


async def _lock_people(unit: Unit, page: Page) -> set[UUID]:
    """Everybody who has a loan on the page, locked in the order of their ids; then what the unit stamps is so.

    Nobody's version counts up: no figure of a line changes when interest is earned.
    """
    owners = {UUID(str(key)) for key in await _loans(page).values_list("customer_id", flat=True)}
    if not is_sqlite() and owners:
        await fetch(
            "SELECT id FROM customer WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", sorted(owners)
        )
    unit.now = unit.desk.clock.now()
    return owners


def _loans(page: Page) -> QuerySet[Loan]:
    ended = Q(closed_at__gte=start_of_business_day(page.day), status="REPAID")
    loans = Loan.filter(Q(status__in=OPEN_STATUSES) | ended, drawn_on__lte=page.day)
    if page.after is not None:
        loans = loans.filter(id__gt=page.after)
    return loans.filter(id__lte=page.last) if page.last is not None else loans
