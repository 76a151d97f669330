"""What the rules in force say of a line: a table by descending precedence, and what holds of every line."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.watching.rules import RULES, RULES_MAX, Action, Measure
from app.domain.watching.snapshot import Snapshot
from app.domain.watching.watch import cooling, measures, reduced_limit, watch
from tests.domain.watching.cases import line

EVERYTHING = {
    "device_changes_in_week": 3,
    "missed_instalments": 2,
    "days_late": 15,
    "used_minor": 950_000,
    "income_stopped": True,
    "draws_in_week": 5,
    "used_before_minor": 200_000,
}
YOUNG: dict[str, Any] = {"limit_before_minor": None, "used_before_minor": None}
BY_PRECEDENCE = [
    "DEVICES_CHANGED",
    "INSTALMENTS_MISSED",
    "INCOME_STOPPED",
    "LATE_AND_STRETCHED",
    "UTILISATION_JUMPED",
    "DRAWS_MANY",
    "LATE_A_WEEK",
]
ALONE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    # rule, what makes it speak alone, what is one step short of it
    ("DEVICES_CHANGED", {"device_changes_in_week": 3}, {"device_changes_in_week": 2}),
    ("INSTALMENTS_MISSED", {"missed_instalments": 2}, {"missed_instalments": 1}),
    ("INCOME_STOPPED", {"income_stopped": True}, {"income_stopped": False}),
    (
        "UTILISATION_JUMPED",
        {"used_minor": 700_000, "used_before_minor": 0},
        {"used_minor": 699_999, "used_before_minor": 0},
    ),
    ("DRAWS_MANY", {"draws_in_week": 5}, {"draws_in_week": 4}),
    ("LATE_A_WEEK", {"days_late": 7}, {"days_late": 6}),
]

snapshots = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["ACTIVE", "FROZEN", "CLOSED"]),
        "limit_minor": st.integers(0, 20_000_000),
        "used_minor": st.integers(0, 25_000_000),
        "limit_before_minor": st.integers(0, 20_000_000),
        "used_before_minor": st.integers(0, 20_000_000),
        "days_late": st.integers(0, 120),
        "missed_instalments": st.integers(0, 12),
        "draws_in_week": st.integers(0, 20),
        "device_changes_in_week": st.integers(0, 9),
        "income_stopped": st.none() | st.booleans(),
    }
).flatmap(lambda figures: st.sampled_from([line(**figures), line(**{**figures, **YOUNG})]))


def spoken(snapshot: Snapshot) -> list[str]:
    return [signal.rule.id for signal in watch(snapshot, RULES)]


def test_a_quiet_line_is_left_in_peace() -> None:
    assert spoken(line()) == []


def test_when_everything_speaks_the_gravest_action_comes_first() -> None:
    signals = watch(line(**EVERYTHING), RULES)
    assert [signal.rule.id for signal in signals] == BY_PRECEDENCE
    actions = [signal.action for signal in signals]
    assert actions == sorted(actions, key=lambda action: -action.priority)
    assert {*actions} == {*Action}


@pytest.mark.parametrize(("rule", "enough", "short"), ALONE, ids=[row[0] for row in ALONE])
def test_a_rule_speaks_from_its_threshold_on_and_not_a_step_before(
    rule: str, enough: dict[str, Any], short: dict[str, Any]
) -> None:
    assert spoken(line(**enough)) == [rule]
    assert spoken(line(**short)) == []


def test_all_conditions_of_a_rule_must_hold() -> None:
    assert spoken(line(days_late=15, used_minor=900_000, used_before_minor=900_000)) == [
        "LATE_AND_STRETCHED",
        "LATE_A_WEEK",
    ]
    assert spoken(line(days_late=15, used_minor=899_999, used_before_minor=899_999)) == ["LATE_A_WEEK"]
    assert spoken(line(days_late=14, used_minor=950_000, used_before_minor=900_000)) == ["LATE_A_WEEK"]


def test_a_closed_line_is_not_spoken_of() -> None:
    assert spoken(line(**EVERYTHING, status="CLOSED")) == []


def test_a_frozen_line_is_not_frozen_again_and_watched_on() -> None:
    assert spoken(line(**EVERYTHING, status="FROZEN")) == BY_PRECEDENCE[2:]


def test_a_cut_or_a_raise_of_ours_is_no_jump_of_use() -> None:
    cut = line(limit_minor=500_000, used_minor=600_000, used_before_minor=300_000)
    assert cut.utilisation_jump == Fraction(3, 10)
    raised = line(limit_minor=2_000_000, used_minor=1_000_000, used_before_minor=0)
    assert raised.utilisation_jump == Fraction(1, 2)
    assert line(used_minor=0, used_before_minor=900_000).utilisation_jump == 0


def test_a_young_line_may_be_used_up_at_once() -> None:
    young = line(used_minor=1_000_000, **YOUNG)
    assert spoken(young) == []
    assert young.utilisation_before is None


def test_a_cut_below_what_is_used_shows_as_more_than_the_whole() -> None:
    assert line(limit_minor=500_000, used_minor=600_000).utilisation == Fraction(6, 5)
    assert line(limit_minor=0, used_minor=1).utilisation == 1
    assert line(limit_minor=0, used_minor=0).utilisation == 0


@pytest.mark.parametrize(
    ("limit", "used", "keep", "left"),
    [
        (1_000_000, 300_000, Fraction(1, 2), 500_000),
        (1_000_000, 800_000, Fraction(1, 2), 800_000),
        (1_000_000, 1_200_000, Fraction(1, 2), 1_000_000),
        (500_001, 0, Fraction(1, 2), 250_001),
        (1_000_000, 0, Fraction(0), 0),
    ],
)
def test_a_reduction_leaves_what_is_used_and_never_raises(limit: int, used: int, keep: Fraction, left: int) -> None:
    assert reduced_limit(limit, used, keep) == left


def test_a_reduction_that_would_change_nothing_says_nothing() -> None:
    assert spoken(line(income_stopped=True, used_minor=1_000_000, used_before_minor=1_000_000)) == []


@given(snapshots)
def test_signals_are_ordered_unique_and_the_same_for_any_order_of_rules(snapshot: Snapshot) -> None:
    signals = watch(snapshot, RULES)
    assert signals == watch(snapshot, tuple(reversed(RULES)))
    priorities = [signal.action.priority for signal in signals]
    assert priorities == sorted(priorities, reverse=True)
    assert len({signal.rule.id for signal in signals}) == len(signals)


@given(snapshots)
def test_a_reduction_is_a_reduction_and_calls_nothing_in(snapshot: Snapshot) -> None:
    for signal in watch(snapshot, RULES):
        if signal.action is Action.REDUCE_LIMIT:
            assert signal.to_limit_minor is not None
            assert snapshot.limit_minor > signal.to_limit_minor >= min(snapshot.used_minor, snapshot.limit_minor)
        else:
            assert signal.to_limit_minor is None


@given(snapshots, st.sampled_from(["days_late", "missed_instalments", "draws_in_week", "device_changes_in_week"]))
def test_a_worse_line_is_never_spoken_of_less(snapshot: Snapshot, worse: str) -> None:
    more = replace(snapshot, **{worse: getattr(snapshot, worse) + 1})
    assert set(spoken(snapshot)) <= set(spoken(more))


@given(snapshots)
def test_what_own_data_cannot_tell_speaks_for_no_rule(snapshot: Snapshot) -> None:
    unknown = {measure for measure, value in measures(snapshot).items() if value is None}
    for signal in watch(snapshot, RULES):
        assert not unknown & {condition.measure for condition in signal.rule.when}
    assert unknown <= {Measure.UTILISATION_JUMP, Measure.INCOME_STOPPED}


def test_a_rule_is_silent_for_its_cool_down_to_the_day() -> None:
    rule, spoke = RULES[0], date(2026, 3, 1)
    last_silent = spoke + timedelta(days=rule.cool_down_days - 1)
    assert cooling(spoke, rule, spoke)
    assert cooling(spoke, rule, last_silent)
    assert not cooling(spoke, rule, last_silent + timedelta(days=1))
    assert not cooling(None, rule, spoke)


def test_two_rules_of_one_id_or_too_many_are_refused() -> None:
    with pytest.raises(ValueError, match="id of its own"):
        watch(line(), (RULES[0], replace(RULES[0], version=2)))
    many = tuple(replace(RULES[0], id=f"R{number}") for number in range(RULES_MAX + 1))
    with pytest.raises(ValueError, match="at most 50"):
        watch(line(), many)
