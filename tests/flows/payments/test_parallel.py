"""The bank, the customer and two officers at once, with real commits: each thing is booked once, whatever came first."""

from functools import partial
from typing import Any

import pytest

from app.domain.lending.postings import Account
from app.flows.payments.banking import Told
from models.lending.payments import BankNotice, CreditRefund, Payment
from models.loans import Repayment
from tests.flows.payments.loans import days_pass, drawn, stands, today, told
from tests.flows.payments.test_bank import body, post, tell
from tests.flows.payments.test_paying import at_the_bank
from tests.flows.payments.test_trials import cny, gid
from tests.flows.rounds import ROUNDS, books_agree, together
from tests.world import World

pytestmark = pytest.mark.postgres


async def test_a_payment_and_its_return_at_once_end_as_if_nothing_had_come(pg_world: World) -> None:
    person, loan = await drawn(pg_world, "6000.00", 6)
    await days_pass(pg_world, 33)
    before = await stands(pg_world, loan)
    day = await today(pg_world)
    for number in range(ROUNDS):
        reference = f"both-{number}"
        paid = await body(pg_world, person, "PAID", reference, 300_00, day, loan=gid(loan))
        back = await body(pg_world, person, "RETURNED", reference, 300_00, day)
        await together(*(partial(post, pg_world, sent) for sent in (paid, back, paid, back)))
        for sent in (paid, back):
            await tell(pg_world, sent)
        outcomes = {row.outcome for row in await BankNotice.filter(reference=reference)}
        assert outcomes in ({"BOOKED", "UNDONE"}, {"NEVER_BOOKED"})
    assert await stands(pg_world, loan) == before
    assert await books_agree(person) == []


async def test_payments_of_several_hands_at_once_are_each_booked_once(pg_world: World) -> None:
    person, one = await drawn(pg_world, "3000.00", 6)
    _, two = await drawn(pg_world, "2000.00", 6, person=person)
    day = await today(pg_world)
    for number in range(ROUNDS):
        sent = await body(pg_world, person, "PAID", f"hand-{number}", 11_00, day)
        own = {"loanId": gid(one), "amount": cny(13_00)}
        every = {"amount": cny(17_00)}
        await together(
            partial(post, pg_world, sent),
            partial(post, pg_world, sent),
            partial(pg_world.act, "Repay", person, **own),
            partial(pg_world.act, "MakePayment", person, **every),
        )
        await tell(pg_world, sent)
    paid = {row.reference: row.amount_minor for row in await Payment.all()}
    assert sorted(paid.values()) == sorted([11_00, 13_00, 17_00] * ROUNDS)
    taken = sum(row.amount_minor for row in await Repayment.filter(loan_id__in=[one, two]))
    assert taken == sum(paid.values())
    assert await books_agree(person) == []


async def test_credit_asked_back_from_two_sides_goes_back_once(pg_world: World) -> None:
    for number in range(ROUNDS):
        person, loan = await drawn(pg_world, "1000.00", 3)
        day = await today(pg_world)
        await told(pg_world, person, Told.PAID, f"over-{number}", 1_004_00, day, loan)
        answers: list[Any] = await together(*[partial(pg_world.act, "RefundCredit", person)] * 3)
        kinds = sorted(answer["__typename"] for answer in answers)
        assert kinds == ["InvalidInput", "InvalidInput", "RefundCreditPayload"]
        await pg_world.settle()
        _, _, balances = await stands(pg_world, loan)
        assert Account.CUSTOMER_CREDIT not in balances
        assert Account.REFUND_PENDING not in balances
        refund = await CreditRefund.get(customer_id=(await Repayment.filter(loan_id=loan))[0].customer_id)
        assert await at_the_bank(pg_world, refund.id) == [("PAID", 1)]
