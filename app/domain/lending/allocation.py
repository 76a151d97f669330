"""How a payment is spread: what is due first, then interest to the day, then principal ahead of time.

Source: Civil Code 561 (costs, interest, principal) and 677 (early repayment: interest of the days used).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.domain.lending.accrual import (
    InstalmentState,
    LoanTerms,
    Owed,
    Payoff,
    Position,
    payoff,
    penalty_total,
    position,
)
from app.domain.lending.amortising import split
from app.domain.lending.product import ALLOCATION_ORDER, AllocationTarget
from app.domain.money import MAX_AMOUNT_MINOR


class NotAllocatable(ValueError):
    """An amount that is not positive or beyond every bound."""

    def __init__(self, amount_minor: int) -> None:
        super().__init__("a payment is positive and within bounds")
        self.amount_minor = amount_minor


class AllocationBroken(ArithmeticError):
    """A fault of ours: the parts of a payment do not make the payment, or a part is not positive."""

    def __init__(self, amount_minor: int, allocated_minor: int) -> None:
        super().__init__(f"{allocated_minor} fen allocated of {amount_minor}")
        self.amount_minor = amount_minor
        self.allocated_minor = allocated_minor


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a payment, in fen, never zero; `instalment` is None for a prepayment and for an overpayment."""

    target: AllocationTarget
    instalment: int | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """A payment spread on a loan: its lines, the instalments after it, whether it ended or re-levelled the loan."""

    lines: tuple[Line, ...]
    instalments: tuple[InstalmentState, ...]
    settled: bool
    relevelled: bool

    def total_minor(self, target: AllocationTarget) -> int:
        """What went to one target, in fen."""
        return sum(line.amount_minor for line in self.lines if line.target is target)


_PART: dict[AllocationTarget, Callable[[Owed], int]] = {
    AllocationTarget.FEE: lambda owed: owed.fee_minor,
    AllocationTarget.PENALTY: lambda owed: owed.penalty_minor,
    AllocationTarget.INTEREST: lambda owed: owed.interest_minor,
    AllocationTarget.PRINCIPAL: lambda owed: owed.principal_minor,
}


def _spread(amount_minor: int, owed: Sequence[Owed], order: Sequence[AllocationTarget]) -> tuple[list[Line], int]:
    """Lines by kind and then by age, as far as the amount goes, and what is left of it."""
    lines = []
    for target in order:
        for item in owed:
            taken = min(amount_minor, _PART[target](item))
            if taken:
                lines.append(Line(target, item.number, taken))
                amount_minor -= taken
    return lines, amount_minor


def _pay(state: InstalmentState, line: Line, penalty_so_far: int, as_of: date) -> InstalmentState:
    if line.target is AllocationTarget.FEE:
        return replace(state, fee_paid=state.fee_paid + line.amount_minor)
    if line.target is AllocationTarget.PENALTY:
        return replace(state, penalty_paid=state.penalty_paid + line.amount_minor)
    if line.target is AllocationTarget.INTEREST:
        return replace(state, interest_paid=state.interest_paid + line.amount_minor)
    # Principal falls today: the penalty on what it was until today is fixed first.
    return replace(
        state,
        principal_paid=state.principal_paid + line.amount_minor,
        penalty_due=penalty_so_far,
        penalty_to=max(as_of, state.due_on),
    )


def _apply(
    terms: LoanTerms, instalments: Sequence[InstalmentState], lines: Sequence[Line], as_of: date
) -> tuple[InstalmentState, ...]:
    states = {state.number: state for state in instalments}
    for line in lines:
        if line.instalment is not None:
            state = states[line.instalment]
            so_far = penalty_total(state, terms.penalty, as_of)
            states[line.instalment] = _pay(state, line, so_far, as_of)
    return tuple(states.values())


