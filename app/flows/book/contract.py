"""The loan contract's text, made from a quote. A placeholder for counsel, in both languages, complete in its parts.

Civil Code 668 and the commercial bank law 37: kind, currency, use, amount, rate, term, method, default liability.
"""

import hashlib
from dataclasses import dataclass

from app.domain.lending.quote import QuoteFigures
from app.domain.money import Money, Rate

TEMPLATE_VERSION = "loan-2026.11-3"

_METHOD = {
    "zh-CN": {
        "LEVEL_INSTALMENT": "等额本息",
        "EQUAL_PRINCIPAL": "等额本金",
        "INTEREST_FIRST": "先息后本",
        "DAILY": "按日计息、随借随还",
    },
    "en": {
        "LEVEL_INSTALMENT": "level instalments",
        "EQUAL_PRINCIPAL": "equal principal",
        "INTEREST_FIRST": "interest first",
        "DAILY": "daily interest, repaid at any time",
    },
}

_TITLE = {"zh-CN": "个人消费借款合同", "en": "Personal consumption loan contract"}

_BODY = {
    "zh-CN": """{title}（模板 {version}，示例文本，须经法务审定）

出借人：Clearline 示范出借机构
借款人：{borrower}

一、借款种类与币种：个人消费借款，{currency}。
二、借款金额：{amount}。放款时不预先扣除利息或任何费用。
三、用途：仅限借款人声明的消费用途，不得用于购房、股票、期货及其他法律禁止的用途。
四、利率：日利率 {daily}，按 {base} 天计年化 {yearly}（单利）；正常履约的年化综合融资成本为 {apr}（内部收益率法），
    单利为 {simple}。
五、期限与还款方式：{term} 个月，{method}；自 {drawn_on} 起{days}，借款日计息，还款日不计息。{least}
    若款项晚于该日放出，自实际放款日起息，各还款日与应还金额相应顺延重算。
六、还款计划：
{plan}
七、应还总额：{total}。
八、提前还款：可随时提前还款，按实际用款天数计息，不收取违约金（民法典第六百七十七条）。
    部分提前归还本金时：{prepayment}。
九、逾期：自到期日次日起，对逾期本金按日利率 {penalty} 计收罚息，代替而非叠加合同利率；{on_interest}。{grace}
十、还款抵充顺序：费用、罚息、利息、本金，{sequence}（民法典第五百六十一条）。
十一、费用：{fees}除以上所列外，不收取任何其他费用。
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
   the annualised comprehensive cost when all goes well is {apr} (IRR), {simple} as a simple rate.
5. Term and method: {term} months, {method}; interest {days} from {drawn_on};
   the draw day counts, the repayment day does not.{least} If the money leaves on a later day, interest and due days
   run from that day, and the plan is computed anew from it.
6. Plan:
{plan}
7. Total repayable: {total}.
8. Early repayment: at any time, with interest for the days used and no fee (Civil Code, art. 677).
   When principal is repaid in part ahead of time: {prepayment}.
9. Late payment: from the day after the due day, {penalty} a day on overdue principal in place of the rate;
   {on_interest}.{grace}
10. Order of payments: fees, penalty, interest, principal, {sequence} (Civil Code, art. 561).
11. Fees: {fees}Nothing else is charged.
12. Freeze: while the line is frozen, a payout that has not left is stopped and its hold released;
    repaying and records always work.
13. Credit bureau: this loan asks the bureau nothing. It is asked once for a first application and once for a
    limit increase, each with its own consent.
""",
}


