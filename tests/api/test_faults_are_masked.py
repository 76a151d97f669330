"""A fault of ours is told by a reference alone; what people typed is in no log, metric, error, cache key or file."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog

from app.api.observe import set_up_logging
from models.connection import fetch
from tests.world import OPERATIONS, Person, World

NAME = "阚璎珞\U0002bc20"


@contextmanager
def everything_said() -> Iterator[io.StringIO]:
    """All that the process writes to its log, ours and the libraries', from level DEBUG on."""
    said, before, level = io.StringIO(), sys.stderr, logging.getLogger().level
    handlers = logging.getLogger().handlers[:]
    sys.stderr = said
    try:
        set_up_logging("DEBUG")
        factory = structlog.PrintLoggerFactory(file=said)
        structlog.configure(logger_factory=factory, cache_logger_on_first_use=False)
        logging.getLogger().setLevel(logging.DEBUG)
        yield said
    finally:
        sys.stderr = before
        structlog.reset_defaults()
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)


def lines(said: io.StringIO, event: str) -> list[dict[str, Any]]:
    return [line for text in said.getvalue().splitlines() if (line := json.loads(text))["event"] == event]


@asynccontextmanager
async def without_table(name: str) -> Any:
    """The database loses a table for a while."""
    await fetch(f"ALTER TABLE {name} RENAME TO gone_{name}")
    try:
        yield
    finally:
        await fetch(f"ALTER TABLE gone_{name} RENAME TO {name}")


async def test_a_fault_in_a_resolver_is_a_reference_that_stands_in_the_log(world: World) -> None:
    person = await world.new()
    with everything_said() as said:
        async with without_table("consent_wording"):
            query = "query Secret { first: consentWording(purpose: MARKETING) { text } viewer { id } }"
            answer = await world.post({"query": query}, person.token, **{"accept-language": "en"})
    body = answer.json()
    assert (answer.status_code, body["data"]) == (200, None)
    error = body["errors"][0]
    reference = error["extensions"]["reference"]
    assert error["extensions"] == {"code": "INTERNAL", "reference": reference}
    assert error["message"] == f"Something failed on our side. Quote the reference {reference}."
    fault = lines(said, "fault")[0]
    assert (fault["reference"], fault["path"], fault["fault"]) == (reference, "consentWording", "OperationalError")
    for word in ("gone_", "no such table", "SELECT", "Secret", "first"):
        assert word not in said.getvalue()
        assert word not in json.dumps(body["errors"][0]["message"])


async def test_a_fault_before_any_resolver_is_masked_alike(world: World) -> None:
    person = await world.new()
    with everything_said() as said:
        async with without_table("access_token"):
            answer = await world.post({"query": "{ viewer { id } }"}, person.token)
            ready = await world.http.get("/healthz")
    assert (answer.status_code, set(answer.json())) == (500, {"errors"})
    extensions = answer.json()["errors"][0]["extensions"]
    assert extensions["code"] == "INTERNAL"
    assert lines(said, "fault")[0]["reference"] == extensions["reference"]
    assert ready.status_code == 200
    assert person.token not in said.getvalue()
    assert (await world.post({"query": "{ viewer { id } }"}, person.token)).status_code == 200


async def test_a_fault_of_the_model_stops_one_job_and_nothing_else(world: World) -> None:
    person = await world.new()
    await world.grant(person)
    application = (await world.apply(person))["application"]["id"]
    scorer, world.house.desk.scorer = world.house.desk.scorer, _Spoilt()  # type: ignore[assignment]
    with everything_said() as said:
        await world.settle_once()
    world.house.desk.scorer = scorer
    failed = lines(said, "job failed")[0]
    assert (failed["kind"], failed["fault"]) == ("ASSESS_APPLICATION", "RuntimeError")
    assert _Spoilt.MESSAGE not in said.getvalue()
    assert (await world.node("MyApplication", application, person))["decision"] is None
    await world.settle()
    assert (await world.node("MyApplication", application, person))["decision"]["outcome"] == "APPROVED"
    assert await world.bureau_records(person) == 1


