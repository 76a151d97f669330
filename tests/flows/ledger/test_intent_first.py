"""No byte goes to the bureau before its intent stands in a checkpoint with the quorum; and every intent has an end."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.api.scalars import encode_id
from app.cli.proof.policy import Member, written
from app.clock import real_now_us
from app.domain.consent.purpose import InquiryPurpose
from app.domain.proof.record import Leaf, RecordClass
from app.domain.proof.signed import policy as policies
from app.domain.proof.signed import tlog_proof
from app.domain.proof.signed.keys import VerifierKey
from app.domain.proof.tree.merkle import leaf_hash, verify_inclusion
from app.doors.signing import verify
from app.flows.credit import assessing
from app.flows.credit.cases import load_case
from app.flows.credit.intents import proven_intent
from models.consent import Consent, Inquiry, PermitRow
from models.credit import Application
from models.people import Customer
from models.plumbing import Job, LogOutbox
from models.proof import TlogEntry, TlogState
from tests.flows.ledger.tables import tiles_spoilt, wrong_with_the_log
from tests.flows.rounds import customer_id
from tests.flows.trail import trail, work_once
from tests.services.witnesses import witnesses_of_this_run
from tests.world import Person, World, introduce, new_log, open_world


async def applied(world: World) -> tuple[Person, str]:
    """A new person with an application that nobody has worked on."""
    person = await world.new()
    await world.grant(person)
    return person, (await world.apply(person))["application"]["id"]


async def intended(world: World) -> tuple[Person, str]:
    """A new person whose intent is on the record, and not in the log."""
    person, application = await applied(world)
    await world.sequencer.round()
    row = await Application.get(customer_id=await customer_id(person))
    await assessing._open(world.house.desk, await load_case(InquiryPurpose.FIRST_APPLICATION, row.id))
    assert (await trail(world, person)).row.state == "INTENT_PENDING"
    return person, application


async def shown(world: World, person: Person) -> Any:
    """The customer's latest inquiry as it is told."""
    return (await world.ask("WhoLookedAtMyCredit", {}, person.token))["viewer"]["inquiries"]["nodes"][0]


