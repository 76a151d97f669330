"""Whatever is done to a sound document: it stays sound to a judge of its own, or the case told really offends."""

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.deciding.decide import Facts, decide
from app.domain.deciding.gate import OwnFacts, gate
from app.domain.deciding.limit import lowest_ceiling
from app.domain.deciding.policy import Policy
from app.domain.policies.cases import file_of
from app.domain.policies.checking import check
from app.domain.policies.document import Draft, read_draft
from app.domain.policies.problems import Case, PolicyUnsound, Problem, ProblemCode
from tests.domain.policies.documents import Document, place, salaried, small_business

RANK = {"decline": 0, "refer": 1}
DECIMALS = {
    "/dailyRate": ["0.00014", "0.0002", "0.0003", "0.00045", "0.00055", "0.00056", "0.0006"],
    "/limitCap": ["400.00", "500.00", "8000.00", "50000.00", "100000.00", "200000.00", "210000.00"],
    "/incomeMultiple": ["0.5", "2", "2.99", "3", "6", "8", "8.01"],
}
SINGLE: dict[str, list[object]] = {
    "/ownScoreFloor": [300, 480, 509, 510, 511, 600],
    "/age/least": [16, 17, 18, 40, 61],
    "/age/most": [17, 18, 60, 61],
    "/hardRules/burden": ["0.5", "0.55", "0.6"],
    "/hardRules/lenders": [4, 5, 6],
    "/limits/burden": ["0.0001", "0.3", "0.7", "0.71", "1"],
    "/limits/manyLenders": [0, 5, 10, 11, 13],
    "/limits/thinFileCap": ["400.00", "500.00", "200000.00", "200100.00"],
    "/limits/manyLendersCap": ["499.99", "500.00", "200000.01"],
    "/limits/least": ["100.00", "500.00", "600.00", "9000.00"],
    "/limits/most": ["9000.00", "100000.00", "200000.00", "300000.00"],
    "/limits/step": ["0.01", "100.00", "500.00", "700.00"],
    "/limits/defaultIncome": ["0.01", "3000.00", "1000000.00"],
    "/estimateSpread": [0, 600, 601],
    "/occupations": [["OTHER"], [], ["STUDENT", "STUDENT"]],
}


@st.composite
def documents(draw: st.DrawFn) -> Document:
    told: Document = draw(st.sampled_from([salaried, small_business]))()
    for _ in range(draw(st.integers(1, 3))):
        match draw(st.sampled_from(["edge", "edge", "grade", "grade", "single", "swap", "drop", "twin"])):
            case "edge":
                grade = draw(st.sampled_from(["/decline", "/refer", *_grades(told)]))
                holder, key = place(told, f"{grade}/{draw(st.sampled_from(['from', 'to']))}")
                holder[key] += draw(st.integers(-40, 40))
            case "grade":
                name = draw(st.sampled_from(sorted(DECIMALS)))
                holder, key = place(told, draw(st.sampled_from(_grades(told))) + name)
                holder[key] = draw(st.sampled_from(DECIMALS[name]))
            case "single":
                name = draw(st.sampled_from(sorted(SINGLE)))
                holder, key = place(told, name)
                holder[key] = draw(st.sampled_from(SINGLE[name]))
            case "swap":
                one, two = draw(st.lists(st.sampled_from(told["grades"]), min_size=2, max_size=2))
                name = draw(st.sampled_from(["dailyRate", "limitCap", "incomeMultiple"]))
                one[name], two[name] = two[name], one[name]
            case "drop" if len(told["grades"]) > 1:
                told["grades"].remove(draw(st.sampled_from(told["grades"])))
            case "twin":
                twin = {**draw(st.sampled_from(told["grades"])), "name": draw(st.sampled_from(["A", "Z"]))}
                told["grades"].append(twin)
    return told


def _grades(told: Document) -> list[str]:
    return [f"/grades/{number}" for number in range(len(told["grades"]))]


# ---- the other judge: the bare figures of the document, score by score -------------------------------------------------


def bands(told: Document, score: int) -> list[tuple[str, dict[str, Any]]]:
    named = [("decline", told["decline"]), ("refer", told["refer"])]
    named += [(f"grades/{number}", grade) for number, grade in enumerate(told["grades"])]
    return [(name, band) for name, band in named if band["from"] <= score <= band["to"]]


def offences(told: Document, policy: Policy) -> Iterator[str]:
    row = [bands(told, score) for score in range(300, 901)]
    if any(len(found) != 1 for found in row):
        yield "gap or conflict"
        return
    ranks = [RANK.get(found[0][0], 2) for found in row]
    if ranks != sorted(ranks):
        yield "outcome"
    graded = [found[0][1] for found in row if found[0][0].startswith("grades")]
    for worse, better in pairwise(graded):
        if Fraction(better["dailyRate"]) > Fraction(worse["dailyRate"]):
            yield "rate"
        if better is not worse and any(b < w for w, b in limits(policy, worse["name"], better["name"])):
            yield "limit"
    for grade in told["grades"]:
        daily = Fraction(grade["dailyRate"])
        if (1 + daily) ** 365 > Fraction(124, 100) or not Fraction("0.00015") <= daily <= Fraction("0.00055"):
            yield "rate out of bounds"
    bounds = {name: Fraction(value) for name, value in told["limits"].items()}
    caps = [bounds["thinFileCap"], bounds["manyLendersCap"], *(Fraction(g["limitCap"]) for g in told["grades"])]
    if bounds["most"] > 200_000 or bounds["least"] < 500 or min(caps) < bounds["least"] or max(caps) > bounds["most"]:
        yield "cap"
    if not 18 <= told["age"]["least"] <= told["age"]["most"] <= 60:
        yield "age"
    if told["ownScoreFloor"] > told["refer"]["from"] - 60:
        yield "floor"
    if bounds["burden"] > Fraction(told["hardRules"]["burden"]):
        yield "burden"
    if told["limits"]["manyLenders"] > told["hardRules"]["lenders"]:
        yield "lenders"


