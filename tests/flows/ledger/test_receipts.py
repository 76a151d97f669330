"""Receipts as their owner fetches them: what is proven, why not yet, and a file that holds without us."""

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from app.domain.proof import bundle
from app.domain.proof.record import RecordClass
from app.domain.proof.signed import policy as policies
from app.domain.proof.signed.keys import Kind
from app.domain.proof.strict import Unproven
from app.doors.signing import verify
from models.people import Customer
from models.plumbing import LogOutbox
from models.proof import TlogState
from tests.domain.proof.a_log import key
from tests.flows.ledger.tables import tiles_spoilt
from tests.flows.ledger.test_intent_first import away, intended
from tests.flows.rounds import customer_id
from tests.flows.trail import work_once
from tests.world import Person, World

ENGLISH = {"accept-language": "en"}


async def told(world: World, person: Person) -> Any:
    """The receipt of the latest inquiry, as GraphQL tells it."""
    return (await world.ask("MyReceipts", {}, person.token))["viewer"]["inquiries"]["nodes"][0]["receipt"]


async def fetched(world: World, person: Person, path: str) -> httpx2.Response:
    return await world.http.get(path, headers={"authorization": f"Bearer {person.token}", **ENGLISH})


async def path_of(world: World, person: Person) -> str:
    node = (await world.ask("MyReceipts", {}, person.token))["viewer"]["inquiries"]["nodes"][0]
    return f"/receipts/{node['id']}.json"


def policy_of(world: World) -> bytes:
    assert world.house.desk.ledger is not None
    return world.house.desk.ledger.policy_text


async def test_a_customer_fetches_a_file_that_holds_without_us(house: World) -> None:
    person = await house.with_line()
    await house.settle()
    receipt = await told(house, person)
    assert (receipt["state"], [one["kind"] for one in receipt["records"]]) == ("COMPLETE", ["INTENT", "OUTCOME"])
    assert receipt["records"][1]["outcome"] == "ANSWERED"
    answer = await fetched(house, person, receipt["path"])
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-disposition"].startswith("attachment;")
    intent, outcome = bundle.verify_file(answer.content, [policy_of(house)], verify)
    assert (intent.receipt.record["number"], outcome.receipt.record["state"]) == (1, "ANSWERED")
    assert [intent.index, outcome.index] == [one["index"] for one in receipt["records"]]
    assert len(receipt["records"][0]["witnesses"]) >= 2
    for value in (person.name, person.id_number, person.phone, person.token):
        assert value not in answer.text
    assert await house.bureau_records(person) == 1


async def test_several_files_show_that_one_is_missing(house: World) -> None:
    person = await house.with_line("5000.00")
    for limit in ("9000.00", "12000.00"):
        await house.grant(person, "LIMIT_INCREASE")
        await house.act("AskForMore", person, lineId=person.line_id, limit={"amount": limit, "currency": "CNY"})
        await house.settle()
    nodes = (await house.ask("MyReceipts", {}, person.token))["viewer"]["inquiries"]["nodes"]
    files = [(await fetched(house, person, node["receipt"]["path"])).content for node in nodes]
    proven = [bundle.verify_file(data, [policy_of(house)], verify) for data in files]
    assert bundle.chained(proven) == bundle.Chain((1, 2, 3), ())
    (gap,) = bundle.chained([proven[0], proven[2]]).gaps
    assert (gap.first, gap.last, gap.named_by) == (2, 2, 3)
    stranger = await house.with_line()
    await house.settle()
    other = await fetched(house, stranger, (await told(house, stranger))["path"])
    with pytest.raises(Unproven, match="FOREIGN"):
        bundle.chained([*proven[:2], bundle.verify_file(other.content, [policy_of(house)], verify)])


async def test_while_the_quorum_is_away_the_answer_says_so_and_there_is_no_file(house: World) -> None:
    person, _ = await intended(house)
    assert (await told(house, person))["state"] == "WAITING_FOR_LOG"
    away("north", "east")
    await work_once(house)
    receipt = await told(house, person)
    assert (receipt["state"], receipt["path"]) == ("WAITING_FOR_QUORUM", None)
    assert receipt["records"] == [
        {"kind": "INTENT", "outcome": None, "recordedAt": receipt["records"][0]["recordedAt"], "index": None,
         "treeSize": None, "witnesses": []},
    ]  # fmt: skip
    answer = await fetched(house, person, await path_of(house, person))
    assert (answer.status_code, answer.json()["code"]) == (409, "WAITING_FOR_QUORUM")
    assert "Too few witnesses" in answer.json()["message"]
    away("north", "east", fault="")
    await house.sequencer.round()
    receipt = await told(house, person)
    assert (receipt["state"], len(receipt["records"])) == ("PARTIAL", 1)
    (intent,) = bundle.verify_file(
        (await fetched(house, person, receipt["path"])).content, [policy_of(house)], verify
    )
    assert intent.receipt.record["class"] == "INQUIRY_INTENT"
    await house.settle()
    assert (await told(house, person))["state"] == "COMPLETE"


