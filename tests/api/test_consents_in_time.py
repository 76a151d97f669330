"""What time and a new text do to a consent that was given."""

import hashlib

from tests.api.rows import row_counts
from tests.api.test_consents import asked_for_consent, statuses
from tests.world import World

PUBLISH = "mutation P($purpose: ConsentPurpose!) { sandboxPublishWording(purpose: $purpose) { sha256 version } }"


async def test_an_agreement_expires_after_thirty_days(world: World) -> None:
    person = await world.new()
    await world.grant(person)
    await world.skip(31)
    assert (await statuses(world, person))["FIRST_APPLICATION"] == "EXPIRED"
    await asked_for_consent(world, person)


async def test_a_used_agreement_opens_nothing_again(world: World) -> None:
    person = await world.new()
    application = await world.decided(person)
    await world.skip(31)
    assert (await world.node("MyApplication", application["id"], person))["status"] == "EXPIRED"
    assert (await statuses(world, person))["FIRST_APPLICATION"] == "USED"
    assert (await world.apply(person))["__typename"] == "ConsentRequired"
    line = await world.with_line()
    limit = {"amount": "20000.00", "currency": "CNY"}
    more = await world.act("AskForMore", line, lineId=line.line_id, limit=limit)
    assert (more["__typename"], more["purpose"]) == ("ConsentRequired", "LIMIT_INCREASE")
    await world.settle()
    assert (await world.bureau_records(person), await world.bureau_records(line)) == (1, 1)


async def test_an_outdated_text_is_refused_with_the_present_one_and_the_old_consent_keeps_its_words(
    world: World,
) -> None:
    person, reader = await world.new(), await world.new()
    kept = await world.grant(person)
    old = (await world.ask("ReadConsent", {"purpose": "FIRST_APPLICATION"}, reader.token))["consentWording"]
    await world.ask(PUBLISH, {"purpose": "FIRST_APPLICATION"})
    new = (await world.ask("ReadConsent", {"purpose": "FIRST_APPLICATION"}, reader.token))["consentWording"]
    assert new["sha256"] != old["sha256"]

    before = await row_counts()
    late = await world.grant(reader, wordingSha256=old["sha256"])
    assert (late["__typename"], late["wording"]["sha256"]) == ("WordingOutdated", new["sha256"])
    assert hashlib.sha256(late["wording"]["text"].encode()).hexdigest() == new["sha256"]
    applied = await world.apply(person)
    assert (applied["__typename"], applied["wording"]["sha256"]) == ("WordingOutdated", new["sha256"])
    assert await row_counts() == before

    query = "query($id: ID!) { node(id: $id) { ... on Consent { wording { sha256 text version } } } }"
    shown = (await world.ask(query, {"id": kept["consent"]["id"]}, person.token))["node"]["wording"]
    assert (shown["sha256"], shown["text"], shown["version"]) == (old["sha256"], old["text"], old["version"])
    await world.settle()
    assert await world.bureau_records(person) == 0
