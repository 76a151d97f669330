import math
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.deciding.behaviour import BehaviourEvent, DataSource, EventKind
from app.domain.deciding.bureau_file import BureauFile
from ml.features import FEATURES, NAMES, WINDOW_DAYS, Applicant, known, vector
from ml.training.book import BookRow, Profile, simulate_events, simulate_file
from tests.ml.conftest import ALL_SOURCES, AS_OF

APPLICANT = Applicant(age=30, segment="SALARIED", requested_minor=20_000_00, term_months=12)
PAYMENTS_ONLY = frozenset({DataSource.PAYMENTS})


def one(name: str, *, events: list[BehaviourEvent], file: BureauFile | None = None) -> float:
    return vector(events, ALL_SOURCES, file, APPLICANT, AS_OF)[NAMES.index(name)]


def event(kind: EventKind, day: date, yuan: int = 0) -> BehaviourEvent:
    return BehaviourEvent(kind, day, yuan * 100)


def test_names_are_unique_and_each_neutral_value_is_in_range() -> None:
    assert len(set(NAMES)) == len(FEATURES)
    assert all(0 <= feature.neutral <= feature.ceiling for feature in FEATURES)


def test_events_on_or_after_the_date_change_nothing() -> None:
    known = simulate_events(1, Profile.STRETCHED, AS_OF)
    future = [
        e for e in simulate_events(2, Profile.LATE_PAYER, AS_OF + timedelta(days=300)) if e.occurred_on >= AS_OF
    ]
    today = [event(kind, AS_OF, 90_000) for kind in EventKind]

    assert len(future) > 50
    assert vector(known + future + today, ALL_SOURCES, None, APPLICANT, AS_OF) == vector(
        known, ALL_SOURCES, None, APPLICANT, AS_OF
    )


def test_the_day_before_the_date_counts() -> None:
    yesterday = [event(EventKind.BILL_LATE, AS_OF - timedelta(days=1))]

    assert one("late_bill_share", events=yesterday) == 1


def test_events_before_the_window_change_nothing() -> None:
    edge = AS_OF - timedelta(days=WINDOW_DAYS)

    assert one("late_bill_share", events=[event(EventKind.BILL_LATE, edge)]) == 1
    assert one("has_life_services", events=[event(EventKind.BILL_LATE, edge - timedelta(days=1))]) == 0


@pytest.mark.parametrize("sources", [ALL_SOURCES, PAYMENTS_ONLY, frozenset()], ids=len)
def test_what_is_known_is_the_vector_and_the_rest_is_neutral(sources: frozenset[DataSource]) -> None:
    events = simulate_events(1, Profile.STEADY, AS_OF)
    told = known(events, sources, None, APPLICANT, AS_OF)
    numbers = vector(events, sources, None, APPLICANT, AS_OF)

    assert [name for name, value in told.items() if value is None]
    for feature, number in zip(FEATURES, numbers, strict=True):
        value = told[feature.name]
        assert number == (feature.neutral if value is None else value)


@pytest.mark.parametrize("source", list(DataSource))
def test_a_source_without_consent_is_not_used(source: DataSource) -> None:
    consented = ALL_SOURCES - {source}
    mine = [e for e in simulate_events(1, Profile.STEADY, AS_OF) if e.source is not source]
    other = [e for e in simulate_events(9, Profile.MULTI_LENDER, AS_OF) if e.source is source]
    vouched = [event(EventKind.CONTACT_VOUCHED, AS_OF - timedelta(days=9))] if source is DataSource.SOCIAL else []
    file = simulate_file(1, Profile.STEADY, AS_OF)

    assert other or vouched
    assert vector(mine + other + vouched, consented, file, APPLICANT, AS_OF) == vector(
        mine, consented, file, APPLICANT, AS_OF
    )
    assert vector(mine + other + vouched, ALL_SOURCES, file, APPLICANT, AS_OF) != vector(
        mine, ALL_SOURCES, file, APPLICANT, AS_OF
    )


def test_social_moves_one_number_only() -> None:
    events = simulate_events(1, Profile.STEADY, AS_OF) + [
        event(EventKind.CONTACT_VOUCHED, AS_OF - timedelta(days=n)) for n in (300, 3)
    ]
    off = vector(events, ALL_SOURCES - {DataSource.SOCIAL}, None, APPLICANT, AS_OF)
    on = vector(events, ALL_SOURCES, None, APPLICANT, AS_OF)

    assert {name for name, a, b in zip(NAMES, off, on, strict=True) if a != b} == {"vouches"}
    assert off[NAMES.index("vouches")] == 0


