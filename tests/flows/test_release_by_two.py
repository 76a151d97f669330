"""A freeze ends, and a consent text is published, by the word of two people who are not one."""

from typing import Any
from uuid import uuid4

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from app.api.scalars import decode_id, encode_id
from app.flows.sandbox.book import staff_token
from app.flows.sandbox.wording_texts import TEXTS
from models.connection import connection
from models.credit import CreditLine, Freeze
from models.oversight.staff import Approval
from models.people import Customer, Staff
from tests.world import Person, World, spelled

NOTE = "Income is back, the signal was a holiday."


def officer(login: str) -> Person:
    return Person(staff_token(login), "", "", "")


async def frozen(world: World, **asked: Any) -> Person:
    """Somebody with a loan and a frozen line."""
    person = await world.with_line()
    await world.draw(person, "1000.00")
    await world.settle()
    await freeze(world, person, **asked)
    return person


async def freeze(world: World, person: Person, **asked: Any) -> None:
    answer = await world.act("FreezeMyLine", person, lineId=person.line_id, reason="INCOME_STOPPED", **asked)
    assert answer["line"]["status"] == "FROZEN"


async def propose(world: World, person: Person, login: str = "risk", **asked: Any) -> Any:
    return await world.act("ProposeRelease", officer(login), **{"lineId": person.line_id, "note": NOTE, **asked})


async def check(world: World, verb: str, login: str, approval: str, **asked: Any) -> Any:
    return await world.act(verb, officer(login), **{"approvalId": approval, "note": NOTE, **asked})


async def status(world: World, person: Person) -> str:
    found = await world.ask("query { viewer { line { status } } }", {}, person.token)
    return str(found["viewer"]["line"]["status"])


async def queue(world: World, login: str) -> list[Any]:
    found = await world.ask("PendingApprovals", {"first": 50}, staff_token(login))
    return list(found["oversight"]["pendingApprovals"]["nodes"])


async def test_one_proposes_another_releases_and_the_bureau_is_not_asked(house: World) -> None:
    person = await frozen(house)
    before = await house.bureau_records(person)
    made = await propose(house, person)
    approval = made["approval"]
    assert (approval["kind"], approval["maker"], approval["freeze"]["reason"]) == (
        "RELEASE",
        "risk",
        "INCOME_STOPPED",
    )
    assert await status(house, person) == "FROZEN"
    assert (await house.quote(person))["__typename"] == "LineNotActive"
    assert approval["id"] in [node["id"] for node in await queue(house, "compliance")]
    done = await check(house, "ConfirmRelease", "compliance", approval["id"])
    assert (done["approval"]["outcome"], done["approval"]["checker"]) == ("CONFIRMED", "compliance")
    assert await status(house, person) == "ACTIVE"
    assert (await house.draw(person, "500.00"))["__typename"] == "DrawLoanPayload"
    assert approval["id"] not in [node["id"] for node in await queue(house, "compliance")]
    assert await house.bureau_records(person) == before == 1


async def test_the_maker_is_never_the_checker(house: World) -> None:
    person = await frozen(house)
    approval = (await propose(house, person))["approval"]["id"]
    for verb in ("ConfirmRelease", "RejectRelease"):
        assert (await check(house, verb, "risk", approval))["__typename"] == "SamePerson"
    assert await status(house, person) == "FROZEN"
    with pytest.raises((IntegrityError, OperationalError)):
        await connection().execute_query(
            "UPDATE approval SET checker_id = maker_id, outcome = 'CONFIRMED', checked_at = made_at,"
            " checker_note_sealed = maker_note_sealed WHERE outcome IS NULL"
        )
    assert (await check(house, "ConfirmRelease", "risk2", approval))["__typename"] == "ApprovalPayload"


async def test_a_proposal_is_checked_once_and_stays_as_it_was_made(house: World) -> None:
    person = await frozen(house)
    approval = (await propose(house, person))["approval"]["id"]
    key = str(uuid4())
    for _ in range(2):
        done = await check(house, "RejectRelease", "risk2", approval, idempotencyKey=key)
        assert done["approval"]["outcome"] == "REJECTED"
    for verb in ("ConfirmRelease", "RejectRelease"):
        again = await check(house, verb, "compliance", approval)
        assert (again["__typename"], again["outcome"]) == ("ApprovalClosed", "REJECTED")
    assert await status(house, person) == "FROZEN"
    for change in ("UPDATE approval SET outcome = 'CONFIRMED' WHERE outcome = 'REJECTED'", "DELETE FROM approval"):
        with pytest.raises((IntegrityError, OperationalError)):
            await connection().execute_query(change)
    assert (await propose(house, person))["__typename"] == "ApprovalPayload"


