"""`python -m bench.lending`: plans and annual costs beside numpy-financial and pyxirr on the same loan. Never a test.

All take turns in one run, so that the ratios hold where the seconds do not.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import numpy_financial
import pyxirr

from app.domain.lending.annual_cost import annual_cost
from app.domain.lending.interest import Interest
from app.domain.lending.product import DEFAULT_PRODUCT, Method
from app.domain.lending.quote import price_quote
from app.domain.lending.schedule import schedule
from app.domain.money import Rate

ROUNDS = 9
CALLS = 400
DRAWN, DAILY, PRINCIPAL, ROWS = date(2026, 3, 10), Rate(40_000), 1_200_000, 12
LEVEL = Method.LEVEL_INSTALMENT


def interleaved(acts: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Median CPU microseconds of one call of each act; the acts take turns round by round."""
    rounds: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            started = time.process_time()
            for _ in range(CALLS):
                act()
            rounds[name].append((time.process_time() - started) / CALLS * 1e6)
    return {name: statistics.median(costs) for name, costs in rounds.items()}


def main() -> None:
    """Measure and print one line each."""
    interest, periods, monthly = Interest(DAILY), np.arange(1, ROWS + 1), 0.0004 * 365 / 12
    plan = schedule(PRINCIPAL, interest, DRAWN, ROWS, LEVEL)
    flows = [(DRAWN, PRINCIPAL), *((row.due_on, -row.amount_minor) for row in plan)]
    days, amounts = [day for day, _ in flows], [float(amount) for _, amount in flows]

    def theirs() -> object:
        paid = numpy_financial.pmt(monthly, ROWS, -PRINCIPAL)
        interests = numpy_financial.ipmt(monthly, periods, ROWS, -PRINCIPAL)
        return paid, interests, numpy_financial.ppmt(monthly, periods, ROWS, -PRINCIPAL)

    def quote() -> object:
        return price_quote(
            DEFAULT_PRODUCT, amount_minor=PRINCIPAL, term_months=ROWS, method=LEVEL, daily=DAILY, drawn_on=DRAWN
        )

    def their_quote() -> object:
        return theirs(), pyxirr.xirr(days, amounts)

    acts = {
        "plan of 12 rows, exact, dated": lambda: schedule(PRINCIPAL, interest, DRAWN, ROWS, LEVEL),
        "plan of 12 rows, numpy-financial": theirs,
        "annual cost, proved": lambda: annual_cost(flows),
        "annual cost, pyxirr": lambda: pyxirr.xirr(days, amounts),
        "whole quote: plan, cost, table": quote,
        "plan and cost, the two libraries": their_quote,
    }
    costs = interleaved(acts)
    for ours, others in zip(list(acts)[::2], list(acts)[1::2], strict=True):
        for name in (ours, others):
            print(f"{name:<36} {costs[name]:8.1f} us CPU   {1e6 / costs[name]:10,.0f} a second")
        print(f"{'':<36} {costs[others] / costs[ours]:8.2f} times as fast as theirs\n")


if __name__ == "__main__":
    main()
