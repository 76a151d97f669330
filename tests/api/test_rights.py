"""What a customer asks about own data and decisions, over HTTP: corrections, reviews, withdrawals told beforehand."""

from datetime import date
from typing import Any
from uuid import uuid4

from app.api.scalars import decode_id
from app.domain.person import make_id_number
from models.credit import Decision
from models.people import Customer, Staff
from models.rights import DataRequest
from tests.api.life import id_of, officer
from tests.api.rows import row_counts
from tests.world import Person, World

NOTE = "An answer that is long enough."
EVIDENCE = "See the copy of my card."


async def mine(world: World, person: Person) -> list[Any]:
    """The person's requests as shown, newest first."""
    nodes = (await world.ask("MyRequests", {}, person.token))["viewer"]["requests"]["nodes"]
    return list(nodes)


async def queue(world: World, login: str, **which: Any) -> list[Any]:
    """The queue of an officer."""
    return list((await world.ask("OfficerRequests", which, officer(login).token))["oversight"]["requests"]["nodes"])


async def correct(world: World, person: Person, field: str, value: str = "", **asked: Any) -> Any:
    return await world.act("RequestCorrection", person, field=field, value=value, evidence=EVIDENCE, **asked)


async def settle(world: World, login: str, request: str, *, accept: bool = True, **asked: Any) -> Any:
    return await world.act("SettleRequest", officer(login), requestId=request, accept=accept, note=NOTE, **asked)


async def name_seen(world: World, person: Person) -> tuple[str, str]:
    """Name and ID number as they lie in the book, opened."""
    desk = world.house.desk
    row = await Customer.get(id=decode_id(await id_of(world, person), "Customer"))
    box = desk.box(row)
    return tuple(  # type: ignore[return-value]
        box.open("customer", column, row.id, getattr(row, column)).decode()
        for column in ("name_sealed", "id_number_sealed")
    )


# ---- correction ---------------------------------------------------------------------------------------------


async def test_a_name_is_corrected_by_an_officer_and_the_old_one_is_kept(room: World) -> None:
    person = await room.with_line()
    asked = await correct(room, person, "NAME", "李 明")
    assert asked["request"]["state"] == "RECEIVED"
    assert await name_seen(room, person) == (person.name, person.id_number)
    waiting = [node["id"] for node in await queue(room, "privacy", kind="CORRECTION")]
    assert asked["request"]["id"] in waiting
    assert await queue(room, "risk", kind="CORRECTION") == []
    settled = await settle(room, "privacy", asked["request"]["id"])
    assert settled["request"]["outcome"] == "CORRECTED"
    (shown,) = await mine(room, person)
    assert (shown["valueBefore"], shown["answer"]) == (person.name, NOTE)
    assert (await name_seen(room, person))[0] == shown["value"]
    assert (await settle(room, "privacy2", asked["request"]["id"]))["__typename"] == "DecisionClosed"


async def test_an_id_number_changes_only_when_a_second_officer_agrees(room: World) -> None:
    person, new = await room.with_line(), make_id_number("999999", date(1990, 1, 2), 17)
    request = (await correct(room, person, "ID_NUMBER", new))["request"]["id"]
    first = await settle(room, "privacy", request)
    assert first["request"]["state"] == "CHECKING"
    assert (await name_seen(room, person))[1] == person.id_number
    before = await row_counts()
    for accept in (True, False):
        assert (await settle(room, "privacy", request, accept=accept))["__typename"] == "SamePerson"
    assert await row_counts() == before
    assert (await settle(room, "privacy2", request))["request"]["outcome"] == "CORRECTED"
    assert (await name_seen(room, person))[1] == new


async def test_an_id_number_of_another_account_is_not_taken_over(room: World) -> None:
    person, other = await room.with_line(), await room.with_line()
    request = (await correct(room, person, "ID_NUMBER", other.id_number))["request"]["id"]
    await settle(room, "privacy", request)
    refused = await settle(room, "privacy2", request)
    assert refused["violations"][0]["code"] == "ID_NOT_USABLE"
    assert (await name_seen(room, person))[1] == person.id_number
    assert (await settle(room, "privacy2", request, accept=False))["request"]["outcome"] == "REFUSED"


async def test_an_objection_to_the_bureau_is_noted_and_asks_nobody(room: World) -> None:
    person = await room.with_line()
    records = await room.bureau_records(person)
    asked = (await correct(room, person, "BUREAU_RECORD"))["request"]
    assert "征信机构" in asked["next"]
    assert (await settle(room, "privacy", asked["id"]))["request"]["outcome"] == "ANNOTATED"
    assert await room.bureau_records(person) == records == 1