def relevel(
    terms: LoanTerms, instalments: Sequence[InstalmentState], balance_minor: int, as_of: date
) -> tuple[InstalmentState, ...]:
    """The instalments after principal fell to `balance_minor` (fen, not due yet) on a day: same term, same due days.

    Rows that are due by then stay as they are; the running row's interest starts anew on the day, as all earlier
    interest is paid.

    Raises:
        NotSchedulable: no row is left, or no balance.
        NegativeAmortisation: see `split`.
    """
    kept = [state for state in instalments if state.due_on <= as_of]
    ahead = [state for state in instalments if state.due_on > as_of]
    starts = [max(state.starts_on, as_of) for state in ahead]
    interest = terms.interest
    rates = [interest.weight(start, state.due_on) for state, start in zip(ahead, starts, strict=True)]
    parts = split(balance_minor, rates, interest.scale, terms.method, interest.rounding)
    renewed = [
        InstalmentState(
            number=state.number,
            starts_on=start,
            due_on=state.due_on,
            principal_due=part.principal_minor,
            interest_due=part.interest_minor,
            penalty_to=state.due_on,
        )
        for state, start, part in zip(ahead, starts, parts, strict=True)
    ]
    return (*kept, *renewed)


def _settling(amount_minor: int, owed: Position, end: Payoff, order: Sequence[AllocationTarget]) -> list[Line]:
    """The lines that end a loan: all that is owed by kind, with the interest cut to the day, and the excess."""
    items = [
        item
        if item.is_due
        else replace(item, interest_minor=owed.accrued_minor if item.number == owed.accruing else 0)
        for item in owed.instalments
    ]
    lines, _ = _spread(end.total_minor, items, order)
    excess = amount_minor - end.total_minor
    return [*lines, Line(AllocationTarget.OVERPAYMENT, None, excess)] if excess else lines


def _ended(instalments: Sequence[InstalmentState]) -> tuple[InstalmentState, ...]:
    """Interest that was never used is not owed: what was paid is what was due."""
    return tuple(replace(state, interest_due=state.interest_paid) for state in instalments)


def _checked(amount_minor: int, allocation: Allocation) -> Allocation:
    total = sum(line.amount_minor for line in allocation.lines)
    if total != amount_minor or any(line.amount_minor <= 0 for line in allocation.lines):
        raise AllocationBroken(amount_minor, total)
    return allocation


def allocate(
    amount_minor: int,
    terms: LoanTerms,
    instalments: Sequence[InstalmentState],
    as_of: date,
    order: Sequence[AllocationTarget] = ALLOCATION_ORDER,
) -> Allocation:
    """Spread a payment of a business day, in fen, over a loan; the lines always sum to the payment.

    What reaches the payoff ends the loan, the excess is OVERPAYMENT, the customer's credit. What is less pays due
    items by `order`, oldest first; what is more than due pays the running period's interest to the day, and the rest
    prepays principal and re-levels the plan over the same term.

    Raises:
        NotAllocatable: the amount is not positive or beyond MAX_AMOUNT_MINOR.
        DayBeforeDraw: the day is before the draw.
    """
    if not 0 < amount_minor <= MAX_AMOUNT_MINOR:
        raise NotAllocatable(amount_minor)
    owed = position(terms, instalments, as_of)
    end = payoff(owed)
    if amount_minor >= end.total_minor:
        lines = _settling(amount_minor, owed, end, order)
        after = _ended(_apply(terms, instalments, lines, as_of))
        return _checked(amount_minor, Allocation(tuple(lines), after, settled=True, relevelled=False))
    lines, left = _spread(amount_minor, owed.due, order)
    interest = min(left, owed.accrued_minor)
    if interest:
        lines.append(Line(AllocationTarget.INTEREST, owed.accruing, interest))
        left -= interest
    after = _apply(terms, instalments, lines, as_of)
    if left:
        lines.append(Line(AllocationTarget.PRINCIPAL, None, left))
        balance = sum(state.principal_open for state in after if state.due_on > as_of) - left
        after = relevel(terms, after, balance, as_of)
    return _checked(amount_minor, Allocation(tuple(lines), after, settled=False, relevelled=left > 0))
