"""The heart, from outside: the bureau's own count, the ledger and what the customer is told, after every step."""

import pytest

from tests.world import Person, World


async def told(world: World, person: Person) -> tuple[int, int, int]:
    """Bureau's records, the customer's count, and the inquiries listed: all three must agree."""
    listed = (await world.ask("WhoLookedAtMyCredit", {}, person.token))["viewer"]["inquiries"]["nodes"]
    return await world.bureau_records(person), await world.inquiry_count(person), len(listed)


async def whole_story(world: World) -> None:
    person = await world.new()
    assert await told(world, person) == (0, 0, 0)
    assert (await world.apply(person))["__typename"] == "ConsentRequired"
    assert await told(world, person) == (0, 0, 0)

    application = await world.decided(person, "12000.00")
    assert application["decision"]["outcome"] == "APPROVED"
    assert application["decision"]["inquiry"] == {
        **application["decision"]["inquiry"],
        "number": 1,
        "status": "ANSWERED",
    }
    assert await told(world, person) == (1, 1, 1)

    accepted = await world.act("AcceptOffer", person, applicationId=application["id"])
    person.line_id = accepted["line"]["id"]
    for _ in range(100):
        assert (await world.quote(person))["__typename"] == "QuotePayload"
    for _ in range(20):
        estimate = await world.ask("LimitEstimate", {"input": {"lineId": person.line_id}}, person.token)
        assert estimate["limitEstimate"]["__typename"] == "LimitEstimatePayload"
    for _ in range(25):
        await world.ask("Home", {}, person.token)
        await world.ask("MyRecords", {"first": 5}, person.token)
    assert await told(world, person) == (1, 1, 1)

    drawn = await world.draw(person, "6000.00")
    assert drawn["__typename"] == "DrawLoanPayload"
    await world.settle()
    loan = await world.node("MyLoan", drawn["loan"]["id"], person)
    assert loan["status"] == "CURRENT"
    for amount in ("500.00", "700.50"):
        paid = await world.act("Repay", person, loanId=loan["id"], amount={"amount": amount, "currency": "CNY"})
        assert paid["__typename"] == "MakeRepaymentPayload"
    assert await told(world, person) == (1, 1, 1)

    more = {"lineId": person.line_id, "limit": {"amount": "20000.00", "currency": "CNY"}}
    assert (await world.act("AskForMore", person, **more))["__typename"] == "ConsentRequired"
    assert await told(world, person) == (1, 1, 1)
    await world.grant(person, "LIMIT_INCREASE")
    asked = await world.act("AskForMore", person, **more)
    await world.settle()
    increase = await world.node("MyIncrease", asked["limitIncrease"]["id"], person)
    assert (increase["status"], increase["limitGranted"]) == ("APPROVED", {"amount": "20000.00"})
    assert await told(world, person) == (2, 2, 2)


async def test_the_bureau_is_asked_once_for_the_line_and_once_for_the_increase(world: World) -> None:
    await whole_story(world)


@pytest.mark.postgres
async def test_the_same_holds_on_postgresql_and_redis(pg_world: World) -> None:
    await whole_story(pg_world)
