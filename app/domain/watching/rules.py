"""The rules of watching as data: versioned, published once, never edited. Nothing else knows a threshold."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from fractions import Fraction

FREEZE_DAYS_MAX = 180
COOL_DOWN_DAYS_MAX = 365
LINES_A_DAY_MAX = 10_000
CONDITIONS_MAX = 4
RULES_MAX = 50


class Action(StrEnum):
    """What a rule does to a line, mildest first."""

    NONE = "NONE"
    REVIEW = "REVIEW"
    REDUCE_LIMIT = "REDUCE_LIMIT"
    FREEZE = "FREEZE"

    @property
    def priority(self) -> int:
        """The larger comes first."""
        return list(Action).index(self)


class Severity(IntEnum):
    """How grave a signal is. Numbers order, names are shown."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Measure(StrEnum):
    """What a condition looks at in a snapshot."""

    DAYS_LATE = "DAYS_LATE"
    MISSED_INSTALMENTS = "MISSED_INSTALMENTS"
    UTILISATION = "UTILISATION"
    UTILISATION_JUMP = "UTILISATION_JUMP"
    DRAWS_IN_WEEK = "DRAWS_IN_WEEK"
    DEVICE_CHANGES_IN_WEEK = "DEVICE_CHANGES_IN_WEEK"
    INCOME_STOPPED = "INCOME_STOPPED"


class RuleInvalid(ValueError):
    """A rule contradicts itself or leaves the bounds."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when the measure is known and at least the threshold. INCOME_STOPPED counts as 0 or 1."""

    measure: Measure
    at_least: Fraction


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. It speaks when all its conditions hold, and then is silent on that line for `cool_down_days`.

    `lines_a_day` is how many lines it may touch on one business date before a person must agree. `freeze_days` belongs
    to FREEZE, `keep` to REDUCE_LIMIT: the share of the limit that stays, never less than what is used.
    """

    id: str
    version: int
    when: tuple[Condition, ...]
    action: Action
    severity: Severity
    cool_down_days: int
    lines_a_day: int
    freeze_days: int | None = None
    keep: Fraction | None = None

    def __post_init__(self) -> None:
        problems = {
            "a rule has 1 to 4 conditions": not 1 <= len(self.when) <= CONDITIONS_MAX,
            "a threshold is more than nothing": any(condition.at_least <= 0 for condition in self.when),
            "a cool-down is 1 to 365 days": not 1 <= self.cool_down_days <= COOL_DOWN_DAYS_MAX,
            "a rule touches 1 to 10000 lines a day": not 1 <= self.lines_a_day <= LINES_A_DAY_MAX,
            "a freeze, and only a freeze, has days": (self.action is Action.FREEZE) is (self.freeze_days is None),
            "a freeze lasts 1 to 180 days": self.freeze_days is not None
            and not 1 <= self.freeze_days <= FREEZE_DAYS_MAX,
            "a reduction, and only a reduction, keeps a share": (self.action is Action.REDUCE_LIMIT)
            is (self.keep is None),
            "a reduction keeps less than the whole": self.keep is not None and not 0 <= self.keep < 1,
            "an id and a version": not self.id or self.version < 1,
        }
        wrong = [problem for problem, holds in problems.items() if holds]
        if wrong:
            raise RuleInvalid(f"{self.id}: {'; '.join(wrong)}")


def _at_least(measure: Measure, number: int | Fraction = 1) -> Condition:
    return Condition(measure, Fraction(number))


RULES: tuple[Rule, ...] = (
    Rule(
        id="DEVICES_CHANGED",
        version=1,
        when=(_at_least(Measure.DEVICE_CHANGES_IN_WEEK, 3),),
        action=Action.FREEZE,
        severity=Severity.HIGH,
        cool_down_days=14,
        lines_a_day=50,
        freeze_days=7,
    ),
    Rule(
        id="INSTALMENTS_MISSED",
        version=1,
        when=(_at_least(Measure.MISSED_INSTALMENTS, 2),),
        action=Action.FREEZE,
        severity=Severity.HIGH,
        cool_down_days=60,
        lines_a_day=50,
        freeze_days=30,
    ),
    Rule(
        id="INCOME_STOPPED",
        version=1,
        when=(_at_least(Measure.INCOME_STOPPED),),
        action=Action.REDUCE_LIMIT,
        severity=Severity.MEDIUM,
        cool_down_days=90,
        lines_a_day=50,
        keep=Fraction(1, 2),
    ),
    Rule(
        id="LATE_AND_STRETCHED",
        version=1,
        when=(_at_least(Measure.DAYS_LATE, 15), _at_least(Measure.UTILISATION, Fraction(9, 10))),
        action=Action.REDUCE_LIMIT,
        severity=Severity.MEDIUM,
        cool_down_days=60,
        lines_a_day=50,
        keep=Fraction(3, 4),
    ),
    Rule(
        id="UTILISATION_JUMPED",
        version=1,
        when=(_at_least(Measure.UTILISATION_JUMP, Fraction(7, 10)),),
        action=Action.REVIEW,
        severity=Severity.MEDIUM,
        cool_down_days=30,
        lines_a_day=200,
    ),
    Rule(
        id="DRAWS_MANY",
        version=1,
        when=(_at_least(Measure.DRAWS_IN_WEEK, 5),),
        action=Action.REVIEW,
        severity=Severity.LOW,
        cool_down_days=14,
        lines_a_day=200,
    ),
    Rule(
        id="LATE_A_WEEK",
        version=1,
        when=(_at_least(Measure.DAYS_LATE, 7),),
        action=Action.NONE,
        severity=Severity.LOW,
        cool_down_days=30,
        lines_a_day=LINES_A_DAY_MAX,
    ),
)
"""The rules in force, in no order that matters: `watch` orders what they say."""
