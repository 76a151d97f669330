"""Closing an account and erasing it, over HTTP: what is in the way is told, then it happens, once."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from app.api.scalars import decode_id
from models.credit import CreditLine
from models.people import BehaviourEventRow, Customer
from tests.api.copies import assert_whole
from tests.api.life import id_of, officer
from tests.api.rows import row_counts
from tests.world import Person, World

NOTE = "An answer that is long enough."


async def kinds(
    world: World, person: Person, query: str = "BeforeIClose", root: str = "closeAccountCheck"
) -> list[str]:
    told = (await world.ask(query, {}, person.token))[root]
    return [blocker["kind"] for blocker in told["blockers"]]


async def repaid(world: World, person: Person, amount: str = "1000.00", over: int = 0) -> None:
    """Draw and repay at once, with some fen too many."""
    loan = (await world.draw(person, amount))["loan"]
    await world.settle()
    query = "query($id: ID!) { node(id: $id) { ... on Loan { payoff { total { amount } } } } }"
    payoff = (await world.ask(query, {"id": loan["id"]}, person.token))["node"]["payoff"]["total"]["amount"]
    whole = f"{int(payoff.replace('.', '')) + over}"
    paid = {"amount": f"{whole[:-2]}.{whole[-2:]}", "currency": "CNY"}
    answer = await world.act("Repay", person, loanId=loan["id"], amount=paid)
    assert answer["__typename"] == "MakeRepaymentPayload", answer


async def consents(world: World, person: Person) -> set[str]:
    query = "{ viewer { consents(first: 50) { nodes { status } } } }"
    nodes = (await world.ask(query, {}, person.token))["viewer"]["consents"]["nodes"]
    return {node["status"] for node in nodes}


async def test_an_open_loan_is_told_with_what_is_owed_and_nothing_closes(room: World) -> None:
    person = await room.with_line()
    loan = (await room.draw(person, "1000.00"))["loan"]
    assert await kinds(room, person) == ["PAYOUT_IN_FLIGHT"]
    await room.settle()
    before = await row_counts()
    for operation in ("CloseAccount", "RequestErasure"):
        answer = await room.act(operation, person)
        assert answer["__typename"] == "AccountNotClear"
        first = answer["blockers"][0]
        assert (first["kind"], first["subjectId"], first["amount"]["amount"]) == ("OPEN_LOAN", loan["id"], "1000.00")
        assert first["text"]
    assert await row_counts() == before
    assert await kinds(room, person, "BeforeIErase", "erasureCheck") == ["OPEN_LOAN", "OPEN_LINE"]


@pytest.mark.parametrize("operation", ["CloseAccount", "RequestErasure"])
async def test_an_offer_that_nobody_accepted_ends_and_is_not_in_the_way(room: World, operation: str) -> None:
    person = await room.new()
    application = await room.decided(person)
    assert await kinds(room, person) == []
    assert await kinds(room, person, "BeforeIErase", "erasureCheck") == []
    assert (await room.act(operation, person))["__typename"] == f"{operation}Payload"
    assert (await room.node("MyApplication", application["id"], person))["status"] == "WITHDRAWN"
    late = await room.act("AcceptOffer", person, applicationId=application["id"])
    assert late["__typename"] == "ApplicationNotOpen"


async def test_an_open_case_an_appeal_a_request_and_a_credit_are_in_the_way(room: World) -> None:
    waiting = await room.new("REFERRED")
    await room.decided(waiting, "12000.00")
    assert await kinds(room, waiting) == ["OPEN_APPLICATION"]
    person = await room.with_line()
    await repaid(room, person, over=700)
    await room.act("FreezeMyLine", person, lineId=person.line_id, reason="a test")
    await room.act("AppealFreeze", person, lineId=person.line_id, text="This is a mistake, please look.")
    asked = {"field": "NAME", "value": "李明", "evidence": "See the copy of my card."}
    await room.act("RequestCorrection", person, **asked)
    assert await kinds(room, person) == ["CREDIT_TO_REFUND", "OPEN_APPEAL", "OPEN_REQUEST"]
    told = (await room.ask("BeforeIClose", {}, person.token))["closeAccountCheck"]["blockers"][0]
    assert (told["amount"]["amount"], told["subjectId"]) == ("7.00", None)


async def test_closing_closes_the_line_and_every_consent_and_leaves_the_records(room: World) -> None:
    person = await room.with_line()
    await repaid(room, person)
    await room.act("FreezeMyLine", person, lineId=person.line_id, reason="a test")
    for purpose in ("MARKETING", "SOCIAL"):
        await room.grant(person, purpose)
    records, key = await room.bureau_records(person), str(uuid4())
    closed = await room.act("CloseAccount", person, idempotencyKey=key)
    assert closed["request"]["outcome"] == "CLOSED"
    assert await room.act("CloseAccount", person, idempotencyKey=key) == closed
    line = await CreditLine.get(id=decode_id(person.line_id, "CreditLine"))
    assert (line.status, line.limit_minor) == ("CLOSED", 0)
    assert await consents(room, person) == {"USED", "WITHDRAWN"}
    letters = (await room.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"]
    assert [one["title"] for one in letters if one["kind"] == "CONSENT_WITHDRAWN"] == ["您的授权已全部撤回"]
    assert await room.inquiry_count(person) == records == await room.bureau_records(person)
    loans = "{ viewer { line { status loans { nodes { status } } limitChanges { nodes { reason actor } } } } }"
    shown = (await room.ask(loans, {}, person.token))["viewer"]["line"]
    assert (shown["status"], shown["loans"]["nodes"][0]["status"]) == ("CLOSED", "REPAID")
    assert shown["limitChanges"]["nodes"][0] == {"reason": "ACCOUNT_CLOSED", "actor": "customer"}


async def test_a_closed_account_draws_and_asks_for_nothing_and_may_apply_again(room: World) -> None:
    person = await room.with_line()
    signable = await room.signable(person)
    await room.act("CloseAccount", person)
    assert (await room.act("Draw", person, **signable))["__typename"] in {"LineNotActive", "QuoteStale"}
    assert (await room.quote(person))["__typename"] == "LineNotActive"
    await room.grant(person, "LIMIT_INCREASE")
    limit = {"amount": "9000.00", "currency": "CNY"}
    more = await room.act("AskForMore", person, lineId=person.line_id, limit=limit)
    assert (more["__typename"], more["status"]) == ("LineNotActive", "CLOSED")
    assert await room.bureau_records(person) == 1
    application = await room.decided(person, "6000.00")
    assert application["status"] == "DECIDED"
    assert await room.bureau_records(person) == 2  # a first application again, under a consent of its own


async def test_closing_and_drawing_at_once_never_leave_a_loan_on_a_closed_line(room: World) -> None:
    for _ in range(3):
        person = await room.with_line()
        signable = await room.signable(person, "100.00", 3)
        drawn, closed = await asyncio.gather(room.act("Draw", person, **signable), room.act("CloseAccount", person))
        one = (drawn["__typename"], closed["__typename"])
        assert one in {("DrawLoanPayload", "AccountNotClear"), ("LineNotActive", "CloseAccountPayload")}, one


# ---- erasure ----------------------------------------------------------------------------------------------------


async def test_the_plan_tells_what_is_held_how_long_and_why(room: World) -> None:
    person = await room.with_line()
    await room.act("CloseAccount", person)
    told = (await room.ask("BeforeIErase", {}, person.token))["erasureCheck"]
    assert (told["canErase"], told["blockers"]) == (True, [])
    plan = {item["erasureClass"]: item for item in told["plan"]}
    assert list(plan) == ["OWN_DATA", "BUREAU_REPORTS", "CREDIT_FILE", "TRAIL", "IDENTITY"]
    assert plan["OWN_DATA"]["basis"] is None
    assert "behaviour_event" in plan["OWN_DATA"]["tables"]
    assert plan["CREDIT_FILE"]["basis"] == "ANTI_MONEY_LAUNDERING"
    assert int(plan["CREDIT_FILE"]["eraseOn"][:4]) == int(plan["OWN_DATA"]["eraseOn"][:4]) + 10
    assert "三十四" in plan["IDENTITY"]["basisText"]


async def test_an_erasure_erases_at_once_what_nothing_holds_and_restricts_the_rest(room: World) -> None:
    person = await room.with_line()
    await room.act("NoteMyDevice", person, device="a phone")
    customer_id = decode_id(await id_of(room, person), "Customer")
    assert await BehaviourEventRow.filter(customer_id=customer_id).exists()
    await room.act("CloseAccount", person)
    asked = await room.act("RequestErasure", person)
    assert asked["request"]["state"] == "SCHEDULED"
    assert [bool(step["doneAt"]) for step in asked["request"]["erasures"]] == [True, True, False, False, False]
    assert not await BehaviourEventRow.filter(customer_id=customer_id).exists()
    copy = await assert_whole(room, person)
    assert "SALARY_IN" not in copy
    again = await room.act("RequestErasure", person)
    assert (again["__typename"], again["request"]["id"]) == ("RequestExists", asked["request"]["id"])
    refused = await room.grant(person, "MARKETING")
    assert refused["__typename"] == "AccountRestricted"
    opening: dict[str, Any] = {"reason": NOTE, "customerId": await id_of(room, person)}
    closed = await room.act("OpenCustomerFile", officer("risk"), purpose="APPEAL", **opening)
    assert closed["violations"][0]["code"] == "FILE_RESTRICTED"
    opened = await room.act("OpenCustomerFile", officer("privacy"), purpose="PRIVACY_REQUEST", **opening)
    assert opened["__typename"] == "OpenCustomerFilePayload"


async def test_an_erasure_that_is_taken_back_lets_the_account_begin_anew(room: World) -> None:
    person = await room.with_line()
    await room.act("CloseAccount", person)
    request = (await room.act("RequestErasure", person))["request"]["id"]
    back = await room.act("CancelRequest", person, requestId=request)
    assert back["request"]["state"] == "CANCELLED"
    assert (await room.decided(person))["status"] == "DECIDED"
    assert (await Customer.get(id=decode_id(await id_of(room, person), "Customer"))).restricted_at is None


@pytest.mark.parametrize("twins", [2])
async def test_two_erasures_at_once_are_one(room: World, twins: int) -> None:
    person = await room.with_line()
    await room.act("CloseAccount", person)
    answers = await asyncio.gather(*(room.act("RequestErasure", person) for _ in range(twins)))
    assert sorted(answer["__typename"] for answer in answers) == ["RequestErasurePayload", "RequestExists"]
