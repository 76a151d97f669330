"""Every cell of docs/roles.md, asked for over HTTP: role by operation, about somebody other and about an own account."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.api.customer.verbs import CustomerMutation
from app.api.sandbox.verbs import SandboxMutation
from app.api.scalars import decode_id, encode_id
from app.api.schema import build_schema
from app.cli import roles as page
from app.domain.oversight.roles import CONCERNS, PURPOSES, Cell, Concerns, Role, Verb, cell
from app.flows.sandbox.book import staff_token
from app.flows.sandbox.wording_texts import TEXTS
from models.consent import Consent
from models.credit import CreditLine, Freeze, LimitIncrease
from models.oversight import Appeal, RiskEvent
from models.people import Staff
from models.staff import Approval
from tests.api.rows import row_counts
from tests.world import Person, World

NOTE = "A note that is long enough."
DAY = date(2026, 1, 5)
LOGIN = {Role.RISK: "risk", Role.COMPLIANCE: "compliance", Role.PRIVACY: "privacy", Role.OPERATOR: "operator"}


def officer(login: str) -> Person:
    return Person(staff_token(login), "", "", "")


@dataclass(slots=True)
class Asked:
    """One question: its document and input, and the node that a list must or must not hold."""

    document: str
    input: dict[str, Any] | None = None
    node: str = ""


@dataclass(slots=True)
class Stage:
    """A house with two customers of whom every operation can be asked: one has a line, one waits for a person."""

    world: World
    person: Person
    waiting: Person
    application: str
    editions: int = 0

    async def row(self, person: Person) -> UUID:
        """The customer's key in the book."""
        key = (await self.world.ask("{ viewer { id } }", {}, person.token))["viewer"]["id"]
        return decode_id(key, "Customer")

    async def frozen(self) -> str:
        """The line, frozen; the id of the freeze."""
        line_id = decode_id(self.person.line_id, "CreditLine")
        if (await CreditLine.get(id=line_id)).status == "ACTIVE":
            asked = {"lineId": self.person.line_id, "reason": "a test"}
            assert (await self.world.act("FreezeMyLine", self.person, **asked))["line"]["status"] == "FROZEN"
        return encode_id("Freeze", (await Freeze.get(line_id=line_id, released_at__isnull=True)).id)

    async def release(self) -> str:
        """A release that waits for its check, made by somebody who is asked nothing here."""
        await self.frozen()
        asked = {"lineId": self.person.line_id, "note": NOTE}
        made = await self.world.act("ProposeRelease", officer("risk2"), **asked)
        return str(made["approval"]["id"] if "approval" in made else made["approvalId"])

    async def wording(self) -> str:
        """A text that waits for its check."""
        made = await self.world.act("ProposeWording", officer("compliance2"), **self.edition())
        return str(made["approval"]["id"] if "approval" in made else made["approvalId"])

    def edition(self) -> dict[str, str]:
        """A text that was never proposed."""
        self.editions += 1
        text = f"{next(iter(TEXTS.values()))}\nEdition {self.editions}.\n"
        return {"purpose": "MARKETING", "language": "en", "text": text, "note": NOTE}

    async def no_wording(self) -> None:
        """No text waits."""
        async for approval in Approval.filter(kind="PUBLISH_WORDING", outcome__isnull=True):
            key = encode_id("Approval", approval.id)
            await self.world.act("RejectWording", officer("privacy2"), approvalId=key, note=NOTE)

    async def access(self, login: str, role: Role) -> str:
        """A running access of the officer's to the person's file; of nobody's, where the role has none."""
        if not PURPOSES[role]:
            return encode_id("StaffAccess", uuid4())
        asked = await self.opening(role)
        answer = await self.world.act("OpenCustomerFile", officer(login), **asked)
        return str(answer["file"]["access"]["id"])

    async def opening(self, role: Role) -> dict[str, Any]:
        """What opens the person's file, for a purpose that the role has, if it has one."""
        purpose = min(PURPOSES[role], default="AUDIT")
        key = encode_id("Customer", await self.row(self.person))
        return {"purpose": purpose, "reason": NOTE, "customerId": key}

    async def increase(self) -> str:
        """An increase that waits for a person."""
        found = await LimitIncrease.get_or_none(status="REFERRED", customer_id=await self.row(self.person))
        if found is None:
            await self.world.grant(self.person, "LIMIT_INCREASE")
            customer_id = await self.row(self.person)
            consent = await Consent.get(customer_id=customer_id, purpose="LIMIT_INCREASE", bound_at__isnull=True)
            found = await LimitIncrease.create(
                id=uuid4(),
                customer_id=customer_id,
                line_id=decode_id(self.person.line_id, "CreditLine"),
                consent_id=consent.id,
                status="REFERRED",
                is_open=True,
                before_minor=500_000,
                requested_minor=900_000,
                requested_at=consent.decided_at,
            )
        return encode_id("LimitIncrease", found.id)

    async def signal(self, state: str) -> str:
        """What a rule said of the line: waiting for a look, or held for an agreement."""
        found = await RiskEvent.get_or_none(state=state)
        if found is None:
            line = await CreditLine.get(id=decode_id(self.person.line_id, "CreditLine"))
            found = await RiskEvent.create(
                id=uuid4(),
                line_id=line.id,
                customer_id=line.customer_id,
                rule_id=f"TEST_{uuid4().hex}" if state == "WAITING" else f"HELD_{uuid4().hex}",
                rule_version=1,
                period=DAY,
                severity="HIGH",
                wanted="REVIEW" if state == "WAITING" else "FREEZE",
                action="REVIEW" if state == "WAITING" else "NONE",
                state=state,
                facts_sealed=b"sealed",
                raised_at=line.opened_at,
            )
        return encode_id("RiskEvent", found.id)

    async def appeal(self) -> str:
        """An appeal that waits for an answer."""
        await self.frozen()
        found = await Appeal.get_or_none(state="OPEN")
        if found is not None:
            return encode_id("Appeal", found.id)
        asked = {"lineId": self.person.line_id, "text": "This is a mistake, please look."}
        answer = await self.world.act("AppealFreeze", self.person, **asked)
        return str(answer["appeal"]["id"])


