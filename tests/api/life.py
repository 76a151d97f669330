"""A customer's whole story, and what of the raw database belongs to a customer, found by its foreign keys alone."""

from dataclasses import dataclass, field
from typing import Any

from uuid_utils.compat import uuid7

from app.api.scalars import decode_id
from app.clock import real_now_us
from app.domain.calendar import business_date
from app.flows.reconciling.daily import reconcile
from app.flows.sandbox.book import staff_token
from models.connection import fetch, is_sqlite
from models.loans import Debit, DebitMandate, Loan
from sims.payments.notices import headers, notice
from tests.world import Person, World

NOTE = "A note that is long enough."


def officer(login: str) -> Person:
    return Person(staff_token(login), "", "", "")


async def id_of(world: World, person: Person) -> str:
    """The customer's global id."""
    return str((await world.ask("{ viewer { id } }", {}, person.token))["viewer"]["id"])


async def whole_life(world: World, mark: str) -> Person:
    """Somebody with at least one row in every table that tells of a customer; `mark` stands in every word."""
    person = await world.with_line("20000.00")
    loan = (await world.draw(person, "3000.00"))["loan"]
    await world.settle()
    await world.act("Repay", person, loanId=loan["id"], amount={"amount": "500.00", "currency": "CNY"})
    await _paid_too_much(world, person)
    await world.grant(person, "LIMIT_INCREASE")
    more = {"amount": "30000.00", "currency": "CNY"}
    await world.act("AskForMore", person, lineId=person.line_id, limit=more)
    await world.settle()
    for number in range(4):  # three changes within a week: a rule freezes the line
        await world.act("NoteMyDevice", person, device=f"{mark} {number}")
    await world.settle()
    appealed = await world.act("AppealFreeze", person, lineId=person.line_id, text=f"{mark} did not do <this> & that")
    assert appealed["__typename"] == "AppealFreezePayload", appealed
    await collected_from(world, person)
    await _looked_at(world, person, mark)
    asked = {"field": "PHONE", "value": "10987654321", "evidence": f"{mark} has a new number"}
    correction = await world.act("RequestCorrection", person, **asked)
    request_id = correction["request"]["id"]
    await world.act("SettleRequest", officer("privacy"), requestId=request_id, accept=True, note=f"{mark} is right")
    await reconcile(world.house.desk)
    return person


async def collected_from(world: World, person: Person) -> None:
    """A word that what is due may be collected, and a debit that was stopped before it left."""
    shown = (await world.ask("MyDebits", {}, person.token))["viewer"]["line"]["debitMandateText"]
    agreed = await world.act("AgreeToDebits", person, lineId=person.line_id, textSha256=shown["sha256"])
    mandate = await DebitMandate.get(id=decode_id(agreed["mandate"]["id"], "DebitMandate"))
    loan = await Loan.filter(customer_id=mandate.customer_id).first()
    assert loan is not None
    await Debit.create(
        id=uuid7(),
        customer_id=mandate.customer_id,
        loan_id=loan.id,
        mandate_id=mandate.id,
        due_on=loan.drawn_on,
        number=1,
        presented_on=loan.drawn_on,
        amount_minor=1_00,
        currency="CNY",
        state="STOPPED",
        created_at=mandate.agreed_at,
        closed_at=mandate.agreed_at,
    )


