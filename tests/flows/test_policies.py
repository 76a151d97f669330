"""A policy is drafted by one, published by another, judges from its day on, and never changes again."""

import asyncio
import json
from uuid import uuid4

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.decide import Facts, decide
from app.domain.deciding.gate import OwnFacts
from app.domain.deciding.outcome import Occupation
from app.domain.deciding.reasons import ReasonCode
from app.domain.policies.document import digest_of
from app.flows.book.end_of_day import Advance, advance_clock
from app.flows.policy.judging import policy_for, policy_named
from models.connection import connection
from models.credit import CreditLine, Decision, PolicyVersion
from models.people import Customer, Staff
from tests.flows.policies import check, day, document, propose, publish, smaller
from tests.world import World


async def test_a_draft_judges_nobody_until_a_second_person_published_it_and_its_day_came(world: World) -> None:
    before = await world.new()
    await world.grant(before)
    made = await propose(world, smaller("salaried-a"))
    policy = made["approval"]["policy"]
    assert (policy["state"], policy["follows"], made["approval"]["maker"]) == ("DRAFT", "salaried-2026.11", "risk")
    applied = await world.apply(before)  # under the policy of today
    done = await check(world, made["approval"]["id"])
    assert (done["approval"]["checker"], done["approval"]["policy"]["state"]) == ("compliance", "PUBLISHED")
    assert (await world.decided(await world.new()))["decision"]["policyVersion"] == "salaried-2026.11"
    await world.advance(1)
    # In flight while the policy changed: judged by the one it was submitted under, and its offer keeps its terms.
    application = await world.node("MyApplication", applied["application"]["id"], before)
    assert application["decision"]["policyVersion"] == "salaried-2026.11"
    accepted = await world.act("AcceptOffer", before, applicationId=application["id"])
    assert accepted["line"]["limit"]["amount"] == "5000.00"
    after = await world.new()
    await world.grant(after)
    refused = await world.apply(after, "5000.00")
    assert refused["violations"][0]["code"] == "LIMIT_OUTSIDE_PRODUCT"
    granted = await world.apply(after, "3000.00")
    await world.settle()
    application = await world.node("MyApplication", granted["application"]["id"], after)
    assert application["decision"]["policyVersion"] == "salaried-a"
    assert await world.bureau_records(after) == await world.bureau_records(before) == 1


async def test_a_case_that_waits_across_the_change_is_judged_by_the_policy_it_was_asked_under(world: World) -> None:
    person = await world.new()
    await world.grant(person)
    applied = await world.apply(person)
    await publish(world, smaller("salaried-a"))
    await advance_clock(world.house.desk, uuid4(), Advance(1))  # no worker ran meanwhile
    assert (await policy_for(Occupation.SALARIED, world.house.desk.clock.now())).version == "salaried-a"
    await world.settle()
    application = await world.node("MyApplication", applied["application"]["id"], person)
    assert (application["decision"]["policyVersion"], application["decision"]["outcome"]) == (
        "salaried-2026.11",
        "APPROVED",
    )


async def test_an_increase_is_judged_by_the_policy_of_its_own_moment(world: World) -> None:
    person = await world.with_line("2000.00")
    await publish(world, smaller("salaried-a"))
    await world.advance(1)
    await world.grant(person, "LIMIT_INCREASE")
    limit = {"amount": "4000.00", "currency": "CNY"}
    refused = await world.act("AskForMore", person, lineId=person.line_id, limit=limit)
    assert refused["violations"][0]["code"] == "LIMIT_OUTSIDE_PRODUCT"
    limit["amount"] = "3000.00"
    asked = await world.act("AskForMore", person, lineId=person.line_id, limit=limit)
    await world.settle()
    increase = await world.node("MyIncrease", asked["limitIncrease"]["id"], person)
    row = await Decision.all().order_by("-id").first()
    assert (increase["status"], row.policy_version if row else None) == ("APPROVED", "salaried-a")


async def test_a_decision_is_reached_again_from_the_book_alone(world: World) -> None:
    await world.decided(await world.new(), "12000.00")
    await publish(world, smaller("salaried-a"))
    await world.advance(2)
    row = await Decision.all().order_by("-id").first()
    assert row is not None
    policy = await policy_named(row.policy_version)
    assert row.policy_sha256 == digest_of(policy)
    customer = await Customer.get(id=row.customer_id)
    box = world.house.desk.box(customer)
    told = json.loads(box.open("decision", "inputs_sealed", row.id, row.inputs_sealed))
    assert row.from_report_sealed is not None
    taken = json.loads(box.open("decision", "from_report_sealed", row.id, row.from_report_sealed))
    own = told["own"]
    facts = Facts(
        own=OwnFacts(
            **{
                **own,
                "occupation": Occupation(own["occupation"]),
                "adverse": tuple(ReasonCode(code) for code in own["adverse"]),
            }
        ),
        score=told["score"],
        file=BureauFile(**taken["file"]),
        adverse=tuple(ReasonCode(code) for code in taken["adverse"]),
    )
    verdict = decide(facts, policy)
    assert (verdict.outcome.value, verdict.limit_minor, verdict.grade) == (row.outcome, row.limit_minor, row.grade)
    assert [reason.value for reason in verdict.reasons] == json.loads(row.reasons)


