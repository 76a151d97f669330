"""What a payment ahead of time does to a plan, shown before the customer agrees to it; and one payment for several loans.

Both rules are shown side by side and one is chosen: what follows is never fixed twice.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from app.domain.lending.accrual import InstalmentState, LoanTerms, Position, payoff
from app.domain.lending.allocation import DEFAULT_RULES, Line, NotAllocatable, Rules, allocate, lines_due
from app.domain.lending.product import AllocationTarget, PrepaymentRule
from app.domain.lending.schedule import Row
from app.domain.money import MAX_AMOUNT_MINOR, Rate

Key = TypeVar("Key", bound=Hashable)
Rank = tuple[int, date]
"""A place in the order of the law, the first the least: what a debt costs a day, negated, and its due day."""


class UnknownLoan(ValueError):
    """The customer chose a loan that is not among those to be paid."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A payment as it would be booked on a day: its lines, the rows still to come, and the interest in them, in fen.

    `saved_minor` is the interest that the payment makes unnecessary.
    """

    rule: PrepaymentRule
    lines: tuple[Line, ...]
    rows: tuple[Row, ...]
    interest_left_minor: int
    saved_minor: int
    settled: bool


def rows_ahead(instalments: Sequence[InstalmentState], as_of: date) -> tuple[Row, ...]:
    """The rows that are not due yet, as a plan, each with its own fee; rows that a prepayment emptied are none."""
    ahead = [state for state in instalments if state.due_on > as_of and state.principal_due + state.interest_due]
    balance = sum(state.principal_open for state in ahead)
    rows = []
    for state in ahead:
        principal, interest = state.principal_open, state.interest_open
        balance -= principal
        days = (state.due_on - state.starts_on).days
        fee = state.fee_due - state.fee_paid
        rows.append(Row(state.number, state.due_on, days, principal + interest, principal, interest, balance, fee))
    return tuple(rows)


def preview(
    amount_minor: int,
    terms: LoanTerms,
    instalments: Sequence[InstalmentState],
    as_of: date,
    rules: Rules = DEFAULT_RULES,
) -> Preview:
    """What `allocate` will do with the same arguments, to be agreed to first.

    Raises:
        NotAllocatable, DayBeforeDraw: see `allocate`.
    """
    spread = allocate(amount_minor, terms, instalments, as_of, rules)
    after = () if spread.settled else rows_ahead(spread.instalments, as_of)
    before = sum(row.interest_minor for row in rows_ahead(instalments, as_of))
    left = sum(row.interest_minor for row in after)
    early = sum(
        line.amount_minor
        for line in spread.lines
        if line.instalment is not None
        and line.target is AllocationTarget.INTEREST
        and _is_ahead(line, instalments, as_of)
    )
    # A fen prepaid may cost a fen of rounding: nothing saved, and nothing to frighten anybody with.
    saved = max(0, before - early - left)
    return Preview(rules.prepayment, spread.lines, after, left, saved, spread.settled)


def _is_ahead(line: Line, instalments: Sequence[InstalmentState], as_of: date) -> bool:
    return any(state.number == line.instalment and state.due_on > as_of for state in instalments)


def offered(
    rules: Sequence[PrepaymentRule], instalments: Sequence[InstalmentState], as_of: date
) -> tuple[PrepaymentRule, ...]:
    """Which of a product's rules a prepayment may follow: the first alone where one row is left, for no term is shorter."""
    return tuple(rules) if len(rows_ahead(instalments, as_of)) > 1 else tuple(rules[:1])


def previews(
    amount_minor: int,
    terms: LoanTerms,
    instalments: Sequence[InstalmentState],
    as_of: date,
    choice: Sequence[PrepaymentRule],
    rules: Rules = DEFAULT_RULES,
) -> tuple[Preview, ...]:
    """The rules of a choice side by side."""
    return tuple(preview(amount_minor, terms, instalments, as_of, replace(rules, prepayment=rule)) for rule in choice)