async def _paid_too_much(world: World, person: Person) -> None:
    """A second loan, overpaid; what is too much goes back, the bank then takes the payment back, and the person pays it."""
    loan = (await world.draw(person, "1000.00"))["loan"]
    await world.settle()
    paid = await world.act("Repay", person, loanId=loan["id"], amount={"amount": "1001.00", "currency": "CNY"})
    assert (await world.act("RefundCredit", person))["__typename"] == "RefundCreditPayload"
    await world.settle()
    of = (await world.ask("MyPayments", {}, person.token))["viewer"]["payments"]["nodes"][0]
    assert of["repayments"][0]["id"] == paid["repayment"]["id"]
    day = business_date(await world.house.desk.refresh_clock())
    sent = notice("RETURNED", of["reference"], await id_of(world, person), 1001_00, day)
    key = world.house.desk.keys.source_key("BANK")
    signed = headers(key, sent, real_now_us() // 1_000_000)
    answer = await world.http.post("/bank/notices", content=sent, headers=signed)
    assert answer.json()["outcome"] == "UNDONE"
    paid = await world.act("MakePayment", person, amount={"amount": "1.00", "currency": "CNY"})
    assert paid["payment"]["paidBack"]["amount"] == "1.00"


async def _looked_at(world: World, person: Person, mark: str) -> None:
    """An officer opens the file, sees the phone, and proposes a release."""
    words = f"{mark} asks for a release"
    asked = {"purpose": "APPEAL", "reason": words, "customerId": await id_of(world, person)}
    opened = await world.act("OpenCustomerFile", officer("risk"), **asked)
    access = opened["file"]["access"]["id"]
    await world.act("RevealField", officer("risk"), accessId=access, field="PHONE", reason=words)
    await world.act("ProposeRelease", officer("risk"), lineId=person.line_id, note=words)


@dataclass(slots=True)
class Belongings:
    """The rows of one customer by table, each by the value of its primary key."""

    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def keys(self) -> set[str]:
        """Every primary key."""
        return {key for rows in self.rows.values() for key in rows}


async def belongings(world: World, person: Person) -> Belongings:
    """Every row that leads to the customer by foreign keys, through however many tables."""
    links, keys = await _links(), await _primary_keys()
    start = str(decode_id(await id_of(world, person), "Customer"))
    found = Belongings({"customer": await _rows("customer", keys, "id", [start])})
    waiting = ["customer"]
    while waiting:
        parent = waiting.pop()
        for table, column, target, aimed in links:
            if target != parent or table == parent:
                continue
            values = [str(row[aimed]) for row in found.rows[parent].values()]
            known = found.rows.setdefault(table, {})
            more = await _rows(table, keys, column, values)
            if set(more) - set(known):
                known.update(more)
                waiting.append(table)
    return Belongings({table: rows for table, rows in found.rows.items() if rows})


async def _rows(table: str, keys: dict[str, str], column: str, values: list[str]) -> dict[str, dict[str, Any]]:
    listed = ", ".join(f"'{value}'" for value in values)
    if not values:
        return {}
    kind = column if is_sqlite() else f'CAST("{column}" AS text)'
    rows = await fetch(f'SELECT * FROM "{table}" WHERE {kind} IN ({listed})')
    return {_spelt(row[keys[table]]): row for row in rows}


def _spelt(key: Any) -> str:
    return bytes(key).hex() if isinstance(key, bytes | memoryview) else str(key)


async def _tables() -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    if not is_sqlite():
        query = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    return sorted(row["name"] for row in await fetch(query))


async def _primary_keys() -> dict[str, str]:
    """The first column of each table's primary key."""
    if is_sqlite():
        return {
            table: next(row["name"] for row in await fetch(f"PRAGMA table_info({table})") if row["pk"] == 1)
            for table in await _tables()
        }
    rows = await fetch(
        "SELECT c.relname AS tab, a.attname AS col FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indisprimary"
    )
    return {row["tab"]: row["col"] for row in rows}


async def _links() -> list[tuple[str, str, str, str]]:
    """Every foreign key: table, column, the table it leads to, and the column there."""
    if is_sqlite():
        return [
            (table, row["from"], row["table"], row["to"])
            for table in await _tables()
            for row in await fetch(f"PRAGMA foreign_key_list({table})")
        ]
    rows = await fetch(
        "SELECT f.relname AS tab, a.attname AS col, t.relname AS target, b.attname AS aimed FROM pg_constraint k"
        " JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid"
        " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
        " JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1] WHERE k.contype = 'f'"
    )
    return [(row["tab"], row["col"], row["target"], row["aimed"]) for row in rows]
