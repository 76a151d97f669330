"""The double entry: every act moves an amount from one account to another, so all balances sum to zero.

A correction is a reversal and never an edit. Accounts are kept per loan, `CUSTOMER_CREDIT` per customer.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.domain.lending.accrual import Position
from app.domain.lending.allocation import Line
from app.domain.lending.product import AllocationTarget

Key = TypeVar("Key", bound=Hashable)


class Account(StrEnum):
    """Where amounts lie. What we hold or are owed has a positive balance, what we owe or earned a negative one."""

    CASH = "CASH"
    LOAN_HELD = "LOAN_HELD"
    LOAN_PRINCIPAL = "LOAN_PRINCIPAL"
    PAYOUT_PENDING = "PAYOUT_PENDING"
    INTEREST_RECEIVABLE = "INTEREST_RECEIVABLE"
    INTEREST_INCOME = "INTEREST_INCOME"
    PENALTY_RECEIVABLE = "PENALTY_RECEIVABLE"
    PENALTY_INCOME = "PENALTY_INCOME"
    FEE_INCOME = "FEE_INCOME"
    CUSTOMER_CREDIT = "CUSTOMER_CREDIT"
    REFUND_PENDING = "REFUND_PENDING"
    CHARGED_OFF = "CHARGED_OFF"
    RECOVERY_INCOME = "RECOVERY_INCOME"


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount in fen, more than zero, moved from one account to another.

    Raises:
        ValueError: the amount is not positive, or the accounts are one.
    """

    source: Account
    destination: Account
    amount_minor: int

    def __post_init__(self) -> None:
        if self.amount_minor <= 0 or self.source is self.destination:
            raise ValueError("a posting moves a positive amount between two accounts")


_PAID_FROM = {
    AllocationTarget.FEE: Account.FEE_INCOME,
    AllocationTarget.PENALTY: Account.PENALTY_RECEIVABLE,
    AllocationTarget.INTEREST: Account.INTEREST_RECEIVABLE,
    AllocationTarget.PRINCIPAL: Account.LOAN_PRINCIPAL,
    AllocationTarget.OVERPAYMENT: Account.CUSTOMER_CREDIT,
}


def draw_held(principal_minor: int) -> tuple[Posting, ...]:
    """A draw is agreed: its principal is held on the limit and owed to the customer."""
    return (Posting(Account.PAYOUT_PENDING, Account.LOAN_HELD, principal_minor),)


def payout_made(principal_minor: int) -> tuple[Posting, ...]:
    """The payout arrived: the hold is now the loan's principal."""
    return (
        Posting(Account.CASH, Account.PAYOUT_PENDING, principal_minor),
        Posting(Account.LOAN_HELD, Account.LOAN_PRINCIPAL, principal_minor),
    )


def payout_failed(principal_minor: int) -> tuple[Posting, ...]:
    """The payout came back: the hold is released, nothing is owed."""
    return reversal(draw_held(principal_minor))


def _adjusted(income: Account, receivable: Account, change_minor: int) -> tuple[Posting, ...]:
    if change_minor == 0:
        return ()
    if change_minor < 0:
        return (Posting(receivable, income, -change_minor),)
    return (Posting(income, receivable, change_minor),)


def accrued(owed: Position, *, interest_receivable_minor: int, penalty_receivable_minor: int) -> tuple[Posting, ...]:
    """What brings the receivables (their present balances in fen) to what the position says is earned and unpaid.

    Posting it twice posts nothing the second time, and thirty days at once post what thirty single days do.
    """
    return earned(
        interest_minor=owed.interest_minor,
        penalty_minor=owed.penalty_minor,
        interest_receivable_minor=interest_receivable_minor,
        penalty_receivable_minor=penalty_receivable_minor,
    )


