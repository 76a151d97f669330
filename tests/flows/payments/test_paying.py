"""One payment for several loans, and what was paid too much on its way back to the customer."""

from typing import Any
from uuid import UUID, uuid4

import httpx2

from app.api.scalars import decode_id
from app.doors.payments import Payments
from app.flows.payments.banking import Told
from models.lending.payments import CreditRefund, Payment
from models.loans import Repayment
from tests.flows.payments.loans import days_pass, drawn, today, told
from tests.flows.payments.test_trials import cny, gid
from tests.flows.rounds import books_agree, fen, together
from tests.world import Person, World

NOBODY_LISTENS = "http://127.0.0.1:9"


async def trial(world: World, person: Person, minor: int, first: UUID | None = None) -> Any:
    asked = {"amount": cny(minor), "firstLoanId": gid(first) if first else None}
    return (await world.ask("RepaymentTrial", {"input": asked}, person.token))["repaymentTrial"]["trial"]


async def pay_all(world: World, person: Person, minor: int, first: UUID | None = None, of: str | None = None) -> Any:
    more = {"firstLoanId": gid(first) if first else None, "trialId": of}
    return await world.act("MakePayment", person, amount=cny(minor), **more)


def split(told: Any, whose: str) -> dict[str, str]:
    return {part["loan"]["id"]: part["amount"]["amount"] for part in told[whose]}


async def credit(world: World, person: Person) -> Any:
    return (await world.ask("MyPayments", {}, person.token))["viewer"]


async def overpaid(world: World, too_much: int) -> tuple[Person, UUID]:
    """Somebody who paid a loan of 1,000.00 off on its day, and so many fen more."""
    person, loan = await drawn(world, "1000.00", 3)
    paid = await world.act("Repay", person, loanId=gid(loan), amount=cny(100_000 + too_much))
    assert paid["loan"]["status"] == "REPAID"
    return person, loan


async def at_the_bank(world: World, reference: UUID) -> list[tuple[str, int]]:
    async with httpx2.AsyncClient(base_url=world.payments_url, trust_env=False) as http:
        moved = (await http.get("/movements", params={"limit": 500})).json()["movements"]
    return [(row["status"], row["attempt"]) for row in moved if row["reference"] == str(reference)]


# ---- several loans ----------------------------------------------------------------------------------------


async def test_what_is_due_is_paid_first_and_what_costs_more_before_it(house: World) -> None:
    person, late = await drawn(house, "6000.00", 3)
    await days_pass(house, 25)
    _, fresh = await drawn(house, "6000.00", 3, person=person)
    await days_pass(house, 20)
    due = fen((await house.node("MyLoan", gid(late), person))["instalments"][0]["outstanding"]["amount"])
    shown = await trial(house, person, due + 500_00)
    # Once that is paid nothing is late: the rates are one, and the fresh loan is the next to fall due.
    assert split(shown, "parts") == {gid(late): cny(due)["amount"], gid(fresh): "500.00"}
    paid = await pay_all(house, person, due + 500_00, of=shown["id"])
    assert split(paid["payment"], "repayments") == split(shown, "parts")
    assert await books_agree(person) == []


async def test_the_loan_that_the_customer_names_is_paid_before_the_law_is_asked(house: World) -> None:
    person, one = await drawn(house, "2000.00", 3)
    _, two = await drawn(house, "1000.00", 3, person=person)
    shown = await trial(house, person, 1_500_00, first=two)
    assert split(shown, "parts") == {gid(two): "1000.00", gid(one): "500.00"}
    paid = await pay_all(house, person, 1_500_00, first=two, of=shown["id"])
    assert {part["loan"]["id"]: part["loan"]["status"] for part in paid["payment"]["repayments"]} == {
        gid(two): "REPAID",
        gid(one): "CURRENT",
    }


async def test_a_split_that_is_no_longer_so_is_refused(house: World) -> None:
    person, one = await drawn(house, "2000.00", 3)
    shown = await trial(house, person, 500_00)
    _, two = await drawn(house, "2000.00", 3, person=person)
    assert (await pay_all(house, person, 500_00, of=shown["id"]))["__typename"] == "TrialStale"
    assert await Repayment.filter(loan_id__in=[one, two]).count() == 0


