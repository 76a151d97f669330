"""PostgreSQL stores no NUL: a text that holds one is refused in words and never a fault."""

from typing import Any

import pytest

from tests.world import World


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