@dataclass(frozen=True, slots=True)
class Debt(Generic[Key]):
    """One of several loans of a customer on a day, by the caller's key."""

    key: Key
    owed: Position
    daily: Rate
    penalty: Rate
    rules: Rules = DEFAULT_RULES

    @property
    def due(self) -> dict[Rank, int]:
        """What is due by now, in fen, by its rank, which is that of the oldest instalment not yet paid."""
        left = {item.number: item.total_minor for item in self.owed.due}
        found: dict[Rank, int] = {}
        for line in lines_due(self.owed, self.rules):
            oldest = next(item for item in self.owed.due if left[item.number])
            burden = self.penalty if oldest.days_late else self.daily
            rank = -burden.scaled, oldest.due_on
            found[rank] = found.get(rank, 0) + line.amount_minor
            if line.instalment is not None:
                left[line.instalment] -= line.amount_minor
        return found

    @property
    def ahead(self) -> dict[Rank, int]:
        """What ends the loan beyond that, in fen: no penalty runs on it, and its due day is one to come."""
        days = (item.due_on for item in self.owed.instalments if item.due_on > self.owed.as_of)
        rank = -self.daily.scaled, min(days, default=self.owed.as_of)
        return {rank: payoff(self.owed).total_minor - self.owed.due_minor}


@dataclass(frozen=True, slots=True)
class Shares(Generic[Key]):
    """A payment shared among loans, in fen, each share more than zero, and what no loan takes: a refundable credit.

    `back_minor` pays back credit that was refunded out of a payment which then came back.
    """

    shares: tuple[tuple[Key, int], ...]
    credit_minor: int
    back_minor: int = 0


def share_out(
    amount_minor: int, debts: Sequence[Debt[Key]], chosen: Key | None = None, owed_back_minor: int = 0
) -> Shares[Key]:
    """Share a payment among the loans of a customer: the one the customer chose, up to its payoff, then by the law.

    By Civil Code 560 what is due comes first; among debts alike the heavier, then the one due earlier, then each in
    proportion. None of these loans is secured. Credit that is owed back is due and bears nothing, so it comes after
    all else that is due and before anything ahead of its time. A place in that order hangs on what is unpaid alone:
    two payments of a day do what one of their sum does, but for the odd fen of a proportion.

    Raises:
        NotAllocatable: the amount is not positive or beyond MAX_AMOUNT_MINOR.
        UnknownLoan: the chosen loan is not among them.
    """
    if not 0 < amount_minor <= MAX_AMOUNT_MINOR:
        raise NotAllocatable(amount_minor)
    if chosen is not None and chosen not in {debt.key for debt in debts}:
        raise UnknownLoan
    left = amount_minor
    taken = {debt.key: 0 for debt in debts}
    if chosen is not None:
        taken[chosen] = min(left, next(payoff(debt.owed).total_minor for debt in debts if debt.key == chosen))
        left -= taken[chosen]
    others = [debt for debt in debts if debt.key != chosen]
    left = _taken_up(left, taken, [(debt.key, debt.due) for debt in others])
    back = min(left, owed_back_minor)
    left = _taken_up(left - back, taken, [(debt.key, debt.ahead) for debt in others])
    return Shares(tuple((key, part) for key, part in taken.items() if part), left, back)


def _taken_up(left: int, taken: dict[Key, int], needs: Sequence[tuple[Key, Mapping[Rank, int]]]) -> int:
    """Add to what each debt takes, rank by rank and up to its need; what is left then, in fen."""
    for rank in sorted({rank for _, ranked in needs for rank in ranked}):
        alike = [(key, ranked[rank]) for key, ranked in needs if rank in ranked]
        for key, part in _in_proportion(left, alike):
            taken[key] += part
            left -= part
    return left


def _in_proportion(amount_minor: int, needs: Sequence[tuple[Key, int]]) -> list[tuple[Key, int]]:
    """Whole fen by need, never more than it; the fen that division leaves go to the first ones."""
    total = sum(need for _, need in needs)
    if amount_minor >= total:
        return list(needs)
    parts = [(key, amount_minor * need // total) for key, need in needs]
    spare = amount_minor - sum(part for _, part in parts)
    given = []
    for (key, part), (_, need) in zip(parts, needs, strict=True):
        more = 1 if spare and part < need else 0
        spare -= more
        given.append((key, part + more))
    return given
