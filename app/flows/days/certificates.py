"""The settlement certificate (结清证明): made from the book once a loan is settled, the same bytes whenever it is asked for."""

import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.expressions import Subquery

from app.domain.calendar import business_date
from app.domain.lending.accrual import payoff
from app.domain.lending.history import settled_on
from app.domain.lending.product import AllocationTarget
from app.domain.money import Money
from app.domain.refusals import LoanNotSettled, NotFound
from app.flows.book.position import instalments_of, position_of
from app.flows.payments.histories import history_of
from app.flows.payments.refunding import credit_of
from app.flows.unit import Desk
from models.loans import Allocation, Contract, Loan, Repayment
from models.people import Customer

TEMPLATE_VERSION = "settlement-2026.11.2"
LANGUAGES = ("zh-CN", "en")
SETTLED = "REPAID"
_TITLE = {"zh-CN": "贷款结清证明", "en": "Certificate of settlement"}
_BODY = {
    "zh-CN": """贷款结清证明（模板 {version}，示例文本，须经法务审定）

编号：{number}
出借人：Clearline 示范出借机构
借款人：{borrower}

兹证明借款人于 {drawn_on} 借入的本金 {principal}（合同文本 SHA-256：{contract}），已全部结清，累计还款 {paid}。
结清日：{settled_on}（最后一笔还款计入之日）；入账日：{booked_on}。自结清之日起，本笔借款项下不再有任何本金、利息、罚息或费用应付。
""",
    "en": """Certificate of settlement (template {version}, sample text, subject to counsel)

Number: {number}
Lender: Clearline model lender
Borrower: {borrower}

The principal of {principal} that the borrower drew on {drawn_on} (contract text SHA-256: {contract}) was repaid
in full, by payments of {paid} in all. Settled on: {settled_on}, the day for which the last payment counts. Booked on:
{booked_on}. From the day of settlement on no principal, interest, penalty or fee is owed on this loan.
""",
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """The text, its digest, the day from which nothing was owed any more, and the day on which that was booked."""

    loan_id: UUID
    title: str
    text: str
    language: str
    sha256: str
    settled_on: date
    booked_on: date


async def certificate_of(desk: Desk, customer_id: UUID, loan_id: UUID, language: str) -> Certificate:
    """The certificate of a settled loan of the customer's.

    Raises:
        NotFound: not the customer's loan. LoanNotSettled: something is owed, or nothing was ever paid out.
    """
    loan = await Loan.get_or_none(id=loan_id, customer_id=customer_id)
    if loan is None:
        raise NotFound
    if loan.status != SETTLED or loan.closed_at is None:
        today = business_date(await desk.refresh_clock())
        owed = payoff(position_of(loan, await instalments_of(loan.id), max(today, loan.drawn_on)))
        raise LoanNotSettled(loan.status, owed.total_minor if loan.paid_out_at is not None else 0)
    credit = await credit_of(customer_id)
    if (back := credit.owed_back_of(credit.owed_back_minor).get(loan.id, 0)) > 0:
        raise LoanNotSettled(loan.status, back)
    customer = await Customer.get(id=customer_id)
    name = desk.box(customer).open("customer", "name_sealed", customer.id, customer.name_sealed or b"").decode()
    contract = await Contract.get(loan_id=loan.id)
    paid_minor = await _paid_minor(loan.id)
    settled, booked = settled_on((await history_of(loan)).replay()), business_date(loan.closed_at)
    if settled is None:
        raise RuntimeError("a repaid loan whose history leaves something owed")
    text = _BODY[language].format(
        version=TEMPLATE_VERSION,
        number=loan.id,
        borrower=name.replace("{", "").replace("}", ""),
        drawn_on=loan.drawn_on.isoformat(),
        principal=_told(loan.principal_minor, loan.currency),
        contract=contract.sha256,
        settled_on=settled.isoformat(),
        booked_on=booked.isoformat(),
        paid=_told(paid_minor, loan.currency),
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Certificate(loan.id, _TITLE[language], text, language, digest, settled, booked)


async def _paid_minor(loan_id: UUID) -> int:
    """What was paid on a loan, without what became the customer's credit."""
    counted = Repayment.filter(loan_id=loan_id, undone_at__isnull=True)
    parts = Allocation.filter(repayment_id__in=Subquery(counted.values("id")), replaced_at__isnull=True)
    amounts = await parts.exclude(target=AllocationTarget.OVERPAYMENT.value).values_list("amount_minor", flat=True)
    return sum(int(str(amount)) for amount in amounts)


def _told(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).text()} {currency}"
