"""A statement: what a customer owed when a month began, all that changed it, and what was owed when it ended.

A cycle is a calendar month of business days. What is owed is principal, earned interest and penalty, less the
customer's own credit; a claim that was written off is still owed. Lines add up from the opening to the closing balance.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from app.domain.lending.postings import Account

Key = TypeVar("Key")

OWED = frozenset(
    {
        Account.LOAN_PRINCIPAL,
        Account.INTEREST_RECEIVABLE,
        Account.PENALTY_RECEIVABLE,
        Account.CUSTOMER_CREDIT,
        Account.CHARGED_OFF,
        Account.RECOVERY_INCOME,
    }
)
_EARNED = {Account.INTEREST_INCOME, Account.PENALTY_INCOME}


class LineKind(StrEnum):
    """What changed the balance."""

    DRAWN = "DRAWN"
    INTEREST = "INTEREST"
    PENALTY = "PENALTY"
    FEE = "FEE"
    PAYMENT = "PAYMENT"
    TAKEN_BACK = "TAKEN_BACK"


_BY_CYCLE = frozenset({LineKind.INTEREST, LineKind.PENALTY})


@dataclass(frozen=True, slots=True)
class Cycle:
    """One calendar month.

    Raises:
        ValueError: there is no such month.
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 2000 <= self.year <= 2999:  # noqa: PLR2004 - the years that the product knows
            raise ValueError("a cycle lies in the years 2000 to 2999")
        date(self.year, self.month, 1)

    @classmethod
    def of(cls, day: date) -> "Cycle":
        """The cycle that a business day falls in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Cycle":
        """Read a cycle as it is written: 2026-11.

        Raises:
            ValueError: it is none.
        """
        cycle = cls(int(text[:4]), int(text[5:]))
        if cycle.text != text:
            raise ValueError("a cycle is written YYYY-MM")
        return cycle

    @property
    def text(self) -> str:
        """As it is written: "2026-11"."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def before(self) -> "Cycle":
        """The one before it."""
        return Cycle.of(self.first - timedelta(days=1))


def cycles(opened_on: date, today: date) -> Iterator[Cycle]:
    """Every cycle from the day on which a line was opened to the present day's, newest first."""
    cycle, oldest = Cycle.of(today), Cycle.of(opened_on)
    while cycle.first >= oldest.first:
        yield cycle
        cycle = cycle.before()


@dataclass(frozen=True, slots=True)
class Move(Generic[Key]):
    """An amount in fen that moved on a day between two accounts of a loan, by one act."""

    loan: Key
    act: Key
    day: date
    source: Account
    destination: Account
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Line(Generic[Key]):
    """A change of the balance in fen: above zero it grew.

    Interest and penalty of a loan are one line a cycle each, of the day up to which they were earned.
    """

    day: date
    kind: LineKind
    loan: Key
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Statement(Generic[Key]):
    """One cycle of a line. `closed`: the end of its last day has run."""

    cycle: Cycle
    opening_minor: int
    lines: tuple[Line[Key], ...]
    closed: bool

    @property
    def closing_minor(self) -> int:
        """What was owed when it ended, in fen; below zero it is the customer's credit."""
        return self.opening_minor + sum(line.amount_minor for line in self.lines)

    @property
    def accrued_to(self) -> date | None:
        """The last day of the cycle up to which anything was earned; None where nothing was."""
        return max((line.day for line in self.lines if line.kind in _BY_CYCLE), default=None)

    def total_minor(self, kind: LineKind) -> int:
        """All lines of one kind, in fen."""
        return sum(line.amount_minor for line in self.lines if line.kind is kind)


def owed_minor(moved: Iterable[tuple[Account, Account, int]]) -> int:
    """What is owed after amounts moved, in fen."""
    return sum(amount * ((destination in OWED) - (source in OWED)) for source, destination, amount in moved)


def statement(cycle: Cycle, opening_minor: int, moves: Iterable[Move[Key]], *, closed: bool) -> Statement[Key]:
    """The statement of a cycle from what moved in it."""
    totals: dict[tuple[LineKind, Key, tuple[date, Key] | None], Line[Key]] = {}
    for move in moves:
        for kind, amount in _changes(move):
            key = (kind, move.loan, None if kind in _BY_CYCLE else (move.day, move.act))
            known = totals.get(key, Line(move.day, kind, move.loan, 0))
            totals[key] = Line(max(known.day, move.day), kind, move.loan, known.amount_minor + amount)
    lines = [line for line in totals.values() if line.amount_minor]
    order = list(LineKind)
    lines.sort(key=lambda line: (line.day, order.index(line.kind)))
    return Statement(cycle, opening_minor, tuple(lines), closed)


def _changes(move: Move[Key]) -> list[tuple[LineKind, int]]:
    """What one movement does to the balance; nothing, where it moves what is owed from one account to another."""
    source, destination, amount = move.source, move.destination, move.amount_minor
    if Account.FEE_INCOME in {source, destination}:  # charged and paid at once
        sign = 1 if source is Account.FEE_INCOME else -1
        return [(LineKind.FEE, sign * amount), (LineKind.PAYMENT, -sign * amount)]
    change = owed_minor([(source, destination, amount)])
    if change == 0:
        return []
    other = source if change > 0 else destination
    if other in _EARNED:
        return [(LineKind.INTEREST if other is Account.INTEREST_INCOME else LineKind.PENALTY, change)]
    if other is Account.REFUND_PENDING:
        return [(LineKind.TAKEN_BACK, change)]
    if other is Account.CASH:
        return [(LineKind.PAYMENT if change < 0 else LineKind.TAKEN_BACK, change)]
    return [(LineKind.DRAWN, change)]
