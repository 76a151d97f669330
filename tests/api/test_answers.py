"""What an act answers is what is true after it; what is refused has changed nothing; a trial writes nothing at all."""

from typing import Any
from uuid import uuid4

import pytest

from app.flows.book.end_of_day import run_due_days
from tests.api.rows import row_counts
from tests.world import Person, World

TWO_DRAWS = """mutation($a: DrawLoanInput!, $b: DrawLoanInput!) {
  a: drawLoan(input: $a) { ...Drawn }
  b: drawLoan(input: $b) { ...Drawn }
}
fragment Drawn on DrawLoanResult {
  __typename
  ... on DrawLoanPayload {
    loan { id status principal { amount } outstanding { amount } instalments { number } line { available { amount } } }
    line { available { amount } held { amount } balance { amount } }
  }
  ... on LimitExceeded { available { amount } }
  ... on QuoteStale { message }
}"""


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def keyed(asked: dict[str, Any]) -> dict[str, Any]:
    return {"idempotencyKey": str(uuid4()), **asked}


async def available(world: World, person: Person) -> str:
    return str((await world.ask("Home", {}, person.token))["viewer"]["line"]["available"]["amount"])


async def test_two_draws_in_one_document_each_show_the_line_after_their_own_step(room: World) -> None:
    person = await room.with_line()
    asked = {name: keyed(await room.signable(person, "1000.00")) for name in ("a", "b")}
    told = await room.ask(TWO_DRAWS, asked, person.token)
    assert [told[name]["line"]["available"]["amount"] for name in ("a", "b")] == ["4000.00", "3000.00"]
    assert [told[name]["loan"]["line"]["available"]["amount"] for name in ("a", "b")] == ["4000.00", "3000.00"]
    assert told["a"]["line"]["held"]["amount"] == "1000.00"
    assert len(told["a"]["loan"]["instalments"]) == 12
    assert await available(room, person) == "3000.00"


async def test_two_draws_that_each_fit_but_not_both_make_one_loan(room: World) -> None:
    person = await room.with_line()
    asked = {name: keyed(await room.signable(person, "3000.00")) for name in ("a", "b")}
    told = await room.ask(TWO_DRAWS, asked, person.token)
    assert (told["a"]["__typename"], told["b"]) == (
        "DrawLoanPayload",
        {"__typename": "LimitExceeded", "available": {"amount": "2000.00"}},
    )
    loans = (await room.ask("Home", {}, person.token))["viewer"]["line"]["loans"]["nodes"]
    assert [loan["id"] for loan in loans] == [told["a"]["loan"]["id"]]


async def test_a_refusal_or_a_fault_in_the_second_act_leaves_the_first_answer_standing(room: World) -> None:
    person = await room.with_line()
    good = keyed(await room.signable(person, "100.00"))
    stale = keyed({**await room.signable(person, "100.00"), "quoteId": "q1.nothing"})
    told = await room.ask(TWO_DRAWS, {"a": good, "b": stale}, person.token)
    assert [told[name]["__typename"] for name in ("a", "b")] == ["DrawLoanPayload", "QuoteStale"]

    second = """mutation($a: DrawLoanInput!, $b: GrantConsentInput!) {
      a: drawLoan(input: $a) { __typename ... on DrawLoanPayload { loan { id } } }
      b: grantConsent(input: $b) { __typename }
    }"""
    draw = keyed(await room.signable(person, "100.00"))
    evidence = {"wordingSha256": "x", "language": "en", "shownAt": "2026-01-01T00:00:00Z"}
    grant = keyed({"purpose": "MARKETING", "evidence": {**evidence, "secondsRead": 9, "channel": "APP"}})
    keys, room.house.desk.keys = room.house.desk.keys, _KeysThatFailOnce(room.house.desk.keys)  # type: ignore[assignment]
    try:
        answer = (await room.post({"query": second, "variables": {"a": draw, "b": grant}}, person.token)).json()
    finally:
        room.house.desk.keys = keys
    assert answer["data"] is None
    assert [error["path"] for error in answer["errors"]] == [["b"]]
    replayed = await room.act("Draw", person, **draw)
    assert replayed["__typename"] == "DrawLoanPayload"
    assert len((await room.ask("Home", {}, person.token))["viewer"]["line"]["loans"]["nodes"]) == 2


