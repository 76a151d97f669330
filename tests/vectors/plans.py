"""Vectors of repayment plans: the product's core under the vector's own unit and rounding.

What no product does (unrounded balances, whole currency units, an instalment rounded up, principal grace, a balloon)
is said by the unit, the rounding and the list of principals that are handed to the core.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any

from app.domain.calendar import add_months
from app.domain.lending.amortising import (
    Part,
    by_instalment,
    by_principals,
    equal_principals,
    level_instalment,
    until_repaid,
)
from app.domain.lending.interest import Interest
from app.domain.lending.schedule import rows_of
from app.domain.money import Rate, Rounding, half_up
from tests.vectors.answers import Either, Fen, exact
from tests.vectors.progressive import progressive_schedule
from tests.vectors.reading import Inputs, NotApplicable, Why, number

FINE = 10**24
MOST_ROWS = 1200
METHODS = {
    "level": "level",
    "annuity": "level",
    "level_instalment": "level",
    "equal_instalment": "level",
    "equal_principal": "equal_principal",
    "interest_only": "interest_only",
    "interest_first": "interest_only",
    "bullet": "interest_only",
    "fixed_principal_then_balloon": "balloon",
    "fixed_principal": "balloon",
    "fixed_instalment": "fixed_instalment",
    "fixed_payment": "fixed_instalment",
    "fixed_amount": "fixed_instalment",
}


def half_even(numerator: int, denominator: int) -> int:
    """To the nearest, a half to the even side."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))


