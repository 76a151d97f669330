"""One consent opens one door once, on the words that were shown; every other answer opens none."""

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app.api.reading import credit
from models.consent import ReportReading
from tests.api.rows import row_counts
from tests.world import Person, World

BUREAU = ("FIRST_APPLICATION", "LIMIT_INCREASE")
OTHERS = ("PAYMENTS", "WEALTH", "LIFE_SERVICES", "SOCIAL", "REPORTING", "MARKETING")


async def statuses(world: World, person: Person) -> dict[str, str]:
    """The newest answer of the person for each purpose."""
    nodes = (await world.ask("MyRecords", {"first": 50}, person.token))["viewer"]["consents"]["nodes"]
    return {node["purpose"]: node["status"] for node in reversed(nodes)}


async def asked_for_consent(world: World, person: Person, purpose: str = "FIRST_APPLICATION") -> None:
    """Applying is refused, with the words to agree to; the bureau hears nothing, no row is written."""
    await world.settle()
    before = await row_counts()
    answer = await world.apply(person)
    assert (answer["__typename"], answer["purpose"]) == ("ConsentRequired", purpose)
    assert len(answer["wording"]["sha256"]) == 64
    await world.settle()
    assert await row_counts() == before
    assert (await world.bureau_records(person), await world.inquiry_count(person)) == (0, 0)


async def test_without_a_consent_the_wording_comes_back(room: World) -> None:
    await asked_for_consent(room, await room.new())


async def test_consents_of_every_other_purpose_open_nothing(room: World) -> None:
    person = await room.new()
    for purpose in (*OTHERS, "LIMIT_INCREASE"):
        await room.grant(person, purpose)
    await asked_for_consent(room, person)


async def test_a_refusal_opens_nothing_even_after_an_agreement(room: World) -> None:
    person = await room.new()
    refused = await room.act("RefuseConsent", person, purpose="FIRST_APPLICATION")
    assert refused["consent"]["status"] == "REFUSED"
    again = datetime.fromisoformat(refused["consent"]["notAskedAgainBefore"])
    assert timedelta(days=29) < again - datetime.now(UTC) <= timedelta(days=30)  # noqa: TID251 - an outsider's clock
    await asked_for_consent(room, person)
    given = await room.grant(person)
    await room.act("RefuseConsent", person, purpose="FIRST_APPLICATION")
    await asked_for_consent(room, person)
    listed = (await room.ask("MyRecords", {"first": 50}, person.token))["viewer"]["consents"]["nodes"]
    assert {node["id"]: node["status"] for node in listed}[given["consent"]["id"]] == "SUPERSEDED"
    await room.grant(person)
    assert (await room.apply(person))["__typename"] == "SubmitApplicationPayload"


async def test_a_withdrawn_consent_opens_nothing(room: World) -> None:
    person = await room.new()
    given = await room.grant(person)
    withdrawn = await room.act("WithdrawConsent", person, consentId=given["consent"]["id"])
    assert withdrawn["consent"]["status"] == "WITHDRAWN"
    twice = await room.act("WithdrawConsent", person, consentId=given["consent"]["id"])
    assert twice["consent"] == withdrawn["consent"]
    await asked_for_consent(room, person)


async def test_withdrawing_before_the_bureau_was_asked_ends_the_application(room: World) -> None:
    person = await room.new()
    given = await room.grant(person)
    application = (await room.apply(person))["application"]
    await room.act("WithdrawConsent", person, consentId=given["consent"]["id"])
    await room.settle()
    seen = await room.node("MyApplication", application["id"], person)
    assert (seen["status"], seen["decision"], seen["pollAfterMs"]) == ("WITHDRAWN", None, None)
    assert await room.bureau_records(person) == 0
    await asked_for_consent(room, person)


async def test_withdrawing_after_the_decision_changes_nothing_that_was_done(room: World) -> None:
    person = await room.new()
    application = await room.decided(person)
    used = (await room.ask("WhoLookedAtMyCredit", {}, person.token))["viewer"]["inquiries"]["nodes"][0]["consent"]
    assert used["status"] == "USED"
    withdrawn = await room.act("WithdrawConsent", person, consentId=used["id"])
    assert withdrawn["consent"]["status"] == "WITHDRAWN"
    assert (await room.node("MyApplication", application["id"], person)) == application
    assert await room.bureau_records(person) == 1


async def test_only_the_newest_agreement_of_a_purpose_lives(room: World) -> None:
    person = await room.new()
    first, second = await room.grant(person), await room.grant(person)
    nodes = (await room.ask("MyRecords", {"first": 50}, person.token))["viewer"]["consents"]["nodes"]
    found = {node["id"]: node["status"] for node in nodes}
    assert (found[first["consent"]["id"]], found[second["consent"]["id"]]) == ("SUPERSEDED", "GIVEN")
    assert (await room.apply(person))["__typename"] == "SubmitApplicationPayload"


async def test_a_grant_sets_one_purpose_and_refusing_another_blocks_nothing(room: World) -> None:
    person = await room.new()
    before = await statuses(room, person)
    await room.grant(person, "SOCIAL")
    assert await statuses(room, person) == {**before, "SOCIAL": "GIVEN"}
    for purpose in ("MARKETING", "SOCIAL", "REPORTING", "LIMIT_INCREASE"):
        await room.act("RefuseConsent", person, purpose=purpose)
    application = await room.decided(person)
    assert application["decision"]["outcome"] == "APPROVED"
    person.line_id = (await room.act("AcceptOffer", person, applicationId=application["id"]))["line"]["id"]
    listed = (await room.ask("MyRecords", {"first": 50}, person.token))["viewer"]["consents"]["nodes"]
    payments = next(node["id"] for node in listed if node["purpose"] == "PAYMENTS")
    await room.act("WithdrawConsent", person, consentId=payments)
    assert (await room.draw(person, "500.00"))["__typename"] == "DrawLoanPayload"
    assert (await statuses(room, person))["PAYMENTS"] == "WITHDRAWN"


