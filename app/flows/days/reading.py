"""Days that are over: whether the book has closed one, and its loan tape, read page by page; nothing is written."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

from models.connection import fetch, plain
from models.loans import BookDay

PAGE = 500
PAGES_MAX = 1_000_000
FIRST = UUID(int=0)


async def is_closed(day: date) -> bool:
    """Whether the end of a business day has run, so that nothing is posted on it any more."""
    return await BookDay.exists(day__gte=day, closed_at__isnull=False)


async def tape_of(day: date) -> AsyncIterator[dict[str, Any]]:
    """The rows of a business day that is over, in the order of the loans' ids; none of a day that nobody closed."""
    after = FIRST
    for _ in range(PAGES_MAX):
        rows = await fetch(
            f"SELECT * FROM loan_day WHERE day = $1 AND loan_id > $2 ORDER BY loan_id LIMIT {PAGE}",  # noqa: S608 - a number of ours
            *(plain(day), plain(after)),
        )
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        after = UUID(str(rows[-1]["loan_id"]))
