"""What a document may ask for at once: limits count acts and list entries, and answer before any resolver runs."""

import itertools
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from app.api.gates import ALIASES_MAX, DEPTH_MAX, FRAGMENTS_MAX, ROOT_FIELDS_MAX, TOKENS_MAX
from app.flows.book.signing import CODES_MAX, TRIES_MAX
from models.loans import SigningCode
from tests.api.rows import row_counts
from tests.world import Person, World

ENGLISH = {"accept-language": "en"}
REPAY = 'makeRepayment(input: {idempotencyKey: "%s", loanId: "%s", amount: {amount: "1.00", currency: "CNY"}})'
QUOTE = 'quote(input: {amount: {amount: "100.00", currency: "CNY"}, termMonths: 3}) { __typename }'


@pytest.fixture(scope="module")
async def borrower(room: World) -> Person:
    return await room.with_line()


async def refused(world: World, person: Person, query: str, said: str, status: int = 400) -> None:
    """The document is refused for `said`, in words, before anything ran."""
    before = await row_counts()
    answer = await world.post({"query": query}, person.token, **ENGLISH)
    body = answer.json()
    assert (answer.status_code, set(body)) == (status, {"errors"})
    assert all(error["extensions"]["code"] == "BAD_REQUEST" for error in body["errors"])
    assert said in answer.text
    assert await row_counts() == before


def aliased(fields: list[str]) -> str:
    return " ".join(f"a{number}: {field}" for number, field in enumerate(fields))


async def test_five_hundred_aliases_are_refused(room: World, borrower: Person) -> None:
    await refused(room, borrower, "{ viewer { " + aliased(["id"] * 500) + " } }", "tokens")
    await refused(room, borrower, "{ viewer { " + aliased(["id"] * 400) + " } }", "aliases")
    await refused(room, borrower, "{ " + aliased(["viewer { id }"] * (ALIASES_MAX + 1)) + " }", "aliases")
    most = "{ " + aliased(["viewer { id }"] * ALIASES_MAX) + " }"
    assert (await room.post({"query": most}, borrower.token)).status_code == 200


async def test_a_thousand_quotes_by_alias_never_reach_a_resolver(room: World, borrower: Person) -> None:
    await refused(room, borrower, "{ " + aliased([QUOTE] * 1000) + " }", "bytes", 413)
    await refused(room, borrower, "{ " + aliased([QUOTE] * 500) + " }", "tokens")
    await refused(room, borrower, "{ " + aliased([QUOTE] * 40) + " }", "aliases")


async def test_mutations_by_alias_are_counted_like_queries(room: World, borrower: Person) -> None:
    acts = [REPAY % (uuid4(), borrower.line_id) + " { __typename }" for _ in range(ALIASES_MAX + 1)]
    await refused(room, borrower, "mutation { " + aliased(acts) + " }", "aliases")


async def test_fragments_hide_nothing(room: World, borrower: Person) -> None:
    many = aliased(["inquiryCount"] * 8)
    twice = "{ viewer { ...A } more: viewer { ...A } } fragment A on Customer { " + many + " }"
    await refused(room, borrower, twice, "aliases")
    fields = aliased(["viewer { id }"] * ALIASES_MAX)
    roots = "query Q { ...R ...S } fragment R on Query { " + fields + " } fragment S on Query { b: viewer { id } }"
    await refused(room, borrower, roots, "aliases")
    plain = "viewer { id } " * (ROOT_FIELDS_MAX + 1)
    await refused(room, borrower, "{ ...R } fragment R on Query { " + plain + " }", "root fields")
    deep = (
        "{ viewer { ...A } } fragment A on Customer { line { " + "loans { nodes { line { " * 5 + "id" + " } } }" * 5
    )
    await refused(room, borrower, deep + " } }", "levels")


