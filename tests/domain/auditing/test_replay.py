"""A decision made again: every way in which one comes about comes out the same, and every change of it is told."""

from dataclasses import replace

import pytest

from app.domain.auditing.replay import OnRecord, Unlike, unlike
from app.domain.deciding.decide import Facts, decide, decide_increase, refused, settle_referral
from app.domain.deciding.gate import IncreaseFacts, LineThen, gate, gate_increase
from app.domain.deciding.outcome import Outcome, Verdict
from app.domain.deciding.reasons import ReasonCode
from app.domain.money import Rate
from tests.domain.deciding.cases import CLEAN, OWN, SALARIED

R = ReasonCode
FACTS = Facts(OWN, 715, CLEAN, (R.UTILISATION_HIGH,))
LINE = LineThen(limit_minor=100_000, in_arrears=False, active=True)
MINOR = replace(OWN, age=17)
BY_PERSON = settle_referral(approve=True, facts=FACTS, policy=SALARIED, limit_minor=200_000, reasons=())


def record(verdict: Verdict | None, **changed: object) -> OnRecord:
    assert verdict is not None
    told = OnRecord(
        verdict=verdict,
        policy=SALARIED,
        own=OWN,
        score=715,
        file=CLEAN,
        adverse=FACTS.adverse,
        line=None,
        asked=True,
        refusal_code=None,
        by_person=False,
    )
    return replace(told, **changed)  # type: ignore[arg-type]


UNASKED = {"score": None, "file": None, "adverse": (), "asked": False}
UNANSWERED = {**UNASKED, "asked": True}
KINDS = {
    "a first limit": record(decide(FACTS, SALARIED)),
    "an increase": record(decide_increase(FACTS, LINE.limit_minor, SALARIED), line=LINE),
    "an increase of a line frozen meanwhile": record(
        Verdict(Outcome.REFERRED, (R.LINE_NOT_ACTIVE,)), line=replace(LINE, active=False)
    ),
    "ruled out by own data": record(gate(MINOR, SALARIED), own=MINOR, **UNASKED),
    "an increase in arrears": record(
        gate_increase(IncreaseFacts(OWN, LINE.limit_minor, in_arrears=True), SALARIED),
        line=replace(LINE, in_arrears=True),
        **UNASKED,
    ),
    "no such person": record(refused("SUBJECT_NOT_MATCHED"), refusal_code="SUBJECT_NOT_MATCHED", **UNANSWERED),
    "never answered": record(Verdict(Outcome.REFERRED, (R.BUREAU_UNAVAILABLE,)), **UNANSWERED),
    "granted by a person": record(BY_PERSON, by_person=True, adverse=()),
    "declined by a person": record(Verdict(Outcome.DECLINED, (R.BAD_DEBT,)), by_person=True),
}


@pytest.mark.parametrize("told", KINDS.values(), ids=KINDS.keys())
def test_a_decision_of_every_kind_comes_out_again(told: OnRecord) -> None:
    assert unlike(told) is None


GRANT = KINDS["a first limit"]
RATE = GRANT.verdict.daily or Rate(0)


@pytest.mark.parametrize(
    ("told", "what"),
    [
        (replace(GRANT, verdict=Verdict(Outcome.DECLINED, (R.SCORE_LOW,))), Unlike.OUTCOME),
        (replace(GRANT, verdict=replace(GRANT.verdict, limit_minor=10_000)), Unlike.LIMIT),
        (replace(GRANT, verdict=replace(GRANT.verdict, daily=Rate(RATE.scaled + 1))), Unlike.RATE),
        (replace(GRANT, verdict=replace(GRANT.verdict, grade="Z")), Unlike.GRADE),
        (replace(GRANT, verdict=replace(GRANT.verdict, reasons=(R.FILE_THIN,))), Unlike.REASONS),
        (replace(GRANT, score=None, file=None, asked=False), Unlike.NO_VERDICT),
        (replace(KINDS["an increase in arrears"], line=LINE), Unlike.NO_VERDICT),
        (replace(KINDS["granted by a person"], own=MINOR), Unlike.NO_VERDICT),
    ],
)
def test_whatever_differs_is_told(told: OnRecord, what: Unlike) -> None:
    assert unlike(told) is what
