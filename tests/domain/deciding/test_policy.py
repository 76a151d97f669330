from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.domain.deciding.outcome import Segment
from app.domain.deciding.policy import (
    LEGAL_LIMIT_MAX_MINOR,
    POLICIES,
    YEARLY_CEILING,
    Grade,
    Policy,
    PolicyInvalid,
    ScoreBand,
    check_policy,
    current_policy,
)
from app.domain.money import Rate
from tests.domain.deciding.cases import SALARIED


def test_both_segments_have_a_published_policy() -> None:
    assert set(POLICIES) == {"salaried-2026.11", "small-business-2026.11"}
    for segment in Segment:
        policy = current_policy(segment)
        assert policy.segment is segment
        assert POLICIES[policy.version] is policy


@pytest.mark.parametrize("policy", POLICIES.values(), ids=str)
def test_a_published_policy_keeps_the_ceilings(policy: Policy) -> None:
    check_policy(policy)
    assert (policy.age_min, policy.age_max) == (18, 60)
    assert (policy.limits.min_minor, policy.limits.max_minor) == (50_000, LEGAL_LIMIT_MAX_MINOR)
    assert all(20_000 <= grade.daily.scaled <= 55_000 for grade in policy.grades)
    assert all(grade.yearly_effective < YEARLY_CEILING for grade in policy.grades)


@pytest.mark.parametrize(("scaled", "breaks"), [(55_000, False), (59_000, False), (60_000, True), (65_000, True)])
def test_the_yearly_ceiling_is_that_of_compounded_instalments(scaled: int, breaks: bool) -> None:
    # 0.0006 x 365 is 21.9 % nominal, yet above 24 % once twelve instalments compound.
    grade = replace(SALARIED.last_grade, daily=Rate(scaled))
    assert (grade.yearly_effective > YEARLY_CEILING) is breaks


@pytest.mark.parametrize(
    ("score", "name"),
    [(900, "A"), (740, "A"), (739, "B"), (700, "B"), (660, "C"), (659, "D"), (600, "E"), (599, None), (300, None)],
)
def test_a_score_has_one_grade(score: int, name: str | None) -> None:
    grade = SALARIED.grade_of(score)
    assert (grade.name if grade else None) == name


def with_grade(place: int, **changes: Any) -> Callable[[Policy], Policy]:
    def change(policy: Policy) -> Policy:
        grades = list(policy.grades)
        grades[place] = replace(grades[place], **changes)
        return replace(policy, grades=tuple(grades))

    return change


def with_limits(**changes: Any) -> Callable[[Policy], Policy]:
    return lambda policy: replace(policy, limits=replace(policy.limits, **changes))


def with_policy(**changes: Any) -> Callable[[Policy], Policy]:
    return lambda policy: replace(policy, **changes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_policy(grades=()), "no grade"),
        (with_grade(1, name="A"), "one name"),
        (with_grade(1, min_score=740), "scores conflict"),
        (with_grade(1, min_score=750), "scores conflict"),
        (with_grade(4, min_score=601), "gap or an overlap"),
        (with_grade(4, min_score=599), "gap or an overlap"),
        (with_policy(refer_band=ScoreBand(570, 598)), "gap or an overlap"),
        (with_grade(0, min_score=901), "out of reach"),
        (with_grade(1, limit_cap_minor=1_000_000), "cap falls"),
        (with_grade(1, income_multiple=Fraction(1)), "multiple falls"),
        (with_grade(1, daily=Rate(10_000)), "rate rises"),
        (with_grade(4, daily=Rate(60_000)), "yearly ceiling"),
        (with_grade(0, daily=Rate(0)), "not above zero"),
        (with_grade(4, income_multiple=Fraction(0)), "not above zero"),
        (with_grade(0, limit_cap_minor=20_010_000), "out of bounds"),
        (with_limits(max_minor=20_010_000), "legal"),
        (with_limits(min_minor=0), "minimum"),
        (with_limits(step_minor=0), "step"),
        (with_limits(min_minor=55_000), "step"),
        (with_limits(thin_file_cap_minor=40_000), "out of bounds"),
        (with_limits(default_income_minor=0), "income"),
        (with_limits(burden_cap=Fraction(3, 4)), "burden"),
        (with_limits(many_lenders=11), "many lenders"),
        (with_policy(age_min=17), "ages"),
        (with_policy(age_max=17), "ages"),
        (with_policy(refer_band=ScoreBand(599, 598)), "gap or an overlap"),
        (with_policy(refer_band=ScoreBand(600, 599)), "refer band"),
        (with_policy(own_score_floor=511), "own-score floor"),
        (with_policy(estimate_spread=-1), "spread"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(change: Callable[[Policy], Policy], said: str) -> None:
    with pytest.raises(PolicyInvalid, match=said):
        check_policy(change(SALARIED))


def test_a_grade_reads_its_rate_exactly() -> None:
    grade = Grade("X", 600, Rate(55_000), 800_000, Fraction(2))
    assert grade.daily_exact == Fraction(55, 100_000)
