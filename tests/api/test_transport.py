"""GraphQL over HTTP: what is a request, what is none, and how each is told."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.routing import Route

from app.api.gates import TrustedDocuments
from app.api.transport import BODY_BYTES_MAX
from app.flows.sandbox.book import staff_token
from tests.api.rows import row_counts
from tests.world import OPERATIONS, Person, World

VIEWER = "{ viewer { id } }"
REFUSE = """mutation($input: RefuseConsentInput!) { refuseConsent(input: $input) { __typename } }"""
REFUSAL = {"input": {"idempotencyKey": "6f1b7f6e-0000-4000-8000-000000000001", "purpose": "MARKETING"}}


def document_id(name: str) -> str:
    """The id under which an operation is registered."""
    text = (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")
    return next(key for key, body in TrustedDocuments.load().by_id.items() if body == text)


def codes(answer: httpx2.Response) -> list[str]:
    """The codes of an answer that holds errors only, in GraphQL's own form."""
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert set(body) == {"errors"}
    assert all(error["message"] for error in body["errors"])
    return [error["extensions"]["code"] for error in body["errors"]]


@pytest.fixture(scope="module")
async def somebody(room: World) -> Person:
    return await room.new()


def bearer(person: Person) -> dict[str, str]:
    return {"authorization": f"Bearer {person.token}"}


async def test_a_registered_query_is_answered_by_get(room: World, somebody: Person) -> None:
    for key in (document_id("Me"), f"sha256:{document_id('Me')}"):
        answer = await room.http.get("/graphql", params={"documentId": key}, headers=bearer(somebody))
        assert answer.status_code == 200
        assert answer.json()["data"]["viewer"]["inquiryCount"] == 0
        assert answer.headers["cache-control"] == "no-store"
    with_variables = {"documentId": document_id("ReadConsent"), "variables": '{"purpose":"MARKETING"}'}
    answer = await room.http.get("/graphql", params=with_variables, headers=bearer(somebody))
    assert answer.json()["data"]["consentWording"]["purpose"] == "MARKETING"


@pytest.mark.parametrize(
    "asked",
    [
        {"query": REFUSE, "variables": json.dumps(REFUSAL)},
        {"query": VIEWER},
        {"documentId": document_id("RefuseConsent"), "variables": json.dumps(REFUSAL)},
        {
            "extensions": json.dumps({"persistedQuery": {"version": 1, "sha256Hash": document_id("RefuseConsent")}}),
            "variables": json.dumps(REFUSAL),
        },
        {"documentId": document_id("WatchApplication"), "variables": '{"id":"x"}'},
        {"query": VIEWER, "documentId": document_id("Me")},
    ],
)
async def test_a_link_never_acts_nor_carries_a_text(room: World, somebody: Person, asked: dict[str, str]) -> None:
    before = await row_counts()
    answer = await room.http.get("/graphql", params=asked, headers=bearer(somebody))
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert codes(answer) == ["BAD_REQUEST"]
    assert await row_counts() == before


async def test_a_registered_operation_is_found_by_its_hash_in_either_spelling(room: World, somebody: Person) -> None:
    for sent in (
        {"documentId": document_id("Me")},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": document_id("Me")}}},
    ):
        assert (await room.post(sent, somebody.token)).json()["data"]["viewer"]["inquiryCount"] == 0
    for unknown in (
        {"documentId": "ab" * 32},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "ab" * 32}}},
    ):
        answer = await room.post(unknown, somebody.token)
        assert answer.status_code == 400
        assert codes(answer) == ["PERSISTED_DOCUMENT_NOT_FOUND"]


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "application/graphql",
        "text/plain; application/json",
        None,
    ],
)
async def test_types_that_a_page_may_send_unasked_are_refused(
    room: World, somebody: Person, kind: str | None
) -> None:
    before = await row_counts()
    sent = bearer(somebody) | ({"content-type": kind} if kind else {})
    body = json.dumps({"query": REFUSE, "variables": REFUSAL}).encode()
    answer = await room.http.post("/graphql", content=body, headers=sent)
    assert answer.status_code == 415
    assert codes(answer) == ["BAD_REQUEST"]
    assert await row_counts() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused_in_graphql_form(room: World, method: str) -> None:
    answer = await room.http.request(method, "/graphql", content=json.dumps({"query": VIEWER}).encode())
    assert answer.status_code == 405
    assert codes(answer) == ["BAD_REQUEST"]


def _bodies() -> list[bytes]:
    deep = b"[" * 20_000 + b"]" * 20_000
    return [
        b"",
        b"{",
        b"null",
        b"7",
        b'"{ viewer { id } }"',
        b"\xff\xfe",
        b'{"query": "{ viewer { id } }", "query": "{ viewer { inquiryCount } }"}',
        b'{"query": NaN}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ viewer { id } }", "variables": ' + deep + b"}",
        b'[{"query": "{ viewer { id } }"}]',
        b"[" + b",".join([b'{"query": "{ viewer { id } }"}'] * 40) + b"]",
        b"{}",
        b'{"query": ""}',
        b'{"query": null, "documentId": null}',
    ]


