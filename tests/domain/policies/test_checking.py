"""Rules that do not fit together are told with the applicant who meets them."""

import json

import pytest

from app.domain.deciding.decide import Facts, decide
from app.domain.deciding.gate import OwnFacts
from app.domain.deciding.policy import Grade
from app.domain.money import Rate
from app.domain.policies.cases import file_of, highest_limit
from app.domain.policies.checking import check, read_policy, yearly_most
from app.domain.policies.document import read_draft
from app.domain.policies.problems import Case, PolicyUnsound, Problem
from tests.domain.deciding.cases import OWN, SALARIED
from tests.domain.policies.documents import Spoil, spoilt, with_


def problems(spoil: Spoil) -> list[Problem]:
    return list(check(read_draft(spoilt(spoil))))


def only(spoil: Spoil) -> tuple[str, str, Case]:
    (problem,) = problems(spoil)
    assert problem.case is not None
    return problem.code.value, problem.path, problem.case


@pytest.mark.parametrize(
    ("spoil", "code", "path"),
    [
        (with_(grades__1__from=701), "GAP", ""),
        (with_(refer__to=598), "GAP", ""),
        (with_(decline__from=301), "GAP", ""),
        (with_(grades__0__to=899), "GAP", ""),
        (with_(grades__1__to=740), "CONFLICT", "/grades/1"),
        (with_(grades__4__from=599), "CONFLICT", "/grades/4"),
        (with_(decline__to=570), "CONFLICT", "/refer"),
        (with_(grades__0__dailyRate="0.0006"), "CAP_BROKEN", "/grades/0/dailyRate"),
        (with_(grades__4__dailyRate="0.00056"), "OUTSIDE_PRODUCT", "/grades/4/dailyRate"),
        (with_(grades__0__dailyRate="0.00014"), "OUTSIDE_PRODUCT", "/grades/0/dailyRate"),
        (with_(grades__1__dailyRate="0.0001"), "RATE_NOT_MONOTONE", "/grades/0/dailyRate"),
        (with_(grades__1__limitCap="49000.00"), "LIMIT_NOT_MONOTONE", "/grades/1"),
        (with_(grades__2__incomeMultiple="2.99"), "LIMIT_NOT_MONOTONE", "/grades/2"),
        (with_(limits__most="200000.01"), "CAP_BROKEN", "/limits/most"),
        (with_(limits__least="400.00"), "OUTSIDE_PRODUCT", "/limits/least"),
        (with_(grades__0__limitCap="200000.01"), "CAP_BROKEN", "/grades/0/limitCap"),
        (with_(grades__4__limitCap="400.00"), "CONFLICT", "/grades/4/limitCap"),
        (with_(limits__thinFileCap="400.00"), "CONFLICT", "/limits/thinFileCap"),
        (with_(limits__manyLendersCap="300000.00"), "CAP_BROKEN", "/limits/manyLendersCap"),
        (with_(limits__burden="0.75"), "CONFLICT", "/limits/burden"),
        (with_(limits__manyLenders=11), "CONFLICT", "/limits/manyLenders"),
        (with_(age__least=17), "AGE", "/age/least"),
        (with_(age__most=61), "AGE", "/age/most"),
        (with_(age__least=60, age__most=18), "AGE", "/age"),
        (with_(ownScoreFloor=511), "CONFLICT", "/ownScoreFloor"),
    ],
)
def test_a_policy_that_contradicts_itself_or_a_ceiling_is_refused(spoil: Spoil, code: str, path: str) -> None:
    told = {(problem.code.value, problem.path) for problem in problems(spoil)}
    assert (code, path) in told
    with pytest.raises(PolicyUnsound):
        read_policy(spoilt(spoil))


@pytest.mark.parametrize(
    "spoil",
    [
        with_(ownScoreFloor=510),
        with_(age__least=60),
        with_(grades__0__dailyRate="0.00015"),
        with_(limits__manyLenders=10),
        with_(limits__burden="0.7"),
        with_(grades__1__limitCap="50000.00"),
        with_(grades__2__incomeMultiple="3"),
    ],
)
def test_a_policy_at_the_very_bound_is_sound(spoil: Spoil) -> None:
    assert problems(spoil) == []


def test_a_gap_is_told_once_by_its_first_score_and_has_no_result() -> None:
    code, path, case = only(with_(grades__1__from=711))
    assert (code, path, case.score, case.results) == ("GAP", "", 700, ())


