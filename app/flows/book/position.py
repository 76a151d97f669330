"""Rows of the book as the lending law sees them: what a loan owes, what a line has left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.accrual import InstalmentState, LoanTerms, Position, position
from app.domain.lending.line import available_minor
from app.domain.lending.postings import Account, Posting, earned
from app.domain.lending.product import Method, product_of
from app.domain.lending.quote import loan_terms, opened
from app.domain.money import Rate
from app.flows.unit import Unit
from models.connection import fetch, is_sqlite
from models.credit import CreditLine
from models.loans import Instalment, Loan
from models.loans import Posting as PostingRow

OPEN_STATUSES = ("CURRENT", "LATE", "DEFAULTED")
CHARGED_OFF = "CHARGED_OFF"  # shown of an open loan whose claim left the book; no row holds it
DEFAULTED_AFTER_DAYS = 90


@dataclass(frozen=True, slots=True)
class LineFigures:
    """What is used and held of a line, in fen, from its postings."""

    used_minor: int
    held_minor: int

    def available(self, line: CreditLine) -> int:
        """What may still be drawn, in fen; never negative."""
        return available_minor(limit_minor=line.limit_minor, used_minor=self.used_minor, held_minor=self.held_minor)


def terms_of(loan: Loan) -> LoanTerms:
    """What the contract fixed."""
    product, daily = product_of(loan.product_version), Rate(loan.daily_scaled)
    return loan_terms(product, loan.principal_minor, daily, loan.drawn_on, Method(loan.method))


def state_of(row: Instalment) -> InstalmentState:
    """One instalment as kept."""
    return InstalmentState(
        number=row.number,
        starts_on=row.starts_on,
        due_on=row.due_on,
        principal_due=row.principal_minor,
        interest_due=row.interest_minor,
        penalty_to=row.penalty_to,
        penalty_due=row.penalty_minor,
        fee_due=row.fee_minor,
        principal_paid=row.paid_principal_minor,
        interest_paid=row.paid_interest_minor,
        penalty_paid=row.paid_penalty_minor,
        fee_paid=row.paid_fee_minor,
        interest_penalty_to=row.interest_penalty_to,
        interest_penalty_due=row.interest_penalty_minor,
        interest_penalty_paid=row.paid_interest_penalty_minor,
    )


def _columns(state: InstalmentState) -> dict[str, object]:
    return {
        "starts_on": state.starts_on,
        "due_on": state.due_on,
        "principal_minor": state.principal_due,
        "interest_minor": state.interest_due,
        "penalty_to": state.penalty_to,
        "penalty_minor": state.penalty_due,
        "fee_minor": state.fee_due,
        "paid_principal_minor": state.principal_paid,
        "paid_interest_minor": state.interest_paid,
        "paid_penalty_minor": state.penalty_paid,
        "paid_fee_minor": state.fee_paid,
        "interest_penalty_to": state.interest_penalty_to,
        "interest_penalty_minor": state.interest_penalty_due,
        "paid_interest_penalty_minor": state.interest_penalty_paid,
    }


def fresh_instalments(loan: Loan) -> tuple[InstalmentState, ...]:
    """The instalments of a loan before anything was paid, as its contract's product has them from the day of the draw."""
    product, daily, method = product_of(loan.product_version), Rate(loan.daily_scaled), Method(loan.method)
    return opened(product, loan.principal_minor, daily, loan.drawn_on, loan.term_months, method)


async def write_plan(loan: Loan) -> None:
    """The instalments of a fresh loan."""
    await Instalment.bulk_create(
        [
            Instalment(id=uuid7(), loan_id=loan.id, number=state.number, **_columns(state))
            for state in fresh_instalments(loan)
        ]
    )


async def rewrite_instalments(rows: list[Instalment], states: tuple[InstalmentState, ...]) -> None:
    """The instalments after a payment; only what changed is written."""
    by_number = {row.number: row for row in rows}
    for state in states:
        row = by_number[state.number]
        if state_of(row) != state:
            await Instalment.filter(id=row.id).update(**_columns(state))


async def instalments_of(loan_id: UUID) -> list[Instalment]:
    """The rows of a loan in order, at most 60."""
    return await Instalment.filter(loan_id=loan_id).order_by("number")


