"""What of a customer's affairs has not ended: read, never written. Each list has a named maximum."""

from datetime import date
from uuid import UUID

from app.domain.lending.accrual import payoff
from app.domain.rights.closing import Standing
from app.domain.rights.requests import WAITING
from app.flows.book.position import OPEN_STATUSES, instalments_of, position_of
from app.flows.payments.refunding import credit_of, refund_under_way
from models.credit import Application, CreditLine, LimitIncrease
from models.loans import Loan
from models.oversight.watch import Appeal
from models.rights import DataRequest

DECIDED = "DECIDED"  # of an open application: its offer waits, and need not be accepted
BLOCKERS_MAX = 50  # of a kind; more are told when these have ended


async def standing_of(customer_id: UUID, day: date) -> Standing:
    """A customer's affairs on a business date."""
    loans = await Loan.filter(customer_id=customer_id, status__in=OPEN_STATUSES).order_by("id").limit(BLOCKERS_MAX)
    owed = [(loan.id, payoff(position_of(loan, await instalments_of(loan.id), day)).total_minor) for loan in loans]
    held = await Loan.filter(customer_id=customer_id, status="PENDING_PAYOUT").order_by("id").limit(BLOCKERS_MAX)
    line = await CreditLine.filter(customer_id=customer_id).exclude(status="CLOSED").get_or_none()
    credit = await credit_of(customer_id)
    owed += credit.owed_back_of(credit.owed_back_minor).items()
    states = [state.value for state in WAITING]
    return Standing(
        loans=tuple(owed),
        payouts=tuple((loan.id, loan.principal_minor) for loan in held),
        credit_minor=credit.held_minor + await refund_under_way(customer_id),
        applications=await _ids(Application, customer_id, is_open=True, status__not=DECIDED),
        increases=await _ids(LimitIncrease, customer_id, is_open=True),
        appeals=await _ids(Appeal, customer_id, state="OPEN"),
        requests=await _ids(DataRequest, customer_id, state__in=states),
        line=line.id if line is not None else None,
    )


async def _ids(
    table: type[Application | LimitIncrease | Appeal | DataRequest], customer_id: UUID, **which: object
) -> tuple[UUID, ...]:
    rows = table.filter(customer_id=customer_id, **which).order_by("id").limit(BLOCKERS_MAX)
    return tuple(await rows.values_list("id", flat=True))  # type: ignore[arg-type]
