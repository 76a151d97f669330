"""Sources of own data for tests: signed by the simulator's own means, which share nothing with the product's."""

import json
import time
from datetime import date
from typing import Any
from uuid import uuid4

import httpx2

from sims.sources.feed import SCHEMA, headers
from tests.world import Person, World


async def subject_of(world: World, person: Person) -> str:
    """The customer's global id, by which sources know them."""
    return str((await world.ask("Me", {}, person.token))["viewer"]["id"])


async def today(world: World) -> date:
    """The business date."""
    told = await world.ask("{ sandboxClock { businessDate } }")
    return date.fromisoformat(told["sandboxClock"]["businessDate"])


def seconds_now() -> int:
    """The machine's time, as a source reads it."""
    return time.time_ns() // 10**9


def event(subject: str, kind: str, day: date, amount_minor: int = 900_000, **changes: Any) -> dict[str, Any]:
    """One event with a fresh id."""
    told = {"id": uuid4().hex, "subject": subject, "kind": kind, "occurredOn": day.isoformat()}
    return {**told, "amountMinor": amount_minor, **changes}


def body_of(events: list[Any], **changes: Any) -> bytes:
    """The bytes of a batch with a fresh id."""
    told = {"schema": SCHEMA, "batchId": str(uuid4()), "sentAt": "2026-03-02T10:00:00+08:00", "events": events}
    return json.dumps({**told, **changes}).encode()


def key_of(world: World, source: str) -> bytes:
    """The key of a sandbox's source."""
    return world.house.desk.keys.source_key(source)


async def post(world: World, source: str, body: bytes, sent: dict[str, str] | None = None) -> httpx2.Response:
    """One request of a source; signed now unless headers are given."""
    sent = headers(key_of(world, source), body, seconds_now()) if sent is None else sent
    return await world.http.post(f"/sources/{source}/events", content=body, headers=sent)


async def tell(world: World, source: str, *events: dict[str, Any]) -> dict[str, Any]:
    """Send a batch that must be taken; the numbers of the answer."""
    answer = await post(world, source, body_of(list(events)))
    assert answer.status_code == httpx2.codes.OK, answer.text
    told: dict[str, Any] = answer.json()
    assert told.pop("schema") == "clearline-source-answer/1"
    return told


def numbers(accepted: int = 0, duplicate: int = 0, without_consent: int = 0, invalid: int = 0) -> dict[str, int]:
    """What an answer says."""
    return {"accepted": accepted, "duplicate": duplicate, "withoutConsent": without_consent, "invalid": invalid}


async def profile(world: World, person: Person, **language: str) -> dict[str, Any]:
    """The person's profile as its owner sees it."""
    from tests.world import OPERATIONS

    query = (OPERATIONS / "MyProfile.graphql").read_text(encoding="utf-8")
    answer = (await world.post({"query": query}, person.token, **language)).json()
    assert "errors" not in answer, answer
    told: dict[str, Any] = answer["data"]["viewer"]["profile"]
    return told


async def withdraw(world: World, person: Person, source: str) -> None:
    """Take the consent for a source back."""
    listed = (await profile(world, person))["sources"]
    consent = next(one["consent"]["id"] for one in listed if one["source"] == source)
    answer = await world.act("WithdrawConsent", person, consentId=consent)
    assert answer["__typename"] == "WithdrawConsentPayload"
