"""`python -m bench.quote`: what a whole quote costs beside its bare schedule. Prints ratios; never a test.

Ratios hold from machine to machine where seconds do not: a regression shows as a ratio that grew.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date

from app.domain.lending.interest import Interest
from app.domain.lending.product import DEFAULT_PRODUCT, Method
from app.domain.lending.quote import price_quote
from app.domain.lending.schedule import schedule
from app.domain.money import Rate
from app.flows.book.contract import contract_text
from app.flows.book.disclosure import disclosure_of

ROUNDS = 7
CALLS = 300
DRAWN = date(2026, 3, 10)
DAILY = Rate(40_000)


def microseconds(act: Callable[[], object]) -> float:
    """Median microseconds of one call over several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(CALLS):
            act()
        rounds.append((time.process_time() - started) / CALLS * 1e6)
    return statistics.median(rounds)


def main() -> None:
    """Measure in turn and print one line each."""

    def figures() -> object:
        return price_quote(
            DEFAULT_PRODUCT,
            amount_minor=1_200_000,
            term_months=12,
            method=Method.LEVEL_INSTALMENT,
            daily=DAILY,
            drawn_on=DRAWN,
        )

    priced = price_quote(
        DEFAULT_PRODUCT, amount_minor=1_200_000, term_months=12, method=None, daily=DAILY, drawn_on=DRAWN
    )
    bare = microseconds(lambda: schedule(1_200_000, Interest(DAILY), DRAWN, 12, Method.LEVEL_INSTALMENT))
    for name, act in (
        (
            "bare schedule of 12 rows",
            lambda: schedule(1_200_000, Interest(DAILY), DRAWN, 12, Method.LEVEL_INSTALMENT),
        ),
        ("whole quote: plan, annual cost, cost table", figures),
        ("disclosure with its digest", lambda: disclosure_of(priced)),
        ("contract text with its digest", lambda: contract_text(priced, borrower="李桦", language="zh-CN")),
    ):
        cost = microseconds(act)
        print(f"{name:<44} {cost:8.1f} us CPU   {cost / bare:5.2f} x the bare schedule")


if __name__ == "__main__":
    main()
