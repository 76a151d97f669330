"""How each operation about customers' requests is asked."""

from typing import Any
from uuid import uuid4

from app.api.scalars import encode_id
from app.domain.oversight.roles import Role, Verb
from models.credit import Decision
from models.rights import DataRequest
from tests.api.matrix.stage import DAY, NOTE, Ask, Asked, Stage, act


async def _correction(stage: Stage) -> str:
    """A correction that waits for an answer."""
    found = await DataRequest.get_or_none(kind="CORRECTION", state="RECEIVED")
    if found is not None:
        return encode_id("DataRequest", found.id)
    asked = {"field": "BUREAU_RECORD", "evidence": "That loan was never mine."}
    answer = await stage.world.act("RequestCorrection", stage.person, **asked)
    return str(answer["request"]["id"])


async def _review(stage: Stage) -> str:
    """A review that waits for an answer, of whatever decision there is; an earlier one makes room."""
    found = await DataRequest.get_or_none(kind="HUMAN_REVIEW", state="RECEIVED")
    if found is None:
        await DataRequest.filter(kind="HUMAN_REVIEW").update(state="CANCELLED", outcome=None)
        decision = await Decision.get(customer_id=await stage.row(stage.person))
        found = await DataRequest.create(
            id=uuid4(),
            customer_id=decision.customer_id,
            kind="HUMAN_REVIEW",
            subject=str(decision.id),
            state="RECEIVED",
            asked_sealed=b"sealed",
            received_at=decision.decided_at,
            due_on=DAY,
            decision_id=decision.id,
        )
    return encode_id("DataRequest", found.id)


async def _requests(stage: Stage, _login: str, role: Role, _whose: str) -> Asked:
    node = await _review(stage) if role is Role.RISK else await _correction(stage)
    return Asked("{ oversight { requests(first: 50) { nodes { id } } } }", None, node)


async def _settling(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"requestId": await _correction(stage), "accept": False, "note": NOTE}


async def _reviewing(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"requestId": await _review(stage), "uphold": True, "note": NOTE}


HOW_RIGHTS: dict[Verb, Ask] = {
    Verb.REQUESTS: _requests,
    Verb.SETTLE_REQUEST: act(Verb.SETTLE_REQUEST, _settling),
    Verb.SETTLE_HUMAN_REVIEW: act(Verb.SETTLE_HUMAN_REVIEW, _reviewing),
}
