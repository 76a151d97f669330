"""A real book with everything in it that an audit looks at, copies of it, and the faults that the documents plant."""

import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from app.clock import real_now_us
from app.domain.oversight.roles import Officer
from app.doors.cache import open_cache
from app.flows.audit.running import advance_audit
from app.flows.audit.starting import RunAudit, run_audit
from app.flows.oversight.officers import officer_of
from app.flows.sandbox.book import staff_token
from app.flows.unit import Desk
from models.connection import close_database, open_database
from models.people import Staff
from tests.needs import ROOT
from tests.services.postgres import PostgresAddress
from tests.world import Person, World, open_world

PAGE = ROOT / "docs" / "formats" / "audit.md"
NOTE = "A note that is long enough."
TURNS_MAX = 100


@dataclass(frozen=True, slots=True)
class Plant:
    """One example of the page: the fault that it plants, and its statements by dialect."""

    rule: str
    problem: str
    sql: dict[str, str]


def plants() -> list[Plant]:
    """Every example of the page, in its order."""
    found = []
    for part in re.split(r"^#### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        rule, _, problem = part.partition("\n")[0].partition(": ")
        blocks = re.findall(r"^```sql ?(\w*)\n(.*?)^```", part.partition("\n### ")[0], flags=re.MULTILINE | re.DOTALL)
        sql = {
            dialect: "\n".join(text for kind, text in blocks if kind in {"", dialect})
            for dialect in ("sqlite", "postgres")
        }
        found.append(Plant(rule, problem, sql))
    return found


def officer(login: str) -> Person:
    """A member of the staff as a caller."""
    return Person(staff_token(login), "", "", "")


async def play(world: World) -> None:
    """People of every kind, a line with draws, payments, an increase, a cut and a freeze, and officers who looked."""
    for kind in ("DECLINED", "BUREAU_TIMES_OUT", "THIN_FILE", "MISMATCH", "MINOR"):
        await world.decided(await world.new(kind), "12000.00")
    await _referred(world)
    await world.with_line()
    customer = await world.with_line("12000.00")
    drawn = await world.draw(customer, "3000.00")
    await world.draw(customer, "500.02")  # the bank returns it
    await world.settle()
    await world.advance(2)
    repaid = {"loanId": drawn["loan"]["id"], "amount": {"amount": "700.00", "currency": "CNY"}}
    assert (await world.act("Repay", customer, **repaid))["__typename"] == "MakeRepaymentPayload"
    await world.grant(customer, "LIMIT_INCREASE")
    more = {"lineId": customer.line_id, "limit": {"amount": "20000.00", "currency": "CNY"}}
    assert (await world.act("AskForMore", customer, **more))["__typename"] == "RequestLimitIncreasePayload"
    await world.settle()
    await world.act("FreezeMyLine", customer, lineId=customer.line_id, reason="a look")
    await world.act("ReleaseMyLine", customer, lineId=customer.line_id)
    less = {"lineId": customer.line_id, "limit": {"amount": "1000.00", "currency": "CNY"}, "reason": NOTE}
    assert (await world.act("DecreaseLimit", officer("risk"), **less))["__typename"] == "DecreaseLimitPayload"
    consents = await world.ask(
        "{ viewer { consents(first: 20) { nodes { id status purpose } } } }", {}, customer.token
    )
    (used,) = [
        node["id"]
        for node in consents["viewer"]["consents"]["nodes"]
        if (node["status"], node["purpose"]) == ("USED", "FIRST_APPLICATION")
    ]
    assert (await world.act("WithdrawConsent", customer, consentId=used))["__typename"] == "WithdrawConsentPayload"
    await _looked_at(world, customer)
    await world.settle()


async def _referred(world: World) -> None:
    person = await world.new("REFERRED")
    application = await world.decided(person, "12000.00")
    limit = {"amount": "8000.00", "currency": "CNY"}
    asked = {"caseId": application["id"], "approve": True, "limit": limit, "note": NOTE}
    assert (await world.act("ResolveReferral", officer("risk"), **asked))["__typename"] == "ResolveReferralPayload"


async def _looked_at(world: World, person: Person) -> None:
    whose = (await world.ask("{ viewer { id } }", {}, person.token))["viewer"]["id"]
    asked = {"purpose": "AUDIT", "reason": NOTE, "customerId": whose}
    opened = (await world.act("OpenCustomerFile", officer("compliance"), **asked))["file"]["access"]["id"]
    shown = await world.act("RevealField", officer("compliance"), accessId=opened, field="PHONE", reason=NOTE)
    assert shown["__typename"] == "RevealFieldPayload"


@dataclass(frozen=True, slots=True)
class Book:
    """A finished book that nobody has open, the desk of its house, and where copies are made from."""

    dialect: str
    desk: Desk
    source: str
    server: PostgresAddress | None = None

    @asynccontextmanager
    async def copied(self, plant: str = "") -> AsyncIterator[Desk]:
        """The desk over a fresh copy on which `plant` was said."""
        if self.server is None:
            copy = Path(self.source).with_name(f"{uuid4().hex}.sqlite")
            shutil.copy(self.source, copy)
            with closing(sqlite3.connect(copy)) as book:
                book.executescript(plant)
            async with self._over(f"sqlite://{copy}"):
                yield self.desk
            return
        async with self.server.database(self.source) as name:
            if plant:
                saying = await asyncpg.connect(**self.server.credentials(name))
                await saying.execute(plant)
                await saying.close()
            async with self._over(self.server.url(name)):
                yield self.desk

    @asynccontextmanager
    async def _over(self, url: str) -> AsyncIterator[None]:
        await open_database(url)
        try:
            yield
        finally:
            await close_database()


async def made_book(dialect: str, home: Path, outsiders: tuple[str, str], server: PostgresAddress | None) -> Book:
    """Play the whole book once, in `home`, or in the server's database named after it."""
    url, source = f"sqlite://{home / 'book.sqlite'}", str(home / "book.sqlite")
    if server is not None:
        source = f"book_{uuid4().hex}"
        await server.create_database(source)
        url = server.url(source)
    async with open_world(url, home, *outsiders) as world:
        await play(world)
        desk = world.house.desk
    # Its doors were closed with the house; nothing that an audit does needs one but the wake-ups.
    return Book(dialect, replace(desk, cache=open_cache("", real_now_us)), source, server)


async def officer_named(login: str) -> Officer:
    """A seeded officer as the flows know one."""
    return await officer_of(await Staff.get(login=login))


async def audit(desk: Desk, login: str = "compliance") -> UUID:
    """Audit the open book to its end; the run's id."""
    run_id = await run_audit(desk, await officer_named(login), uuid4(), RunAudit())
    for _ in range(TURNS_MAX):
        if await advance_audit(desk, run_id) is None:
            return run_id
    raise AssertionError("the audit does not end")
