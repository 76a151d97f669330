"""The debit mandate of a line, its text, and the debits of a loan."""

from datetime import date, datetime
from enum import Enum

import strawberry

from app.api.contract import Node, PageInfo
from app.api.reading.lending import days
from app.api.reading.pages import Page
from app.api.scalars import Money, encode_id
from app.flows.days.mandates import mandate_text


@strawberry.enum(
    description=(
        "PENDING: not sent yet. SENT: the bank has not answered. STOPPED: not sent, as nothing was due any more or the "
        "mandate had ended. RETURNED: taken, and then given back: what it had paid is owed again."
    )
)
class DebitState(Enum):
    PENDING = "PENDING"
    SENT = "SENT"
    PAID = "PAID"
    FAILED = "FAILED"
    STOPPED = "STOPPED"
    RETURNED = "RETURNED"


@strawberry.type(description="What is to be read before what is due may be collected from the own account.")
class DebitMandateText:
    title: str
    text: str
    language: str
    version: str
    sha256: str

    @classmethod
    def of(cls, language: str) -> "DebitMandateText":
        """The text in force."""
        exact = mandate_text(language)
        return cls(
            title=exact.title,
            text=exact.text,
            language=exact.language,
            version=exact.version,
            sha256=exact.sha256,
        )


@strawberry.type(description="The customer's word that what is due on a line is collected from the own account.")
class DebitMandate(Node):
    text_version: str
    text_sha256: str
    language: str
    account_tail: str
    agreed_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: days.MandateRow) -> "DebitMandate":
        """From its row."""
        return cls(
            id=encode_id("DebitMandate", row.id),
            text_version=row.text_version,
            text_sha256=row.sha256,
            language=row.language,
            account_tail=row.account_tail,
            agreed_at=row.agreed_at,
            ended_at=row.ended_at,
        )


@strawberry.type(description="One try to collect what was due; PAID, it is a repayment like any other.")
class Debit(Node):
    amount: Money
    due_on: date
    number: int
    presented_on: date
    state: DebitState
    failure_code: str | None
    repayment_id: strawberry.ID | None

    @classmethod
    def of(cls, row: days.DebitRow) -> "Debit":
        """From its row."""
        return cls(
            id=encode_id("Debit", row.id),
            amount=Money.of(row.amount_minor, row.currency),
            due_on=row.due_on,
            number=row.number,
            presented_on=row.presented_on,
            state=DebitState(row.state),
            failure_code=row.failure_code,
            repayment_id=encode_id("Repayment", row.repayment_id) if row.repayment_id else None,
        )


@strawberry.type
class DebitConnection:
    nodes: list[Debit]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[days.DebitRow]) -> "DebitConnection":
        """From a page of rows."""
        return cls(nodes=[Debit.of(row) for row in page.rows], page_info=PageInfo.of(page))
