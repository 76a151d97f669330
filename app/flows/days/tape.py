"""Writing how loans stood when a day was over: what they earned as postings, and the rows of the loan tape.

Both are written in one transaction, each row once for ever: the key of the table holds that, whoever writes and
however often.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.days.tape import Carried, Closing, Moves, Paid, close_day
from app.domain.lending.postings import Account
from app.flows.book.position import position_of, status_on
from app.flows.unit import Unit
from models.connection import fetch, is_sqlite, plain, write_many
from models.loans import Instalment, Loan
from models.plumbing import BusinessClockRow

END_OF_DAY = "END_OF_DAY"
MISSED_DAYS_MAX = 4000

Move = tuple[Account, Account, int]

_TAPE = """
INSERT INTO loan_day (loan_id, day, customer_id, status, outstanding_minor, due_minor, past_due_minor, days_past_due,
    bucket, interest_minor, penalty_minor, paid_fee_minor, paid_penalty_minor, paid_interest_minor,
    paid_principal_minor, paid_over_minor, paid_recovered_minor, year_fee_minor, year_penalty_minor,
    year_interest_minor, year_principal_minor, year_over_minor, year_recovered_minor, written_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
"""
_POSTING = """
INSERT INTO posting (id, customer_id, line_id, loan_id, source, destination, amount_minor, currency, cause, cause_id,
    effective_on, posted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""


@dataclass(slots=True)
class Before:
    """What the book knows of some loans before a day is closed: carried figures, and the day's own moves."""

    carried: dict[UUID, Carried] = field(default_factory=dict)
    moved: dict[UUID, list[Move]] = field(default_factory=dict)


async def close_loans(unit: Unit, loans: Sequence[Loan], day: date) -> int:
    """Close a day of locked loans that are paid out by then and not closed for it yet; how many there were."""
    open_on = [loan for loan in loans if loan.drawn_on <= day]
    ids = [loan.id for loan in open_on]
    done = await _closed(ids, day)
    waiting = [loan for loan in open_on if loan.id not in done]
    if not waiting:
        return 0
    before = await _before([loan.id for loan in waiting], day)
    plans = await _plans([loan.id for loan in waiting])
    tape: list[list[object]] = []
    postings: list[list[object]] = []
    for loan in waiting:
        owed = position_of(loan, plans.get(loan.id, []), day)
        stands = day if loan.charged_off_on is not None and loan.charged_off_on <= day else None
        moves = Moves(before.moved.get(loan.id, ()))
        closing = close_day(owed, before.carried.get(loan.id, Carried()), moves, on=stands)
        tape.append(_tape_row(unit, loan, status_on(loan, owed), closing))
        postings.extend(_posting_rows(unit, loan, day, closing))
    await write_many(_POSTING, postings)
    await write_many(_TAPE, tape)
    return len(waiting)


async def close_missed_days(unit: Unit, loan: Loan) -> None:
    """Close the days of one locked loan that are over and were not closed yet, before anything new is booked on it.

    So that no row of the tape ever knows of what happened after its day. A void loan has no days.
    """
    clock = await BusinessClockRow.get_or_none(id=1)
    if clock is None or loan.paid_out_at is None or loan.status == "VOID":
        return
    first = max(clock.book_date, loan.drawn_on)
    for number in range(min((unit.today() - first).days, MISSED_DAYS_MAX)):
        await close_loans(unit, [loan], first + timedelta(days=number))


async def _closed(ids: Sequence[UUID], day: date) -> set[UUID]:
    query = f"SELECT loan_id FROM loan_day WHERE day = $1 AND {_among(ids, 2)}"  # noqa: S608 - no value in it
    rows = await fetch(query, plain(day), *_bound(ids))
    return {UUID(str(row["loan_id"])) for row in rows}


async def _before(ids: Sequence[UUID], day: date) -> Before:
    """The row of the day before, or where there is none, all that was ever posted; and what moved on the day."""
    before = Before()
    rows = await fetch(
        "SELECT loan_id, interest_minor, penalty_minor, year_fee_minor, year_penalty_minor, year_interest_minor,"  # noqa: S608 - no value in it
        f" year_principal_minor, year_over_minor, year_recovered_minor FROM loan_day WHERE day = $1 AND {_among(ids, 2)}",
        plain(day - timedelta(days=1)),
        *_bound(ids),
    )
    for row in rows:
        paid = Paid(
            row["year_fee_minor"],
            row["year_penalty_minor"],
            row["year_interest_minor"],
            row["year_principal_minor"],
            row["year_over_minor"],
            row["year_recovered_minor"],
        )
        year = (day - timedelta(days=1)).year
        before.carried[UUID(str(row["loan_id"]))] = Carried(row["interest_minor"], row["penalty_minor"], year, paid)
    before.moved = await _moves(ids, day, day + timedelta(days=1))
    fresh = [key for key in ids if key not in before.carried]
    if fresh:
        before.carried |= await _carried_from_postings(fresh, day)
    return before


async def _carried_from_postings(ids: Sequence[UUID], day: date) -> dict[UUID, Carried]:
    """The same from the postings before the day, for loans that have no row yet: new ones, and those of an older book."""
    ever = await _moves(ids, date.min, day)
    year = await _moves(ids, date(day.year, 1, 1), day)
    return {
        key: Carried(
            Moves(moves).change(Account.INTEREST_RECEIVABLE),
            Moves(moves).change(Account.PENALTY_RECEIVABLE),
            day.year,
            Moves(year.get(key, ())).paid(),
        )
        for key, moves in ever.items()
    }


async def _moves(ids: Sequence[UUID], first: date, until: date) -> dict[UUID, list[Move]]:
    """What moved between the accounts of loans on days from `first` up to `until`, which is not among them."""
    rows = await fetch(
        "SELECT loan_id, source, destination, sum(amount_minor) AS total FROM posting"  # noqa: S608 - no value in it
        f" WHERE effective_on >= $1 AND effective_on < $2 AND {_among(ids, 3)} GROUP BY loan_id, source, destination",
        *(plain(first), plain(until)),
        *_bound(ids),
    )
    moved: dict[UUID, list[Move]] = {}
    for row in rows:
        move = (Account(row["source"]), Account(row["destination"]), int(row["total"]))
        moved.setdefault(UUID(str(row["loan_id"])), []).append(move)
    return moved


async def _plans(ids: Sequence[UUID]) -> dict[UUID, list[Instalment]]:
    plans: dict[UUID, list[Instalment]] = {}
    for row in await Instalment.filter(loan_id__in=list(ids)).order_by("loan_id", "number"):
        plans.setdefault(row.loan_id, []).append(row)
    return plans


def _tape_row(unit: Unit, loan: Loan, status: str, closing: Closing) -> list[object]:
    row = closing.row
    return [
        *(loan.id, row.day, loan.customer_id, status, row.outstanding_minor, row.due_minor),
        *(row.past_due_minor, row.days_past_due, row.bucket.value, row.interest_minor, row.penalty_minor),
        *astuple(row.paid),
        *astuple(row.year),
        unit.now,
    ]


def _posting_rows(unit: Unit, loan: Loan, day: date, closing: Closing) -> list[list[object]]:
    return [
        [
            *(uuid7(), loan.customer_id, loan.line_id, loan.id),
            *(posting.source.value, posting.destination.value, posting.amount_minor, loan.currency),
            *(END_OF_DAY, loan.id, day, unit.now),
        ]
        for posting in closing.postings
    ]


def _among(ids: Sequence[UUID], first: int) -> str:
    """The condition that a loan is one of some, as each dialect takes a list."""
    if is_sqlite():
        return f"loan_id IN ({', '.join(f'${first + place}' for place in range(len(ids)))})"
    return f"loan_id = ANY(${first}::uuid[])"


def _bound(ids: Sequence[UUID]) -> list[object]:
    return [str(key) for key in ids] if is_sqlite() else [list(ids)]
