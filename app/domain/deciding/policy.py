"""The credit policy: versioned, published once, never edited. Rules read it; nothing else knows a number.

A policy comes from a document (app/domain/policies); this is what the rules see of it.
"""

from dataclasses import dataclass
from fractions import Fraction

from app.domain.deciding.outcome import Occupation
from app.domain.money import RATE_SCALE, Rate

SCORE_MIN = 300
SCORE_MAX = 900

DAYS_A_MONTH = Fraction(304, 10)


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
    """One version of a segment's policy, and the occupations it judges.

    Grades stand best first; scores below the refer band are declined.
    """

    version: str
    segment: str
    occupations: frozenset[Occupation]
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
