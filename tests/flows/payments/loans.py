"""Loans of invented people, payments on them by the flows themselves, and what the book holds afterwards."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.api.scalars import decode_id
from app.domain.calendar import business_date
from app.domain.lending.accrual import InstalmentState
from app.domain.lending.postings import Account
from app.domain.money import Money
from app.flows.book.position import instalments_of, loan_balances, state_of
from app.flows.book.repaying import Repay, make_repayment
from app.flows.payments.banking import Notice, Outcome, Told, take_notice
from app.flows.payments.outcomes import accrue
from models.loans import Loan
from models.plumbing import BusinessClockRow
from tests.flows.rounds import customer_id
from tests.world import Person, World

LINE = "50000.00"


async def drawn(
    world: World, amount: str = "12000.00", term: int = 12, person: Person | None = None
) -> tuple[Person, UUID]:
    """A person with a loan that was paid out today; of a new person, unless one is given."""
    person = person or await world.with_line(LINE)
    answer = await world.draw(person, amount, term)
    assert answer["__typename"] == "DrawLoanPayload", answer
    await world.settle()
    return person, decode_id(answer["loan"]["id"], "Loan")


async def today(world: World) -> date:
    """The business date."""
    return business_date(await world.house.desk.refresh_clock())


async def days_pass(world: World, days: int) -> date:
    """Move the business clock and run no end of day; the new date."""
    clock = await BusinessClockRow.get(id=1)
    await BusinessClockRow.filter(id=1).update(offset_seconds=clock.offset_seconds + days * 86_400)
    return await today(world)


async def pay(world: World, person: Person, loan: UUID, minor: int) -> UUID:
    """A payment of the customer's own; the repayment's id."""
    asked = Repay(loan, Money(minor, "CNY"))
    return await make_repayment(world.house.desk, await customer_id(person), uuid4(), asked)


async def told(
    world: World,
    person: Person,
    what: Told,
    reference: str,
    minor: int,
    value_on: date,
    loan: UUID | None = None,
    **more: Any,
) -> Outcome:
    """What came of a notice of the bank."""
    notice = Notice(
        notice_id=more.get("notice_id", uuid4().hex),
        told=what,
        reference=reference,
        amount=Money(minor, more.get("currency", "CNY")),
        value_on=value_on,
        sha256=more.get("sha256", uuid4().bytes * 2),
        customer_id=more.get("customer", await customer_id(person)),
        loan_id=loan,
    )
    return await take_notice(world.house.desk, notice)


async def stands(world: World, loan_id: UUID) -> tuple[str, list[InstalmentState], dict[Account, int]]:
    """How a loan stands with all that was earned by today posted: status, instalments, balances that are not zero."""
    async with world.house.desk.unit() as unit:
        loan = await Loan.get(id=loan_id)
        rows = await instalments_of(loan_id)
        if loan.status in {"CURRENT", "REPAID"}:
            await accrue(unit, loan, rows, max(unit.today(), loan.drawn_on), uuid4())
    balances = {account: total for account, total in (await loan_balances(loan_id)).items() if total}
    return loan.status, [state_of(row) for row in rows], balances


def later(day: date, days: int) -> date:
    return day + timedelta(days=days)
