"""Asking for a statement of a month, and for the certificate of a settled loan."""

from typing import Annotated

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER
from app.api.customer.nouns.days.statement import SettlementCertificate, Statement
from app.api.reading import credit
from app.api.refusals import InvalidInput, LoanNotSettled, NotFound
from app.api.scalars import decode_id
from app.domain.calendar import business_date
from app.domain.days.statement import Cycle
from app.domain.refusals import InvalidInput as Wrong
from app.domain.refusals import NotFound as NothingThere
from app.flows.days.certificates import certificate_of
from app.flows.days.statements import statement_of


@strawberry.input(description="A query, so no key.")
class StatementInput:
    line_id: strawberry.ID = strawberry.field(description="The viewer's line.")
    cycle: str = strawberry.field(description="The month, as 2026-11.")


@strawberry.input(description="A query, so no key.")
class SettlementCertificateInput:
    loan_id: strawberry.ID = strawberry.field(description="A settled loan of the viewer's.")


@strawberry.type
class StatementPayload:
    statement: Statement


@strawberry.type
class SettlementCertificatePayload:
    certificate: SettlementCertificate


StatementResult = Annotated[StatementPayload | InvalidInput | NotFound, strawberry.union("StatementResult")]
SettlementCertificateResult = Annotated[
    SettlementCertificatePayload | LoanNotSettled | NotFound, strawberry.union("SettlementCertificateResult")
]


@strawberry.type
class StatementQuery:
    @strawberry.field(directives=NEVER, description="What a line owed, and all that changed it, in one month.")
    async def statement(self, info: Info, input: StatementInput) -> StatementResult:  # noqa: A002
        line = await credit.line(info.context.customer_id, decode_id(input.line_id, "CreditLine"))
        if line is None:
            raise NothingThere
        today = business_date(await info.context.desk.refresh_clock())
        cycle = _cycle(input.cycle)
        if not Cycle.of(business_date(line.opened_at)).first <= cycle.first <= today:
            raise Wrong.at("cycle", problem="CYCLE_UNKNOWN")
        exact = await statement_of(line, cycle)
        return StatementPayload(statement=Statement.of(exact, info.context.language, line.currency))

    @strawberry.field(directives=NEVER, description="结清证明 of a settled loan, in the request's language.")
    async def settlement_certificate(
        self,
        info: Info,
        input: SettlementCertificateInput,  # noqa: A002
    ) -> SettlementCertificateResult:
        context = info.context
        loan_id = decode_id(input.loan_id, "Loan")
        exact = await certificate_of(context.desk, context.customer_id, loan_id, context.language)
        return SettlementCertificatePayload(certificate=SettlementCertificate.of(exact))


def _cycle(text: str) -> Cycle:
    try:
        return Cycle.parse(text)
    except ValueError:
        raise Wrong.at("cycle", problem="CYCLE_UNKNOWN") from None
