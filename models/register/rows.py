"""The rows behind the register: those of one customer, and those that are past their time. Names come from the register."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.domain.calendar import start_of_business_day
from models.connection import fetch, is_sqlite
from models.register.kinds import Link, Table
from models.register.tables import declared

ROWS_MAX = 10_000
OVERDUE_MAX = 500
Row = dict[str, Any]


def of_customer(table: Table) -> str:
    """The condition in SQL that holds for the rows of customer $1, by any link of the table.

    Raises:
        ValueError: the table holds no rows of customers.
    """
    if not table.links:
        raise ValueError(f"{table.name} holds no rows of customers")
    return f"({' OR '.join(_leads(link) for link in table.links)})"


def _leads(link: Link) -> str:
    if link.table is None:
        return f"{_quoted(link.column)} = $1"
    further = declared(link.table)
    (to_customer,) = further.links
    (key,) = further.key
    return (
        f"{_quoted(link.column)} IN (SELECT {_quoted(key)} FROM {_quoted(further.name)} WHERE {_leads(to_customer)})"
    )


async def rows_of(table: Table, customer_id: UUID, limit: int = ROWS_MAX) -> list[Row]:
    """The rows of a table that are one customer's, oldest key first, at most `limit`."""
    statement = (
        f"SELECT * FROM {_quoted(table.name)} WHERE {of_customer(table)} ORDER BY {_key(table)} LIMIT {int(limit)}"
    )
    return await fetch(statement, _id(customer_id))


async def overdue(table: Table, today: date, limit: int = OVERDUE_MAX) -> list[Row]:
    """The keys, and the day or moment, of rows that are past their time on a business date, oldest first.

    None of a table whose rows have no end by the calendar.
    """
    since = table.retention.since
    past = table.retention.rule.last_day_over(today)
    if since is None or past is None:
        return []
    shown = ", ".join(_quoted(name) for name in (*table.key, since))
    statement = (
        f"SELECT {shown} FROM {_quoted(table.name)} WHERE {_past(table)}"
        f" ORDER BY {_quoted(since)}, {_key(table)} LIMIT {int(limit)}"
    )
    return await fetch(statement, _bound(since, past))


async def take_away(table: Table, today: date, limit: int = OVERDUE_MAX) -> int:
    """Delete at most `limit` rows that are past their time; how many there were."""
    since = table.retention.since
    past = table.retention.rule.last_day_over(today)
    if since is None or past is None:
        return 0
    chosen = f"SELECT {_key(table)} FROM {_quoted(table.name)} WHERE {_past(table)} ORDER BY {_quoted(since)} LIMIT {int(limit)}"
    gone = await fetch(
        f"DELETE FROM {_quoted(table.name)} WHERE ({_key(table)}) IN ({chosen}) RETURNING {_key(table)}",
        _bound(since, past),
    )
    return len(gone)


def _past(table: Table) -> str:
    only = f" AND ({table.retention.only})" if table.retention.only else ""
    return f"{_quoted(table.retention.since or '')} < $1{only}"


def _key(table: Table) -> str:
    return ", ".join(_quoted(name) for name in table.key)


def _bound(since: str, past: date) -> object:
    """A day, or the first moment of it, as the open database compares it."""
    if since.endswith("_on"):
        return past.isoformat() if is_sqlite() else past
    moment: datetime = start_of_business_day(past)
    return moment.isoformat(sep=" ") if is_sqlite() else moment


def _id(value: UUID) -> UUID | str:
    return str(value) if is_sqlite() else value


def _quoted(name: str) -> str:
    return f'"{name}"'