def earned(
    *, interest_minor: int, penalty_minor: int, interest_receivable_minor: int, penalty_receivable_minor: int
) -> tuple[Posting, ...]:
    """What brings the receivables to given figures, in fen; too much is taken back."""
    interest, penalty = interest_minor - interest_receivable_minor, penalty_minor - penalty_receivable_minor
    return (
        *_adjusted(Account.INTEREST_INCOME, Account.INTEREST_RECEIVABLE, interest),
        *_adjusted(Account.PENALTY_INCOME, Account.PENALTY_RECEIVABLE, penalty),
    )


def repaid(lines: Sequence[Line]) -> tuple[Posting, ...]:
    """A payment arrived and was spread; post `accrued` of its day first."""
    return tuple(Posting(_PAID_FROM[line.target], Account.CASH, line.amount_minor) for line in lines)


def charged_off(owed: Position) -> tuple[Posting, ...]:
    """The claim leaves the book, which is no gift: it stands as it is, earns no more and may be recovered.

    Post `accrued` of its day first.
    """
    claims = (
        (Account.LOAN_PRINCIPAL, owed.outstanding_minor),
        (Account.INTEREST_RECEIVABLE, owed.interest_minor),
        (Account.PENALTY_RECEIVABLE, owed.penalty_minor),
    )
    return tuple(Posting(account, Account.CHARGED_OFF, amount) for account, amount in claims if amount)


def recovered(lines: Sequence[Line]) -> tuple[Posting, ...]:
    """A payment on a charged-off claim arrived; what is beyond the claim is the customer's."""
    return tuple(
        Posting(
            Account.CUSTOMER_CREDIT if line.target is AllocationTarget.OVERPAYMENT else Account.RECOVERY_INCOME,
            Account.CASH,
            line.amount_minor,
        )
        for line in lines
    )


def refund_held(amount_minor: int) -> tuple[Posting, ...]:
    """The customer's credit is on its way back; a refund that fails is the reversal of this."""
    return (Posting(Account.REFUND_PENDING, Account.CUSTOMER_CREDIT, amount_minor),)


def refund_made(amount_minor: int) -> tuple[Posting, ...]:
    """The customer's credit was paid back."""
    return (Posting(Account.CASH, Account.REFUND_PENDING, amount_minor),)


def paid_back(amount_minor: int) -> tuple[Posting, ...]:
    """The customer paid back credit that had been refunded out of a payment which then came back."""
    return (Posting(Account.CUSTOMER_CREDIT, Account.CASH, amount_minor),)


def reversal(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """The postings that undo others, last first."""
    return tuple(Posting(posting.destination, posting.source, posting.amount_minor) for posting in reversed(postings))


def balance(postings: Iterable[Posting], account: Account) -> int:
    """What an account holds after the postings, in fen."""
    return sum(
        posting.amount_minor * ((posting.destination is account) - (posting.source is account))
        for posting in postings
    )


@dataclass(frozen=True, slots=True)
class Credit(Generic[Key]):
    """All credit of one customer by the loan that it came of, in fen; it counts as one sum.

    A part is below zero where credit was refunded out of a payment that then came back. Where all parts together are
    below zero the customer owes that sum back: due at once, without interest (Civil Code 985).
    """

    parts: Mapping[Key, int]

    @property
    def held_minor(self) -> int:
        """What we owe the customer, in fen."""
        return max(0, sum(self.parts.values()))

    @property
    def owed_back_minor(self) -> int:
        """What the customer owes back, in fen."""
        return max(0, -sum(self.parts.values()))

    def held_of(self, key: Key) -> int:
        """How much of what we owe the customer came of one loan, in fen."""
        return max(0, min(self.parts.get(key, 0), self.held_minor))

    def owed_back_of(self, amount_minor: int) -> dict[Key, int]:
        """Which loans an amount in fen pays back for, in their order; no more than is owed back."""
        left = min(amount_minor, self.owed_back_minor)
        taken: dict[Key, int] = {}
        for key, part in self.parts.items():
            if left and part < 0:
                taken[key] = min(left, -part)
                left -= taken[key]
        return taken
