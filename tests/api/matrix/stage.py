"""A house in which every operation of the officers can be asked, and how a question is put."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.api.scalars import decode_id, encode_id
from app.api.schema import build_schema
from app.domain.oversight.roles import PURPOSES, Role, Verb
from app.flows.sandbox.book import staff_token
from app.flows.sandbox.wording_texts import TEXTS
from models.consent import Consent
from models.credit import CreditLine, Freeze, LimitIncrease
from models.oversight.staff import Approval
from models.oversight.watch import Appeal, RiskEvent
from tests.flows.policies import document
from tests.world import Person, World

NOTE = "A note that is long enough."
DAY = date(2026, 1, 5)
BEGIN = datetime.now(UTC).date() + timedelta(days=2)  # noqa: TID251 - a test is an outsider


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

    async def policy(self) -> str:
        """A policy that waits for its check."""
        made = await self.world.act("ProposePolicy", officer("risk2"), **self.policy_document())
        return str(made["approval"]["id"] if "approval" in made else made["approvalId"])

    def policy_document(self) -> dict[str, str]:
        """A policy that was never proposed, for a day after all others'."""
        self.editions += 1
        day = BEGIN + timedelta(days=self.editions)
        told = document(f"freelance-{self.editions}", "FREELANCE", occupations=["OTHER"])
        return {"document": json.dumps(told), "effectiveFrom": day.isoformat(), "note": NOTE}

    async def no_policy(self) -> None:
        """No policy waits."""
        async for approval in Approval.filter(kind="PUBLISH_POLICY", outcome__isnull=True):
            key = encode_id("Approval", approval.id)
            await self.world.act("RejectPolicy", officer("compliance2"), approvalId=key, note=NOTE)

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


async def referred(world: World) -> tuple[Person, str]:
    """Somebody whose application waits for a person."""
    person = await world.new("REFERRED")
    application = await world.decided(person, "12000.00")
    assert application["status"] == "IN_REVIEW"
    return person, application["id"]
