"""Vectors of spreadsheet functions: level instalments by the product's core, rates by its solver, the rest by formula.

Money received is positive. `type` 1 pays at the start of a period; no plan of the product does, so that and a value
left at the end are formulas of this file.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from app.domain.lending.amortising import by_instalment, level_instalment
from app.domain.money import half_up
from tests.vectors.rates import compound_rate, dated_flows, flows_in_years
from tests.vectors.reading import Inputs, NotApplicable, Why

FINE = 10**20
DIGITS = 50

Answer = Fraction | Decimal


def _shape(inputs: Inputs) -> tuple[Fraction, Fraction, Fraction, int]:
    due = inputs.raw.get("type", inputs.raw.get("when", 0))
    when = 1 if str(due).lower() in {"1", "begin", "start"} else 0
    return inputs.number("rate"), inputs.number("pv", otherwise=0), inputs.number("fv", otherwise=0), when


def _payment(rate: Fraction, count: int, present: Fraction, future: Fraction, when: int) -> Fraction:
    if future == 0 and when == 0 and present != 0:
        sign = 1 if present > 0 else -1
        scale = rate.denominator
        minor = level_instalment(
            half_up(abs(present.numerator) * FINE, present.denominator), [rate.numerator] * count, scale
        )
        return Fraction(-sign * minor, FINE)
    if rate == 0:
        return -(present + future) / count
    grown = (1 + rate) ** count
    return -(present * grown + future) * rate / ((1 + rate * when) * (grown - 1))


def pmt(inputs: Inputs) -> Answer:
    rate, present, future, when = _shape(inputs)
    return _payment(rate, inputs.whole("nper"), present, future, when)


def _interest(inputs: Inputs, period: int) -> Fraction:
    rate, present, future, when = _shape(inputs)
    count = inputs.whole("nper")
    if future == 0 and when == 0 and present > 0 and rate >= 0:
        minor = half_up(present.numerator * FINE, present.denominator)
        rates = [rate.numerator] * count
        parts = by_instalment(minor, rates, rate.denominator, level_instalment(minor, rates, rate.denominator))
        return Fraction(-parts[period - 1].interest_minor, FINE)
    paid = _payment(rate, count, present, future, when)
    if when and period == 1:
        return Fraction(0)
    grown = (1 + rate) ** (period - 1)
    owed = present * grown + (paid * (1 + rate * when) * (grown - 1) / rate if rate else paid * (period - 1))
    return -(owed * rate) / (1 + rate * when)


def ipmt(inputs: Inputs) -> Answer:
    return _interest(inputs, inputs.whole("per"))


def ppmt(inputs: Inputs) -> Answer:
    return Fraction(pmt(inputs)) - _interest(inputs, inputs.whole("per"))


def cumipmt(inputs: Inputs) -> Answer:
    return sum((_interest(inputs, k) for k in range(inputs.whole("start"), inputs.whole("end") + 1)), Fraction(0))


def cumprinc(inputs: Inputs) -> Answer:
    count = inputs.whole("end") - inputs.whole("start") + 1
    return Fraction(pmt(inputs)) * count - Fraction(cumipmt(inputs))


def fv(inputs: Inputs) -> Answer:
    rate, present, _, when = _shape(inputs)
    count, paid = inputs.whole("nper"), inputs.number("pmt", otherwise=0)
    grown = (1 + rate) ** count
    series = (grown - 1) / rate * (1 + rate * when) if rate else Fraction(count)
    return -(present * grown + paid * series)


def pv(inputs: Inputs) -> Answer:
    rate, _, future, when = _shape(inputs)
    count, paid = inputs.whole("nper"), inputs.number("pmt", otherwise=0)
    grown = (1 + rate) ** count
    series = (grown - 1) / rate * (1 + rate * when) if rate else Fraction(count)
    return -(future + paid * series) / grown


def nper(inputs: Inputs) -> Answer:
    rate, present, future, when = _shape(inputs)
    paid = inputs.number("pmt")
    if rate == 0:
        return -(present + future) / paid
    level = paid * (1 + rate * when) / rate
    with localcontext() as context:
        context.prec = DIGITS
        return _decimal((level - future) / (level + present)).ln() / _decimal(1 + rate).ln()


def rate(inputs: Inputs) -> Answer:
    """By the product's bracketed root where the flows turn once, on the periods' own time."""
    count, paid = inputs.whole("nper"), inputs.number("pmt", otherwise=0)
    present, future = inputs.number("pv", otherwise=0), inputs.number("fv", otherwise=0)
    when = _shape(Inputs({**inputs.raw, "rate": 0}))[3]
    flows = [(Fraction(k + 1 - when), paid) for k in range(count)]
    return compound_rate([(Fraction(0), present), *flows, (Fraction(count), future)])


def npv(inputs: Inputs) -> Answer:
    """The spreadsheet's first flow comes after one period, numpy-financial's at once."""
    discount, start = 1 + inputs.number("rate"), 0 if inputs.text("function").islower() else 1
    flows = inputs.numbers("cashflows", "values")
    return sum((amount / discount ** (k + start) for k, amount in enumerate(flows)), Fraction(0))


def irr(inputs: Inputs) -> Answer:
    flows = inputs.numbers("cashflows", "values")
    return compound_rate([(Fraction(k), amount) for k, amount in enumerate(flows)])


def mirr(inputs: Inputs) -> Answer:
    flows = inputs.numbers("cashflows", "values")
    finance, reinvest = inputs.number("finance_rate"), inputs.number("reinvest_rate")
    last = len(flows) - 1
    taken = sum((a * (1 + reinvest) ** (last - k) for k, a in enumerate(flows) if a > 0), Fraction(0))
    given = sum((a / (1 + finance) ** k for k, a in enumerate(flows) if a < 0), Fraction(0))
    return _root(-taken / given, last) - 1


def xnpv(inputs: Inputs) -> Answer:
    discount, flows = 1 + inputs.number("rate"), dated_flows(inputs)
    first: date = flows[0][0]
    with localcontext() as context:
        context.prec = DIGITS
        growth = _decimal(discount).ln() / 365
        return sum((_decimal(a) * (-growth * (day - first).days).exp() for day, a in flows), Decimal(0))


def xirr(inputs: Inputs) -> Answer:
    if all("date" in row for row in inputs.rows("flows", "cashflows")):
        flows = dated_flows(inputs)
        first = min(day for day, _ in flows)
        return compound_rate([(Fraction((day - first).days, 365), amount) for day, amount in flows])
    return compound_rate(flows_in_years(inputs))


def effect(inputs: Inputs) -> Answer:
    count = inputs.whole("per_year", "npery", "periods_per_year")
    return (1 + inputs.number("nominal", "rate") / count) ** count - 1


def nominal(inputs: Inputs) -> Answer:
    count = inputs.whole("per_year", "npery", "periods_per_year")
    return (_root(1 + inputs.number("effective", "rate"), count) - 1) * count


def rri(inputs: Inputs) -> Answer:
    return _root(inputs.number("fv") / inputs.number("pv"), inputs.whole("nper")) - 1


def pduration(inputs: Inputs) -> Answer:
    with localcontext() as context:
        context.prec = DIGITS
        grown = _decimal(inputs.number("fv") / inputs.number("pv")).ln()
        return grown / _decimal(1 + inputs.number("rate")).ln()


def ispmt(inputs: Inputs) -> Answer:
    count = inputs.number("nper")
    return -inputs.number("pv") * inputs.number("rate") * (1 - inputs.number("per") / count)


def fvschedule(inputs: Inputs) -> Answer:
    total = inputs.number("pv", "principal")
    for each in inputs.numbers("schedule", "rates"):
        total *= 1 + each
    return total


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _root(value: Fraction, degree: int) -> Decimal:
    """A real root in fifty digits."""
    with localcontext() as context:
        context.prec = DIGITS
        return (_decimal(value).ln() / degree).exp()


FUNCTIONS: dict[str, Callable[[Inputs], Answer]] = {
    function.__name__.upper(): function
    for function in (
        pmt, ipmt, ppmt, cumipmt, cumprinc, fv, pv, nper, rate, npv, irr, mirr, xnpv, xirr,
        effect, nominal, rri, pduration, ispmt, fvschedule,
    )
}  # fmt: skip


def tvm(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=tvm."""
    name = inputs.text("function").upper()
    if name not in FUNCTIONS:
        raise NotApplicable(Why.UNKNOWN_METHOD, name)
    return {"value": FUNCTIONS[name](inputs)}