async def test_fragments_that_double_at_each_step_are_answered_at_once(room: World, borrower: Person) -> None:
    steps = FRAGMENTS_MAX - 1
    chain = " ".join(f"fragment F{n} on Customer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(steps))
    document = "{ viewer { ...F0 } } " + chain + f" fragment F{steps} on Customer {{ id }}"
    assert (await room.post({"query": document}, borrower.token)).status_code == 200
    growing = " ".join(
        f"fragment F{n} on Customer {{ x{n}: inquiryCount ...F{n + 1} ... {{ ...F{n + 1} }} }}" for n in range(steps)
    )
    await refused(
        room, borrower, "{ viewer { ...F0 } } " + growing + f" fragment F{steps} on Customer {{ id }}", "aliases"
    )
    more = " ".join(f"fragment F{n} on Customer {{ ...F{n + 1} }}" for n in range(150))
    await refused(room, borrower, "{ viewer { ...F0 } } " + more + " fragment F150 on Customer { id }", "fragments")


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer { ...A } } fragment A on Customer { ...B } fragment B on Customer { ...A }",
        "{ viewer { ...A } } fragment A on Customer { line { loans { nodes { id } } } ...A }",
        "{ viewer { ...Nowhere } }",
    ],
)
async def test_fragments_in_a_circle_or_unknown_are_refused(room: World, borrower: Person, document: str) -> None:
    await refused(room, borrower, document, "fragment")


async def test_sixty_levels_are_refused(room: World, borrower: Person) -> None:
    sixty = "{ viewer " + "{ line { loans { nodes " * 20 + "{ id }" + " } } }" * 20 + " }"
    await refused(room, borrower, sixty, f"At most {DEPTH_MAX} levels")
    await refused(room, borrower, "{ a " * 700 + "}" * 700, "nested too deeply")
    literal = "{ quote(input: {amount: {amount: " + "[" * 300 + "]" * 300 + ', currency: "CNY"}}) { __typename } }'
    await refused(room, borrower, literal, "nested too deeply")


async def test_more_tokens_than_a_page_needs_are_refused(room: World, borrower: Person) -> None:
    await refused(room, borrower, "{ viewer { " + "id " * TOKENS_MAX + "} }", "tokens")


async def test_pages_within_pages_are_bounded_by_what_they_could_give(room: World, borrower: Person) -> None:
    nested = (
        "{ viewer { line { loans(first: 50) { nodes { line { loans(first: 50) { nodes { line { loans { nodes { id }"
    )
    await refused(room, borrower, nested + " }" * 10, "list entries")
    by_variable = (
        "query Q($n: Int!) { viewer { consents(first: $n) { nodes { inquiries(first: $n) { nodes { consent {"
    )
    by_variable += " inquiries(first: $n) { nodes { id } } } } } } } } }"
    answer = await room.post({"query": by_variable, "variables": {"n": 1}}, borrower.token, **ENGLISH)
    assert (answer.status_code, "list entries" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "page",
    [
        "consents(first: 50) { nodes { wording { earlierInquiries { number } } } }",
        "consents(first: 50) { nodes { ...C } }",
        "inquiries(first: 50) { nodes { report { ... on BureauReport { readings { use } } } } }",
        "inquiries(first: 50) { nodes { report { ... { readings { use } } } } }",
    ],
)
async def test_a_list_without_pages_counts_by_its_most(room: World, borrower: Person, page: str) -> None:
    fragment = "fragment C on Consent { wording { earlierInquiries { number } } }" if "...C" in page else ""
    await refused(room, borrower, "{ viewer { " + aliased([page] * ALIASES_MAX) + " } } " + fragment, "list entries")
    once = "{ viewer { " + page + " } } " + fragment
    assert (await room.post({"query": once}, borrower.token)).status_code == 200


@pytest.mark.parametrize("size", [0, -1, 51, 2_000_000_000])
@pytest.mark.parametrize("where", ["consents", "inquiries", "applications"])
async def test_a_page_has_one_to_fifty_entries(room: World, borrower: Person, where: str, size: int) -> None:
    for query, variables in (
        (f"{{ viewer {{ {where}(first: {size}) {{ nodes {{ id }} }} }} }}", {}),
        (f"query Q($n: Int!) {{ viewer {{ {where}(first: $n) {{ nodes {{ id }} }} }} }}", {"n": size}),
    ):
        body = (await room.post({"query": query, "variables": variables}, borrower.token, **ENGLISH)).json()
        assert body["data"] is None
        assert body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        assert "1 to 50" in body["errors"][0]["message"]