async def test_a_receipt_is_made_under_the_policy_in_force_or_else_that_of_its_time(house: World) -> None:
    person = await house.with_line()
    await house.settle()
    path, desk, old = (await told(house, person))["path"], house.house.desk, house.house.desk.ledger
    assert old is not None
    names = ("north", "east")
    lines = [
        line
        for line in old.policy_text.decode().splitlines()
        if line.startswith(("log ", *(f"witness {one} " for one in names)))
    ]
    fewer = "\n".join([*lines, "group both 1 north east", "quorum both", ""]).encode()
    stranger = key("stranger.example/w", Kind.COSIGNATURE).vkey
    other = "\n".join([lines[0], f"witness stranger {stranger}", "quorum stranger", ""]).encode()
    try:
        desk.ledger = replace(old, policy=policies.parse(fewer), policy_text=fewer)
        intent, _ = bundle.verify_file((await fetched(house, person, path)).content, [fewer], verify)
        assert set(intent.judged.witnessed) <= set(names)
        desk.ledger = replace(old, policy=policies.parse(other), policy_text=other)
        assert bundle.verify_file(
            (await fetched(house, person, path)).content, [old.policy_text], verify
        )  # its own time's
        desk.ledger = None
        assert (await told(house, person))["path"] is None
    finally:
        desk.ledger = old


async def test_a_log_that_stopped_is_told(house: World) -> None:
    person, _ = await intended(house)
    await TlogState.filter(id=1).update(standing="FORKED")
    try:
        answer = await fetched(house, person, await path_of(house, person))
        assert (answer.status_code, answer.json()["code"]) == (409, "LOG_STOPPED")
    finally:
        await TlogState.filter(id=1).update(standing="FIT")
    await house.settle()


async def test_nobody_else_fetches_it(house: World) -> None:
    person, stranger = await house.with_line(), await house.with_line()
    await house.settle()
    path = (await told(house, person))["path"]
    foreign = await fetched(house, stranger, path)
    nowhere = await fetched(house, stranger, "/receipts/SW5xdWlyeTo.json")
    assert (foreign.status_code, foreign.json()) == (404, nowhere.json())
    nobody = await house.http.get(path)
    officer = await house.http.get(path, headers={"authorization": "Bearer clt_sbx_staff_risk"})
    head = await house.http.head(path, headers={"authorization": f"Bearer {person.token}"})
    slashed = await fetched(house, person, f"{path}/")
    assert [one.status_code for one in (nobody, officer, head, slashed)] == [401, 403, 405, 404]


async def test_a_record_that_somebody_has_edited_is_not_handed_out_as_proof(house: World) -> None:
    person = await house.with_line()
    await house.settle()
    path, owner = (await told(house, person))["path"], await Customer.get(id=await customer_id(person))
    entry = await LogOutbox.get(customer_id=owner.id, record_class=int(RecordClass.INQUIRY_OUTCOME))
    forged = json.dumps({"class": "INQUIRY_OUTCOME", "state": "GIVEN_UP"}).encode()
    sealed = house.house.desk.box(owner).seal("log_outbox", "record_sealed", entry.entry_id, forged)
    for damage in (sealed, b"nothing"):
        await LogOutbox.filter(id=entry.id).update(record_sealed=damage)
        answer = await fetched(house, person, path)
        assert (answer.status_code, answer.json()["code"]) == (500, "RECORD_DAMAGED")
    await LogOutbox.filter(id=entry.id).update(record_sealed=entry.record_sealed)
    assert (await fetched(house, person, path)).status_code == 200


async def test_over_a_spoilt_tree_the_record_is_told_to_be_damaged(house: World) -> None:
    person = await house.with_line()
    await house.settle()
    path = await path_of(house, person)
    async with tiles_spoilt():
        answer = await fetched(house, person, path)
        assert (answer.status_code, answer.json()["code"]) == (500, "RECORD_DAMAGED")
    assert (await fetched(house, person, path)).status_code == 200


async def test_with_the_key_destroyed_the_answer_is_clear_and_the_old_file_still_holds(house: World) -> None:
    person = await house.with_line()
    await house.settle()
    path = (await told(house, person))["path"]
    kept = (await fetched(house, person, path)).content
    await Customer.filter(id=await customer_id(person)).update(key_wrapped=b"")
    receipt = await told(house, person)
    assert (receipt["state"], receipt["path"]) == ("ERASED", None)
    assert {one["recordedAt"] for one in receipt["records"]} == {None}
    answer = await fetched(house, person, path)
    assert (answer.status_code, answer.json()["code"]) == (410, "ERASED")
    assert len(bundle.verify_file(kept, [policy_of(house)], verify)) == 2
    assert json.loads(kept)["schema"] == "clearline-receipts/1"
