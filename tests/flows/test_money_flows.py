"""Money from draw to payoff: payouts that fail or wait, freezes, lateness; and the ledger after every step."""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from app.api.scalars import decode_id
from app.clock import real_now
from app.domain.calendar import BUSINESS_ZONE, business_date
from app.doors.payments import Payments
from models.loans import Loan, Payout, Posting
from models.plumbing import BusinessClockRow
from tests.flows.rounds import books_agree, fen, figures
from tests.flows.trail import work_once
from tests.world import Person, World

NOBODY_LISTENS = "http://127.0.0.1:9"


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def loan_id(key: str) -> UUID:
    return decode_id(key, "Loan")


async def drawn(world: World, amount: str, term: int = 12) -> tuple[Person, str]:
    """A person with a line of 5000.00 and a loan that nobody has paid out yet."""
    person = await world.with_line("5000.00")
    answer = await world.draw(person, amount, term)
    assert answer["__typename"] == "DrawLoanPayload", answer
    return person, answer["loan"]["id"]


async def seen(world: World, person: Person, loan: str) -> Any:
    """The loan as its borrower sees it; the ledger must agree with itself at every look."""
    assert await books_agree(person) == []
    told = await figures(world, person)
    assert told["available"] == max(0, told["limit"] - told["balance"] - told["held"])
    shown = await world.node("MyLoan", loan, person)
    if shown["status"] in {"CURRENT", "LATE", "REPAID"}:
        assert told["balance"] == fen(shown["outstanding"]["amount"])
    return shown


async def repay(world: World, person: Person, loan: str, amount: str) -> Any:
    return await world.act("Repay", person, loanId=loan, amount=cny(amount))


async def paid_at_the_bank(world: World, payout: Payout) -> list[tuple[str, int]]:
    """The bank's own movements under the payout's reference."""
    after: int | None = 0
    found: list[tuple[str, int]] = []
    async with httpx2.AsyncClient(base_url=world.payments_url, trust_env=False) as http:
        while after is not None:
            page = (await http.get("/movements", params={"after": after, "limit": 500})).json()
            found += [
                (each["status"], each["attempt"]) for each in page["movements"] if each["reference"] == str(payout.id)
            ]
            after = page["next"]
    return found


# ---- payouts ----------------------------------------------------------------------------------------------


async def test_a_payout_that_fails_in_passing_is_tried_again_and_arrives(house: World) -> None:
    person, loan = await drawn(house, "1000.01")
    assert (await figures(house, person))["held"] == 100_001
    await house.settle()
    assert (await seen(house, person, loan))["status"] == "CURRENT"
    payout = await Payout.get(loan_id=loan_id(loan))
    assert (payout.state, payout.attempt) == ("PAID", 2)
    assert await paid_at_the_bank(house, payout) == [("PAID", 2)]
    assert (await figures(house, person))["held"] == 0


async def test_a_payout_that_comes_back_voids_the_loan_and_frees_the_limit(house: World) -> None:
    person, loan = await drawn(house, "1000.02")
    await house.settle()
    shown = await seen(house, person, loan)
    assert (shown["status"], shown["outstanding"]["amount"], shown["payoff"]) == ("VOID", "0.00", None)
    assert (await figures(house, person)) == {"limit": 500_000, "balance": 0, "held": 0, "available": 500_000}
    assert (await Payout.get(loan_id=loan_id(loan))).failure_code == "ACCOUNT_RETURNED"
    refused = await repay(house, person, loan, "100.00")
    assert refused["violations"][0]["code"] == "LOAN_NOT_PAID_OUT"
    assert (await house.draw(person, "5000.00"))["__typename"] == "DrawLoanPayload"


async def test_a_payout_that_waits_holds_the_limit_until_it_is_released(house: World) -> None:
    person, loan = await drawn(house, "1000.07")
    await work_once(house)
    await work_once(house)
    assert (await seen(house, person, loan))["status"] == "PENDING_PAYOUT"
    assert (await figures(house, person))["available"] == 399_993
    assert (await repay(house, person, loan, "100.00"))["violations"][0]["code"] == "LOAN_NOT_PAID_OUT"
    payout = await Payout.get(loan_id=loan_id(loan))
    async with httpx2.AsyncClient(base_url=house.payments_url, trust_env=False) as http:
        await http.post("/release", json={"reference": str(payout.id)})
    await house.settle()
    assert (await seen(house, person, loan))["status"] == "CURRENT"
    assert await paid_at_the_bank(house, payout) == [("PAID", 1)]