async def test_what_no_loan_takes_is_a_credit(house: World) -> None:
    person, _ = await drawn(house, "2000.00", 3)
    await drawn(house, "1000.00", 3, person=person)
    shown = await trial(house, person, 3_000_07)
    assert shown["credit"]["amount"] == "0.07"
    key = str(uuid4())
    paid = [await house.act("MakePayment", person, amount=cny(3_000_07), idempotencyKey=key) for _ in range(2)]
    assert paid[0]["payment"]["id"] == paid[1]["payment"]["id"]
    assert (await credit(house, person))["credit"]["held"]["amount"] == "0.07"
    refused = await pay_all(house, person, 1)
    assert refused["violations"][0]["code"] == "NOTHING_OWED"
    assert await books_agree(person) == []


# ---- credit that goes back --------------------------------------------------------------------------------


async def test_an_overpayment_is_paid_back_once_and_then_blocks_no_closing(house: World) -> None:
    person, _ = await overpaid(house, 5_00)
    asked = {"accountId": None}
    del asked
    before = await house.act("CloseAccount", person)
    assert [blocker["kind"] for blocker in before["blockers"]] == ["CREDIT_TO_REFUND"]
    key = str(uuid4())
    made = await together(*[lambda: house.act("RefundCredit", person, idempotencyKey=key)] * 3)
    ids = {answer["refund"]["id"] for answer in made if answer["__typename"] == "RefundCreditPayload"}
    assert len(ids) == 1
    assert [b["kind"] for b in (await house.act("CloseAccount", person))["blockers"]] == ["CREDIT_TO_REFUND"]
    under_way = await house.act("RefundCredit", person)
    assert under_way["violations"][0]["code"] == "REFUND_UNDER_WAY"
    await house.settle()
    (refund,) = await CreditRefund.filter(id=decode_id(next(iter(ids)), "CreditRefund"))
    assert (refund.state, await at_the_bank(house, refund.id)) == ("PAID", [("PAID", 1)])
    shown = await credit(house, person)
    assert (shown["credit"]["held"]["amount"], shown["creditRefunds"]["nodes"][0]["state"]) == ("0.00", "PAID")
    assert (await house.act("RefundCredit", person))["violations"][0]["code"] == "NO_CREDIT"
    assert await books_agree(person) == []
    assert (await house.act("CloseAccount", person))["__typename"] == "CloseAccountPayload"


async def test_a_refund_that_fails_in_passing_is_tried_again_and_paid_once(house: World) -> None:
    person, _ = await overpaid(house, 7_01)
    refund = decode_id((await house.act("RefundCredit", person))["refund"]["id"], "CreditRefund")
    await house.settle()
    assert await at_the_bank(house, refund) == [("PAID", 2)]
    assert (await credit(house, person))["credit"]["held"]["amount"] == "0.00"


async def test_a_refund_that_the_bank_returns_is_the_customers_credit_again(house: World) -> None:
    person, _ = await overpaid(house, 7_02)
    await house.act("RefundCredit", person)
    await house.settle()
    shown = await credit(house, person)
    assert (shown["credit"]["held"]["amount"], shown["creditRefunds"]["nodes"][0]["state"]) == ("7.02", "FAILED")
    assert await books_agree(person) == []
    again, _ = await overpaid(house, 9_00)
    refund = decode_id((await house.act("RefundCredit", again))["refund"]["id"], "CreditRefund")
    await house.settle()
    day = await today(house)
    assert await told(house, again, Told.RETURNED, str(refund), 9_00, day) == "UNDONE"
    assert (await credit(house, again))["credit"]["held"]["amount"] == "9.00"
    assert await books_agree(again) == []


async def test_a_crash_between_the_commit_of_a_refund_and_its_sending_pays_once(house: World) -> None:
    person, _ = await overpaid(house, 6_00)
    refund = decode_id((await house.act("RefundCredit", person))["refund"]["id"], "CreditRefund")
    desk, usual = house.house.desk, house.house.desk.payments
    desk.payments = Payments(NOBODY_LISTENS, 1.0)
    try:
        await house.settle_once()
    finally:
        await desk.payments.close()
        desk.payments = usual
    assert (await CreditRefund.get(id=refund)).state == "SENT"
    await house.settle()
    assert await at_the_bank(house, refund) == [("PAID", 1)]
    assert await Payment.filter(customer_id=(await CreditRefund.get(id=refund)).customer_id).count() == 1
