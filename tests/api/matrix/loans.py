"""How the operations on loans, payments and the bank's notices are asked."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from app.api.scalars import encode_id
from app.domain.calendar import business_date
from app.domain.lending.postings import draw_held, payout_made
from app.domain.money import Money
from app.domain.oversight.roles import Role, Verb
from app.flows.book.position import post, write_plan
from app.flows.book.repaying import Repay, make_repayment
from models.credit import CreditLine
from models.lending.payments import BankNotice
from models.loans import Loan
from tests.api.matrix.stage import NOTE, Ask, Stage, act, officer, queue

DEFAULTED_DAYS = 200


async def _loan(stage: Stage, days_ago: int) -> UUID:
    """A loan of the person's that was paid out so many days ago; nothing was paid on it."""
    desk = stage.world.house.desk
    line = await CreditLine.get(customer_id=await stage.row(stage.person))
    now = await desk.refresh_clock()
    loan = await Loan.create(
        id=uuid4(),
        customer_id=line.customer_id,
        line_id=line.id,
        quote_digest=uuid4().bytes * 2,
        status="CURRENT",
        principal_minor=10_000,
        currency="CNY",
        daily_scaled=40_000,
        apr_scaled=1,
        method="LEVEL_INSTALMENT",
        term_months=3,
        product_version=line.product_version,
        use="OTHER",
        drawn_on=business_date(now) - timedelta(days=days_ago),
        drawn_at=now,
        paid_out_at=now,
    )
    await write_plan(loan)
    async with desk.unit() as unit:
        moved = (*draw_held(loan.principal_minor), *payout_made(loan.principal_minor))
        await post(unit, loan, moved, cause="PAYOUT", cause_id=loan.id)
    return loan.id


async def _repayment(stage: Stage) -> str:
    loan = await _loan(stage, 1)
    asked = Repay(loan, Money(100, "CNY"))
    key = await make_repayment(stage.world.house.desk, await stage.row(stage.person), uuid4(), asked)
    return encode_id("Repayment", key)


async def correction(stage: Stage) -> str:
    """A correction that waits for its check, made by somebody who is asked nothing here."""
    asked = await _correcting(stage, "", Role.OPERATOR)
    made = await stage.world.act("ProposeCorrection", officer("operator2"), **asked)
    return str(made["approval"]["id"])


async def _correcting(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"wish": "MISTAKEN", "repaymentId": await _repayment(stage), "note": NOTE}


async def _correction(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"approvalId": await correction(stage), "note": NOTE}


async def _charging_off(stage: Stage, _login: str, _role: Role) -> dict[str, Any]:
    return {"loanId": encode_id("Loan", await _loan(stage, DEFAULTED_DAYS)), "note": NOTE}


async def _charge_off(stage: Stage, login: str, role: Role) -> dict[str, Any]:
    asked = await _charging_off(stage, login, role)
    made = await stage.world.act("ProposeChargeOff", officer("risk2"), **asked)
    return {"approvalId": str(made["approval"]["id"]), "note": NOTE}


async def _notice(stage: Stage) -> str:
    now = await stage.world.house.desk.refresh_clock()
    row = await BankNotice.create(
        id=uuid4(),
        notice_id=uuid4().hex,
        kind="PAID",
        reference=uuid4().hex,
        amount_minor=1,
        currency="CNY",
        value_on=business_date(now) + timedelta(days=1),
        customer_id=await stage.row(stage.person),
        body_sha256=uuid4().bytes * 2,
        outcome="FOR_A_PERSON",
        problem="DAY_AHEAD",
        received_at=now,
    )
    return encode_id("BankNotice", row.id)


HOW_LOANS: dict[Verb, Ask] = {
    Verb.BANK_NOTICES: queue(Verb.BANK_NOTICES, _notice),
    Verb.PROPOSE_CORRECTION: act(Verb.PROPOSE_CORRECTION, _correcting),
    Verb.CONFIRM_CORRECTION: act(Verb.CONFIRM_CORRECTION, _correction),
    Verb.REJECT_CORRECTION: act(Verb.REJECT_CORRECTION, _correction),
    Verb.PROPOSE_CHARGE_OFF: act(Verb.PROPOSE_CHARGE_OFF, _charging_off),
    Verb.CONFIRM_CHARGE_OFF: act(Verb.CONFIRM_CHARGE_OFF, _charge_off),
    Verb.REJECT_CHARGE_OFF: act(Verb.REJECT_CHARGE_OFF, _charge_off),
}
