"""Test-only: Fineract's progressive loan, a convention that no product here has.

Each sub-period's interest is rounded HALF_EVEN, a draw or a late payment divides a period by its actual days, the last
unpaid period absorbs, and the instalment is moved once when that brings the last row nearer to the others.
"""

import calendar
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

from app.domain.calendar import add_months
from tests.vectors.answers import Fen
from tests.vectors.dates import isda
from tests.vectors.reading import Inputs, NotApplicable, Why, listed
from tests.vectors.reading import day as read_day

YEARS = {"DAYS_360": 360, "DAYS_364": 364, "DAYS_365": 365}
UNIT_DAYS = {"DAYS": 1, "WEEKS": 7}


def half_even(value: Fraction) -> int:
    """To the nearest whole number, a half to the even side."""
    return round(value)


def year_days(year: str, start: date) -> int:
    """The days of the year a period lies in."""
    if year == "ACTUAL":
        return 366 if calendar.isleap(start.year) else 365
    if year not in YEARS:
        raise NotApplicable(Why.UNKNOWN_CONVENTION, year)
    return YEARS[year]


@dataclass(frozen=True)
class Period:
    """One period with the rate of all of it; a part of it bears by its actual days."""

    start: date
    due: date
    rate: Fraction

    def part(self, start: date, end: date) -> Fraction:
        first, last = max(start, self.start), min(end, self.due)
        return self.rate * max(0, (last - first).days) / (self.due - self.start).days


def whole_period_rate(annual: Fraction, inputs: Inputs, start: date) -> Fraction:
    """annual x (days of the unit x every / days of the year), months of thirty days where the vector says so."""
    count = inputs.raw.get("day_count", {})
    if isinstance(count, str):
        if not count.startswith("30/360"):
            raise NotApplicable(Why.UNKNOWN_CONVENTION, count)
        count = {"year": "DAYS_360", "month": "DAYS_30"}
    every = Inputs(inputs.raw.get("frequency") or {"every": 1, "unit": "MONTHS"})
    unit, times = every.text("unit", otherwise="MONTHS"), every.whole("every", otherwise=1)
    year = year_days(str(count.get("year", "ACTUAL")), start)
    if unit in UNIT_DAYS:
        return annual * UNIT_DAYS[unit] * times / year
    if str(count.get("month")) == "DAYS_30":
        return annual * 30 * times / year
    end = add_months(start, times, start.day)
    if str(count.get("year", "ACTUAL")) == "ACTUAL":
        return annual * isda(start, end)
    return annual * (end - start).days / year


@dataclass
class Loan:
    """A loan as it runs: periods, draws by date and the instalment of each period, in cents."""

    periods: list[Period]
    draws: list[tuple[date, int]]
    instalments: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, inputs: Inputs) -> "Loan":
        annual = inputs.number("annual_rate")
        periods = []
        for pair in listed(inputs.first_of("periods")):
            start, due = (read_day(item) for item in listed(pair))
            periods.append(Period(start, due, whole_period_rate(annual, inputs, start)))
        draws = [(row.day("date"), int(row.number("amount") * 100)) for row in inputs.rows("draws")]
        loan = cls(periods, sorted(draws))
        loan.instalments = [0] * len(periods)
        for drawn_on in sorted({day for day, _ in draws}):
            loan.level(drawn_on)
        return loan

    def drawn(self, before: date, since: date = date.min) -> int:
        return sum(amount for day, amount in self.draws if since <= day < before)

    def level(self, drawn_on: date) -> None:
        """The instalment anew from the period of a draw, and moved once towards an even last row."""
        kept = self.draws
        self.draws = [(day, amount) for day, amount in kept if day <= drawn_on]
        first = next((k for k, period in enumerate(self.periods) if drawn_on < period.due), len(self.periods) - 1)
        balance = self.drawn(self.periods[first].due) - sum(row[0] for row in self.rows()[:first])
        self._set(first, self._level(first, balance))
        gap, count = self._gap(), len(self.periods) - first
        if abs(gap) > count // 2:
            before = self.instalments[first]
            self._set(first, before + half_even(Fraction(gap, count)))
            if abs(self._gap()) >= abs(gap):
                self._set(first, before)
        self.draws = kept

    def _set(self, first: int, instalment: int) -> None:
        self.instalments[first:] = [instalment] * (len(self.periods) - first)

    def _gap(self) -> int:
        rows = self.rows()
        return sum(rows[-1]) - sum(rows[-2]) if len(rows) > 1 else 0

    def _level(self, first: int, balance: int) -> int:
        rates = [period.rate for period in self.periods[first:]]
        with localcontext() as context:
            context.prec, context.rounding = 12, ROUND_HALF_EVEN
            factors = [1 + Decimal(rate.numerator) / Decimal(rate.denominator) for rate in rates]
            grown, future = factors[0], Decimal(1)
            for factor in factors[1:]:
                grown, future = grown * factor, 1 + future * factor
            return half_even(Fraction(Decimal(balance) * grown / future))

    def rows(self) -> list[tuple[int, int]]:
        """Principal and interest of each period, the last taking the rest."""
        found: list[tuple[int, int]] = []
        owed = self.drawn(self.periods[0].start) + sum(a for d, a in self.draws if d == self.periods[0].start)
        for index, period in enumerate(self.periods):
            if index:
                owed += sum(a for d, a in self.draws if d == period.start)
            interest = self._split(index, owed)
            owed += sum(a for d, a in self.draws if period.start < d < period.due)
            principal = self.instalments[index] - interest if index < len(self.periods) - 1 else owed
            found.append((principal, interest))
            owed -= principal
        return found

    def _split(self, index: int, owed: int) -> int:
        period, total, at = self.periods[index], 0, self.periods[index].start
        for day, amount in self.draws:
            if period.start < day < period.due:
                total += half_even(owed * period.part(at, day))
                owed, at = owed + amount, day
        return total + half_even(owed * period.part(at, period.due))


