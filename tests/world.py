"""A whole house to test in: real database, real simulators over HTTP, the real application, a worker run by hand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from httpx2 import ASGITransport
from tortoise.expressions import F

from app.cli.start.story import at
from app.doors.ledger import log_key
from app.flows.book.end_of_day import run_due_days
from app.flows.ledger.sequencer import Sequencer
from app.flows.sandbox.book import seed_book
from app.main import House, open_house
from app.settings import ROOT, Documents, Settings
from models.plumbing import BusinessClockRow, Job
from tests.first_book import copy_first_book, migrated
from tests.services.witnesses import witnesses_of_this_run

OPERATIONS = ROOT / "graphql" / "operations"
ROUNDS_MAX = 60


@dataclass(slots=True)
class Person:
    """An invented customer of a test."""

    token: str
    name: str
    id_number: str
    phone: str
    line_id: str = ""
    applicant: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """The house, a client of its API, and the neighbours' own counts."""

    house: House
    http: httpx2.AsyncClient
    bureau_url: str
    payments_url: str
    sequencer: Sequencer

    # ---- asking ---------------------------------------------------------------------------------------

    async def post(self, body: Any, token: str | None = None, **headers: str) -> httpx2.Response:
        """One raw request to /graphql."""
        sent = {"authorization": f"Bearer {token}"} if token else {}
        return await self.http.post("/graphql", json=body, headers={**sent, **headers})

    async def ask(self, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Any:
        """The data of a document, or of a registered operation by name; a top-level error fails the test."""
        if query.isidentifier():
            query = (OPERATIONS / f"{query}.graphql").read_text(encoding="utf-8")
        response = await self.post({"query": query, "variables": variables or {}}, token)
        answer = response.json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def act(self, operation: str, person: Person, **asked: Any) -> Any:
        """The result of a registered mutation of one input, with a fresh key unless one is given."""
        asked.setdefault("idempotencyKey", str(uuid4()))
        data = await self.ask(operation, {"input": asked}, person.token)
        return next(iter(data.values()))

    # ---- people and what they do ----------------------------------------------------------------------

    async def new(self, person: str = "APPROVED") -> Person:
        """A new magic person, by the sandbox's own verb."""
        made = (await self.ask("NewCustomer", {"person": person, "idempotencyKey": str(uuid4())}))[
            "sandboxNewCustomer"
        ]
        found = Person(made["token"], made["name"], made["idNumber"], made["phone"])
        found.applicant = {"name": found.name, "idNumber": found.id_number, "phone": found.phone}
        return found

    async def grant(self, person: Person, purpose: str = "FIRST_APPLICATION", **evidence: Any) -> Any:
        """Agree to a purpose, on the text in force."""
        wording = (await self.ask("ReadConsent", {"purpose": purpose}, person.token))["consentWording"]
        shown = {
            "wordingSha256": wording["sha256"],
            "language": wording["language"],
            "shownAt": datetime.now(UTC).isoformat(),  # noqa: TID251 - a test is an outsider
            "secondsRead": 9,
            "channel": "APP",
            "earlierInquiries": [told["inquiryId"] for told in wording["earlierInquiries"]],
            **evidence,
        }
        return await self.act("GrantConsent", person, purpose=purpose, evidence=shown)

    async def apply(self, person: Person, amount: str = "5000.00", **asked: Any) -> Any:
        """Apply for a line; the result union."""
        asked.setdefault("applicant", person.applicant)
        asked.setdefault("limit", {"amount": amount, "currency": "CNY"})
        asked.setdefault("termMonths", 12)
        return await self.act("Apply", person, **asked)

    async def decided(self, person: Person, amount: str = "5000.00") -> Any:
        """Consent, apply, let the worker run; the application as its owner sees it."""
        await self.grant(person)
        applied = await self.apply(person, amount)
        assert applied["__typename"] == "SubmitApplicationPayload", applied
        await self.settle()
        return await self.node("MyApplication", applied["application"]["id"], person)

    async def with_line(self, amount: str = "5000.00", person: str = "APPROVED") -> Person:
        """A new customer with an open line."""
        customer = await self.new(person)
        application = await self.decided(customer, amount)
        accepted = await self.act("AcceptOffer", customer, applicationId=application["id"])
        customer.line_id = accepted["line"]["id"]
        return customer

    async def quote(self, person: Person, amount: str = "1000.00", term: int = 12, **asked: Any) -> Any:
        """A quote on the person's own line."""
        asked = {
            "lineId": person.line_id,
            "amount": {"amount": amount, "currency": "CNY"},
            "termMonths": term,
            **asked,
        }
        return (await self.ask("Quote", {"input": asked}, person.token))["quote"]

    async def signable(self, person: Person, amount: str = "1000.00", term: int = 12, **asked: Any) -> dict[str, Any]:
        """A draw's whole input, its code sent, without a key."""
        quote = (await self.quote(person, amount, term, **asked))["quote"]
        await self.act("SendSigningCode", person, quoteId=quote["id"])
        return {
            "lineId": person.line_id,
            "quoteId": quote["id"],
            "disclosureSha256": quote["disclosure"]["sha256"],
            "contractSha256": quote["contract"]["sha256"],
            "secondsRead": 12,
            "oneTimeCode": "000000",
            "use": "DAILY_CONSUMPTION",
        }

    async def draw(self, person: Person, amount: str = "1000.00", term: int = 12, **asked: Any) -> Any:
        """Quote, code, draw; the result union. The payout follows with `settle`."""
        return await self.act("Draw", person, **await self.signable(person, amount, term, **asked))

    async def node(self, operation: str, key: str, person: Person) -> Any:
        """One thing of the person's, by id."""
        return (await self.ask(operation, {"id": key}, person.token))["node"]

    async def advance(self, days: int) -> None:
        """Move the business clock."""
        await self.ask("AdvanceClock", {"days": days, "idempotencyKey": str(uuid4())})

    async def skip(self, days: int) -> None:
        """Move the business clock as if nobody had been at work until the last of the days, who then catches up.

        Every day is closed all the same; what is done for the present day only, such as reminders and debits, is
        done for the last.
        """
        await BusinessClockRow.filter(id=1).update(offset_seconds=F("offset_seconds") + (days - 1) * 86_400)
        await self.advance(1)

    # ---- the house and its neighbours ------------------------------------------------------------------

    async def settle(self) -> None:
        """Run log and worker until nothing is due and nothing waits for a moment, but notices, which may wait for hours."""
        from app.flows.notices.telling import TELL

        worker = self.house.worker()
        for _ in range(ROUNDS_MAX):
            await self.sequencer.round()
            await Job.filter(state="READY", lease_until_us=0).exclude(kind=TELL).update(due_at_us=0)
            if await worker.run_due() == 0:
                return
        raise AssertionError("jobs never settle")

    async def settle_once(self) -> None:
        """Run the worker over what is due now, once, and over what the log then lets go on."""
        await self.sequencer.round()
        await self.house.worker().run_due()
        await self.sequencer.round()
        await self.house.worker().run_due()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[tuple[asyncio.Task[None], ...]]:
        """Worker and sequencer run by themselves, as in a process of their own; their tasks."""
        hands = (self.house.worker(), self.house.sequencer())
        working = tuple(asyncio.create_task(hand.run()) for hand in hands)
        try:
            yield working
        finally:
            for hand in hands:
                hand.stop()
            await asyncio.gather(*working)

    async def house_connection(self, statement: str) -> None:
        """Say one statement on the house's own connection."""
        from models.connection import connection

        await connection().execute_query(statement)

    async def bureau_records(self, person: Person) -> int:
        """How many query records the bureau itself holds for the person."""
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{self.bureau_url}/counts/search", json={"subject": person.id_number})
            return int(answer.json()["records"])

    async def inquiry_count(self, person: Person) -> int:
        """The same as the customer is told it."""
        return int(at(await self.ask("Me", {}, person.token), "viewer.inquiryCount"))

    async def introduce_to(self, bureau_url: str) -> None:
        """Tell another bureau by which log and witnesses it is to check the house's intents."""
        ledger = self.house.desk.ledger
        assert ledger is not None
        await introduce(bureau_url, self.house.settings.institution, ledger.policy_text.decode())

    async def fault(self, **order: Any) -> None:
        """Order a fault at the bureau simulator."""
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{self.bureau_url}/faults", json=order)
            assert answer.status_code == httpx2.codes.NO_CONTENT, answer.text


@asynccontextmanager
async def open_world(
    database_url: str, home: Path, bureau_url: str, payments_url: str, **more: Any
) -> AsyncIterator[World]:
    """A migrated, seeded house over `database_url`, and a client inside its process."""
    seeded = await copy_first_book(database_url, home)
    if not seeded:
        await migrated(database_url)
    if "log_policy" not in more:
        log, policy = new_log(home)
        more |= log
        await introduce(bureau_url, more["institution"], policy)
    settings = Settings(
        home=home,
        database_url=database_url,
        bureau_url=bureau_url,
        payments_url=payments_url,
        **{"bureau_timeout_seconds": 1.0, **more},
    )
    async with open_house(settings) as house:
        if not seeded:
            await seed_book(house.desk)
        await run_due_days(house.desk)
        transport = ASGITransport(app=house.web(), raise_app_exceptions=False)
        sequencer = house.sequencer()
        async with httpx2.AsyncClient(transport=transport, base_url="http://clearline.test") as http:
            try:
                yield World(house, http, bureau_url, payments_url, sequencer)
            finally:
                await sequencer.close()


def new_log(home: Path) -> tuple[dict[str, Any], str]:
    """A log of its own for a house: its settings, and its policy, which names the witnesses of this run."""
    origin = f"clearline.example/{uuid4().hex}"
    key = log_key(home / "log-key.txt", origin)
    policy = witnesses_of_this_run().policy(key.vkey)
    (home / "log-policy.txt").write_text(policy, encoding="utf-8")
    return {"log_origin": origin, "institution": origin.rpartition("/")[2]}, policy


def spelled(answer: Any) -> str:
    """An answer as text, for searching in."""
    return json.dumps(answer, ensure_ascii=False)


CLOSED = {"documents": Documents.TRUSTED_ONLY}


async def introduce(bureau_url: str, institution: str, policy: str) -> None:
    """Tell the bureau by which log and witnesses it is to check an institution's intents."""
    body = {"institution": institution, "policy": policy}
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{bureau_url}/institutions", json=body)
        assert answer.status_code == httpx2.codes.NO_CONTENT, answer.text