@pytest.mark.parametrize("body", _bodies(), ids=range(len(_bodies())))
async def test_a_body_that_is_no_request_is_told_so(room: World, somebody: Person, body: bytes) -> None:
    sent = bearer(somebody) | {"content-type": "application/json"}
    answer = await room.http.post("/graphql", content=body, headers=sent)
    assert answer.status_code == 400
    assert codes(answer) == ["BAD_REQUEST"]


WRONG_MEMBERS = [
    *((member, value) for member in ("query", "documentId", "operationName") for value in (7, True, ["x"], {"a": 1})),
    *((member, value) for member in ("variables", "extensions") for value in (7, True, ["x"], "text")),
]


@pytest.mark.parametrize(("member", "value"), WRONG_MEMBERS)
async def test_members_of_the_wrong_type_are_told(room: World, somebody: Person, member: str, value: Any) -> None:
    answer = await room.post({"query": VIEWER, member: value}, somebody.token)
    assert answer.status_code == 400
    assert codes(answer) == ["BAD_REQUEST"]
    assert member in answer.text


async def test_two_megabytes_are_refused_whether_declared_or_not(room: World, somebody: Person) -> None:
    body = json.dumps({"query": VIEWER, "variables": {"pad": "x" * 2_000_000}}).encode()
    sent = bearer(somebody) | {"content-type": "application/json"}

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 16_384):
            yield body[start : start + 16_384]

    for content in (body, chunks()):
        answer = await room.http.post("/graphql", content=content, headers=sent)
        assert answer.status_code == 413
        assert codes(answer) == ["BAD_REQUEST"]
    most = json.dumps({"query": VIEWER, "variables": {}}).encode().ljust(BODY_BYTES_MAX)
    assert (await room.http.post("/graphql", content=most, headers=sent)).status_code == 200


async def test_an_unknown_token_is_401_and_none_at_all_is_told_at_the_field(room: World) -> None:
    for token in ("nobody", "x" * 300, "clt_sbx_"):
        answer = await room.post({"query": VIEWER}, token)
        assert answer.status_code == 401
        assert codes(answer) == ["UNAUTHENTICATED"]
    for header in ("Basic eDp5", "Bearer", "Bearer "):
        answer = await room.http.post("/graphql", json={"query": VIEWER}, headers={"authorization": header})
        assert answer.status_code == 401, header
    answer = await room.post({"query": VIEWER})
    assert (answer.status_code, answer.json()["data"]) == (200, None)
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_staff_have_no_customer_fields_and_customers_no_desk(room: World, somebody: Person) -> None:
    node = '{ node(id: "eA") { id } }'
    for asked in (VIEWER, node, "{ consentWording(purpose: MARKETING) { sha256 } }"):
        error = (await room.post({"query": asked}, staff_token("risk"))).json()["errors"][0]
        assert error["extensions"]["code"] == "FORBIDDEN"
    refused = (await room.post({"query": REFUSE, "variables": REFUSAL}, staff_token("risk"))).json()
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    desk = (await room.post({"query": "{ oversight { referrals { nodes { id } } } }"}, somebody.token)).json()
    assert desk["data"] == {"oversight": None}
    assert desk["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en", "en"),
        ("en-GB,zh;q=0.2", "en"),
        ("zh-Hans-CN", "zh-CN"),
        ("fr;q=0.9, en;q=0.3", "en"),
        ("de", "zh-CN"),
        ("en;q=none", "zh-CN"),
        ("*", "zh-CN"),
        ("en;q=0.1," * 2000, "en"),
    ],
)
async def test_the_answer_speaks_the_callers_language(
    room: World, somebody: Person, header: str, language: str
) -> None:
    asked = "{ consentWording(purpose: FIRST_APPLICATION) { language } }"
    answer = await room.post({"query": asked}, somebody.token, **{"accept-language": header})
    assert answer.json()["data"]["consentWording"]["language"] == language
    missing = '{ limitEstimate(input: {lineId: "x"}) { ... on NotFound { message } } }'
    said = (await room.post({"query": missing}, somebody.token, **{"accept-language": header})).json()
    chinese = not said["data"]["limitEstimate"]["message"].isascii()
    assert chinese == (language == "zh-CN")


async def test_a_name_with_a_slash_behind_it_is_another_and_not_there(room: World, somebody: Person) -> None:
    routes = [route.path for route in room.house.web().routes if isinstance(route, Route)]
    names = {path.replace("{name}", "x.json").replace("{path:path}", "0/000") for path in routes}
    assert {"/receipts/x.json", "/copies/x.json", "/certificates/x.json", "/log/checkpoint", "/verify/"} <= names
    for name in names - {"/", "/playground", "/playground/"}:
        if f"{name}/" not in names:
            assert (await room.http.get(f"{name}/", headers=bearer(somebody))).status_code == 404, name


async def test_the_plain_routes_answer(room: World) -> None:
    assert (await room.http.get("/healthz")).text == "ok\n"
    ready = await room.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"database": True, "migrations": True, "keys": True})
    metrics = (await room.http.get("/metrics")).text
    assert 'clearline_http_requests_total{route="/graphql",status="200"}' in metrics
    assert "type Query" in (await room.http.get("/schema.graphql")).text
    assert (await room.http.get("/nowhere")).status_code == 404