async def test_what_is_not_frozen_or_was_proposed_already_is_told_by_type(house: World) -> None:
    person = await frozen(house)
    key = str(uuid4())
    approval = (await propose(house, person, idempotencyKey=key))["approval"]["id"]
    assert (await propose(house, person, idempotencyKey=key))["approval"]["id"] == approval
    twice = await propose(house, person, "risk2")
    assert (twice["__typename"], twice["approvalId"]) == ("ApprovalPending", approval)
    other = await propose(house, person, idempotencyKey=key, note="Another note, also long.")
    assert other["__typename"] == "IdempotencyConflict"
    await check(house, "ConfirmRelease", "compliance", approval)
    late = await propose(house, person)
    assert (late["__typename"], late["status"]) == ("LineNotFrozen", "ACTIVE")
    for wrong in (encode_id("CreditLine", uuid4()), approval, "x"):
        assert (await propose(house, person, lineId=wrong))["__typename"] == "NotFound"
        gone = await check(house, "ConfirmRelease", "compliance", person.line_id if wrong == approval else wrong)
        assert gone["__typename"] == "NotFound"


async def test_a_proposal_ends_no_other_freeze_than_the_one_it_was_made_for(house: World) -> None:
    person = await frozen(house)
    approval = (await propose(house, person))["approval"]["id"]
    await house.act("ReleaseMyLine", person, lineId=person.line_id)
    ended = await check(house, "ConfirmRelease", "risk2", approval)
    assert (ended["__typename"], ended["status"]) == ("LineNotFrozen", "ACTIVE")
    await freeze(house, person)
    ended = await check(house, "ConfirmRelease", "risk2", approval)
    assert (ended["__typename"], ended["status"]) == ("LineNotFrozen", "FROZEN")
    assert await status(house, person) == "FROZEN"
    fresh = (await propose(house, person))["approval"]["id"]
    assert (await check(house, "ConfirmRelease", "risk2", fresh))["__typename"] == "ApprovalPayload"
    assert (await check(house, "RejectRelease", "risk2", approval))["approval"]["outcome"] == "REJECTED"


@pytest.mark.parametrize("note", ["", "too short", "         x", "x" * 2001])
async def test_both_words_need_a_note_of_fitting_length(house: World, note: str) -> None:
    nobody = Person("", "", "", "", line_id=encode_id("CreditLine", uuid4()))
    for answer in (
        await propose(house, nobody, note=note),
        await check(house, "ConfirmRelease", "risk", encode_id("Approval", uuid4()), note=note),
        await check(house, "RejectWording", "privacy", encode_id("Approval", uuid4()), note=note),
    ):
        assert (answer["__typename"], answer["violations"][0]["code"]) == ("InvalidInput", "NOTE_LENGTH")


async def test_notes_about_a_person_stand_sealed_in_the_file_and_not_in_the_queue(house: World) -> None:
    person = await frozen(house)
    note = "Called back: a long journey, no trouble."
    approval = (await propose(house, person, note=note))["approval"]["id"]
    row = await Approval.get(maker_note__isnull=True, outcome__isnull=True, customer_id=await own_row(person))
    assert note.encode() not in bytes(row.maker_note_sealed or b"")
    assert note not in spelled(await queue(house, "compliance"))
    asked = {"purpose": "FREEZE", "reason": "To check the proposed release.", "caseId": approval}
    file = (await house.act("OpenCustomerFile", officer("compliance"), **asked))["file"]
    assert [(told["note"], told["outcome"]) for told in file["releases"]] == [(note, None)]


async def own_row(person: Person) -> Any:
    return (await CreditLine.get(id=decode_id(person.line_id, "CreditLine"))).customer_id


