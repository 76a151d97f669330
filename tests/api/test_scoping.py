"""Another person's thing by id is nothing at all: at every door, in every type, the answer of what never was."""

import base64
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.api.schema import NODES
from app.flows.sandbox.book import staff_token
from tests.api.life import collected_from
from tests.api.rows import row_counts
from tests.world import Person, World

EVERYTHING = """query {
  viewer {
    id
    consents(first: 50) { nodes { id } }
    inquiries { nodes { id } }
    notices(first: 50) { nodes { id } }
    payments { nodes { id } }
    creditRefunds { nodes { id } }
    applications { nodes { id decision { id } offer { id } } }
    line {
      id
      limitChanges { nodes { id } }
      limitIncreases { nodes { id decision { id } } }
      debitMandate { id }
      loans { nodes { id debits { nodes { id } } contract { id } instalments { id } repayments { nodes { id } } } }
    }
  }
}"""
NODE = "query($id: ID!) { node(id: $id) { __typename id } }"


def kind_of(key: str) -> str:
    return base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)).decode().partition(":")[0]


def ids_in(answer: Any) -> set[str]:
    """Every id below an answer."""
    if isinstance(answer, list):
        return set().union(*(ids_in(item) for item in answer))
    if not isinstance(answer, dict):
        return set()
    return (
        {str(answer["id"])}
        if "id" in answer and len(answer) == 1
        else (
            set().union(*(ids_in(item) for item in answer.values()))
            | ({str(answer["id"])} if "id" in answer else set())
        )
    )


def never(kind: str) -> str:
    """An id of that kind that nobody was ever given."""
    return base64.urlsafe_b64encode(f"{kind}:{uuid4().hex}".encode()).decode().rstrip("=")


@pytest.fixture(scope="module")
async def owner(room: World) -> Person:
    """Somebody who has one of everything."""
    person = await room.with_line()
    loan = (await room.draw(person))["loan"]
    await room.settle()
    await room.act("Repay", person, loanId=loan["id"], amount={"amount": "10.00", "currency": "CNY"})
    other = (await room.draw(person, "100.00"))["loan"]
    await room.settle()
    await room.act("Repay", person, loanId=other["id"], amount={"amount": "100.01", "currency": "CNY"})
    await room.act("RefundCredit", person)
    await collected_from(room, person)
    await room.grant(person, "LIMIT_INCREASE")
    limit = {"amount": "9000.00", "currency": "CNY"}
    await room.act("AskForMore", person, lineId=person.line_id, limit=limit)
    await room.settle()
    return person


@pytest.fixture(scope="module")
async def stranger(room: World) -> Person:
    return await room.with_line()


@pytest.fixture(scope="module")
async def theirs(room: World, owner: Person) -> dict[str, str]:
    """An id of the owner's for each type that is a Node."""
    found = {kind_of(key): key for key in ids_in(await room.ask(EVERYTHING, {}, owner.token))}
    wanted = {noun.__name__ for noun in NODES} | {"Customer"}
    assert set(found) == wanted
    return found


async def test_the_owner_finds_every_node_by_its_id(room: World, owner: Person, theirs: dict[str, str]) -> None:
    for kind, key in theirs.items():
        assert (await room.ask(NODE, {"id": key}, owner.token))["node"] == {"__typename": kind, "id": key}


async def test_a_strangers_node_is_null_like_one_that_never_was(
    room: World, stranger: Person, theirs: dict[str, str]
) -> None:
    before = await row_counts()
    for kind, key in theirs.items():
        texts = {
            (await room.post({"query": NODE, "variables": {"id": asked}}, stranger.token)).text
            for asked in (key, never(kind), kind, "", "x" * 5000, never("Table"))
        }
        assert texts == {'{"data":{"node":null}}'}
    assert await row_counts() == before


async def test_staff_find_nobodys_node(room: World, theirs: dict[str, str]) -> None:
    for key in theirs.values():
        for login in ("risk", "compliance", "privacy", "operator"):
            answer = (await room.post({"query": NODE, "variables": {"id": key}}, staff_token(login))).json()
            assert answer["data"] == {"node": None}
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


