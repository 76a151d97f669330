"""Verbs about the book, without a server."""

import json
from pathlib import Path

from tests.cli.inside import verb


def test_personas_are_told_to_people_and_machines(tmp_path: Path) -> None:
    told = json.loads(verb(tmp_path, "personas", "--json").stdout)
    assert {persona["login"] for persona in told["personas"]} >= {"lihua", "wangwei"}
    assert "clt_sbx_lihua" in verb(tmp_path, "personas").stdout


def test_migrate_runs_once_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    assert "first_book" in verb(tmp_path, "migrate").stdout
    assert verb(tmp_path, "migrate").stdout.strip() == "nothing to do"


def test_the_clock_moves_without_a_server_too_and_never_backwards(tmp_path: Path) -> None:
    verb(tmp_path, "migrate")
    assert json.loads(verb(tmp_path, "clock", "advance", "2", "--json").stdout)["offsetDays"] == 2
    for days in ("0", "401"):
        assert verb(tmp_path, "clock", "advance", days).exit_code == 2


def test_a_cost_report_of_an_empty_book_divides_by_nothing_and_a_wrong_period_is_told(tmp_path: Path) -> None:
    verb(tmp_path, "migrate")
    empty = json.loads(verb(tmp_path, "report", "cost", "--json").stdout)
    assert (empty["schema"], empty["decisions"], empty["inquiriesPerDecision"]) == ("clearline-cost/1", 0, None)
    assert "nothing to divide by" in verb(tmp_path, "report", "cost").stdout
    wrong = verb(tmp_path, "report", "cost", "--from", "2026-02-02", "--to", "2026-02-01")
    assert (wrong.exit_code, "Traceback" in wrong.stderr) == (2, False)
