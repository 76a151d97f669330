"""Amounts, currencies and terms as people and programs send them: one meaning, or a typed refusal; never a guess."""

import json
from typing import Any

import pytest

from tests.api.rows import row_counts
from tests.world import Person, World

BIG = ["21474836.47", "21474836.48", "42949672.96", "90071992547409.93", "9" * 20 + ".99", "1000000000000000"]
QUOTE = """query($input: QuoteInput!) { quote(input: $input) {
  __typename
  ... on QuotePayload { quote { id amount { amount currency } totalRepayable { amount } } }
  ... on LimitExceeded { available { amount currency } }
  ... on InvalidInput { violations { path code message } }
} }"""
SAME = "... on QuotePayload { quote { amount { amount currency } } } ... on InvalidInput { violations { path code } }"


@pytest.fixture(scope="module")
async def borrower(room: World) -> Person:
    return await room.with_line()


async def by_variable(world: World, person: Person, amount: Any, currency: Any = "CNY", term: Any = 3) -> Any:
    query = f"query($input: QuoteInput!) {{ quote(input: $input) {{ __typename {SAME} }} }}"
    asked = {"amount": {"amount": amount, "currency": currency}, "termMonths": term}
    return (await world.post({"query": query, "variables": {"input": asked}}, person.token)).json()


async def by_literal(world: World, person: Person, amount: str, currency: str = '"CNY"', term: str = "3") -> Any:
    """The same, written into the document; each value as GraphQL spells it."""
    asked = f"{{amount: {{amount: {amount}, currency: {currency}}}, termMonths: {term}}}"
    return (await world.post({"query": f"{{ quote(input: {asked}) {{ __typename {SAME} }} }}"}, person.token)).json()


NO_AMOUNTS = {
    "NaN": "AMOUNT_NOT_DIGITS",
    "Infinity": "AMOUNT_NOT_DIGITS",
    "-Infinity": "AMOUNT_NOT_DIGITS",
    "-0.01": "AMOUNT_NOT_DIGITS",
    "+1000": "AMOUNT_NOT_DIGITS",
    "0": "AMOUNT_ZERO",
    "0.00": "AMOUNT_ZERO",
    "1e3": "AMOUNT_NOT_DIGITS",
    "1,000.00": "AMOUNT_NOT_DIGITS",
    "1 000": "AMOUNT_NOT_DIGITS",
    "１０００": "AMOUNT_NOT_DIGITS",
    "١٠٠٠": "AMOUNT_NOT_DIGITS",
    "0.001": "AMOUNT_TOO_FINE",
    "1000.000": "AMOUNT_TOO_FINE",
    " 1000": "AMOUNT_NOT_DIGITS",
    "1000\n": "AMOUNT_NOT_DIGITS",
    "1000\x00": "AMOUNT_NOT_DIGITS",
    "1000.": "AMOUNT_NOT_DIGITS",
    ".5": "AMOUNT_NOT_DIGITS",
    "0x10": "AMOUNT_NOT_DIGITS",
    "01000": "AMOUNT_LEADING_ZERO",
    "": "AMOUNT_EMPTY",
    "¥1000": "AMOUNT_NOT_DIGITS",
    "9" * 5000: "AMOUNT_TOO_LONG",
}


@pytest.mark.parametrize(("amount", "code"), NO_AMOUNTS.items(), ids=range(len(NO_AMOUNTS)))
async def test_what_is_no_amount_is_told_alike_by_literal_and_by_variable(
    room: World, borrower: Person, amount: str, code: str
) -> None:
    wanted = {"__typename": "InvalidInput", "violations": [{"path": ["input", "amount", "amount"], "code": code}]}
    assert (await by_variable(room, borrower, amount))["data"]["quote"] == wanted
    assert (await by_literal(room, borrower, json.dumps(amount)))["data"]["quote"] == wanted


@pytest.mark.parametrize("amount", [1000.1, 1000, 1e3, True, ["1000"], {"value": "1000"}, None])
async def test_a_number_of_json_is_refused_and_never_rounded(room: World, borrower: Person, amount: Any) -> None:
    literal = json.dumps(amount).replace('"value"', "value")
    for answer in (await by_variable(room, borrower, amount), await by_literal(room, borrower, literal)):
        assert set(answer) == {"errors"}
        assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        assert answer["errors"][0]["locations"]
    assert "amount.amount" in (await by_variable(room, borrower, amount))["errors"][0]["message"]


async def test_three_spellings_are_one_amount(room: World, borrower: Person) -> None:
    for spelling in ("1000", "1000.0", "1000.00"):
        for answer in (
            await by_variable(room, borrower, spelling),
            await by_literal(room, borrower, f'"{spelling}"'),
            await by_literal(room, borrower, f'"""{spelling}"""'),
        ):
            amount = {"amount": "1000.00", "currency": "CNY"}
            assert answer["data"]["quote"] == {"__typename": "QuotePayload", "quote": {"amount": amount}}