async def test_bad_corrections_are_refused_with_what_is_wrong_and_leave_nothing(room: World) -> None:
    person, stranger = await room.with_line(), await room.new()
    before = await row_counts()
    for field, value, code in (
        ("NAME", "", "NAME_LENGTH"),
        ("NAME", person.name, "NOTHING_TO_CORRECT"),
        ("PHONE", "12", "PHONE_LENGTH"),
        ("ID_NUMBER", person.id_number[:-1], "ID_LENGTH"),
        ("OCCUPATION", "PIRATE", "OCCUPATION_UNKNOWN"),
    ):
        assert (await correct(room, person, field, value))["violations"][0]["code"] == code
    assert (await correct(room, stranger, "NAME", "李明"))["violations"][0]["code"] == "NOTHING_TO_CORRECT"
    asked = {"field": "NAME", "value": "李明", "evidence": "short"}
    short = await room.act("RequestCorrection", person, **asked)
    assert short["violations"] == [
        {
            "path": ["input", "evidence"],
            "code": "REQUEST_TEXT_LENGTH",
            "message": "请用 10 至 2000 个可读字符说明，不得含控制字符。",
        }
    ]
    assert await row_counts() == before


async def test_one_request_of_a_field_is_open_and_a_key_counts_once(room: World) -> None:
    person, key = await room.with_line(), str(uuid4())
    first = await correct(room, person, "NAME", "李明", idempotencyKey=key)
    assert await correct(room, person, "NAME", "李明", idempotencyKey=key) == first
    assert (await correct(room, person, "NAME", "王明", idempotencyKey=key))["__typename"] == "IdempotencyConflict"
    again = await correct(room, person, "NAME", "王明")
    assert (again["__typename"], again["request"]["id"]) == ("RequestExists", first["request"]["id"])
    assert (await correct(room, person, "PHONE", "10987654321"))["__typename"] == "RequestCorrectionPayload"
    back = await room.act("CancelRequest", person, requestId=first["request"]["id"])
    assert back["request"]["state"] == "CANCELLED"
    ended = await room.act("CancelRequest", person, requestId=first["request"]["id"])
    assert (ended["__typename"], ended["state"]) == ("RequestNotOpen", "CANCELLED")
    assert (await correct(room, person, "NAME", "王明"))["__typename"] == "RequestCorrectionPayload"


async def test_a_strangers_request_is_nothing_at_all(room: World) -> None:
    person, stranger = await room.with_line(), await room.new()
    request = (await correct(room, person, "NAME", "李明"))["request"]["id"]
    before = await row_counts()
    for key in (request, person.line_id, "x", ""):
        assert (await room.act("CancelRequest", stranger, requestId=key))["__typename"] == "NotFound"
    assert await mine(room, stranger) == []
    assert await row_counts() == before


async def test_what_a_customer_wrote_is_shown_under_a_running_access_only(room: World) -> None:
    person = await room.with_line()
    request = (await correct(room, person, "NAME", "李明"))["request"]["id"]
    query = "query($access: ID!) { oversight { requests(first: 50) { nodes { id words(accessId: $access) { value text proposal } } } } }"

    async def told(access: str) -> Any:
        nodes = (await room.ask(query, {"access": access}, officer("privacy").token))["oversight"]["requests"][
            "nodes"
        ]
        return next(node["words"] for node in nodes if node["id"] == request)

    assert await told("x") is None
    asked = {"purpose": "PRIVACY_REQUEST", "reason": NOTE, "caseId": request}
    access = (await room.act("OpenCustomerFile", officer("privacy"), **asked))["file"]["access"]["id"]
    assert await told(access) == {"value": "李明", "text": EVIDENCE, "proposal": None}
    number = make_id_number("999999", date(1990, 1, 3), 17)
    request = (await correct(room, person, "ID_NUMBER", number))["request"]["id"]
    await settle(room, "privacy2", request)
    assert (await told(access))["proposal"] == NOTE


