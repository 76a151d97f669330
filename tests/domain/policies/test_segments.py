"""Every occupation has one judge at any moment, and a new segment takes over by claiming."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.deciding.outcome import Occupation
from app.domain.deciding.policy import Policy
from app.domain.policies.segments import NoPolicy, Published, in_force, judge_of, side_by_side
from tests.domain.deciding.cases import SALARIED, SMALL_BUSINESS


def day(number: int) -> datetime:
    return datetime(2026, 12, number, tzinfo=UTC)


def later(policy: Policy, number: int, *occupations: Occupation) -> Published:
    return Published(
        replace(policy, version=f"{policy.version}-{number}", occupations=frozenset(occupations)), day(number)
    )


FIRST = [Published(SALARIED, day(1)), Published(SMALL_BUSINESS, day(1))]
FREELANCE = replace(SALARIED, segment="FREELANCE", version="freelance-1")
ALL_BUT_OWNERS = (Occupation.SALARIED, Occupation.STUDENT, Occupation.OTHER)


def told(new: Published, published: list[Published]) -> list[tuple[str, str | None]]:
    return [
        (problem.code.value, problem.case.applicant.occupation if problem.case else None)
        for problem in side_by_side(new, published)
    ]


def test_a_version_judges_from_its_moment_until_the_next_of_its_segment() -> None:
    second = later(SALARIED, 10, *ALL_BUT_OWNERS)
    book = [second, *FIRST]
    assert judge_of(Occupation.OTHER, book, day(9)) is SALARIED
    assert judge_of(Occupation.OTHER, book, day(10)) is second.policy
    assert judge_of(Occupation.SMALL_BUSINESS, book, day(20)) is SMALL_BUSINESS
    assert {version.policy.segment for version in in_force(book, day(20))} == {"SALARIED", "SMALL_BUSINESS"}
    with pytest.raises(NoPolicy):
        judge_of(Occupation.OTHER, book, datetime(2026, 11, 1, tzinfo=UTC))


def test_a_third_segment_takes_an_occupation_over_by_claiming_it() -> None:
    new = later(FREELANCE, 5, Occupation.OTHER)
    assert told(new, FIRST) == []
    book = [*FIRST, new]
    assert judge_of(Occupation.OTHER, book, day(4)) is SALARIED
    assert judge_of(Occupation.OTHER, book, day(5)) is new.policy
    assert judge_of(Occupation.SALARIED, book, day(5)) is SALARIED


def test_a_claim_that_was_lost_is_not_kept_by_oversight_but_may_be_taken_back() -> None:
    book = [*FIRST, later(FREELANCE, 5, Occupation.OTHER)]
    assert told(later(SALARIED, 6, *ALL_BUT_OWNERS), book) == [("OCCUPATION_CONFLICT", Occupation.OTHER)]
    without = later(SALARIED, 6, Occupation.SALARIED, Occupation.STUDENT)
    assert told(without, book) == []
    assert told(later(SALARIED, 7, *ALL_BUT_OWNERS), [*book, without]) == []


def test_two_segments_do_not_claim_one_occupation_from_the_same_moment() -> None:
    book = [*FIRST, later(FREELANCE, 5, Occupation.OTHER)]
    other = replace(FREELANCE, segment="GIG", version="gig-1")
    assert told(later(other, 5, Occupation.OTHER), book) == [("OCCUPATION_CONFLICT", Occupation.OTHER)]
    assert told(later(other, 6, Occupation.OTHER), book) == []


def test_nobody_is_left_without_a_judge_now_or_by_what_is_published_for_later() -> None:
    fewer = later(SALARIED, 3, Occupation.SALARIED, Occupation.STUDENT)
    assert told(fewer, FIRST) == [("OCCUPATION_GAP", Occupation.OTHER)]
    # FREELANCE gives OTHER back on the 8th, which is sound only while SALARIED still claims it.
    book = [*FIRST, later(FREELANCE, 2, Occupation.OTHER), later(FREELANCE, 8, Occupation.STUDENT)]
    assert told(fewer, book) == [("OCCUPATION_GAP", Occupation.OTHER)]
    assert told(later(SALARIED, 3, *ALL_BUT_OWNERS), FIRST) == []
