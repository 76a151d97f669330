"""The command line, as an operator meets it: real processes, real exit codes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.cli.inside import verb
from tests.needs import ROOT
from tests.services.ready import await_ready

LOOK_SECONDS = 0.05
STOP_SECONDS_MAX = 25


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clearline(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "CLEARLINE_HOME": str(home), **more}
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def demo(home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = free_port()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "CLEARLINE_HOME": str(home), "PORT": str(port)}
    command = [sys.executable, "-m", "app", "demo"]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        url = f"http://127.0.0.1:{port}"
        try:
            await_ready(url, child)
            yield url, child
        finally:
            if child.poll() is None:
                child.kill()


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = entry.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(parts[1]) == pid:
            found.append(int(entry.parent.name))
    return found


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_the_demo_plays_the_story_tells_of_an_outsider_that_ended_and_stops_everything_when_told(
    tmp_path: Path,
) -> None:
    with demo(tmp_path) as (url, child):
        assert child.stdout is not None
        while "ready in" not in (said := child.stdout.readline()):
            assert said, "it ended while it started"
        assert httpx2.get(f"{url}/healthz", timeout=10).text == "ok\n"
        simulators = children_of(child.pid)
        assert len(simulators) == 5  # bureau, payments, three witnesses
        told = clearline(tmp_path, "story", "--json")
        assert told.returncode == 0, told.stderr
        steps = json.loads(told.stdout)["steps"]
        assert steps[-1]["bureauRecords"] == 2
        shown = json.loads(verb(tmp_path, "clock", "show", "--json").stdout)
        assert shown["offsetDays"] == 10
        moved = json.loads(verb(tmp_path, "clock", "advance", "3", "--json").stdout)
        assert moved["offsetDays"] == 13
        cost = json.loads(verb(tmp_path, "report", "cost", "--json").stdout)
        assert (cost["decisions"], cost["inquiriesPerDecision"]) == (2, "1.0000")
        os.kill(simulators[-1], signal.SIGKILL)
        heard = []
        while "has ended (code -9)" not in (said := child.stdout.readline()):
            assert said, "it ended without a word on its witness"
            heard.append(said)
        child.send_signal(signal.SIGTERM)
        assert child.wait(STOP_SECONDS_MAX) == 0
        letters = [
            line.split()[1]
            for line in (*heard, *child.stdout)
            if line.startswith(" ✉ ") and line.split()[1].isupper()
        ]
        paid = ["PAYOUT_DONE", "REPAYMENT_RECEIVED", "REPAYMENT_RECEIVED"]
        story = ["INQUIRY_MADE", "DECISION", *paid, "INQUIRY_MADE", "INCREASE_DECISION"]
        assert letters[: len(story)] == story
        assert all(gone(pid) for pid in simulators)
        assert not (tmp_path / "server.json").exists()


def test_a_home_holds_one_demo_and_a_killed_one_leaves_no_simulator_behind_and_its_book_goes_on(
    tmp_path: Path,
) -> None:
    with demo(tmp_path) as (url, child):
        second = verb(tmp_path, "demo", PORT=str(free_port()))
        assert second.exit_code == 3
        assert "runs already" in second.stdout
        assert json.loads((tmp_path / "server.json").read_text(encoding="utf-8"))["url"] == url
        simulators = children_of(child.pid)
        child.kill()
        child.wait(STOP_SECONDS_MAX)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while not all(gone(pid) for pid in simulators):
            assert time.monotonic() < deadline
            time.sleep(LOOK_SECONDS)
    with demo(tmp_path) as (url, child):
        answer = httpx2.post(
            f"{url}/graphql", json={"query": "{ viewer { id } }"}, headers={"authorization": "Bearer clt_sbx_lihua"}
        )
        assert answer.json()["data"]["viewer"]["id"]
        simulators = children_of(child.pid)
        child.send_signal(signal.SIGINT)
        assert child.wait(STOP_SECONDS_MAX) == 0
        assert simulators
        assert all(gone(pid) for pid in simulators)


def test_a_module_in_the_folder_where_somebody_stands_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print('not ours')\n", encoding="utf-8")
    command = [str(ROOT / ".venv" / "bin" / "clearline"), "verify", "no-such-receipt.json"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert told.returncode not in {0, 1}
    assert "not ours" not in told.stdout
    assert "no-such-receipt.json" in told.stderr + told.stdout


def test_a_taken_port_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = verb(tmp_path, "demo", PORT=str(taken.getsockname()[1]))
    assert told.exit_code == 3
    assert "choose another" in told.stdout


def test_production_refuses_to_start_with_what_only_a_sandbox_may_have(tmp_path: Path) -> None:
    for more in ({}, {"CLEARLINE_DOCUMENTS": "open"}):
        told = verb(tmp_path, "serve", CLEARLINE_PROFILE="production", **more)
        assert told.exit_code == 3
        assert "persona tokens" in told.stderr
        assert "Traceback" not in told.stderr
        assert ("document policy is open" in told.stderr) is bool(more)


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(tmp_path: Path) -> None:
    told = verb(tmp_path, "doctor", "--json", CLEARLINE_BUREAU_URL="http://127.0.0.1:9")
    checks = {check["name"]: check for check in json.loads(told.stdout)["checks"]}
    assert told.exit_code == 1
    assert not checks["bureau"]["ok"]
    assert checks["bureau"]["mend"]
    assert checks["score model"]["ok"]


def test_a_story_without_a_server_ends_with_a_clear_word(tmp_path: Path) -> None:
    told = verb(tmp_path, "story", "--url", "http://127.0.0.1:9")
    assert told.exit_code == 3
    assert "make demo" in told.stderr


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"CLEARLINE_DATABASE_URL": "mysql://x"}, marks=pytest.mark.long),
        pytest.param({"CLEARLINE_LOG_LEVEL": "LOUD"}, marks=pytest.mark.long),
        pytest.param({"CLEARLINE_HOST": ""}, marks=pytest.mark.long),
        pytest.param({"CLEARLINE_BUREAU_URL": "nonsense"}, marks=pytest.mark.long),
        pytest.param({"CLEARLINE_ARTIFACTS": "/nope"}, marks=pytest.mark.long),
        {"CLEARLINE_DATABASE_URL": "postgres://127.0.0.1:1/x"},
        {},  # a home without a database
    ],
)
def test_a_wrong_environment_is_told_in_plain_words(tmp_path: Path, more: dict[str, str]) -> None:
    told = clearline(tmp_path, "serve", **more)
    assert told.returncode == 3
    assert "Traceback" not in told.stderr
    assert told.stderr.strip()
