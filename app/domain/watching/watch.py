"""Watching a line: pure, from a snapshot and rules to signals, the gravest action first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from app.domain.money import half_up
from app.domain.watching.rules import RULES_MAX, Action, Condition, Measure, Rule
from app.domain.watching.snapshot import CLOSED, FROZEN, Snapshot


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that speaks on a line. `to_limit_minor` (fen) is what a reduction leaves."""

    rule: Rule
    to_limit_minor: int | None = None

    @property
    def action(self) -> Action:
        """What the rule wants done."""
        return self.rule.action


def watch(snapshot: Snapshot, rules: Sequence[Rule]) -> tuple[Signal, ...]:
    """What the rules say of a line: FREEZE first, then REDUCE_LIMIT, REVIEW, NONE; of two alike the graver, then by id.

    The order is the same for every line, so that whoever takes something for each signal takes it in one order. A
    closed line is not spoken of; a frozen one is not frozen again; a reduction that would leave the limit as it is
    says nothing.

    Raises:
        ValueError: more than 50 rules, or two of one id.
    """
    if len(rules) > RULES_MAX or len({rule.id for rule in rules}) != len(rules):
        raise ValueError("at most 50 rules, each with an id of its own")
    if snapshot.status == CLOSED:
        return ()
    signals = (_speak(rule, snapshot) for rule in rules if all(_holds(part, snapshot) for part in rule.when))
    return tuple(sorted((signal for signal in signals if signal is not None), key=_order))


def cooling(last_spoken: date | None, rule: Rule, today: date) -> bool:
    """Whether the rule keeps silent on a line today, having last spoken there on `last_spoken`."""
    return last_spoken is not None and today < last_spoken + timedelta(days=rule.cool_down_days)


def reduced_limit(limit_minor: int, used_minor: int, keep: Fraction) -> int:
    """The limit in fen that a reduction leaves: the share kept, never less than what is used, never more than before."""
    return min(limit_minor, max(used_minor, half_up(keep.numerator * limit_minor, keep.denominator)))


def _order(signal: Signal) -> tuple[int, int, str]:
    return -signal.action.priority, -signal.rule.severity, signal.rule.id


def _speak(rule: Rule, snapshot: Snapshot) -> Signal | None:
    if rule.action is Action.FREEZE and snapshot.status == FROZEN:
        return None
    if rule.keep is None:
        return Signal(rule)
    left = reduced_limit(snapshot.limit_minor, snapshot.used_minor, rule.keep)
    return Signal(rule, left) if left < snapshot.limit_minor else None


def _holds(condition: Condition, snapshot: Snapshot) -> bool:
    measured = measures(snapshot)[condition.measure]
    return measured is not None and measured >= condition.at_least


def measures(snapshot: Snapshot) -> Mapping[Measure, Fraction | int | None]:
    """Every measure of a snapshot; None where own data cannot tell."""
    return {
        Measure.DAYS_LATE: snapshot.days_late,
        Measure.MISSED_INSTALMENTS: snapshot.missed_instalments,
        Measure.UTILISATION: snapshot.utilisation,
        Measure.UTILISATION_JUMP: snapshot.utilisation_jump,
        Measure.DRAWS_IN_WEEK: snapshot.draws_in_week,
        Measure.DEVICE_CHANGES_IN_WEEK: snapshot.device_changes_in_week,
        Measure.INCOME_STOPPED: None if snapshot.income_stopped is None else int(snapshot.income_stopped),
    }
