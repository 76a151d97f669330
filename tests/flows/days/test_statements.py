"""Statements and certificates as a customer gets them: they add up, they belong to their owner, and they come in time."""

import hashlib
from datetime import date, timedelta
from typing import Any

from app.api.scalars import encode_id
from app.domain.days.statement import Cycle
from app.flows.book.end_of_day import run_due_days
from tests.flows.days.collecting import borrower, business_date_of
from tests.flows.days.test_closing import skip_days
from tests.flows.rounds import fen
from tests.world import Person, World


async def statement(world: World, person: Person, cycle: str) -> Any:
    asked = {"lineId": person.line_id, "cycle": cycle}
    return (await world.ask("MyStatement", {"input": asked}, person.token))["statement"]


async def certificate(world: World, person: Person, loan_id: str) -> Any:
    return (await world.ask("SettlementCertificate", {"input": {"loanId": loan_id}}, person.token))[
        "settlementCertificate"
    ]


async def test_months_add_up_to_what_is_owed(world: World) -> None:
    person, loan = await borrower(world, mandate=False)
    loan_id = encode_id("Loan", loan.id)
    today = await business_date_of(world)
    await world.advance((Cycle.of(today).last - today).days + 6)
    await world.act("Repay", person, loanId=loan_id, amount={"amount": "500.00", "currency": "CNY"})
    await world.advance(1)
    first, second = Cycle.of(today), Cycle.of(await business_date_of(world))
    one, two = [(await statement(world, person, cycle.text))["statement"] for cycle in (first, second)]
    assert (one["opening"]["amount"], one["closed"], two["closed"]) == ("0.00", True, False)
    assert one["closing"] == two["opening"]
    for shown in (one, two):
        lines = sum(fen(line["amount"]["amount"]) for line in shown["lines"])
        assert fen(shown["opening"]["amount"]) + lines == fen(shown["closing"]["amount"])
    assert (one["drawn"]["amount"], two["payments"]["amount"]) == ("3000.00", "-500.00")
    assert {line["text"] for line in two["lines"]} == {"本月计息", "还款入账"}
    assert fen(one["interest"]["amount"]) > 0
    yesterday = await business_date_of(world) - timedelta(days=1)
    assert (one["accruedTo"], two["accruedTo"]) == (one["lastDay"], yesterday.isoformat())
    flags = (await world.ask("WhatICanDo", {}, person.token))["viewer"]["line"]["statements"]
    assert [shown["cycle"] for shown in flags] == [second.text, first.text]


async def test_a_month_is_closed_once_its_last_day_has_earned_and_changes_no_more(world: World) -> None:
    person, _ = await borrower(world, mandate=False)
    month = Cycle.of(await business_date_of(world) + timedelta(days=1))
    await skip_days((month.last - await business_date_of(world)).days + 1)
    after_midnight = (await statement(world, person, month.text))["statement"]
    await run_due_days(world.house.desk)
    in_the_morning = (await statement(world, person, month.text))["statement"]
    assert fen(after_midnight["interest"]["amount"]) < fen(in_the_morning["interest"]["amount"])
    assert (after_midnight["closed"], in_the_morning["closed"]) == (False, True)


async def test_a_month_that_the_line_has_not_seen_and_another_persons_line_are_refused(world: World) -> None:
    person, _ = await borrower(world, mandate=False)
    today = await business_date_of(world)
    for cycle in ("2026-13", Cycle.of(today).before().text, Cycle.of(date(today.year + 1, 12, 1)).text):
        answer = await statement(world, person, cycle)
        assert [one["code"] for one in answer["violations"]] == ["CYCLE_UNKNOWN"]
    stranger = await world.new()
    stranger.line_id = person.line_id
    assert (await statement(world, stranger, Cycle.of(today).text))["__typename"] == "NotFound"


async def test_a_certificate_comes_once_the_loan_is_settled_with_its_digest_and_as_a_file(world: World) -> None:
    person, loan = await borrower(world, mandate=False)
    loan_id = encode_id("Loan", loan.id)
    early = await certificate(world, person, loan_id)
    assert (early["__typename"], early["status"], early["payoff"]["amount"]) == (
        "LoanNotSettled",
        "CURRENT",
        "3000.00",
    )
    path = f"/certificates/{loan_id}.zh-CN.txt"
    headers = {"authorization": f"Bearer {person.token}"}
    assert (await world.http.get(path, headers=headers)).status_code == 409
    await world.act("Repay", person, loanId=loan_id, amount={"amount": "3100.00", "currency": "CNY"})
    given = (await certificate(world, person, loan_id))["certificate"]
    assert hashlib.sha256(given["text"].encode()).hexdigest() == given["sha256"]
    assert "结清" in given["title"]
    assert person.name in given["text"]
    assert "累计还款 3000.00 CNY" in given["text"]  # what was paid beyond is the customer's credit
    assert (given["settledOn"], given["bookedOn"]) == ((await business_date_of(world)).isoformat(),) * 2
    assert given == (await certificate(world, person, loan_id))["certificate"]
    fetched = await world.http.get(given["url"], headers=headers)
    assert (fetched.text, fetched.headers["etag"]) == (given["text"], f'"{given["sha256"]}"')
    assert (await world.http.get(f"/certificates/{loan_id}.en.txt", headers=headers)).text.startswith("Certificate")
    stranger = await world.new()
    assert (await certificate(world, stranger, loan_id))["__typename"] == "NotFound"
    theirs = {"authorization": f"Bearer {stranger.token}"}
    assert (await world.http.get(path, headers=theirs)).status_code == 404
    assert (await world.http.get(path)).status_code == 401
