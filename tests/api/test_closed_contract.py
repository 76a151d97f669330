"""The trusted contract serves what is registered, and nothing that was not sent comes back from it."""

import json
import re
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from app.api.schema import build_schema
from app.api.server import ServerOptions, build_server
from app.api.words import say
from app.settings import Documents
from tests.world import OPERATIONS, Person, World, open_world

UNFIT, UNREGISTERED, SUBSCRIBE_OTHERWISE = (
    say("zh-CN", "error", word) for word in ("DOES_NOT_FIT", "DOCUMENT_NOT_REGISTERED", "SUBSCRIBE_OTHERWISE")
)


@pytest.fixture(scope="module")
async def closed(
    tmp_path_factory: pytest.TempPathFactory, bureau_url: str, payments_url: str
) -> AsyncIterator[World]:
    """A house with the document policy of production; people can be invented in it, for that is registered."""
    home = tmp_path_factory.mktemp("closed")
    url = f"sqlite://{home / 'book.sqlite'}"
    async with open_world(url, home, bureau_url, payments_url, documents=Documents.TRUSTED_ONLY) as opened:
        yield opened


@pytest.fixture(scope="module")
async def somebody(closed: World) -> Person:
    return await closed.new()


@cache
def names_of_the_contract() -> frozenset[str]:
    """Every name that the SDL holds: types, fields, arguments, input fields and enum values."""
    schema: Any = build_schema(sandbox=True)._schema
    names: set[str] = set(schema.type_map) | {directive.name for directive in schema.directives}
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            names |= set(kind.fields)
            for field in kind.fields.values():
                names |= set(getattr(field, "args", {}))
        if isinstance(kind, GraphQLEnumType):
            names |= set(kind.values)
    return frozenset(names)


MISSPELT = [
    "{ __schema { types { name } } }",
    '{ __type(name: "Query") { fields { name } } }',
    "{ __typename }",
    "{ viewr { id } }",
    "{ viewer { inquiryCoun } }",
    '{ node(di: "x") { id } }',
    "{ consentWording(purpose: FIRST_APLICATION) { sha256 } }",
    '{ quote(input: {amoun: {amount: "1", currency: "CNY"}}) { __typename } }',
    '{ node(id: "x") { ... on Lon { id } } }',
    "fragment F on Custome { id } { viewer { ...F } }",
    "mutation { drawLon(input: {}) { __typename } }",
    'mutation { refuseConsent(input: {purpos: "x"}) { __typename } }',
    'subscription { applicationUpdate(id: "x") { id } }',
    'subscription { applicationUpdated(id: "x") { statu } }',
    "{ viewer { id } }",
    "query Me { viewer { id inquiryCount line { id } } }",
    "{",
    "{ viewer { id } } }",
    "query A { a } query B { b }",
]


def nothing_unsent(answer: str, sent: str) -> None:
    """The answer holds no name of the contract but those that were sent."""
    for told in json.loads(answer)["errors"]:
        assert told["message"] in {UNFIT, UNREGISTERED, SUBSCRIBE_OTHERWISE}
        assert set(told["extensions"]) == {"code"}
        words = set(re.findall(r"\w+", f"{told['extensions']['code']} {told.get('path')}"))
        assert not words & names_of_the_contract() - set(re.findall(r"\w+", sent))


@pytest.mark.parametrize("document", MISSPELT)
async def test_no_name_that_was_not_sent_comes_back(closed: World, somebody: Person, document: str) -> None:
    for headers in ({}, {"accept": "text/event-stream"}):
        answer = await closed.post({"query": document}, somebody.token, **headers)
        assert '"data":{' not in answer.text
        bodies = [line.removeprefix("data: ") for line in answer.text.splitlines() if '"errors"' in line]
        assert bodies
        for body in bodies:
            nothing_unsent(body, document)


async def test_wrong_variables_of_a_registered_operation_name_nothing(closed: World, somebody: Person) -> None:
    apply = (OPERATIONS / "Apply.graphql").read_text(encoding="utf-8")
    wrong: list[dict[str, Any]] = [
        {},
        {"input": {}},
        {"input": {"idempotencyKe": "x"}},
        {"input": {"idempotencyKey": "x", "occupation": "SALARYED"}},
        {"input": 5},
        {"inputs": {}},
    ]
    for variables in wrong:
        answer = await closed.post({"query": apply, "variables": variables}, somebody.token)
        assert answer.status_code == 400
        assert {error["message"] for error in answer.json()["errors"]} == {UNFIT}
        nothing_unsent(answer.text, json.dumps(variables))


async def test_registered_operations_are_served_by_text_and_by_id_whatever_their_white_space(
    closed: World, somebody: Person
) -> None:
    text = (OPERATIONS / "Me.graphql").read_text(encoding="utf-8")
    for body in (text, text.replace("\n", "  \n\t"), "# a remark\n" + text):
        answer = await closed.post({"query": body}, somebody.token)
        assert answer.json()["data"]["viewer"]["inquiryCount"] == 0
    changed = await closed.post({"query": text.replace("inquiryCount", "inquiryCount extra: id")}, somebody.token)
    assert changed.json()["errors"][0]["extensions"]["code"] == "PERSISTED_DOCUMENT_NOT_FOUND"


async def test_the_closed_house_still_tells_refusals_in_full(closed: World, somebody: Person) -> None:
    refused = await closed.apply(somebody)
    assert (refused["__typename"], refused["purpose"]) == ("ConsentRequired", "FIRST_APPLICATION")


async def test_production_has_no_sandbox_in_its_contract_nor_on_its_routes(closed: World, somebody: Person) -> None:
    options = ServerOptions(sandbox=False, closed=True, playground=Path("nowhere"), ready={})
    transport = httpx2.ASGITransport(app=build_server(closed.house.desk, options), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://clearline.test") as http:
        for path in ("/schema.graphql", "/playground/", "/playground/config.json", "/"):
            assert (await http.get(path)).status_code == 404
        for name in ("NewCustomer", "AdvanceClock", "FreezeMyLine"):
            text = (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")
            answer = await http.post("/graphql", json={"query": text})
            assert (answer.status_code, "data" in answer.json()) == (400, False)
            nothing_unsent(answer.text, text)
        headers = {"authorization": f"Bearer {somebody.token}"}
        me = (OPERATIONS / "Me.graphql").read_text(encoding="utf-8")
        assert (await http.post("/graphql", json={"query": me}, headers=headers)).json()["data"]["viewer"]