class _KeysThatFailOnce:
    """The house's keys, but for the digest of a grant's input, which fails: a fault within the second act."""

    def __init__(self, keys: Any) -> None:
        self._keys = keys

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)

    def mac(self, use: str, message: bytes) -> bytes:
        if use == "idempotency" and b"wording_sha256" in message:
            raise OSError("the key door is shut")
        made: bytes = self._keys.mac(use, message)
        return made


async def test_payload_query_and_next_answer_agree_for_repayments_and_consents(room: World) -> None:
    person = await room.with_line()
    loan = (await room.draw(person))["loan"]
    await room.settle()
    paid = await room.act("Repay", person, loanId=loan["id"], amount=money("250.00"))
    seen = await room.node("MyLoan", loan["id"], person)
    assert paid["loan"]["outstanding"]["amount"] == seen["outstanding"]["amount"] == "750.00"
    assert paid["line"]["available"]["amount"] == await available(room, person) == "4250.00"
    given = await room.grant(person, "MARKETING")
    gone = await room.act("WithdrawConsent", person, consentId=given["consent"]["id"])
    listed = (await room.ask("MyRecords", {"first": 50}, person.token))["viewer"]["consents"]["nodes"]
    assert gone["consent"]["status"] == "WITHDRAWN"
    assert {node["id"]: node["status"] for node in listed}[gone["consent"]["id"]] == "WITHDRAWN"


@pytest.mark.parametrize("everything", [False, True], ids=["no consent", "every consent"])
async def test_looking_and_trying_out_write_no_row_and_ask_no_bureau(room: World, everything: bool) -> None:
    person = await room.with_line()
    loan = (await room.draw(person))["loan"]
    await room.settle()
    if everything:
        for purpose in ("FIRST_APPLICATION", "LIMIT_INCREASE", "MARKETING", "REPORTING", "SOCIAL"):
            await room.grant(person, purpose)
        await room.settle()
    before, records = await row_counts(), await room.bureau_records(person)
    for number in range(100):
        assert (await room.quote(person, f"{100 + number}.00"))["__typename"] == "QuotePayload"
    compared = {"lineId": person.line_id, "amount": money("1000.00"), "termMonths": [3, 6, 9, 12, 3, 6]}
    for _ in range(20):
        told = (await room.ask("CompareTerms", {"input": compared}, person.token))["quotes"]
        assert [quote["termMonths"] for quote in told["quotes"]] == compared["termMonths"]
    for operation, asked in (
        ("Home", {}),
        ("MyRecords", {"first": 50}),
        ("WhoLookedAtMyCredit", {}),
        ("MyLoan", {"id": loan["id"]}),
        ("LimitEstimate", {"input": {"lineId": person.line_id}}),
        ("LimitEstimate", {"input": {}}),
    ):
        await room.ask(operation, asked, person.token)
    await run_due_days(room.house.desk)
    await room.settle()
    assert await row_counts() == before
    assert await room.bureau_records(person) == records == 1


async def test_a_quote_at_published_terms_binds_nobody_and_cannot_be_drawn_on(room: World) -> None:
    stranger, person = await room.new(), await room.with_line()
    asked = {"amount": money("1000.00"), "termMonths": 12}
    published = (await room.ask("Quote", {"input": asked}, stranger.token))["quote"]["quote"]
    assert published["isBinding"] is False
    own = (await room.quote(person))["quote"]
    assert own["isBinding"] is True
    unbound = (await room.ask("Quote", {"input": asked}, person.token))["quote"]["quote"]
    await room.act("SendSigningCode", person, quoteId=own["id"])
    drawn = await room.act("Draw", person, **{**await room.signable(person), "quoteId": unbound["id"]})
    assert drawn["__typename"] == "QuoteStale"


