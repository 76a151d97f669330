"""Parts of a loan: contract, instalments, payments and what they paid."""

from datetime import date, datetime

import strawberry

from app.api.caller import Info
from app.api.contract import Node
from app.api.reading import loans as read
from app.api.scalars import Money, encode_id
from app.domain.lending.accrual import InstalmentStatus, Owed
from app.domain.lending.product import AllocationTarget

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


@strawberry.type(description="One row of a plan: `amount` as planned, `outstanding` as still to be paid.")
class Instalment(Node):
    number: int
    due_on: date
    status: InstalmentStatus
    amount: Money
    principal: Money
    interest: Money
    penalty: Money
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
            amount=Money.of(row.principal_minor + row.interest_minor, currency),
            principal=Money.of(row.principal_minor, currency),
            interest=Money.of(row.interest_minor, currency),
            penalty=Money.of(owed.penalty_minor, currency),
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


@strawberry.type(description="What paying the loan off today costs: interest for the days used, nothing more.")
class PayoffQuote:
    as_of: date
    principal: Money
    interest: Money
    penalty: Money
    total: Money