def test_age_is_not_scored() -> None:
    events = simulate_events(1, Profile.STEADY, AS_OF)

    assert vector(events, ALL_SOURCES, None, APPLICANT, AS_OF) == vector(
        events, ALL_SOURCES, None, replace(APPLICANT, age=61), AS_OF
    )


def test_nothing_known_gives_neutral_values_and_flags_down() -> None:
    row = dict(zip(NAMES, vector([], frozenset(), None, APPLICANT, AS_OF), strict=True))

    assert [row[n] for n in ("has_payments", "has_wealth", "has_life_services", "has_file")] == [0, 0, 0, 0]
    assert row["requested_amount"] == 20_000
    known = {"requested_amount", "term_months"}
    assert all(row[f.name] == f.neutral for f in FEATURES if f.name not in known)


def test_the_order_of_events_does_not_matter() -> None:
    events = simulate_events(4, Profile.STRETCHED, AS_OF)
    shuffled = random.Random(1).sample(events, len(events))

    assert vector(shuffled, ALL_SOURCES, None, APPLICANT, AS_OF) == vector(
        events, ALL_SOURCES, None, APPLICANT, AS_OF
    )


def test_income_and_spending_are_told_by_the_month() -> None:
    days = [date(2026, month, 10) for month in (7, 8, 9, 10)]
    events = [event(EventKind.SALARY_IN, day, 8_000) for day in days]
    events += [event(EventKind.SPENDING, day, 4_000) for day in days]

    assert one("income_mean", events=events) == 8_000
    assert one("income_months", events=events) == 4
    assert one("income_instability", events=events) == 0
    assert one("spending_to_income", events=events) == 0.5
    assert one("requested_to_income", events=events) == 2.5


def test_spending_without_income_is_held_at_the_ceiling() -> None:
    assert one("spending_to_income", events=[event(EventKind.SPENDING, date(2026, 10, 1), 50)]) == 3


def test_only_shortfalls_of_the_last_half_year_count() -> None:
    days = [AS_OF - timedelta(days=n) for n in (1, 182, 183)]

    assert one("shortfalls_6m", events=[event(EventKind.CASH_SHORTFALL, day, 10) for day in days]) == 2


def test_a_falling_balance_shows_as_a_trend_below_one() -> None:
    events = [event(EventKind.BALANCE, AS_OF - timedelta(days=n), yuan) for n, yuan in ((200, 900), (20, 300))]

    assert one("balance_mean", events=events) == 600
    assert math.isclose(one("balance_trend", events=events), 1 / 3)


def test_a_person_without_a_record_is_flagged_and_not_called_clean() -> None:
    file = replace(simulate_file(1, Profile.STEADY, AS_OF), months_since_first_account=None, approval_queries_6=4)

    assert one("no_record", events=[], file=file) == 1
    assert one("queries_6", events=[], file=file) == 4
    assert one("months_since_first_account", events=[], file=file) == 24


def test_the_bureau_block_is_read_from_the_file() -> None:
    file = replace(
        simulate_file(1, Profile.STEADY, AS_OF),
        months_since_first_account=50,
        open_cards=1,
        card_limit_minor=10_000_00,
        card_used_minor=4_000_00,
        worst_status_24=3,
        overdue_now_minor=250_00,
    )

    assert one("has_file", events=[], file=file) == 1
    assert one("card_utilisation", events=[], file=file) == 0.4
    assert one("worst_status_24", events=[], file=file) == 3
    assert one("overdue_now", events=[], file=file) == 250
    assert one("months_since_first_account", events=[], file=file) == 50


def test_every_vector_of_a_book_is_finite_and_in_range(vectors: list[tuple[float, ...]]) -> None:
    for row in vectors:
        assert all(
            math.isfinite(value) and 0 <= value <= feature.ceiling
            for feature, value in zip(FEATURES, row, strict=True)
        )


def test_every_feature_varies_over_a_book_but_the_flag_of_the_file(
    book: list[BookRow], vectors: list[tuple[float, ...]]
) -> None:
    assert len(book) == len(vectors)
    assert [n for n, column in zip(NAMES, zip(*vectors, strict=True), strict=True) if len(set(column)) == 1] == [
        "has_file"
    ]


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        one("income_mean", events=[event(EventKind.SALARY_IN, date(2026, 10, 1), -1)])


def test_a_negative_request_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        vector([], ALL_SOURCES, None, replace(APPLICANT, requested_minor=-1), AS_OF)


def test_too_many_events_are_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        vector([event(EventKind.SPENDING, AS_OF)] * 20_001, ALL_SOURCES, None, APPLICANT, AS_OF)