Ask = Callable[[Stage, str, Role, str], Awaitable[Asked]]


def queue(verb: Verb, node: Callable[[Stage], Awaitable[str]]) -> Ask:
    """A list of the oversight, and what it must hold of the person."""

    async def ask(stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
        return Asked(f"{{ oversight {{ {verb}(first: 50) {{ nodes {{ id }} }} }} }}", None, await node(stage))

    return ask


def act(verb: Verb, rest: Callable[[Stage, str, Role], Awaitable[dict[str, Any]]]) -> Ask:
    """A mutation of one input."""
    kind = build_schema(sandbox=False)._schema.mutation_type.fields[verb.value].args["input"].type  # type: ignore[union-attr]

    async def ask(stage: Stage, login: str, role: Role, _whose: str) -> Asked:
        document = f"mutation($input: {kind}) {{ {verb}(input: $input) {{ __typename }} }}"
        return Asked(document, {"idempotencyKey": str(uuid4()), **await rest(stage, login, role)})

    return ask


async def _log(stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    await stage.access("compliance2", Role.COMPLIANCE)
    key = encode_id("Customer", await stage.row(stage.person))
    return Asked("{ oversight { accessLog(first: 50) { nodes { id: customerId } } } }", None, key)


async def _approvals(stage: Stage, _login: str, role: Role, whose: str) -> Asked:
    texts_only = role is Role.PRIVACY and whose == "other"
    node = await stage.wording() if texts_only else await stage.release()
    return Asked("{ oversight { pendingApprovals(first: 50) { nodes { id } } } }", None, node)


async def _plain(_stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    return Asked("{ oversight { __typename } }")


async def _held(stage: Stage, _login: str, _role: Role, _whose: str) -> Asked:
    await stage.signal("HELD")
    return Asked("{ oversight { heldRules { rule } } }")


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


HOW: dict[Verb, Ask] = {
    Verb.OVERSIGHT: _plain,
    Verb.REFERRALS: queue(Verb.REFERRALS, _waiting),
    Verb.INCREASE_REFERRALS: queue(Verb.INCREASE_REFERRALS, Stage.increase),
    Verb.FREEZES: queue(Verb.FREEZES, Stage.frozen),
    Verb.PENDING_APPROVALS: _approvals,
    Verb.ACCESS_LOG: _log,
    Verb.APPEALS: queue(Verb.APPEALS, Stage.appeal),
    Verb.REVIEWS: queue(Verb.REVIEWS, lambda stage: stage.signal("WAITING")),
    Verb.HELD_RULES: _held,
    Verb.RESOLVE_REFERRAL: act(Verb.RESOLVE_REFERRAL, _case),
    Verb.OPEN_CUSTOMER_FILE: act(Verb.OPEN_CUSTOMER_FILE, _opening),
    Verb.REVEAL_FIELD: act(Verb.REVEAL_FIELD, _revealing),
    Verb.PROPOSE_RELEASE: act(Verb.PROPOSE_RELEASE, _proposing),
    Verb.CONFIRM_RELEASE: act(Verb.CONFIRM_RELEASE, _checking),
    Verb.REJECT_RELEASE: act(Verb.REJECT_RELEASE, _checking),
    Verb.PROPOSE_WORDING: act(Verb.PROPOSE_WORDING, _writing),
    Verb.CONFIRM_WORDING: act(Verb.CONFIRM_WORDING, _publishing),
    Verb.REJECT_WORDING: act(Verb.REJECT_WORDING, _publishing),
    Verb.SETTLE_APPEAL: act(Verb.SETTLE_APPEAL, _appealing),
    Verb.SETTLE_REVIEW: act(Verb.SETTLE_REVIEW, _reviewing),
    Verb.AGREE_TO_RULE: act(Verb.AGREE_TO_RULE, _agreeing),
    Verb.DECREASE_LIMIT: act(Verb.DECREASE_LIMIT, _decreasing),
}


async def referred(world: World) -> tuple[Person, str]:
    """Somebody whose application waits for a person."""
    person = await world.new("REFERRED")
    application = await world.decided(person, "12000.00")
    assert application["status"] == "IN_REVIEW"
    return person, application["id"]


@pytest.fixture(scope="module")
async def stage(room: World) -> Stage:
    waiting, application = await referred(room)
    return Stage(room, await room.with_line(), waiting, application)


@asynccontextmanager
async def linked(login: str, customer_id: UUID | None) -> AsyncIterator[None]:
    """The officer is this customer too, for a while."""
    await Staff.filter(login=login).update(customer_id=customer_id)
    try:
        yield
    finally:
        await Staff.filter(login=login).update(customer_id=None)


async def answered(stage: Stage, asked: Asked, token: str | None) -> str:
    """The cell that an answer shows, or the code of its error."""
    body = {"query": asked.document, "variables": {"input": asked.input} if asked.input else {}}
    answer = (await stage.world.post(body, token)).json()
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    (told,) = answer["data"].values()
    if asked.input is None:
        if not asked.node:
            return Cell.YES
        (listed,) = told.values()
        return Cell.YES if asked.node in [node["id"] for node in listed["nodes"]] else Cell.LEFT_OUT
    kind = str(told["__typename"])
    return Cell.YES if kind.endswith("Payload") else kind


@pytest.mark.parametrize("verb", Verb)
async def test_every_cell_is_as_the_table_says(stage: Stage, verb: Verb) -> None:
    before = await stage.world.bureau_records(stage.person)
    for own in (True, False):
        for role in Role:
            login = LOGIN[role]
            asked = await HOW[verb](stage, login, role, "own" if own else "other")
            subject = stage.waiting if verb in {Verb.REFERRALS, Verb.RESOLVE_REFERRAL} else stage.person
            rows = await row_counts()
            async with linked(login, await stage.row(subject) if own else None):
                found = await answered(stage, asked, staff_token(login))
            assert found == cell(role, verb, own=own), (role, verb, own)
            if found != Cell.YES:
                assert await row_counts() == rows, (role, verb, own)
    assert await stage.world.bureau_records(stage.person) == before == 1


@pytest.mark.parametrize("verb", Verb)
async def test_neither_a_customer_nor_nobody_gets_anything(stage: Stage, verb: Verb) -> None:
    asked = await HOW[verb](stage, "risk2", Role.RISK, "other")
    rows = await row_counts()
    assert await answered(stage, asked, stage.person.token) == "FORBIDDEN"
    assert await answered(stage, asked, None) == "UNAUTHENTICATED"
    assert await row_counts() == rows


def test_the_table_holds_every_operation_of_the_officers_contract_and_no_other() -> None:
    schema: Any = build_schema(sandbox=True)._schema
    of_others = {
        field.graphql_name or field.python_name
        for kind in (CustomerMutation, SandboxMutation)
        for field in kind.__strawberry_definition__.fields  # type: ignore[union-attr]
    }
    mutations = {name for name in schema.mutation_type.fields if _snake(name) not in of_others}
    queues = set(schema.type_map["Oversight"].fields)
    assert {verb.value for verb in Verb} == {"oversight"} | queues | mutations


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)


def test_every_verb_says_whom_it_is_about_and_somebody_has_it() -> None:
    assert set(CONCERNS) == set(Verb) == set(HOW)
    assert all(any(cell(role, verb, own=False) is Cell.YES for role in Role) for verb in Verb)
    own = {cell(role, verb, own=True) for role in Role for verb in Verb if CONCERNS[verb] is not Concerns.NOBODY}
    assert Cell.YES not in own


def test_the_page_is_fresh() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page()
