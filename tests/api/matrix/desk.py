"""How each operation of the desk, the approvals, the files and the watch is asked."""

from typing import Any
from uuid import uuid4

from app.api.scalars import decode_id, encode_id
from app.domain.oversight.roles import Role, Verb
from models.consent import ReconciliationResult, RouteFreeze
from models.credit import CreditLine
from models.oversight.staff import Approval
from models.oversight.watch import RiskEvent
from models.people import Staff
from tests.api.matrix.audit import HOW_AUDIT
from tests.api.matrix.loans import HOW_LOANS, correction
from tests.api.matrix.rights import HOW_RIGHTS
from tests.api.matrix.stage import DAY, NOTE, Ask, Asked, Stage, act, officer, queue, referred


async def _log(stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    await stage.access("compliance2", Role.COMPLIANCE)
    key = encode_id("Customer", await stage.row(stage.person))
    return Asked("{ oversight { accessLog(first: 50) { nodes { id: customerId } } } }", None, key)


async def _approvals(stage: Stage, _login: str, role: Role, whose: str) -> Asked:
    texts_only = role is Role.PRIVACY and whose == "other"
    if role is Role.OPERATOR:
        node = await correction(stage)
    else:
        node = await stage.wording() if texts_only else await stage.release()
    return Asked("{ oversight { pendingApprovals(first: 50) { nodes { id } } } }", None, node)


async def _plain(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked("{ oversight { __typename } }")


async def _held(stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    await stage.signal("HELD")
    return Asked("{ oversight { heldRules { rule } } }")


async def _cost(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked("{ oversight { costReport { decisions } } }")


async def _trial(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked('{ oversight { trialBalance(on: "2026-01-31") { balanced } } }')


async def _case(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"caseId": await _waiting(stage), "approve": False, "note": NOTE, "reasons": ["BAD_DEBT"]}


async def _waiting(stage: Stage) -> str:
    status = (await stage.world.node("MyApplication", stage.application, stage.waiting))["status"]
    if status != "IN_REVIEW":
        stage.waiting, stage.application = await referred(stage.world)
    return stage.application


async def _opening(stage: Stage, _login: str, role: Role) -> dict[str, Any]:
    return await stage.opening(role)


async def _revealing(stage: Stage, login: str, role: Role) -> dict[str, Any]:
    return {"accessId": await stage.access(login, role), "field": "PHONE", "reason": NOTE}


async def _proposing(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    key = await stage.release()
    await stage.world.act("RejectRelease", officer("compliance2"), approvalId=key, note=NOTE)
    return {"lineId": stage.person.line_id, "note": NOTE}


async def _checking(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"approvalId": await stage.release(), "note": NOTE}


async def _writing(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    await stage.no_wording()
    return stage.edition()


async def _publishing(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"approvalId": await stage.wording(), "note": NOTE}


async def _drafting(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    await stage.no_policy()
    return stage.policy_document()


async def _policy(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"approvalId": await stage.policy(), "note": NOTE}


async def _policies(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked("{ oversight { policies { nodes { id } } } }")


async def _route(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked("{ oversight { bureauRoute { isOpen } } }")


async def _shut(stage: Stage) -> None:
    """The way to the bureau, shut for a record of nobody, and no opening of it waiting."""
    if not await RouteFreeze.exists(released_at__isnull=True):
        at = (await CreditLine.all().order_by("id").first() or CreditLine()).opened_at
        result = await ReconciliationResult.create(
            id=uuid4(), reference=uuid4().hex, result="BUREAU_ONLY", recorded_at=at, found_at=at
        )
        await RouteFreeze.create(id=uuid4(), result_id=result.id, frozen_at=at)
    async for approval in Approval.filter(kind="RELEASE_ROUTE", outcome__isnull=True):
        key = encode_id("Approval", approval.id)
        await stage.world.act("RejectRouteRelease", officer("privacy2"), approvalId=key, note=NOTE)


async def _opening_route(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    await _shut(stage)
    return {"note": NOTE}


async def _checking_route(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    await _shut(stage)
    made = await stage.world.act("ProposeRouteRelease", officer("compliance2"), note=NOTE)
    return {"approvalId": made["approval"]["id"], "note": NOTE}


async def _appealing(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"appealId": await stage.appeal(), "uphold": False, "note": NOTE}


async def _reviewing(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"eventId": await stage.signal("WAITING"), "note": NOTE}


async def _agreeing(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    await stage.signal("HELD")
    event = await RiskEvent.get(state="HELD")
    return {"rule": event.rule_id, "day": DAY.isoformat(), "lines": 1, "agree": False, "note": NOTE}


async def _decreasing(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    line = await CreditLine.get(id=decode_id(stage.person.line_id, "CreditLine"))
    amount = f"{line.limit_minor // 100 - 100}.00"
    return {
        "lineId": stage.person.line_id,
        "limit": {"amount": amount, "currency": "CNY"},
        "reason": NOTE,
    }


async def _training(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked("{ oversight { training(first: 50) { nodes { id: staffId } } } }")


async def _own_training(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked("{ oversight { myTraining { login } } }")


async def _register(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked("{ oversight { privacyRegister { name } } }")


async def _recording(_stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    colleague = encode_id("Staff", (await Staff.get(login="operator")).id)
    told = {"course": "PERSONAL_INFORMATION", "completedOn": "2026-01-05", "evidence": "a certificate"}
    return {"staffId": colleague, **told}


HOW: dict[Verb, Ask] = {
    **HOW_AUDIT,
    **HOW_LOANS,
    **HOW_RIGHTS,
    Verb.OVERSIGHT: _plain,
    Verb.REFERRALS: queue(Verb.REFERRALS, _waiting),
    Verb.INCREASE_REFERRALS: queue(Verb.INCREASE_REFERRALS, Stage.increase),
    Verb.FREEZES: queue(Verb.FREEZES, Stage.frozen),
    Verb.PENDING_APPROVALS: _approvals,
    Verb.ACCESS_LOG: _log,
    Verb.APPEALS: queue(Verb.APPEALS, Stage.appeal),
    Verb.REVIEWS: queue(Verb.REVIEWS, lambda stage: stage.signal("WAITING")),
    Verb.HELD_RULES: _held,
    Verb.COST_REPORT: _cost,
    Verb.TRIAL_BALANCE: _trial,
    Verb.BUREAU_ROUTE: _route,
    Verb.PROPOSE_ROUTE_RELEASE: act(Verb.PROPOSE_ROUTE_RELEASE, _opening_route),
    Verb.CONFIRM_ROUTE_RELEASE: act(Verb.CONFIRM_ROUTE_RELEASE, _checking_route),
    Verb.REJECT_ROUTE_RELEASE: act(Verb.REJECT_ROUTE_RELEASE, _checking_route),
    Verb.RESOLVE_REFERRAL: act(Verb.RESOLVE_REFERRAL, _case),
    Verb.OPEN_CUSTOMER_FILE: act(Verb.OPEN_CUSTOMER_FILE, _opening),
    Verb.REVEAL_FIELD: act(Verb.REVEAL_FIELD, _revealing),
    Verb.PROPOSE_RELEASE: act(Verb.PROPOSE_RELEASE, _proposing),
    Verb.CONFIRM_RELEASE: act(Verb.CONFIRM_RELEASE, _checking),
    Verb.REJECT_RELEASE: act(Verb.REJECT_RELEASE, _checking),
    Verb.PROPOSE_WORDING: act(Verb.PROPOSE_WORDING, _writing),
    Verb.CONFIRM_WORDING: act(Verb.CONFIRM_WORDING, _publishing),
    Verb.REJECT_WORDING: act(Verb.REJECT_WORDING, _publishing),
    Verb.POLICIES: _policies,
    Verb.PROPOSE_POLICY: act(Verb.PROPOSE_POLICY, _drafting),
    Verb.CONFIRM_POLICY: act(Verb.CONFIRM_POLICY, _policy),
    Verb.REJECT_POLICY: act(Verb.REJECT_POLICY, _policy),
    Verb.SETTLE_APPEAL: act(Verb.SETTLE_APPEAL, _appealing),
    Verb.SETTLE_REVIEW: act(Verb.SETTLE_REVIEW, _reviewing),
    Verb.AGREE_TO_RULE: act(Verb.AGREE_TO_RULE, _agreeing),
    Verb.DECREASE_LIMIT: act(Verb.DECREASE_LIMIT, _decreasing),
    Verb.TRAINING: _training,
    Verb.MY_TRAINING: _own_training,
    Verb.RECORD_TRAINING: act(Verb.RECORD_TRAINING, _recording),
    Verb.PRIVACY_REGISTER: _register,
}