def position_of(loan: Loan, rows: list[Instalment], day: date) -> Position:
    """What the loan owes on a business day; one that was never paid out owes nothing late, a charged-off one stands still."""
    counted = max(day, loan.drawn_on) if loan.status in {*OPEN_STATUSES, "REPAID"} else loan.drawn_on
    if loan.charged_off_on is not None:
        counted = min(counted, loan.charged_off_on)
    return position(terms_of(loan), [state_of(row) for row in rows], counted)


def status_on(loan: Loan, owed: Position) -> str:
    """The status on the day of the position: lateness follows from the calendar, not from a job that ran."""
    if loan.status not in OPEN_STATUSES:
        return loan.status
    if loan.charged_off_on is not None and loan.charged_off_on <= owed.as_of:
        return CHARGED_OFF
    if owed.days_late > DEFAULTED_AFTER_DAYS:
        return "DEFAULTED"
    return "LATE" if owed.days_late > 0 else "CURRENT"


async def line_figures(line_id: UUID) -> LineFigures:
    """Used and held, from the postings of the line, and what is still owed of claims that left the book: used as well."""
    rows = await fetch(
        "SELECT account, sum(amount) AS total FROM ("
        " SELECT destination AS account, amount_minor AS amount FROM posting WHERE line_id = $1"
        " UNION ALL SELECT source, -amount_minor FROM posting WHERE line_id = $1"
        " UNION ALL SELECT 'LOAN_PRINCIPAL', i.principal_minor - i.paid_principal_minor FROM instalment i"
        " JOIN loan l ON l.id = i.loan_id WHERE l.line_id = $1 AND l.charged_off_on IS NOT NULL) AS moved"
        " WHERE account IN ('LOAN_PRINCIPAL', 'LOAN_HELD') GROUP BY account",
        str(line_id) if is_sqlite() else line_id,
    )
    totals = {str(row["account"]): int(row["total"]) for row in rows}
    return LineFigures(totals.get(Account.LOAN_PRINCIPAL, 0), totals.get(Account.LOAN_HELD, 0))


async def loan_balances(loan_id: UUID) -> dict[Account, int]:
    """Every account's balance of one loan, in fen."""
    balances: dict[Account, int] = {}
    for row in await PostingRow.filter(loan_id=loan_id):
        balances[Account(row.destination)] = balances.get(Account(row.destination), 0) + row.amount_minor
        balances[Account(row.source)] = balances.get(Account(row.source), 0) - row.amount_minor
    return balances


def accruals(loan: Loan, owed: Position, balances: dict[Account, int]) -> tuple[Posting, ...]:
    """What brings earned interest and penalty to the day of the position; a charged-off loan earns nothing."""
    stands = loan.charged_off_on is not None
    return earned(
        interest_minor=0 if stands else owed.interest_minor,
        penalty_minor=0 if stands else owed.penalty_minor,
        interest_receivable_minor=balances.get(Account.INTEREST_RECEIVABLE, 0),
        penalty_receivable_minor=balances.get(Account.PENALTY_RECEIVABLE, 0),
    )


async def post(
    unit: Unit,
    loan: Loan,
    postings: Sequence[Posting],
    *,
    cause: str,
    cause_id: UUID,
    reverses: Sequence[UUID] = (),
) -> None:
    """Write postings of one act, and count the line's version; `reverses` names what each of them takes back."""
    undone: Sequence[UUID | None] = reverses or [None] * len(postings)
    await PostingRow.bulk_create(
        [
            PostingRow(
                reverses=taken_back,
                id=uuid7(),
                customer_id=loan.customer_id,
                line_id=loan.line_id,
                loan_id=loan.id,
                source=posting.source.value,
                destination=posting.destination.value,
                amount_minor=posting.amount_minor,
                currency=loan.currency,
                cause=cause,
                cause_id=cause_id,
                effective_on=unit.today(),
                posted_at=unit.now,
            )
            for posting, taken_back in zip(postings, undone, strict=True)
        ]
    )
    line = await CreditLine.filter(id=loan.line_id).select_for_update().get()
    line.version += 1
    await line.save(update_fields=["version"])


async def line_in_arrears(line_id: UUID, day: date) -> bool:
    """Whether any loan of the line is late on a business day."""
    for loan in await Loan.filter(line_id=line_id, status__in=OPEN_STATUSES):
        if position_of(loan, await instalments_of(loan.id), day).days_late > 0:
            return True
    return False
