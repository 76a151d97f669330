"""Own data come in by signed batches: stored under a live consent, once, and used no longer than that."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from app.api.server import ServerOptions, build_server
from app.flows.watch.jobs import WATCH
from models.credit import CreditLine
from models.people import BehaviourEventRow, Customer
from models.plumbing import Job
from sims.sources.feed import headers
from tests.api.rows import row_counts
from tests.flows.feeding import (
    body_of,
    event,
    key_of,
    numbers,
    post,
    profile,
    seconds_now,
    subject_of,
    tell,
    today,
    withdraw,
)
from tests.world import Person, World


async def events_of(source: str) -> int:
    """How many events of a source stand in the book, of all people."""
    return await BehaviourEventRow.filter(source=source).count()


async def estimate(world: World, person: Person) -> Any:
    told = await world.ask("LimitEstimate", {"input": {}}, person.token)
    return told["limitEstimate"]["estimate"]


async def test_events_of_a_connected_source_are_stored_in_any_order(house: World) -> None:
    person, day = await house.new(), await today(house)
    subject = await subject_of(house, person)
    before = {one["source"]: one["events"] for one in (await profile(house, person))["sources"]}
    old, new = event(subject, "SALARY_IN", day - timedelta(days=40)), event(subject, "SPENDING", day)
    assert await tell(house, "PAYMENTS", new, old) == numbers(accepted=2)
    after = {one["source"]: one for one in (await profile(house, person))["sources"]}
    assert after["PAYMENTS"]["events"] == before["PAYMENTS"] + 2
    assert after["PAYMENTS"]["newest"] == day.isoformat()
    assert after["WEALTH"]["events"] == before["WEALTH"]


async def test_whoever_has_a_line_is_watched_after_an_event_and_the_bureau_is_not_asked(house: World) -> None:
    with_line, without, day = await house.with_line(), await house.new(), await today(house)
    await Job.filter(kind=WATCH).delete()
    for person in (with_line, without):
        one = event(await subject_of(house, person), "SPENDING", day)
        assert await tell(house, "PAYMENTS", one) == numbers(accepted=1)
        await tell(house, "PAYMENTS", one)
    line = await CreditLine.all().order_by("-id").first()
    assert line is not None
    assert [job.subject_id for job in await Job.filter(kind=WATCH)] == [line.customer_id]
    await house.settle()
    assert (await Job.get(kind=WATCH)).state == "DONE"
    assert [await house.bureau_records(person) for person in (with_line, without)] == [1, 0]


async def test_the_same_bytes_again_are_acknowledged_and_change_nothing(house: World) -> None:
    person, day = await house.new(), await today(house)
    body = body_of([event(await subject_of(house, person), "BALANCE", day)])
    sent = headers(key_of(house, "WEALTH"), body, seconds_now() - 10)
    first = await post(house, "WEALTH", body, sent)
    before = await row_counts()
    captured = await post(house, "WEALTH", body, sent)
    again = await post(house, "WEALTH", body)
    assert first.json() == captured.json() == again.json()
    assert await row_counts() == before
    other = {**json.loads(body), "sentAt": "2026-03-02T11:00:00+08:00"}
    reused = await post(house, "WEALTH", json.dumps(other).encode())
    assert (reused.status_code, reused.json()["code"]) == (409, "BATCH_REUSED")
    assert await row_counts() == before


async def test_an_event_is_taken_once_in_whatever_batch_and_order_it_comes(house: World) -> None:
    person, day = await house.new(), await today(house)
    subject = await subject_of(house, person)
    late, early = event(subject, "SPENDING", day), event(subject, "SPENDING", day - timedelta(days=300))
    assert await tell(house, "PAYMENTS", late, late) == numbers(accepted=1, duplicate=1)
    assert await tell(house, "PAYMENTS", early, late) == numbers(accepted=1, duplicate=1)
    changed = {**early, "amountMinor": 1}
    assert await tell(house, "PAYMENTS", changed) == numbers(duplicate=1)
    kept = await BehaviourEventRow.get(source="PAYMENTS", source_event_id=early["id"])
    assert kept.amount_minor == early["amountMinor"]
    bills = {**late, "kind": "BILL_LATE"}
    assert await tell(house, "LIFE_SERVICES", bills) == numbers(accepted=1)  # an id counts within its source


async def test_without_a_consent_nothing_is_stored_even_when_the_consent_comes_later(house: World) -> None:
    person, day = await house.new(), await today(house)
    body = body_of([event(await subject_of(house, person), "CONTACT_VOUCHED", day, 0)])
    stored = await events_of("SOCIAL")
    assert (await post(house, "SOCIAL", body)).json()["withoutConsent"] == 1
    await house.grant(person, "SOCIAL")
    assert (await post(house, "SOCIAL", body)).json()["withoutConsent"] == 1
    assert await events_of("SOCIAL") == stored


async def test_a_source_cannot_tell_who_is_a_customer(house: World) -> None:
    person, day = await house.new(), await today(house)
    known = await subject_of(house, person)
    from app.api.scalars import encode_id

    nobody = encode_id("Customer", uuid4())
    answers = [await tell(house, "SOCIAL", event(subject, "CONTACT_VOUCHED", day)) for subject in (known, nobody)]
    assert answers == [numbers(without_consent=1)] * 2


async def test_what_is_no_event_of_the_source_is_counted_and_spoils_nothing(house: World) -> None:
    person, day = await house.new(), await today(house)
    subject = await subject_of(house, person)
    good = event(subject, "SPENDING", day)
    bad: list[Any] = [
        event(subject, "BALANCE", day),
        event(subject, "LOTTERY", day),
        event(subject, "SPENDING", day + timedelta(days=1)),
        event(subject, "SPENDING", day - timedelta(days=732)),
        event(subject, "SPENDING", day, -1),
        event(subject, "SPENDING", day, amountMinor=True),
        event(subject, "SPENDING", day, amountMinor="5"),
        event(subject, "SPENDING", day, amountMinor=5.5),
        event(subject, "SPENDING", day, 10**30),
        event(subject, "SPENDING", day, occurredOn=20_000),
        event(subject, "SPENDING", day, occurredOn="2026-02-30"),
        event(subject, "SPENDING", day, id="ü"),
        event(subject, "SPENDING", day, id=""),
        event("张三", "SPENDING", day),
        event(subject.replace("Q", "R", 1), "SPENDING", day),
        event(subject, "SPENDING", day, note="more"),
        None,
        [],
        7,
    ]
    assert await tell(house, "PAYMENTS", *bad, good) == numbers(accepted=1, invalid=len(bad))


async def test_a_batch_that_is_not_signed_just_now_by_its_source_has_no_effect(house: World) -> None:
    person, day = await house.new(), await today(house)
    body = body_of([event(await subject_of(house, person), "SPENDING", day)])
    key, now = key_of(house, "PAYMENTS"), seconds_now()
    signed = headers(key, body, now)
    plain = {"content-type": "application/json"}
    before = await row_counts()
    tries: list[tuple[str, bytes, Any]] = [
        ("SIGNATURE_MISSING", body, plain),
        ("SIGNATURE_MISSING", body, {**plain, "clearline-signature": signed["clearline-signature"]}),
        ("SIGNATURE_MISSING", body, {**plain, "clearline-timestamp": signed["clearline-timestamp"]}),
        ("TIMESTAMP_STALE", body, headers(key, body, now - 600)),
        ("TIMESTAMP_STALE", body, headers(key, body, now + 600)),
        ("SIGNATURE_WRONG", body, headers(key_of(house, "WEALTH"), body, now)),
        ("SIGNATURE_WRONG", json.dumps(json.loads(body), indent=1).encode(), signed),
        ("SIGNATURE_WRONG", body, {**signed, "clearline-timestamp": str(now + 1)}),
        ("SIGNATURE_MALFORMED", body, {**signed, "clearline-signature": "é".encode() * 32}),
        ("SIGNATURE_MALFORMED", body, {**signed, "clearline-signature": "0" * 63}),
        ("SIGNATURE_MALFORMED", body, {**signed, "clearline-timestamp": "１７７２".encode()}),
        ("SIGNATURE_MALFORMED", body, {**signed, "clearline-timestamp": "-5"}),
        ("SIGNATURE_MALFORMED", body, {**signed, "clearline-timestamp": "9" * 5000}),
    ]
    for code, sent, with_headers in tries:
        answer = await post(house, "PAYMENTS", sent, with_headers)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert await row_counts() == before


async def test_a_request_that_is_no_batch_is_refused_with_json(house: World) -> None:
    one = event("x", "SPENDING", await today(house))
    before = await row_counts()
    tries = [
        (400, "MALFORMED", "PAYMENTS", b"{"),
        (400, "MALFORMED", "PAYMENTS", b"[]"),
        (400, "MALFORMED", "PAYMENTS", body_of([])),
        (400, "MALFORMED", "PAYMENTS", body_of([one] * 501)),
        (400, "MALFORMED", "PAYMENTS", body_of([one], schema="clearline-source-events/2")),
        (400, "MALFORMED", "PAYMENTS", body_of([one], batchId="7")),
        (400, "MALFORMED", "PAYMENTS", body_of([one], sentAt="2026-03-02T10:00:00")),
        (400, "MALFORMED", "PAYMENTS", body_of([one], more=1)),
        (413, "TOO_LARGE", "PAYMENTS", b" " * (256 * 1024 + 1)),
        (404, "SOURCE_UNKNOWN", "LOTTERY", b"{}"),
    ]
    for status, code, source, body in tries:
        answer = await post(house, source, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    text = {**headers(key_of(house, "PAYMENTS"), b"{}", seconds_now()), "content-type": "text/plain"}
    assert (await post(house, "PAYMENTS", b"{}", text)).status_code == 415
    assert await row_counts() == before


async def test_a_house_without_source_keys_has_no_feed(house: World) -> None:
    options = ServerOptions(sandbox=False, closed=True, playground=house.house.settings.playground, ready={})
    transport = httpx2.ASGITransport(app=build_server(house.house.desk, options))
    async with httpx2.AsyncClient(transport=transport, base_url="http://closed.test") as http:
        body = body_of([event("x", "SPENDING", await today(house))])
        sent = headers(key_of(house, "PAYMENTS"), body, seconds_now())
        assert (await http.post("/sources/PAYMENTS/events", content=body, headers=sent)).status_code == 404


async def test_a_withdrawn_source_is_used_no_more_from_that_commit_on(house: World) -> None:
    person, day = await house.new(), await today(house)
    subject = await subject_of(house, person)
    full = await estimate(house, person)
    assert {figure["name"] for figure in (await profile(house, person))["figures"]} >= {"income_mean", "balance_mean"}
    await withdraw(house, person, "WEALTH")
    less = await profile(house, person)
    assert {name for figure in less["figures"] for name in figure["sources"]} == {"PAYMENTS", "LIFE_SERVICES"}
    assert await tell(house, "WEALTH", event(subject, "BALANCE", day)) == numbers(without_consent=1)
    await withdraw(house, person, "PAYMENTS")
    narrower = await estimate(house, person)
    assert narrower["high"] != full["high"]
    assert "INCOME_UNVERIFIED" in {reason["code"] for reason in narrower["reasons"]}
    await withdraw(house, person, "LIFE_SERVICES")
    gone = await profile(house, person)
    assert gone["figures"] == []
    assert [one["status"] for one in gone["sources"]] == ["WITHDRAWN"] * 3 + ["NOT_CONNECTED"]
    assert await house.bureau_records(person) == 0


@pytest.mark.parametrize("source", ["WEALTH", "PAYMENTS"])
async def test_a_decision_after_a_withdrawal_rests_on_what_is_left(house: World, source: str) -> None:
    before, after = await house.new(), await house.new()
    await withdraw(house, after, source)
    scores = [(await house.decided(person, "12000.00"))["decision"]["score"] for person in (before, after)]
    assert scores[0] != scores[1]
    assert [await house.bureau_records(person) for person in (before, after)] == [1, 1]


async def test_a_source_tells_its_history_once_it_is_connected_and_not_before(house: World) -> None:
    invent = "mutation ($key: UUID!) { sandboxNewCustomer(idempotencyKey: $key, connectData: false)"
    made = await house.ask(f"{invent} {{ token name idNumber phone }} }}", {"key": str(uuid4())})
    person = Person(*(made["sandboxNewCustomer"][name] for name in ("token", "name", "idNumber", "phone")))
    bare = await profile(house, person)
    assert (bare["figures"], {one["events"] for one in bare["sources"]}) == ([], {0})
    await house.grant(person, "LIFE_SERVICES")
    await house.settle()
    told = {one["source"]: one for one in (await profile(house, person))["sources"]}
    assert told["LIFE_SERVICES"]["status"] == "CONNECTED"
    assert told["LIFE_SERVICES"]["events"] > 40
    assert [told[name]["events"] for name in ("PAYMENTS", "WEALTH", "SOCIAL")] == [0, 0, 0]
    await withdraw(house, person, "LIFE_SERVICES")
    await house.grant(person, "LIFE_SERVICES")
    await house.settle()
    again = {one["source"]: one for one in (await profile(house, person))["sources"]}
    assert again["LIFE_SERVICES"]["events"] == told["LIFE_SERVICES"]["events"]


async def test_own_data_of_invented_people_go_on_while_the_clock_does(house: World) -> None:
    person, without = await house.new(), await house.new()
    await withdraw(house, without, "PAYMENTS")
    before = await profile(house, person)
    await house.advance(200)
    after = await profile(house, person)
    income = [
        next(one["value"] for one in told["figures"] if one["name"] == "verified_income") for told in (before, after)
    ]
    assert None not in income
    assert "INCOME_UNVERIFIED" not in {reason["code"] for reason in (await estimate(house, person))["reasons"]}
    customer = await Customer.filter(simulated_as="WEALTHY").order_by("-id").offset(1).first()
    assert customer is not None
    rows = await BehaviourEventRow.filter(customer_id=customer.id).values_list("kind", "occurred_on")
    assert len(rows) == len(set(rows))
    kept = {one["source"]: one["newest"] for one in (await profile(house, without))["sources"]}
    assert kept["PAYMENTS"] is None  # erased a week after the withdrawal, and told no more
    assert before["asOf"] < kept["LIFE_SERVICES"]
    assert await house.bureau_records(person) == 0


async def test_a_month_told_twice_is_told_once(house: World) -> None:
    from app.flows.behaviour.simulated import tell_last_month

    await house.new()
    customer = await Customer.filter(simulated_as="WEALTHY").order_by("-id").first()
    assert customer is not None
    following = (await today(house)).replace(day=1) + timedelta(days=32)
    await tell_last_month(house.house.desk, customer, await today(house))
    before = await BehaviourEventRow.all().count()
    await tell_last_month(house.house.desk, customer, await today(house))
    assert await BehaviourEventRow.all().count() == before
    await tell_last_month(house.house.desk, customer, following)  # a month that is not over yet
    newest = await BehaviourEventRow.filter(customer_id=customer.id).order_by("-occurred_on").first()
    assert newest is not None
    assert newest.occurred_on <= await today(house)
