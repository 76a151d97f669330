"""The credit policy as data: versioned, published once, never edited. Rules read it; nothing else knows a number.

Thresholds are our own; the ceilings they are checked against are those of online consumer lending: 200,000 yuan a
person, 24 % all-in a year, 18 to 60 years, no students.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

from app.domain.deciding.outcome import Segment
from app.domain.money import RATE_SCALE, Rate

SCORE_MIN = 300
SCORE_MAX = 900

AGE_OF_MAJORITY = 18
LEGAL_LIMIT_MAX_MINOR = 20_000_000  # 200,000.00 yuan a person
YEARLY_CEILING = Fraction(24, 100)
MONTHS_A_YEAR = 12
DAYS_A_MONTH = Fraction(304, 10)
OWN_FLOOR_DISTANCE = 60  # own data alone refuses only far below the score that a person would still look at


@dataclass(frozen=True, slots=True)
class Grade:
    """One class of risk: from which score on, at what daily rate, with which limits."""

    name: str
    min_score: int
    daily: Rate
    limit_cap_minor: int
    income_multiple: Fraction  # the limit as a multiple of one month's income

    @property
    def daily_exact(self) -> Fraction:
        """The daily rate as a fraction."""
        return Fraction(self.daily.scaled, RATE_SCALE)

    @property
    def yearly_effective(self) -> Fraction:
        """The yearly cost of twelve monthly instalments, compounded: (1 + 30.4 d)^12 - 1, exact."""
        return (1 + self.daily_exact * DAYS_A_MONTH) ** MONTHS_A_YEAR - 1


@dataclass(frozen=True, slots=True)
class ScoreBand:
    """Scores from `low` to `high`, both within."""

    low: int
    high: int

    def __contains__(self, score: int) -> bool:
        return self.low <= score <= self.high


@dataclass(frozen=True, slots=True)
class HardRules:
    """What the bureau file may show at most; one step more is a decline, whatever the score."""

    max_worst_status_24: int
    max_overdue_months_24: int
    max_overdue_now_minor: int
    max_queries_6: int
    max_lenders: int
    max_burden: Fraction  # present monthly dues to verified monthly income


@dataclass(frozen=True, slots=True)
class LimitRules:
    """What bounds a limit beside its grade. Amounts are fen."""

    burden_cap: Fraction  # monthly dues to monthly income, the new instalment within
    default_income_minor: int  # taken for one month when no income is verified
    thin_file_months: int  # a file younger than this is thin
    thin_file_cap_minor: int
    many_lenders: int  # from this many on the cap holds
    many_lenders_cap_minor: int
    step_minor: int  # limits are whole steps, rounded down
    min_minor: int
    max_minor: int


@dataclass(frozen=True, slots=True)
class Policy:
    """A published policy. Grades stand best first; scores below the refer band are declined."""

    version: str
    segment: Segment
    age_min: int
    age_max: int
    own_score_floor: int
    refer_band: ScoreBand
    estimate_spread: int  # how far the full score may lie from the one on own data, for a trial
    grades: tuple[Grade, ...]
    hard: HardRules
    limits: LimitRules

    @property
    def best_grade(self) -> Grade:
        """The grade of the highest scores."""
        return self.grades[0]

    @property
    def last_grade(self) -> Grade:
        """The grade of the lowest scores that are still approved."""
        return self.grades[-1]

    def grade_of(self, score: int) -> Grade | None:
        """The grade of a score; None below the last grade."""
        return next((grade for grade in self.grades if score >= grade.min_score), None)


class PolicyInvalid(ValueError):
    """A policy that contradicts itself or a legal ceiling."""


def check_policy(policy: Policy) -> None:
    """Checks that grades fit together, limits never fall as scores rise, and every legal ceiling holds.

    Raises:
        PolicyInvalid: the first thing found wrong.
    """
    if not policy.grades:
        raise PolicyInvalid(f"{policy.version}: no grade")
    faults = [*_grade_faults(policy), *_order_faults(policy), *_bound_faults(policy)]
    if faults:
        raise PolicyInvalid(f"{policy.version}: {faults[0]}")


def _grade_faults(policy: Policy) -> list[str]:
    faults = [
        f"grade {grade.name}: {what}"
        for grade in policy.grades
        for wrong, what in (
            (grade.daily.scaled <= 0, "the rate is not above zero"),
            (grade.yearly_effective > YEARLY_CEILING, "the rate breaks the yearly ceiling"),
            (grade.income_multiple <= 0, "the income multiple is not above zero"),
            (
                not policy.limits.min_minor <= grade.limit_cap_minor <= policy.limits.max_minor,
                "the cap is out of bounds",
            ),
        )
        if wrong
    ]
    if len({grade.name for grade in policy.grades}) != len(policy.grades):
        faults.append("two grades have one name")
    if policy.last_grade.min_score != policy.refer_band.high + 1:
        faults.append("a gap or an overlap between the refer band and the last grade")
    return faults


def _order_faults(policy: Policy) -> list[str]:
    return [
        f"grades {better.name} and {worse.name}: {what}"
        for better, worse in pairwise(policy.grades)
        for wrong, what in (
            (better.min_score <= worse.min_score, "scores conflict"),
            (better.limit_cap_minor < worse.limit_cap_minor, "the cap falls as the score rises"),
            (better.income_multiple < worse.income_multiple, "the income multiple falls as the score rises"),
            (better.daily.scaled > worse.daily.scaled, "the rate rises with the score"),
        )
        if wrong
    ]


def _bound_faults(policy: Policy) -> list[str]:
    limits, hard, band = policy.limits, policy.hard, policy.refer_band
    caps = (limits.thin_file_cap_minor, limits.many_lenders_cap_minor)
    checks = (
        (policy.age_min < AGE_OF_MAJORITY or policy.age_min > policy.age_max, "ages"),
        (limits.max_minor > LEGAL_LIMIT_MAX_MINOR, "the maximum is above the legal one"),
        (not 0 < limits.min_minor <= limits.max_minor, "minimum and maximum"),
        (limits.step_minor <= 0 or limits.min_minor % limits.step_minor != 0, "the step"),
        (not all(limits.min_minor <= cap <= limits.max_minor for cap in caps), "a cap is out of bounds"),
        (limits.default_income_minor <= 0, "the default income"),
        (not 0 < limits.burden_cap <= hard.max_burden <= 1, "debt burdens"),
        (limits.many_lenders > hard.max_lenders, "the cap for many lenders can never hold"),
        (not SCORE_MIN < band.low <= band.high < SCORE_MAX, "the refer band"),
        (policy.best_grade.min_score > SCORE_MAX, "the best grade is out of reach"),
        (
            policy.own_score_floor > band.low - OWN_FLOOR_DISTANCE,
            "the own-score floor is not far below every cut-off",
        ),
        (policy.estimate_spread < 0, "the spread of an estimate"),
    )
    return [what for wrong, what in checks if wrong]


def _grade(name: str, min_score: int, daily: int, cap_yuan: int, multiple: Fraction | int) -> Grade:
    return Grade(name, min_score, Rate(scaled=daily), cap_yuan * 100, Fraction(multiple))


_SALARIED = Policy(
    version="salaried-2026.11",
    segment=Segment.SALARIED,
    age_min=AGE_OF_MAJORITY,
    age_max=60,
    own_score_floor=480,
    refer_band=ScoreBand(570, 599),
    estimate_spread=40,
    grades=(
        _grade("A", 740, 20_000, 200_000, 8),
        _grade("B", 700, 28_000, 100_000, 6),
        _grade("C", 660, 36_000, 50_000, 4),
        _grade("D", 630, 45_000, 20_000, 3),
        _grade("E", 600, 55_000, 8_000, 2),
    ),
    hard=HardRules(
        max_worst_status_24=2,
        max_overdue_months_24=5,
        max_overdue_now_minor=10_000,
        max_queries_6=10,
        max_lenders=10,
        max_burden=Fraction(7, 10),
    ),
    limits=LimitRules(
        burden_cap=Fraction(55, 100),
        default_income_minor=300_000,
        thin_file_months=12,
        thin_file_cap_minor=500_000,
        many_lenders=5,
        many_lenders_cap_minor=1_000_000,
        step_minor=10_000,
        min_minor=50_000,
        max_minor=LEGAL_LIMIT_MAX_MINOR,
    ),
)

# Owners borrow from more lenders and are asked about more often; takings swing, so less of them may be owed.
_SMALL_BUSINESS = Policy(
    version="small-business-2026.11",
    segment=Segment.SMALL_BUSINESS,
    age_min=AGE_OF_MAJORITY,
    age_max=60,
    own_score_floor=480,
    refer_band=ScoreBand(570, 609),
    estimate_spread=50,
    grades=(
        _grade("A", 740, 22_000, 200_000, 6),
        _grade("B", 700, 30_000, 150_000, 5),
        _grade("C", 660, 38_000, 80_000, Fraction(7, 2)),
        _grade("D", 630, 46_000, 30_000, Fraction(5, 2)),
        _grade("E", 610, 55_000, 10_000, Fraction(3, 2)),
    ),
    hard=HardRules(
        max_worst_status_24=2,
        max_overdue_months_24=5,
        max_overdue_now_minor=10_000,
        max_queries_6=14,
        max_lenders=12,
        max_burden=Fraction(65, 100),
    ),
    limits=LimitRules(
        burden_cap=Fraction(50, 100),
        default_income_minor=400_000,
        thin_file_months=12,
        thin_file_cap_minor=800_000,
        many_lenders=6,
        many_lenders_cap_minor=1_500_000,
        step_minor=10_000,
        min_minor=50_000,
        max_minor=LEGAL_LIMIT_MAX_MINOR,
    ),
)

_PUBLISHED = (_SALARIED, _SMALL_BUSINESS)
for _policy in _PUBLISHED:
    check_policy(_policy)

POLICIES: Mapping[str, Policy] = MappingProxyType({policy.version: policy for policy in _PUBLISHED})
_CURRENT = {policy.segment: policy for policy in _PUBLISHED}


def current_policy(segment: Segment) -> Policy:
    """The policy that judges new applications of a segment."""
    return _CURRENT[segment]
