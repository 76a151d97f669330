from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.decide import Facts, decide, decide_increase, refer_unanswered
from app.domain.deciding.gate import FactsInvalid, OwnFacts
from app.domain.deciding.outcome import Occupation, Outcome, Verdict
from app.domain.deciding.policy import Policy
from app.domain.deciding.reasons import ReasonCode
from tests.domain.deciding.cases import (
    CLEAN,
    OWN,
    SALARIED,
    SMALL_BUSINESS,
    YUAN,
    fast,
    files,
    sound_files,
    sound_owns,
)

R = ReasonCode
GOOD = Facts(OWN, 715, CLEAN, (R.UTILISATION_HIGH,))


Changes = dict[str, Any]


def changed(*, score: int = GOOD.score, own: Changes | None = None, **file: Any) -> Facts:
    return replace(GOOD, score=score, own=replace(OWN, **(own or {})), file=replace(CLEAN, **file))


DEAD: Changes = {"deceased": True}
DISPUTED: Changes = {"objection_mark": True}
BAD: Changes = {"bad_debt": True}
LATE: Changes = {"worst_status_24": 3}
ENFORCED: Changes = {"enforcement": True}


# Rows by descending precedence: each row's facts also break what stands below, and the upper rule overrides.
@pytest.mark.parametrize(
    ("facts", "outcome", "first"),
    [
        (changed(own={"age": 17}, **DEAD, **DISPUTED, **BAD), Outcome.DECLINED, R.POLICY_AGE),
        (changed(own={"own_score": 479}, **DEAD, **DISPUTED, **BAD), Outcome.DECLINED, R.SCORE_LOW),
        (changed(score=580, **DEAD, **DISPUTED, **BAD, **LATE, **ENFORCED), Outcome.DECLINED, R.IDENTITY_UNVERIFIED),
        (changed(score=500, **DISPUTED, **BAD, **LATE, **ENFORCED), Outcome.REFERRED, R.OBJECTION_OPEN),
        (changed(score=580, **BAD, **LATE, **ENFORCED), Outcome.DECLINED, R.BAD_DEBT),
        (changed(score=580, **LATE, **ENFORCED), Outcome.DECLINED, R.DELINQUENCY_RECENT),
        (changed(score=569, **ENFORCED), Outcome.DECLINED, R.SCORE_LOW),
        (changed(score=580, **ENFORCED), Outcome.REFERRED, R.BAD_DEBT),
        (changed(score=580), Outcome.REFERRED, R.SCORE_LOW),
        (changed(lenders=5, monthly_due_minor=8_000 * YUAN), Outcome.DECLINED, R.DEBT_BURDEN_HIGH),
        (changed(lenders=5), Outcome.COUNTEROFFERED, R.LENDERS_MANY),
        (changed(), Outcome.APPROVED, R.UTILISATION_HIGH),
    ],
)
def test_the_upper_rule_overrides(facts: Facts, outcome: Outcome, first: ReasonCode) -> None:
    verdict = decide(facts, SALARIED)
    assert (verdict.outcome, verdict.reasons[0]) == (outcome, first)


@pytest.mark.parametrize(
    ("file", "breaks"),
    [
        ({"bad_debt": True}, R.BAD_DEBT),
        ({"worst_status_60": 8}, R.BAD_DEBT),
        ({"worst_status_60": 7}, None),
        ({"worst_status_24": 3}, R.DELINQUENCY_RECENT),
        ({"worst_status_24": 2}, None),
        ({"overdue_months_24": 6}, R.DELINQUENCY_RECENT),
        ({"overdue_months_24": 5}, None),
        ({"overdue_now_minor": 10_001}, R.DELINQUENCY_RECENT),
        ({"overdue_now_minor": 10_000}, None),
        ({"monthly_due_minor": 840_001}, R.DEBT_BURDEN_HIGH),
        ({"lenders": 11}, R.LENDERS_MANY),
        ({"lenders": 10}, None),
        ({"approval_queries_6": 11}, R.INQUIRIES_MANY),
        ({"approval_queries_6": 10}, None),
    ],
)
def test_a_hard_rule_bites_one_step_above_its_bound(file: Changes, breaks: ReasonCode | None) -> None:
    verdict = decide(changed(score=900, **file), SALARIED)
    assert (verdict.outcome is Outcome.DECLINED) is (breaks is not None)
    if breaks is not None:
        assert verdict.reasons[0] is breaks


