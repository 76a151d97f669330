"""PostgreSQL stores no NUL: a text that holds one is refused in words and never a fault."""

import json
from typing import Any

import pytest

from tests.flows.policies import document, officer
from tests.world import World

WORDS = "words \x00 that are long enough"
NOTE = "A note that is long enough."
LESS = {"amount": "100.00", "currency": "CNY"}


@pytest.mark.postgres
async def test_a_nul_in_any_text_is_a_typed_refusal(pg_world: World) -> None:
    world = pg_world
    person = await world.with_line()
    signable = await world.signable(person)
    acts: list[tuple[str, dict[str, Any], set[str]]] = [
        ("Draw", {**signable, "use": "TRAVEL\x00"}, {"InvalidInput"}),
        ("Draw", {**signable, "oneTimeCode": "\x00"}, {"CodeWrong"}),
        ("Draw", {**signable, "disclosureSha256": "\x00"}, {"DisclosureRequired"}),
        ("Draw", {**signable, "quoteId": "q1.\x00"}, {"QuoteStale"}),
        ("FreezeMyLine", {"lineId": person.line_id, "reason": "a \x00 test"}, {"InvalidInput"}),
        ("FreezeMyLine", {"lineId": person.line_id + "\x00", "reason": "a test"}, {"NotFound"}),
    ]
    for operation, asked, refusals in acts:
        assert (await world.act(operation, person, **asked))["__typename"] in refusals, (operation, asked)
    for member in ("wordingSha256", "language", "channel"):
        assert (await world.grant(person, "MARKETING", **{member: "x\x00"}))["__typename"] == "InvalidInput", member
    other = await world.new()
    for member in ("name", "idNumber", "phone"):
        refused = await world.apply(other, applicant={**other.applicant, member: other.applicant[member] + "\x00"})
        assert refused["__typename"] == "InvalidInput", member


@pytest.mark.postgres
async def test_a_nul_in_any_word_about_a_case_is_a_typed_refusal(pg_world: World) -> None:
    world = pg_world
    person = await world.with_line()
    line, policy = (
        {"lineId": person.line_id},
        {"document": json.dumps(document("a-1")), "effectiveFrom": "2027-01-01"},
    )
    wording = {"purpose": "MARKETING", "language": "en"}
    acts: list[tuple[str, str, dict[str, Any], str]] = [
        ("ProposePolicy", "risk", {**policy, "note": WORDS}, "InvalidInput"),
        ("ProposePolicy", "risk", {**policy, "document": "\x00", "note": NOTE}, "PolicyRefused"),
        ("ProposeWording", "compliance", {**wording, "text": "words " * 60, "note": WORDS}, "InvalidInput"),
        ("ProposeWording", "compliance", {**wording, "text": WORDS * 60, "note": NOTE}, "InvalidInput"),
        ("DecreaseLimit", "risk", {**line, "limit": LESS, "reason": WORDS}, "InvalidInput"),
        ("AgreeToRule", "risk", {"rule": "\x00", "day": "2026-11-26", "lines": 1, "note": NOTE}, "NotFound"),
        ("AgreeToRule", "risk", {"rule": "X", "day": "2026-11-26", "lines": 1, "note": WORDS}, "InvalidInput"),
    ]
    for operation, login, asked, refusal in acts:
        told = await world.act(operation, officer(login), **asked)
        assert told["__typename"] == refusal, (operation, asked)
    for operation, asked in (
        ("AppealFreeze", {**line, "text": WORDS}),
        ("RequestCorrection", {"field": "BUREAU_RECORD", "evidence": WORDS}),
        ("RequestReview", {"decisionId": person.line_id, "reason": WORDS}),
    ):
        assert (await world.act(operation, person, **asked))["__typename"] in {"InvalidInput", "NotFound"}, operation
    shown = await world.ask("Policies", {"segment": "\x00", "first": 1}, officer("risk").token)
    assert shown["oversight"]["policies"]["nodes"] == []
