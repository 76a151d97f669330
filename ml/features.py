"""The one feature vector, for training and for serving, made as of a date from consented sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from app.domain.deciding.behaviour import BehaviourEvent, DataSource
from app.domain.deciding.bureau_file import BureauFile
from ml.own import OwnData

Segment = Literal["SALARIED", "SMALL_BUSINESS"]
Block = Literal["own", "bureau"]
Direction = Literal[-1, 0, 1]

WINDOW_DAYS = 365
MAX_EVENTS = 20_000
FEN = 100


@dataclass(frozen=True, slots=True)
class Feature:
    """One number of the vector.

    `direction` says how default risk may move when the number grows: +1 never down, -1 never up, 0 free. The number
    lies in 0..ceiling; where nothing is known it is `neutral`, and an indicator beside it says so (a tree library
    would take a NaN for the lowest value, which breaks the direction).
    """

    name: str
    direction: Direction
    block: Block
    source: DataSource | None
    meaning: str
    unit: str
    neutral: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the applicant states. `age` is for the policy alone and is never scored; `requested_minor` is fen."""

    age: int
    segment: Segment
    requested_minor: int
    term_months: int


_PAY, _WEALTH, _LIFE = DataSource.PAYMENTS, DataSource.WEALTH, DataSource.LIFE_SERVICES

FEATURES: tuple[Feature, ...] = (
    Feature("has_payments", 0, "own", _PAY, "payment events were seen", "flag", 0, 1),
    Feature("income_mean", -1, "own", _PAY, "income a month", "yuan", 6000, 100_000),
    Feature("income_instability", 1, "own", _PAY, "mean deviation of monthly income over its mean", "ratio", 0.2, 2),
    Feature("income_months", -1, "own", _PAY, "months with income", "months", 8, 12),
    Feature("spending_to_income", 1, "own", _PAY, "spending over income", "ratio", 0.8, 3),
    Feature("shortfalls_6m", 1, "own", _PAY, "debits refused for want of funds, half a year", "count", 0, 12),
    Feature("has_wealth", 0, "own", _WEALTH, "balances were seen", "flag", 0, 1),
    Feature("balance_mean", -1, "own", _WEALTH, "mean balance of savings and funds", "yuan", 10_000, 500_000),
    Feature("balance_trend", -1, "own", _WEALTH, "mean balance of 90 days over that before", "ratio", 1, 3),
    Feature("buffer_months", -1, "own", _WEALTH, "months of spending the mean balance covers", "months", 1.5, 24),
    Feature("has_life_services", 0, "own", _LIFE, "bills were seen", "flag", 0, 1),
    Feature("late_bill_share", 1, "own", _LIFE, "share of bills paid late", "ratio", 0.05, 1),
    Feature("months_observed", -1, "own", None, "months with any event but social ones", "months", 0, 12),
    Feature("requested_amount", 1, "own", None, "amount asked for", "yuan", 0, 500_000),
    Feature("requested_to_income", 1, "own", None, "amount asked for over monthly income", "months", 3, 36),
    Feature("term_months", 1, "own", None, "term asked for", "months", 0, 60),
    Feature("small_business", 0, "own", None, "the applicant lives on a small business", "flag", 0, 1),
    Feature("vouches", -1, "own", DataSource.SOCIAL, "contacts in good standing that vouch", "count", 0, 5),
    Feature("has_file", 0, "bureau", None, "a bureau file was read", "flag", 0, 1),
    Feature("no_record", 0, "bureau", None, "the bureau knows no account", "flag", 0, 1),
    Feature("worst_status_24", 1, "bureau", None, "worst repayment status, 24 months", "status", 0, 8),
    Feature("worst_status_60", 1, "bureau", None, "worst repayment status, 60 months", "status", 0, 8),
    Feature("overdue_months_24", 1, "bureau", None, "months overdue in 24", "months", 0, 24),
    Feature("overdue_now", 1, "bureau", None, "amount overdue now", "yuan", 0, 100_000),
    Feature("queries_1", 1, "bureau", None, "approval queries, one month", "count", 0, 20),
    Feature("queries_6", 1, "bureau", None, "approval queries, 6 months", "count", 1, 40),
    Feature("queries_24", 1, "bureau", None, "approval queries, 24 months", "count", 3, 80),
    Feature("card_utilisation", 1, "bureau", None, "card balance over card limit", "ratio", 0, 2),
    Feature("due_to_income", 1, "bureau", None, "monthly due over income", "ratio", 0.25, 3),
    Feature("debt_to_income", 1, "bureau", None, "loan and card balance over monthly income", "months", 3, 60),
    Feature("lenders", 1, "bureau", None, "lenders with an open account", "count", 1, 30),
    Feature("months_since_first_account", -1, "bureau", None, "age of the oldest account", "months", 24, 360),
)
NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
OWN_INDEX: tuple[int, ...] = tuple(i for i, feature in enumerate(FEATURES) if feature.block == "own")
FULL_INDEX: tuple[int, ...] = tuple(range(len(FEATURES)))
# The flag that says whether a source was seen; SOCIAL has none, so that not to connect it costs nothing.
SEEN_FLAG: dict[DataSource, str] = {_PAY: "has_payments", _WEALTH: "has_wealth", _LIFE: "has_life_services"}

