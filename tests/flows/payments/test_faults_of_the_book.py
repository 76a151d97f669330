"""Faults that people met in other loan books, done to this one over its contract, to the fen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest

from app.api.scalars import decode_id
from app.clock import real_now
from app.domain.calendar import BUSINESS_ZONE
from app.domain.lending import product as shelf
from app.domain.lending.annual_cost import annual_cost
from app.domain.lending.product import DEFAULT_PRODUCT, FREE_CHOICE, Fee, FeeKind, Method, Payee, register
from app.domain.money import Rate
from app.flows.book.position import instalments_of
from models.credit import CreditLine
from models.loans import Loan, Payout
from models.plumbing import BusinessClockRow
from tests.domain.lending.cases import case
from tests.flows.payments.loans import LINE
from tests.flows.rounds import books_agree, customer_id, fen
from tests.flows.trail import work_once
from tests.world import Person, World

# Three years on from the days of the cases, when February has as many days.
DRAWN = date(2029, 3, 10)


@pytest.fixture
async def borrower(house: World) -> Person:
    """Somebody with a wide line at four ten-thousandths a day."""
    person = await house.with_line(LINE)
    await at_rate(person, 40_000)
    return person


@pytest.fixture
def short_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product with other terms than the one that is sold."""
    short = replace(FREE_CHOICE, version=3, effective_from=date(2026, 8, 1), terms_months=(1, 3, 7, 12))
    monkeypatch.setattr(shelf, "PRODUCTS", register((DEFAULT_PRODUCT, FREE_CHOICE, short)))


async def at_rate(person: Person, scaled: int) -> None:
    await CreditLine.filter(customer_id=await customer_id(person)).update(daily_scaled=scaled)


async def stand(world: World, day: date, hour: int = 10, minute: int = 0, second: int = 0) -> None:
    """Set the business clock to a moment of UTC+8, never back."""
    moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=BUSINESS_ZONE).astimezone(UTC)
    ahead = int((moment - real_now()).total_seconds()) + 1
    await BusinessClockRow.filter(id=1).update(offset_seconds=ahead)


async def draw(world: World, person: Person, amount: str, term: int, method: str | None = None) -> Any:
    """A loan, paid out today: its quote, and the loan as its owner sees it."""
    quote = (await world.quote(person, amount, term, method=method))["quote"]
    await world.act("SendSigningCode", person, quoteId=quote["id"])
    answer = await world.act(
        "Draw",
        person,
        lineId=person.line_id,
        quoteId=quote["id"],
        disclosureSha256=quote["disclosure"]["sha256"],
        contractSha256=quote["contract"]["sha256"],
        secondsRead=12,
        oneTimeCode="000000",
        use="DAILY_CONSUMPTION",
    )
    assert answer["__typename"] == "DrawLoanPayload", answer
    await world.settle()
    return quote, await seen(world, person, answer["loan"]["id"])


async def seen(world: World, person: Person, loan_id: str) -> Any:
    return await world.node("MyLoan", loan_id, person)


async def pay(world: World, person: Person, loan: Any, amount: str) -> Any:
    return await world.act("Repay", person, loanId=loan["id"], amount={"amount": amount, "currency": "CNY"})


async def payoff_on(world: World, person: Person, loan: Any, day: date) -> str:
    asked = {"loanId": loan["id"], "on": day.isoformat()}
    told = (await world.ask("PayoffQuote", {"input": asked}, person.token))["payoffQuote"]
    return str(told["payoff"]["total"]["amount"])


def rows(loan: Any) -> list[str]:
    return [row["amount"]["amount"] for row in loan["instalments"]]


async def test_a_plan_quoted_is_the_plan_booked_to_its_last_fen(house: World, borrower: Person) -> None:
    right = case("C001b")["expected"]
    await stand(house, DRAWN)
    quote, loan = await draw(house, borrower, "12000.00", 12)
    amounts = [right["instalment"]] * 11 + [right["last"]]
    assert [row["amount"]["amount"] for row in quote["plan"]] == rows(loan) == amounts
    assert (quote["totalRepayable"]["amount"], quote["totalInterest"]["amount"]) == (
        right["total"],
        right["interest"],
    )
    assert quote["apr"] == right["aprXirr365"]
    kept = await instalments_of(decode_id(loan["id"], "Loan"))
    assert [row.principal_minor + row.interest_minor for row in kept] == [fen(amount) for amount in amounts]
    assert sum(row.principal_minor for row in kept) == 12_000_00


