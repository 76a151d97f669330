"""What the calendar does to quotes, offers and waiting times."""

from datetime import datetime

from models.plumbing import BusinessClockRow
from tests.world import World


async def test_a_quote_of_half_an_hour_ago_is_stale(world: World) -> None:
    person = await world.with_line()
    asked = await world.signable(person)
    clock = await BusinessClockRow.get(id=1)
    clock.offset_seconds += 31 * 60
    await clock.save(update_fields=["offset_seconds"])
    sent = await world.act("SendSigningCode", person, quoteId=asked["quoteId"])
    assert sent["__typename"] == "QuoteStale"
    assert (await world.act("Draw", person, **asked))["__typename"] in {"CodeWrong", "QuoteStale"}
    assert (await world.ask("Home", {}, person.token))["viewer"]["line"]["loans"]["nodes"] == []


async def test_a_decline_is_followed_by_a_waiting_time_and_an_offer_ends(world: World) -> None:
    declined, approved = await world.new("DECLINED"), await world.new()
    seen = await world.decided(declined)
    assert seen["decision"]["outcome"] == "DECLINED"
    await world.grant(declined)
    soon = await world.apply(declined)
    assert soon["__typename"] == "TooSoon"
    offer = (await world.decided(approved))["offer"]
    days = (datetime.fromisoformat(offer["validUntil"]) - world.house.desk.clock.now()).days
    await world.advance(days + 1)
    application = (await world.ask("MyRecords", {"first": 1}, approved.token))["viewer"]["applications"]["nodes"][0]
    late = await world.act("AcceptOffer", approved, applicationId=application["id"])
    assert late["__typename"] in {"OfferExpired", "ApplicationNotOpen"}
    assert await world.bureau_records(declined) == 1