async def doors(world: World, stranger: Person, spent: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Operation, the member that takes an id, and the rest of an input that is in order."""
    own = {key: value for key, value in spent.items() if key != "lineId"}
    return {
        "WithdrawConsent": ("consentId", "Consent", {}),
        "AcceptOffer": ("applicationId", "Application", {}),
        "Draw": ("lineId", "CreditLine", own),
        "Repay": ("loanId", "Loan", {"amount": money("10.00")}),
        "AskForMore": ("lineId", "CreditLine", {"limit": money("9000.00")}),
        "FreezeMyLine": ("lineId", "CreditLine", {"reason": "a test"}),
        "ReleaseMyLine": ("lineId", "CreditLine", {}),
    }


async def test_no_input_takes_a_strangers_id(room: World, stranger: Person, theirs: dict[str, str]) -> None:
    spent = await room.signable(stranger)
    await room.grant(stranger, "LIMIT_INCREASE")
    before = await row_counts()
    for operation, (member, kind, rest) in (await doors(room, stranger, spent)).items():
        wrong_kinds = [key for other, key in theirs.items() if other != kind]
        answers = [
            await room.act(operation, stranger, **rest, **{member: asked})
            for asked in (theirs[kind], never(kind), *wrong_kinds, "", "x")
        ]
        assert answers[0]["__typename"] == "NotFound", operation
        assert all(answer == answers[0] for answer in answers), operation
    for query, asked in (
        ("Quote", {"amount": money("1000.00"), "termMonths": 3}),
        ("CompareTerms", {"amount": money("1000.00"), "termMonths": [3]}),
        ("LimitEstimate", {}),
    ):
        answers = [
            await room.ask(query, {"input": {**asked, "lineId": key}}, stranger.token)
            for key in (theirs["CreditLine"], never("CreditLine"), theirs["Loan"], "x")
        ]
        assert next(iter(answers[0].values()))["__typename"] == "NotFound"
        assert all(answer == answers[0] for answer in answers)
    assert await row_counts() == before


async def test_another_persons_quote_is_stale_like_one_that_was_never_made(
    room: World, owner: Person, stranger: Person
) -> None:
    theirs = await room.signable(owner, "100.00")
    own = await room.signable(stranger, "100.00")
    before = await row_counts()
    forged = own["quoteId"][:-4] + "AAAA"
    for asked in (theirs["quoteId"], forged, "q1.", "q1.x", "", "q1." + "A" * 3000, "é"):
        drawn = await room.act("Draw", stranger, **{**own, "quoteId": asked})
        assert drawn["__typename"] == "QuoteStale"
        sent = await room.act("SendSigningCode", stranger, quoteId=asked)
        assert sent["__typename"] == "QuoteStale"
    assert await row_counts() == before


async def test_a_strangers_cursor_pages_through_own_rows_only(room: World, owner: Person, stranger: Person) -> None:
    query = "query($after: String) { viewer { consents(first: 50, after: $after) { nodes { id }"
    query += " pageInfo { endCursor } } } }"
    cursor = (await room.ask(query.replace("50", "1"), {}, owner.token))["viewer"]["consents"]["pageInfo"][
        "endCursor"
    ]
    seen = (await room.ask(query, {"after": cursor}, stranger.token))["viewer"]["consents"]["nodes"]
    own = (await room.ask(query, {}, stranger.token))["viewer"]["consents"]["nodes"]
    assert {node["id"] for node in seen} <= {node["id"] for node in own}


async def test_a_subscription_to_a_strangers_application_ends_at_once(
    room: World, stranger: Person, theirs: dict[str, str]
) -> None:
    query = "subscription($id: ID!) { applicationUpdated(id: $id) { id status } }"
    said = set()
    for key in (theirs["Application"], never("Application"), theirs["Loan"], "x", ""):
        headers = {"accept": "text/event-stream"}
        answer = await room.post({"query": query, "variables": {"id": key}}, stranger.token, **headers)
        assert "NOT_FOUND" in answer.text
        said.add(answer.text)
    assert len(said) == 1


@pytest.mark.parametrize("login", ["compliance", "privacy", "operator"])
async def test_an_officer_without_the_role_settles_nothing_and_sees_no_case(
    room: World, login: str, theirs: dict[str, str]
) -> None:
    before = await row_counts()
    asked = {"idempotencyKey": str(uuid4()), "caseId": theirs["Application"], "approve": True, "note": "a long note"}
    query = "mutation($input: ResolveReferralInput!) { resolveReferral(input: $input) { __typename } }"
    answer = (await room.post({"query": query, "variables": {"input": asked}}, staff_token(login))).json()
    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == (None, "FORBIDDEN")
    queue = (await room.post({"query": "{ oversight { referrals { nodes { id } } } }"}, staff_token(login))).json()
    assert queue["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await row_counts() == before


async def test_an_officer_with_the_role_gets_not_found_for_what_is_no_case(
    room: World, theirs: dict[str, str]
) -> None:
    officer = Person(staff_token("risk"), "", "", "")
    before = await row_counts()
    for key in (never("Application"), never("LimitIncrease"), theirs["Loan"], "x"):
        answer = await room.act("ResolveReferral", officer, caseId=key, approve=False, note="a long enough note")
        assert answer["__typename"] == "NotFound"
    closed = await room.act(
        "ResolveReferral", officer, caseId=theirs["Application"], approve=False, note="a long enough note"
    )
    assert closed["__typename"] == "DecisionClosed"
    assert await row_counts() == before


def test_ids_of_this_table_are_of_the_form_that_the_house_gives() -> None:
    kind, _, key = base64.urlsafe_b64decode(never("Loan") + "==").decode().partition(":")
    assert (kind, UUID(hex=key).hex) == ("Loan", key)