@pytest.mark.parametrize(("amount", "attempt"), [("1000.00", 1), ("1000.01", 2)])
async def test_a_crash_between_the_commit_of_an_attempt_and_its_sending_pays_once(
    house: World, amount: str, attempt: int
) -> None:
    person, loan = await drawn(house, amount)
    if attempt > 1:
        await work_once(house)
    await Payout.filter(loan_id=loan_id(loan)).update(state="SENT", attempt=attempt)  # what such a crash leaves
    await house.settle()
    assert (await seen(house, person, loan))["status"] == "CURRENT"
    assert await paid_at_the_bank(house, await Payout.get(loan_id=loan_id(loan))) == [("PAID", attempt)]


async def test_a_bank_that_is_away_delays_the_payout_and_pays_once(house: World) -> None:
    person, loan = await drawn(house, "1000.00")
    desk, usual = house.house.desk, house.house.desk.payments
    desk.payments = Payments(NOBODY_LISTENS, 1.0)
    try:
        await work_once(house)
        await work_once(house)
    finally:
        await desk.payments.close()
        desk.payments = usual
    assert (await seen(house, person, loan))["status"] == "PENDING_PAYOUT"
    await house.settle()
    assert (await seen(house, person, loan))["status"] == "CURRENT"
    assert await paid_at_the_bank(house, await Payout.get(loan_id=loan_id(loan))) == [("PAID", 1)]


# ---- repaying ---------------------------------------------------------------------------------------------


async def test_the_ledger_agrees_through_a_whole_life(house: World) -> None:
    person, loan = await drawn(house, "3000.00", 3)
    await house.settle()
    first = await seen(house, person, loan)
    assert (first["status"], first["outstanding"], first["payoff"]["total"]) == (
        "CURRENT",
        cny("3000.00"),
        cny("3000.00"),
    )
    for days, amount in ((0, "0.01"), (10, "200.00"), (25, "500.00"), (40, "1.00"), (1, "999.99")):
        if days:
            await house.advance(days)
        before = await seen(house, person, loan)
        paid = await repay(house, person, loan, amount)
        assert sum(fen(part["amount"]["amount"]) for part in paid["repayment"]["allocations"]) == fen(amount)
        after = await seen(house, person, loan)
        assert fen(after["payoff"]["total"]["amount"]) == fen(before["payoff"]["total"]["amount"]) - fen(amount)
    await house.advance(20)
    late = await seen(house, person, loan)
    assert late["status"] == "LATE"
    end = late["payoff"]
    assert fen(end["penalty"]["amount"]) > 0
    paid = await repay(house, person, loan, end["total"]["amount"])
    assert (paid["loan"]["status"], paid["loan"]["outstanding"]["amount"]) == ("REPAID", "0.00")
    done = await seen(house, person, loan)
    assert {row["status"] for row in done["instalments"]} == {"PAID"}
    assert (await figures(house, person))["available"] == 500_000
    taken = sum(fen(each["amount"]["amount"]) for each in done["repayments"]["nodes"])
    assert taken == 170_100 + fen(end["total"]["amount"])


async def test_what_ends_the_loan_is_what_was_shown_and_a_fen_more_is_the_customers(house: World) -> None:
    person, loan = await drawn(house, "1000.00")
    await house.settle()
    await house.advance(17)
    end = (await seen(house, person, loan))["payoff"]["total"]["amount"]
    short = await repay(house, person, loan, f"{(fen(end) - 1) // 100}.{(fen(end) - 1) % 100:02d}")
    assert short["loan"]["outstanding"]["amount"] == "0.01"
    assert (await seen(house, person, loan))["payoff"]["total"]["amount"] == "0.01"
    last = await repay(house, person, loan, "0.02")
    targets = {part["target"]: part["amount"]["amount"] for part in last["repayment"]["allocations"]}
    assert targets == {"PRINCIPAL": "0.01", "OVERPAYMENT": "0.01"}
    assert (await seen(house, person, loan))["status"] == "REPAID"
    told = await figures(house, person)
    assert (told["balance"], told["available"]) == (0, 500_000)
    assert (await repay(house, person, loan, "1.00"))["violations"][0]["code"] == "LOAN_SETTLED"
    credit = await Posting.filter(loan_id=loan_id(loan), source="CUSTOMER_CREDIT")
    assert [posting.amount_minor for posting in credit] == [1]


async def test_a_loan_drawn_and_repaid_on_one_day_costs_nothing(house: World) -> None:
    person, loan = await drawn(house, "1200.00")
    await house.settle()
    paid = await repay(house, person, loan, "1200.00")
    assert {part["target"] for part in paid["repayment"]["allocations"]} == {"PRINCIPAL"}
    assert (await seen(house, person, loan))["status"] == "REPAID"


# ---- frozen -----------------------------------------------------------------------------------------------


