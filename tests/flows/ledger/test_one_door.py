"""An announced intent and its permit open the door once, for one question about one person at one bureau."""

import asyncio
import time
import types
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from app import clock
from app.flows.credit.intents import log_publishes
from models.proof import TlogState
from tests.flows.ledger.tables import wrong_with_the_log
from tests.flows.ledger.test_intent_first import applied
from tests.flows.trail import trail, work_once
from tests.sims.outsiders import process
from tests.world import Person, World

HOUR = timedelta(hours=1)


class Ear:
    """A line that hears the question and lets no byte of it out."""

    def __init__(self, usual: Any) -> None:
        self.name, self.institution = usual.name, usual.institution
        self.heard: dict[str, Any] = {}

    async def say(self, _method: str, _path: str, body: dict[str, Any]) -> None:
        self.heard = body
        raise httpx2.ConnectError("nothing left")


async def question(world: World) -> tuple[Person, dict[str, Any]]:
    """A person whose intent is announced, and the whole question as the product would send it."""
    person, _ = await applied(world)
    desk = world.house.desk
    usual, ear = desk.bureau, Ear(desk.bureau)
    desk.bureau = ear  # type: ignore[assignment]
    for _ in range(3):
        await work_once(world)
    desk.bureau = usual
    assert (await trail(world, person)).row.state == "NOT_SENT"
    return person, ear.heard


async def sent(url: str, body: dict[str, Any]) -> tuple[int, str]:
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as http:
        answer = await http.post("/inquiries", json=body)
        return answer.status_code, answer.json().get("code", "")


async def test_the_intent_of_one_question_serves_no_other(house: World) -> None:
    person, asked = await question(house)
    victim = await house.new()
    for change in (
        {"reference": str(uuid4())},
        {"permit": {**asked["permit"], "id": str(uuid4())}},
        {"consent": {**asked["consent"], "id": str(uuid4())}},
        {"purpose": "LIMIT_INCREASE", "reasonCode": "26"},
        {"subject": {"name": victim.name, "idNumber": victim.id_number}},
    ):
        assert await sent(house.bureau_url, {**asked, **change}) == (422, "INTENT_OF_ANOTHER"), change
    assert (await house.bureau_records(person), await house.bureau_records(victim)) == (0, 0)
    await house.settle()
    assert await house.bureau_records(person) == 1


async def test_the_intent_for_one_bureau_serves_at_no_other(house: World, tmp_path: Path) -> None:
    _, asked = await question(house)
    with process("sims.bureau", tmp_path / "other.sqlite", "--name", "other.example") as (_child, client):
        url = str(client.base_url).rstrip("/")
        await house.introduce_to(url)
        assert await sent(url, asked) == (422, "INTENT_OF_ANOTHER")
    await house.settle()


async def test_a_permit_that_was_used_opens_nothing_more(house: World) -> None:
    person, asked = await question(house)
    await house.settle()
    assert await sent(house.bureau_url, asked) == (200, "")  # the same question again: the same answer
    assert await sent(house.bureau_url, {**asked, "reference": str(uuid4())}) == (422, "INTENT_OF_ANOTHER")
    later = (datetime.fromisoformat(asked["permit"]["expiresAt"]) + timedelta(minutes=3)).isoformat()
    assert await sent(house.bureau_url, {**asked, "requestedAt": later}) == (200, "")
    assert await house.bureau_records(person) == 1


async def test_a_permit_that_has_run_out_opens_nothing(house: World) -> None:
    person, asked = await question(house)
    later = (datetime.fromisoformat(asked["permit"]["expiresAt"]) + timedelta(minutes=3)).isoformat()
    assert await sent(house.bureau_url, {**asked, "requestedAt": later}) == (422, "PERMIT_EXPIRED")
    assert await house.bureau_records(person) == 0
    await house.settle()


@pytest.mark.parametrize("back", [timedelta(seconds=5), HOUR])
async def test_a_clock_that_steps_back_stops_nothing_and_costs_nothing(
    house: World, monkeypatch: pytest.MonkeyPatch, back: timedelta
) -> None:
    person, application = await applied(house)
    usual = clock.real_now
    behind = types.SimpleNamespace(
        time_ns=lambda: time.time_ns() - int(back.total_seconds()) * 1_000_000_000, thread_time_ns=time.thread_time_ns
    )
    monkeypatch.setattr("app.clock.time", behind)
    monkeypatch.setattr(clock, "real_now", lambda: usual() - back)
    await asyncio.gather(house.sequencer.round(), house.house.sequencer().round())
    await house.settle()
    state = await TlogState.get(id=1)
    assert (state.standing, state.published_size) == ("FIT", state.size)
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"
    monkeypatch.undo()
    await house.sequencer.round()
    assert await wrong_with_the_log(house) == []
    assert (await house.bureau_records(person), (await trail(house, person)).told) == (1, ["ANSWERED"])


async def test_after_a_step_back_of_the_clock_old_witness_times_count_no_more_and_an_idle_log_is_shown_again(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.settle()
    assert await log_publishes()
    behind = types.SimpleNamespace(time_ns=lambda: time.time_ns() - 3600 * 10**9, thread_time_ns=time.thread_time_ns)
    monkeypatch.setattr("app.clock.time", behind)
    assert not await log_publishes()
    await house.sequencer.round()
    assert await log_publishes()
    monkeypatch.undo()
    await house.sequencer.round()
    assert await log_publishes()