async def test_a_quote_is_spent_once(room: World) -> None:
    person = await room.with_line()
    asked = await room.signable(person)
    assert (await room.act("Draw", person, **asked))["__typename"] == "DrawLoanPayload"
    before = await row_counts()
    assert (await room.act("Draw", person, **asked))["__typename"] in {"CodeWrong", "QuoteStale"}
    await room.act("SendSigningCode", person, quoteId=asked["quoteId"])
    assert (await room.act("Draw", person, **asked))["__typename"] == "QuoteStale"
    counts = await row_counts()
    assert {**counts, "signing_code": 0, "idempotent_request": 0} == {
        **before,
        "signing_code": 0,
        "idempotent_request": 0,
    }


async def test_what_was_signed_must_be_what_was_shown(room: World) -> None:
    person = await room.with_line()
    asked, other = await room.signable(person, "1000.00"), await room.signable(person, "2000.00")
    before = await row_counts()
    for changed, refusal in (
        ({"disclosureSha256": other["disclosureSha256"]}, "DisclosureRequired"),
        ({"disclosureSha256": ""}, "DisclosureRequired"),
        ({"secondsRead": 4}, "DisclosureRequired"),
        ({"contractSha256": other["contractSha256"]}, "InvalidInput"),
        ({"use": "GAMBLING"}, "InvalidInput"),
        ({"oneTimeCode": "000001"}, "CodeWrong"),
    ):
        answer = await room.act("Draw", person, **{**asked, **changed})
        assert answer["__typename"] == refusal, changed
    shown = await room.act("Draw", person, **{**asked, "secondsRead": 0})
    assert shown["disclosure"]["sha256"] == asked["disclosureSha256"]
    assert await row_counts() == before
    assert (await room.act("Draw", person, **asked))["__typename"] == "DrawLoanPayload"


async def test_two_applications_and_two_increases_at_once_are_one(room: World) -> None:
    person = await room.new()
    await room.grant(person)
    first = await room.apply(person)
    await room.grant(person)
    second = await room.apply(person)
    assert (second["__typename"], second["application"]["id"]) == ("ApplicationExists", first["application"]["id"])
    await room.settle()
    person.line_id = (await room.act("AcceptOffer", person, applicationId=first["application"]["id"]))["line"]["id"]
    third = await room.apply(person)
    assert (third["__typename"], third["line"]["id"]) == ("LineAlreadyOpen", person.line_id)
    accepted = await room.act("AcceptOffer", person, applicationId=first["application"]["id"])
    assert accepted["__typename"] == "ApplicationNotOpen"
    limit = {"lineId": person.line_id, "limit": money("9000.00")}
    for _ in range(2):
        await room.grant(person, "LIMIT_INCREASE")
        last = await room.act("AskForMore", person, **limit)
    assert last["__typename"] == "TooSoon"
    await room.settle()
    assert await room.bureau_records(person) == 2


async def test_an_increase_is_refused_while_frozen_and_below_the_present_limit(room: World) -> None:
    person = await room.with_line()
    await room.grant(person, "LIMIT_INCREASE")
    signable = await room.signable(person)
    for amount in ("5000.00", "4999.99", "0.01"):
        low = await room.act("AskForMore", person, lineId=person.line_id, limit=money(amount))
        assert low["violations"][0]["code"] == "LIMIT_NOT_ABOVE_PRESENT"
    await room.act("FreezeMyLine", person, lineId=person.line_id, reason="a test", days=30)
    frozen = await room.act("AskForMore", person, lineId=person.line_id, limit=money("9000.00"))
    assert (frozen["__typename"], frozen["status"]) == ("LineNotActive", "FROZEN")
    assert (await room.quote(person))["__typename"] == "LineNotActive"
    assert (await room.act("Draw", person, **signable))["__typename"] == "LineNotActive"
    assert await room.bureau_records(person) == 1
