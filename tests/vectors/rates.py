"""Vectors of annual cost. Each form has its own curve here; the bracketing and the proof are the product's."""

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from math import exp, expm1, lcm, log
from typing import Any

from app.domain.lending.annual_cost import (
    NoAnnualCost,
    SeveralAnnualCosts,
    annual_cost,
    bracketed_root,
    effective_rate,
    proved,
    turn_of,
)
from app.domain.lending.interest import Interest
from app.domain.money import RATE_SCALE, Rate
from tests.vectors.answers import exact
from tests.vectors.reading import Inputs, NotApplicable, Why

UNIT = 10**10
SCAN = [-0.95 + 0.01 * step for step in range(96)] + [0.02 * step for step in range(1, 500)]
MOST_FLOWS = 5000

Flow = tuple[Fraction, Fraction]


def _merged(flows: Sequence[Flow]) -> list[Flow]:
    sums: dict[Fraction, Fraction] = {}
    for time, amount in flows:
        sums[time] = sums.get(time, Fraction(0)) + amount
    return sorted((time, amount) for time, amount in sums.items() if amount)


def _scaled(values: Sequence[Fraction]) -> tuple[list[int], int]:
    scale = lcm(*(value.denominator for value in values))
    return [int(value * scale) for value in values], scale


def compound_rate(flows: Sequence[Flow]) -> Fraction:
    """The effective yearly rate of flows at times in years, right to the tenth decimal."""
    kept = _merged(flows)
    if not kept:
        raise NoAnnualCost("nothing flows")
    sign = 1 if kept[0][1] > 0 else -1
    times, year = _scaled([time - kept[0][0] for time, _ in kept])
    amounts, _ = _scaled([sign * amount for _, amount in kept])
    try:
        turn = turn_of(amounts)
    except SeveralAnnualCosts:
        return _nearest_to_zero(kept)
    if sum(amounts) == 0:
        return Fraction(0)
    return Fraction(effective_rate(times, amounts, turn, year=year, unit=UNIT), UNIT)


def _nearest_to_zero(flows: Sequence[Flow]) -> Fraction:
    """Where the product refuses flows that turn more than once, the sources print the root nearest to zero."""

    def worth(log_growth: float) -> float:
        return sum(float(amount) * exp(-log_growth * float(time)) for time, amount in flows)

    marks = [log(1 + rate) for rate in SCAN]
    values = [worth(mark) for mark in marks]
    brackets = [
        (marks[i], marks[i + 1], values[i] < 0)
        for i in range(len(marks) - 1)
        if (values[i] < 0) != (values[i + 1] < 0)
    ]
    if not brackets:
        raise NoAnnualCost("no root in the scanned range")
    low, high, rising = min(brackets, key=lambda bracket: min(abs(bracket[0]), abs(bracket[1])))

    def curve(at: float) -> tuple[float, float]:
        slope = -sum(float(amount * time) * exp(-at * float(time)) for time, amount in flows)
        return (worth(at), slope) if rising else (-worth(at), -slope)

    return Fraction(expm1(bracketed_root(curve, low - 2e-6, high + 2e-6, (low + high) / 2)))


def flows_in_years(inputs: Inputs) -> list[Flow]:
    """Compressed flows: `count` of `amount` at `first_t + k * step`."""
    found: list[Flow] = []
    for row in inputs.rows("flows"):
        first, step = row.number("first_t", "t"), row.number("step", otherwise=0)
        for k in range(row.whole("count", otherwise=1)):
            found.append((first + k * step, row.number("amount")))
            if len(found) > MOST_FLOWS:
                raise NotApplicable(Why.NOT_A_VECTOR, "too many flows")
    return found


