"""The simulated sources of own data, as a process against a real server, and their page against what they send."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.sources.feed import BatchBody
from app.cli.start.feed import write_source_keys
from app.doors.signed import sign
from models.people import BehaviourEventRow
from sims.sources.feed import EVENTS_MAX, Event, batch, headers
from tests.flows.feeding import profile, subject_of
from tests.flows.houses import serving
from tests.needs import ROOT
from tests.sims.test_formats import examples
from tests.world import World

EVENT = Event("Q3VzdG9tZXI6MDE5MGQwZjQ3YjFjN2NjMDhhNTIwZDZmM2E1YjllMDI", "SALARY_IN", date(2026, 3, 1), 900_000)


@contextmanager
def source(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The simulator as a process; killed in the end if it still runs."""
    command = [sys.executable, "-m", "sims.sources", *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


def said(child: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line of the simulator."""
    assert child.stdout is not None
    told: dict[str, Any] = json.loads(child.stdout.readline())
    return told


async def test_a_source_in_its_own_process_is_taken_steadily_and_leaves_when_told(
    world: World, tmp_path: Path
) -> None:
    person = await world.new()
    subject = await subject_of(world, person)
    before = await BehaviourEventRow.all().count()
    keys = write_source_keys(world.house.settings)
    assert keys.stat().st_mode & 0o077 == 0
    with serving(world.house.settings, tmp_path / "api.log") as url:
        asked = ["--api", url, "--customer", subject, "--keys", str(keys)]
        with source(*asked, "--kind", "SALARY_IN", "--kind", "BALANCE") as once:
            answers = [said(once), said(once)]
            assert once.wait(30) == 0
        assert [(one["source"], one["status"], one["accepted"]) for one in answers] == [
            ("PAYMENTS", 200, 1),
            ("WEALTH", 200, 1),
        ]
        with source(*asked, "--kind", "BILL_LATE", "--every", "0.05") as steady:
            assert [said(steady)["accepted"] for _ in range(3)] == [1, 1, 1]
            steady.send_signal(signal.SIGTERM)
            assert steady.wait(30) == 0
    assert await BehaviourEventRow.all().count() >= before + 5
    newest = {one["source"]: one["newest"] for one in (await profile(world, person))["sources"]}
    assert newest["PAYMENTS"] == newest["WEALTH"] == newest["LIFE_SERVICES"]
    assert await world.bureau_records(person) == 0


def test_without_keys_or_a_server_it_says_so(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    asked = ["--api", "http://127.0.0.1:9", "--customer", EVENT.subject, "--kind", "SALARY_IN", "--keys", str(keys)]
    with source(*asked) as child:
        assert "feed-sim" in child.communicate(timeout=30)[1]
        assert child.returncode == 3
    keys.write_text(json.dumps({"keys": {"PAYMENTS": "00" * 32}}))
    with source(*asked) as child:
        assert "nothing answers" in child.communicate(timeout=30)[1]
        assert child.returncode == 3


def test_the_simulator_and_the_product_sign_alike() -> None:
    body = batch([EVENT], 1_772_323_200)
    sent = headers(b"k" * 32, body, 1_772_323_200)
    assert sent["clearline-signature"] == sign(b"k" * 32, "1772323200", body)


def test_a_batch_is_bounded() -> None:
    assert len(BatchBody.model_validate_json(batch([EVENT] * EVENTS_MAX, 0)).events) == EVENTS_MAX
    for number in (0, EVENTS_MAX + 1):
        with pytest.raises(ValueError, match="500"):
            batch([EVENT] * number, 0)


async def test_the_examples_of_the_page_are_taken_as_it_says(world: World) -> None:
    sent, answer = examples("sources.md")["POST /sources/{source}/events"]
    (refused,) = examples("sources.md")["Refusals"]
    shown = examples("sources.md")["The signature"][0]
    body = json.dumps(sent).encode()
    assert BatchBody.model_validate_json(body).events[0] is not None
    assert shown["signature"] == sign(bytes.fromhex(shown["key"]), shown["timestamp"], shown["body"].encode())
    reply = await world.http.post(
        "/sources/PAYMENTS/events", content=body, headers={"content-type": "application/json"}
    )
    assert (reply.status_code, reply.json()) == (httpx2.codes.UNAUTHORIZED, refused)
    assert set(answer) == {"schema", "accepted", "duplicate", "withoutConsent", "invalid"}
