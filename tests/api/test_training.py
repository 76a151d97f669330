"""No officer comes near personal data without a training that counts, over HTTP, whatever the verb."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app.api.scalars import encode_id
from app.domain.calendar import business_date
from app.domain.oversight.roles import Role, Verb, courses_for, roles_with
from app.domain.oversight.training import Course, expiry_of
from app.flows.sandbox.book import staff_token
from models.oversight.staff import StaffTraining
from models.people import AccessToken, Staff
from tests.api.matrix.desk import HOW
from tests.api.matrix.stage import Stage, officer, referred
from tests.api.rows import row_counts
from tests.api.test_role_matrix import LOGIN, answered
from tests.world import World

LONG_AGO = date(2019, 2, 28)
PROOF = "certificate 2026-17"
NEEDING = [verb for verb in Verb if courses_for(verb)]


@pytest.fixture(scope="module")
async def stage(room: World) -> Stage:
    waiting, application = await referred(room)
    return Stage(room, await room.with_line(), waiting, application)


async def today(world: World) -> date:
    return business_date(await world.house.desk.refresh_clock())


async def staff_of(login: str) -> UUID:
    return (await Staff.get(login=login)).id


async def record(world: World, login: str, course: str, day: date, by: str = "compliance", **more: Any) -> Any:
    asked = {"staffId": encode_id("Staff", await staff_of(login)), "course": course, "completedOn": day.isoformat()}
    return await world.act("RecordTraining", officer(by), **{"evidence": PROOF, **asked, **more})


@asynccontextmanager
async def expired(world: World, login: str, course: Course) -> AsyncIterator[None]:
    """The officer's course ran out long ago; afterwards it counts again."""
    teller = await staff_of("compliance2" if login == "compliance" else "compliance")
    for day in (LONG_AGO, await today(world)):
        await StaffTraining.create(
            id=uuid7(),
            staff_id=await staff_of(login),
            course=course.value,
            completed_on=day,
            expires_on=expiry_of(course, day),
            evidence=PROOF,
            recorded_by=teller,
            recorded_at=await world.house.desk.refresh_clock(),
        )
        if day == LONG_AGO:
            yield


@pytest.mark.parametrize("verb", NEEDING)
async def test_a_verb_that_comes_near_a_person_needs_each_of_its_courses(stage: Stage, verb: Verb) -> None:
    role = roles_with(verb)[0]
    login = LOGIN[role]
    for course in courses_for(verb):
        asked = await HOW[verb](stage, login, role, "other")
        async with expired(stage.world, login, course):
            rows = await row_counts()
            lacking = "TrainingExpired" if asked.input else "TRAINING_EXPIRED"
            assert await answered(stage, asked, staff_token(login)) == lacking
            assert await row_counts() == rows
        assert await answered(stage, asked, staff_token(login)) != lacking


async def test_what_is_about_nobody_needs_no_course(stage: Stage) -> None:
    async with expired(stage.world, "compliance", Course.PERSONAL_INFORMATION):
        for verb in (Verb.OVERSIGHT, Verb.TRAINING, Verb.MY_TRAINING, Verb.RECORD_TRAINING, Verb.PRIVACY_REGISTER):
            asked = await HOW[verb](stage, "compliance", Role.COMPLIANCE, "other")
            assert await answered(stage, asked, staff_token("compliance")) == "yes", verb


async def test_the_refusal_tells_which_course_since_when_and_what_to_do(stage: Stage) -> None:
    document = """mutation ($input: OpenCustomerFileInput!) { openCustomerFile(input: $input) {
        ... on TrainingExpired { course expiredOn message } } }"""
    asked = {"idempotencyKey": str(uuid7()), **await stage.opening(Role.RISK)}
    body = {"query": document, "variables": {"input": asked}}
    async with expired(stage.world, "risk", Course.CREDIT_REPORTS):
        told = (await stage.world.post(body, staff_token("risk"))).json()["data"]["openCustomerFile"]
        assert (told["course"], told["expiredOn"]) == ("CREDIT_REPORTS", "2021-02-28")
        assert "信用报告使用" in told["message"]
        assert "合规人员登记" in told["message"]
        english = await stage.world.post(body, staff_token("risk"), **{"accept-language": "en"})
        assert "have compliance record it" in english.json()["data"]["openCustomerFile"]["message"]


async def test_an_officer_without_any_record_is_told_so(stage: Stage) -> None:
    newcomer = uuid7()
    await Staff.create(id=newcomer, login="newcomer", role="RISK", created_at=stage.world.house.desk.clock.now())
    document = """mutation ($input: OpenCustomerFileInput!) { openCustomerFile(input: $input) {
        ... on TrainingExpired { course expiredOn message } } }"""
    token = "clt_sbx_staff_newcomer"
    now = stage.world.house.desk.clock.now()
    await AccessToken.create(sha256=sha256(token.encode()).digest(), staff_id=newcomer, created_at=now)
    asked = {"idempotencyKey": str(uuid7()), **await stage.opening(Role.RISK)}
    told = (await stage.world.post({"query": document, "variables": {"input": asked}}, token)).json()["data"]
    assert told["openCustomerFile"]["course"] == "PERSONAL_INFORMATION"
    assert told["openCustomerFile"]["expiredOn"] is None
    assert "没有您的" in told["openCustomerFile"]["message"]


