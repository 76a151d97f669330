"""The limit trial: what own data let expect. It binds nobody and asks nothing."""

from dataclasses import dataclass

from app.domain.deciding.gate import IncreaseFacts, OwnFacts, best_possible, gate, gate_increase
from app.domain.deciding.limit import Ceiling, lowest_ceiling, thin_file_ceiling
from app.domain.deciding.outcome import Verdict
from app.domain.deciding.policy import Policy
from app.domain.deciding.reasons import ReasonCode, strongest_first


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range of limits in fen, zero included. `reasons` say what holds the range down.

    `inquiry_could_help` is False exactly when the gate would decline: then no inquiry should be spent.
    """

    low_minor: int
    high_minor: int
    inquiry_could_help: bool
    reasons: tuple[ReasonCode, ...]


def estimate(own: OwnFacts, policy: Policy, present_limit_minor: int | None, *, in_arrears: bool = False) -> Estimate:
    """The range for a first limit (`present_limit_minor` None) or for an increase of the present one.

    1. Where the gate would decline: the present limit (or nothing), and an inquiry could not help.
    2. Low: the own score, less the policy's spread, with the file of a person whom the bureau hardly knows.
    3. High: the own score plus the spread, with the cleanest file; the best grade while no source is connected.

    The request itself is left out of account. An increase never ends below the present limit, and a line `in_arrears`
    gets none.

    Raises:
        FactsInvalid: the policy is that of another segment.
    """
    floor_minor = present_limit_minor or 0
    # 1
    ruled_out = _ruled_out(own, policy, present_limit_minor, in_arrears=in_arrears)
    if ruled_out is not None:
        return Estimate(floor_minor, floor_minor, inquiry_could_help=False, reasons=ruled_out.reasons)
    # 2
    low = high = 0
    ceiling = best_possible(own, policy)
    if own.own_score is not None:
        low = min(
            _at_score(own, policy, own.own_score - policy.estimate_spread).amount_minor,
            thin_file_ceiling(policy).amount_minor,
        )
        ceiling = _at_score(own, policy, own.own_score + policy.estimate_spread)
    # 3
    high = ceiling.amount_minor
    reasons = strongest_first(ceiling.reasons, own.adverse)
    low, high = (amount if amount >= policy.limits.min_minor else 0 for amount in (low, high))
    return Estimate(max(low, floor_minor), max(high, floor_minor), inquiry_could_help=True, reasons=reasons)


def _ruled_out(own: OwnFacts, policy: Policy, present_limit_minor: int | None, *, in_arrears: bool) -> Verdict | None:
    if present_limit_minor is None:
        return gate(own, policy)
    return gate_increase(IncreaseFacts(own, present_limit_minor, in_arrears), policy)


def _at_score(own: OwnFacts, policy: Policy, score: int) -> Ceiling:
    grade = policy.grade_of(score)
    if grade is None:
        return Ceiling(0, (ReasonCode.SCORE_LOW,))
    return lowest_ceiling(
        grade, policy, income_minor=own.verified_income_minor, term_months=own.term_months, file=None
    )
