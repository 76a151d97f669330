"""Statements of a line by month, and the certificate of a settled loan."""

from datetime import date
from uuid import UUID

import strawberry

from app.api import words
from app.api.scalars import Money, encode_id
from app.domain.days.statement import Line, LineKind
from app.domain.days.statement import Statement as ExactStatement
from app.flows.days.certificates import Certificate

strawberry.enum(LineKind, name="StatementLineKind", description="What changed the balance of a statement.")


@strawberry.type(description="A change of the balance: above zero it grew.")
class StatementLine:
    day: date = strawberry.field(description="Its day; of interest and penalty the day up to which they were earned.")
    kind: LineKind
    text: str
    loan_id: strawberry.ID
    amount: Money

    @classmethod
    def of(cls, line: Line[UUID], language: str, currency: str) -> "StatementLine":
        """One line in the caller's language."""
        return cls(
            day=line.day,
            kind=line.kind,
            text=words.say(language, "statementLine", line.kind.value),
            loan_id=encode_id("Loan", line.loan),
            amount=Money.of(line.amount_minor, currency),
        )


@strawberry.type(
    description=(
        "One calendar month of a line: opening + all lines = closing, and the closing balance opens the next month. "
        "What is owed is principal, interest and penalty earned, less the customer's credit."
    )
)
class Statement:
    cycle: str = strawberry.field(description="The month, as 2026-11.")
    first_day: date
    last_day: date
    closed: bool = strawberry.field(
        description="Whether the end of its last day has run; else the figures are those so far."
    )
    accrued_to: date | None = strawberry.field(
        description="Up to which day interest and penalty of the month are in the figures; null: none was earned."
    )
    opening: Money
    drawn: Money
    interest: Money
    penalty: Money
    fees: Money
    payments: Money = strawberry.field(description="Below zero: what was paid.")
    taken_back: Money = strawberry.field(description="Payments that were returned, and credit that was paid back.")
    closing: Money
    lines: list[StatementLine]

    @classmethod
    def of(cls, exact: ExactStatement[UUID], language: str, currency: str) -> "Statement":
        """From the exact statement."""

        def total(kind: LineKind) -> Money:
            return Money.of(exact.total_minor(kind), currency)

        return cls(
            cycle=exact.cycle.text,
            first_day=exact.cycle.first,
            last_day=exact.cycle.last,
            closed=exact.closed,
            accrued_to=exact.accrued_to,
            opening=Money.of(exact.opening_minor, currency),
            drawn=total(LineKind.DRAWN),
            interest=total(LineKind.INTEREST),
            penalty=total(LineKind.PENALTY),
            fees=total(LineKind.FEE),
            payments=total(LineKind.PAYMENT),
            taken_back=total(LineKind.TAKEN_BACK),
            closing=Money.of(exact.closing_minor, currency),
            lines=[StatementLine.of(line, language, currency) for line in exact.lines],
        )


@strawberry.type(
    description="结清证明: that nothing is owed on a loan any more. The same bytes whenever it is asked for."
)
class SettlementCertificate:
    loan_id: strawberry.ID
    title: str
    text: str
    language: str
    sha256: str
    settled_on: date = strawberry.field(
        description="The day for which the last payment counts: from it on nothing is owed."
    )
    booked_on: date = strawberry.field(description="The day on which the book showed it.")
    url: str = strawberry.field(description="Where the text is fetched as a file, with the same bearer token.")

    @classmethod
    def of(cls, exact: Certificate) -> "SettlementCertificate":
        """From the exact certificate."""
        loan_id = encode_id("Loan", exact.loan_id)
        return cls(
            loan_id=loan_id,
            title=exact.title,
            text=exact.text,
            language=exact.language,
            sha256=exact.sha256,
            settled_on=exact.settled_on,
            booked_on=exact.booked_on,
            url=f"/certificates/{loan_id}.{exact.language}.txt",
        )
