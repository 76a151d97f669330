"""`clearline audit` at the command line, over a database that no server has open."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.domain.auditing.rules import AUDIT_RULES
from tests.cli.inside import verb

LATE = """INSERT INTO behaviour_event (id, customer_id, kind, occurred_on, amount_minor)
    SELECT '00000000-0000-7000-8000-000000000001', id, 'SPENDING', '2020-01-06', 100 FROM customer LIMIT 1"""
GONE = "DELETE FROM behaviour_event WHERE occurred_on < '2021-01-01'"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a seeded book and no server."""
    assert verb(tmp_path, "migrate", "--seed").exit_code == 0
    return tmp_path


def say(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "clearline.sqlite")) as book, book:
        book.execute(statement)


def test_findings_are_told_by_the_exit_code_listed_and_closed(home: Path) -> None:
    clean = verb(home, "audit", "run", "--json")
    told = json.loads(clean.stdout)
    assert (clean.exit_code, told["schema"], told["findings"]) == (0, "clearline-audit/1", [])
    assert len(told["rules"]) == len(AUDIT_RULES)
    say(home, LATE)
    for seen in ("NEW", "KNOWN"):
        run = verb(home, "audit", "run", "--json")
        (finding,) = json.loads(run.stdout)["findings"]
        assert (run.exit_code, finding["rule"], finding["seen"]) == (1, "RETENTION_OVERDUE", seen)
    assert "Data kept beyond its declared time: PAST_ITS_TIME" in verb(home, "audit", "list").stdout
    assert "1 fault to see to" in verb(home, "audit", "run").stdout
    closing_it = ("audit", "close", finding["id"], "--evidence", "The sweep was stopped; it runs again since today.")
    for words, reason in (
        ((*closing_it, "--as", "risk"), "has the role RISK"),
        ((*closing_it, "--as", "nobody"), "no officer nobody"),
        ((*closing_it, "--remains"), "can be mended"),
        (("audit", "close", "nonsense", "--evidence", "long enough, surely"), "not the id of a finding"),
    ):
        refused = verb(home, *words)
        assert (refused.exit_code, reason in refused.stderr) == (2, True), refused.stderr
    assert verb(home, *closing_it).exit_code == 0
    assert verb(home, *closing_it).exit_code == 2
    assert verb(home, "audit", "list").exit_code == 0
    assert json.loads(verb(home, "audit", "list", "--all", "--json").stdout)["findings"][0]["state"] == "CLOSED"
    assert json.loads(verb(home, "audit", "run", "--json").stdout)["findings"][0]["seen"] == "REOPENED"
    say(home, GONE)
    assert verb(home, "audit", "run").exit_code == 0
    assert verb(home, "audit", "list").exit_code == 1  # the fault is gone, and nobody has said so