async def test_an_early_payoff_collects_no_interest_that_was_never_used(house: World, borrower: Person) -> None:
    await stand(house, DRAWN)
    _, short = await draw(house, borrower, "12000.00", 12)
    _, long = await draw(house, borrower, "12000.00", 12)
    first, later = case("C012a")["expected"]["payoff"], case("C012b")["expected"]["payoff"]
    assert await payoff_on(house, borrower, short, date(2029, 3, 25)) == first
    await stand(house, date(2029, 3, 25))
    assert (await seen(house, borrower, short["id"]))["payoff"]["total"]["amount"] == first
    assert (await pay(house, borrower, short, first))["loan"]["status"] == "REPAID"
    done = await seen(house, borrower, short["id"])
    assert {row["outstanding"]["amount"] for row in done["instalments"]} == {"0.00"}
    for month in (4, 5, 6):
        await stand(house, date(2029, month, 10))
        await pay(house, borrower, long, case("C001b")["expected"]["instalment"])
    await stand(house, date(2029, 6, 24))
    assert (await seen(house, borrower, long["id"]))["payoff"]["total"]["amount"] == later
    assert (await pay(house, borrower, long, later))["loan"]["outstanding"]["amount"] == "0.00"
    assert await books_agree(borrower) == []


async def test_a_short_payment_is_spread_as_the_contract_says(house: World, borrower: Person) -> None:
    right = case("C020")["expected"]
    await stand(house, date(2030, 3, 10))
    quote, loan = await draw(house, borrower, "12000.00", 12)
    assert "费用、罚息、利息、本金，先到期者先抵充" in quote["contract"]["text"]
    await stand(house, date(2030, 5, 20))
    owed = [row for row in (await seen(house, borrower, loan["id"]))["instalments"] if row["status"] == "LATE"]
    assert sum(fen(row["outstanding"]["amount"]) for row in owed) == fen(right["owedOnTheTwo"])
    paid = await pay(house, borrower, loan, "1200.00")
    parts: dict[tuple[str, int], int] = {}
    for part in paid["repayment"]["allocations"]:
        parts[part["target"], part["instalmentNumber"]] = fen(part["amount"]["amount"])
    assert parts["PENALTY", 1] + parts["PENALTY", 2] == fen(right["byKind"]["penalty"])
    assert parts["INTEREST", 1] + parts["INTEREST", 2] == fen(right["byKind"]["interest"])
    assert parts["PRINCIPAL", 1] == fen(right["byKind"]["principalRow1"])
    assert sum(parts.values()) == 1_200_00
    assert await books_agree(borrower) == []


async def test_a_loan_repaid_on_the_day_of_its_draw_costs_nothing_and_a_second_later_one_day(
    house: World, borrower: Person
) -> None:
    await stand(house, date(2030, 6, 3), 9)
    _, same = await draw(house, borrower, "12000.00", 12)
    _, next_day = await draw(house, borrower, "12000.00", 12)
    await stand(house, date(2030, 6, 3), 23, 59, 30)
    paid = await pay(house, borrower, same, "12000.00")
    assert {part["target"] for part in paid["repayment"]["allocations"]} == {"PRINCIPAL"}
    await stand(house, date(2030, 6, 4), 0, 0, 0)
    assert (await seen(house, borrower, next_day["id"]))["payoff"]["total"]["amount"] == case("C013")["expected"][1]
    await pay(house, borrower, next_day, case("C013")["expected"][1])
    assert {(await seen(house, borrower, loan["id"]))["status"] for loan in (same, next_day)} == {"REPAID"}


async def test_half_a_fen_goes_up_in_the_payoff(house: World, borrower: Person) -> None:
    _, loan = await draw(house, borrower, "1012.50", 3)
    day = (await house.house.desk.refresh_clock()).astimezone(BUSINESS_ZONE).date()
    assert await payoff_on(house, borrower, loan, day + timedelta(days=1)) == "1012.91"


async def test_a_rate_of_zero_repays_the_bare_principal(house: World, borrower: Person, short_terms: None) -> None:
    await at_rate(borrower, 0)
    for term, name in ((3, "C004a"), (7, "C004b")):
        right = case(name)["expected"]
        quote, loan = await draw(house, borrower, "1000.00", term)
        assert rows(loan) == [right["instalment"]] * (term - 1) + [right["last"]]
        assert (quote["apr"], quote["simpleAnnualCost"]) == ("0.0000", "0.0000")
        assert {item["amount"]["amount"] for item in quote["disclosure"]["items"] if item["amount"]} == {"0.00"}
    day = (await house.house.desk.refresh_clock()).astimezone(BUSINESS_ZONE).date()
    assert await payoff_on(house, borrower, loan, day + timedelta(days=77)) == "1000.00"


