"""The trial balance: every account's two sides from the postings, which must be equal when all are taken together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.lending.postings import Account


class DayAhead(ValueError):
    """A day that has not come has no balance."""

    def __init__(self, day: date, today: date) -> None:
        super().__init__(f"{day} has not come: the business date is {today}")


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """One account: what came to it and what left it over all time, in fen."""

    account: Account
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """What it holds, in fen: what we have or are owed above zero, what we owe or earned below."""
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The book at the end of a day, in fen. `closed`: that day is over, so no posting of it can follow."""

    on: date
    currency: str
    accounts: tuple[AccountTotals, ...]
    closed: bool

    @property
    def debit_minor(self) -> int:
        """All debits, in fen."""
        return sum(row.debit_minor for row in self.accounts)

    @property
    def credit_minor(self) -> int:
        """All credits, in fen."""
        return sum(row.credit_minor for row in self.accounts)

    @property
    def balanced(self) -> bool:
        """Whether both sides are equal."""
        return self.debit_minor == self.credit_minor


def trial_balance(
    on: date, currency: str, moved: Iterable[tuple[Account, Account, int]], *, closed: bool
) -> TrialBalance:
    """The balance of what moved from one account to another; every account is listed, in the order of the book."""
    debit = dict.fromkeys(Account, 0)
    credit = dict.fromkeys(Account, 0)
    for source, destination, amount in moved:
        debit[destination] += amount
        credit[source] += amount
    totals = tuple(AccountTotals(account, debit[account], credit[account]) for account in Account)
    return TrialBalance(on, currency, totals, closed)
