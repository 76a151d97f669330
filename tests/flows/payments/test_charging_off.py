"""A claim that leaves the book by two people's word: still owed, earning nothing, recovered if it is paid."""

from typing import Any
from uuid import UUID

from app.api.scalars import encode_id
from app.flows.payments.banking import Told
from tests.flows.payments.loans import days_pass, drawn, pay, stands, told
from tests.flows.payments.test_correcting import NOTE, officer, put_right
from tests.flows.payments.test_trials import gid
from tests.flows.rounds import fen, figures
from tests.world import World


async def charged_off(world: World, loan: UUID) -> Any:
    made = await world.act("ProposeChargeOff", officer("risk"), loanId=gid(loan), note=NOTE)
    if made["__typename"] != "ApprovalPayload":
        return made
    return await world.act("ConfirmChargeOff", officer("compliance"), approvalId=made["approval"]["id"], note=NOTE)


async def test_a_payment_before_the_charge_off_that_comes_back_makes_the_claim_larger(house: World) -> None:
    (person, loan), (_, other) = await drawn(house, "6000.00", 3), await drawn(house, "6000.00", 3)
    day = await days_pass(house, 20)
    await told(house, person, Told.PAID, f"before-{loan}", 500_00, day, loan)
    await days_pass(house, 130)
    for of in (loan, other):
        assert (await charged_off(house, of))["__typename"] == "ApprovalPayload"
    await told(house, person, Told.RETURNED, f"before-{loan}", 500_00, day)
    assert await stands(house, loan) == await stands(house, other)


async def test_a_claim_charged_off_earns_nothing_is_still_owed_and_may_be_recovered(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 3)
    assert (await charged_off(house, loan))["violations"][0]["code"] == "LOAN_NOT_DEFAULTED"
    await days_pass(house, 125)
    owed = fen((await house.node("MyLoan", gid(loan), person))["payoff"]["total"]["amount"])
    assert (await charged_off(house, loan))["approval"]["outcome"] == "CONFIRMED"
    _, _, balances = await stands(house, loan)
    book = {account.value: total for account, total in balances.items()}
    assert (book["CHARGED_OFF"], set(book) & {"LOAN_PRINCIPAL", "INTEREST_RECEIVABLE"}) == (owed, set())
    line = await figures(house, person)
    assert (line["balance"], line["available"]) == (6_000_00, line["limit"] - 6_000_00)
    await days_pass(house, 60)
    shown = await house.node("MyLoan", gid(loan), person)
    assert (shown["status"], fen(shown["payoff"]["total"]["amount"])) == ("CHARGED_OFF", owed)
    assert (await house.draw(person, "100.00"))["__typename"] == "LineInArrears"
    first = await pay(house, person, loan, 1_000_00)
    assert fen((await house.node("MyLoan", gid(loan), person))["payoff"]["total"]["amount"]) == owed - 1_000_00
    await pay(house, person, loan, owed - 1_000_00 + 3)
    status, _, balances = await stands(house, loan)
    book = {account.value: total for account, total in balances.items()}
    assert (await figures(house, person))["balance"] == 0
    assert (status, book["RECOVERY_INCOME"], book["CUSTOMER_CREDIT"]) == ("REPAID", -owed, -3)
    assert sum(book.values()) == 0
    # A recovery that comes back is owed again, and the claim stands as it stood.
    await put_right(house, wish="RETURNED", repaymentId=encode_id("Repayment", first))
    shown = await house.node("MyLoan", gid(loan), person)
    assert (shown["status"], shown["payoff"]["total"]["amount"]) == ("CHARGED_OFF", "999.97")
    assert shown["corrections"]["nodes"][-1]["kind"] == "CHARGED_OFF"
