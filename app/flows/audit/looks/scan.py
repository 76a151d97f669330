"""How a rule reads the book: a page at a time by the key of one table, each page one statement of its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.domain.auditing.finding import Fault
from app.domain.auditing.rules import AuditRuleId
from app.flows.unit import Desk
from models.connection import fetch, plain

PAGE = 500
FIRST = UUID(int=0)

Memo = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a rule sees beside the book: the desk, the moment and the business date of this page.

    `began_on` is the business date on which the run began, right after that day's work was done.
    """

    desk: Desk
    now: datetime
    today: date
    began_on: date


@dataclass(frozen=True, slots=True)
class Seen:
    """One page: rows looked at, rows that could not be checked, faults, and where the next begins; None at the end."""

    rows: int
    faults: tuple[Fault, ...]
    after: UUID | None
    unchecked: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """One scan of one table for one rule. `memo` is JSON that lives from the first page to the last."""

    name: str
    rule: AuditRuleId
    page: Callable[[Sight, UUID, Memo], Awaitable[Seen]]


async def rows_after(sql: str, after: UUID, size: int, *values: object) -> list[dict[str, Any]]:
    """The rows of a statement whose $1 is the key to go on from, $2 the size of a page."""
    return await fetch(sql, plain(after), size, *(plain(value) for value in values))


def key(value: object) -> UUID | None:
    """An id as a row holds it."""
    return UUID(str(value)) if value is not None else None


def following(rows: Sequence[Mapping[str, Any]], size: int) -> UUID | None:
    """Where the next page begins; None after the last."""
    return key(rows[-1]["id"]) if len(rows) == size else None


def by_sql(rule: AuditRuleId, kind: str, sql: str, *values: object, with_now: bool = False, size: int = PAGE) -> Look:
    """A look whose statement tells the fault itself.

    It gives every row of the page in the order of `id`, with `problem` null where all is well, and may name a
    `customer_id` and a `staff_id`. $1 and $2 are key and size, then the values, then the moment if it is wanted.
    """

    async def page(sight: Sight, after: UUID, _memo: Memo) -> Seen:
        rows = await rows_after(sql, after, size, *values, *([sight.now] if with_now else []))
        faults = tuple(
            Fault(
                rule,
                kind,
                UUID(str(row["id"])),
                str(row["problem"]),
                key(row.get("customer_id")),
                key(row.get("staff_id")),
            )
            for row in rows
            if row["problem"] is not None
        )
        return Seen(len(rows), faults, following(rows, size))

    return Look(f"{rule}/{kind}", rule, page)
