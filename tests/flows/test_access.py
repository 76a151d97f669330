"""A member of staff who looks at a person leaves a trace first, sees little, and the person sees who it was."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from asyncpg import PostgresError
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, get_named_type
from tortoise.exceptions import IntegrityError, OperationalError

from app.api.scalars import decode_id, encode_id
from app.api.schema import build_schema
from app.flows.sandbox.book import persona_token, staff_token
from models.connection import connection, fetch
from models.oversight.staff import StaffAccess, StaffAccessReveal
from models.people import Customer
from models.plumbing import BusinessClockRow
from tests.world import Person, World, spelled

REASON = "The customer asked about the freeze."


def officer(login: str) -> Person:
    return Person(staff_token(login), "", "", "")


async def customer_id(world: World, person: Person) -> str:
    return str((await world.ask("query { viewer { id } }", {}, person.token))["viewer"]["id"])


async def opened(world: World, login: str, person: Person, **asked: Any) -> Any:
    asked = {
        "purpose": "FREEZE",
        "reason": REASON,
        "customerId": await customer_id(world, person),
        **asked,
    }
    return await world.act("OpenCustomerFile", officer(login), **asked)


async def seen(world: World, person: Person) -> list[dict[str, Any]]:
    found = await world.ask("WhoSawMyFile", {}, person.token)
    return list(found["viewer"]["accesses"]["nodes"])


@pytest.fixture(scope="module")
async def borrower(house: World) -> Person:
    person = await house.with_line()
    await house.draw(person, "1000.00")
    await house.settle()
    return person


async def test_a_file_is_masked_and_holds_what_a_case_needs(house: World, borrower: Person) -> None:
    before = await house.bureau_records(borrower)
    answer = await opened(house, "risk", borrower)
    file = answer["file"]
    assert file["name"] == f"{borrower.name[0]}**"
    assert file["idNumber"] == f"{borrower.id_number[:2]}{'*' * 14}{borrower.id_number[-2:]}"
    assert file["phone"] == f"{'*' * 7}{borrower.phone[-4:]}"
    assert file["line"]["status"] == "ACTIVE"
    assert file["line"]["loans"] == {"open": 1, "late": 0, "closed": 0, "principalOwed": {"amount": "1000.00"}}
    assert [decision["outcome"] for decision in file["decisions"]] == ["APPROVED"]
    assert [inquiry["number"] for inquiry in file["inquiries"]] == [1]
    for clear in (borrower.name, borrower.id_number, borrower.phone):
        assert clear not in spelled(answer)
    assert await house.bureau_records(borrower) == before == 1


async def test_somebody_who_never_applied_has_a_file_without_a_name(house: World) -> None:
    person = await house.new()
    answer = await opened(house, "privacy", person, purpose="PRIVACY_REQUEST")
    assert (answer["file"]["name"], answer["file"]["line"], answer["file"]["decisions"]) == (None, None, [])
    access = answer["file"]["access"]["id"]
    told = await house.act("RevealField", officer("privacy"), accessId=access, field="NAME", reason=REASON)
    assert told["__typename"] == "NotFound"
    assert (await seen(house, person))[0]["revealed"] == []


async def test_the_trace_is_there_even_when_the_file_cannot_be_shown(house: World) -> None:
    person = await house.with_line()
    await Customer.filter(id_number_sealed__not_isnull=True, id=await row_id(house, person)).update(
        name_sealed=b"not a sealed value"
    )
    asked = {
        "idempotencyKey": str(uuid4()),
        "purpose": "AUDIT",
        "reason": REASON,
        "customerId": await customer_id(house, person),
    }
    query = "mutation($input: OpenCustomerFileInput!) { openCustomerFile(input: $input) { __typename } }"
    answer = await house.post({"query": query, "variables": {"input": asked}}, staff_token("compliance"))
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert [access["purpose"] for access in await seen(house, person)] == ["AUDIT"]


async def row_id(world: World, person: Person) -> UUID:
    return decode_id(await customer_id(world, person), "Customer")


async def test_nothing_is_shown_or_written_without_a_purpose_of_the_role_and_a_reason(
    house: World, borrower: Person
) -> None:
    before = await StaffAccess.all().count()
    key = await customer_id(house, borrower)
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("risk", {"purpose": "AUDIT"}, "PURPOSE_NOT_OF_ROLE"),
        ("privacy", {"purpose": "REFERRAL"}, "PURPOSE_NOT_OF_ROLE"),
        ("compliance", {"purpose": "PRIVACY_REQUEST"}, "PURPOSE_NOT_OF_ROLE"),
        ("risk", {"reason": "  too short "}, "REASON_LENGTH_ACCESS"),
        ("risk", {"reason": "x" * 501}, "REASON_LENGTH_ACCESS"),
        ("risk", {"customerId": None}, "ONE_OF_CUSTOMER_AND_CASE"),
        ("risk", {"caseId": encode_id("Freeze", uuid4())}, "ONE_OF_CUSTOMER_AND_CASE"),
        ("risk", {"customerId": None, "caseId": encode_id("Application", uuid4())}, "CASE_NOT_OF_PURPOSE"),
    ]
    for login, asked, problem in wrong:
        answer = await opened(house, login, borrower, **asked)
        assert answer["__typename"] == "InvalidInput", (login, asked)
        assert answer["violations"][0]["code"] == problem
    for asked in ({"customerId": encode_id("Customer", uuid4())}, {"customerId": borrower.line_id}):
        assert (await opened(house, "risk", borrower, **asked))["__typename"] == "NotFound"
    bare = {"idempotencyKey": str(uuid4()), "reason": REASON, "customerId": key}
    query = "mutation($input: OpenCustomerFileInput!) { openCustomerFile(input: $input) { __typename } }"
    for unsaid in (bare, {**bare, "purpose": None}, {**bare, "purpose": "CURIOSITY"}):
        answer = await house.post({"query": query, "variables": {"input": unsaid}}, staff_token("risk"))
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        assert not answer.json().get("data")
    assert await StaffAccess.all().count() == before


async def test_a_case_leads_to_the_file_of_its_customer(house: World) -> None:
    person = await house.new("REFERRED")
    application = await house.decided(person, "12000.00")
    case = {"purpose": "REFERRAL", "customerId": None, "caseId": application["id"]}
    answer = await opened(house, "risk", person, **case)
    assert answer["file"]["customerId"] == await customer_id(house, person)
    again = await opened(house, "compliance", person, **{**case, "purpose": "AUDIT"})
    assert again["file"]["customerId"] == answer["file"]["customerId"]


async def test_revealing_shows_one_field_and_is_an_event_once_a_key(house: World) -> None:
    person = await house.with_line()
    access = (await opened(house, "risk", person))["file"]["access"]["id"]
    asked = {"accessId": access, "reason": "To call the customer back."}
    key = str(uuid4())
    for _ in range(2):
        told = await house.act("RevealField", officer("risk"), field="PHONE", idempotencyKey=key, **asked)
        assert (told["field"], told["value"]) == ("PHONE", person.phone)
    other = await house.act("RevealField", officer("risk"), field="NAME", idempotencyKey=key, **asked)
    assert other["__typename"] == "IdempotencyConflict"
    told = await house.act("RevealField", officer("risk"), field="ID_NUMBER", **asked)
    assert told["value"] == person.id_number
    assert await StaffAccessReveal.filter(customer_id=await row_id(house, person)).count() == 2
    (access_seen,) = await seen(house, person)
    assert [event["field"] for event in access_seen["revealed"]] == ["PHONE", "ID_NUMBER"]


async def test_an_access_is_its_officers_own_and_short_words_reveal_nothing(house: World, borrower: Person) -> None:
    access = (await opened(house, "risk", borrower))["file"]["access"]["id"]
    before = await StaffAccessReveal.all().count()
    for login in ("risk2", "compliance", "privacy"):
        told = await house.act("RevealField", officer(login), accessId=access, field="NAME", reason=REASON)
        assert told["__typename"] == "NotFound"
    told = await house.act("RevealField", officer("risk"), accessId=access, field="NAME", reason="because")
    assert told["__typename"] == "InvalidInput"
    assert await StaffAccessReveal.all().count() == before


async def test_an_access_ends_after_half_an_hour_of_business_time_for_every_key(house: World) -> None:
    person = await house.with_line()
    opening, revealing = str(uuid4()), str(uuid4())
    access = (await opened(house, "risk", person, idempotencyKey=opening))["file"]["access"]
    asked = {"accessId": access["id"], "field": "NAME", "reason": REASON, "idempotencyKey": revealing}
    await move_clock(timedelta(minutes=29))
    assert (await house.act("RevealField", officer("risk"), **asked))["value"] == person.name
    await move_clock(timedelta(minutes=1))
    for late in (asked, {**asked, "idempotencyKey": str(uuid4())}):
        told = await house.act("RevealField", officer("risk"), **late)
        assert (told["__typename"], told["expiredAt"]) == ("AccessExpired", access["expiresAt"])
    assert (await opened(house, "risk", person, idempotencyKey=opening))["__typename"] == "AccessExpired"
    assert (await opened(house, "risk", person))["__typename"] == "OpenCustomerFilePayload"
    assert len(await seen(house, person)) == 2


async def move_clock(by: timedelta) -> None:
    clock = await BusinessClockRow.get(id=1)
    await BusinessClockRow.filter(id=1).update(offset_seconds=clock.offset_seconds + int(by.total_seconds()))


async def test_the_customer_sees_duty_purpose_and_words_under_a_steady_mark_but_no_name(house: World) -> None:
    person, other = await house.new(), await house.new()
    for login, purpose in (("compliance", "AUDIT"), ("privacy", "COMPLAINT"), ("compliance", "COMPLAINT")):
        await opened(house, login, person, purpose=purpose, reason=f"Looking for {purpose.lower()} number 7.")
    await opened(house, "compliance", other, purpose="AUDIT")
    last, middle, first = await seen(house, person)
    assert [(node["role"], node["purpose"]) for node in (first, middle, last)] == [
        ("COMPLIANCE", "AUDIT"),
        ("PRIVACY", "COMPLAINT"),
        ("COMPLIANCE", "COMPLAINT"),
    ]
    assert first["reason"] == "Looking for audit number 7."
    assert first["purposeText"]
    assert first["by"] == last["by"] != middle["by"]
    (elsewhere,) = await seen(house, other)
    assert elsewhere["by"] != first["by"]
    logins = {row["login"] for row in await fetch("SELECT login FROM staff")}
    assert {first["by"], middle["by"]}.isdisjoint(logins)
    page = (await house.ask("WhoSawMyFile", {"first": 2}, person.token))["viewer"]["accesses"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (2, True)
    rest = await house.ask("WhoSawMyFile", {"after": page["pageInfo"]["endCursor"]}, person.token)
    assert rest["viewer"]["accesses"]["nodes"] == [first]


async def test_the_log_tells_who_opened_whose_file_and_is_not_for_everybody(house: World, borrower: Person) -> None:
    await opened(house, "risk", borrower)
    query = "{ oversight { accessLog(first: 1) { nodes { by role purpose customerId revealed { field } } } } }"
    (node,) = (await house.ask(query, {}, staff_token("privacy")))["oversight"]["accessLog"]["nodes"]
    assert (node["by"], node["role"], node["purpose"]) == ("risk", "RISK", "FREEZE")
    assert node["customerId"] == await customer_id(house, borrower)
    for login in ("risk", "operator"):
        refused = (await house.post({"query": query}, staff_token(login))).json()
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_an_officer_never_opens_an_own_file(house: World) -> None:
    own = Person(persona_token("sunyang"), "", "", "")
    before = await StaffAccess.all().count()
    assert (await opened(house, "risk2", own))["__typename"] == "OwnAccount"
    assert await StaffAccess.all().count() == before
    assert (await opened(house, "risk", own))["__typename"] == "OpenCustomerFilePayload"


async def traces_stay(world: World) -> None:
    """Whatever statement is tried, the tables hold what they held."""
    person = await world.with_line()
    access = (await opened(world, "risk", person))["file"]["access"]["id"]
    await world.act("RevealField", officer("risk"), accessId=access, field="NAME", reason=REASON)
    for table, column in (("staff_access", "purpose"), ("staff_access_reveal", "field"), ("report_reading", "use")):
        rows = await fetch(f"SELECT * FROM {table} ORDER BY id")
        for change in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
        ):
            with pytest.raises((IntegrityError, OperationalError, PostgresError), match="only grows"):
                await connection().execute_query(change)
        assert await fetch(f"SELECT * FROM {table} ORDER BY id") == rows != []


async def test_traces_can_be_neither_changed_nor_removed_nor_replaced(house: World) -> None:
    await traces_stay(house)
    with pytest.raises((IntegrityError, OperationalError), match="only grows"):
        await connection().execute_query("INSERT OR REPLACE INTO staff_access SELECT * FROM staff_access LIMIT 1")
    with pytest.raises((IntegrityError, OperationalError), match="only grows"):
        await connection().execute_query("INSERT OR REPLACE INTO report_reading SELECT * FROM report_reading LIMIT 1")


def test_no_queue_leads_to_a_contract_a_line_or_a_person() -> None:
    schema: Any = build_schema(sandbox=False)._schema
    reached: set[str] = set()
    ahead = ["Oversight"]
    while ahead:
        name = ahead.pop()
        if name in reached:
            continue
        reached.add(name)
        kind = schema.type_map[name]
        if isinstance(kind, GraphQLUnionType):
            ahead += [member.name for member in kind.types]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            ahead += [get_named_type(field.type).name for field in kind.fields.values()]
    assert {"ReferredApplication", "Decision", "FrozenLine", "Approval"} <= reached
    assert not reached & {"Customer", "CreditLine", "Loan", "Contract", "Application", "CustomerFile", "Offer"}