@pytest.mark.parametrize(
    ("policy", "occupation", "score", "outcome"),
    [
        (SALARIED, Occupation.SALARIED, 569, Outcome.DECLINED),
        (SALARIED, Occupation.SALARIED, 570, Outcome.REFERRED),
        (SALARIED, Occupation.SALARIED, 599, Outcome.REFERRED),
        (SALARIED, Occupation.SALARIED, 600, Outcome.APPROVED),
        (SMALL_BUSINESS, Occupation.SMALL_BUSINESS, 609, Outcome.REFERRED),
        (SMALL_BUSINESS, Occupation.SMALL_BUSINESS, 610, Outcome.APPROVED),
    ],
)
def test_a_score_is_declined_seen_or_graded(
    policy: Policy, occupation: Occupation, score: int, outcome: Outcome
) -> None:
    facts = changed(score=score, own={"occupation": occupation, "requested_minor": 1_000 * YUAN})
    assert decide(facts, policy).outcome is outcome


def test_what_was_asked_is_approved_and_no_more() -> None:
    grade = SALARIED.grade_of(715)
    assert grade is not None
    wanted = Verdict(Outcome.APPROVED, (R.UTILISATION_HIGH,), "B", 30_000 * YUAN, grade.daily)
    assert decide(GOOD, SALARIED) == wanted


def test_the_best_grade_needs_no_reasons() -> None:
    assert decide(changed(score=740), SALARIED).reasons == ()


def test_more_than_the_limit_is_answered_with_the_limit() -> None:
    verdict = decide(changed(score=640, own={"requested_minor": 30_000 * YUAN}), SALARIED)
    assert (verdict.outcome, verdict.limit_minor) == (Outcome.COUNTEROFFERED, 20_000 * YUAN)
    assert verdict.reasons == (R.REQUEST_ABOVE_LIMIT, R.UTILISATION_HIGH)


def test_less_than_the_least_limit_is_declined_with_what_holds_it_down() -> None:
    verdict = decide(changed(own={"verified_income_minor": None}, monthly_due_minor=1_650 * YUAN), SALARIED)
    assert verdict.outcome is Outcome.DECLINED
    assert verdict.reasons[:3] == (R.DEBT_BURDEN_HIGH, R.INCOME_UNVERIFIED, R.REQUEST_ABOVE_LIMIT)


def test_an_unverified_income_proves_no_burden() -> None:
    small: Changes = {"verified_income_minor": None, "requested_minor": 1_000 * YUAN}
    assert decide(changed(own=small), SALARIED).outcome is Outcome.APPROVED


def test_a_request_below_the_product_is_no_question_for_a_decision() -> None:
    with pytest.raises(FactsInvalid):
        decide(changed(own={"requested_minor": 49_999}), SALARIED)


def test_a_score_off_the_scale_is_no_fact() -> None:
    with pytest.raises(FactsInvalid):
        changed(score=901)


def test_an_answer_that_never_came_goes_to_a_person() -> None:
    assert refer_unanswered() == Verdict(Outcome.REFERRED, (R.BUREAU_UNAVAILABLE,))


# ---- the invented people of the sandbox


def test_one_in_good_order_is_approved_at_once() -> None:
    verdict = decide(GOOD, SALARIED)
    assert (verdict.outcome, verdict.grade) == (Outcome.APPROVED, "B")


def test_one_late_and_much_asked_about_is_declined_with_three_reasons() -> None:
    facts = changed(score=520, worst_status_24=4, overdue_months_24=7, approval_queries_6=12)
    verdict = decide(facts, SALARIED)
    assert verdict.outcome is Outcome.DECLINED
    assert verdict.reasons[:3] == (R.DELINQUENCY_RECENT, R.INQUIRIES_MANY, R.SCORE_LOW)


def test_one_in_the_band_is_seen_by_a_person() -> None:
    assert decide(changed(score=585), SALARIED).outcome is Outcome.REFERRED


def test_one_hardly_known_gets_a_small_limit() -> None:
    facts = changed(score=640, months_since_first_account=None, open_loans=0, open_cards=0, lenders=0)
    verdict = decide(facts, SALARIED)
    assert (verdict.outcome, verdict.limit_minor) == (Outcome.COUNTEROFFERED, 5_000 * YUAN)
    assert verdict.reasons[0] is R.FILE_THIN
    small = replace(facts, own=replace(facts.own, requested_minor=3_000 * YUAN))
    assert decide(small, SALARIED).outcome is Outcome.APPROVED


def test_one_with_many_lenders_gets_a_capped_limit() -> None:
    verdict = decide(changed(score=650, lenders=8, monthly_due_minor=3_000 * YUAN), SALARIED)
    assert (verdict.outcome, verdict.limit_minor) == (Outcome.COUNTEROFFERED, 10_000 * YUAN)
    assert verdict.reasons[0] is R.LENDERS_MANY


# ---- increases


def test_an_increase_is_approved_as_asked() -> None:
    verdict = decide_increase(GOOD, 20_000 * YUAN, SALARIED)
    assert (verdict.outcome, verdict.limit_minor) == (Outcome.APPROVED, 30_000 * YUAN)