async def test_the_queue_pages_by_due_day_past_due_first(room: World) -> None:
    people = [await room.with_line() for _ in range(3)]
    ids = [(await correct(room, person, "NAME", "李明"))["request"]["id"] for person in people]
    late = decode_id(ids[1], "DataRequest")
    await DataRequest.filter(id=late).update(due_on="2026-01-05")
    seen: list[Any] = []
    after = None
    for _ in range(50):
        asked = {"first": 1, "after": after, "kind": "CORRECTION"}
        page = (await room.ask("OfficerRequests", asked, officer("privacy").token))["oversight"]["requests"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert (seen[0]["id"], seen[0]["isOverdue"]) == (ids[1], True)
    assert [node["dueOn"] for node in seen] == sorted(node["dueOn"] for node in seen)
    assert {node["id"] for node in seen} >= set(ids)
    assert len(seen) == len({node["id"] for node in seen})
    wrong = {"query": '{ oversight { requests(after: "x") { nodes { id } } } }'}
    answer = (await room.post(wrong, officer("privacy").token)).json()
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


# ---- review by a person ---------------------------------------------------------------------------------------


async def declined(world: World, person: str = "DECLINED") -> tuple[Person, str, str]:
    """Somebody whom the machine turned down; the application and the decision."""
    customer = await world.new(person)
    application = await world.decided(customer, "20000.00")
    row = await Decision.get(application_id=decode_id(application["id"], "Application"))
    query = "query($id: ID!) { node(id: $id) { ... on Application { decision { id } } } }"
    key = (await world.ask(query, {"id": application["id"]}, customer.token))["node"]["decision"]["id"]
    assert row.outcome in {"DECLINED", "COUNTEROFFERED"}
    return customer, application["id"], key


async def test_a_review_that_upholds_changes_nothing_but_its_answer(room: World) -> None:
    person, _, decision = await declined(room)
    asked = await room.act("RequestReview", person, decisionId=decision, reason="I paid all of it.")
    assert asked["request"]["decisionId"] == decision
    assert asked["request"]["id"] in [node["id"] for node in await queue(room, "risk")]
    assert await queue(room, "privacy", kind="HUMAN_REVIEW") == []
    wrong = await room.act(
        "SettleRequest", officer("privacy"), requestId=asked["request"]["id"], accept=True, note=NOTE
    )
    assert wrong["__typename"] == "NotFound"
    opening = {"purpose": "APPEAL", "reason": NOTE, "caseId": asked["request"]["id"]}
    assert (await room.act("OpenCustomerFile", officer("risk"), **opening))["__typename"] == "OpenCustomerFilePayload"
    seen = (await room.ask("WhoSawMyFile", {}, person.token))["viewer"]["accesses"]["nodes"][0]
    assert seen["purposeText"] == "处理您申请的人工复核"  # and not an appeal of hers
    decisions = await Decision.all().count()
    settled = await room.act(
        "SettleHumanReview", officer("risk"), requestId=asked["request"]["id"], uphold=True, note=NOTE
    )
    assert settled["request"]["outcome"] == "UPHELD"
    assert await Decision.all().count() == decisions
    again = await room.act("RequestReview", person, decisionId=decision, reason="I paid all of it.")
    assert again["violations"][0]["code"] == "REVIEW_DONE_ALREADY"


async def test_a_review_that_changes_is_a_new_decision_and_an_offer_without_a_new_inquiry(room: World) -> None:
    person, application, decision = await declined(room)
    records = await room.bureau_records(person)
    request = (await room.act("RequestReview", person, decisionId=decision, reason="I paid all of it."))["request"][
        "id"
    ]
    limit = {"amount": "3000.00", "currency": "CNY"}
    asked = {"requestId": request, "uphold": False, "limit": limit, "note": NOTE}
    key = str(uuid4())
    settled = await room.act("SettleHumanReview", officer("risk"), idempotencyKey=key, **asked)
    assert settled["request"]["outcome"] == "CHANGED"
    assert await room.act("SettleHumanReview", officer("risk"), idempotencyKey=key, **asked) == settled
    assert (await room.act("SettleHumanReview", officer("risk2"), **asked))["__typename"] == "DecisionClosed"
    (shown,) = await mine(room, person)
    old, new = [await Decision.get(id=decode_id(shown[name], "Decision")) for name in ("decisionId", "newDecisionId")]
    assert (old.outcome, old.decided_by, new.number) == ("DECLINED", None, 2)
    assert new.decided_by is not None
    assert new.inquiry_id == old.inquiry_id
    accepted = await room.act("AcceptOffer", person, applicationId=application)
    assert accepted["line"]["limit"]["amount"] == "3000.00"
    assert await room.bureau_records(person) == records == 1


async def test_a_counteroffer_gives_way_to_a_better_one_and_never_to_a_worse(room: World) -> None:
    person, application, decision = await declined(room, "THIN_FILE")
    offered = (await Decision.get(id=decode_id(decision, "Decision"))).limit_minor or 0
    request = (await room.act("RequestReview", person, decisionId=decision, reason="My income is higher."))[
        "request"
    ]["id"]

    async def settled(minor: int) -> Any:
        limit = {"amount": f"{minor // 100}.00", "currency": "CNY"}
        asked = {"requestId": request, "uphold": False, "limit": limit, "note": NOTE}
        return await room.act("SettleHumanReview", officer("risk"), **asked)

    assert (await settled(offered))["violations"][0]["code"] == "REVIEW_NO_BETTER"
    assert (await settled(offered + 10_000))["request"]["outcome"] == "CHANGED"
    accepted = await room.act("AcceptOffer", person, applicationId=application)
    assert accepted["line"]["limit"]["amount"] == f"{offered // 100 + 100}.00"


async def test_an_offer_that_was_accepted_is_not_reviewed_into_another(room: World) -> None:
    person, application, decision = await declined(room, "THIN_FILE")
    request = (await room.act("RequestReview", person, decisionId=decision, reason="My income is higher."))[
        "request"
    ]["id"]
    await room.act("AcceptOffer", person, applicationId=application)
    limit = {"amount": "19000.00", "currency": "CNY"}
    asked = {"requestId": request, "uphold": False, "limit": limit, "note": NOTE}
    refused = await room.act("SettleHumanReview", officer("risk"), **asked)
    assert refused["violations"][0]["code"] == "REVIEW_OVERTAKEN"


async def test_a_strangers_or_a_persons_or_a_full_grant_is_not_reviewed(room: World) -> None:
    person, _, decision = await declined(room)
    stranger = await room.with_line()
    granted = "{ viewer { applications { nodes { decision { id } } } } }"
    own = (await room.ask(granted, {}, stranger.token))["viewer"]["applications"]["nodes"][0]["decision"]["id"]
    before = await row_counts()
    for key in (decision, stranger.line_id, "x"):
        asked = {"decisionId": key, "reason": "It is not fair."}
        assert (await room.act("RequestReview", stranger, **asked))["__typename"] == "NotFound"
    full = await room.act("RequestReview", stranger, decisionId=own, reason="It is not fair.")
    assert full["violations"][0]["code"] == "REVIEW_NOT_ADVERSE"
    assert await row_counts() == before
    await Decision.filter(id=decode_id(decision, "Decision")).update(decided_by=(await Staff.get(login="risk")).id)
    byhand = await room.act("RequestReview", person, decisionId=decision, reason="It is not fair.")
    assert byhand["violations"][0]["code"] == "REVIEW_OF_A_PERSONS_DECISION"


# ---- what a withdrawal does, told before ------------------------------------------------------------------------


async def foretold(world: World, person: Person, purpose: str) -> tuple[str, list[str], Any]:
    query = "{ viewer { consents(first: 50) { nodes { id purpose status } } } }"
    nodes = (await world.ask(query, {}, person.token))["viewer"]["consents"]["nodes"]
    consent = next(node["id"] for node in nodes if node["purpose"] == purpose)
    answer = await world.ask("ConsentWithdrawalEffect", {"consentId": consent}, person.token)
    told = answer["consentWithdrawalEffect"]["foretold"]
    return consent, [effect["code"] for effect in told["effects"]], told["eventsErasedOn"]


async def test_the_effect_told_is_the_effect_that_comes(room: World) -> None:
    person = await room.new()
    await room.grant(person)
    assert (await foretold(room, person, "FIRST_APPLICATION"))[1] == ["OPENS_NOTHING_MORE"]
    applied = await room.apply(person)
    before = await row_counts()
    consent, effects, _ = await foretold(room, person, "FIRST_APPLICATION")
    assert effects == ["APPLICATION_ENDS", "BUREAU_NOT_ASKED"]
    assert await row_counts() == before
    await room.act("WithdrawConsent", person, consentId=consent)
    await room.settle()
    application = await room.node("MyApplication", applied["application"]["id"], person)
    assert (application["status"], await room.bureau_records(person)) == ("WITHDRAWN", 0)
    assert (await foretold(room, person, "FIRST_APPLICATION"))[1] == ["NOTHING_TO_WITHDRAW"]


async def test_on_a_decided_case_and_a_source_the_effect_is_told_too(room: World) -> None:
    person = await room.with_line()
    _, effects, _ = await foretold(room, person, "FIRST_APPLICATION")
    assert effects == ["DECISION_STANDS", "INQUIRY_STAYS_ON_RECORD", "CONTRACTS_GO_ON"]
    _, effects, day = await foretold(room, person, "PAYMENTS")
    assert effects == ["SOURCE_STOPS", "FIGURES_NOT_USED", "EVENTS_ERASED", "CONTRACTS_GO_ON"]
    assert day is not None
    stranger = await room.new()
    consent, *_ = await foretold(room, person, "PAYMENTS")
    answer = await room.ask("ConsentWithdrawalEffect", {"consentId": consent}, stranger.token)
    assert answer["consentWithdrawalEffect"]["__typename"] == "NotFound"
