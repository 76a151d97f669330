"""What officers are told of policies: refusals by type, and what changes from one to the next."""

import json
from datetime import date
from typing import Any
from uuid import uuid4

from app.api.scalars import encode_id
from app.flows.sandbox.book import staff_token
from models.credit import PolicyVersion
from tests.flows.policies import check, day, document, officer, propose, publish, smaller
from tests.world import World


async def test_what_cannot_be_proposed_or_confirmed_is_told_by_type(house: World) -> None:
    today, far = await day(house, 0), await day(house, 367)
    for asked, code in (
        ({"effectiveFrom": today}, "POLICY_DAY"),
        ({"effectiveFrom": far}, "POLICY_DAY"),
        ({"effectiveFrom": date.max.isoformat()}, "POLICY_DAY"),
        ({"effectiveFrom": date.min.isoformat()}, "POLICY_DAY"),
        ({"note": "short"}, "NOTE_LENGTH"),
    ):
        answer = await propose(house, smaller("salaried-a"), **asked)
        assert (answer["__typename"], answer["violations"][0]["code"]) == ("InvalidInput", code)
    unsound = smaller("salaried-a", decline={"from": 300, "to": 560})
    answer = await propose(house, unsound)
    assert [(problem["code"], problem["case"]["score"]) for problem in answer["problems"]] == [("GAP", 561)]
    assert (await propose(house, "{"))["problems"][0]["code"] == "NOT_JSON"
    key = str(uuid4())
    first = await propose(house, smaller("salaried-a"), idempotencyKey=key)
    assert (await propose(house, smaller("salaried-a"), idempotencyKey=key)) == first
    pending = await propose(house, smaller("salaried-b"))
    assert (pending["__typename"], pending["approvalId"]) == ("ApprovalPending", first["approval"]["id"])
    gone = await check(house, encode_id("Approval", uuid4()))
    assert gone["__typename"] == "NotFound"
    await house.advance(1)
    late = await check(house, first["approval"]["id"])
    assert (late["__typename"], late["violations"][0]["code"]) == ("InvalidInput", "POLICY_DAY_PAST")
    assert (await check(house, first["approval"]["id"], "RejectPolicy"))["approval"]["outcome"] == "REJECTED"
    await publish(house, smaller("salaried-c"), ahead=3)
    early = await propose(house, smaller("salaried-d"), effectiveFrom=await day(house, 3))
    assert early["violations"][0]["code"] == "POLICY_NOT_LAST"
    assert await PolicyVersion.filter(segment="SALARIED").count() == 3


async def test_officers_see_what_changes_from_one_policy_to_the_next(house: World) -> None:
    told = document("small-business-b", "SMALL_BUSINESS", occupations=["SMALL_BUSINESS"])
    await publish(house, told, ahead=5)
    seen = await house.ask("Policies", {"segment": "SMALL_BUSINESS"}, staff_token("compliance"))
    newest, first = seen["oversight"]["policies"]["nodes"]
    assert (newest["version"], newest["follows"], newest["maker"], newest["checker"]) == (
        "small-business-b",
        "small-business-2026.11",
        "risk",
        "compliance",
    )
    changes = {change["path"]: (change["before"], change["after"]) for change in newest["differences"]}
    assert changes["/grades/A/incomeMultiple"] == ("6", "8")
    assert "/age/least" not in changes
    assert (first["version"], first["maker"], first["follows"]) == ("small-business-2026.11", None, None)
    assert all(change["before"] is None for change in first["differences"])
    waiting = await house.act("ProposePolicy", officer("risk2"), **await _draft(house))
    queue = await house.ask("PendingApprovals", {"first": 50}, staff_token("risk"))
    nodes = queue["oversight"]["pendingApprovals"]["nodes"]
    assert waiting["approval"]["id"] in [node["id"] for node in nodes]


async def _draft(house: World) -> dict[str, Any]:
    told = document("small-business-c", "SMALL_BUSINESS", occupations=["SMALL_BUSINESS"])
    return {"document": json.dumps(told), "effectiveFrom": await day(house, 9), "note": "For the next season."}