def limits(policy: Policy, *names: str) -> Iterator[tuple[int, ...]]:
    """What each grade leads to, for a coarse grid of people."""
    grades = [next(grade for grade in policy.grades if grade.name == name) for name in names]
    for term in (1, 12, 60):
        for income in (None, 1, *(7**power for power in range(3, 14))):
            yield tuple(
                lowest_ceiling(grade, policy, income_minor=income, term_months=term, file=None).amount_minor
                for grade in grades
            )


# ---- whether a case really offends -------------------------------------------------------------------------------------


def offends(told: Document, draft: Draft, problem: Problem) -> bool:
    case, policy = problem.case, draft.policy
    assert case is not None
    match problem.code:
        case ProblemCode.GAP:
            return not bands(told, case.score or 0) and not case.results
        case ProblemCode.CONFLICT:
            return conflicts(told, policy, problem.path, case)
        case ProblemCode.OUTCOME_NOT_MONOTONE:
            (low, _), (high, _) = ((result.score or 0, result.says) for result in case.results)
            ((before, _),), ((after, _),) = bands(told, low), bands(told, high)
            return low < high and RANK.get(after, 2) < RANK.get(before, 2)
        case ProblemCode.RATE_NOT_MONOTONE:
            low, high = (result.score or 0 for result in case.results)
            worse, better = (
                [Fraction(band["dailyRate"]) for name, band in bands(told, score) if name.startswith("grades")]
                for score in (low, high)
            )
            return low < high and max(better) > min(worse)
        case ProblemCode.LIMIT_NOT_MONOTONE:
            return falls(policy, case)
        case ProblemCode.CAP_BROKEN | ProblemCode.OUTSIDE_PRODUCT:
            return breaks(told, problem.code, problem.path, case)
        case ProblemCode.AGE:
            age = case.applicant.age or 0
            inside = told["age"]["least"] <= age <= told["age"]["most"]
            return told["age"]["least"] > told["age"]["most"] or (inside and not 18 <= age <= 60)
        case _:
            return False


def falls(policy: Policy, case: Case) -> bool:
    worse, better = case.results
    told = [granted(policy, case, result.score or 0) for result in (worse, better)]
    assert told == [worse.limit_minor, better.limit_minor]
    return (worse.score or 0) < (better.score or 0) and told[1] < told[0]


def granted(policy: Policy, case: Case, score: int) -> int:
    grade = policy.grade_of(score)
    assert grade is not None
    asked = case.applicant
    return lowest_ceiling(
        grade,
        policy,
        income_minor=asked.income_minor,
        term_months=asked.term_months or 0,
        file=file_of(asked),
    ).amount_minor


def conflicts(told: Document, policy: Policy, path: str, case: Case) -> bool:
    first, second = case.results
    if path in {"/refer", *(f"/grades/{number}" for number in range(len(told["grades"])))}:
        return len(bands(told, case.score or 0)) > 1 and first.by != second.by
    if path == "/ownScoreFloor":
        own = OwnFacts(30, min(policy.occupations), case.applicant.own_score, policy.limits.max_minor, 1, 10**12)
        ruled_out = gate(own, policy) if policy.age_min <= 30 <= policy.age_max else True
        return bool(ruled_out) and first.score is not None and first.score > told["refer"]["from"] - 61
    if path in {"/limits/burden", "/limits/manyLenders"}:
        own = OwnFacts(policy.age_min, min(policy.occupations), None, policy.limits.max_minor, 1, 10**12)
        declined = decide(Facts(own, policy.best_grade.min_score, file_of(case.applicant), ()), policy)
        return declined.outcome.value == "DECLINED" and granted(policy, case, policy.best_grade.min_score) > 0
    return (first.limit_minor or 0) < (second.limit_minor or 0) == policy.limits.min_minor


def breaks(told: Document, code: ProblemCode, path: str, case: Case) -> bool:
    ours, bound = case.results
    holder, key = place(told, path)
    if path.endswith("dailyRate"):
        daily = Fraction(holder[key])
        dear = (1 + daily) ** 365 > Fraction(124, 100)
        outside = not Fraction("0.00015") <= daily <= Fraction("0.00055")
        return dear if code is ProblemCode.CAP_BROKEN else outside and not dear
    assert ours.limit_minor == Fraction(holder[key]) * 100
    assert ours.limit_minor is not None
    assert bound.limit_minor is not None
    return ours.limit_minor < 50_000 if path == "/limits/least" else ours.limit_minor > bound.limit_minor


def judged(told: Document) -> None:
    try:
        draft = read_draft(json.dumps(told))
    except PolicyUnsound:
        return  # of its form; tests/domain/policies/test_document.py
    found = check(draft)
    for problem in found:
        assert offends(told, draft, problem), problem
    expected = list(offences(told, draft.policy))
    assert bool(found) >= bool(expected), expected


@given(documents())
@settings(max_examples=15, deadline=None, database=None, derandomize=True)
def test_a_spoilt_document_is_sound_to_another_judge_or_refused_with_a_case_that_offends(told: Document) -> None:
    judged(told)


@pytest.mark.long
@given(documents())
@settings(max_examples=500, deadline=None, database=None)
def test_many_spoilt_documents(told: Document) -> None:
    judged(told)
