"""What the law has us keep after the end, for how long, and what is erased when. Years are for counsel to settle.

Sources: anti-money-laundering law art. 34 (identity and transactions, 10 years after the end); decree on credit
reporting arts 16 and 22 (what was asked and why, 5 years); PIPL arts 19 and 47 (the shortest time; what nothing holds
is erased, what is held is only stored).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.calendar import MONTHS_A_YEAR, add_months

CONTRACT_YEARS = 10
INQUIRY_YEARS = 5
SOURCE_EVENTS_KEPT = timedelta(days=7)  # after a withdrawal, so that a slip of the finger loses nothing
CHANGE_OF_MIND = timedelta(days=1)


class ErasureClass(StrEnum):
    """What is erased together. TRAIL stays as proof that nobody can read; CREDIT_FILE as figures of nobody."""

    OWN_DATA = "OWN_DATA"
    BUREAU_REPORTS = "BUREAU_REPORTS"
    CREDIT_FILE = "CREDIT_FILE"
    TRAIL = "TRAIL"
    IDENTITY = "IDENTITY"


class HoldBasis(StrEnum):
    """The law that holds a class."""

    CREDIT_REPORTING_DECREE = "CREDIT_REPORTING_DECREE"
    ANTI_MONEY_LAUNDERING = "ANTI_MONEY_LAUNDERING"


AT_ONCE = (ErasureClass.OWN_DATA, ErasureClass.BUREAU_REPORTS)
WITH_THE_KEY = (ErasureClass.CREDIT_FILE, ErasureClass.TRAIL, ErasureClass.IDENTITY)


@dataclass(frozen=True, slots=True)
class Kept:
    """The dates from which a law counts its years; None where there is nothing that it holds."""

    last_inquiry_on: date | None = None
    last_contract_ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class PlannedErasure:
    """A class, the business date on which it is erased, and what holds it until then; None when nothing does."""

    erasure_class: ErasureClass
    erase_on: date
    basis: HoldBasis | None = None


def erasure_plan(kept: Kept, today: date) -> tuple[PlannedErasure, ...]:
    """What is erased when, in this order.

    What serves nothing after the account was closed goes today. All else goes together, with the key that it is read
    with: after the longest hold or, without any, on the next day, so that a change of mind is possible.
    """
    holds: list[tuple[date, HoldBasis | None]] = [(today + CHANGE_OF_MIND, None)]
    if kept.last_inquiry_on is not None:
        holds.append((_years_after(kept.last_inquiry_on, INQUIRY_YEARS), HoldBasis.CREDIT_REPORTING_DECREE))
    if kept.last_contract_ended_on is not None:
        holds.append((_years_after(kept.last_contract_ended_on, CONTRACT_YEARS), HoldBasis.ANTI_MONEY_LAUNDERING))
    until, basis = max(holds, key=lambda hold: hold[0])
    return (
        *(PlannedErasure(one, today) for one in AT_ONCE),
        *(PlannedErasure(one, until, basis) for one in WITH_THE_KEY),
    )


def source_events_erased_on(withdrawn_on: date) -> date:
    """The business date on which the events of a withdrawn source are erased, unless it is agreed to again."""
    return withdrawn_on + SOURCE_EVENTS_KEPT


def _years_after(day: date, years: int) -> date:
    return add_months(day, years * MONTHS_A_YEAR, day.day)
