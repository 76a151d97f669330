"""The sources of own data, for trying out: their keys in a file, and who a persona is."""

import json
import os
from pathlib import Path

import httpx2

from app.domain.deciding.behaviour import DataSource
from app.doors.keys import Keys
from app.flows.sandbox.book import PERSONAS, persona_token
from app.settings import Settings

ASK_SECONDS = 10.0


class FeedRefused(Exception):
    """There is nobody to tell of, or no sandbox to tell it to."""


def write_source_keys(settings: Settings) -> Path:
    """Write the keys by which the sandbox's sources sign (docs/formats/local-files.md), for their owner alone.

    Raises:
        FeedRefused: not a sandbox.
    """
    if not settings.sandbox:
        raise FeedRefused("sources are simulated in the sandbox only")
    keys = Keys.from_file(settings.local_key_file)
    told = {
        "schema": "clearline-source-keys/1",
        "keys": {name: keys.source_key(name).hex() for name in (*DataSource, "BANK")},
    }
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / "source-keys.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(told, file)
    return path


def running_api(settings: Settings) -> str:
    """Where the running server of this home is; the usual place when none is known."""
    mark = settings.home / "server.json"
    return str(json.loads(mark.read_text(encoding="utf-8"))["url"]) if mark.exists() else "http://127.0.0.1:8000"


def customer_id(api: str, named: str) -> str:
    """The global id of a persona named by login; anything else is taken for an id.

    Raises:
        FeedRefused: nothing answers at `api`, or the persona is not in its book.
    """
    if named not in {persona.login for persona in PERSONAS}:
        return named
    headers = {"authorization": f"Bearer {persona_token(named)}"}
    try:
        with httpx2.Client(timeout=ASK_SECONDS, trust_env=False) as http:
            answer = http.post(f"{api}/graphql", json={"query": "{ viewer { id } }"}, headers=headers).json()
    except httpx2.HTTPError as error:
        raise FeedRefused(f"nothing answers at {api}: start it with make demo") from error
    if not answer.get("data"):
        raise FeedRefused(f"{named} is not in the book of {api}")
    return str(answer["data"]["viewer"]["id"])