async def test_a_third_segment_is_data_alone(world: World) -> None:
    told = document("freelance-1", "FREELANCE", occupations=["OTHER"])
    told["grades"] = [{**grade, "dailyRate": "0.00055"} for grade in told["grades"]]
    await publish(world, told)
    await world.advance(1)
    person = await world.new()
    await world.grant(person)
    applied = await world.apply(person, occupation="OTHER")
    await world.settle()
    application = await world.node("MyApplication", applied["application"]["id"], person)
    assert application["decision"]["policyVersion"] == "freelance-1"
    accepted = await world.act("AcceptOffer", person, applicationId=application["id"])
    line = await CreditLine.get(customer_id=(await Decision.all().order_by("-id").first() or Decision()).customer_id)
    assert (line.segment, line.daily_scaled, line.policy_version) == ("FREELANCE", 55_000, "freelance-1")
    trial = await world.ask("LimitEstimate", {"input": {"lineId": accepted["line"]["id"]}}, person.token)
    assert trial["limitEstimate"]["__typename"] == "LimitEstimatePayload"
    assert (await world.decided(await world.new()))["decision"]["policyVersion"] == "salaried-2026.11"
    lost = document("salaried-b", occupations=["OTHER", "SALARIED", "STUDENT"])
    (problem,) = (await propose(world, lost))["problems"]
    assert (problem["code"], problem["case"]["occupation"]) == ("OCCUPATION_CONFLICT", "OTHER")
    fewer = await propose(world, document("freelance-2", "FREELANCE", occupations=["STUDENT"]))
    assert fewer["__typename"] == "ApprovalPayload"  # salaried-2026.11 still claims OTHER


async def test_what_two_have_settled_is_frozen(world: World) -> None:
    await publish(world, smaller("salaried-a"))
    rejected = await propose(world, smaller("salaried-b"), effectiveFrom=await day(world, 2))
    done = await check(world, rejected["approval"]["id"], "RejectPolicy", "compliance2")
    assert done["approval"]["policy"]["state"] == "REJECTED"
    for change in (
        "UPDATE policy_version SET document = '{}' WHERE state = 'PUBLISHED'",
        "UPDATE policy_version SET effective_from = made_at",
        "UPDATE policy_version SET state = 'DRAFT', checker_id = NULL, checked_at = NULL WHERE state = 'REJECTED'",
        "DELETE FROM policy_version",
    ):
        with pytest.raises((IntegrityError, OperationalError)):
            await connection().execute_query(change)
    again = await propose(world, smaller("salaried-b"), effectiveFrom=await day(world, 3))
    assert again["violations"][0]["code"] == "POLICY_VERSION_TAKEN"
    for verb in ("ConfirmPolicy", "RejectPolicy"):
        assert (await check(world, rejected["approval"]["id"], verb))["__typename"] == "ApprovalClosed"


async def test_the_maker_is_never_the_checker_even_in_another_role(world: World) -> None:
    made = await propose(world, smaller("salaried-a"))
    await Staff.filter(login="risk").update(role="COMPLIANCE")
    try:
        assert (await check(world, made["approval"]["id"], login="risk"))["__typename"] == "SamePerson"
    finally:
        await Staff.filter(login="risk").update(role="RISK")
    with pytest.raises((IntegrityError, OperationalError)):
        await connection().execute_query(
            "UPDATE policy_version SET state = 'PUBLISHED', checker_id = maker_id, checked_at = made_at"
            " WHERE state = 'DRAFT'"
        )
    with pytest.raises((IntegrityError, OperationalError)):
        await connection().execute_query(
            "UPDATE policy_version SET state = 'PUBLISHED', maker_id = NULL WHERE state = 'DRAFT'"
        )
    assert (await check(world, made["approval"]["id"]))["__typename"] == "ApprovalPayload"


@pytest.mark.postgres
async def test_policies_are_frozen_and_published_one_at_a_time_on_postgres(pg_world: World) -> None:
    one = await propose(pg_world, document("gig-1", "GIG", occupations=["OTHER"]))
    two = await propose(pg_world, document("freelance-1", "FREELANCE", occupations=["OTHER"]), "risk2")
    told = await asyncio.gather(
        check(pg_world, one["approval"]["id"]), check(pg_world, two["approval"]["id"], login="compliance2")
    )
    assert sorted(answer["__typename"] for answer in told) == ["ApprovalPayload", "PolicyRefused"]
    for change in (
        "UPDATE policy_version SET document = '{}' WHERE state = 'PUBLISHED'",
        "UPDATE policy_version SET state = 'PUBLISHED', maker_id = NULL WHERE state = 'DRAFT'",
        "DELETE FROM policy_version",
        "TRUNCATE policy_version",
    ):
        with pytest.raises((IntegrityError, OperationalError)):
            await connection().execute_query(change)
    assert await PolicyVersion.filter(state="PUBLISHED").count() == 3
