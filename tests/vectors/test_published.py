import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.needs import ROOT, SHARED, require_shared
from tests.vectors.reading import Why, is_number
from tests.vectors.running import KINDS, SCHEMA, Outcome, Status, run_file, run_vector

FOLDER = SHARED / "vectors" / "lending"
FILES = sorted(path.name for path in FOLDER.glob("*.json")) or ["(none beside the checkout)"]
ACCEPTED_REASONS: frozenset[Why] = frozenset()


@pytest.mark.parametrize("name", FILES)
def test_every_published_figure_is_reached(name: str, record_property: Callable[[str, object], None]) -> None:
    outcomes = run_file(require_shared("vectors", "lending", name))
    passed = sum(outcome.status is Status.PASSED for outcome in outcomes)
    unasked = [outcome for outcome in outcomes if outcome.status is Status.NOT_APPLICABLE]
    record_property("told", f"vectors {name}: {passed} of {len(outcomes)} passed, {len(unasked)} not applicable")
    assert outcomes
    assert [outcome.line() for outcome in outcomes if outcome.status is Status.FAILED] == []
    assert {outcome.reason for outcome in unasked} <= ACCEPTED_REASONS
    assert all(outcome.why for outcome in unasked)


def _moved(expected: Any) -> Any:
    """What is expected with its first figure moved by one."""
    if isinstance(expected, dict):
        names = [name for name in expected if name not in {"n", "year"}]
        for name in names:
            changed = _moved(expected[name])
            if changed != expected[name]:
                return {**expected, name: changed}
    elif isinstance(expected, list) and expected:
        return [_moved(expected[0]), *expected[1:]]
    elif is_number(expected):
        # Further than any tolerance; a fraction stays one.
        return f"1 + {expected}" if "/" in str(expected) else _one_more(str(expected))
    elif isinstance(expected, str):
        return "1999-12-31"
    return expected


def _one_more(text: str) -> str:
    whole, point, rest = text.partition(".")
    return f"{int(whole or 0) + (-1 if whole.startswith('-') else 1)}{point}{rest}"


@pytest.mark.parametrize("name", FILES)
def test_no_figure_passes_when_it_is_moved(name: str) -> None:
    for vector in json.loads(require_shared("vectors", "lending", name).read_text())["vectors"]:
        moved = {**vector, "expected": _moved(copy.deepcopy(vector["expected"]))}
        assert moved["expected"] != vector["expected"], vector["id"]
        assert run_vector(moved).status is Status.FAILED, vector["id"]


VECTOR = {
    "id": "one",
    "kind": "daily_interest",
    "inputs": {"principal": "5000", "daily_rate": "0.0005", "days": 30},
    "expected": {"interest": "75"},
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "options_on_futures"}, Why.UNKNOWN_KIND),
        ({"kind": None}, Why.NOT_A_VECTOR),
        ({"inputs": {"principal": "5000"}}, Why.MISSING_INPUT),
        ({"inputs": ["5000"]}, Why.NOT_A_VECTOR),
        ({"inputs": {"principal": 5000.5, "daily_rate": "0.0005", "days": 30}}, Why.NOT_A_VECTOR),
        ({"inputs": {"principal": "1/0", "daily_rate": "0.0005", "days": 30}}, Why.NOT_A_VECTOR),
        ({"expected": {"interest": "75", "colour": "1"}}, Why.UNKNOWN_FIELD),
        ({"expected": {}}, Why.NO_FIGURE),
        ({"kind": "tvm", "inputs": {"function": "SYD"}}, Why.UNKNOWN_METHOD),
        ({"kind": "schedule", "inputs": {"method": "rule_of_78", "principal": "1", "n": 2}}, Why.UNKNOWN_METHOD),
        (
            {"kind": "year_fraction", "inputs": {"convention": "LUNAR", "start": "2026-01-01", "end": "2026-02-01"}},
            Why.UNKNOWN_CONVENTION,
        ),
    ],
)
def test_what_has_no_rule_here_is_named_and_no_crash(change: dict[str, Any], reason: Why) -> None:
    outcome = run_vector({**VECTOR, **change})
    assert (outcome.status, outcome.reason) == (Status.NOT_APPLICABLE, reason)
    assert outcome.why


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_kind_crashes_on_odd_inputs(kind: str) -> None:
    for inputs in ({}, {"n": 0, "flows": []}, {"flows": [{}], "periods": "x", "draws": 1, "payments": [None]}):
        outcome = run_vector({"id": kind, "kind": kind, "inputs": inputs, "expected": {"value": "1"}})
        assert outcome.status in {Status.NOT_APPLICABLE, Status.FAILED}


def test_a_wrong_figure_fails_and_shows_what_was_reached() -> None:
    assert run_vector(VECTOR) == Outcome("one", Status.PASSED, {"interest": "75"})
    failed = run_vector({**VECTOR, "expected": {"interest": "74.99"}})
    assert (failed.status, failed.got) == (Status.FAILED, {"interest": "75"})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "other/1", "vectors": []}', '{"vectors": 1}'])
def test_a_file_of_another_kind_is_told_so(text: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)
    assert [outcome.reason for outcome in run_file(path)] == [Why.NOT_A_VECTOR]
    assert [outcome.reason for outcome in run_file(tmp_path / "none.json")] == [Why.NOT_A_VECTOR]


def test_the_command_prints_one_line_for_each_vector(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    wrong = {**VECTOR, "id": "two", "expected": {"interest": "1"}}
    path.write_text(json.dumps({"schema": SCHEMA, "vectors": [VECTOR, wrong]}))
    ran = subprocess.run(
        [sys.executable, "-m", "tests.vectors", str(path)], cwd=ROOT, capture_output=True, check=False
    )
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(line["id"], line["status"]) for line in lines] == [("one", "passed"), ("two", "failed")]
    assert ran.returncode == 1