async def test_one_instalment_over_february_bears_the_days_there_are(
    house: World, borrower: Person, short_terms: None
) -> None:
    right = case("C006")["expected"]
    await stand(house, date(2031, 1, 31))
    quote, loan = await draw(house, borrower, "5000.00", 1)
    (row,) = quote["plan"]
    assert (row["dueOn"], row["days"], row["interest"]["amount"]) == ("2031-02-28", 28, right["interest"])
    assert rows(loan) == [right["amount"]]
    assert quote["apr"] == right["aprXirr365"]
    assert await payoff_on(house, borrower, loan, date(2031, 2, 28)) == right["amount"]


async def test_equal_principal_bears_interest_on_what_is_owed_before_each_row(house: World, borrower: Person) -> None:
    quote, loan = await draw(house, borrower, "12000.00", 12, Method.EQUAL_PRINCIPAL.value)
    plan = quote["plan"]
    assert {row["principal"]["amount"] for row in plan} == {"1000.00"}
    daily = int(quote["dailyRate"].replace(".", ""))
    for owed, row in zip(range(12_000_00, 0, -1_000_00), plan, strict=True):
        assert fen(row["interest"]["amount"]) == (2 * owed * daily * row["days"] + 10**8) // (2 * 10**8)
    assert rows(loan) == [row["amount"]["amount"] for row in plan]


async def test_due_days_come_back_after_february_and_stay_when_principal_is_prepaid(
    house: World, borrower: Person
) -> None:
    await stand(house, date(2031, 12, 31))
    _, loan = await draw(house, borrower, "4000.00", 3)
    right = ["2032-01-31", "2032-02-29", "2032-03-31"]  # 2032 is a leap year, as 2028 of the case is
    assert [row["dueOn"] for row in loan["instalments"]] == right
    await pay(house, borrower, loan, "1000.00")
    assert [row["dueOn"] for row in (await seen(house, borrower, loan["id"]))["instalments"]] == right


@pytest.mark.parametrize(
    ("year", "daily", "fee", "kept"), [(2033, 45_000, 0, True), (2034, 20_000, 3_642_000, False)]
)
async def test_a_payout_that_arrives_a_day_late_shows_the_cost_of_the_plan_that_runs(
    house: World, borrower: Person, monkeypatch: pytest.MonkeyPatch, year: int, daily: int, fee: int, kept: bool
) -> None:
    fees = (Fee(FeeKind.FEE, Payee.PARTNER, Rate(fee)),) if fee else ()
    sold = replace(FREE_CHOICE, version=3, effective_from=date(2026, 8, 1), fees=fees)
    monkeypatch.setattr(shelf, "PRODUCTS", register((DEFAULT_PRODUCT, FREE_CHOICE, sold)))
    await at_rate(borrower, daily)
    await stand(house, date(year, 3, 30), 23)
    drawn = await house.draw(borrower, "12000.07", 3, method="DAILY")  # the bank keeps it until it is released
    signed = await Loan.get(id=decode_id(drawn["loan"]["id"], "Loan"))
    await work_once(house)
    await stand(house, date(year, 3, 31))
    payout = await Payout.get(loan_id=signed.id)
    async with httpx2.AsyncClient(base_url=house.payments_url, trust_env=False) as http:
        await http.post("/release", json={"reference": str(payout.id)})
    await house.settle()
    loan = await Loan.get(id=signed.id)
    flows = [(date(year, 3, 31), 12_000_07)]
    flows += [
        (row.due_on, -row.principal_minor - row.interest_minor - row.fee_minor)
        for row in await instalments_of(loan.id)
    ]
    # Dearer than what was signed by the days of the months alone, and never than the ceiling: there the rate gives way.
    assert signed.apr_scaled < loan.apr_scaled == annual_cost(flows).scaled <= sold.ceiling_yearly.scaled
    assert (loan.daily_scaled == signed.daily_scaled) is kept


async def test_no_payment_books_beyond_its_reason(house: World, borrower: Person) -> None:
    _, loan = await draw(house, borrower, "1000.00", 3)
    for amount, currency, code in (
        ("0.00", "CNY", "AMOUNT_ZERO"),
        ("10.00", "USD", "CURRENCY_NOT_OFFERED"),
        ("100000000000.00", "CNY", "PAYMENT_FAR_TOO_LARGE"),
    ):
        asked = {"loanId": loan["id"], "amount": {"amount": amount, "currency": currency}}
        refused = await house.act("Repay", borrower, **asked)
        assert refused["violations"][0]["code"] == code
    day = (await house.house.desk.refresh_clock()).astimezone(BUSINESS_ZONE).date()
    for on in (day - timedelta(days=1), day + timedelta(days=367)):
        asked = {"loanId": loan["id"], "on": on.isoformat()}
        told = (await house.ask("PayoffQuote", {"input": asked}, borrower.token))["payoffQuote"]
        assert told["violations"][0]["code"] == "PAYOFF_DAY"
    assert (await seen(house, borrower, loan["id"]))["repayments"]["nodes"] == []