def ceiling(numerator: int, denominator: int) -> int:
    """Up to the next whole number."""
    return -(-numerator // denominator)


@dataclass(frozen=True)
class Unit:
    """What a vector rounds to, and how: `per_unit` parts of one currency unit."""

    per_unit: Fraction
    rounding: Rounding
    rounded: bool

    @classmethod
    def of(cls, inputs: Inputs, convention: str, *, fine: bool = False) -> "Unit":
        text = convention.upper()
        rounding = half_even if "HALF_EVEN" in text or "HALF-EVEN" in text else half_up
        if "multiple_of" in inputs:
            return cls(1 / inputs.number("multiple_of"), rounding, rounded=True)
        if fine or "UNROUNDED" in text or text == "NONE" or "instalment_rounding" in inputs:
            return cls(Fraction(FINE), half_up, rounded=False)
        return cls(Fraction(100), rounding, rounded=True)

    def minor(self, amount: Fraction) -> int:
        return self.rounding((amount * self.per_unit).numerator, (amount * self.per_unit).denominator)

    def shown(self, minor: int) -> Fen | Fraction:
        amount = minor / self.per_unit
        return Fen(amount.numerator, amount.denominator) if self.rounded else amount


def period_rate(inputs: Inputs) -> Fraction:
    """The rate of one period; months unless the vector says how many periods make a year."""
    count = inputs.whole("periods_per_year", otherwise=12)
    if "period_rate" in inputs:
        return inputs.number("period_rate")
    if "effective_rate" in inputs:
        with localcontext() as context:
            context.prec = 50
            grown = 1 + inputs.number("effective_rate")
            return Fraction(((Decimal(grown.numerator) / Decimal(grown.denominator)).ln() / count).exp() - 1)
    return inputs.number("nominal_rate", "annual_rate", "rate") / count


def _whole_rates(rates: Sequence[Fraction]) -> tuple[list[int], int]:
    scale = lcm(*(rate.denominator for rate in set(rates)))
    return [int(rate * scale) for rate in rates], scale


def _rates(inputs: Inputs, count: int) -> list[Fraction]:
    if str(inputs.raw.get("day_count", "")).upper().replace("ACTUAL", "ACT") in {"ACT/365", "ACT/360", "ACT/365F"}:
        base = 360 if "360" in str(inputs.raw["day_count"]) else 365
        interest = Interest(Rate.parse(inputs.text("annual_rate", "nominal_rate")), per_days=base)
        start = inputs.day("start", "drawn")
        dues = [add_months(start, month, start.day) for month in range(count + 1)]
        return [Fraction(interest.weight(one, two), interest.scale) for one, two in pairwise(dues)]
    return [period_rate(inputs)] * count


def _principals(inputs: Inputs, method: str, minor: int, count: int, unit: Unit) -> list[int]:
    grace = inputs.whole("principal_grace", otherwise=0)
    if method == "equal_principal":
        return [0] * grace + equal_principals(minor, count - grace, unit.rounding)
    if method == "interest_only":
        return [0] * (count - 1) + [minor]
    each = unit.minor(inputs.number("principal_per_period"))
    body = [each] * (count - grace - 1)
    return [0] * grace + body + [minor - sum(body)]


def plan(inputs: Inputs, unit: Unit) -> list[Part]:
    """The rows of a vector's loan, in its unit."""
    method = METHODS.get(inputs.text("method"))
    if method is None:
        raise NotApplicable(Why.UNKNOWN_METHOD, inputs.text("method"))
    minor = unit.minor(inputs.number("principal", "amount"))
    if method == "fixed_instalment":
        rates, scale = _whole_rates(_rates(inputs, MOST_ROWS))
        paid = unit.minor(inputs.number("instalment", "payment", "fixed_amount", "monthly_amount"))
        return until_repaid(minor, rates, scale, paid, unit.rounding)
    count = inputs.whole("n")
    if not 1 <= count <= MOST_ROWS:
        raise NotApplicable(Why.NOT_A_VECTOR, f"{count} rows")
    rates, scale = _whole_rates(_rates(inputs, count))
    if method != "level":
        return by_principals(_principals(inputs, method, minor, count, unit), rates, scale, unit.rounding)
    grace = inputs.whole("principal_grace", otherwise=0)
    first = [Part(0, unit.rounding(minor * rate, scale)) for rate in rates[:grace]]
    instalment = level_instalment(minor, rates[grace:], scale, unit.rounding)
    if "instalment_rounding" in inputs:
        instalment = _raised(inputs, unit, instalment)
    return first + by_instalment(minor, rates[grace:], scale, instalment, unit.rounding)


def _raised(inputs: Inputs, unit: Unit, instalment: int) -> int:
    how, _, step = inputs.text("instalment_rounding").upper().partition(" TO ")
    if how.strip() not in {"CEILING", "UP"}:
        raise NotApplicable(Why.UNKNOWN_CONVENTION, how)
    each = unit.minor(number(step.strip() or "1"))
    return ceiling(instalment, each) * each


def _anchors(inputs: Inputs, expected: Any, count: int) -> list[date]:
    """Due dates: from the draw, or from the first one that the source prints where it names no draw."""
    rows = expected.get("rows") if isinstance(expected, dict) else None
    if "start" in inputs or "drawn" in inputs:
        start = inputs.day("start", "drawn")
        return [add_months(start, month, start.day) for month in range(count + 1)]
    if isinstance(rows, list) and rows and "due" in rows[0]:
        first = date.fromisoformat(rows[0]["due"])
        return [add_months(first, month - int(rows[0].get("n", 1)), first.day) for month in range(count + 1)]
    return []


def _answer(inputs: Inputs, parts: Sequence[Part], unit: Unit, expected: Any) -> dict[str, Any]:
    dues = _anchors(inputs, expected, len(parts))
    dated = rows_of(parts, dues[0], dues[1:]) if dues else None
    balance = sum(part.principal_minor for part in parts)
    rows = []
    for index, (principal, interest) in enumerate(parts):
        paid, opening = principal + interest, balance
        balance -= principal
        shown = {"opening": opening, "interest": interest, "principal": principal, "balance": balance}
        row: dict[str, Any] = {name: unit.shown(value) for name, value in shown.items()}
        row |= {"n": index + 1, "closing": row["balance"]}
        row |= dict.fromkeys(("payment", "instalment", "amount", "due_amount"), unit.shown(paid))
        rows.append(row | ({"due": dated[index].due_on} if dated else {}))
    interests = [part.interest_minor for part in parts]
    every = [part.principal_minor + part.interest_minor for part in parts]
    years = [
        {"year": k // 12 + 1, "interest": unit.shown(sum(interests[k : k + 12])), "payment": unit.shown(sum(every[k : k + 12]))}
        for k in range(0, len(parts), 12)
    ]  # fmt: skip
    principal_total = sum(part.principal_minor for part in parts)
    totals = {"principal": principal_total, "interest": sum(interests), "due": sum(every)}
    return {
        "rows": _signed(rows, expected),
        "year_interest": years,
        "year_sums": years,
        "n": len(parts),
        "n_periods": len(parts),
        "principal": [unit.shown(part.principal_minor) for part in parts],
        "interest": [unit.shown(each) for each in interests],
        "totals": {name: unit.shown(value) for name, value in totals.items()},
        "instalment": unit.shown(every[0]),
        "last_instalment": unit.shown(every[-1]),
        "total_interest": _signed_total(unit.shown(sum(interests)), expected),
        "total_payment": unit.shown(sum(every)),
    }


def _pays_negative(expected: Any) -> bool:
    rows = expected.get("rows") if isinstance(expected, dict) else None
    return isinstance(rows, list) and bool(rows) and str(rows[0].get("interest", "")).startswith("-")


def _signed(rows: list[dict[str, Any]], expected: Any) -> list[dict[str, Any]]:
    """Rows as money paid is written: negative where the source follows the sign of cash."""
    if not _pays_negative(expected):
        return rows
    paid = ("principal", "interest", "payment", "instalment")
    return [{name: -exact(value) if name in paid else value for name, value in row.items()} for row in rows]


def _signed_total(total: Any, expected: Any) -> Any:
    return -exact(total) if _pays_negative(expected) else total


def schedule(inputs: Inputs, expected: Any, convention: str = "") -> dict[str, Any]:
    """kind=schedule."""
    if "periods" in inputs:
        return progressive_schedule(inputs)
    unit = Unit.of(inputs, convention)
    answer = _answer(inputs, plan(inputs, unit), unit, expected)
    if isinstance(expected, dict) and {"instalment_exact_2dp", "instalment_ceiling"} & set(expected):
        cents = Unit.of(inputs, "")
        minor = exact(cents.shown(sum(plan(inputs, cents)[0])))
        fine = Unit.of(inputs, "", fine=True)
        whole = exact(fine.shown(sum(plan(inputs, fine)[0])))
        answer |= {"instalment_exact_2dp": minor, "instalment_ceiling": ceiling(whole.numerator, whole.denominator)}
    return answer


def totals(inputs: Inputs, expected: Any, convention: str = "") -> dict[str, Any]:
    """kind=schedule_totals: published totals take the unrounded instalment or the rounded one times the rows."""
    unit = Unit.of(inputs, "", fine=True)
    parts = plan(inputs, unit)
    paid = [exact(unit.shown(sum(part))) for part in parts]
    instalment = Fraction(half_up((paid[0] * 100).numerator, (paid[0] * 100).denominator), 100)
    principal, whole = inputs.number("principal"), sum(paid)
    level = METHODS.get(inputs.text("method")) == "level"
    total = Either((whole, instalment * len(parts))) if level else whole
    cost = Either((whole - principal, instalment * len(parts) - principal)) if level else whole - principal
    return {
        "instalment": paid[0],
        "first_payment": paid[0],
        "last_payment": paid[-1],
        "decrement": paid[0] - paid[1] if len(paid) > 1 else Fraction(0),
        "total_interest": cost,
        "total_payment": total,
        "first_interest": unit.shown(parts[0].interest_minor),
        "first_principal": unit.shown(parts[0].principal_minor),
        "n": len(parts),
    }


def redraw(inputs: Inputs, _: Any, convention: str = "") -> dict[str, Any]:
    """kind=redraw: what is outstanding in equal parts of whole units."""
    unit = Unit.of(inputs, convention)
    shares = equal_principals(unit.minor(inputs.number("remaining")), inputs.whole("n"), unit.rounding)
    return {"principal": [unit.shown(share) for share in shares]}


def partial_prepayment(inputs: Inputs, expected: Any, convention: str = "") -> dict[str, Any]:
    """kind=partial_prepayment: the rest re-levelled over the rows left, or the instalment kept and the rows fewer."""
    unit = Unit.of(inputs, convention)
    count, minor = inputs.whole("n"), unit.minor(inputs.number("principal"))
    rates, scale = _whole_rates([period_rate(inputs)] * count)
    instalment = level_instalment(minor, rates, scale, unit.rounding)
    rows: list[dict[str, Any]] = []
    for paid in inputs.rows("paid"):
        interest = unit.rounding(minor * rates[len(rows)], scale)
        principal = min(unit.minor(paid.number("amount")) - interest, minor)
        minor -= principal
        rows.append(_row(unit, len(rows) + 1, Part(principal, interest), minor))
    answer = {f"payoff_on_due_date_{row['n']}": row["balance"] for row in rows}
    answer["payoff"] = unit.shown(minor)
    left = rates[len(rows) :]
    strategy = inputs.text("strategy").lower()
    if "instalment" in strategy or "emi" in strategy:
        parts = by_instalment(minor, left, scale, level_instalment(minor, left, scale, unit.rounding), unit.rounding)
    elif "term" in strategy or "number" in strategy:
        parts = until_repaid(minor, left, scale, instalment, unit.rounding)
    else:
        raise NotApplicable(Why.UNKNOWN_METHOD, strategy)
    for part in parts:
        minor -= part.principal_minor
        rows.append(_row(unit, len(rows) + 1, part, minor))
    return {**answer, "rows": rows, "n": len(rows), "last_instalment": rows[-1]["instalment"]}


def _row(unit: Unit, number_: int, part: Part, balance: int) -> dict[str, Any]:
    return {
        "n": number_,
        "principal": unit.shown(part.principal_minor),
        "interest": unit.shown(part.interest_minor),
        "instalment": unit.shown(sum(part)),
        "balance": unit.shown(balance),
    }
