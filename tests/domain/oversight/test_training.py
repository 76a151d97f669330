"""Courses, how long they count, and which verbs need them."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from app.domain.oversight.roles import CONCERNS, ON_REPORTS, Concerns, Officer, Role, Verb, courses_for
from app.domain.oversight.training import (
    DUE_WITHIN,
    MONTHS_VALID,
    Course,
    Standing,
    expiry_of,
    recordable,
    standing_in,
)
from app.domain.refusals import InvalidInput, TrainingExpired

TODAY = date(2026, 3, 10)
BOTH = dict.fromkeys(Course, TODAY + timedelta(days=1))


def test_a_course_counts_for_whole_months_and_a_leap_day_ends_with_its_month() -> None:
    assert set(MONTHS_VALID) == set(Course)
    assert expiry_of(Course.PERSONAL_INFORMATION, date(2024, 2, 29)) == date(2025, 2, 28)
    assert expiry_of(Course.CREDIT_REPORTS, TODAY) == date(2028, 3, 10)


@pytest.mark.parametrize(
    ("days", "standing", "left"),
    [
        (DUE_WITHIN.days + 1, Standing.VALID, 31),
        (DUE_WITHIN.days, Standing.DUE, 30),
        (1, Standing.DUE, 1),
        (0, Standing.EXPIRED, 0),
        (-400, Standing.EXPIRED, 0),
    ],
)
def test_the_day_of_expiry_is_the_first_that_counts_no_more(days: int, standing: Standing, left: int) -> None:
    told = standing_in(
        Course.PERSONAL_INFORMATION, {Course.PERSONAL_INFORMATION: TODAY + timedelta(days=days)}, TODAY
    )
    assert (told.standing, told.days_left) == (standing, left)


def test_what_was_never_taken_is_missing() -> None:
    told = standing_in(Course.CREDIT_REPORTS, {}, TODAY)
    assert (told.standing, told.expires_on, told.days_left) == (Standing.MISSING, None, None)


@pytest.mark.parametrize("verb", Verb)
def test_whatever_comes_near_a_person_needs_a_course(verb: Verb) -> None:
    needed = courses_for(verb)
    assert (Course.PERSONAL_INFORMATION in needed) == (CONCERNS[verb] is not Concerns.NOBODY)
    assert (Course.CREDIT_REPORTS in needed) == (verb in ON_REPORTS)
    officer = Officer(UUID(int=1), Role.RISK, trained=BOTH)
    officer.must_be_trained(verb, TODAY)
    for course in needed:
        with pytest.raises(TrainingExpired) as lacking:
            officer.must_be_trained(verb, TODAY + timedelta(days=1))
        assert lacking.value.expired_on == TODAY + timedelta(days=1)
        without = {other: day for other, day in BOTH.items() if other is not course}
        with pytest.raises(TrainingExpired) as missing:
            Officer(UUID(int=1), Role.RISK, trained=without).must_be_trained(verb, TODAY)
        assert (missing.value.course, missing.value.expired_on) == (course, None)


def test_evidence_is_kept_without_the_blanks_around_it() -> None:
    assert recordable(TODAY, "  no. 7 ", TODAY) == "no. 7"
    for day, evidence in (
        (TODAY + timedelta(days=1), "no. 7"),
        (TODAY, " 7 "),
        (TODAY, "7" * 201),
        (TODAY, "a\nb c"),
    ):
        with pytest.raises(InvalidInput):
            recordable(day, evidence, TODAY)
