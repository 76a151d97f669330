"""What is shown as possible is what the act takes, and what is shown as impossible it refuses, for the same reason."""

from typing import Any
from uuid import uuid4

from app.api.scalars import encode_id
from tests.flows.days.collecting import loan_of, to_due_day
from tests.world import Person, World

# what a flag says, and what the act answers then
ANSWERS = {
    "LINE_FROZEN": "LineNotActive",
    "LINE_CLOSED": "LineNotActive",
    "LINE_IN_ARREARS": "LineInArrears",
    "LIMIT_USED_UP": "LimitExceeded",
    "TOO_SOON": "TooSoon",
    "NOT_CLEAR": "AccountNotClear",
    "LOAN_SETTLED": "InvalidInput",
    "LOAN_NOT_PAID_OUT": "InvalidInput",
}


async def flags(world: World, person: Person) -> Any:
    return (await world.ask("WhatICanDo", {}, person.token))["viewer"]["line"]


async def drawn(world: World, person: Person, amount: str = "100.00") -> str:
    """What a draw of the least amount comes to: quoted first where a quote is given at all."""
    quoted = await world.quote(person, amount)
    if quoted["__typename"] != "QuotePayload":
        return str(quoted["__typename"])
    return str((await world.draw(person, amount))["__typename"])


async def asked_for_more(world: World, person: Person) -> str:
    await world.grant(person, "LIMIT_INCREASE")
    more = {"amount": "6000.00", "currency": "CNY"}
    return str((await world.act("AskForMore", person, lineId=person.line_id, limit=more))["__typename"])


async def agree(world: World, person: Person, flag: str, answered: str, taken: str) -> str | None:
    """Hold a flag against what the act answered; the reason that it gave."""
    told = (await flags(world, person))[flag]
    reason: str | None = told["reason"]
    if reason is None:
        assert told == {"allowed": True, "reason": None, "message": None, "allowedFrom": None}
        assert answered == taken
    else:
        assert not told["allowed"]
        assert told["message"]
        assert ANSWERS[reason] == answered
    return reason


async def test_drawing_is_shown_as_it_is_taken(world: World) -> None:
    person = await world.with_line()
    assert (await flags(world, person))["canDraw"]["allowed"]
    assert await drawn(world, person) == "DrawLoanPayload"
    await world.draw(person, "4850.00")
    await world.settle()
    assert await agree(world, person, "canDraw", await drawn(world, person), "") == "LIMIT_USED_UP"
    await world.act("FreezeMyLine", person, lineId=person.line_id, reason="a look")
    assert await agree(world, person, "canDraw", await drawn(world, person), "") == "LINE_FROZEN"
    assert await agree(world, person, "canRequestIncrease", await asked_for_more(world, person), "") == "LINE_FROZEN"


async def test_a_late_line_is_shown_as_one_that_draws_nothing(world: World) -> None:
    person = await world.with_line()
    loan = await loan_of((await world.draw(person, "1000.00", 3))["loan"]["id"])
    await world.settle()
    await to_due_day(world, loan, later=1)
    assert (await flags(world, person))["canDraw"]["reason"] == "LINE_IN_ARREARS"
    assert await drawn(world, person) == "LineInArrears"
    assert (
        await agree(world, person, "canRequestIncrease", await asked_for_more(world, person), "") == "LINE_IN_ARREARS"
    )
    trial = await world.ask("LimitEstimate", {"input": {"lineId": person.line_id}}, person.token)
    told = trial["limitEstimate"]["estimate"]
    assert (told["inquiryCouldHelp"], [one["code"] for one in told["reasons"]]) == (False, ["LINE_IN_ARREARS"])


async def test_asking_for_more_and_closing_are_shown_as_they_are_taken(world: World) -> None:
    person = await world.with_line()
    assert (await flags(world, person))["canRequestIncrease"]["allowed"]
    assert await asked_for_more(world, person) == "RequestLimitIncreasePayload"
    told = (await flags(world, person))["canRequestIncrease"]
    assert (told["reason"], told["allowedFrom"] is not None) == ("TOO_SOON", True)
    assert await asked_for_more(world, person) == "TooSoon"
    assert (await flags(world, person))["canClose"]["reason"] == "NOT_CLEAR"
    refused = await world.act("CloseAccount", person)
    assert refused["__typename"] == "AccountNotClear"
    await world.settle()
    assert (await flags(world, person))["canClose"]["allowed"]
    assert (await world.act("CloseAccount", person))["__typename"] == "CloseAccountPayload"
    assert (await flags(world, person))["canDraw"]["reason"] == "LINE_CLOSED"


async def test_paying_is_shown_as_it_is_taken(world: World) -> None:
    person = await world.with_line()
    loan_id = (await world.draw(person, "1000.00", 3))["loan"]["id"]
    paid = {"loanId": loan_id, "amount": {"amount": "2000.00", "currency": "CNY"}}

    async def of_loan(flag: str) -> Any:
        (shown,) = (await flags(world, person))["loans"]["nodes"]
        return shown[flag]["reason"]

    async def refusal() -> list[str]:
        answer = await world.act("Repay", person, idempotencyKey=str(uuid4()), **paid)
        return [one["code"] for one in answer["violations"]]

    assert [await of_loan("canRepay")] == await refusal() == ["LOAN_NOT_PAID_OUT"]
    await world.settle()
    assert (await of_loan("canRepay"), await of_loan("canPrepay")) == (None, None)
    await to_due_day(world, await loan_of(loan_id), number=3)
    shown = await world.ask("PrepaymentPreview", {"input": paid}, person.token)
    assert [await of_loan("canPrepay")] == [one["code"] for one in shown["prepaymentPreview"]["violations"]]
    assert await of_loan("canPrepay") == "NOTHING_AHEAD"
    assert (await world.act("Repay", person, **paid))["__typename"] == "MakeRepaymentPayload"
    assert [await of_loan("canRepay")] == await refusal() == ["LOAN_SETTLED"]
    assert encode_id("Loan", (await loan_of(loan_id)).id) == loan_id
