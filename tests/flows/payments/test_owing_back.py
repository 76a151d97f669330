"""Credit that was refunded out of a payment which then came back: shown, told, paid like a debt, and never by magic."""

from typing import Any
from uuid import UUID, uuid4

from app.domain.auditing.rules import AuditRuleId
from app.flows.audit.looks import LOOKS
from app.flows.audit.looks.scan import FIRST, Sight
from app.flows.payments.banking import Outcome, Told
from models.lending.payments import Payment
from tests.flows.payments.loans import drawn, pay, today, told
from tests.flows.payments.test_paying import credit, pay_all, trial
from tests.flows.payments.test_trials import cny, gid
from tests.flows.rounds import books_agree, customer_id
from tests.world import Person, World


async def owing(world: World) -> tuple[Person, UUID]:
    """Somebody with an open loan of 1,000.00 who was refunded 500.00 of a payment of 1,500.00, which then came back."""
    person, loan = await drawn(world, "1000.00", 3)
    await pay(world, person, loan, 1_500_00)
    paid = await Payment.get(customer_id=await customer_id(person))
    assert (await world.act("RefundCredit", person))["__typename"] == "RefundCreditPayload"
    await world.settle()
    outcome = await told(world, person, Told.RETURNED, paid.reference, 1_500_00, await today(world))
    assert outcome is Outcome.UNDONE
    return person, loan


async def owed_back(world: World, person: Person) -> Any:
    shown = (await credit(world, person))["credit"]
    assert shown["held"]["amount"] == "0.00"
    return shown["owedBack"]


async def all_is_right(world: World, person: Person) -> None:
    """The ledger of the person and the audit of all credit."""
    assert await books_agree(person) == []
    desk = world.house.desk
    now = await desk.refresh_clock()
    looks = [look for look in LOOKS if look.rule is AuditRuleId.CREDIT_NOT_THE_PAYMENTS]
    seen = [await look.page(Sight(desk, now, now.date(), now.date()), FIRST, {}) for look in looks]
    assert [(page.rows > 0, page.faults) for page in seen] == [(True, ())] * 3


async def test_what_is_owed_back_is_shown_told_and_stops_new_borrowing(house: World) -> None:
    person, _ = await owing(house)
    shown = await owed_back(house, person)
    assert (shown["amount"]["amount"], shown["reason"]) == ("500.00", "REFUNDED_THEN_RETURNED")
    assert "返还" in shown["message"]
    assert [(row["amount"]["amount"], row["undoneAs"]) for row in shown["payments"]] == [("1500.00", "RETURNED")]
    notices = (await house.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"]
    assert [row["title"] for row in notices].count("有退款需要返还") == 1
    line = (await house.ask("WhatICanDo", {}, person.token))["viewer"]["line"]
    assert line["canDraw"]["reason"] == line["canRequestIncrease"]["reason"] == "LINE_IN_ARREARS"
    await all_is_right(house, person)


async def test_what_is_owed_back_is_paid_before_what_is_ahead_and_again_if_that_payment_returns(house: World) -> None:
    person, loan = await owing(house)
    shown = await trial(house, person, 700_00)
    assert (shown["paidBack"]["amount"], shown["parts"][0]["amount"]["amount"]) == ("500.00", "200.00")
    paid = (await pay_all(house, person, 700_00, of=shown["id"]))["payment"]
    assert (paid["paidBack"]["amount"], paid["repayments"][0]["amount"]["amount"]) == ("500.00", "200.00")
    assert await owed_back(house, person) is None
    await all_is_right(house, person)
    row = await Payment.filter(customer_id=await customer_id(person)).order_by("-id").first()
    assert row is not None
    assert await told(house, person, Told.RETURNED, row.reference, 700_00, await today(house)) is Outcome.UNDONE
    assert (await owed_back(house, person))["amount"]["amount"] == "500.00"
    notices = (await house.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"]
    assert [row["title"] for row in notices].count("有退款需要返还") == 2
    await pay(house, person, loan, 1_000_00)
    assert (await pay_all(house, person, 500_01))["violations"][0]["code"] == "MORE_THAN_OWED_BACK"
    key = str(uuid4())
    both = [await house.act("MakePayment", person, amount=cny(500_00), idempotencyKey=key) for _ in range(2)]
    assert both[0]["payment"]["id"] == both[1]["payment"]["id"]
    assert await owed_back(house, person) is None
    certificate = await house.ask("SettlementCertificate", {"input": {"loanId": gid(loan)}}, person.token)
    assert certificate["settlementCertificate"]["__typename"] == "SettlementCertificatePayload"
    await all_is_right(house, person)


async def test_a_trial_agrees_to_one_payment_of_what_is_owed_back(house: World) -> None:
    person, _ = await owing(house)
    shown = await trial(house, person, 100_00)
    both = [(await pay_all(house, person, 100_00, of=shown["id"]))["__typename"] for _ in range(2)]
    assert both == ["MakePaymentPayload", "TrialStale"]
    assert (await owed_back(house, person))["amount"]["amount"] == "400.00"
