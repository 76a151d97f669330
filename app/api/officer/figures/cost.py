"""What deciding costs, for those who run the machines and those who decide: counts of the whole book, no person in it."""

from datetime import date

import strawberry

from app.api.caller import Info
from app.api.errors import bad_request
from app.api.scalars import Decimal
from app.domain.oversight.cost import CostReport as ExactReport
from app.domain.oversight.cost import Period, PeriodWrong
from app.domain.oversight.roles import Verb
from app.flows.cost.reporting import cost_report


@strawberry.type(
    description="What deciding cost in a period. Quotients are null where there is nothing to divide by."
)
class CostReport:
    first_day: date | None
    last_day: date | None
    decisions: int = strawberry.field(description="The machine's, first applications and increases.")
    decisions_by_people: int = strawberry.field(description="Settlements of what the machine referred.")
    applicants: int = strawberry.field(description="Different customers among the machine's decisions.")
    inquiries: int = strawberry.field(description="Recorded at the bureau, or perhaps recorded.")
    inquiries_avoided: int = strawberry.field(description="Requests ruled out by own data: the bureau was not asked.")
    inquiries_per_decision: Decimal | None
    inquiries_avoided_per_1000_applicants: Decimal | None
    decisions_measured: int = strawberry.field(description="Decisions whose processor time is known.")
    cpu_seconds: Decimal = strawberry.field(description="Our own processor time for them; not the database's.")
    cpu_seconds_per_decision: Decimal | None

    @classmethod
    def of(cls, exact: ExactReport) -> "CostReport":
        """From the exact report."""
        return cls(
            first_day=exact.period.first,
            last_day=exact.period.last,
            decisions=exact.decisions,
            decisions_by_people=exact.by_people,
            applicants=exact.applicants,
            inquiries=exact.inquiries,
            inquiries_avoided=exact.avoided,
            inquiries_per_decision=_text(exact.inquiries_per_decision),
            inquiries_avoided_per_1000_applicants=_text(exact.avoided_per_1000_applicants),
            decisions_measured=exact.measured,
            cpu_seconds=Decimal(str(exact.cpu_seconds)),
            cpu_seconds_per_decision=_text(exact.cpu_seconds_per_decision),
        )


def _text(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@strawberry.type
class OversightCost:
    @strawberry.field(
        description="What deciding costs, over business days from one to another, both counted. Roles RISK, OPERATOR."
    )
    async def cost_report(
        self, info: Info, first_day: date | None = None, last_day: date | None = None
    ) -> CostReport:
        info.context.may(Verb.COST_REPORT)
        try:
            period = Period(first_day, last_day)
        except PeriodWrong:
            raise bad_request("PERIOD_WRONG") from None
        return CostReport.of(await cost_report(info.context.desk, period))
