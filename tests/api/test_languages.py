"""Top-level errors in our words are told in the caller's language; what the library says stays as it says it."""

import json
import re
from typing import Any

import httpx2
import pytest

from app.api.transport import REQUESTS_MAX, REQUESTS_WINDOW_SECONDS
from app.flows.sandbox.book import staff_token
from tests.flows.rounds import customer_id
from tests.world import Person, World

ME = {"query": "{ viewer { id } }"}
CHINESE = re.compile(r"[一-鿿]")


@pytest.fixture(scope="module")
async def person(room: World) -> Person:
    return await room.new()


def asked(query: str) -> dict[str, Any]:
    return {"query": query}


MANY_ALIASES = "{ " + " ".join(f"a{number}: viewer {{ id }}" for number in range(16)) + " }"
WRONG: dict[str, tuple[dict[str, Any] | list[Any], str | None, str]] = {
    "no token": (ME, None, "UNAUTHENTICATED"),
    "a token that nobody has": (ME, "clt_sbx_nobody", "UNAUTHENTICATED"),
    "staff where customers are wanted": (ME, staff_token("risk"), "FORBIDDEN"),
    "a role that is not enough": (
        asked("{ oversight { accessLog { nodes { by } } } }"),
        staff_token("risk"),
        "FORBIDDEN",
    ),
    "too much in one document": (asked(MANY_ALIASES), "own", "BAD_REQUEST"),
    "a page too large": (asked("{ viewer { consents(first: 51) { nodes { id } } } }"), "own", "BAD_REQUEST"),
    "a cursor that is none": (asked('{ viewer { consents(after: "x") { nodes { id } } } }'), "own", "BAD_REQUEST"),
    "a batch": ([ME], "own", "BAD_REQUEST"),
    "nothing asked": ({}, "own", "BAD_REQUEST"),
    "a document that is not registered": ({"documentId": "0" * 64}, "own", "PERSISTED_DOCUMENT_NOT_FOUND"),
    "a subscription over plain HTTP": (
        asked('subscription { applicationUpdated(id: "x") { id } }'),
        "own",
        "BAD_REQUEST",
    ),
    "a period that runs backwards": (
        asked('{ oversight { costReport(firstDay: "2026-02-01", lastDay: "2026-01-01") { decisions } } }'),
        staff_token("operator"),
        "BAD_REQUEST",
    ),
}


def told(answer: httpx2.Response, code: str) -> str:
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == code
    return str(error["message"])


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_told_in_the_callers_language_also_when_asked_again(
    room: World, person: Person, name: str
) -> None:
    body, caller, code = WRONG[name]
    token = person.token if caller == "own" else caller
    said = [told(await room.post(body, token, **{"accept-language": tag}), code) for tag in ("zh-CN", "en", "zh-CN")]
    assert said[0] == said[2]
    assert CHINESE.search(said[0])
    assert said[1].isascii()


async def test_too_many_requests_are_told_in_the_callers_language(room: World) -> None:
    person = await room.new()
    bucket = f"caller:{await customer_id(person)}"
    for _ in range(REQUESTS_MAX):
        await room.house.desk.cache.take(bucket, REQUESTS_MAX, REQUESTS_WINDOW_SECONDS)
    chinese, english = [await room.post(ME, person.token, **{"accept-language": tag}) for tag in ("zh-CN", "en")]
    assert CHINESE.search(told(chinese, "RATE_LIMITED"))
    assert told(english, "RATE_LIMITED").isascii()


async def test_a_stranger_to_a_subscription_is_told_so_in_the_callers_language(room: World, person: Person) -> None:
    headers = {"accept": "text/event-stream", "accept-language": "zh-CN"}
    answer = await room.post(asked('subscription { applicationUpdated(id: "x") { id } }'), person.token, **headers)
    (body,) = [line.removeprefix("data: ") for line in answer.text.splitlines() if '"errors"' in line]
    assert json.loads(body)["errors"][0]["message"] == "没有找到属于您的该笔申请。"