async def test_a_record_opens_the_door_again_and_the_newest_counts(stage: Stage) -> None:
    world = stage.world
    old = await record(world, "risk", "PERSONAL_INFORMATION", LONG_AGO)
    assert old["training"]["courses"][0]["standing"] == "EXPIRED"
    asked = await HOW[Verb.FREEZES](stage, "risk", Role.RISK, "other")
    assert await answered(stage, asked, staff_token("risk")) == "TRAINING_EXPIRED"
    day = await today(world)
    new = await record(world, "risk", "PERSONAL_INFORMATION", day)
    assert new["training"]["courses"][0] == {
        "course": "PERSONAL_INFORMATION",
        "standing": "VALID",
        "completedOn": day.isoformat(),
        "expiresOn": expiry_of(Course.PERSONAL_INFORMATION, day).isoformat(),
        "daysLeft": (expiry_of(Course.PERSONAL_INFORMATION, day) - day).days,
    }
    assert await answered(stage, asked, staff_token("risk")) == "yes"


async def test_nobody_records_an_own_training(stage: Stage) -> None:
    rows = await row_counts()
    told = await record(stage.world, "compliance", "CREDIT_REPORTS", await today(stage.world))
    assert told["__typename"] == "OwnAccount"
    assert await row_counts() == rows


async def test_a_training_of_tomorrow_or_without_a_proof_is_not_recorded(stage: Stage) -> None:
    day = await today(stage.world)
    rows = await row_counts()
    ahead = await record(stage.world, "risk", "CREDIT_REPORTS", day + timedelta(days=1))
    assert ahead["violations"][0]["code"] == "IN_THE_FUTURE"
    for evidence in ("  x ", "y" * 201, "two\nlines"):
        bare = await record(stage.world, "risk", "CREDIT_REPORTS", day, evidence=evidence)
        assert bare["violations"][0]["code"] == "EVIDENCE_LENGTH"
    assert await row_counts() == rows


async def test_the_same_key_records_once(stage: Stage) -> None:
    key, day = str(uuid7()), await today(stage.world)
    first = await record(stage.world, "risk2", "CREDIT_REPORTS", day, idempotencyKey=key)
    rows = await row_counts()
    assert await record(stage.world, "risk2", "CREDIT_REPORTS", day, idempotencyKey=key) == first
    assert await row_counts() == rows
    other = await record(stage.world, "risk2", "PERSONAL_INFORMATION", day, idempotencyKey=key)
    assert other["__typename"] == "IdempotencyConflict"


async def test_who_is_due_within_thirty_days_is_warned_of(stage: Stage) -> None:
    day = await today(stage.world)
    for days, standing in ((30, "DUE"), (31, "VALID"), (1, "DUE"), (0, "EXPIRED")):
        completed = _completed_for(day + timedelta(days=days))
        await record(stage.world, "operator", "PERSONAL_INFORMATION", completed)
        mine = (await stage.world.ask("MyTraining", {}, staff_token("operator")))["oversight"]["myTraining"]
        assert (mine["courses"][0]["standing"], mine["courses"][0]["daysLeft"]) == (standing, days)
    listed = (await stage.world.ask("StaffTraining", {"first": 50}, staff_token("privacy")))["oversight"]["training"]
    by_login = {node["login"]: node for node in listed["nodes"]}
    assert by_login["operator"]["courses"][0]["standing"] == "EXPIRED"
    assert by_login["privacy2"]["courses"][1]["evidence"].startswith("SANDBOX-")


def _completed_for(expires: date) -> date:
    return next(
        day
        for day in (expires - timedelta(days=back) for back in (365, 366))
        if expiry_of(Course.PERSONAL_INFORMATION, day) == expires
    )


async def test_the_register_tells_of_every_column_to_those_who_answer_for_it(stage: Stage) -> None:
    told = await stage.world.ask("PrivacyRegister", {}, staff_token("privacy"))
    tables = {table["name"]: table for table in told["oversight"]["privacyRegister"]}
    columns = {column["name"]: column for column in tables["customer"]["columns"]}
    assert columns["id_number_sealed"]["dataClass"] == "SENSITIVE_PERSONAL"
    assert columns["id_number_sealed"]["sealed"]
    assert tables["bureau_report"]["retention"]["since"] == "received_at"
    assert tables["line_freeze"]["retention"]["hold"].startswith("anti-money-laundering")
    reasons = {column["name"]: column["whyInClear"] for column in tables["line_freeze"]["columns"]}
    assert reasons["reason"]
    assert reasons["actor"] is None


@pytest.mark.long
async def test_after_a_year_the_seeded_staff_must_be_trained_again(stage: Stage) -> None:
    await stage.world.advance(366)
    asked = await HOW[Verb.FREEZES](stage, "risk2", Role.RISK, "other")
    assert await answered(stage, asked, staff_token("risk2")) == "TRAINING_EXPIRED"
    for login in ("risk2", "compliance2"):
        await record(stage.world, login, "PERSONAL_INFORMATION", await today(stage.world))
    assert await answered(stage, asked, staff_token("risk2")) == "yes"
