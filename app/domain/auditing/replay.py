"""A decision made again from what it was made from: the same words, limit and rate must come out (PIPL art. 24)."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.decide import (
    Facts,
    SettlementInvalid,
    decide,
    decide_increase,
    refer_unanswered,
    refused,
    settle_referral,
)
from app.domain.deciding.gate import FactsInvalid, IncreaseFacts, LineThen, OwnFacts, gate, gate_increase
from app.domain.deciding.outcome import Outcome, Verdict
from app.domain.deciding.policy import Policy
from app.domain.deciding.reasons import ReasonCode


class Unlike(StrEnum):
    """What of a decision does not come out again."""

    OUTCOME = "OUTCOME_DIFFERS"
    REASONS = "REASONS_DIFFER"
    GRADE = "GRADE_DIFFERS"
    LIMIT = "LIMIT_DIFFERS"
    RATE = "RATE_DIFFERS"
    NO_VERDICT = "NO_VERDICT"


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A decision as it stands in the book: the verdict, and all that it was reached from.

    `score` and `file` are None where the bureau was not asked or did not answer. `refusal_code` is the bureau's,
    `asked` whether there was an inquiry at all. `line` is there for an increase.
    """

    verdict: Verdict
    policy: Policy
    own: OwnFacts
    score: int | None
    file: BureauFile | None
    adverse: tuple[ReasonCode, ...]
    line: LineThen | None
    asked: bool
    refusal_code: str | None
    by_person: bool

    @property
    def facts(self) -> Facts | None:
        """What was known with the bureau's answer."""
        if self.score is None or self.file is None:
            return None
        return Facts(own=self.own, score=self.score, file=self.file, adverse=self.adverse)


def unlike(told: OnRecord) -> Unlike | None:
    """What comes out otherwise when the decision is made again; None when it is the same."""
    try:
        again = _again(told)
    except (FactsInvalid, SettlementInvalid):
        again = None
    if again is None:
        return Unlike.NO_VERDICT
    kept = told.verdict
    checks = (
        (again.outcome is not kept.outcome, Unlike.OUTCOME),
        (again.limit_minor != kept.limit_minor, Unlike.LIMIT),
        (again.daily != kept.daily, Unlike.RATE),
        (again.grade != kept.grade, Unlike.GRADE),
        (again.reasons != kept.reasons, Unlike.REASONS),
    )
    return next((what for differs, what in checks if differs), None)


def _again(told: OnRecord) -> Verdict | None:
    """The verdict that the law gives today on what was known then."""
    if told.by_person:
        return _by_person(told)
    facts = told.facts
    if facts is None:
        return _without_answer(told)
    if told.line is None:
        return decide(facts, told.policy)
    if not told.line.active:
        return Verdict(Outcome.REFERRED, (ReasonCode.LINE_NOT_ACTIVE,))
    return decide_increase(facts, told.line.limit_minor, told.policy)


def _without_answer(told: OnRecord) -> Verdict | None:
    if not told.asked:
        if told.line is None:
            return gate(told.own, told.policy)
        return gate_increase(IncreaseFacts(told.own, told.line.limit_minor, told.line.in_arrears), told.policy)
    return refer_unanswered() if told.refusal_code is None else refused(told.refusal_code)


def _by_person(told: OnRecord) -> Verdict:
    """A person's verdict is free within bounds: it must be one that the person was allowed to reach."""
    return settle_referral(
        approve=told.verdict.outcome.grants,
        facts=told.facts,
        policy=told.policy,
        limit_minor=told.verdict.limit_minor,
        reasons=told.verdict.reasons,
        present_limit_minor=told.line.limit_minor if told.line else None,
    )
