"""What is due is collected under a mandate: on its day, once, booked as a repayment like any other; the bureau is never asked."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from app.api.scalars import encode_id
from app.doors.payments import PayoutAnswer, PayoutState
from app.flows.book.end_of_day import end_of_day
from app.flows.book.payouts import AGAIN_LATER
from app.flows.days.debits import advance_debit, present_debits, settle_debit
from app.flows.payments.banking import Outcome, Told
from models.loans import Allocation, Debit, DebitMandate, Instalment, Payout, Repayment
from models.notices import Notice
from tests.flows.days.collecting import (
    agree,
    bank_behaves,
    bank_fails,
    borrower,
    business_date_of,
    debits,
    loan_of,
    tape,
    to_due_day,
)
from tests.flows.payments.loans import days_pass, told
from tests.flows.payments.test_paying import credit
from tests.flows.rounds import books_agree, fen, figures
from tests.world import World, open_world


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, bureau_url: str, payments_url: str) -> AsyncIterator[World]:
    """A house whose patience with the bank is short."""
    home: Path = tmp_path_factory.mktemp("days")
    database = f"sqlite://{home / 'book.sqlite'}"
    async with open_world(database, home, bureau_url, payments_url, payments_timeout_seconds=0.4) as opened:
        yield opened


@pytest.fixture(autouse=True)
async def _alone_with_a_good_bank(house: World) -> None:
    """No fault is left over, and nobody of an earlier test is collected from."""
    await bank_behaves(house)
    await DebitMandate.filter(ended_at__isnull=True).update(ended_at=await house.house.desk.refresh_clock())


def without_ids(shown: Any) -> Any:
    return [{**row, "id": None} for row in shown] if isinstance(shown, list) else shown


async def test_what_is_due_is_collected_on_its_day_and_booked_as_a_repayment(house: World) -> None:
    person, loan = await borrower(house)
    asked = await house.bureau_records(person)
    due_on = await to_due_day(house, loan)
    row = await Instalment.get(loan_id=loan.id, number=1)
    (repayment,) = await Repayment.filter(loan_id=loan.id)
    assert (repayment.amount_minor, repayment.effective_on) == (row.principal_minor + row.interest_minor, due_on)
    assert {line.target for line in await Allocation.filter(repayment_id=repayment.id)} == {"INTEREST", "PRINCIPAL"}
    assert await debits(loan) == [(1, "PAID", None)]
    assert await books_agree(person) == []
    assert await house.bureau_records(person) == asked


async def test_without_a_mandate_or_after_its_end_nothing_is_collected(house: World) -> None:
    _, never = await borrower(house, mandate=False)
    person, ended = await borrower(house)
    assert (await house.act("EndDebits", person, lineId=person.line_id))["__typename"] == "EndDebitsPayload"
    await to_due_day(house, ended, later=3)
    assert await debits(never) == await debits(ended) == []
    assert (await house.act("EndDebits", person, lineId=person.line_id))["__typename"] == "NotFound"


async def test_a_mandate_is_given_once_and_on_the_text_in_force_only(house: World) -> None:
    person = await house.with_line()
    other = await house.act("AgreeToDebits", person, lineId=person.line_id, textSha256="ab" * 32)
    assert [one["code"] for one in other["violations"]] == ["TEXT_OTHER"]
    first, second = await agree(house, person), await agree(house, person)
    assert first["mandate"] == second["mandate"]
    stranger = await house.with_line()
    shown = first["mandate"]["textSha256"]
    theirs = await house.act("AgreeToDebits", stranger, lineId=person.line_id, textSha256=shown)
    assert theirs["__typename"] == "NotFound"
    assert await DebitMandate.filter(sha256=shown, ended_at__isnull=True).count() >= 1


async def test_no_funds_is_tried_again_by_the_calendar_told_each_time_and_then_left_to_the_customer(
    house: World,
) -> None:
    person, loan = await borrower(house)
    await bank_fails(house, "INSUFFICIENT_FUNDS", 4)
    await to_due_day(house, loan, later=20)
    rows = await Debit.filter(loan_id=loan.id).order_by("id")
    assert [(row.number, (row.presented_on - row.due_on).days) for row in rows] == [(1, 0), (2, 1), (3, 3), (4, 7)]
    assert {row.failure_code for row in rows} == {"INSUFFICIENT_FUNDS"}
    assert await Repayment.filter(loan_id=loan.id).count() == 0
    notices = (await house.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"]
    failed = [one for one in notices if one["kind"] == "DEBIT_FAILED"]
    assert len(failed) == 4
    assert await Notice.filter(about_id=loan.id, kind="DEBIT_FAILED").count() == 4


@pytest.mark.parametrize("fault", ["TIMEOUT_BEFORE", "TIMEOUT_AFTER", "TWICE"])
async def test_silence_and_double_notices_collect_once_and_make_nobody_late(house: World, fault: str) -> None:
    person, loan = await borrower(house)
    await bank_fails(house, fault)
    due_on = await to_due_day(house, loan)
    await house.advance(1)  # the bank is asked again when the next day has begun
    await house.settle()
    (repayment,) = await Repayment.filter(loan_id=loan.id)
    assert repayment.effective_on == due_on
    assert await debits(loan) == [(1, "PAID", None)]
    assert await books_agree(person) == []
    shown = await house.node("MyLoan", encode_id("Loan", loan.id), person)
    assert shown["instalments"][0]["status"] == "PAID"


async def test_told_twice_at_once_and_beside_the_customers_own_payment_it_is_one_repayment(house: World) -> None:
    person, loan = await borrower(house)
    await bank_fails(house, "TIMEOUT_BEFORE")
    await to_due_day(house, loan)
    (row,) = await Debit.filter(loan_id=loan.id)
    assert row.state == "SENT"
    paid = PayoutAnswer(PayoutState.PAID)
    own = house.act("Repay", person, loanId=encode_id("Loan", loan.id), amount={"amount": "10.00", "currency": "CNY"})
    desk = house.house.desk
    await asyncio.gather(settle_debit(desk, row.id, paid), own, settle_debit(desk, row.id, paid))
    await settle_debit(desk, row.id, paid)
    await settle_debit(desk, row.id, PayoutAnswer(PayoutState.FAILED, "LATE_WORD"))
    assert sorted(one.amount_minor for one in await Repayment.filter(loan_id=loan.id)) == sorted(
        [1000, row.amount_minor]
    )
    assert await debits(loan) == [(1, "PAID", None)]
    assert await books_agree(person) == []


async def test_a_debit_that_has_not_left_is_stopped_once_its_sum_is_not_due_any_more(house: World) -> None:
    _, loan = await borrower(house)
    mandate = await DebitMandate.get(line_id=loan.line_id, ended_at__isnull=True)
    today = await business_date_of(house)
    waiting = await Debit.create(
        id=uuid7(),
        customer_id=loan.customer_id,
        loan_id=loan.id,
        mandate_id=mandate.id,
        due_on=today,
        number=1,
        presented_on=today,
        amount_minor=1,
        currency="CNY",
        state="PENDING",
        created_at=await house.house.desk.refresh_clock(),
    )
    assert await advance_debit(house.house.desk, waiting.id) is None
    assert await debits(loan) == [(1, "STOPPED", None)]
    assert await Repayment.filter(loan_id=loan.id).count() == 0


async def test_the_same_day_again_presents_nothing_more_and_the_tape_tells_the_collection(house: World) -> None:
    _, loan = await borrower(house)
    due_on = await to_due_day(house, loan)
    desk = house.house.desk
    assert await present_debits(desk, due_on) == 0
    await end_of_day(desk, await desk.refresh_clock())
    (row,) = await Debit.filter(loan_id=loan.id)
    assert await advance_debit(desk, row.id) is None
    await house.advance(1)
    closed = (await tape(loan.id))[due_on]
    assert closed["paid_principal_minor"] + closed["paid_interest_minor"] == row.amount_minor
    assert (closed["due_minor"], closed["past_due_minor"], closed["bucket"]) == (0, 0, "N")


async def test_the_banks_word_before_the_answer_books_the_debit_on_its_own_loan_once(house: World) -> None:
    person, older = await borrower(house)
    drawn = await house.draw(person, "1000.00", 3)
    await house.settle()
    loan = await loan_of(drawn["loan"]["id"])
    await bank_fails(house, "TIMEOUT_BEFORE", 2)
    day = await to_due_day(house, loan)
    for one in (loan, older):
        (row,) = await Debit.filter(loan_id=one.id)
        wrong = await told(house, person, Told.PAID, str(row.id), row.amount_minor - 1, day)
        assert (row.state, wrong) == ("SENT", Outcome.FOR_A_PERSON)
        assert await told(house, person, Told.PAID, str(row.id), row.amount_minor, day) is Outcome.BOOKED
        await settle_debit(house.house.desk, row.id, PayoutAnswer(PayoutState.PAID))
        (repayment,) = await Repayment.filter(loan_id=one.id)
        assert (repayment.amount_minor, repayment.effective_on) == (row.amount_minor, row.presented_on)
        assert await debits(one) == [(1, "PAID", None)]
    assert await books_agree(person) == []


async def test_a_debit_that_was_paid_and_then_returned_is_owed_again_as_if_it_had_never_been(house: World) -> None:
    person, loan = await borrower(house)
    twin, other = await borrower(house, mandate=False)
    await to_due_day(house, loan)
    (row,) = await Debit.filter(loan_id=loan.id)
    own = {"loanId": encode_id("Loan", loan.id), "amount": {"amount": "200.00", "currency": "CNY"}}
    await house.act("EndDebits", person, lineId=person.line_id)
    await house.advance(2)
    for who, whose in ((person, loan), (twin, other)):
        await house.act("Repay", who, **{**own, "loanId": encode_id("Loan", whose.id)})
    day = await business_date_of(house)
    for outcome in (Outcome.UNDONE, Outcome.KNOWN):
        assert await told(house, person, Told.RETURNED, str(row.id), row.amount_minor, day) is outcome
    mine, his = [
        await house.node("MyLoan", encode_id("Loan", whose.id), who) for who, whose in ((person, loan), (twin, other))
    ]
    assert mine["status"] == "LATE"
    for same in ("status", "outstanding", "payoff", "instalments"):
        assert without_ids(mine[same]) == without_ids(his[same])
    notices = (await house.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"]
    assert [one["kind"] for one in notices].count("PAYMENT_CORRECTED") == 1
    (shown,) = (await house.ask("MyDebits", {}, person.token))["viewer"]["line"]["loans"]["nodes"][0]["debits"][
        "nodes"
    ]
    alone = "query One($id: ID!) { node(id: $id) { ... on Debit { state } } }"
    assert shown["state"] == "RETURNED"
    assert (await house.ask(alone, {"id": shown["id"]}, person.token))["node"] == {"state": "RETURNED"}
    assert await books_agree(person) == []


async def test_a_debit_whose_return_was_told_before_its_answer_is_never_booked(house: World) -> None:
    person, loan = await borrower(house)
    await bank_fails(house, "TIMEOUT_BEFORE")
    day = await to_due_day(house, loan)
    (row,) = await Debit.filter(loan_id=loan.id)
    assert await told(house, person, Told.RETURNED, str(row.id), row.amount_minor, day) is Outcome.WAITING
    await settle_debit(house.house.desk, row.id, PayoutAnswer(PayoutState.PAID))
    assert await debits(loan) == [(1, "FAILED", "ACCOUNT_RETURNED")]
    assert await told(house, person, Told.PAID, str(row.id), row.amount_minor, day) is Outcome.NEVER_BOOKED
    assert await Repayment.filter(loan_id=loan.id).count() == 0
    assert await books_agree(person) == []


@pytest.mark.parametrize("days", [0, 1])
async def test_a_debit_that_comes_in_on_a_loan_whose_payout_came_back_is_the_customers_credit(
    house: World, days: int
) -> None:
    person, loan = await borrower(house)
    await bank_fails(house, "TIMEOUT_BEFORE")
    await house.advance(2)
    await house.act("Repay", person, loanId=encode_id("Loan", loan.id), amount={"amount": "10.00", "currency": "CNY"})
    day = await to_due_day(house, loan)
    (row,), payout = await Debit.filter(loan_id=loan.id), await Payout.get(loan_id=loan.id)
    assert await told(house, person, Told.RETURNED, str(payout.id), loan.principal_minor, day) is Outcome.UNDONE
    await days_pass(house, days)  # no end of day has run
    assert await settle_debit(house.house.desk, row.id, PayoutAnswer(PayoutState.PAID)) is None
    assert await debits(loan) == [(1, "PAID", None)]
    shown = await house.node("MyLoan", encode_id("Loan", loan.id), person)
    assert (shown["status"], fen(shown["credit"]["amount"])) == ("VOID", 10_00 + row.amount_minor)
    line = await figures(house, person)
    assert (line["balance"], line["available"]) == (0, line["limit"])
    notices = (await house.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"]
    assert [one["title"] for one in notices].count("还款已转为您的余额") == 1
    assert await books_agree(person) == []
    assert await told(house, person, Told.RETURNED, str(row.id), row.amount_minor, day) is Outcome.UNDONE
    assert (await credit(house, person))["credit"]["held"]["amount"] == "10.00"
    assert await books_agree(person) == []


@pytest.mark.parametrize("by_hand", [pytest.param(None, marks=pytest.mark.long), "3100.00"])
async def test_a_debit_that_never_arrived_leaves_no_more_once_it_is_unwanted_and_is_booked_if_it_was_taken_for_all_that(
    house: World, by_hand: str | None
) -> None:
    person, loan = await borrower(house)
    await bank_fails(house, "TIMEOUT_BEFORE")
    day = await to_due_day(house, loan)
    (row,) = await Debit.filter(loan_id=loan.id)
    if by_hand is None:
        await house.act("EndDebits", person, lineId=person.line_id)
    else:
        amount = {"amount": by_hand, "currency": "CNY"}
        paid = await house.act("Repay", person, loanId=encode_id("Loan", loan.id), amount=amount)
        assert paid["__typename"] == "MakeRepaymentPayload"
    held = fen((await credit(house, person))["credit"]["held"]["amount"])
    desk = house.house.desk
    assert await advance_debit(desk, row.id) == AGAIN_LATER  # what was sent may still be on its way
    assert await debits(loan) == [(1, "SENT", None)]
    await house.advance(1)
    await house.settle()
    assert await debits(loan) == [(1, "STOPPED", None)]
    assert (await desk.payments.debit_status(row.id)).state is PayoutState.NOT_PLACED
    assert await told(house, person, Told.PAID, str(row.id), row.amount_minor, day) is Outcome.BOOKED
    more = fen((await credit(house, person))["credit"]["held"]["amount"]) - held
    assert more == (row.amount_minor if by_hand else 0)
    assert await books_agree(person) == []
