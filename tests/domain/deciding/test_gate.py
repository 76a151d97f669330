from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.decide import Facts, decide, decide_increase
from app.domain.deciding.gate import (
    FactsInvalid,
    IncreaseFacts,
    OwnFacts,
    best_possible,
    gate,
    gate_increase,
)
from app.domain.deciding.limit import lowest_ceiling
from app.domain.deciding.outcome import Occupation, Outcome, Verdict
from app.domain.deciding.reasons import ReasonCode
from tests.domain.deciding.cases import (
    CLEAN,
    OWN,
    SALARIED,
    SMALL_BUSINESS,
    YUAN,
    fast,
    files,
    owns,
    sound_files,
    sound_owns,
)

R = ReasonCode


def reasons(verdict: Verdict | None) -> tuple[ReasonCode, ...]:
    assert verdict is not None
    assert verdict.outcome is Outcome.DECLINED
    return verdict.reasons


# Rows by descending precedence: each gives the rule of its row and all rules below it cause to speak.
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"identity_verified": False, "age": 17, "occupation": Occupation.STUDENT, "own_score": 300},
            (R.IDENTITY_UNVERIFIED, R.POLICY_AGE, R.STUDENT),
        ),
        ({"age": 17, "occupation": Occupation.STUDENT, "own_score": 300}, (R.POLICY_AGE, R.STUDENT)),
        ({"occupation": Occupation.STUDENT, "own_score": 300}, (R.STUDENT,)),
        ({"own_score": 300, "adverse": (R.BILLS_LATE,), "verified_income_minor": 0}, (R.SCORE_LOW, R.BILLS_LATE)),
        ({"verified_income_minor": 0}, (R.REQUEST_ABOVE_LIMIT,)),
    ],
)
def test_own_data_decline_without_the_bureau(changes: dict[str, Any], said: tuple[ReasonCode, ...]) -> None:
    assert reasons(gate(replace(OWN, **changes), SALARIED)) == said


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"age": 18},
        {"age": 60},
        {"own_score": 480},
        {"own_score": None},
        {"verified_income_minor": None},
        {"occupation": Occupation.OTHER},
    ],
)
def test_all_else_may_ask_the_bureau(changes: dict[str, Any]) -> None:
    assert gate(replace(OWN, **changes), SALARIED) is None


@pytest.mark.parametrize(("age", "barred"), [(0, True), (17, True), (18, False), (60, False), (61, True)])
def test_minors_and_the_old_are_refused(age: int, barred: bool) -> None:
    assert (gate(replace(OWN, age=age), SALARIED) is not None) is barred


def test_a_score_one_below_the_floor_is_refused_with_its_own_reasons() -> None:
    low = replace(OWN, own_score=479, adverse=(R.SAVINGS_LOW, R.BILLS_LATE))
    assert reasons(gate(low, SALARIED)) == (R.SCORE_LOW, R.SAVINGS_LOW, R.BILLS_LATE)


def test_the_policy_of_another_segment_does_not_judge() -> None:
    with pytest.raises(FactsInvalid):
        gate(OWN, SMALL_BUSINESS)


# Rows by descending precedence again.
@pytest.mark.parametrize(
    ("increase", "said"),
    [
        (
            IncreaseFacts(replace(OWN, age=61), 20_000_000, in_arrears=True),
            (R.LINE_IN_ARREARS, R.LIMIT_AT_MAXIMUM),
        ),
        (IncreaseFacts(replace(OWN, age=61), 20_000_000, in_arrears=False), (R.LIMIT_AT_MAXIMUM,)),
        (IncreaseFacts(replace(OWN, age=61, own_score=300), 500_000, in_arrears=False), (R.POLICY_AGE,)),
        (IncreaseFacts(replace(OWN, own_score=479), 500_000, in_arrears=False), (R.SCORE_LOW,)),
        (
            IncreaseFacts(replace(OWN, verified_income_minor=None), 1_850_000, in_arrears=False),
            (R.INCOME_UNVERIFIED, R.REQUEST_ABOVE_LIMIT),
        ),
    ],
)
def test_own_data_forbid_an_increase(increase: IncreaseFacts, said: tuple[ReasonCode, ...]) -> None:
    assert reasons(gate_increase(increase, SALARIED)) == said


def test_a_line_in_order_may_ask_for_an_increase() -> None:
    assert gate_increase(IncreaseFacts(OWN, 500_000, in_arrears=False), SALARIED) is None


def test_an_increase_that_income_cannot_carry_is_refused_at_the_step_above_the_best_limit() -> None:
    best = best_possible(OWN, SALARIED).amount_minor
    below = IncreaseFacts(OWN, best - SALARIED.limits.step_minor, in_arrears=False)
    assert gate_increase(below, SALARIED) is None
    assert gate_increase(replace(below, present_limit_minor=best), SALARIED) is not None


@fast
@given(own=owns(), file=sound_files())
def test_the_gate_and_the_decision_agree(own: OwnFacts, file: BureauFile) -> None:
    ruled_out = gate(own, SALARIED)
    if ruled_out is not None:
        assert decide(Facts(own, 900, file, ()), SALARIED) == ruled_out


@fast
@given(income=st.integers(0, 200_000), term=st.sampled_from([1, 3, 12]))
def test_the_gate_refuses_an_income_exactly_when_the_best_answer_could_not_help(income: int, term: int) -> None:
    own = replace(OWN, verified_income_minor=income, term_months=term, requested_minor=50_000)
    best = lowest_ceiling(
        SALARIED.best_grade,
        SALARIED,
        income_minor=income,
        term_months=term,
        file=replace(CLEAN, monthly_due_minor=0),
    )
    assert (gate(own, SALARIED) is None) is (best.amount_minor >= 50_000)


@fast
@given(own=sound_owns(), file=files(), present=st.integers(50_000, 19_990_000))
def test_an_increase_that_the_gate_refuses_no_answer_could_have_granted(
    own: OwnFacts, file: BureauFile, present: int
) -> None:
    asked = replace(own, requested_minor=20_000_000)
    refused = gate_increase(IncreaseFacts(asked, present, in_arrears=False), SALARIED) is not None
    for answer in (file, replace(CLEAN, monthly_due_minor=0)):
        granted = decide_increase(Facts(asked, 900, answer, ()), present, SALARIED).outcome.grants
        assert not (refused and granted)
    assert refused or granted


@pytest.mark.parametrize(
    "changes",
    [
        {"age": -1},
        {"own_score": 299},
        {"own_score": 901},
        {"requested_minor": 0},
        {"term_months": 0},
        {"term_months": 61},
        {"verified_income_minor": -1},
    ],
)
def test_figures_out_of_range_are_no_facts(changes: dict[str, Any]) -> None:
    with pytest.raises(FactsInvalid):
        replace(OWN, **changes)


def test_amounts_are_fen() -> None:
    assert best_possible(OWN, SALARIED).amount_minor == 73_800 * YUAN