async def test_a_frozen_line_draws_nothing_stops_what_has_not_left_and_takes_repayments(house: World) -> None:
    person, loan = await drawn(house, "1000.00")
    await house.settle()
    order = await house.signable(person, "500.00")
    waiting = (await house.draw(person, "700.00"))["loan"]["id"]
    frozen = await house.act("FreezeMyLine", person, lineId=person.line_id, reason="watch rule")
    assert (frozen["line"]["status"], frozen["line"]["freeze"]["reason"]) == ("FROZEN", "watch rule")
    assert (await house.act("Draw", person, **order))["__typename"] == "LineNotActive"
    assert (await house.quote(person))["__typename"] == "LineNotActive"
    await house.settle()
    assert (await seen(house, person, waiting))["status"] == "VOID"
    stopped = await Payout.get(loan_id=loan_id(waiting))
    assert (stopped.state, stopped.failure_code, await paid_at_the_bank(house, stopped)) == (
        "FAILED",
        "LINE_FROZEN",
        [],
    )
    assert (await repay(house, person, loan, "400.00"))["__typename"] == "MakeRepaymentPayload"
    told = await figures(house, person)
    assert (told["balance"], told["held"], told["available"]) == (60_000, 0, 440_000)
    assert (await house.ask("MyRecords", {}, person.token))["viewer"]["line"]["id"] == person.line_id
    assert len((await seen(house, person, loan))["repayments"]["nodes"]) == 1
    await house.act("ReleaseMyLine", person, lineId=person.line_id)
    assert (await house.act("Draw", person, **order))["__typename"] == "DrawLoanPayload"


async def test_an_order_that_never_arrived_does_not_leave_again_after_a_freeze(house: World) -> None:
    person, loan = await drawn(house, "1000.00")
    await Payout.filter(loan_id=loan_id(loan)).update(state="SENT", attempt=1)  # what a crash before sending leaves
    await house.act("FreezeMyLine", person, lineId=person.line_id, reason="watch rule")
    await work_once(house)
    payout = await Payout.get(loan_id=loan_id(loan))
    assert (payout.state, await paid_at_the_bank(house, payout)) == ("SENT", [])  # it may be on its way
    await house.advance(1)
    await house.settle()
    payout = await Payout.get(loan_id=loan_id(loan))
    assert (payout.state, payout.failure_code) == ("FAILED", "LINE_FROZEN")
    assert (await seen(house, person, loan))["status"] == "VOID"
    assert await paid_at_the_bank(house, payout) == []


# ---- the calendar -----------------------------------------------------------------------------------------


async def today(world: World) -> date:
    return business_date(await world.house.desk.refresh_clock())


async def test_a_loan_drawn_on_the_last_day_is_due_on_the_last_days_and_back_again(house: World) -> None:
    day = await today(house)
    while (day + timedelta(days=1)).month == day.month or day.day != 31:
        day += timedelta(days=1)
    if day != await today(house):
        await house.advance((day - await today(house)).days)
    person, loan = await drawn(house, "2000.00", 9)
    expected = []
    for months in range(1, 10):
        year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
        expected.append(date(year, month, calendar.monthrange(year, month)[1]).isoformat())
    await house.settle()
    assert [row["dueOn"] for row in (await seen(house, person, loan))["instalments"]] == expected
    await repay(house, person, loan, "300.00")
    assert [row["dueOn"] for row in (await seen(house, person, loan))["instalments"]] == expected


async def stand_at(world: World, moment: datetime) -> None:
    """Set the business clock to a moment that lies ahead."""
    ahead = int((moment - real_now()).total_seconds())
    await BusinessClockRow.filter(id=1).update(offset_seconds=ahead)


async def test_a_loan_is_late_from_the_midnight_of_utc_plus_eight_after_its_due_day(house: World) -> None:
    person, loan = await drawn(house, "1000.00", 3)
    await house.settle()
    due = date.fromisoformat((await seen(house, person, loan))["instalments"][0]["dueOn"])
    midnight = datetime(due.year, due.month, due.day, tzinfo=BUSINESS_ZONE).astimezone(UTC)
    looks = (
        (midnight - timedelta(minutes=1), ("CURRENT", "SCHEDULED", 0)),
        (midnight + timedelta(seconds=1), ("CURRENT", "DUE", 0)),
        (midnight + timedelta(days=1) - timedelta(minutes=1), ("CURRENT", "DUE", 0)),
        (midnight + timedelta(days=1, seconds=1), ("LATE", "LATE", 1)),
    )
    for moment, expected in looks:
        await stand_at(house, moment)
        shown = await seen(house, person, loan)
        row = shown["instalments"][0]
        assert (shown["status"], row["status"], row["daysLate"]) == expected, moment
        assert (fen(shown["payoff"]["penalty"]["amount"]) > 0) is (expected[0] == "LATE")
    owed = (await seen(house, person, loan))["instalments"][0]["outstanding"]["amount"]
    await repay(house, person, loan, owed)
    assert (await seen(house, person, loan))["status"] == "CURRENT"
    assert (await Loan.get(id=loan_id(loan))).status == "CURRENT"
