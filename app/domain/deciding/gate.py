"""The gate before the bureau's door: whatever own data can rule out is ruled out here, and no inquiry is spent."""

from dataclasses import dataclass

from app.domain.deciding.limit import Ceiling, lowest_ceiling
from app.domain.deciding.outcome import Occupation, Outcome, Verdict
from app.domain.deciding.policy import SCORE_MAX, SCORE_MIN, Policy
from app.domain.deciding.reasons import ReasonCode, strongest_first

TERM_MONTHS_MAX = 60


class FactsInvalid(ValueError):
    """Facts that cannot be, or that belong before another policy."""


@dataclass(frozen=True, slots=True)
class OwnFacts:
    """What is known without the bureau. Amounts are fen; `age` is full years on the day of the decision.

    `own_score` is None while no source is connected; `verified_income_minor` is one month's, None when unverified.
    For an increase `requested_minor` is the new limit, not the difference. `adverse` are the score's own reasons,
    strongest first.

    Raises:
        FactsInvalid: a figure is out of range.
    """

    age: int
    occupation: Occupation
    own_score: int | None
    requested_minor: int
    term_months: int
    verified_income_minor: int | None
    adverse: tuple[ReasonCode, ...] = ()
    identity_verified: bool = True

    def __post_init__(self) -> None:
        if self.age < 0:
            raise FactsInvalid("an age is not negative")
        if self.own_score is not None and not SCORE_MIN <= self.own_score <= SCORE_MAX:
            raise FactsInvalid(f"a score is {SCORE_MIN} to {SCORE_MAX}")
        if self.requested_minor <= 0:
            raise FactsInvalid("a requested limit is above zero")
        if not 1 <= self.term_months <= TERM_MONTHS_MAX:
            raise FactsInvalid(f"a term is 1 to {TERM_MONTHS_MAX} months")
        if self.verified_income_minor is not None and self.verified_income_minor < 0:
            raise FactsInvalid("an income is not negative")


@dataclass(frozen=True, slots=True)
class LineThen:
    """The line of an increase at the moment of a decision. `limit_minor` is fen."""

    limit_minor: int
    in_arrears: bool
    active: bool


@dataclass(frozen=True, slots=True)
class IncreaseFacts:
    """What is known without the bureau when a customer asks for a higher limit. `present_limit_minor` is fen."""

    own: OwnFacts
    present_limit_minor: int
    in_arrears: bool


def gate(facts: OwnFacts, policy: Policy) -> Verdict | None:
    """A decline that own data alone require, or None: the bureau may be asked.

    1. Bars: identity not verified, age outside the policy (a minor among them), a student.
    2. An own score far below every cut-off.
    3. An income on which the best grade and the cleanest file would still leave less than the least limit.

    Raises:
        FactsInvalid: the policy is that of another segment.
    """
    return _decline_below(facts, policy, least_minor=policy.limits.min_minor)


def gate_increase(facts: IncreaseFacts, policy: Policy) -> Verdict | None:
    """The same for an increase.

    1. The line is in arrears, or its limit is the highest there is.
    2. Bars, own score, and an income on which no answer of the bureau could lift the present limit.

    Raises:
        FactsInvalid: the policy is that of another segment.
    """
    # 1
    reasons = []
    if facts.in_arrears:
        reasons.append(ReasonCode.LINE_IN_ARREARS)
    if facts.present_limit_minor >= policy.limits.max_minor:
        reasons.append(ReasonCode.LIMIT_AT_MAXIMUM)
    if reasons:
        return _declined(reasons)
    # 2
    return _decline_below(facts.own, policy, least_minor=facts.present_limit_minor + policy.limits.step_minor)


def bars(facts: OwnFacts, policy: Policy) -> tuple[ReasonCode, ...]:
    """The reasons that no score, no file and no person can lift.

    Raises:
        FactsInvalid: the policy is that of another segment.
    """
    if facts.occupation not in policy.occupations:
        raise FactsInvalid(f"{policy.version} does not judge {facts.occupation}")
    checks = (
        (not facts.identity_verified, ReasonCode.IDENTITY_UNVERIFIED),
        (not policy.age_min <= facts.age <= policy.age_max, ReasonCode.POLICY_AGE),
        (facts.occupation is Occupation.STUDENT, ReasonCode.STUDENT),
    )
    return tuple(reason for barred, reason in checks if barred)


def best_possible(facts: OwnFacts, policy: Policy) -> Ceiling:
    """The highest limit that any answer of the bureau could lead to."""
    return lowest_ceiling(
        policy.best_grade,
        policy,
        income_minor=facts.verified_income_minor,
        term_months=facts.term_months,
        file=None,
    )


def _decline_below(facts: OwnFacts, policy: Policy, *, least_minor: int) -> Verdict | None:
    # 1
    barred = bars(facts, policy)
    if barred:
        return _declined(barred)
    # 2
    if facts.own_score is not None and facts.own_score < policy.own_score_floor:
        return _declined((ReasonCode.SCORE_LOW,), facts.adverse)
    # 3
    best = best_possible(facts, policy)
    if best.amount_minor < least_minor:
        return _declined((*best.reasons, ReasonCode.REQUEST_ABOVE_LIMIT))
    return None


def _declined(by_rule: list[ReasonCode] | tuple[ReasonCode, ...], by_score: tuple[ReasonCode, ...] = ()) -> Verdict:
    return Verdict(Outcome.DECLINED, strongest_first(by_rule, by_score))
