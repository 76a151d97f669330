"""The annex to a contract: the plan that a prepayment made, in words, issued with the payment and kept with its digest."""

import hashlib
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.history import Outcome
from app.domain.lending.prepayment import rows_ahead
from app.domain.lending.product import AllocationTarget
from app.domain.lending.schedule import Row
from app.domain.money import Money
from app.flows.unit import Unit
from models.lending.payments import ContractAnnex
from models.loans import Contract, Loan
from models.people import Customer

_RULE = {
    "zh-CN": {"KEEP_TERM": "期限不变，每期应还减少", "KEEP_INSTALMENT": "每期应还不变，期限缩短"},
    "en": {
        "KEEP_TERM": "the term stays, instalments become smaller",
        "KEEP_INSTALMENT": "the instalment stays, the term becomes shorter",
    },
}
_BODY = {
    "zh-CN": """借款合同附件（示例文本，须经法务审定）

原合同摘要（SHA-256）：{contract}
{day}，借款人还款 {amount}，其中提前归还本金 {prepaid}。
调整方式：{rule}。其余条款不变。

调整后的还款计划：
{plan}
""",
    "en": """Annex to the loan contract (sample text, subject to counsel)

Digest of the contract (SHA-256): {contract}
On {day} the borrower paid {amount}, of which {prepaid} repaid principal ahead of time.
How the plan changes: {rule}. All other terms stay.

The plan from then on:
{plan}
""",
}


async def issue_annex(unit: Unit, customer: Customer, loan: Loan, repayment_id: UUID, outcome: Outcome) -> None:
    """Issue the annex of a payment that prepaid principal; nothing for one that did not."""
    prepaid = sum(
        line.amount_minor
        for line in outcome.lines
        if line.target is AllocationTarget.PRINCIPAL and line.instalment is None
    )
    contract = await Contract.get_or_none(loan_id=loan.id)
    if not prepaid or contract is None:
        return
    day = outcome.entry.day
    text = _BODY[contract.language].format(
        contract=contract.sha256,
        day=day.isoformat(),
        amount=_money(outcome.entry.amount_minor, loan),
        prepaid=_money(prepaid, loan),
        rule=_RULE[contract.language][outcome.entry.rules.prepayment.value],
        plan=_plan(outcome, loan, day),
    )
    annex_id = uuid7()
    await ContractAnnex.create(
        id=annex_id,
        customer_id=customer.id,
        loan_id=loan.id,
        repayment_id=repayment_id,
        language=contract.language,
        text_sealed=unit.desk.box(customer).seal("contract_annex", "text_sealed", annex_id, text.encode()),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        issued_at=unit.now,
    )


def _plan(outcome: Outcome, loan: Loan, day: date) -> str:
    return "\n".join(_line(row, loan) for row in rows_ahead(outcome.instalments, day))


def _line(row: Row, loan: Loan) -> str:
    parts = f"{_money(row.principal_minor, loan)} + {_money(row.interest_minor, loan)}"
    return f"  {row.number:>2}  {row.due_on.isoformat()}  {_money(row.amount_minor, loan)} = {parts}"


def _money(minor: int, loan: Loan) -> str:
    return f"{Money(minor, loan.currency).text()} {loan.currency}"
