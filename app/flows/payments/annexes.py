"""The annex to a contract: the plan that a prepayment or a correction made, in words, issued with it, kept with its digest."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.lending.history import Outcome
from app.domain.lending.prepayment import rows_ahead
from app.domain.lending.product import AllocationTarget
from app.domain.lending.schedule import Row
from app.domain.money import Money
from app.flows.book.position import instalments_of, state_of
from app.flows.unit import Unit
from models.lending.payments import ContractAnnex, LoanCorrection, Payment
from models.loans import Contract, Loan, Repayment
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
_WHY = {
    "zh-CN": {
        "RETURNED": "{paid_on} 的还款 {amount} 被银行退回，不再计入",
        "MISTAKEN": "{paid_on} 的还款 {amount} 并非用于本笔借款，不再计入",
        "BACK_DATED": "{paid_on} 的还款 {amount} 补记入账",
    },
    "en": {
        "RETURNED": "the payment of {amount} of {paid_on} was returned by the bank and counts no more",
        "MISTAKEN": "the payment of {amount} of {paid_on} was not meant for this loan and counts no more",
        "BACK_DATED": "the payment of {amount} of {paid_on} was booked for its day",
    },
}
_CORRECTED = {
    "zh-CN": """借款合同附件（示例文本，须经法务审定）

原合同摘要（SHA-256）：{contract}
{day}：{why}。还款计划已据此重新计算，其余条款不变。

现行还款计划（尚未还清的各期，不含罚息）：
{plan}
""",
    "en": """Annex to the loan contract (sample text, subject to counsel)

Digest of the contract (SHA-256): {contract}
On {day}: {why}. The plan was counted anew. All other terms stay.

The plan that holds (instalments not paid in full, without penalty):
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
        plan=_plan(rows_ahead(outcome.instalments, day), loan),
    )
    await _issue(unit, customer, contract, text, repayment_id=repayment_id)


async def issue_corrected(
    unit: Unit, customer: Customer, loan: Loan, correction: LoanCorrection, payment: Repayment | Payment
) -> None:
    """Issue the annex of a correction that changed the plan of an open loan: what is not paid of it, due or not."""
    contract = await Contract.get_or_none(loan_id=loan.id)
    if contract is None:
        return
    amount, paid_on = _money(payment.amount_minor, loan), payment.effective_on.isoformat()
    states = [state_of(row) for row in await instalments_of(loan.id)]
    text = _CORRECTED[contract.language].format(
        contract=contract.sha256,
        day=unit.today().isoformat(),
        why=_WHY[contract.language][correction.kind].format(amount=amount, paid_on=paid_on),
        plan=_plan([row for row in rows_ahead(states, loan.drawn_on) if row.amount_minor], loan),
    )
    await _issue(unit, customer, contract, text, correction_id=correction.id)


async def _issue(
    unit: Unit,
    customer: Customer,
    contract: Contract,
    text: str,
    repayment_id: UUID | None = None,
    correction_id: UUID | None = None,
) -> None:
    annex_id = uuid7()
    await ContractAnnex.create(
        id=annex_id,
        customer_id=customer.id,
        loan_id=contract.loan_id,
        repayment_id=repayment_id,
        correction_id=correction_id,
        language=contract.language,
        text_sealed=unit.desk.box(customer).seal("contract_annex", "text_sealed", annex_id, text.encode()),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        issued_at=unit.now,
    )


def _plan(rows: Sequence[Row], loan: Loan) -> str:
    return "\n".join(_line(row, loan) for row in rows)


def _line(row: Row, loan: Loan) -> str:
    parts = f"{_money(row.principal_minor, loan)} + {_money(row.interest_minor, loan)}"
    parts += f" + {_money(row.fee_minor, loan)}" if row.fee_minor else ""
    return f"  {row.number:>2}  {row.due_on.isoformat()}  {_money(row.amount_minor + row.fee_minor, loan)} = {parts}"


def _money(minor: int, loan: Loan) -> str:
    return f"{Money(minor, loan.currency).text()} {loan.currency}"
