from dataclasses import replace

import pytest

from app.domain.deciding.decide import Facts, SettlementInvalid, decide, settle_referral
from app.domain.deciding.outcome import Occupation, Outcome, Verdict
from app.domain.deciding.reasons import ReasonCode
from tests.domain.deciding.cases import CLEAN, OWN, SALARIED, YUAN

R = ReasonCode
REFERRED = Facts(OWN, 585, CLEAN, (R.UTILISATION_HIGH,))
ASKED = OWN.requested_minor


def settle(
    *,
    approve: bool = True,
    facts: Facts | None = REFERRED,
    limit: int | None = ASKED,
    reasons: tuple[ReasonCode, ...] = (),
    present: int | None = None,
) -> Verdict:
    return settle_referral(
        approve=approve,
        facts=facts,
        policy=SALARIED,
        limit_minor=limit,
        reasons=reasons,
        present_limit_minor=present,
    )


def test_the_facts_are_those_of_a_referral() -> None:
    assert decide(REFERRED, SALARIED).outcome is Outcome.REFERRED


def test_a_person_approves_what_was_asked_at_the_rate_of_the_last_grade() -> None:
    last = SALARIED.last_grade
    assert settle() == Verdict(Outcome.APPROVED, (), last.name, ASKED, last.daily)


def test_a_graded_score_keeps_its_rate() -> None:
    assert settle(facts=replace(REFERRED, score=715)).grade == "B"


def test_a_person_offers_less_than_was_asked() -> None:
    verdict = settle(limit=6_000 * YUAN, reasons=(R.FILE_THIN,))
    assert (verdict.outcome, verdict.limit_minor) == (Outcome.COUNTEROFFERED, 6_000 * YUAN)
    assert verdict.reasons == (R.FILE_THIN, R.REQUEST_ABOVE_LIMIT)


def test_a_person_declines_with_a_reason() -> None:
    verdict = settle(approve=False, limit=None, reasons=(R.DEBT_BURDEN_HIGH,))
    assert verdict == Verdict(Outcome.DECLINED, (R.DEBT_BURDEN_HIGH,))


def test_a_person_may_overrule_a_hard_rule() -> None:
    late = replace(REFERRED, file=replace(CLEAN, worst_status_24=3))
    assert decide(late, SALARIED).outcome is Outcome.DECLINED
    assert settle(facts=late).outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    "facts",
    [
        replace(REFERRED, own=replace(OWN, age=17)),
        replace(REFERRED, own=replace(OWN, occupation=Occupation.STUDENT)),
        replace(REFERRED, own=replace(OWN, identity_verified=False)),
        replace(REFERRED, file=replace(CLEAN, deceased=True)),
        None,
    ],
)
def test_no_person_lifts_a_bar(facts: Facts | None) -> None:
    with pytest.raises(SettlementInvalid):
        settle(facts=facts)


def test_an_unanswered_case_can_be_declined() -> None:
    verdict = settle(approve=False, facts=None, limit=None, reasons=(R.BUREAU_UNAVAILABLE,))
    assert verdict.outcome is Outcome.DECLINED


@pytest.mark.parametrize("limit", [None, 0, 49_900, ASKED + 1])
def test_a_limit_out_of_bounds_is_refused(limit: int | None) -> None:
    with pytest.raises(SettlementInvalid):
        settle(limit=limit)


def test_not_even_a_person_goes_above_the_product() -> None:
    asked = replace(REFERRED, own=replace(OWN, requested_minor=30_000_000))
    assert settle(facts=asked, limit=20_000_000).limit_minor == 20_000_000
    with pytest.raises(SettlementInvalid):
        settle(facts=asked, limit=20_000_100)


def test_a_settled_increase_is_above_the_present_limit() -> None:
    assert settle(limit=1_000_100, present=1_000_000).limit_minor == 1_000_100
    with pytest.raises(SettlementInvalid):
        settle(limit=1_000_000, present=1_000_000)


@pytest.mark.parametrize(("limit", "reasons"), [(ASKED, (R.SCORE_LOW,)), (None, ())])
def test_a_decline_has_reasons_and_no_limit(limit: int | None, reasons: tuple[ReasonCode, ...]) -> None:
    with pytest.raises(SettlementInvalid):
        settle(approve=False, limit=limit, reasons=reasons)
