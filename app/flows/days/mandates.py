"""The customer's word that what is due is collected from the own account: read first, given for one line, ended at any time."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.refusals import InvalidInput, LineNotActive, NotFound
from app.flows.book.payouts import OWN_ACCOUNT_TAIL
from app.flows.unit import Desk
from models.credit import CreditLine
from models.loans import DebitMandate

TEXT_VERSION = "debit-2026.11"
_TITLE = {"zh-CN": "自动还款授权书", "en": "Debit mandate"}
_BODY = {
    "zh-CN": """自动还款授权书（文本 {version}，示例文本，须经法务审定）

一、本人授权 Clearline 示范出借机构，自本人尾号 {tail} 的银行账户扣划本人在本额度项下各笔借款已到期的应还款项。
二、扣款日：还款日当日；未成功的，于到期后第 1、3、7 日各再扣一次。此后不再自动扣款，由本人自行还款。
三、每笔借款每日至多扣款一次，扣款金额不超过当日该笔借款已到期的费用、罚息、利息与本金之和；未到期的款项不扣。
四、扣款成功的，按扣款日入账，抵充顺序与借款合同相同；不成功的，即时通知本人原因与下次扣款日。
五、本人可随时终止本授权，终止后不再发起扣款；已发出的扣款以银行结果为准。终止不收费，也不影响额度与利率。
六、扣款不查询征信。
""",
    "en": """Debit mandate (text {version}, sample text, subject to counsel)

1. I allow Clearline model lender to collect, from my bank account ending in {tail}, what is due on my loans of this line.
2. It is collected on the due day; where that fails, once more on each of the 1st, 3rd and 7th days after it. After that I
   pay in another way.
3. A loan is debited once a day at most, and never more than its fees, penalty, interest and principal due by that day.
   Nothing is collected before it is due.
4. A debit that succeeds counts for the day on which it was made, in the order of the loan contract. Of one that fails I am
   told at once why, and when it is tried again.
5. I may end this mandate at any time; nothing is sent after that, and what was sent ends as the bank says. Ending it costs
   nothing and changes neither limit nor rate.
6. A debit asks the credit bureau nothing.
""",
}


@dataclass(frozen=True, slots=True)
class MandateText:
    """What is agreed to, and its digest."""

    title: str
    text: str
    language: str
    version: str
    sha256: str


def mandate_text(language: str) -> MandateText:
    """The text in force; the same language gives the same bytes."""
    text = _BODY[language].format(version=TEXT_VERSION, tail=OWN_ACCOUNT_TAIL)
    return MandateText(_TITLE[language], text, language, TEXT_VERSION, hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class AgreeToDebits:
    """A customer's word for one line, on the text that was read."""

    line_id: UUID
    text_sha256: str


@dataclass(frozen=True, slots=True)
class EndDebits:
    """The end of that word."""

    line_id: UUID


async def agree_to_debits(desk: Desk, customer_id: UUID, key: UUID, asked: AgreeToDebits) -> UUID:
    """Keep a mandate; one that runs already stays as it is. Frozen or not, what is due may be collected.

    Raises:
        NotFound: not the customer's line. LineNotActive: it is closed. InvalidInput: the text is not the one in force.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    read = next((text for text in map(mandate_text, _BODY) if text.sha256 == asked.text_sha256.lower()), None)
    async with desk.unit() as unit:
        await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "agreeToDebits", key, asked)
        if done:
            return UUID(done["mandate"])
        line = await CreditLine.get_or_none(id=asked.line_id, customer_id=customer_id)
        if line is None:
            raise NotFound
        if line.status == "CLOSED":
            raise LineNotActive(line.status)
        if read is None:
            raise InvalidInput.at("textSha256", problem="TEXT_OTHER")
        running = await DebitMandate.get_or_none(line_id=line.id, ended_at__isnull=True)
        mandate = running or await DebitMandate.create(
            id=uuid7(),
            customer_id=customer_id,
            line_id=line.id,
            text_version=read.version,
            language=read.language,
            sha256=read.sha256,
            account_tail=OWN_ACCOUNT_TAIL,
            agreed_at=unit.now,
        )
        await unit.keep(mandate=mandate.id)
        kept: UUID = mandate.id
        return kept


async def end_debits(desk: Desk, customer_id: UUID, key: UUID, asked: EndDebits) -> UUID:
    """End the running mandate of a line; a debit that has not left is stopped.

    Raises:
        NotFound: not the customer's line, or no mandate runs. IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "endDebits", key, asked)
        if done:
            return UUID(done["mandate"])
        mandate = await DebitMandate.get_or_none(
            line_id=asked.line_id, customer_id=customer_id, ended_at__isnull=True
        )
        if mandate is None:
            raise NotFound
        await DebitMandate.filter(id=mandate.id).update(ended_at=unit.now)
        await unit.keep(mandate=mandate.id)
        ended: UUID = mandate.id
        return ended
