"""How a payment is spread: what is due first, then interest to the day, then principal ahead of time.

Source: Civil Code 561 (costs, interest, principal) and 677 (early repayment: interest of the days used).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise

from app.domain.lending.accrual import (
    InstalmentState,
    LoanTerms,
    Owed,
    Payoff,
    Position,
    charged_to,
    in_grace,
    interest_penalty_total,
    payoff,
    penalty_total,
    position,
)
from app.domain.lending.amortising import NotSchedulable, Part, by_instalment, by_principals, split, until_repaid
from app.domain.lending.product import (
    ALLOCATION_ORDER,
    AllocationSequence,
    AllocationTarget,
    Method,
    PrepaymentRule,
    Product,
)
from app.domain.money import MAX_AMOUNT_MINOR, half_up


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
    """A part of a payment, in fen, never zero; `instalment` is None for a prepayment and for an overpayment.

    Of two PENALTY lines the one `on_interest` pays the penalty that runs on overdue interest.
    """

    target: AllocationTarget
    instalment: int | None
    amount_minor: int
    on_interest: bool = False


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


@dataclass(frozen=True, slots=True)
class Rules:
    """What the contract prints on payments: the order, by kind or instalment by instalment, and the prepayment rule."""

    order: tuple[AllocationTarget, ...] = ALLOCATION_ORDER
    sequence: AllocationSequence = AllocationSequence.BY_KIND
    prepayment: PrepaymentRule = PrepaymentRule.KEEP_TERM


DEFAULT_RULES = Rules()


def rules_of(product: Product, prepayment: PrepaymentRule | None = None) -> Rules:
    """What the contract of a product prints on payments, with the prepayment rule that the customer chose."""
    chosen = prepayment or product.prepayment_rules[0]
    return Rules(product.allocation_order, product.allocation_sequence, chosen)


_PARTS: dict[AllocationTarget, tuple[tuple[bool, Callable[[Owed], int]], ...]] = {
    AllocationTarget.FEE: ((False, lambda owed: owed.fee_minor),),
    AllocationTarget.PENALTY: (
        (False, lambda owed: owed.penalty_minor),
        (True, lambda owed: owed.interest_penalty_minor),
    ),
    AllocationTarget.INTEREST: ((False, lambda owed: owed.interest_minor),),
    AllocationTarget.PRINCIPAL: ((False, lambda owed: owed.principal_minor),),
}


def _claims(owed: Sequence[Owed], rules: Rules) -> Iterable[tuple[AllocationTarget, Owed]]:
    """Kinds and instalments in the order in which they are paid."""
    if rules.sequence is AllocationSequence.BY_KIND:
        return ((target, item) for target in rules.order for item in owed)
    return ((target, item) for item in owed for target in rules.order)


def _spread(amount_minor: int, owed: Sequence[Owed], rules: Rules) -> tuple[list[Line], int]:
    """Lines as far as the amount goes, and what is left of it."""
    lines = []
    for target, item in _claims(owed, rules):
        for on_interest, part in _PARTS[target]:
            taken = min(amount_minor, part(item))
            if taken:
                lines.append(Line(target, item.number, taken, on_interest))
                amount_minor -= taken
    return lines, amount_minor


def lines_due(owed: Position, rules: Rules = DEFAULT_RULES) -> list[Line]:
    """The lines that pay all that is due, in the order in which they are paid."""
    lines, _ = _spread(owed.due_minor, owed.due, rules)
    return lines


def _pay(terms: LoanTerms, state: InstalmentState, line: Line, as_of: date) -> InstalmentState:
    if line.target is AllocationTarget.FEE:
        return replace(state, fee_paid=state.fee_paid + line.amount_minor)
    if line.target is AllocationTarget.PENALTY and line.on_interest:
        return replace(state, interest_penalty_paid=state.interest_penalty_paid + line.amount_minor)
    if line.target is AllocationTarget.PENALTY:
        return replace(state, penalty_paid=state.penalty_paid + line.amount_minor)
    if line.target is AllocationTarget.INTEREST:
        return replace(_interest_fixed(terms, state, as_of), interest_paid=state.interest_paid + line.amount_minor)
    return replace(_principal_fixed(terms, state, as_of), principal_paid=state.principal_paid + line.amount_minor)


def _principal_fixed(terms: LoanTerms, state: InstalmentState, as_of: date) -> InstalmentState:
    """The penalty on principal up to the day, before principal falls; within the grace there is none to fix."""
    if in_grace(terms, state, as_of):
        return state
    return replace(state, penalty_due=penalty_total(terms, state, as_of), penalty_to=as_of)


def _interest_fixed(terms: LoanTerms, state: InstalmentState, as_of: date) -> InstalmentState:
    """The penalty on interest up to the day, before interest falls."""
    if not terms.interest_penalty.scaled or in_grace(terms, state, as_of):
        return state
    fixed = interest_penalty_total(terms, state, as_of)
    return replace(state, interest_penalty_due=fixed, interest_penalty_to=as_of)


def _apply(
    terms: LoanTerms, instalments: Sequence[InstalmentState], lines: Sequence[Line], as_of: date
) -> tuple[InstalmentState, ...]:
    states = {state.number: state for state in instalments}
    for line in lines:
        if line.instalment is not None:
            states[line.instalment] = _pay(terms, states[line.instalment], line, as_of)
    return tuple(states.values())


def relevel(
    terms: LoanTerms,
    instalments: Sequence[InstalmentState],
    balance_minor: int,
    as_of: date,
    rule: PrepaymentRule = PrepaymentRule.KEEP_TERM,
) -> tuple[InstalmentState, ...]:
    """The instalments after principal fell to `balance_minor` (fen, not due yet) on a day, on the same due days.

    KEEP_TERM makes every row smaller. KEEP_INSTALMENT keeps what a row takes (an equal-principal plan: its principal);
    the last rows become empty, the one before them smaller. Rows that are due by then stay as they are; the running
    row's interest starts anew, as all earlier interest is paid. A row's fee falls as its principal does, and ends with it.

    Raises:
        NotSchedulable: no row is left, or no balance.
        NegativeAmortisation: see `split`.
    """
    kept = [state for state in instalments if state.due_on <= as_of]
    ahead = [state for state in instalments if state.due_on > as_of]
    starts = [charged_to(terms, state, as_of) if state is ahead[0] else state.starts_on for state in ahead]
    rates = [terms.interest.weight(start, state.due_on) for state, start in zip(ahead, starts, strict=True)]
    parts = _parts(terms, ahead, rates, balance_minor, rule)
    parts += [Part(0, 0)] * (len(ahead) - len(parts))
    renewed = [
        InstalmentState(
            number=state.number,
            starts_on=start,
            due_on=state.due_on,
            principal_due=part.principal_minor,
            interest_due=part.interest_minor,
            penalty_to=state.due_on,
            fee_due=max(fee, state.fee_paid),
            fee_paid=state.fee_paid,
        )
        for state, start, part, fee in zip(ahead, starts, parts, _fees(ahead, parts), strict=True)
    ]
    return (*kept, *renewed)


def _fees(ahead: Sequence[InstalmentState], parts: Sequence[Part]) -> list[int]:
    """The fees of the rows ahead, each lowered as the principal that its row stands on is.

    So prepaying in part costs what repaying parts of the loan early, each on its day, would cost, and a ceiling that
    holds for these holds for it. The running sum is rounded, so that many small prepayments keep no more than one.
    """
    before = _standing([state.principal_open for state in ahead])
    after = _standing([part.principal_minor for part in parts])
    shares = [Fraction(min(new, old), old) if old else Fraction(0) for new, old in zip(after, before, strict=True)]
    sums = accumulate(state.fee_due * share for state, share in zip(ahead, shares, strict=True))
    rounded = [half_up(total.numerator, total.denominator) for total in sums]
    return [upto - earlier for earlier, upto in pairwise([0, *rounded])]


def _standing(principals: Sequence[int]) -> list[int]:
    """The balance at the start of each row: its principal and all that comes after it."""
    return list(accumulate(reversed(principals)))[::-1]


def _parts(
    terms: LoanTerms, ahead: Sequence[InstalmentState], rates: Sequence[int], balance_minor: int, rule: PrepaymentRule
) -> list[Part]:
    # Rows that an earlier prepayment emptied stay empty: they are no part of the term any more.
    count = max((index for index, state in enumerate(ahead, start=1) if state.principal_due), default=0)
    rates, interest, method = rates[:count], terms.interest, terms.method
    if rule is PrepaymentRule.KEEP_INSTALMENT and method is Method.LEVEL_INSTALMENT and count > 1:
        instalment = ahead[0].principal_due + ahead[0].interest_due
        try:
            return until_repaid(balance_minor, rates, interest.scale, instalment, interest.rounding)
        except NotSchedulable:
            # So little was prepaid that the last row still takes what rounding left.
            return by_instalment(balance_minor, rates, interest.scale, instalment, interest.rounding)
    if rule is PrepaymentRule.KEEP_INSTALMENT and method is Method.EQUAL_PRINCIPAL and count > 1:
        shares = _shares(balance_minor, ahead[0].principal_due, count)
        return by_principals(shares, rates[: len(shares)], interest.scale, interest.rounding)
    return split(balance_minor, rates, interest.scale, method, interest.rounding)


def _shares(balance_minor: int, share: int, most: int) -> list[int]:
    """A balance in at most so many shares of one size, the last one with the rest."""
    shares: list[int] = []
    while balance_minor > share and len(shares) < most - 1:
        shares.append(share)
        balance_minor -= share
    return [*shares, balance_minor]


def _settling(amount_minor: int, owed: Position, end: Payoff, rules: Rules) -> list[Line]:
    """The lines that end a loan: all that is owed by kind, with the interest cut to the day, and the excess."""
    items = [
        item
        if item.is_due
        else replace(item, fee_minor=0, interest_minor=owed.accrued_minor if item.number == owed.accruing else 0)
        for item in owed.instalments
    ]
    lines, _ = _spread(end.total_minor, items, rules)
    excess = amount_minor - end.total_minor
    return [*lines, Line(AllocationTarget.OVERPAYMENT, None, excess)] if excess else lines


def _ended(instalments: Sequence[InstalmentState]) -> tuple[InstalmentState, ...]:
    """Interest and fees of a time that was never used are not owed: what was paid is what was due."""
    return tuple(replace(state, interest_due=state.interest_paid, fee_due=state.fee_paid) for state in instalments)


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
    rules: Rules = DEFAULT_RULES,
) -> Allocation:
    """Spread a payment of a business day, in fen, over a loan; the lines always sum to the payment.

    What reaches the payoff ends the loan, the excess is OVERPAYMENT, the customer's credit. What is less pays due
    items by the rules, oldest first; what is more than due pays the running period's interest to the day, and the rest
    prepays principal and re-levels the plan by the prepayment rule.

    Raises:
        NotAllocatable: the amount is not positive or beyond MAX_AMOUNT_MINOR.
        DayBeforeDraw: the day is before the draw.
    """
    if not 0 < amount_minor <= MAX_AMOUNT_MINOR:
        raise NotAllocatable(amount_minor)
    owed = position(terms, instalments, as_of)
    end = payoff(owed)
    if amount_minor >= end.total_minor:
        lines = _settling(amount_minor, owed, end, rules)
        after = _ended(_apply(terms, instalments, lines, as_of))
        return _checked(amount_minor, Allocation(tuple(lines), after, settled=True, relevelled=False))
    lines, left = _spread(amount_minor, owed.due, rules)
    interest = min(left, owed.accrued_minor)
    if interest:
        lines.append(Line(AllocationTarget.INTEREST, owed.accruing, interest))
        left -= interest
    after = _apply(terms, instalments, lines, as_of)
    if left:
        lines.append(Line(AllocationTarget.PRINCIPAL, None, left))
        balance = sum(state.principal_open for state in after if state.due_on > as_of) - left
        after = relevel(terms, after, balance, as_of, rules.prepayment)
    return _checked(amount_minor, Allocation(tuple(lines), after, settled=False, relevelled=left > 0))
