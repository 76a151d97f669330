from collections.abc import Iterable
from datetime import date

import numpy as np
import pytest

from app.domain.deciding.behaviour import BehaviourEvent, DataSource
from ml.training.book import BOOK_START, BookRow, Profile, make_book, simulate_events, simulate_file
from ml.training.people import pick_profile, traits
from tests.ml.conftest import AS_OF, UNSEEN_SEED


@pytest.mark.parametrize("profile", list(Profile))
def test_the_same_seed_gives_the_same_person(profile: Profile) -> None:
    assert simulate_events(11, profile, AS_OF) == simulate_events(11, profile, AS_OF)
    assert simulate_file(11, profile, AS_OF) == simulate_file(11, profile, AS_OF)
    assert simulate_events(11, profile, AS_OF) != simulate_events(12, profile, AS_OF)
    assert traits(11, profile) != traits(12, profile)


def test_events_lie_in_their_months_oldest_first() -> None:
    for as_of in (AS_OF, date(2024, 2, 29), date(2025, 3, 31), date(2025, 1, 1)):
        days = [event.occurred_on for event in simulate_events(3, Profile.STEADY, as_of, months=24)]
        assert days == sorted(days)
        assert days[-1] < as_of
        assert 23 * 28 <= (as_of - days[0]).days <= 24 * 31


def test_a_month_once_told_stays_as_it_was() -> None:
    early = simulate_events(3, Profile.STRETCHED, date(2026, 5, 14), months=12)
    late = simulate_events(3, Profile.STRETCHED, AS_OF, months=30)

    assert early
    assert [e for e in late if early[0].occurred_on <= e.occurred_on < date(2026, 5, 14)] == early


def test_all_four_sources_tell_something() -> None:
    def sources(events: Iterable[BehaviourEvent]) -> set[DataSource]:
        return {event.source for event in events}

    assert sources(e for seed in range(5) for e in simulate_events(seed, Profile.STEADY, AS_OF)) == set(DataSource)


@pytest.mark.parametrize("months", [0, 121])
def test_months_out_of_bounds_are_refused(months: int) -> None:
    with pytest.raises(ValueError, match="months"):
        simulate_events(1, Profile.STEADY, AS_OF, months=months)


@pytest.mark.parametrize("people", [0, 200_001])
def test_a_book_out_of_bounds_is_refused(people: int) -> None:
    with pytest.raises(ValueError, match="people"):
        next(make_book(people, 1))


def test_the_same_seed_gives_the_same_book(book: list[BookRow]) -> None:
    again = list(make_book(60, UNSEEN_SEED))

    assert again == book[: len(again)]
    assert again != list(make_book(60, UNSEEN_SEED + 1))


def test_a_book_is_plausible(book: list[BookRow]) -> None:
    bad = sum(row.bad for row in book) / len(book)
    business = sum(row.applicant.segment == "SMALL_BUSINESS" for row in book) / len(book)

    assert 0.05 < bad < 0.16
    assert 0.1 < business < 0.35
    assert {row.profile for row in book} == set(Profile)
    assert all(0 <= (row.as_of - BOOK_START).days < 3 * 365 for row in book)
    assert any(DataSource.SOCIAL in row.sources for row in book)
    assert any(DataSource.SOCIAL not in row.sources for row in book)
    assert any(not row.file.has_record for row in book)


def test_files_hold_together(book: list[BookRow]) -> None:
    for file in (row.file for row in book):
        assert file.approval_queries_1 <= file.approval_queries_6 <= file.approval_queries_24
        assert file.worst_status_24 <= file.worst_status_60 <= 8
        assert (file.overdue_months_24 > 0) == (file.worst_status_24 > 0)
        assert file.lenders <= file.open_loans + file.open_cards
        assert file.bad_debt == (file.worst_status_60 == 8)
        assert file.has_record or file.lenders == file.worst_status_60 == file.loan_balance_minor == 0


def test_profiles_come_by_their_shares() -> None:
    draw = np.random.Generator(np.random.PCG64(1))
    picked = [pick_profile(draw) for _ in range(3000)]

    assert 0.34 < picked.count(Profile.STEADY) / 3000 < 0.42
    assert 0.06 < picked.count(Profile.WEALTHY) / 3000 < 0.10
