"""Parts of a loan: contract, instalments, payments and what they paid."""

from datetime import date, datetime
from enum import Enum

import strawberry

from app.api.caller import Info
from app.api.contract import Node, PageInfo
from app.api.reading import loans as read
from app.api.reading import payments
from app.api.reading.pages import Page
from app.api.scalars import Money, encode_id
from app.domain.lending.accrual import InstalmentStatus, Owed, Payoff
from app.domain.lending.product import AllocationTarget

strawberry.enum(AllocationTarget, name="AllocationTarget", description="What a part of a payment paid.")
strawberry.enum(
    InstalmentStatus, name="InstalmentStatus", description="The due day itself is not late. Days are days of UTC+8."
)


@strawberry.type(description="The text that was signed, kept with its digest.")
class Contract(Node):
    row: strawberry.Private[read.ContractRow]
    title: str
    language: str
    sha256: str
    disclosure_sha256: str
    signed_at: datetime

    @strawberry.field
    async def text(self, info: Info) -> str:
        return await read.contract_text(info.context.desk.keys, self.row)

    @classmethod
    def of(cls, row: read.ContractRow) -> "Contract":
        """From its row."""
        return cls(
            id=encode_id("Contract", row.id),
            row=row,
            title=row.title,
            language=row.language,
            sha256=row.sha256,
            disclosure_sha256=row.disclosure_sha256,
            signed_at=row.signed_at,
        )


@strawberry.type(
    description="One row of a plan: `amount` as planned, with its fee; `outstanding` as still to be paid."
)
class Instalment(Node):
    number: int
    due_on: date
    status: InstalmentStatus
    amount: Money
    principal: Money
    interest: Money
    fee: Money
    penalty: Money
    penalty_on_interest: Money = strawberry.field(
        description="What ran on overdue interest, counted apart; 0.00 unless the contract prints it."
    )
    days_late: int
    outstanding: Money

    @classmethod
    def of(cls, row: read.InstalmentRow, owed: Owed, currency: str) -> "Instalment":
        """From its row and what it owes on the day."""
        return cls(
            id=encode_id("Instalment", row.id),
            number=row.number,
            due_on=row.due_on,
            status=owed.status,
            amount=Money.of(row.principal_minor + row.interest_minor + row.fee_minor, currency),
            principal=Money.of(row.principal_minor, currency),
            interest=Money.of(row.interest_minor, currency),
            fee=Money.of(row.fee_minor, currency),
            penalty=Money.of(owed.penalty_minor, currency),
            penalty_on_interest=Money.of(owed.interest_penalty_minor, currency),
            days_late=owed.days_late,
            outstanding=Money.of(owed.total_minor, currency),
        )


@strawberry.type(description="A part of a payment. No `instalmentNumber`: principal ahead of time, or overpayment.")
class Allocation:
    target: AllocationTarget
    amount: Money
    instalment_number: int | None

    @classmethod
    def of(cls, row: read.AllocationRow, numbers: dict[object, int], currency: str) -> "Allocation":
        """From its row."""
        return cls(
            target=AllocationTarget(row.target),
            amount=Money.of(row.amount_minor, currency),
            instalment_number=numbers.get(row.instalment_id),
        )


@strawberry.type(
    description="What paying a loan off on a day costs: interest and fees for the time used, nothing more."
)
class PayoffQuote:
    as_of: date
    principal: Money
    interest: Money
    penalty: Money
    fee: Money
    total: Money

    @classmethod
    def of(cls, end: Payoff, day: date, currency: str) -> "PayoffQuote":
        """From the law's own figures."""
        return cls(
            as_of=day,
            principal=Money.of(end.principal_minor, currency),
            interest=Money.of(end.interest_minor, currency),
            penalty=Money.of(end.penalty_minor, currency),
            fee=Money.of(end.fee_minor, currency),
            total=Money.of(end.total_minor, currency),
        )


@strawberry.type(description="The plan that a prepayment made, as it was issued beside the contract.")
class ContractAnnex:
    row: strawberry.Private[payments.AnnexRow]
    language: str
    sha256: str
    issued_at: datetime

    @strawberry.field
    async def text(self, info: Info) -> str:
        return await payments.annex_text(info.context.desk.keys, self.row)

    @classmethod
    def of(cls, row: payments.AnnexRow) -> "ContractAnnex":
        """From its row."""
        return cls(row=row, language=row.language, sha256=row.sha256, issued_at=row.issued_at)


@strawberry.enum(
    description=(
        "RETURNED, MISTAKEN: a payment counts no more. BACK_DATED: one was booked in the past. CHARGED_OFF: the claim "
        "left the book and is still owed. PAYOUT_RETURNED: the money never arrived, so nothing is owed."
    )
)
class LoanCorrectionKind(Enum):
    RETURNED = "RETURNED"
    MISTAKEN = "MISTAKEN"
    BACK_DATED = "BACK_DATED"
    CHARGED_OFF = "CHARGED_OFF"
    PAYOUT_RETURNED = "PAYOUT_RETURNED"


@strawberry.type(description="What was put right on a loan, and from which day on it counts.")
class LoanCorrection:
    row: strawberry.Private[payments.CorrectionRow]
    id: strawberry.ID
    kind: LoanCorrectionKind
    payment_id: strawberry.ID | None
    counted_from: date
    played_again: int = strawberry.field(description="How many payments were spread anew after it.")
    made_at: datetime

    @strawberry.field(description="The annex to the contract, where the plan changed.")
    async def annex(self) -> ContractAnnex | None:
        row = await payments.annex_of_correction(self.row.id)
        return ContractAnnex.of(row) if row is not None else None

    @classmethod
    def of(cls, row: payments.CorrectionRow) -> "LoanCorrection":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("LoanCorrection", row.id),
            kind=LoanCorrectionKind(row.kind),
            payment_id=encode_id("Payment", row.payment_id) if row.payment_id is not None else None,
            counted_from=row.counted_from,
            played_again=row.played_again,
            made_at=row.made_at,
        )


@strawberry.type
class LoanCorrectionConnection:
    nodes: list[LoanCorrection]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[payments.CorrectionRow]) -> "LoanCorrectionConnection":
        """From a page of rows."""
        return cls(nodes=[LoanCorrection.of(row) for row in page.rows], page_info=PageInfo.of(page))
