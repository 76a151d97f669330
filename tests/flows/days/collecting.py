"""A loan with its mandate, the calendar moved to its due days, and a bank that can be made to fail."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import httpx2

from app.api.scalars import split_id
from app.domain.calendar import business_date
from models.connection import fetch, plain
from models.loans import Debit, Instalment, Loan, Posting
from tests.world import Person, World


async def borrower(
    world: World, amount: str = "3000.00", term: int = 3, *, mandate: bool = True
) -> tuple[Person, Loan]:
    """A new customer with a loan that was paid out, and a debit mandate."""
    person = await world.with_line()
    drawn = await world.draw(person, amount, term)
    await world.settle()
    if mandate:
        await agree(world, person)
    return person, await loan_of(drawn["loan"]["id"])


async def agree(world: World, person: Person) -> Any:
    """Agree to the mandate as its text stands."""
    shown = (await world.ask("MyDebits", {}, person.token))["viewer"]["line"]["debitMandateText"]
    return await world.act("AgreeToDebits", person, lineId=person.line_id, textSha256=shown["sha256"])


async def loan_of(global_id: str) -> Loan:
    """The row of a loan by its id in the contract."""
    parts = split_id(global_id)
    assert parts is not None
    return await Loan.get(id=parts[1])


async def to_due_day(world: World, loan: Loan, number: int = 1, later: int = 0) -> date:
    """Move the calendar to the due day of an instalment, and from there day by day so many days on."""
    row = await Instalment.get(loan_id=loan.id, number=number)
    days = (row.due_on - await business_date_of(world)).days
    if days > 0:
        await world.skip(days)
    if later > 0:
        await world.advance(later)
    due_on: date = row.due_on
    return due_on


async def business_date_of(world: World) -> date:
    """The business date."""
    return business_date(await world.house.desk.refresh_clock())


async def bank_fails(world: World, fault: str, times: int = 1) -> None:
    """Order a fault for the next debits."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{world.payments_url}/faults", json={"fault": fault, "next": times})
        assert answer.status_code == httpx2.codes.NO_CONTENT


async def bank_behaves(world: World) -> None:
    """Forget every ordered fault."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        await http.delete(f"{world.payments_url}/faults")


async def debits(loan: Loan) -> list[tuple[int, str, str | None]]:
    """Number, state and failure of each debit of a loan."""
    rows = await Debit.filter(loan_id=loan.id).order_by("id")
    return [(row.number, row.state, row.failure_code) for row in rows]


async def tape(loan_id: UUID) -> dict[date, dict[str, Any]]:
    """The rows of the loan tape of one loan by day."""
    rows = await fetch("SELECT * FROM loan_day WHERE loan_id = $1 ORDER BY day", plain(loan_id))
    return {date.fromisoformat(str(row["day"])): row for row in rows}


async def accruals(loan_id: UUID) -> Counter[tuple[date, str]]:
    """How often each account was earned on, by day."""
    rows = await Posting.filter(loan_id=loan_id, cause="END_OF_DAY")
    return Counter((row.effective_on, row.destination) for row in rows)
