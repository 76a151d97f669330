"""The decision: own data, the score and the bureau file against one policy. Exact, and the same each time."""

from dataclasses import dataclass

from app.domain.deciding.bureau_file import WORST_STATUS_BAD_DEBT, BureauFile
from app.domain.deciding.gate import FactsInvalid, OwnFacts, bars, gate
from app.domain.deciding.limit import Ceiling, lowest_ceiling
from app.domain.deciding.outcome import Outcome, Verdict, overriding
from app.domain.deciding.policy import SCORE_MAX, SCORE_MIN, Grade, Policy
from app.domain.deciding.reasons import ReasonCode, strongest_first

NOT_MATCHED = "SUBJECT_NOT_MATCHED"

Finding = tuple[Outcome, ReasonCode]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision knows. `adverse` are the reasons of `score`, strongest first.

    Raises:
        FactsInvalid: the score is out of range.
    """

    own: OwnFacts
    score: int
    file: BureauFile
    adverse: tuple[ReasonCode, ...]

    def __post_init__(self) -> None:
        if not SCORE_MIN <= self.score <= SCORE_MAX:
            raise FactsInvalid(f"a score is {SCORE_MIN} to {SCORE_MAX}")


def decide(facts: Facts, policy: Policy) -> Verdict:
    """The verdict on a first limit. The limit never falls as the score rises, all else equal.

    1. The gate once more: own data may have changed since it was passed.
    2. The bureau reports the person dead: declined, somebody else is asking.
    3. The file is under objection: a person decides, since whatever it says is in dispute.
    4. Hard rules on the file, and a score below the refer band: declined. A record of enforcement, or a score within
       the band: a person decides. A decline overrides.
    5. The grade of the score, and the lowest ceiling on the limit.
    6. Less than the least limit: declined. No more than that was asked: approved as asked. Else a counter-offer.

    Raises:
        FactsInvalid: the policy is that of another segment, or less than its least limit is asked.
    """
    if facts.own.requested_minor < policy.limits.min_minor:
        raise FactsInvalid("less is asked than the least limit")
    # 1
    ruled_out = gate(facts.own, policy)
    if ruled_out is not None:
        return ruled_out
    return _judge(facts, policy, least_minor=policy.limits.min_minor)


def decide_increase(facts: Facts, line_limit_minor: int, policy: Policy) -> Verdict:
    """The verdict on a higher limit: a grant is always above `line_limit_minor` (fen), a decline leaves it alone.

    `facts.own.requested_minor` is the new limit. The steps are those of `decide`, where the least limit is one step
    above the present one.

    Raises:
        FactsInvalid: the policy is that of another segment, or no increase is asked.
    """
    if facts.own.requested_minor <= line_limit_minor:
        raise FactsInvalid("no increase is asked")
    if line_limit_minor >= policy.limits.max_minor:
        return Verdict(Outcome.DECLINED, (ReasonCode.LIMIT_AT_MAXIMUM,))
    # 1
    ruled_out = gate(facts.own, policy)
    if ruled_out is not None:
        return ruled_out
    return _judge(facts, policy, least_minor=line_limit_minor + 1)


def refer_unanswered() -> Verdict:
    """The verdict when the bureau's answer stays unknown past its deadline: a person takes over."""
    return Verdict(Outcome.REFERRED, (ReasonCode.BUREAU_UNAVAILABLE,))


def refused(code: str) -> Verdict:
    """The verdict when the bureau refused and recorded nothing: no such person is a decline, else a person decides."""
    if code == NOT_MATCHED:
        return Verdict(Outcome.DECLINED, (ReasonCode.IDENTITY_UNVERIFIED,))
    return refer_unanswered()


def _judge(facts: Facts, policy: Policy, *, least_minor: int) -> Verdict:
    # 2, 3, 4
    findings = _findings(facts, policy)
    outcome = overriding(found for found, _ in findings)
    if not outcome.grants:
        # Reasons of the overridden outcome would mislead: only those of the outcome itself stand.
        by_rule = [reason for found, reason in findings if found is outcome]
        return Verdict(outcome, strongest_first(by_rule, facts.adverse))
    # 5
    grade = policy.grade_of(facts.score)
    if grade is None:
        raise FactsInvalid(f"{policy.version} leaves a gap at {facts.score}")
    ceiling = lowest_ceiling(
        grade,
        policy,
        income_minor=facts.own.verified_income_minor,
        term_months=facts.own.term_months,
        file=facts.file,
    )
    # 6
    return _grant(facts, policy, grade, ceiling, least_minor)


def _findings(facts: Facts, policy: Policy) -> list[Finding]:
    # 2
    if facts.file.deceased:
        return [(Outcome.DECLINED, ReasonCode.IDENTITY_UNVERIFIED)]
    broken = _broken_rules(facts, policy)
    # 3
    if facts.file.objection_mark:
        return [(Outcome.REFERRED, reason) for reason in (ReasonCode.OBJECTION_OPEN, *broken)]
    # 4
    findings = [(Outcome.DECLINED, reason) for reason in broken]
    if facts.file.enforcement:
        findings.append((Outcome.REFERRED, ReasonCode.BAD_DEBT))
    if facts.score in policy.refer_band:
        findings.append((Outcome.REFERRED, ReasonCode.SCORE_LOW))
    return findings