def _shown(number: int, principal: int, interest: int, balance: int | None = None) -> dict[str, Any]:
    row = {
        "n": number,
        "principal": Fen(principal),
        "interest": Fen(interest),
        "instalment": Fen(principal + interest),
    }
    return row if balance is None else row | {"balance": Fen(balance)}


def progressive_schedule(inputs: Inputs) -> dict[str, Any]:
    """kind=schedule with periods and draws."""
    loan = Loan.of(inputs)
    if inputs.text("method", otherwise="level") != "level":
        raise NotApplicable(Why.UNKNOWN_METHOD, inputs.text("method"))
    rows, shown, owed = loan.rows(), [], sum(amount for _, amount in loan.draws)
    left = 0
    for number, (period, (principal, interest)) in enumerate(zip(loan.periods, rows, strict=True), start=1):
        left += sum(
            a for d, a in loan.draws if (d < period.due) and (number == 1 or d >= loan.periods[number - 2].due)
        )
        left -= principal
        shown.append(_shown(number, principal, interest, left))
    interest = sum(row[1] for row in rows)
    totals = {"principal": Fen(owed), "interest": Fen(interest), "due": Fen(owed + interest)}
    return {"rows": shown, "totals": totals, "total_interest": Fen(interest), "n": len(rows)}


