"""A book with many loans at once, written row by row as the flows would have left them: drawn over the last year, paid on
time but for some that are late. Nobody in it is real; names are sealed under keys of nobody.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.calendar import start_of_business_day
from app.domain.lending.accrual import InstalmentState, open_instalments
from app.domain.lending.product import DEFAULT_PRODUCT, Method
from app.domain.lending.quote import plan_of
from app.domain.lending.schedule import Row
from app.domain.money import Rate
from app.doors.keys import Keys
from models.connection import connection, fetch, is_sqlite, write_many
from tests.models.rows import digest

DAILY = Rate(40_000)
TERM = 12
LOANS_OF_A_LINE = 2
LATE_OF_A_HUNDRED = 3
AT_ONCE = 2000
PRINCIPAL = 240_000


async def fill(keys: Keys, loans: int, today: date) -> None:
    """Write so many open loans into an open, migrated book whose business date is `today`."""
    moment = start_of_business_day(today - timedelta(days=340))
    wording = await _wording(moment)
    for first in range(0, loans, AT_ONCE):
        await _fill(keys, range(first, min(loans, first + AT_ONCE)), today, moment, wording)


async def _wording(moment: datetime) -> UUID:
    rows = await fetch("SELECT id FROM consent_wording WHERE purpose = 'FIRST_APPLICATION' LIMIT 1")
    if rows:
        return UUID(str(rows[0]["id"]))
    key = uuid7()
    await _write(
        "consent_wording",
        "id, purpose, language, version, body, sha256, effective_from",
        [[key, "FIRST_APPLICATION", "en", "filled", "text", secrets.token_hex(32), moment]],
    )
    return key


async def _fill(keys: Keys, numbers: range, today: date, moment: datetime, wording: UUID) -> None:
    people, lines = [], []
    for _ in range(0, len(numbers), LOANS_OF_A_LINE):
        people.append(uuid7())
        lines.append(uuid7())
    consents, applications = [uuid7() for _ in people], [uuid7() for _ in people]
    await _write(
        "customer",
        "id, created_at, key_wrapped, story",
        [[key, moment, keys.new_subject(key), ""] for key in people],
    )
    await _write(
        "consent",
        "id, customer_id, purpose, wording_id, wording_sha256, shown_at, seconds_read, channel, "
        "decided_at, refused, expires_at, used_at",
        [
            [
                consent,
                person,
                "FIRST_APPLICATION",
                wording,
                "ab" * 32,
                moment,
                9,
                "APP",
                moment,
                False,
                moment + timedelta(days=30),
                moment,
            ]
            for consent, person in zip(consents, people, strict=True)
        ],
    )
    await _write(
        "application",
        "id, customer_id, consent_id, status, is_open, requested_minor, currency, term_months, "
        "occupation, submitted_at, closed_at",
        [
            [key, person, consent, "ACCEPTED", False, 1_000_000, "CNY", 12, "SALARIED", moment, moment]
            for key, person, consent in zip(applications, people, consents, strict=True)
        ],
    )
    await _write(
        "credit_line",
        "id, customer_id, application_id, status, segment, limit_minor, currency, daily_scaled, "
        "product_version, policy_version, opened_at",
        [
            [key, person, application, "ACTIVE", "CONSUMER", 1_000_000, "CNY", DAILY.scaled, 1, "filled", moment]
            for key, person, application in zip(lines, people, applications, strict=True)
        ],
    )
    made = list(_loans(numbers, people, lines, today))
    await _write(
        "loan",
        "id, customer_id, line_id, quote_digest, status, principal_minor, currency, daily_scaled, apr_scaled, method, "
        "term_months, product_version, use, drawn_on, drawn_at, paid_out_at",
        [_loan_row(loan) for loan, _ in made],
    )
    await _write(
        "instalment",
        "id, loan_id, number, starts_on, due_on, principal_minor, interest_minor, penalty_to, "
        "paid_principal_minor, paid_interest_minor",
        [row for loan, states in made for row in _rows(loan, states)],
    )
    await _postings(made)


@dataclass(frozen=True, slots=True)
class Lent:
    """One loan: whose it is, on which line, and since when."""

    id: UUID
    customer_id: UUID
    line_id: UUID
    drawn_on: date


def _loans(
    numbers: range, people: list[UUID], lines: list[UUID], today: date
) -> Iterator[tuple[Lent, tuple[InstalmentState, ...]]]:
    for place, number in enumerate(numbers):
        drawn_on = today - timedelta(days=1 + number * 7 % 330)
        plan = _plan(drawn_on)
        late = number % 100 < LATE_OF_A_HUNDRED
        owner = place // LOANS_OF_A_LINE
        loan = Lent(uuid7(), people[owner], lines[owner], drawn_on)
        yield loan, tuple(_paid(state, today, late=late) for state in open_instalments(plan, drawn_on))


@cache
def _plan(drawn_on: date) -> tuple[Row, ...]:
    return plan_of(DEFAULT_PRODUCT, PRINCIPAL, DAILY, drawn_on, TERM, Method.LEVEL_INSTALMENT)


def _loan_row(loan: Lent) -> list[object]:
    moment = start_of_business_day(loan.drawn_on)
    whose = [loan.id, loan.customer_id, loan.line_id, digest(), "CURRENT", PRINCIPAL, "CNY", DAILY.scaled]
    return [*whose, 15_690_000, "LEVEL_INSTALMENT", TERM, 1, "DAILY_CONSUMPTION", loan.drawn_on, moment, moment]


def _paid(state: InstalmentState, today: date, *, late: bool) -> InstalmentState:
    """Paid on its day, or, of one who is late, up to two months ago."""
    until = today - timedelta(days=60 if late else 0)
    if state.due_on > until:
        return state
    return replace(state, principal_paid=state.principal_due, interest_paid=state.interest_due)


def _rows(loan: Lent, states: tuple[InstalmentState, ...]) -> Iterator[list[object]]:
    for state in states:
        days = [state.starts_on, state.due_on, state.principal_due, state.interest_due, state.penalty_to]
        yield [uuid7(), loan.id, state.number, *days, state.principal_paid, state.interest_paid]


async def _postings(made: list[tuple[Lent, tuple[InstalmentState, ...]]]) -> None:
    """The payout, and each instalment that was paid, with the repayment behind it."""
    postings: list[list[object]] = []
    repayments: list[list[object]] = []
    allocations: list[list[object]] = []
    for loan, states in made:
        moved = [("PAYOUT_PENDING", "LOAN_HELD"), ("CASH", "PAYOUT_PENDING"), ("LOAN_HELD", "LOAN_PRINCIPAL")]
        postings += [_posting(loan, *way, PRINCIPAL, "PAYOUT", loan.id, loan.drawn_on) for way in moved]
        for state in states:
            if not state.principal_paid:
                continue
            repayment, moment = uuid7(), start_of_business_day(state.due_on)
            paid = state.principal_paid + state.interest_paid
            repayments.append([repayment, loan.customer_id, loan.id, paid, "CNY", state.due_on, moment])
            allocations += [
                [uuid7(), repayment, None, "INTEREST", state.interest_paid],
                [uuid7(), repayment, None, "PRINCIPAL", state.principal_paid],
            ]
            for source, destination, amount in (
                ("INTEREST_INCOME", "INTEREST_RECEIVABLE", state.interest_paid),
                ("INTEREST_RECEIVABLE", "CASH", state.interest_paid),
                ("LOAN_PRINCIPAL", "CASH", state.principal_paid),
            ):
                postings.append(_posting(loan, source, destination, amount, "REPAYMENT", repayment, state.due_on))
    await _write(
        "repayment",
        "id, customer_id, loan_id, amount_minor, currency, effective_on, received_at",
        repayments,
    )
    await _write("allocation", "id, repayment_id, instalment_id, target, amount_minor", allocations)
    await _write(
        "posting",
        "id, customer_id, line_id, loan_id, source, destination, amount_minor, currency, cause, "
        "cause_id, effective_on, posted_at",
        postings,
    )


def _posting(
    loan: Lent, source: str, destination: str, amount: int, cause: str, cause_id: UUID, day: date
) -> list[object]:
    moment = start_of_business_day(day)
    whose = [uuid7(), loan.customer_id, loan.line_id, loan.id]
    return [*whose, source, destination, amount, "CNY", cause, cause_id, day, moment]


async def _write(table: str, columns: str, rows: list[list[object]]) -> None:
    if not is_sqlite():
        async with connection().acquire_connection() as raw:
            await raw.copy_records_to_table(table, records=rows, columns=columns.split(", "))
        return
    places = ", ".join(f"${place}" for place in range(1, columns.count(",") + 2))
    await write_many(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)