def test_a_conflict_shows_both_rules() -> None:
    code, path, case = only(with_(grades__4__from=590))
    assert (code, path, case.score) == ("CONFLICT", "/grades/4", 590)
    assert [(result.by, result.says.value, result.grade) for result in case.results] == [
        ("/refer", "REFER", None),
        ("/grades/4", "APPROVE", "E"),
    ]


def test_a_higher_score_with_a_worse_outcome_is_told() -> None:
    told = with_(decline={"from": 571, "to": 599}, refer={"from": 300, "to": 570}, ownScoreFloor=300)
    code, path, case = next(
        (problem.code.value, problem.path, problem.case) for problem in problems(told) if problem.case
    )
    assert (code, path) == ("OUTCOME_NOT_MONOTONE", "/decline")
    assert [(result.score, result.says.value) for result in case.results] == [(570, "REFER"), (571, "DECLINE")]


def test_a_lower_limit_for_a_higher_score_is_shown_by_an_applicant_who_would_get_it() -> None:
    spoil = with_(grades__2__incomeMultiple="2.99")
    code, _, case = only(spoil)
    policy = read_draft(spoilt(spoil)).policy
    worse, better = case.results
    assert (code, worse.score, better.score, worse.grade, better.grade) == ("LIMIT_NOT_MONOTONE", 659, 660, "D", "C")
    for result in (worse, better):
        own = OwnFacts(
            age=30,
            occupation=OWN.occupation,
            own_score=None,
            requested_minor=policy.limits.max_minor,
            term_months=case.applicant.term_months or 0,
            verified_income_minor=case.applicant.income_minor,
        )
        assert result.score is not None
        verdict = decide(Facts(own, result.score, file_of(case.applicant), ()), policy)
        assert verdict.limit_minor == result.limit_minor
    assert (better.limit_minor or 0) < (worse.limit_minor or 0)


def test_a_rate_that_only_days_make_too_dear_is_told() -> None:
    # 0.00059 a day is 21.5 % a year by simple interest, and 24.02 % when it is paid back after one day.
    _, _, case = only(with_(grades__4__dailyRate="0.00059"))
    ours, law = case.results
    assert ours.yearly == yearly_most(Rate(59_000))
    assert law.yearly == Rate(24_000_000)
    assert yearly_most(Rate(58_000)) < Rate(24_000_000) < yearly_most(Rate(59_000))


def test_a_dear_rate_lowers_the_limit_of_its_own_grade() -> None:
    # By the burden alone: the dearer the instalment, the smaller the loan that fits.
    told = {problem.code.value for problem in problems(with_(grades__0__dailyRate="0.00055"))}
    assert told == {"RATE_NOT_MONOTONE", "LIMIT_NOT_MONOTONE"}


def test_a_hard_rule_that_takes_back_what_a_limit_gives_is_shown_by_the_decision_itself() -> None:
    spoil = with_(limits__burden="0.75")
    _, _, case = only(spoil)
    policy = read_draft(spoilt(spoil)).policy
    best = policy.best_grade
    own = OwnFacts(30, OWN.occupation, None, policy.limits.min_minor, 1, case.applicant.income_minor)
    verdict = decide(Facts(own, best.min_score, file_of(case.applicant), ()), policy)
    assert verdict.outcome.value == "DECLINED"
    assert [reason.value for reason in verdict.reasons] == ["DEBT_BURDEN_HIGH"]
    assert highest_limit(policy, best, case.applicant) == case.results[1].limit_minor == 20_000_000


@pytest.mark.parametrize(
    ("score", "name"),
    [(900, "A"), (740, "A"), (739, "B"), (700, "B"), (660, "C"), (659, "D"), (600, "E"), (599, None), (300, None)],
)
def test_a_score_has_one_grade(score: int, name: str | None) -> None:
    grade: Grade | None = SALARIED.grade_of(score)
    assert (grade.name if grade else None) == name


def test_the_figures_of_the_first_policies_are_those_that_were_published() -> None:
    told = json.loads(spoilt(with_()))
    assert [(grade["name"], grade["from"], grade["dailyRate"], grade["limitCap"]) for grade in told["grades"]] == [
        ("A", 740, "0.00020000", "200000.00"),
        ("B", 700, "0.00028000", "100000.00"),
        ("C", 660, "0.00036000", "50000.00"),
        ("D", 630, "0.00045000", "20000.00"),
        ("E", 600, "0.00055000", "8000.00"),
    ]
