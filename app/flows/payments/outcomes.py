"""Writing what a history says into the book: allocations and postings of each entry, their reversal, the rows that follow.

Nothing booked is edited: a posting is reversed by another that names it, an allocation is kept with the moment of its end.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.accrual import InstalmentState, position
from app.domain.lending.history import Correction, EntryKind, History, Outcome, correction
from app.domain.lending.postings import Account, Posting, reversal
from app.flows.book.position import (
    OPEN_STATUSES,
    accruals,
    instalments_of,
    loan_balances,
    position_of,
    post,
    rewrite_instalments,
    state_of,
    terms_of,
)
from app.flows.days.tape import close_missed_days
from app.flows.unit import Unit
from models.lending.payments import LoanCorrection
from models.loans import Allocation, Instalment, Loan
from models.loans import Posting as PostingRow

CAUSE = {EntryKind.PAYMENT: "REPAYMENT", EntryKind.CHARGE_OFF: "CHARGE_OFF"}
ACCRUAL = "ACCRUAL"
_CLOSING = frozenset({Account.CASH.value, Account.CHARGED_OFF.value})


class BookDisagrees(RuntimeError):
    """A fault of ours: the rows of a loan are not what its history comes to. Nothing is changed before it is mended."""


async def accrue(unit: Unit, loan: Loan, rows: list[Instalment], day: date, cause_id: UUID) -> None:
    """Bring earned interest and penalty to a day."""
    earned = accruals(loan, position_of(loan, rows, day), await loan_balances(loan.id))
    await post(unit, loan, earned, cause=ACCRUAL, cause_id=cause_id)


async def write_outcome(unit: Unit, loan: Loan, rows: list[Instalment], outcome: Outcome) -> None:
    """The allocations and postings of one entry."""
    by_number = {row.number: row.id for row in rows}
    key = UUID(outcome.entry.key)
    await Allocation.bulk_create(
        [
            Allocation(
                id=uuid7(),
                repayment_id=key,
                instalment_id=by_number[line.instalment] if line.instalment is not None else None,
                target=line.target.value,
                amount_minor=line.amount_minor,
                on_interest=line.on_interest,
            )
            for line in outcome.lines
        ]
    )
    await post(unit, loan, outcome.postings, cause=CAUSE[outcome.entry.kind], cause_id=key)


async def rewrite(
    unit: Unit, loan: Loan, fix: Correction, states: tuple[InstalmentState, ...], cause: str = ACCRUAL
) -> None:
    """Bring the book of a loan from one history to another, and its instalments to `states`; `cause` is what settles.

    Raises:
        BookDisagrees: what is to be taken back is not what was posted.
    """
    rows = await instalments_of(loan.id)
    for outcome in reversed(fix.gone):
        await take_back(unit, loan, outcome)
    for outcome in fix.made:
        await write_outcome(unit, loan, rows, outcome)
    await post(unit, loan, fix.settled, cause=cause, cause_id=loan.id)
    await rewrite_instalments(rows, states)


@dataclass(frozen=True, slots=True)
class Replaced:
    """What another history of a loan changed: how many payments were played again, and whether its plan is another."""

    played_again: int = 0
    replanned: bool = False


async def replace_history(unit: Unit, loan: Loan, before: History, after: History) -> Replaced:
    """Make another history the loan's own, with all that follows for its book and status.

    Raises:
        BookDisagrees: the rows are not what the history before comes to.
        NotAllocatable, DayBeforeDraw: an entry that the loan cannot take.
    """
    await close_missed_days(unit, loan)
    old, new = before.replay(), after.replay()
    if tuple(state_of(row) for row in await instalments_of(loan.id)) != old.instalments:
        raise BookDisagrees(f"the instalments of loan {loan.id} are not those of its history")
    day = max(unit.today(), loan.drawn_on)
    fix = correction(old, new, await loan_balances(loan.id), day)
    await rewrite(unit, loan, fix, new.instalments)
    await stamp(unit, loan, new.instalments, day)
    again = sum(outcome.entry.kind is EntryKind.PAYMENT for outcome in fix.made)
    runs = loan.status in OPEN_STATUSES and loan.charged_off_on is None
    return Replaced(again, replanned=runs and _plan(old.instalments) != _plan(new.instalments))


def _plan(states: Sequence[InstalmentState]) -> list[tuple[date, int, int, int]]:
    """What was agreed to be paid and when, paid or not."""
    return [(state.due_on, state.principal_due, state.interest_due, state.fee_due) for state in states]


async def stamp(unit: Unit, loan: Loan, states: Sequence[InstalmentState], day: date) -> None:
    """REPAID once nothing is owed any more, CURRENT as long as something is; a void loan stays so."""
    ended = position(terms_of(loan), states, max(day, loan.drawn_on)).settled
    if loan.status == "VOID" or ended == (loan.status == "REPAID"):
        return
    loan.status, loan.closed_at = ("REPAID", unit.now) if ended else ("CURRENT", None)
    await loan.save(update_fields=["status", "closed_at"])


async def note_correction(
    unit: Unit, loan: Loan, kind: str, actor: str, counted_from: date, played_again: int, payment_id: UUID | None
) -> LoanCorrection:
    """Keep that the past of a loan was put right."""
    return await LoanCorrection.create(
        id=uuid7(),
        customer_id=loan.customer_id,
        loan_id=loan.id,
        kind=kind,
        payment_id=payment_id,
        actor=actor,
        counted_from=counted_from,
        played_again=played_again,
        made_at=unit.now,
    )


async def _live(loan_id: UUID, cause_id: UUID) -> list[PostingRow]:
    """What an entry posted and no reversal has taken back, but for interest earned on the way."""
    rows = await PostingRow.filter(loan_id=loan_id, cause_id=cause_id).exclude(cause=ACCRUAL).order_by("id")
    gone = {row.reverses for row in rows if row.reverses is not None}
    return [row for row in rows if row.reverses is None and row.id not in gone and row.destination in _CLOSING]


async def take_back(unit: Unit, loan: Loan, outcome: Outcome) -> None:
    """Reverse what an entry posted and end its allocations.

    Raises:
        BookDisagrees: what stands in the book is not what the entry did.
    """
    key = UUID(outcome.entry.key)
    rows = await _live(loan.id, key)
    posted = [Posting(Account(row.source), Account(row.destination), row.amount_minor) for row in rows]
    if Counter(posted) != Counter(outcome.postings):
        raise BookDisagrees(f"entry {key} of loan {loan.id} was not posted as its history has it")
    taken_back = [row.id for row in reversed(rows)]
    await post(unit, loan, reversal(posted), cause=CAUSE[outcome.entry.kind], cause_id=key, reverses=taken_back)
    await Allocation.filter(repayment_id=key, replaced_at__isnull=True).update(replaced_at=unit.now)
