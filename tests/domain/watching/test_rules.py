"""Rules are data that cannot contradict themselves, and every one has its words in every language."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from app.api import words
from app.domain.watching.rules import RULES, Action, Condition, Measure, Rule, RuleInvalid

FREEZE = next(rule for rule in RULES if rule.action is Action.FREEZE)
REDUCE = next(rule for rule in RULES if rule.action is Action.REDUCE_LIMIT)
NOTHING = Condition(Measure.DAYS_LATE, Fraction(0))


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (FREEZE, {"freeze_days": None}),
        (FREEZE, {"freeze_days": 0}),
        (FREEZE, {"freeze_days": 181}),
        (FREEZE, {"keep": Fraction(1, 2)}),
        (FREEZE, {"when": ()}),
        (FREEZE, {"when": (NOTHING,)}),
        (FREEZE, {"when": FREEZE.when * 5}),
        (FREEZE, {"cool_down_days": 0}),
        (FREEZE, {"cool_down_days": 366}),
        (FREEZE, {"lines_a_day": 0}),
        (FREEZE, {"lines_a_day": 10_001}),
        (FREEZE, {"version": 0}),
        (FREEZE, {"id": ""}),
        (REDUCE, {"keep": None}),
        (REDUCE, {"keep": Fraction(1)}),
        (REDUCE, {"keep": Fraction(-1, 2)}),
        (REDUCE, {"freeze_days": 5}),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(rule: Rule, wrong: dict[str, Any]) -> None:
    with pytest.raises(RuleInvalid):
        replace(rule, **wrong)


def test_a_freeze_ends_before_its_rule_may_speak_again() -> None:
    assert all(rule.freeze_days < rule.cool_down_days for rule in RULES if rule.freeze_days is not None)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_rule_has_its_words(language: str) -> None:
    folder = Path(words.__file__).parent / "locale"
    told = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))["rule"]
    assert {rule.id for rule in RULES} == set(told)
    assert all(told.values())