class _Spoilt:
    """A model whose every use fails with a message that quotes a person."""

    MESSAGE = "features of 990000199003070013 are not finite"

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(self.MESSAGE)


def forms(*values: str) -> set[str]:
    """Each planted value as it may turn up: whole, spaced, in full-width signs, escaped."""
    found = set()
    for value in values:
        wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in value)
        escaped = json.dumps(value)[1:-1]
        found |= {value, " ".join(value), wide, escaped, value.encode("unicode_escape").decode()}
    return found


def nowhere(marks: set[str], text: str | bytes, what: str) -> None:
    where = text if isinstance(text, bytes) else text.encode()
    assert not [mark for mark in marks if mark.encode() in where], what


def in_files(marks: set[str], folder: Path) -> set[str]:
    """Look through every file of the house's home; their names."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        nowhere(marks, path.read_bytes(), path.name)
    return {path.name for path in files}


async def whole_story(world: World, person: Person) -> None:
    """Everything that a customer does, with the planted values, and the bureau failing once."""
    await world.fault(fault="MALFORMED", subject=person.id_number, times=1)
    application = await world.decided(person)
    await world.settle()
    application = await world.node("MyApplication", application["id"], person)
    if application["offer"] is not None:
        person.line_id = (await world.act("AcceptOffer", person, applicationId=application["id"]))["line"]["id"]
        loan = (await world.draw(person))["loan"]
        await world.settle()
        await world.act("Repay", person, loanId=loan["id"], amount={"amount": "10.00", "currency": "CNY"})
    for operation in ("Home", "WhoLookedAtMyCredit", "Me"):
        await world.ask(operation, {}, person.token)


def wrong_inputs(person: Person) -> list[dict[str, Any]]:
    """Requests that carry the planted values where they do not belong."""
    apply = (OPERATIONS / "Apply.graphql").read_text(encoding="utf-8")
    good = {"idempotencyKey": str(uuid4()), "applicant": person.applicant, "termMonths": 12}
    good["limit"] = {"amount": "5000", "currency": "CNY"}
    number, phone, name = person.id_number, person.phone, person.name
    variables: list[Any] = [
        {**good, "limit": number},
        {**good, "applicant": {**person.applicant, "idNumber": int(number[:15])}},
        {**good, "applicant": {**person.applicant, number: 1}},
        {**good, "applicant": {"name": name, "idNumber": number}},
        {**good, "idempotencyKey": number},
        {**good, "occupation": name},
        {**good, "termMonths": number},
        {**good, "limit": {"amount": number, "currency": name}},
        number,
        [person.applicant],
        {**good, "applicant": {**person.applicant, "name": name + "\u202e"}},
        {**good, "applicant": {**person.applicant, "idNumber": number + "1", "phone": phone + "1"}},
    ]
    documents = [
        f'{{ node(id: "{number}") {{ id }} }}',
        f"{{ node(id: {number}) {{ id }} }}",
        f"{{ p{phone}: nothing }}",
        f'{{ viewer {{ consents(after: "{number}") {{ nodes {{ id }} }} }} }}',
        f"{{ viewer {{ consents(first: {phone}) {{ nodes {{ id }} }} }} }}",
        f'{{ consentWording(purpose: "{name}") {{ text }} }}',
        f'mutation {{ refuseConsent(input: {{idempotencyKey: "{name}", purpose: MARKETING}}) {{ __typename }} }}',
        f'{{ viewer "{name}" {{ id }} }}',
        f"{{ {name} }}",
        f'# {name} {number}\n{{ viewer {{ id }} "unclosed {phone}',
        f'query($x: String = "{name}") {{ viewer {{ id }} }}',
        f'{{ quote(input: {{amount: {{amount: "{number}", currency: "{name}"}}, termMonths: 3}}) {{ __typename }} }}',
    ]
    return [
        *({"query": apply, "variables": {"input": value}} for value in variables),
        *({"query": text} for text in documents),
        {"query": "{ viewer { id } }", "operationName": name},
        {"query": "{ viewer { id } }", "operationName": f"p{phone}"},
        {"documentId": number},
        {"documentId": name, "variables": {"x": number}},
    ]


async def faults_while_acting(world: World, person: Person) -> list[str]:
    """The answers when the database fails in the middle of acts that carry the planted values."""
    answers = []
    for table in ("customer", "application", "idempotent_request"):
        async with without_table(table):
            asked = {"applicant": person.applicant, "limit": {"amount": "5000", "currency": "CNY"}, "termMonths": 12}
            apply = (OPERATIONS / "Apply.graphql").read_text(encoding="utf-8")
            body = {"query": apply, "variables": {"input": {**asked, "idempotencyKey": str(uuid4())}}}
            answers.append((await world.post(body, person.token)).text)
    assert all('"code":"INTERNAL"' in answer for answer in answers)
    return answers


async def elsewhere(world: World, person: Person) -> list[str]:
    """The planted values in links, headers, methods and paths."""
    number, phone = person.id_number, person.phone
    http = world.http
    answers = [
        await http.get("/graphql", params={"documentId": number, "variables": f'{{"x": "{person.name}"'}),
        await http.get(f"/{number}/{phone}"),
        await http.get("/healthz", params={"id": number}),
        await http.request(f"X{number}", "/graphql"),
        await http.post(
            "/graphql", content=f"{number} {person.name}".encode(), headers={"content-type": "text/plain"}
        ),
        await http.post(
            "/graphql", json={"query": "{ viewer { id } }"}, headers={"authorization": f"Bearer {number}"}
        ),
        await http.post(
            "/graphql",
            json={"query": "{ viewer { id } }"},
            headers={"accept-language": number, "user-agent": phone, "x-request-id": number, "cookie": f"a={phone}"},
        ),
    ]
    return [answer.text + str(dict(answer.headers)) for answer in answers]


async def test_planted_values_of_a_person_turn_up_nowhere(world: World, tmp_path: Path) -> None:
    person = await world.new()
    person.name = NAME
    person.applicant["name"] = NAME
    marks = forms(person.name, person.id_number, person.phone)
    twin = await world.new()
    twin.applicant = person.applicant
    with everything_said() as said:
        await whole_story(world, person)
        await world.grant(twin)
        refused = await world.apply(twin)
        assert refused["violations"][0]["code"] == "ID_NOT_USABLE"
        errors = [json.dumps(refused, ensure_ascii=False)]
        errors += [(await world.post(body, twin.token)).text for body in wrong_inputs(person)]
        errors += await elsewhere(world, person)
        errors += await faults_while_acting(world, person)
        scorer, world.house.desk.scorer = world.house.desk.scorer, _Spoilt()  # type: ignore[assignment]
        trial = "{ limitEstimate(input: {}) { __typename } }"
        errors.append((await world.post({"query": trial}, person.token)).text)
        world.house.desk.scorer = scorer
    assert '"code":"INTERNAL"' in errors[-1]
    for answer in errors:
        nowhere(marks, answer, answer)
    assert len(lines(said, "request")) > 30
    assert lines(said, "fault")
    nowhere(marks, said.getvalue(), "the log")
    nowhere(marks, (await world.http.get("/metrics")).text, "the metrics")
    cache: Any = world.house.desk.cache
    for kept in (cache._hot, cache._buckets, cache._leases, cache._ears):
        nowhere(marks, repr(kept), "the cache")
    assert "book.sqlite" in in_files(marks, tmp_path)


@pytest.mark.parametrize("sealed", ["name_sealed", "id_number_sealed", "phone_sealed"])
async def test_what_is_sealed_is_there_and_not_readable(world: World, sealed: str) -> None:
    person = await world.new()
    await world.grant(person)
    await world.apply(person)
    kept = (await fetch(f"SELECT {sealed} AS kept FROM customer WHERE {sealed} IS NOT NULL"))[0]["kept"]
    plain = {"name_sealed": "name", "id_number_sealed": "idNumber", "phone_sealed": "phone"}[sealed]
    assert person.applicant[plain].encode() not in bytes(kept)
    assert len(bytes(kept)) > 80