_CLAUSES = {
    "zh-CN": {
        "ACTUAL": "按实际天数计息",
        "THIRTY_360": "按每月三十天计息",
        "least": "至少计息 {days} 天。",
        "KEEP_TERM": "期限不变，每期应还减少",
        "KEEP_INSTALMENT": "每期应还不变，期限缩短",
        "choice": "由借款人还款时选择：{rules}；未选择的，按前者",
        "no_interest": "对逾期利息不计复利",
        "on_interest": "对逾期利息按同一利率另行计收，单独列示",
        "grace": "到期日后 {days} 日内付清的，不计罚息；未付清的，自到期日次日起计。",
        "BY_KIND": "先到期者先抵充",
        "BY_INSTALMENT": "逐期抵充，先到期者先抵充",
        "no_fees": "无。",
        "fee": "{kind}每期 {amount}，由{payee}收取；部分提前归还本金后，按各期剩余本金的减少同比例减少；提前还清后不再收取。",
        "FEE": "服务费",
        "GUARANTEE": "担保费",
        "LENDER": "出借人",
        "GUARANTOR": "担保人",
        "PARTNER": "合作机构",
        "or": "或",
    },
    "en": {
        "ACTUAL": "by actual days",
        "THIRTY_360": "by months of thirty days",
        "least": " At least {days} days are charged.",
        "KEEP_TERM": "the term stays and the instalments become smaller",
        "KEEP_INSTALMENT": "the instalment stays and the term becomes shorter",
        "choice": "as the borrower chooses with the payment, {rules}; without a choice the first of them",
        "no_interest": "no interest on interest",
        "on_interest": "the same rate runs on overdue interest, counted apart",
        "grace": " What is paid within {days} days of the due day bears none; what is not bears it from the day after it.",
        "BY_KIND": "the oldest first",
        "BY_INSTALMENT": "instalment by instalment, the oldest first",
        "no_fees": "none. ",
        "fee": "{kind}, {amount} with each instalment, charged by the {payee}; less in proportion to the principal that "
        "is left in its period after a part was repaid ahead of time, and none once the loan is repaid. ",
        "FEE": "service fee",
        "GUARANTEE": "guarantee fee",
        "LENDER": "lender",
        "GUARANTOR": "guarantor",
        "PARTNER": "partner",
        "or": " or ",
    },
}


@dataclass(frozen=True, slots=True)
class ContractText:
    """The text to be read and signed, and its digest."""

    title: str
    text: str
    language: str
    sha256: str


def percent(rate: Rate, places: int) -> str:
    """A rate for readers, rounded HALF_UP as everywhere: 0.16425000 is "16.43%"."""
    return f"{Rate(rate.scaled * 100).text(places)}%"


def daily_percent(rate: Rate, least: int) -> str:
    """A daily rate for readers, with every decimal that is charged and at least `least`: 0.00065753 is "0.065753%"."""
    digits = Rate(rate.scaled * 100).text().rstrip("0")
    places = len(digits) - digits.index(".") - 1
    return percent(rate, max(places, least))


def _clauses(figures: QuoteFigures, language: str) -> dict[str, str]:
    """What the product prints beside the figures: days, prepayment, penalty, order, fees."""
    words, product = _CLAUSES[language], figures.terms.product
    rules = [words[rule.value] for rule in product.prepayment_of(figures.terms.method)]
    fees = [
        words["fee"].format(
            kind=words[fee.kind.value],
            amount=f"{Money(fee.minor(figures.terms.amount_minor), product.currency).text()} {product.currency}",
            payee=words[fee.payee.value],
        )
        for fee in product.fees
    ]
    return {
        "days": words[product.day_count.value],
        "least": words["least"].format(days=product.least_days) if product.least_days else "",
        "prepayment": words["choice"].format(rules=words["or"].join(rules)) if len(rules) > 1 else rules[0],
        "on_interest": words["on_interest" if product.penalty_on_interest else "no_interest"],
        "grace": words["grace"].format(days=product.grace_days) if product.grace_days else "",
        "sequence": words[product.allocation_sequence.value],
        "fees": "".join(fees) or words["no_fees"],
        "simple": percent(figures.simple, 2),
    }


def contract_text(figures: QuoteFigures, *, borrower: str, language: str) -> ContractText:
    """The contract of a quote; the same quote, borrower and language give the same bytes."""
    terms = figures.terms
    currency = terms.product.currency

    def money(minor: int) -> str:
        return f"{Money(minor, currency).text()} {currency}"

    plan = "\n".join(
        f"  {row.number:>2}  {row.due_on.isoformat()}  {money(row.amount_minor + figures.fee_minor)}"
        f" = {money(row.principal_minor)} + {money(row.interest_minor)}"
        + (f" + {money(figures.fee_minor)}" if figures.fee_minor else "")
        for row in figures.plan
    )
    text = _BODY[language].format(
        title=_TITLE[language],
        version=TEMPLATE_VERSION,
        borrower=borrower.replace("{", "").replace("}", ""),
        currency=currency,
        amount=money(terms.amount_minor),
        daily=daily_percent(terms.daily, 4),
        base=terms.product.day_base,
        yearly=percent(figures.nominal_yearly, 2),
        apr=percent(figures.apr, 2),
        term=terms.term_months,
        method=_METHOD[language][terms.method.value],
        drawn_on=terms.drawn_on.isoformat(),
        plan=plan,
        total=money(figures.total_minor),
        penalty=daily_percent(figures.penalty, 5),
        **_clauses(figures, language),
    )
    return ContractText(_TITLE[language], text, language, hashlib.sha256(text.encode()).hexdigest())