def apr_flows_years(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=apr_flows_years."""
    rate = compound_rate(flows_in_years(inputs))
    return {"x": rate, "aprc": rate, "apr": rate, "irr": rate}


def apr_days(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=apr_days: one advance and one payment, or several, at days over a year of `year_days`."""
    year = inputs.number("year_days", otherwise=365)
    flows = [(Fraction(0), inputs.number("advance", "principal"))]
    if "payments" in inputs:
        flows += [(row.number("days", "day") / year, -row.number("amount")) for row in inputs.rows("payments")]
    else:
        flows.append((inputs.number("days") / year, -inputs.number("payment")))
    return {"apr": compound_rate(flows)}


def dated_flows(inputs: Inputs) -> list[tuple[date, Fraction]]:
    """Flows at dates."""
    return [(row.day("date"), row.number("amount")) for row in inputs.rows("flows", "cashflows")]


def xirr(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=xirr_365: actual days over 365; what the product prints must be this figure at its four decimals."""
    flows = dated_flows(inputs)
    first = min(day for day, _ in flows)
    rate = compound_rate([(Fraction((day - first).days, 365), amount) for day, amount in flows])
    amounts, _scale = _scaled([amount for _, amount in flows])
    printed = annual_cost([(day, amount) for (day, _), amount in zip(flows, amounts, strict=True)])
    if abs(Fraction(printed.scaled, RATE_SCALE) - rate) > Fraction(1, 20_000):
        raise AssertionError(f"the product prints {printed.text()}")
    return {"value": rate, "apr": rate, "irr": rate}


def _side_of(worth: Callable[[Fraction], Fraction], periods: Fraction) -> Callable[[int], int]:
    def side(mark: int) -> int:
        value = worth(Fraction(mark, 2 * UNIT) / periods)
        return (value < 0) - (value > 0)

    return side


def apr_unit_period(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=apr_unit_period: whole unit-periods compound, an odd part bears simple interest (Reg Z, appendix J)."""
    periods = inputs.number("unit_periods_per_year")
    advances = inputs.rows("advances") if "advances" in inputs else [Inputs(inputs.first_of("advance"))]
    terms = [(row.number("amount"), row.whole("t", otherwise=0), row.number("f", otherwise=0)) for row in advances]
    if "fee_at_advance" in inputs:
        terms.append((-inputs.number("fee_at_advance"), 0, Fraction(0)))
    terms += [
        (-row.number("amount"), row.whole("t"), row.number("f", otherwise=0)) for row in inputs.rows("payments")
    ]

    def worth(rate: Fraction) -> Fraction:
        return sum((a / ((1 + f * rate) * (1 + rate) ** t) for a, t, f in terms), Fraction(0))

    plain = [(float(a), t, float(f)) for a, t, f in terms]

    def curve(at: float) -> tuple[float, float]:
        value = slope = 0.0
        for amount, whole, odd in plain:
            part = amount / ((1 + odd * at) * (1 + at) ** whole)
            value += part
            slope -= part * (odd / (1 + odd * at) + whole / (1 + at))
        return value, slope

    if worth(Fraction(0)) == 0:
        return {"apr": Fraction(0)}
    root = bracketed_root(curve, -0.5, 10.0, 0.01)
    return {"apr": Fraction(proved(_side_of(worth, periods), root * float(periods) * UNIT, UNIT), UNIT)}


def rate_conversion(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=rate_conversion: a daily rate by its base is the year's, always shown with the base."""
    if "daily_rate" in inputs:
        base = inputs.whole("year_days", "day_base", otherwise=365)
        yearly = Rate.yearly(Rate.parse(inputs.text("daily_rate")), base)
        return {"annual_rate": Fraction(yearly.scaled, RATE_SCALE)}
    if "annual_rate" in inputs:
        annual = inputs.number("annual_rate")
        return {"daily_rate": annual / inputs.number("year_days", otherwise=365), "monthly_rate": annual / 12}
    monthly = inputs.number("monthly_rate", "period_rate")
    count = inputs.whole("periods_per_year", otherwise=12)
    return {"annual_rate": monthly * count, "simple": monthly * count, "effective_rate": (1 + monthly) ** count - 1}


def daily_interest(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=daily_interest: by the product's own simple interest, in fen."""
    days = inputs.whole("days")
    start = date(2026, 1, 1)
    if "daily_rate" in inputs:
        interest = Interest(Rate.parse(inputs.text("daily_rate")))
    else:
        rate = Rate.parse(inputs.text("annual_rate", "nominal_rate"))
        interest = Interest(rate, per_days=inputs.whole("year_days", "day_base", otherwise=365))
    minor = inputs.number("principal", "balance", "amount") * 100
    amount = Fraction(interest.on(int(minor), start, date.fromordinal(start.toordinal() + days)), 100)
    return {"interest": amount, "total": minor / 100 + amount}


def annualised_cost(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=annualised_cost: the internal rate of a period, times the periods (simple) and compounded (IRR)."""
    if "flows" in inputs:
        rows = inputs.rows("flows")
        if all("date" in row for row in rows):
            return xirr(inputs, None)
        flows = flows_in_years(inputs)
    else:
        count = inputs.whole("n", "count", "periods")
        principal = inputs.number("principal", "amount", "advance", "loan")
        fee = inputs.number("fee", "upfront_fee", "fee_at_advance", "fees", otherwise=0)
        paid = inputs.number("payment", "instalment", "monthly_payment", "repayment")
        each = inputs.number("fee_per_period", "periodic_fee", otherwise=0)
        year = inputs.whole("periods_per_year", otherwise=12)
        flows = [(Fraction(0), principal - fee), *((Fraction(k, year), -(paid + each)) for k in range(1, count + 1))]
    year = inputs.whole("periods_per_year", otherwise=12)
    period = compound_rate([(time * year, amount) for time, amount in flows])
    compound = (1 + period) ** year - 1
    names = dict.fromkeys(("irr", "apr", "compound", "effective", "irr_compound", "annualised_irr"), compound)
    names |= dict.fromkeys(("simple", "annualised_simple", "simple_rate", "apr_simple"), period * year)
    return {**names, "period_rate": period, "monthly_irr": period, "irr_monthly": exact(period)}