@pytest.mark.parametrize("currency", ["USD", "cny", "CNY ", "", "人民币", "CNYY"])
async def test_other_currencies_are_refused(room: World, borrower: Person, currency: str) -> None:
    wanted = {
        "__typename": "InvalidInput",
        "violations": [{"path": ["input", "amount", "currency"], "code": "CURRENCY_NOT_OFFERED"}],
    }
    assert (await by_variable(room, borrower, "1000", currency))["data"]["quote"] == wanted
    assert (await by_literal(room, borrower, '"1000"', json.dumps(currency)))["data"]["quote"] == wanted


@pytest.mark.parametrize("term", [0, -1, 1, 2, 4, 13, 10**9, -(10**9)])
async def test_terms_outside_the_product_are_refused(room: World, borrower: Person, term: int) -> None:
    wanted = {
        "__typename": "InvalidInput",
        "violations": [{"path": ["input", "termMonths"], "code": "TERM_NOT_OFFERED"}],
    }
    assert (await by_variable(room, borrower, "1000", term=term))["data"]["quote"] == wanted
    assert (await by_literal(room, borrower, '"1000"', term=str(term)))["data"]["quote"] == wanted


@pytest.mark.parametrize("term", [13.5, 10**12, "12", True, [12, 3]])
async def test_terms_that_are_no_whole_numbers_are_refused(room: World, borrower: Person, term: Any) -> None:
    for answer in (
        await by_variable(room, borrower, "1000", term=term),
        await by_literal(room, borrower, '"1000"', term=json.dumps(term)),
    ):
        assert set(answer) == {"errors"}
        assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_field_named_twice_is_refused_in_both_places(room: World, borrower: Person) -> None:
    twice = await by_literal(room, borrower, '"1000", amount: "2000"')
    assert (set(twice), twice["errors"][0]["extensions"]["code"]) == ({"errors"}, "BAD_REQUEST")
    body = json.dumps({"query": QUOTE, "variables": {"input": {"termMonths": 3, "amount": "AMOUNT"}}})
    body = body.replace('"AMOUNT"', '{"amount": "1000", "currency": "CNY", "amount": "2000"}')
    headers = {"authorization": f"Bearer {borrower.token}", "content-type": "application/json"}
    answer = await room.http.post("/graphql", content=body.encode(), headers=headers)
    assert (answer.status_code, set(answer.json())) == (400, {"errors"})


@pytest.mark.parametrize("amount", BIG)
async def test_amounts_over_32_and_53_bits_get_a_typed_refusal(room: World, borrower: Person, amount: str) -> None:
    newcomer = await room.new()
    before = await row_counts()
    for line in ({}, {"lineId": borrower.line_id}):
        asked = {"amount": {"amount": amount, "currency": "CNY"}, "termMonths": 12, **line}
        answer = await room.post({"query": QUOTE, "variables": {"input": asked}}, borrower.token)
        assert answer.status_code == 200
        assert "errors" not in answer.json()
        assert "32-bit" not in answer.text
        assert answer.json()["data"]["quote"]["__typename"] in {"InvalidInput", "LimitExceeded"}
    applied = await room.apply(newcomer, amount)
    assert applied["__typename"] == "InvalidInput"
    assert applied["violations"][0]["path"] == ["input", "limit", "amount"]
    more = await room.act(
        "AskForMore", borrower, lineId=borrower.line_id, limit={"amount": amount, "currency": "CNY"}
    )
    assert more["violations"][0]["path"] == ["input", "limit", "amount"]
    assert await row_counts() == before


async def test_amounts_come_back_digit_for_digit_in_the_bytes_of_the_answer(room: World, borrower: Person) -> None:
    asked = {"amount": {"amount": "4999.93", "currency": "CNY"}, "termMonths": 12, "lineId": borrower.line_id}
    answer = await room.post({"query": QUOTE, "variables": {"input": asked}}, borrower.token)
    assert '"amount":{"amount":"4999.93","currency":"CNY"}' in answer.text
    over = {**asked, "amount": {"amount": "5000.01", "currency": "CNY"}}
    answer = await room.post({"query": QUOTE, "variables": {"input": over}}, borrower.token)
    assert '"available":{"amount":"5000.00","currency":"CNY"}' in answer.text


async def test_a_repayment_of_no_amount_books_nothing(room: World) -> None:
    person = await room.with_line()
    loan = (await room.draw(person))["loan"]
    await room.settle()
    before = await row_counts()
    for amount in ("0", "-1", "0.001", "1e3", "", "NaN", "1" + "0" * 15):
        paid = await room.act("Repay", person, loanId=loan["id"], amount={"amount": amount, "currency": "CNY"})
        assert paid["__typename"] == "InvalidInput"
        assert paid["violations"][0]["path"] == ["input", "amount", "amount"]
    dollars = await room.act("Repay", person, loanId=loan["id"], amount={"amount": "1.00", "currency": "USD"})
    assert dollars["violations"][0]["path"] == ["input", "amount", "currency"]
    assert await row_counts() == before