async def test_the_hash_is_of_the_text_in_every_language_and_purpose(room: World) -> None:
    person = await room.new()
    query = "query($p: ConsentPurpose!) { consentWording(purpose: $p) { text sha256 language purpose } }"
    hashes = set()
    for purpose in (*BUREAU, *OTHERS):
        for language in ("zh-CN", "en"):
            asked = {"query": query, "variables": {"p": purpose}}
            answer = await room.post(asked, person.token, **{"accept-language": language})
            wording = answer.json()["data"]["consentWording"]
            assert hashlib.sha256(wording["text"].encode()).hexdigest() == wording["sha256"]
            assert (wording["language"], wording["purpose"]) == (language, purpose)
            hashes.add(wording["sha256"])
    assert len(hashes) == 16


def _wrong_evidence() -> list[tuple[dict[str, Any], list[str], str]]:
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()  # noqa: TID251 - an outsider's clock
    return [
        ({"wordingSha256": "ab" * 32}, ["wordingSha256"], "WORDING_UNKNOWN"),
        ({"wordingSha256": ""}, ["wordingSha256"], "WORDING_UNKNOWN"),
        ({"wordingSha256": "x\x00"}, ["wordingSha256"], "WORDING_UNKNOWN"),
        ({"language": "en"}, ["wordingSha256"], "WORDING_UNKNOWN"),
        ({"secondsRead": 4}, ["secondsRead"], "READ_TOO_SHORT"),
        ({"secondsRead": -1}, ["secondsRead"], "READ_TOO_SHORT"),
        ({"secondsRead": 2_000_000_000}, ["secondsRead"], "READ_TOO_SHORT"),
        ({"shownAt": ahead}, ["shownAt"], "IN_THE_FUTURE"),
        ({"shownAt": "2026-01-01T00:00:00"}, ["shownAt"], "TIME_ZONE_MISSING"),
        ({"channel": "SMOKE"}, ["channel"], "CHANNEL_UNKNOWN"),
    ]


@pytest.mark.parametrize(("changed", "path", "code"), _wrong_evidence(), ids=range(len(_wrong_evidence())))
async def test_evidence_that_does_not_hold_is_refused(
    room: World, changed: dict[str, Any], path: list[str], code: str
) -> None:
    person = await room.new()
    before = await row_counts()
    answer = await room.grant(person, **changed)
    assert answer["__typename"] == "InvalidInput"
    found = [(violation["path"], violation["code"]) for violation in answer["violations"]]
    assert found == [(["input", "evidence", *path], code)]
    assert await row_counts() == before
    await asked_for_consent(room, person)


async def test_the_text_of_another_purpose_is_no_evidence(room: World) -> None:
    person = await room.new()
    other = (await room.ask("ReadConsent", {"purpose": "LIMIT_INCREASE"}, person.token))["consentWording"]["sha256"]
    answer = await room.grant(person, wordingSha256=other)
    assert answer["violations"][0]["code"] == "WORDING_UNKNOWN"
    await asked_for_consent(room, person)


async def test_five_seconds_are_enough_and_other_purposes_force_none(room: World) -> None:
    person = await room.new()
    assert (await room.grant(person, secondsRead=5))["__typename"] == "GrantConsentPayload"
    assert (await room.grant(person, "MARKETING", secondsRead=0))["__typename"] == "GrantConsentPayload"


async def test_what_a_page_shows_of_its_consents_is_asked_once_and_not_for_each(
    room: World, caplog: pytest.LogCaptureFixture
) -> None:
    few, many = await room.new(), await room.new()
    await room.grant(few)
    for purpose in (*BUREAU, "LIMIT_INCREASE", "LIMIT_INCREASE"):
        await room.grant(many, purpose)
    query = "{ viewer { consents { nodes { purpose wording { purpose earlierInquiries { number } } } } } }"
    asked, shown = [], []
    for person in (few, many):
        with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
            caplog.clear()
            nodes = (await room.ask(query, {}, person.token))["viewer"]["consents"]["nodes"]
        asked.append(sum("SELECT" in record.getMessage() for record in caplog.records))
        assert [node["wording"]["purpose"] for node in nodes] == [node["purpose"] for node in nodes]
        shown.append(len(nodes))
    assert shown[1] - shown[0] == 3
    assert asked[0] == asked[1] > 0


async def test_the_openings_of_many_reports_are_the_newest_of_each(
    room: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await room.with_line()
    often, once = await ReportReading.all().order_by("-id").limit(2)
    monkeypatch.setattr(credit, "READINGS_MAX", 2)

    async def seen() -> list[list[UUID]]:
        asked = [often.inquiry_id, once.inquiry_id, often.inquiry_id, uuid7()]
        assert [row.inquiry_id for row in await credit.reports_of(asked) if row] == asked[:3]
        return [[row.id for row in rows] for rows in await credit.readings_of(asked)]

    assert await seen() == [[often.id], [once.id], [often.id], []]
    again = [uuid7() for _ in range(6)]
    for key in again:
        values = {name: getattr(often, name) for name in ReportReading._meta.db_fields if name != "id"}
        await ReportReading.create(id=key, **values)
    newest = sorted(again)[:-3:-1]
    assert await seen() == [newest, [once.id], newest, []]