def _broken_rules(facts: Facts, policy: Policy) -> list[ReasonCode]:
    file, hard, income = facts.file, policy.hard, facts.own.verified_income_minor
    late = (
        file.worst_status_24 > hard.max_worst_status_24
        or file.overdue_months_24 > hard.max_overdue_months_24
        or file.overdue_now_minor > hard.max_overdue_now_minor
    )
    # An income that nobody verified proves no burden; the limit is bounded by the default income instead.
    burdened = income is not None and file.monthly_due_minor > income * hard.max_burden
    checks = (
        (file.bad_debt or file.worst_status_60 >= WORST_STATUS_BAD_DEBT, ReasonCode.BAD_DEBT),
        (late, ReasonCode.DELINQUENCY_RECENT),
        (burdened, ReasonCode.DEBT_BURDEN_HIGH),
        (file.lenders > hard.max_lenders, ReasonCode.LENDERS_MANY),
        (file.approval_queries_6 > hard.max_queries_6, ReasonCode.INQUIRIES_MANY),
        (facts.score < policy.refer_band.low, ReasonCode.SCORE_LOW),
    )
    return [reason for broken, reason in checks if broken]


def _grant(facts: Facts, policy: Policy, grade: Grade, ceiling: Ceiling, least_minor: int) -> Verdict:
    requested = facts.own.requested_minor
    bounded = strongest_first((*ceiling.reasons, ReasonCode.REQUEST_ABOVE_LIMIT), facts.adverse)
    if ceiling.amount_minor < least_minor:
        return Verdict(Outcome.DECLINED, bounded)
    if requested <= ceiling.amount_minor:
        # The best grade has the best price, so there is nothing to explain.
        reasons = () if grade is policy.best_grade else strongest_first((), facts.adverse)
        return Verdict(Outcome.APPROVED, reasons, grade.name, requested, grade.daily)
    return Verdict(Outcome.COUNTEROFFERED, bounded, grade.name, ceiling.amount_minor, grade.daily)


class SettlementInvalid(ValueError):
    """A person's verdict that the policy, the file or the law does not allow."""


def check_settlement(*, approve: bool, limit_minor: int | None, reasons: tuple[ReasonCode, ...]) -> None:
    """Whether a person's verdict is whole: what can be told before anybody opens a report for it.

    Raises:
        SettlementInvalid: a decline without reasons or with a limit, or a grant without one.
    """
    if approve and limit_minor is None:
        raise SettlementInvalid("a grant needs a limit")
    if not approve and (limit_minor is not None or not reasons):
        raise SettlementInvalid("a decline has reasons and no limit")


def settle_referral(
    *,
    approve: bool,
    facts: Facts | None,
    policy: Policy,
    limit_minor: int | None,
    reasons: tuple[ReasonCode, ...],
    present_limit_minor: int | None = None,
) -> Verdict:
    """A person's verdict on a referral or a review (PIPL art. 24: nobody need accept a machine's decision alone).

    A person may overrule score and hard rules, but neither a bar (identity, age, student, death) nor the product's
    least and highest limit nor the customer's own request. `facts` is None when the bureau never answered: then
    only a decline is possible. For an increase `present_limit_minor` is what the line has, and a grant is above it.
    Less than was asked is a counter-offer. A score below the last grade has that grade's rate.

    Raises:
        SettlementInvalid: the verdict is not allowed.
    """
    # 1. A decline needs a reason and no limit.
    check_settlement(approve=approve, limit_minor=limit_minor, reasons=reasons)
    if limit_minor is None:
        return Verdict(Outcome.DECLINED, strongest_first(reasons))
    # 2. A grant needs an answer of the bureau, and nobody whom the law bars.
    if facts is None:
        raise SettlementInvalid("a grant needs a bureau file")
    if facts.file.deceased or bars(facts.own, policy):
        raise SettlementInvalid("no person can lift this bar")
    # 3. The limit lies within the product, above the present one, and not above the request.
    least = max(policy.limits.min_minor, (present_limit_minor or 0) + 1)
    if not least <= limit_minor <= min(policy.limits.max_minor, facts.own.requested_minor):
        raise SettlementInvalid("the limit is out of bounds")
    # 4. Price by grade.
    grade = policy.grade_of(facts.score) or policy.last_grade
    if limit_minor == facts.own.requested_minor:
        return Verdict(Outcome.APPROVED, strongest_first(reasons), grade.name, limit_minor, grade.daily)
    bounded = strongest_first((*reasons, ReasonCode.REQUEST_ABOVE_LIMIT))
    return Verdict(Outcome.COUNTEROFFERED, bounded, grade.name, limit_minor, grade.daily)
