"""What a loan comes to when a day is over: what it earned, how old its debt is, and its row of the loan tape.

A row is made from the position of the day, from what the book held before it, and from what moved on it; so it is the
same whoever makes it, and when.
"""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from operator import add

from app.domain.lending.accrual import Bucket, InstalmentStatus, Position
from app.domain.lending.postings import Account, Posting, earned

_PAID_FROM = {
    "fee_minor": Account.FEE_INCOME,
    "penalty_minor": Account.PENALTY_RECEIVABLE,
    "interest_minor": Account.INTEREST_RECEIVABLE,
    "principal_minor": Account.LOAN_PRINCIPAL,
    "over_minor": Account.CUSTOMER_CREDIT,
    "recovered_minor": Account.RECOVERY_INCOME,
}


@dataclass(frozen=True, slots=True)
class Paid:
    """What payments were used for, in fen, less what was taken back of them.

    `over_minor` became the customer's credit, `recovered_minor` came on a claim that had left the book.
    """

    fee_minor: int = 0
    penalty_minor: int = 0
    interest_minor: int = 0
    principal_minor: int = 0
    over_minor: int = 0
    recovered_minor: int = 0

    @property
    def total_minor(self) -> int:
        """All together, in fen."""
        return sum(astuple(self))

    def plus(self, other: "Paid") -> "Paid":
        """Both together."""
        return Paid(*map(add, astuple(self), astuple(other)))


NOTHING_PAID = Paid()


@dataclass(frozen=True, slots=True)
class Carried:
    """What the book held of a loan before a day: receivables in fen, and what the year `year` had brought by then."""

    interest_minor: int = 0
    penalty_minor: int = 0
    year: int = 0
    paid: Paid = NOTHING_PAID


class Moves:
    """What moved between accounts on one day, in fen."""

    def __init__(self, moved: Iterable[tuple[Account, Account, int]] = ()) -> None:
        self._moved: Mapping[tuple[Account, Account], int] = _summed(moved)

    def change(self, account: Account) -> int:
        """By how much the account's balance rose, in fen."""
        return sum(
            amount * ((destination is account) - (source is account))
            for (source, destination), amount in self._moved.items()
        )

    def paid(self) -> Paid:
        """What the day's payments were used for."""
        between = self._moved.get
        return Paid(
            **{
                name: between((account, Account.CASH), 0) - between((Account.CASH, account), 0)
                for name, account in _PAID_FROM.items()
            }
        )


def _summed(moved: Iterable[tuple[Account, Account, int]]) -> dict[tuple[Account, Account], int]:
    totals: dict[tuple[Account, Account], int] = {}
    for source, destination, amount in moved:
        totals[source, destination] = totals.get((source, destination), 0) + amount
    return totals


@dataclass(frozen=True, slots=True)
class TapeRow:
    """One loan on one day, in fen.

    What is to be paid by now, how much of it is late and since how many days, what was earned and not paid yet, what
    was paid on the day, and since the year began.
    """

    day: date
    outstanding_minor: int
    due_minor: int
    past_due_minor: int
    days_past_due: int
    bucket: Bucket
    interest_minor: int
    penalty_minor: int
    paid: Paid
    year: Paid

    def carried(self) -> Carried:
        """What the next day begins with."""
        return Carried(self.interest_minor, self.penalty_minor, self.day.year, self.year)


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a loan's day: what is to be posted as earned, and its row."""

    postings: tuple[Posting, ...]
    row: TapeRow


def close_day(owed: Position, carried: Carried, moves: Moves, *, on: date | None = None) -> Closing:
    """Close the day of the position: earn what it says is earned and was not posted yet, and write the row.

    Closed again after its own postings, a day posts nothing. `on` is the day of a claim that left the book: its
    position stands still on an earlier one, and it earns nothing more.
    """
    interest, penalty = (owed.interest_minor, owed.penalty_minor) if on is None else (0, 0)
    day = on or owed.as_of
    postings = earned(
        interest_minor=interest,
        penalty_minor=penalty,
        interest_receivable_minor=carried.interest_minor + moves.change(Account.INTEREST_RECEIVABLE),
        penalty_receivable_minor=carried.penalty_minor + moves.change(Account.PENALTY_RECEIVABLE),
    )
    paid = moves.paid()
    before = carried.paid if carried.year == day.year else NOTHING_PAID
    row = TapeRow(
        day=day,
        outstanding_minor=owed.outstanding_minor,
        due_minor=owed.due_minor,
        past_due_minor=sum(item.total_minor for item in owed.due if item.status is InstalmentStatus.LATE),
        days_past_due=owed.days_late,
        bucket=owed.bucket,
        interest_minor=interest,
        penalty_minor=penalty,
        paid=paid,
        year=before.plus(paid),
    )
    return Closing(postings, row)
