"""A payment tried before it is made: what was shown is what is booked, or nothing is."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.api.scalars import decode_id, encode_id
from models.lending.payments import ContractAnnex
from models.loans import Repayment
from tests.flows.payments.loans import days_pass, drawn, pay, today
from tests.flows.rounds import fen
from tests.world import Person, World


def gid(loan: UUID) -> str:
    return str(encode_id("Loan", loan))


def cny(minor: int) -> dict[str, str]:
    return {"amount": f"{minor // 100}.{minor % 100:02d}", "currency": "CNY"}


async def previews(world: World, person: Person, loan: UUID, minor: int) -> dict[str, Any]:
    """The trials of a payment by their rule."""
    asked = {"loanId": gid(loan), "amount": cny(minor)}
    told = (await world.ask("PrepaymentPreview", {"input": asked}, person.token))["prepaymentPreview"]
    return {trial["parts"][0]["rule"]: trial for trial in told["trials"]}


async def repay(world: World, person: Person, loan: UUID, minor: int, trial: str | None) -> Any:
    return await world.act("Repay", person, loanId=gid(loan), amount=cny(minor), trialId=trial)


@pytest.mark.parametrize("rule", ["KEEP_TERM", "KEEP_INSTALMENT"])
async def test_the_plan_that_was_shown_is_the_plan_booked_and_the_annex_issued(house: World, rule: str) -> None:
    person, loan = await drawn(house, "12000.00", 12)
    before = (await house.node("MyLoan", gid(loan), person))["instalments"]
    await days_pass(house, 33)
    shown = await previews(house, person, loan, 4_000_00)
    assert list(shown) == ["KEEP_TERM", "KEEP_INSTALMENT"]
    trial = shown[rule]
    (part,) = trial["parts"]
    assert sum(fen(line["amount"]["amount"]) for line in part["lines"]) == 4_000_00
    assert await Repayment.filter(loan_id=loan).count() == 0
    paid = await repay(house, person, loan, 4_000_00, trial["id"])
    assert paid["__typename"] == "MakeRepaymentPayload"
    after = await house.node("MyLoan", gid(loan), person)
    ahead = [row for row in after["instalments"] if row["status"] == "SCHEDULED"]
    planned = [(row["number"], row["dueOn"], row["amount"]["amount"]) for row in part["plan"]]
    assert [(row["number"], row["dueOn"], row["amount"]["amount"]) for row in ahead] == planned
    lines = [(line["target"], line["instalmentNumber"], line["amount"]["amount"]) for line in part["lines"]]
    (booked,) = after["repayments"]["nodes"]
    assert [(a["target"], a["instalmentNumber"], a["amount"]["amount"]) for a in booked["allocations"]] == lines
    assert all(f"{due}  {amount} CNY" in booked["annex"]["text"] for _, due, amount in planned)
    # Never both: the term or the instalment stays, and the other becomes less.
    same_term = len(planned) == 11
    same_amount = planned[0][2] == before[1]["amount"]["amount"]
    assert (same_term, same_amount) == ((True, False) if rule == "KEEP_TERM" else (False, True))


@pytest.mark.parametrize("method", ["INTEREST_FIRST", "DAILY"])
async def test_where_the_last_instalment_holds_all_principal_no_shorter_term_is_offered(
    house: World, method: str
) -> None:
    person = await house.with_line("50000.00")
    quote = (await house.quote(person, "3000.00", 3, method=method))["quote"]
    assert quote["prepaymentRules"] == ["KEEP_TERM"]
    assert "期限缩短" not in quote["contract"]["text"]
    drawn = await house.draw(person, "3000.00", 3, method=method)
    await house.settle()
    loan = decode_id(drawn["loan"]["id"], "Loan")
    assert list(await previews(house, person, loan, 1_000_00)) == ["KEEP_TERM"]
    assert (await house.node("MyLoan", gid(loan), person))["prepaymentRules"] == ["KEEP_TERM"]


async def test_a_payment_without_a_trial_follows_the_first_rule(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 6)
    shown = (await previews(house, person, loan, 1_000_00))["KEEP_TERM"]["parts"][0]
    await pay(house, person, loan, 1_000_00)
    rows = (await house.node("MyLoan", gid(loan), person))["instalments"]
    assert [row["amount"]["amount"] for row in rows] == [row["amount"]["amount"] for row in shown["plan"]]


async def test_a_trial_that_would_do_otherwise_now_or_is_none_is_refused_and_nothing_is_booked(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 6)
    other, his = await drawn(house, "6000.00", 6)
    trial = (await previews(house, person, loan, 1_000_00))["KEEP_INSTALMENT"]["id"]
    foreign = (await previews(house, other, his, 1_000_00))["KEEP_INSTALMENT"]["id"]
    forged = trial[:-2] + ("AA" if trial[-2:] != "AA" else "BB")
    asked = {"input": {"amount": cny(1_000_00)}}
    split = (await house.ask("RepaymentTrial", asked, person.token))["repaymentTrial"]["trial"]["id"]
    for unknown in (foreign, forged, "t1.", "garbage", split):
        assert (await repay(house, person, loan, 1_000_00, unknown))["__typename"] == "NotFound", unknown
    for unknown in (foreign, trial, "garbage"):
        refused = await house.act("MakePayment", person, amount=cny(1_000_00), trialId=unknown)
        assert refused["__typename"] == "NotFound", unknown
    assert (await repay(house, person, loan, 1_000_01, trial))["__typename"] == "TrialStale"
    await pay(house, person, loan, 1)
    assert (await repay(house, person, loan, 1_000_00, trial))["__typename"] == "TrialStale"
    again = (await previews(house, person, loan, 1_000_00))["KEEP_INSTALMENT"]["id"]
    await days_pass(house, 1)
    assert (await repay(house, person, loan, 1_000_00, again))["__typename"] == "TrialStale"
    assert await Repayment.filter(loan_id=loan).count() == 1
    assert await ContractAnnex.filter(loan_id=loan).count() == 1


async def test_several_payments_of_one_day_come_to_what_one_comes_to(house: World) -> None:
    (person, loan), (twin, other) = await drawn(house, "6000.00", 6), await drawn(house, "6000.00", 6)
    await days_pass(house, 20)
    for part in (400_00, 1, 999_99):
        await pay(house, person, loan, part)
    await pay(house, twin, other, 1_400_00)
    mine, his = [await house.node("MyLoan", gid(key), who) for key, who in ((loan, person), (other, twin))]
    assert mine["outstanding"] == his["outstanding"]
    assert mine["payoff"] == his["payoff"]


async def test_a_payoff_is_told_for_any_day_ahead_and_holds_on_that_day(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 6)
    day = await today(house) + timedelta(days=45)
    asked = {"loanId": gid(loan), "on": day.isoformat()}
    told = (await house.ask("PayoffQuote", {"input": asked}, person.token))["payoffQuote"]["payoff"]
    assert fen(told["penalty"]["amount"]) > 0
    await days_pass(house, 45)
    assert (await house.node("MyLoan", gid(loan), person))["payoff"] == told
    paid = await repay(house, person, loan, fen(told["total"]["amount"]), None)
    assert paid["loan"]["status"] == "REPAID"


async def test_what_may_not_be_paid_is_not_previewed(house: World) -> None:
    person, loan = await drawn(house, "1000.00", 3)
    asked = {"loanId": gid(loan), "amount": cny(10**13)}
    shown = (await house.ask("PrepaymentPreview", {"input": asked}, person.token))["prepaymentPreview"]
    paid = await repay(house, person, loan, 10**13, None)
    assert shown["violations"] == paid["violations"]
    assert [one["code"] for one in shown["violations"]] == ["PAYMENT_FAR_TOO_LARGE"]
