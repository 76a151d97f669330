"""The loan contract's text, made from a quote. A placeholder for counsel, in both languages, complete in its parts.

Civil Code 668 and the commercial bank law 37: kind, currency, use, amount, rate, term, method, default liability.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from app.domain.lending.quote import QuoteFigures
from app.domain.money import Money, Rate

TEMPLATE_VERSION = "loan-2026.11"

_METHOD = {
    "zh-CN": {"LEVEL_INSTALMENT": "等额本息", "INTEREST_FIRST": "先息后本"},
    "en": {"LEVEL_INSTALMENT": "level instalments", "INTEREST_FIRST": "interest first"},
}

_TITLE = {"zh-CN": "个人消费借款合同", "en": "Personal consumption loan contract"}

_BODY = {
    "zh-CN": """{title}（模板 {version}，示例文本，须经法务审定）

出借人：Clearline 示范出借机构
借款人：{borrower}

一、借款种类与币种：个人消费借款，{currency}。
二、借款金额：{amount}。放款时不预先扣除利息或任何费用。
三、用途：仅限借款人声明的消费用途，不得用于购房、股票、期货及其他法律禁止的用途。
四、利率：日利率 {daily}，按 {base} 天计年化 {yearly}（单利）；正常履约的年化综合融资成本为 {apr}（内部收益率法）。
五、期限与还款方式：{term} 个月，{method}；自 {drawn_on} 起按实际天数计息，借款日计息，还款日不计息。
    若款项晚于该日放出，自实际放款日起息，各还款日与应还金额相应顺延重算。
六、还款计划：
{plan}
七、应还总额：{total}。
八、提前还款：可随时提前还款，按实际用款天数计息，不收取违约金（民法典第六百七十七条）。
九、逾期：自到期日次日起，对逾期本金按日利率 {penalty} 计收罚息，代替而非叠加合同利率；对逾期利息不计复利。
十、还款抵充顺序：费用、罚息、利息、本金，先到期者先抵充（民法典第五百六十一条）。
十一、除以上所列外，不收取任何其他费用。
十二、冻结：额度冻结时，尚未发出的放款停止并释放占用额度；还款与查询不受影响。
十三、征信：本次借款不查询征信。仅在首次申请额度与申请提额时，经借款人单独授权各查询一次。
""",
    "en": """{title} (template {version}, sample text, subject to counsel)

Lender: Clearline model lender
Borrower: {borrower}

1. Kind and currency: personal consumption loan, {currency}.
2. Amount: {amount}. No interest or fee is deducted from the payout.
3. Use: only the consumption that the borrower declared; not for houses, shares, futures or what the law forbids.
4. Rate: {daily} a day, {yearly} a year simple on {base} days;
   the annualised comprehensive cost when all goes well is {apr} (IRR).
5. Term and method: {term} months, {method}; interest by actual days from {drawn_on};
   the draw day counts, the repayment day does not. If the money leaves on a later day, interest and due days
   run from that day, and the plan is computed anew from it.
6. Plan:
{plan}
7. Total repayable: {total}.
8. Early repayment: at any time, with interest for the days used and no fee (Civil Code, art. 677).
9. Late payment: from the day after the due day, {penalty} a day on overdue principal in place of the rate;
   no interest on interest.
10. Order of payments: fees, penalty, interest, principal, the oldest first (Civil Code, art. 561).
11. Nothing else is charged.
12. Freeze: while the line is frozen, a payout that has not left is stopped and its hold released;
    repaying and records always work.
13. Credit bureau: this loan asks the bureau nothing. It is asked once for a first application and once for a
    limit increase, each with its own consent.
""",
}


@dataclass(frozen=True, slots=True)
class ContractText:
    """The text to be read and signed, and its digest."""

    title: str
    text: str
    language: str
    sha256: str


def percent(rate: Rate, places: int) -> str:
    """A rate for readers: 0.18900000 is "18.90%"."""
    return f"{Decimal(rate.scaled).scaleb(-6):.{places}f}%"


def contract_text(figures: QuoteFigures, *, borrower: str, language: str) -> ContractText:
    """The contract of a quote; the same quote, borrower and language give the same bytes."""
    terms = figures.terms
    currency = terms.product.currency

    def money(minor: int) -> str:
        return f"{Money(minor, currency).text()} {currency}"

    plan = "\n".join(
        f"  {row.number:>2}  {row.due_on.isoformat()}  {money(row.amount_minor)}"
        f" = {money(row.principal_minor)} + {money(row.interest_minor)}"
        for row in figures.plan
    )
    text = _BODY[language].format(
        title=_TITLE[language],
        version=TEMPLATE_VERSION,
        borrower=borrower.replace("{", "").replace("}", ""),
        currency=currency,
        amount=money(terms.amount_minor),
        daily=percent(terms.daily, 4),
        base=terms.product.day_base,
        yearly=percent(figures.nominal_yearly, 2),
        apr=percent(figures.apr, 2),
        term=terms.term_months,
        method=_METHOD[language][terms.method.value],
        drawn_on=terms.drawn_on.isoformat(),
        plan=plan,
        total=money(figures.total_minor),
        penalty=percent(figures.penalty, 5),
    )
    return ContractText(_TITLE[language], text, language, hashlib.sha256(text.encode()).hexdigest())
