"""Products as data: the one of the day prices and is drawn on, a loan keeps its own, fees are in every figure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.api.scalars import decode_id
from app.domain.lending import product as shelf
from app.domain.lending.annual_cost import annual_cost
from app.domain.lending.product import (
    DEFAULT_PRODUCT,
    FREE_CHOICE,
    Fee,
    FeeKind,
    Method,
    Payee,
    Product,
    register,
)
from app.domain.money import Rate
from models.credit import CreditLine
from models.loans import Instalment, Loan
from tests.flows.payments.loans import LINE, days_pass, drawn, pay, stands, today
from tests.flows.rounds import books_agree, customer_id, fen
from tests.world import Person, World

Sell = Callable[..., Product]
FEES = (
    Fee(FeeKind.FEE, Payee.PARTNER, Rate(20_000)),
    Fee(FeeKind.GUARANTEE, Payee.GUARANTOR, Rate(10_000)),
)


@pytest.fixture
def sell(monkeypatch: pytest.MonkeyPatch) -> Sell:
    """Put a further version on the shelf, from a day on."""

    def put(day: date, **changes: Any) -> Product:
        product = replace(FREE_CHOICE, version=3, effective_from=day, **changes)
        monkeypatch.setattr(shelf, "PRODUCTS", register((DEFAULT_PRODUCT, FREE_CHOICE, product)))
        return product

    return put


async def cheap(world: World) -> Person:
    person = await world.with_line(LINE)
    await CreditLine.filter(customer_id=await customer_id(person)).update(daily_scaled=20_000)
    return person


async def test_a_loan_keeps_the_product_that_it_was_made_under(house: World, sell: Sell) -> None:
    person, before = await drawn(house, "3000.00")
    sell(await today(house) + timedelta(days=1), grace_days=3)
    _, same_day = await drawn(house, "3000.00", person=person)
    await days_pass(house, 1)
    _, after = await drawn(house, "3000.00", person=person)
    assert [(await Loan.get(id=loan)).product_version for loan in (before, same_day, after)] == [2, 2, 3]
    await days_pass(house, 33)
    assert [(await stands(house, loan))[0] for loan in (before, after)] == ["CURRENT", "CURRENT"]
    shown = [await house.node("MyLoan", _global(loan), person) for loan in (before, after)]
    assert [loan["status"] for loan in shown] == ["LATE", "CURRENT"]


def _global(loan: UUID) -> str:
    from app.api.scalars import encode_id

    return str(encode_id("Loan", loan))


async def test_a_quote_of_yesterdays_product_is_stale_today(house: World, sell: Sell) -> None:
    person = await house.with_line(LINE)
    order = await house.signable(person, "3000.00")
    sell(await today(house), grace_days=3)
    assert (await house.act("Draw", person, **order))["__typename"] == "QuoteStale"
    fresh = await house.draw(person, "3000.00")
    assert (await Loan.get(id=decode_id(fresh["loan"]["id"], "Loan"))).product_version == 3


async def test_fees_stand_in_disclosure_contract_plan_and_annual_cost(house: World, sell: Sell) -> None:
    sell(await today(house), fees=FEES)
    person = await cheap(house)
    quote = (await house.quote(person, "6000.00", 12))["quote"]
    each = 6000_00 * 30_000 // 10**8
    assert {row["fee"]["amount"] for row in quote["plan"]} == {"1.80"}
    assert sum(fen(row["amount"]["amount"]) for row in quote["plan"]) == fen(quote["totalRepayable"]["amount"])
    items = {item["kind"]: item for item in quote["disclosure"]["items"]}
    assert (items["FEE"]["amount"]["amount"], items["GUARANTEE"]["amount"]["amount"]) == ("14.40", "7.20")
    assert items["GUARANTEE"]["payee"] != items["FEE"]["payee"] != items["INTEREST"]["payee"]
    assert "服务费每期 1.20 CNY，由合作机构收取" in quote["contract"]["text"]
    daily = (await house.quote(person, "6000.00", 12, method="DAILY"))["quote"]
    once = {item["kind"]: item["amount"]["amount"] for item in daily["disclosure"]["items"] if item["amount"]}
    assert (len(daily["plan"]), once["FEE"], once["GUARANTEE"]) == (1, "1.20", "0.60")
    day = await today(house)
    flows = [(day, 6000_00)]
    flows += [(date.fromisoformat(row["dueOn"]), -fen(row["amount"]["amount"])) for row in quote["plan"]]
    assert quote["apr"] == annual_cost(flows).text(4)
    assert quote["apr"] > quote["simpleAnnualCost"]
    _, loan = await drawn(house, "6000.00", person=person)
    assert {row.fee_minor for row in await Instalment.filter(loan_id=loan)} == {each}


async def test_a_fee_is_paid_first_is_income_and_ends_with_the_loan(house: World, sell: Sell) -> None:
    sell(await today(house), fees=FEES)
    person = await cheap(house)
    _, loan = await drawn(house, "6000.00", 6, person=person)
    await days_pass(house, 31)
    await pay(house, person, loan, 1_00)
    shown = await house.node("MyLoan", _global(loan), person)
    assert [part["target"] for part in shown["repayments"]["nodes"][0]["allocations"]] == ["FEE"]
    end = fen(shown["payoff"]["total"]["amount"])
    assert shown["payoff"]["fee"]["amount"] == "0.80"
    await pay(house, person, loan, end)
    status, _, balances = await stands(house, loan)
    assert (status, balances["FEE_INCOME"]) == ("REPAID", -1_80)  # type: ignore[index]
    assert await books_agree(person) == []


async def test_fees_fall_with_a_part_prepayment_in_trial_annex_and_book_alike(house: World, sell: Sell) -> None:
    sell(await today(house), fees=FEES)
    person = await cheap(house)
    _, loan = await drawn(house, "6000.00", 6, person=person)
    asked = {"loanId": _global(loan), "amount": {"amount": "3000.00", "currency": "CNY"}}
    trial = (await house.ask("PrepaymentPreview", {"input": asked}, person.token))["prepaymentPreview"]["trials"][0]
    planned = trial["parts"][0]["plan"]
    await pay(house, person, loan, 3000_00)
    shown = await house.node("MyLoan", _global(loan), person)
    assert [row["amount"] for row in shown["instalments"]] == [row["amount"] for row in planned]
    assert {row.fee_minor for row in await Instalment.filter(loan_id=loan)} == {90}
    annex = shown["repayments"]["nodes"][0]["annex"]["text"]
    assert all(f"{row['dueOn']}  {row['amount']['amount']} CNY = " in annex for row in planned)
    assert annex.count(" + 0.90 CNY") == 6


async def test_a_product_whose_fees_pass_the_ceiling_is_not_quoted_for_that_term(house: World, sell: Sell) -> None:
    sell(await today(house), fees=(Fee(FeeKind.FEE, Payee.LENDER, Rate(5_000_000)),))
    person = await cheap(house)
    refused = await house.quote(person, "6000.00", 3)
    assert refused["violations"][0]["code"] == "TERM_ABOVE_CEILING"


async def test_grace_bears_no_penalty_within_it_and_all_of_it_after(house: World, sell: Sell) -> None:
    sell(await today(house), grace_days=3)
    person, loan = await drawn(house, "3000.00", 3)
    due = (await Instalment.filter(loan_id=loan).order_by("number").first()).due_on  # type: ignore[union-attr]
    await days_pass(house, (due - await today(house)).days + 3)
    shown = await house.node("MyLoan", _global(loan), person)
    assert (shown["status"], shown["payoff"]["penalty"]["amount"]) == ("CURRENT", "0.00")
    await days_pass(house, 1)
    shown = await house.node("MyLoan", _global(loan), person)
    assert (shown["status"], shown["instalments"][0]["daysLate"]) == ("LATE", 4)
    assert fen(shown["payoff"]["penalty"]["amount"]) > 0


async def test_the_penalty_on_interest_is_counted_and_paid_apart(house: World, sell: Sell) -> None:
    sell(await today(house), penalty_on_interest=True)
    person, loan = await drawn(house, "9000.00", 3)
    await days_pass(house, 60)
    first = (await house.node("MyLoan", _global(loan), person))["instalments"][0]
    apart = fen(first["penaltyOnInterest"]["amount"])
    assert apart > 0
    await pay(house, person, loan, fen(first["outstanding"]["amount"]))
    kept = await Instalment.get(loan_id=loan, number=1)
    assert (kept.interest_penalty_minor, kept.paid_interest_penalty_minor) == (apart, apart)
    assert kept.penalty_minor == kept.paid_penalty_minor > 0
    assert await books_agree(person) == []


async def test_terms_and_methods_stand_side_by_side(house: World) -> None:
    person = await house.with_line(LINE)
    asked: dict[str, Any] = {"lineId": person.line_id, "amount": {"amount": "3000.00", "currency": "CNY"}}
    ways = [method.value for method in Method]
    told = (
        await house.ask("CompareTerms", {"input": {**asked, "termMonths": [3, 12], "methods": ways}}, person.token)
    )["quotes"]["quotes"]
    assert [(quote["termMonths"], quote["method"]) for quote in told] == [(t, way) for t in (3, 12) for way in ways]
    assert [len(quote["plan"]) for quote in told] == [3, 3, 3, 1, 12, 12, 12, 1]
    both = {**asked, "termMonths": [3], "methods": ways, "method": "DAILY"}
    none, many = {**asked, "termMonths": []}, {**asked, "termMonths": [3, 4, 5, 6, 7, 8, 9]}
    for wrong, why in ((both, "METHOD_OR_METHODS"), (none, "NO_TERMS"), (many, "TOO_MANY_TERMS")):
        refused = (await house.ask("CompareTerms", {"input": wrong}, person.token))["quotes"]
        assert refused["violations"][0]["code"] == why