# Ratios over income, which payments alone tell.
OVER_INCOME: frozenset[str] = frozenset({"requested_to_income", "buffer_months", "due_to_income", "debt_to_income"})


def vector(
    events: Sequence[BehaviourEvent],
    sources: frozenset[DataSource],
    file: BureauFile | None,
    applicant: Applicant,
    as_of: date,
) -> tuple[float, ...]:
    """The numbers of `FEATURES`, in that order, as known at the start of `as_of`; neutral where nothing is known.

    Only events of a source in `sources` count, and only those of the year before `as_of`: what happened on that day
    or later is not known yet. The order of events does not matter.

    Raises:
        ValueError: more than `MAX_EVENTS` events, a negative amount, or an applicant out of sense.
    """
    told = known(events, sources, file, applicant, as_of)
    return tuple(float(feature.neutral) if (value := told[feature.name]) is None else value for feature in FEATURES)


def known(
    events: Sequence[BehaviourEvent],
    sources: frozenset[DataSource],
    file: BureauFile | None,
    applicant: Applicant,
    as_of: date,
) -> dict[str, float | None]:
    """The numbers of `vector` by name, None in place of each neutral one that only stands for "not known".

    Raises:
        ValueError: see `vector`.
    """
    if len(events) > MAX_EVENTS:
        raise ValueError(f"at most {MAX_EVENTS} events make a vector, not {len(events)}")
    if applicant.requested_minor < 0 or applicant.term_months < 0:
        raise ValueError(f"a request is never negative: {applicant}")
    if applicant.segment not in {"SALARIED", "SMALL_BUSINESS"}:
        raise ValueError(f"unknown segment {applicant.segment!r}")
    since = as_of - timedelta(days=WINDOW_DAYS)
    own = OwnData.of(
        [event for event in events if event.source in sources and since <= event.occurred_on < as_of], as_of
    )
    values = _own(own) | _request(applicant, own.income_minor) | _bureau(file, own.income_minor)
    return {feature.name: _held(feature, values[feature.name]) for feature in FEATURES}


def _held(feature: Feature, value: float | None) -> float | None:
    """The value within its range, if it is known."""
    return None if value is None else float(min(max(value, 0), feature.ceiling))


def _ratio(part: float, whole: float | None) -> float | None:
    """Part over whole; unknown without a whole, beyond any ceiling over nothing."""
    if whole is None:
        return None
    if whole <= 0:
        return float("inf") if part > 0 else 0.0
    return part / whole


def _yuan(minor: float | None) -> float | None:
    return None if minor is None else minor / FEN


def _own(own: OwnData) -> dict[str, float | None]:
    balance = own.balance_minor
    return {
        "has_payments": float(own.income_minor is not None),
        "income_mean": _yuan(own.income_minor),
        "income_instability": own.income_instability,
        "income_months": own.income_months,
        "spending_to_income": None if own.spending_minor is None else _ratio(own.spending_minor, own.income_minor),
        "shortfalls_6m": own.shortfalls,
        "has_wealth": float(balance is not None),
        "balance_mean": _yuan(balance),
        "balance_trend": own.balance_trend,
        "buffer_months": None if balance is None else _ratio(balance, own.spending_minor),
        "has_life_services": float(own.late_bill_share is not None),
        "late_bill_share": own.late_bill_share,
        "months_observed": own.months_observed,
        "vouches": own.vouches,
    }


def _request(applicant: Applicant, income_minor: float | None) -> dict[str, float | None]:
    return {
        "requested_amount": _yuan(applicant.requested_minor),
        "requested_to_income": _ratio(applicant.requested_minor, income_minor),
        "term_months": applicant.term_months,
        "small_business": float(applicant.segment == "SMALL_BUSINESS"),
    }


def _bureau(file: BureauFile | None, income_minor: float | None) -> dict[str, float | None]:
    """The block of the bureau: all neutral without a file, and but for queries without a record."""
    values: dict[str, float | None] = {f.name: None for f in FEATURES if f.block == "bureau"}
    if file is None:
        return values
    values |= {
        "has_file": 1.0,
        "no_record": float(not file.has_record),
        "queries_1": file.approval_queries_1,
        "queries_6": file.approval_queries_6,
        "queries_24": file.approval_queries_24,
    }
    if not file.has_record:
        return values
    return values | {
        "worst_status_24": file.worst_status_24,
        "worst_status_60": file.worst_status_60,
        "overdue_months_24": file.overdue_months_24,
        "overdue_now": _yuan(file.overdue_now_minor),
        "card_utilisation": _ratio(file.card_used_minor, file.card_limit_minor) if file.open_cards else None,
        "due_to_income": _ratio(file.monthly_due_minor, income_minor),
        "debt_to_income": _ratio(file.loan_balance_minor + file.card_used_minor, income_minor),
        "lenders": file.lenders,
        "months_since_first_account": file.months_since_first_account,
    }
