import pytest

from app.domain.deciding.outcome import (
    Outcome,
    Verdict,
    VerdictInvalid,
    overriding,
)
from app.domain.deciding.reasons import ReasonCode
from app.domain.money import Rate

DAILY = Rate(40_000)
WHY = (ReasonCode.SCORE_LOW,)


def test_each_outcome_overrides_all_below_it() -> None:
    ranked = [Outcome.DECLINED, Outcome.REFERRED, Outcome.COUNTEROFFERED, Outcome.APPROVED]
    assert set(ranked) == set(Outcome)
    for place, outcome in enumerate(ranked):
        assert overriding(reversed(ranked[place:])) is outcome


def test_no_objection_means_approved() -> None:
    assert overriding([]) is Outcome.APPROVED


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.COUNTEROFFERED])
@pytest.mark.parametrize(
    ("grade", "limit", "daily"), [(None, 100, DAILY), ("A", None, DAILY), ("A", 100, None), ("A", 0, DAILY)]
)
def test_a_grant_has_grade_limit_and_rate(
    outcome: Outcome, grade: str | None, limit: int | None, daily: Rate | None
) -> None:
    with pytest.raises(VerdictInvalid):
        Verdict(outcome, WHY, grade, limit, daily)


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.REFERRED])
@pytest.mark.parametrize(("grade", "limit", "daily"), [("A", None, None), (None, 100, None), (None, None, DAILY)])
def test_no_grant_has_no_terms(outcome: Outcome, grade: str | None, limit: int | None, daily: Rate | None) -> None:
    with pytest.raises(VerdictInvalid):
        Verdict(outcome, WHY, grade, limit, daily)


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.REFERRED])
def test_a_refusal_without_a_reason_is_none(outcome: Outcome) -> None:
    with pytest.raises(VerdictInvalid):
        Verdict(outcome, ())


def test_a_counter_offer_without_a_reason_is_none() -> None:
    with pytest.raises(VerdictInvalid):
        Verdict(Outcome.COUNTEROFFERED, (), "A", 100, DAILY)


def test_an_approval_needs_no_reason() -> None:
    assert Verdict(Outcome.APPROVED, (), "A", 100, DAILY).limit_minor == 100


@pytest.mark.parametrize("reasons", [tuple(ReasonCode)[:5], (*WHY, *WHY)])
def test_reasons_are_four_at_most_and_each_once(reasons: tuple[ReasonCode, ...]) -> None:
    with pytest.raises(VerdictInvalid):
        Verdict(Outcome.DECLINED, reasons)
