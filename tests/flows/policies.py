"""Policies of a test: documents to propose, and the two officers who see them through."""

import json
from datetime import timedelta
from typing import Any

from app.domain.calendar import business_date
from app.domain.policies.document import document_of
from app.flows.sandbox.book import staff_token
from models.shipped.policies import shipped_policies
from tests.world import Person, World

NOTE = "Discussed with the credit committee."


def officer(login: str) -> Person:
    return Person(staff_token(login), "", "", "")


def document(version: str, segment: str = "SALARIED", **changes: Any) -> dict[str, Any]:
    """The shipped policy of salaried people under another name, with other members."""
    salaried = next(policy for policy in shipped_policies() if policy.segment == "SALARIED")
    told: dict[str, Any] = json.loads(json.dumps(document_of(salaried)))
    return {**told, "version": version, "segment": segment, **changes}


def smaller(version: str, **changes: Any) -> dict[str, Any]:
    """A policy by which nobody gets more than 3,000 yuan."""
    plain = document(version)
    caps = {"most": "3000.00", "thinFileCap": "3000.00", "manyLendersCap": "3000.00"}
    grades = [{**grade, "limitCap": "3000.00"} for grade in plain["grades"]]
    return {**plain, "grades": grades, "limits": {**plain["limits"], **caps}, **changes}


async def propose(world: World, told: dict[str, Any] | str, login: str = "risk", **asked: Any) -> Any:
    text = told if isinstance(told, str) else json.dumps(told)
    asked = {"effectiveFrom": await day(world, 1), "note": NOTE, **asked}
    return await world.act("ProposePolicy", officer(login), document=text, **asked)


async def day(world: World, ahead: int) -> str:
    now = await world.house.desk.refresh_clock()
    return (business_date(now) + timedelta(days=ahead)).isoformat()


async def check(
    world: World, approval: str, verb: str = "ConfirmPolicy", login: str = "compliance", **more: Any
) -> Any:
    return await world.act(verb, officer(login), **{"approvalId": approval, "note": NOTE, **more})


async def publish(world: World, told: dict[str, Any], ahead: int = 1) -> None:
    """Propose and confirm; it judges `ahead` days from now."""
    made = await propose(world, told, effectiveFrom=await day(world, ahead))
    assert made["__typename"] == "ApprovalPayload", made
    done = await check(world, made["approval"]["id"])
    assert done["approval"]["policy"]["state"] == "PUBLISHED", done
