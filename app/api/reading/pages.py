"""Keyset pages, newest first: an id is a cursor, and a page never shifts under a reader."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from tortoise.models import Model
from tortoise.queryset import QuerySet

from app.api.errors import bad_request
from app.api.scalars import encode_id, split_id

PAGE_MAX = 50
_CURSOR = "cursor"

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page, and where the next begins."""

    rows: list[Row]
    has_next: bool
    end_cursor: str | None


async def page(query: QuerySet[Row], first: int, after: str | None) -> Page[Row]:
    """The next `first` rows after a cursor, newest first.

    Raises:
        GraphQLError: BAD_REQUEST for a size out of 1 to 50 or a cursor that is none of ours.
    """
    if not 1 <= first <= PAGE_MAX:
        raise bad_request("PAGE_SIZE", most=PAGE_MAX)
    if after is not None:
        query = query.filter(id__lt=_key(after))
    rows = await query.order_by("-id").limit(first + 1)
    shown = rows[:first]
    end = encode_id(_CURSOR, shown[-1].pk) if shown else None
    return Page(shown, len(rows) > first, end)


def _key(cursor: str) -> UUID:
    parts = split_id(cursor)
    if parts is None or parts[0] != _CURSOR:
        raise bad_request("CURSOR")
    return parts[1]