def rate_factors(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=rate_factors: a period's rate in twelve decimals."""
    fixed = {
        **inputs.raw,
        "day_count": {"year": inputs.text("year", otherwise="DAYS_365"), "month": inputs.raw.get("month")},
    }
    found = Loan.of(Inputs({**fixed, "draws": []})).periods
    return {"rate_factors": [Fraction(half_even(period.rate * 10**12), 10**12) for period in found]}


def fn_values(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=fn_values: F_1 = 1, F_k = 1 + F_(k-1) (1 + r_k), twelve digits."""
    fixed = {
        **inputs.raw,
        "day_count": {"year": inputs.text("year", otherwise="DAYS_365"), "month": inputs.raw.get("month")},
    }
    rates = [period.rate for period in Loan.of(Inputs({**fixed, "draws": []})).periods]
    with localcontext() as context:
        context.prec, context.rounding = 12, ROUND_HALF_EVEN
        found = [Decimal(1)]
        for rate in rates[1:]:
            found.append(1 + found[-1] * (1 + Decimal(rate.numerator) / Decimal(rate.denominator)))
    return {"fn": found}


def _at(loan: Loan, inputs: Inputs, day: date) -> tuple[int, int, int]:
    """The running period on a day, the balance at its start once what was paid is taken off, and interest to the day."""
    paid = sum(int(row.number("amount") * 100) for row in inputs.rows("paid")) if "paid" in inputs else 0
    index = next((k for k, period in enumerate(loan.periods) if day <= period.due), len(loan.periods) - 1)
    owed = loan.drawn(day) + sum(a for d, a in loan.draws if d == day)
    for principal, interest in loan.rows()[:index]:
        if "paid" in inputs and paid < principal + interest:
            break
        paid -= principal + interest
        owed -= principal
    return index, owed, half_even(owed * loan.periods[index].part(loan.periods[index].start, day))


def payoff(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=payoff: interest to the day, or (what no contract here may say) to the end of the running period."""
    loan, day = Loan.of(inputs), inputs.day("payoff_date", "on")
    index, owed, interest = _at(loan, inputs, day)
    rule = inputs.text("interest_rule", otherwise="TILL_PRECLOSE")
    if rule == "TILL_REST_FREQUENCY_DATE":
        interest = half_even(owed * loan.periods[index].rate)
    elif rule != "TILL_PRECLOSE":
        raise NotApplicable(Why.UNKNOWN_CONVENTION, rule)
    parts, left = [], owed
    for number, instalment in enumerate(loan.instalments[index:]):
        taken = min(left, instalment - interest if number == 0 else instalment)
        parts.append(left if number == len(loan.instalments[index:]) - 1 else taken)
        left -= taken
    return {
        "payoff": Fen(owed + interest),
        "principal": Fen(owed),
        "interest": Fen(interest),
        "interest_total": Fen(interest),
        "principal_by_instalment": [Fen(part) for part in parts],
    }


def payable_on_date(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=payable_on_date: the running instalment with interest to the day."""
    loan, day = Loan.of(inputs), inputs.day("on")
    index = inputs.whole("period") - 1
    owed = sum(amount for _, amount in loan.draws) - sum(row[0] for row in loan.rows()[:index])
    interest = half_even(owed * loan.periods[index].part(loan.periods[index].start, day))
    instalment = loan.instalments[index]
    names = {"outstanding": owed, "interest": interest, "principal": instalment - interest, "instalment": instalment}
    return {name: Fen(value) for name, value in names.items()}


def recalculated(inputs: Inputs, _: Any) -> dict[str, Any]:
    """kind=recalculated_schedule: what is overdue goes on bearing interest up to the business date."""
    if "periods" not in inputs:
        return _by_weeks(inputs)
    loan, today = Loan.of(inputs), inputs.day("business_date", "as_of")
    paid = sum(int(row.number("amount") * 100) for row in inputs.rows("paid")) if "paid" in inputs else 0
    owed = planned = sum(amount for _, amount in loan.draws)
    rows, shown = loan.rows(), []
    for index, period in enumerate(loan.periods):
        late_part = half_even(owed * period.part(period.start, today))
        rest = half_even(planned * period.part(max(today, period.start), period.due))
        interest = late_part + rest
        principal = loan.instalments[index] - interest
        if index == len(loan.periods) - 1:
            principal = planned
        if paid >= sum(rows[index]):
            paid, owed = paid - sum(rows[index]), owed - principal
        planned -= principal
        shown.append(_shown(index + 1, principal, interest, planned))
        if period.due >= today:
            owed = planned
    return {"rows": shown, "last_instalment": shown[-1]["instalment"]}


def _by_weeks(inputs: Inputs) -> dict[str, Any]:
    """Equal periods with nothing paid by a day: rows that are due by then bear interest on all that is unpaid."""
    told = re.search(r"day (\d+), instalments? (\d+)", inputs.text("as_of"))
    count, year = inputs.whole("n"), inputs.whole("periods_per_year", otherwise=12)
    if told is None or year not in {12, 52}:
        raise NotApplicable(Why.UNKNOWN_CONVENTION, inputs.text("as_of"))
    rate = inputs.number("annual_rate") / year
    passed, unpaid = int(told[1]) // (7 if year == 52 else 30), int(told[2])
    owed = planned = int(inputs.number("principal") * 100)
    grown = (1 + rate) ** count
    level = round(owed * rate * grown / (grown - 1))
    shown = []
    for number in range(1, count + 1):
        interest = round((owed if number <= passed else planned) * rate)
        principal = planned if number == count else level - interest
        planned -= principal
        if number < unpaid:
            owed = planned
        shown.append(_shown(number, principal, interest, planned))
    return {"rows": shown, "last_instalment": shown[-1]["instalment"]}
