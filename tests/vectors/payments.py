"""Vectors of payments: spread by the product's own allocation, under the order that the vector names."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from app.domain.lending.accrual import InstalmentState, LoanTerms, position
from app.domain.lending.allocation import Allocation, Rules, allocate
from app.domain.lending.interest import Interest
from app.domain.lending.product import ALLOCATION_ORDER, AllocationTarget, Method
from app.domain.money import Rate, half_up
from tests.vectors.answers import Fen
from tests.vectors.reading import Inputs, NotApplicable, Why, listed

DAY = date(2026, 1, 31)
TERMS = LoanTerms(1, Interest(Rate(0)), Rate(0), date(2026, 1, 1), Method.LEVEL_INSTALMENT)
KINDS = {target.value.lower(): target for target in ALLOCATION_ORDER}
NAMES = {target: name for name, target in KINDS.items()} | {AllocationTarget.OVERPAYMENT: "overpaid"}


def _fen(value: Fraction) -> int:
    return half_up((value * 100).numerator, (value * 100).denominator)


def _instalment(number: int, owed: Inputs) -> InstalmentState:
    """An instalment that is due today."""
    return InstalmentState(
        number=number,
        starts_on=TERMS.drawn_on,
        due_on=DAY,
        principal_due=_fen(owed.number("principal", otherwise=0)),
        interest_due=_fen(owed.number("interest", otherwise=0)),
        penalty_to=DAY,
        penalty_due=_fen(owed.number("penalty", otherwise=0)),
        fee_due=_fen(owed.number("fee", "fees", "costs", otherwise=0)),
    )


def _order(inputs: Inputs) -> tuple[AllocationTarget, ...]:
    if "order" not in inputs:
        return ALLOCATION_ORDER
    named = [str(word).lower().removesuffix("s").replace("cost", "fee") for word in listed(inputs.raw["order"])]
    unknown = [word for word in named if word not in KINDS]
    if unknown:
        raise NotApplicable(Why.UNKNOWN_CONVENTION, f"order {unknown[0]}")
    return tuple(KINDS[word] for word in named)


def allocation(inputs: Inputs, expected: Any) -> dict[str, Any]:
    """kind=allocation: payments one after the other; an undone one is not among them, the rest is replayed."""
    rows = inputs.rows("instalments") if "instalments" in inputs else [Inputs(inputs.first_of("outstanding"))]
    states = tuple(_instalment(number, row) for number, row in enumerate(rows, start=1))
    owed_first = sum(state.principal_due for state in states)
    terms = replace(TERMS, principal_minor=max(1, owed_first))
    if "instalments" in inputs:
        return _oldest_first(inputs, terms, states)
    order, applied, overpaid, paid_principal = _order(inputs), [], 0, 0
    settled = False
    for amount in inputs.numbers("payments"):
        spread = allocate(_fen(amount), terms, states, DAY, Rules(order))
        states, settled = spread.instalments, spread.settled
        overpaid += spread.total_minor(AllocationTarget.OVERPAYMENT)
        paid_principal += spread.total_minor(AllocationTarget.PRINCIPAL)
        applied.append(_applied(amount, spread, owed_first - paid_principal))
    single = isinstance(expected, dict) and isinstance(expected.get("applied"), dict)
    status = "OVERPAID" if overpaid else "CLOSED" if settled else "ACTIVE"
    left = position(terms, states, DAY).due_minor
    return {
        "applied": applied[-1] if single else applied,
        "overpaid": Fen(overpaid),
        "status": status,
        "outstanding": Fen(left),
        "balance": Fen(owed_first - paid_principal),
    }


def _applied(amount: Fraction, spread: Allocation, balance: int) -> dict[str, Any]:
    parts = {name: Fen(spread.total_minor(target)) for name, target in KINDS.items()}
    return {"amount": Fen(_fen(amount)), "balance": Fen(balance), "overpaid": Fen(0), **parts}


def _oldest_first(inputs: Inputs, terms: LoanTerms, states: tuple[InstalmentState, ...]) -> dict[str, Any]:
    """Instalment by instalment: each one is a small loan of its own here, the excess passes to the next."""
    left, paid = sum(_fen(amount) for amount in inputs.numbers("payments")), []
    for state in states:
        spread = allocate(left, terms, (state,), DAY, Rules(_order(inputs))) if left else None
        taken = left - spread.total_minor(AllocationTarget.OVERPAYMENT) if spread else 0
        paid.append(taken)
        left -= taken
    return {
        "paid_by_instalment": [Fen(amount) for amount in paid],
        "in_advance": Fen(sum(paid[1:])),
        "overpaid": Fen(left),
    }


def penalty(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=penalty: simple on what is overdue, by actual days over the base."""
    overdue = inputs.number("overdue", "overdue_principal", "overdue_amount", "pending_amount", "pending", "amount",
                            "principal", "base")  # fmt: skip
    days, base = (
        inputs.whole("days", "days_late", "overdue_days", "days_overdue"),
        inputs.number("year_days", otherwise=365),
    )
    if "daily_rate" in inputs or "penalty_daily" in inputs:
        rate = inputs.number("daily_rate", "penalty_daily")
    else:
        rate = inputs.number("penalty_rate", "annual_rate", "rate", "penalty_interest_rate") / base
    amount = overdue * rate * days
    return {"penalty": amount, "amount": amount, "penalty_amount": amount, "interest": amount}
