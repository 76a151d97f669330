"""`clearline ledger monitor` and `reconcile` at the command line: what they need, and what they say when it is away."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.cli.inside import verb
from tests.domain.proof.a_log import POLICY
from tests.sims.announced import POLICY as INTRODUCED
from tests.sims.outsiders import question
from witness.keys import CosigningKey

AWAY = "http://127.0.0.1:9"  # nobody serves there


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "policy.txt"
    path.write_bytes(POLICY)
    return path


def test_a_log_that_does_not_answer_is_an_alarm(tmp_path: Path, keys: Path) -> None:
    done = verb(tmp_path, "ledger", "monitor", f"{AWAY}/log", "--keys", keys, "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["schema"], told["size"]) == (1, "clearline-monitor-report/1", 0)
    ((alarm, why),) = [(one["alarm"], one["told"]) for one in told["alarms"]]
    assert (alarm, f"{AWAY}/log/checkpoint does not answer" in why, "does the server run" in why) == (
        "SILENT",
        True,
        True,
    )
    assert (tmp_path / "monitor.json").exists()


def test_a_monitor_needs_one_place_a_policy_and_its_own_memory(tmp_path: Path, keys: Path) -> None:
    assert verb(tmp_path, "ledger", "monitor").exit_code == 2
    assert verb(tmp_path, "ledger", "monitor", AWAY, "--store").exit_code == 2
    without = verb(tmp_path, "ledger", "monitor", AWAY)
    assert (without.exit_code, "--keys" in without.output) == (3, True)
    (tmp_path / "monitor.json").write_text("{}")
    assert verb(tmp_path, "ledger", "monitor", AWAY, "--keys", keys).exit_code == 3


def test_verifying_is_not_well_where_nothing_was_compared(tmp_path: Path) -> None:
    assert verb(tmp_path, "migrate", "--seed").exit_code == 0
    alone = verb(tmp_path, "ledger", "verify")
    assert (alone.exit_code, "no policy" in alone.output, "✔" in alone.output) == (3, True, False)
    assert verb(tmp_path, "ledger", "fsck").exit_code == 0
    keys = [CosigningKey.new(name).vkey for name in ("one.example", "two.example")]
    members = [word for key in keys for word in ("--witness", f"{key.name.partition('.')[0]} {key} {AWAY}")]
    for wrong in (("--witness", "x y z"), (*members, "--least", "3"), (*members, "--require", members[1])):
        assert verb(tmp_path, "ledger", "policy", *wrong).exit_code == 2
    assert verb(tmp_path, "ledger", "policy", *members).exit_code == 0
    silent = verb(tmp_path, "ledger", "verify")
    assert (silent.exit_code, "too few witnesses" in silent.output, "✔" in silent.output) == (3, True, False)
    assert json.loads(verb(tmp_path, "ledger", "verify", "--json").stdout)["standing"] == "NO_QUORUM"


def test_reconciling_tells_what_differs_and_that_the_route_is_shut(
    tmp_path: Path, bureau_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verb(tmp_path, "migrate", "--seed").exit_code == 0
    monkeypatch.setenv("CLEARLINE_INSTITUTION", tmp_path.name)
    monkeypatch.setenv("CLEARLINE_BUREAU_URL", AWAY)
    away = verb(tmp_path, "ledger", "reconcile")
    assert (away.exit_code, "doctor" in away.output) == (3, True)
    monkeypatch.setenv("CLEARLINE_BUREAU_URL", bureau_url)
    clean = verb(tmp_path, "ledger", "reconcile", "--json")
    assert (clean.exit_code, json.loads(clean.stdout)["routeOpen"]) == (0, True)
    reference = asked_by_somebody(bureau_url, tmp_path.name)
    told = json.loads(verb(tmp_path, "ledger", "reconcile", "--json").stdout)
    assert told["changed"] == told["differing"] == [{"reference": reference, "result": "BUREAU_ONLY"}]
    again = verb(tmp_path, "ledger", "reconcile")
    assert (again.exit_code, "the way to the bureau is shut" in again.output) == (1, True)
    doctor = json.loads(verb(tmp_path, "doctor", "--json").stdout)
    (shut,) = [check for check in doctor["checks"] if check["name"] == "route"]
    assert (shut["ok"], shut["found"].startswith("SHUT since")) == (False, True)
    with closing(sqlite3.connect(tmp_path / "clearline.sqlite")) as book, pytest.raises(sqlite3.IntegrityError):
        book.execute("DELETE FROM route_freeze")


def test_the_doctor_warns_when_the_bureaus_records_were_not_compared_for_days(
    tmp_path: Path, bureau_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verb(tmp_path, "migrate", "--seed").exit_code == 0
    monkeypatch.setenv("CLEARLINE_INSTITUTION", tmp_path.name)
    monkeypatch.setenv("CLEARLINE_BUREAU_URL", bureau_url)
    assert route_after(tmp_path, days=0) == (True, "open · never compared", "")
    assert verb(tmp_path, "ledger", "reconcile").exit_code == 0
    assert route_after(tmp_path, days=2)[0]
    ok, found, mend = route_after(tmp_path, days=3)
    assert (ok, "3 business days without" in found, "ledger reconcile" in mend) == (False, True, True)


def test_a_clock_that_was_moved_gives_the_worker_a_moment_to_compare_and_no_longer(
    tmp_path: Path, bureau_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verb(tmp_path, "migrate", "--seed").exit_code == 0
    monkeypatch.setenv("CLEARLINE_INSTITUTION", tmp_path.name)
    monkeypatch.setenv("CLEARLINE_BUREAU_URL", bureau_url)
    assert verb(tmp_path, "ledger", "reconcile").exit_code == 0
    assert verb(tmp_path, "clock", "advance", "10").exit_code == 0
    ok, found, _ = route(tmp_path)
    assert (ok, "10 business days without" in found, "the clock was moved" in found) == (True, True, True)
    with closing(sqlite3.connect(tmp_path / "clearline.sqlite")) as book, book:
        book.execute("UPDATE business_clock SET offset_seconds = offset_seconds + 120")
    ok, found, mend = route(tmp_path)
    assert (ok, "the clock was moved" in found, "ledger reconcile" in mend) == (False, False, True)


def route_after(home: Path, days: int) -> tuple[bool, str, str]:
    """What the doctor says of the route when the business clock is so many days ahead."""
    with closing(sqlite3.connect(home / "clearline.sqlite")) as book, book:
        book.execute(
            "REPLACE INTO business_clock (id, offset_seconds, book_date) VALUES (1, ?, '2026-01-01')",
            (days * 86_400,),
        )
    return route(home)


def route(home: Path) -> tuple[bool, str, str]:
    """What the doctor says of the route: whether it is well, what was found, what to do."""
    checks = json.loads(verb(home, "doctor", "--json").stdout)["checks"]
    (told,) = [check for check in checks if check["name"] == "route"]
    return told["ok"], told["found"], told["mend"]


def asked_by_somebody(bureau_url: str, institution: str) -> str:
    """An inquiry under our name, past our log; its reference."""

    asked = question("990101198012120018", institution=institution)
    with httpx2.Client(base_url=bureau_url, trust_env=False) as bureau:
        bureau.post("/institutions", json={"institution": institution, "policy": INTRODUCED})
        assert bureau.post("/inquiries", json=asked).status_code == 200
    return str(asked["reference"])