def test_an_increase_may_be_less_than_asked_but_is_above_the_present_limit() -> None:
    verdict = decide_increase(changed(score=640), 15_000 * YUAN, SALARIED)
    assert (verdict.outcome, verdict.limit_minor) == (Outcome.COUNTEROFFERED, 20_000 * YUAN)


@pytest.mark.parametrize("present", [20_000, 25_000])
def test_an_increase_that_would_lower_the_limit_is_declined_and_leaves_it(present: int) -> None:
    verdict = decide_increase(changed(score=640), present * YUAN, SALARIED)
    assert (verdict.outcome, verdict.limit_minor) == (Outcome.DECLINED, None)
    assert R.REQUEST_ABOVE_LIMIT in verdict.reasons


def test_the_highest_limit_has_no_increase() -> None:
    asked = changed(own={"requested_minor": 20_100_000})
    assert decide_increase(asked, 20_000_000, SALARIED).reasons == (R.LIMIT_AT_MAXIMUM,)


def test_what_rules_out_a_first_limit_rules_out_an_increase() -> None:
    assert decide_increase(changed(own={"age": 61}), 500_000, SALARIED).reasons == (R.POLICY_AGE,)
    assert decide_increase(changed(**LATE), 500_000, SALARIED).outcome is Outcome.DECLINED
    assert decide_increase(changed(score=585), 500_000, SALARIED).outcome is Outcome.REFERRED


@pytest.mark.parametrize("requested", [500_000, 499_900])
def test_no_increase_asked_is_no_question(requested: int) -> None:
    with pytest.raises(FactsInvalid):
        decide_increase(changed(own={"requested_minor": requested}), 500_000, SALARIED)


# ---- for all facts

RANK = {Outcome.DECLINED: 0, Outcome.REFERRED: 1, Outcome.COUNTEROFFERED: 2, Outcome.APPROVED: 3}
SCORES = range(300, 901, 6)


@fast
@given(own=sound_owns(), file=sound_files())
def test_a_higher_score_never_gets_less_nor_pays_more(own: OwnFacts, file: BureauFile) -> None:
    verdicts = [decide(Facts(own, score, file, ()), SALARIED) for score in SCORES]
    assert verdicts[-1].outcome.grants
    for worse, better in pairwise(verdicts):
        assert RANK[better.outcome] >= RANK[worse.outcome]
        assert (better.limit_minor or 0) >= (worse.limit_minor or 0)
        assert better.daily is None or worse.daily is None or better.daily <= worse.daily


@fast
@given(own=sound_owns(), file=files(), scores=st.tuples(st.integers(300, 900), st.integers(300, 900)))
def test_a_higher_score_never_has_a_worse_outcome(own: OwnFacts, file: BureauFile, scores: tuple[int, int]) -> None:
    worse, better = (decide(Facts(own, score, file, ()), SALARIED) for score in sorted(scores))
    assert RANK[better.outcome] >= RANK[worse.outcome]


@fast
@given(own=sound_owns(), file=sound_files(), score=st.integers(600, 900))
def test_a_grant_keeps_every_bound(own: OwnFacts, file: BureauFile, score: int) -> None:
    verdict = decide(Facts(own, score, file, ()), SALARIED)
    limits = SALARIED.limits
    assert verdict.limit_minor is not None
    assert own.verified_income_minor is not None
    assert limits.min_minor <= verdict.limit_minor <= min(limits.max_minor, own.requested_minor)
    assert verdict.outcome is Outcome.APPROVED or verdict.limit_minor % limits.step_minor == 0
    dues = file.monthly_due_minor + Fraction(verdict.limit_minor, own.term_months)
    assert dues <= own.verified_income_minor * limits.burden_cap


@fast
@given(own=sound_owns(), file=sound_files(), score=st.integers(600, 900), due=st.integers(0, 500_000))
def test_more_debt_never_gets_more(own: OwnFacts, file: BureauFile, score: int, due: int) -> None:
    less = decide(Facts(own, score, file, ()), SALARIED)
    owing = replace(file, monthly_due_minor=file.monthly_due_minor + due)
    more = decide(Facts(own, score, owing, ()), SALARIED)
    assert (more.limit_minor or 0) <= (less.limit_minor or 0)


@fast
@given(own=sound_owns(), file=sound_files(), score=st.integers(600, 900), present=st.integers(50_000, 2_000_000))
def test_an_increase_never_lowers_a_limit(own: OwnFacts, file: BureauFile, score: int, present: int) -> None:
    asked = replace(own, requested_minor=own.requested_minor + present)
    verdict = decide_increase(Facts(asked, score, file, ()), present, SALARIED)
    first = decide(Facts(asked, score, file, ()), SALARIED)
    if first.limit_minor is not None and first.limit_minor > present:
        assert verdict == first
    else:
        assert verdict.outcome is Outcome.DECLINED
