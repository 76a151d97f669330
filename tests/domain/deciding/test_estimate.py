from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.deciding.estimate import Estimate, estimate
from app.domain.deciding.gate import IncreaseFacts, OwnFacts, gate, gate_increase
from app.domain.deciding.reasons import ReasonCode
from tests.domain.deciding.cases import OWN, SALARIED, YUAN, fast, owns, sound_owns

R = ReasonCode


def test_a_range_comes_from_own_data_alone() -> None:
    # 640 + 40 is grade C: 4 x 12,000 is 48,000; 640 - 40 is grade E: 8,000, less for one hardly known.
    assert estimate(OWN, SALARIED, None) == Estimate(5_000 * YUAN, 48_000 * YUAN, True, ())  # noqa: FBT003


def test_without_a_source_the_range_begins_at_nothing_and_names_the_income() -> None:
    unknown = replace(OWN, own_score=None, verified_income_minor=None)
    got = estimate(unknown, SALARIED, None)
    assert (got.low_minor, got.reasons) == (0, (R.INCOME_UNVERIFIED,))
    assert got.high_minor == 18_400 * YUAN


@pytest.mark.parametrize(
    ("own", "reason"), [(replace(OWN, age=17), R.POLICY_AGE), (replace(OWN, own_score=400), R.SCORE_LOW)]
)
def test_an_inquiry_cannot_help_whom_own_data_rule_out(own: OwnFacts, reason: ReasonCode) -> None:
    got = estimate(own, SALARIED, None)
    assert (got.low_minor, got.high_minor, got.inquiry_could_help) == (0, 0, False)
    assert got.reasons[0] is reason


def test_an_inquiry_cannot_lift_the_highest_limit() -> None:
    assert estimate(OWN, SALARIED, 20_000_000) == Estimate(20_000_000, 20_000_000, False, (R.LIMIT_AT_MAXIMUM,))  # noqa: FBT003


def test_an_inquiry_cannot_help_a_line_in_arrears() -> None:
    got = estimate(OWN, SALARIED, 900_000, in_arrears=True)
    assert got == Estimate(900_000, 900_000, False, (R.LINE_IN_ARREARS,))  # noqa: FBT003


def test_a_low_own_score_says_so_where_the_range_is_empty() -> None:
    got = estimate(replace(OWN, own_score=500), SALARIED, None)
    assert (got.low_minor, got.high_minor, got.inquiry_could_help) == (0, 0, True)
    assert got.reasons == (R.SCORE_LOW,)


@fast
@given(own=owns() | sound_owns(), present=st.none() | st.integers(50_000, 20_000_000))
def test_an_estimate_agrees_with_the_gate(own: OwnFacts, present: int | None) -> None:
    got = estimate(own, SALARIED, present)
    if present is None:
        ruled_out = gate(own, SALARIED)
    else:
        ruled_out = gate_increase(IncreaseFacts(own, present, in_arrears=False), SALARIED)
    assert got.inquiry_could_help is (ruled_out is None)
    assert (present or 0) <= got.low_minor <= got.high_minor <= SALARIED.limits.max_minor
    assert got.reasons or got.inquiry_could_help


def test_an_increase_that_own_data_do_not_forbid_never_shows_less_than_the_present_limit() -> None:
    got = estimate(replace(OWN, own_score=560), SALARIED, 900_000)
    assert (got.low_minor, got.high_minor, got.inquiry_could_help) == (900_000, 900_000, True)


@fast
@given(own=sound_owns(), requested=st.integers(50_000, 20_000_000))
def test_the_request_does_not_move_the_range(own: OwnFacts, requested: int) -> None:
    assert estimate(own, SALARIED, None) == estimate(replace(own, requested_minor=requested), SALARIED, None)