async def test_an_officer_has_no_hand_in_the_own_line(house: World) -> None:
    person = await frozen(house)
    key = await own_row(person)
    other = (await propose(house, person))["approval"]["id"]
    await Staff.filter(login="compliance2").update(customer_id=key)
    try:
        for verb in ("ConfirmRelease", "RejectRelease"):
            assert (await check(house, verb, "compliance2", other))["__typename"] == "OwnAccount"
        assert other not in [node["id"] for node in await queue(house, "compliance2")]
        assert other in [node["id"] for node in await queue(house, "compliance")]
    finally:
        await Staff.filter(login="compliance2").update(customer_id=None)
    assert await status(house, person) == "FROZEN"


async def test_one_person_is_not_two_officers(house: World) -> None:
    account = await Customer.get(persona="sunyang")
    with pytest.raises(IntegrityError):
        await Staff.filter(login="risk").update(customer_id=account.id)


# ---- texts ----------------------------------------------------------------------------------------------------


def text_of(number: int) -> str:
    return next(iter(TEXTS.values())) + f"\nEdition {number}.\n"


async def propose_text(world: World, login: str = "compliance", **asked: Any) -> Any:
    asked = {"purpose": "MARKETING", "language": "en", "text": text_of(1), "note": NOTE, **asked}
    return await world.act("ProposeWording", officer(login), **asked)


async def test_a_text_is_in_force_when_a_second_person_published_it(house: World) -> None:
    person = await house.new()
    await house.grant(person, "FIRST_APPLICATION")
    asked = {"purpose": "FIRST_APPLICATION", "language": "zh-CN"}
    made = await propose_text(house, **asked)
    proposed = made["approval"]["wording"]
    present = (await house.ask("ReadConsent", {"purpose": "FIRST_APPLICATION"}, person.token))["consentWording"]
    assert present["sha256"] != proposed["sha256"]
    key = made["approval"]["id"]
    assert (await check(house, "ConfirmWording", "compliance", key))["__typename"] == "SamePerson"
    assert (await check(house, "ConfirmRelease", "risk", key))["__typename"] == "NotFound"
    assert key in [node["id"] for node in await queue(house, "privacy")]
    assert key not in [node["id"] for node in await queue(house, "risk")]
    done = await check(house, "ConfirmWording", "privacy", key)
    assert done["approval"]["outcome"] == "CONFIRMED"
    now = (await house.ask("ReadConsent", {"purpose": "FIRST_APPLICATION"}, person.token))["consentWording"]
    assert (now["sha256"], now["text"]) == (proposed["sha256"], proposed["text"])
    assert (await house.apply(person))["__typename"] == "WordingOutdated"
    assert await house.bureau_records(person) == 0
    assert (await check(house, "RejectWording", "compliance2", key))["__typename"] == "ApprovalClosed"


async def test_a_text_that_cannot_be_published_is_not_proposed(house: World) -> None:
    for asked, problem in (
        ({"text": "too short"}, "TEXT_LENGTH"),
        ({"text": "x" * 16_001}, "TEXT_LENGTH"),
        ({"language": "fr"}, "LANGUAGE_UNKNOWN"),
        ({"text": next(iter(TEXTS.values()))}, "TEXT_PUBLISHED_ALREADY"),
    ):
        answer = await propose_text(house, **asked)
        assert (answer["__typename"], answer["violations"][0]["code"]) == ("InvalidInput", problem)
    first = (await propose_text(house, text=text_of(2)))["approval"]["id"]
    pending = await propose_text(house, "compliance2", text=text_of(3))
    assert (pending["__typename"], pending["approvalId"]) == ("ApprovalPending", first)
    assert (await check(house, "RejectWording", "compliance2", first))["approval"]["outcome"] == "REJECTED"
    second = (await propose_text(house, "compliance2", text=text_of(3)))["approval"]["id"]
    assert (await check(house, "ConfirmWording", "compliance", second))["approval"]["outcome"] == "CONFIRMED"
    assert (await propose_text(house, text=text_of(3)))["__typename"] == "InvalidInput"


async def test_a_release_leaves_no_running_freeze(house: World) -> None:
    person = await frozen(house, days=30)
    approval = (await propose(house, person))["approval"]["id"]
    await check(house, "ConfirmRelease", "compliance", approval)
    (row,) = await Freeze.filter(customer_id=await own_row(person))
    assert row.released_by is not None
    assert row.released_by.startswith("approval:")
