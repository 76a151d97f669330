"""What happened to a loan, day by day, and what it comes to: a mistake is taken out and all that follows is replayed.

Nothing that was booked is edited. A returned, a mistaken or a late-booked payment makes another history; the book is
brought from the one to the other by reversals and new postings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import takewhile

from app.domain.lending.accrual import InstalmentState, LoanTerms, Position, payoff, position
from app.domain.lending.allocation import DEFAULT_RULES, Line, Rules, allocate
from app.domain.lending.postings import (
    Account,
    Posting,
    balance,
    charged_off,
    draw_held,
    earned,
    payout_made,
    recovered,
    repaid,
    reversal,
)
from app.domain.lending.product import AllocationTarget

MAX_ENTRIES = 10_000


class EntryKind(StrEnum):
    """What may happen to a loan once it is paid out."""

    PAYMENT = "PAYMENT"
    CHARGE_OFF = "CHARGE_OFF"


class UnknownEntry(LookupError):
    """The history has no entry of that key."""


class EntryRepeated(ValueError):
    """The history has an entry of that key already."""


class TooManyEntries(ValueError):
    """More entries than one loan may have."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened on a business day; `received` orders those of one day. The amount is in fen."""

    key: str
    day: date
    received: int
    amount_minor: int = 0
    kind: EntryKind = EntryKind.PAYMENT
    rules: Rules = DEFAULT_RULES


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an entry did: its lines, the instalments after it and its postings, without interest earned on the way."""

    entry: Entry
    lines: tuple[Line, ...]
    instalments: tuple[InstalmentState, ...]
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """A history played to its end; `charged_off_on` is the day from which nothing more is earned."""

    terms: LoanTerms
    fresh: tuple[InstalmentState, ...]
    outcomes: tuple[Outcome, ...]
    charged_off_on: date | None

    @property
    def instalments(self) -> tuple[InstalmentState, ...]:
        """The instalments after the last entry."""
        return self.outcomes[-1].instalments if self.outcomes else self.fresh

    @property
    def credit_minor(self) -> int:
        """What was paid beyond all debts, refundable, in fen."""
        lines = (line for outcome in self.outcomes for line in outcome.lines)
        return sum(line.amount_minor for line in lines if line.target is AllocationTarget.OVERPAYMENT)

    def position(self, as_of: date) -> Position:
        """What the customer owes on a day; a charged-off loan stands still."""
        return position(self.terms, self.instalments, _counted(as_of, self.charged_off_on))

    def receivables(self, as_of: date) -> tuple[int, int]:
        """Interest and penalty that the book should show as earned and unpaid, in fen; none once charged off."""
        if self.charged_off_on is not None:
            return 0, 0
        owed = self.position(as_of)
        return owed.interest_minor, owed.penalty_minor


def _counted(day: date, charged_off_on: date | None) -> date:
    return day if charged_off_on is None else min(day, charged_off_on)


def play(terms: LoanTerms, states: tuple[InstalmentState, ...], entry: Entry, charged_off_on: date | None) -> Outcome:
    """What an entry does to instalments that know of all entries before it.

    Raises:
        NotAllocatable, DayBeforeDraw: no loan can take it.
    """
    day = _counted(entry.day, charged_off_on)
    if entry.kind is EntryKind.CHARGE_OFF:
        postings = charged_off(position(terms, states, day)) if charged_off_on is None else ()
        return Outcome(entry, (), states, postings)
    spread = allocate(entry.amount_minor, terms, states, day, entry.rules)
    postings = repaid(spread.lines) if charged_off_on is None else recovered(spread.lines)
    return Outcome(entry, spread.lines, spread.instalments, postings)


@dataclass(frozen=True, slots=True)
class History:
    """A paid-out loan and all that happened to it, in any order.

    Raises:
        EntryRepeated: two entries of one key. TooManyEntries: more than MAX_ENTRIES.
    """

    terms: LoanTerms
    instalments: tuple[InstalmentState, ...]
    entries: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        if len(self.entries) > MAX_ENTRIES:
            raise TooManyEntries
        if len({entry.key for entry in self.entries}) != len(self.entries):
            raise EntryRepeated

    def add(self, *entries: Entry) -> "History":
        """The history with more entries, back-dated ones as well."""
        return replace(self, entries=(*self.entries, *entries))

    def undo(self, key: str) -> "History":
        """The history without an entry.

        Raises:
            UnknownEntry: it holds none of that key.
        """
        kept = tuple(entry for entry in self.entries if entry.key != key)
        if len(kept) == len(self.entries):
            raise UnknownEntry
        return replace(self, entries=kept)

    def replay(self) -> Replay:
        """All entries in the order of their days.

        Raises:
            NotAllocatable, DayBeforeDraw: an entry that no loan can take.
        """
        states, ended, outcomes = self.instalments, None, []
        for entry in sorted(self.entries, key=lambda entry: (entry.day, entry.received)):
            outcome = play(self.terms, states, entry, ended)
            if entry.kind is EntryKind.CHARGE_OFF:
                ended = ended or entry.day
            states = outcome.instalments
            outcomes.append(outcome)
        return Replay(self.terms, self.instalments, tuple(outcomes), ended)


@dataclass(frozen=True, slots=True)
class Correction:
    """What brings the book from one history to another.

    `gone` is what is no longer so and `made` what is instead, each in the order played; `settled` then sets earned
    interest and penalty to the day.
    """

    gone: tuple[Outcome, ...]
    made: tuple[Outcome, ...]
    settled: tuple[Posting, ...]

    @property
    def postings(self) -> tuple[Posting, ...]:
        """All postings, in their order."""
        return (*_moved(self.gone, self.made), *self.settled)

    @property
    def reversed_keys(self) -> tuple[str, ...]:
        """The entries whose postings are reversed."""
        return tuple(outcome.entry.key for outcome in self.gone)

    @property
    def replayed_keys(self) -> tuple[str, ...]:
        """The entries that are posted anew."""
        return tuple(outcome.entry.key for outcome in self.made)


def _moved(gone: Sequence[Outcome], made: Sequence[Outcome]) -> list[Posting]:
    undone = [posting for outcome in reversed(gone) for posting in reversal(outcome.postings)]
    return [*undone, *(posting for outcome in made for posting in outcome.postings)]


def correction(before: Replay, after: Replay, balances: Mapping[Account, int], as_of: date) -> Correction:
    """Reverse what is no longer so, last first, post what is, and set earned interest and penalty to the day.

    `balances` are those of the loan's accounts now, in fen. What both histories begin with stays as it is.
    """
    pairs = zip(before.outcomes, after.outcomes, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    gone, made = before.outcomes[same:], after.outcomes[same:]
    moved = _moved(gone, made)
    interest, penalty = after.receivables(as_of)
    settled = earned(
        interest_minor=interest,
        penalty_minor=penalty,
        interest_receivable_minor=_after(balances, moved, Account.INTEREST_RECEIVABLE),
        penalty_receivable_minor=_after(balances, moved, Account.PENALTY_RECEIVABLE),
    )
    return Correction(gone, made, settled)


def _after(balances: Mapping[Account, int], moved: Sequence[Posting], account: Account) -> int:
    return balances.get(account, 0) + balance(moved, account)


def payout_undone(played: Replay, balances: Mapping[Account, int]) -> Correction:
    """A payout that came back after all: nothing was lent, nothing earned, and what was paid is the customer's.

    `balances` are those of the loan's accounts now, in fen.
    """
    made = tuple(
        credited(outcome.entry, played.fresh)
        for outcome in played.outcomes
        if outcome.entry.kind is EntryKind.PAYMENT
    )
    moved = _moved(played.outcomes, made)
    taken_back = earned(
        interest_minor=0,
        penalty_minor=0,
        interest_receivable_minor=_after(balances, moved, Account.INTEREST_RECEIVABLE),
        penalty_receivable_minor=_after(balances, moved, Account.PENALTY_RECEIVABLE),
    )
    principal = played.terms.principal_minor
    returned = reversal((*draw_held(principal), *payout_made(principal)))
    return Correction(played.outcomes, made, (*taken_back, *returned))


def credited(entry: Entry, fresh: tuple[InstalmentState, ...]) -> Outcome:
    """A payment that no loan can take any more: all of it is the customer's."""
    lines = (Line(AllocationTarget.OVERPAYMENT, None, entry.amount_minor),)
    return Outcome(entry, lines, fresh, repaid(lines))


def settled_on(played: Replay) -> date | None:
    """The day on which nothing was owed any more, for the settlement certificate; None while something is."""
    for outcome in played.outcomes:
        owed = position(played.terms, outcome.instalments, _counted(outcome.entry.day, played.charged_off_on))
        if payoff(owed).total_minor == 0:
            return outcome.entry.day
    return None