async def test_pages_join_without_gap_or_double_and_cursors_are_checked(room: World, borrower: Person) -> None:
    query = "query Q($n: Int!, $after: String) { viewer { consents(first: $n, after: $after) {"
    query += " nodes { id } pageInfo { hasNextPage endCursor } } } }"

    async def page(person: Person, size: int, after: str | None) -> Any:
        return (await room.ask(query, {"n": size, "after": after}, person.token))["viewer"]["consents"]

    whole = [node["id"] for node in (await page(borrower, 50, None))["nodes"]]
    walked, after = [], None
    for _ in range(len(whole)):
        found = await page(borrower, 1, after)
        walked += [node["id"] for node in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
    assert walked == whole
    assert len(set(whole)) == len(whole) == 4
    assert found["pageInfo"]["hasNextPage"] is False

    stranger = await room.new()
    theirs = (await page(stranger, 1, None))["pageInfo"]["endCursor"]
    assert {node["id"] for node in (await page(borrower, 50, theirs))["nodes"]} <= set(whole)
    for forged in (whole[0], "x", "", theirs + "A", theirs[:-2], "é" * 9):
        body = (await room.post({"query": query, "variables": {"n": 5, "after": forged}}, borrower.token)).json()
        assert (body["data"], body["errors"][0]["extensions"]["code"]) == (None, "BAD_REQUEST")


def guesses(person: Person, signable: dict[str, Any], codes: list[str]) -> dict[str, Any]:
    """One document with a draw for each code."""
    names = [f"i{number}" for number in range(len(codes))]
    head = ", ".join(f"${name}: DrawLoanInput!" for name in names)
    acts = " ".join(
        f"{name}: drawLoan(input: ${name}) {{ __typename ... on CodeWrong {{ triesLeft }} }}" for name in names
    )
    values = [{**signable, "idempotencyKey": str(uuid4()), "oneTimeCode": code} for code in codes]
    return {"query": f"mutation G({head}) {{ {acts} }}", "variables": dict(zip(names, values, strict=True))}


async def test_forty_guesses_of_a_code_count_as_forty_and_end_after_five(room: World) -> None:
    person = await room.with_line()
    signable = await room.signable(person)
    wrong = [f"{number:06d}" for number in range(1, 41)]

    async def tries() -> list[int]:
        return [row.tries for row in await SigningCode.all().order_by("-id").limit(1)]

    assert (await room.post(guesses(person, signable, wrong), person.token)).status_code == 400
    assert await tries() == [0]

    told = (await room.post(guesses(person, signable, wrong[:3]), person.token)).json()["data"]
    assert [answer["triesLeft"] for answer in told.values()] == [4, 3, 2]
    assert await tries() == [3]
    rest = (await room.post(guesses(person, signable, wrong[3:15]), person.token)).json()["data"]
    assert [answer["triesLeft"] for answer in rest.values()] == [1, *[0] * 11]
    assert await tries() == [TRIES_MAX]

    right = await room.act("Draw", person, **signable)
    assert (right["__typename"], right["triesLeft"]) == ("CodeWrong", 0)
    for _ in range(CODES_MAX - 1):
        sent = await room.act("SendSigningCode", person, quoteId=signable["quoteId"])
        assert sent["__typename"] == "SendSigningCodePayload"
    later = await room.act("SendSigningCode", person, quoteId=signable["quoteId"])
    assert later["__typename"] == "TooSoon"
    assert datetime.fromisoformat(later["allowedFrom"]) > datetime.fromisoformat(sent["expiresAt"])
    assert (await room.act("Draw", person, **signable))["__typename"] == "DrawLoanPayload"


async def test_root_fields_of_one_document_are_few(room: World, borrower: Person) -> None:
    names = itertools.cycle(["FIRST_APPLICATION", "LIMIT_INCREASE", "MARKETING"])
    fields = [f"consentWording(purpose: {next(names)}) {{ sha256 }}" for _ in range(ROOT_FIELDS_MAX + 1)]
    await refused(room, borrower, "{ " + aliased(fields) + " }", "root fields")