async def newest_letter(world: World, person: Person) -> tuple[str, str, str]:
    """What the person was told last: the kind, the title, and the id of what it is about."""
    newest = (await world.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"][0]
    return newest["kind"], newest["title"], newest["about"]["id"]


def away(*names: str, fault: str = "503") -> None:
    for name in names:
        witnesses_of_this_run().members[name].fault = fault


async def test_without_a_quorum_the_intent_waits_and_nobody_is_asked(house: World) -> None:
    person, application = await intended(house)
    away("north", "east")
    for _ in range(3):
        await work_once(house)
    found = await trail(house, person)
    assert (found.row.state, found.attempts, found.told) == ("INTENT_PENDING", [], [])
    assert (await house.bureau_records(person), await house.inquiry_count(person)) == (0, 0)
    assert (await shown(house, person))["status"] == "OPEN"
    assert (await house.node("MyApplication", application, person))["status"] == "IN_REVIEW"
    away("north", fault="")
    await house.settle()
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"
    assert (await house.bureau_records(person), (await shown(house, person))["status"]) == (1, "ANSWERED")


async def test_no_permit_begins_to_run_out_while_the_log_has_no_quorum(house: World) -> None:
    away("north", "east")
    await house.sequencer.close()
    await house.sequencer.check()
    person, application = await applied(house)
    for _ in range(2):
        await work_once(house)
    owner = await customer_id(person)
    assert not await PermitRow.exists(customer_id=owner)
    consent = await Consent.get(customer_id=owner, purpose="FIRST_APPLICATION")
    assert consent.used_at is None
    waits = await house.node("MyApplication", application, person)
    assert (waits["status"], waits["waiting"]["reason"]) == ("RECEIVED", "LOG_NOT_WITNESSED")
    away("north", fault="")
    await house.settle()
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"


async def test_without_the_witness_that_the_policy_requires_nothing_is_published_and_nobody_is_asked(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    """The lender's own are there, and they are enough for their group: that is what an independent one is against."""
    log, plain = new_log(tmp_path)
    north, east, auditor = (Member(*line.split()[1:]) for line in plain.splitlines() if line.startswith("witness"))
    text = written(VerifierKey.parse(plain.split()[1]), [north, east], 1, [auditor])
    log["log_policy"] = tmp_path / "log-policy.txt"
    log["log_policy"].write_text(text, encoding="utf-8")
    await introduce(bureau_url, log["institution"], text)
    async with open_world(f"sqlite://{tmp_path / 'book'}", tmp_path, bureau_url, payments_url, **log) as world:
        away(auditor.name)
        person, application = await applied(world)
        for _ in range(3):
            await work_once(world)
            may_sign = await world.sequencer.check()
            state = await TlogState.get(id=1)
            assert (may_sign, state.standing, state.published_size) == (False, "NO_QUORUM", 0)
        assert (await world.node("MyApplication", application, person))["waiting"]["reason"] == "LOG_NOT_WITNESSED"
        assert await PermitRow.all().count() == await world.bureau_records(person) == 0
        away(auditor.name, fault="")
        away(east.name)
        await world.settle()
        assert (await world.node("MyApplication", application, person))["status"] == "DECIDED"
        assert await world.bureau_records(person) == 1  # the bureau judges by the same policy, with code of its own
        assert await wrong_with_the_log(world) == []


async def test_an_intent_whose_permit_dies_in_waiting_is_given_up_and_nothing_was_sent(house: World) -> None:
    person, application = await intended(house)
    away("north", "east")
    await house.advance(1)
    await work_once(house)
    found = await trail(house, person)
    assert (found.told, found.attempts, found.row.closed_at is not None) == (["GIVEN_UP"], [], True)
    assert (await house.node("MyApplication", application, person))["status"] == "EXPIRED"
    assert await newest_letter(house, person) == ("REQUEST_ENDED", "您的申请已终止", application)
    assert (await shown(house, person))["status"] == "FAILED"
    away("north", "east", fault="")
    await house.settle()
    assert (await house.bureau_records(person), (await trail(house, person)).attempts) == (0, [])
    await house.grant(person)
    assert (await house.apply(person))["__typename"] == "SubmitApplicationPayload"
    await house.settle()
    assert await house.bureau_records(person) == 1


@pytest.mark.parametrize("state", ["INTENT_PENDING", "INTENT_LOGGED"])
async def test_a_dead_permit_is_given_up_though_its_intent_cannot_be_proven(house: World, state: str) -> None:
    person, application = await intended(house)
    await house.sequencer.round()
    row = await Application.get(customer_id=await customer_id(person))
    if state == "INTENT_LOGGED":
        case = await load_case(InquiryPurpose.FIRST_APPLICATION, row.id)
        await assessing._log(house.house.desk, case, (await trail(house, person)).row)
    assert (await trail(house, person)).row.state == state
    await house.advance(1)
    async with tiles_spoilt():
        await assessing.advance(house.house.desk, InquiryPurpose.FIRST_APPLICATION, row.id, row.customer_id)
    assert ((await trail(house, person)).told, (await trail(house, person)).attempts) == (["GIVEN_UP"], [])
    assert (await house.node("MyApplication", application, person))["status"] == "EXPIRED"
    await house.settle()


async def test_a_case_that_expires_ends_its_intent_too_when_no_worker_looks_at_it_any_more(house: World) -> None:
    person, application = await intended(house)
    row = await Application.get(customer_id=await customer_id(person))
    await Job.filter(subject_id=row.id).update(state="DEAD")
    await house.advance(31)
    found = await trail(house, person)
    assert (found.told, found.row.closed_at is not None) == (["GIVEN_UP"], True)
    assert (await house.node("MyApplication", application, person))["status"] == "EXPIRED"
    assert (await shown(house, person))["status"] == "FAILED"
    await house.settle()
    assert await house.bureau_records(person) == 0


async def test_an_intent_that_is_withdrawn_in_waiting_is_never_sent(house: World) -> None:
    person, application = await intended(house)
    consent = await Consent.get(customer_id=await customer_id(person), purpose="FIRST_APPLICATION")
    await house.act("WithdrawConsent", person, consentId=encode_id("Consent", consent.id))
    await house.settle()
    found = await trail(house, person)
    assert (found.told, found.attempts) == (["GIVEN_UP"], [])
    assert (await house.node("MyApplication", application, person))["status"] == "WITHDRAWN"
    assert (await newest_letter(house, person))[1] == "您的授权已撤回，申请随之终止"
    assert (await house.bureau_records(person), await house.inquiry_count(person)) == (0, 0)


async def test_what_travels_with_the_question_proves_itself(house: World) -> None:
    person, _ = await intended(house)
    await house.sequencer.round()
    desk, owner = house.house.desk, await Customer.get(id=await customer_id(person))
    inquiry = (await trail(house, person)).row
    intent = await proven_intent(desk, owner, inquiry.intent_entry_id)
    assert intent is not None
    assert desk.ledger is not None
    proof = tlog_proof.parse(intent.proof.encode())
    judged = policies.judge(desk.ledger.policy, proof.checkpoint.encode(), verify)
    entry = await TlogEntry.get(entry_id=inquiry.intent_entry_id)
    verify_inclusion(
        proof.index, judged.checkpoint.size, leaf_hash(bytes(entry.leaf)), proof.hashes, judged.checkpoint.root
    )
    assert len(judged.witnessed) >= 2
    told = str(intent.record) + intent.proof
    assert person.name not in told
    assert person.id_number not in told
    await house.settle()


async def test_the_intents_of_a_person_are_numbered_and_each_names_the_one_before(house: World) -> None:
    person = await house.with_line("5000.00")
    await house.grant(person, "LIMIT_INCREASE")
    await house.act("AskForMore", person, lineId=person.line_id, limit={"amount": "9000.00", "currency": "CNY"})
    await house.settle()
    owner = await Customer.get(id=await customer_id(person))
    first, second = await Inquiry.filter(customer_id=owner.id).order_by("subject_seq")
    records = [await proven_intent(house.house.desk, owner, one.intent_entry_id) for one in (first, second)]
    assert all(records)
    before = bytes((await LogOutbox.get(entry_id=first.intent_entry_id)).commitment).hex()
    assert [(one.record["number"], one.record["previous"]) for one in records if one] == [(1, None), (2, before)]


async def test_every_intent_has_an_outcome_that_points_at_it(house: World) -> None:
    await house.sequencer.round()
    leaves = [Leaf.parse(bytes(entry.leaf)) for entry in await TlogEntry.all().order_by("seq")]
    intents = {seq for seq, leaf in enumerate(leaves) if leaf.kind is RecordClass.INQUIRY_INTENT}
    ended = {leaf.previous for leaf in leaves if leaf.kind is RecordClass.INQUIRY_OUTCOME}
    assert intents
    assert intents == ended


@pytest.mark.parametrize("fault", ["LIES_BEHIND", "GARBAGE"])
async def test_lying_witnesses_cannot_let_a_question_out(house: World, fault: str) -> None:
    person, _ = await intended(house)
    away("north", "east", "south", fault=fault)
    for _ in range(2):
        await work_once(house)
    assert (await house.bureau_records(person), (await trail(house, person)).attempts) == (0, [])
    away("north", "east", "south", fault="")
    await house.settle()
    assert await house.bureau_records(person) == 1


async def on_the_wire(house: World) -> tuple[Person, UUID, asyncio.Task[timedelta | None]]:
    """A person whose inquiry has left and is not answered, the case, and the walk that waits for the answer."""
    person, _ = await intended(house)
    await house.sequencer.round()
    case = (await Application.get(customer_id=await customer_id(person))).id
    await house.fault(subject=person.id_number, fault="SLOW", seconds=0.6)
    knocking = asyncio.create_task(walk(house, case))
    async with asyncio.timeout(5):
        while await house.bureau_records(person) == 0:  # noqa: ASYNC110 - the bureau tells nobody
            await asyncio.sleep(0.01)
    return person, case, knocking


async def walk(house: World, case: UUID) -> timedelta | None:
    row = await Application.get(id=case)
    return await assessing.advance(house.house.desk, InquiryPurpose.FIRST_APPLICATION, case, row.customer_id)


async def test_a_second_claim_leaves_a_knock_on_the_wire_to_who_knocked(house: World) -> None:
    person, case, knocking = await on_the_wire(house)
    wait = await walk(house, case)
    assert wait is not None
    assert wait > timedelta(seconds=1)
    assert (await trail(house, person)).row.state == "SENDING"
    await knocking
    found = await trail(house, person)
    assert (found.told, found.attempts) == (["ANSWERED"], ["ANSWERED"])
    assert await house.bureau_records(person) == 1


async def test_a_knock_that_nobody_can_hear_any_more_is_asked_about_by_its_reference(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, case, knocking = await on_the_wire(house)
    knocking.cancel()
    await asyncio.gather(knocking, return_exceptions=True)
    house.house.desk.cut_off.clear()  # as if another process had knocked
    assert await walk(house, case) is not None
    assert (await trail(house, person)).told == []
    later = int((house.house.desk.bureau.timeout_seconds + 3) * 1_000_000)
    monkeypatch.setattr(assessing, "real_now_us", lambda: real_now_us() + later)
    await walk(house, case)
    found = await trail(house, person)
    assert (found.attempts, found.told) == (["UNKNOWN:FOUND_OPEN"], ["UNKNOWN", "ANSWERED"])
    assert await house.bureau_records(person) == 1


async def test_a_knock_that_comes_too_late_after_its_commit_does_not_leave(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, _ = await intended(house)
    await house.sequencer.round()
    case = (await Application.get(customer_id=await customer_id(person))).id
    monkeypatch.setattr(assessing, "_age", lambda _attempt: timedelta(seconds=3))
    await walk(house, case)
    assert ((await trail(house, person)).told, await house.bureau_records(person)) == (["NOT_SENT"], 0)
    monkeypatch.undo()
    await house.settle()
    assert ((await trail(house, person)).told, await house.bureau_records(person)) == (["NOT_SENT", "ANSWERED"], 1)
