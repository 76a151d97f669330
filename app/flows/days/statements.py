"""Statements of a line, cycle by cycle, from its postings; nothing is written."""

from datetime import date
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.days.statement import Cycle, Move, Statement, cycles, owed_minor, statement
from app.domain.lending.postings import Account
from app.flows.days.reading import is_closed
from models.connection import fetch, plain
from models.credit import CreditLine

MOVES_MAX = 50_000
"""Movements of a line in one month: 500 loans that earn each day stay below it."""


class TooManyMoves(Exception):
    """More movements than a line can have in a month: the book is not one that this release wrote."""


def cycles_of(line: CreditLine, today: date, first: int) -> list[Cycle]:
    """The newest cycles of a line, at most `first`."""
    return [cycle for cycle, _ in zip(cycles(business_date(line.opened_at), today), range(first), strict=False)]


async def statement_of(line: CreditLine, cycle: Cycle) -> Statement[UUID]:
    """The statement of one cycle; so far, until the end of its last day has run."""
    before = await fetch(
        "SELECT source, destination, sum(amount_minor) AS total FROM posting"
        " WHERE line_id = $1 AND effective_on < $2 GROUP BY source, destination",
        *(plain(line.id), plain(cycle.first)),
    )
    opening = owed_minor((Account(row["source"]), Account(row["destination"]), int(row["total"])) for row in before)
    moved = await fetch(
        "SELECT loan_id, cause_id, effective_on, source, destination, sum(amount_minor) AS total FROM posting"  # noqa: S608 - a number of ours
        " WHERE line_id = $1 AND effective_on >= $2 AND effective_on <= $3"
        f" GROUP BY loan_id, cause_id, effective_on, source, destination ORDER BY effective_on LIMIT {MOVES_MAX + 1}",
        *(plain(line.id), plain(cycle.first), plain(cycle.last)),
    )
    if len(moved) > MOVES_MAX:
        raise TooManyMoves
    return statement(cycle, opening, map(_move, moved), closed=await is_closed(cycle.last))


def _move(row: dict[str, object]) -> Move[UUID]:
    return Move(
        loan=UUID(str(row["loan_id"])),
        act=UUID(str(row["cause_id"])),
        day=date.fromisoformat(str(row["effective_on"])),
        source=Account(str(row["source"])),
        destination=Account(str(row["destination"])),
        amount_minor=int(str(row["total"])),
    )
