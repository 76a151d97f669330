"""Reminders of what is due soon or late: found at the end of a day, and looked at again before they leave.

They follow the book, not the moment at which they were written: what was paid meanwhile is not asked for, and what is
asked for is what is owed then.
"""

from collections.abc import AsyncIterator
from datetime import date, timedelta

from tortoise.expressions import F, Q, Subquery

from app.domain.lending.accrual import Owed, Position
from app.domain.lending.product import product_of
from app.domain.telling.notice import DUE_SOON_DAYS, Fact, Message, NoticeKind, is_due_soon, late_week
from app.flows.book.position import OPEN_STATUSES, instalments_of, position_of
from app.flows.notices.telling import tell
from app.flows.unit import Desk
from models.loans import Instalment, Loan
from models.notices import Notice

PAGE = 200
PAGES_MAX = 100_000


async def remind(desk: Desk, today: date) -> None:
    """Write the reminders of a business day, each loan in a unit of its own; twice the same day writes nothing."""
    async for loan in _near_their_due_day(today):
        for message, period in _reminders(loan, await _owed(loan, today)):
            if await Notice.exists(kind=message.kind.value, about_id=loan.id, period=period):
                continue
            async with desk.unit() as unit:
                customer = await unit.lock_customer(loan.customer_id)
                locked = await Loan.get(id=loan.id)
                if (message, period) in _reminders(locked, await _owed(locked, today)):
                    await tell(unit, customer, message, loan.id, period)


async def still_so(row: Notice, today: date) -> Message | None:
    """The reminder as it would be written now; None when its time is over or nothing is owed any more."""
    loan = await Loan.get(id=row.about_id)
    written_now = _reminders(loan, await _owed(loan, today))
    return next(
        (message for message, period in written_now if (message.kind, period) == (row.kind, row.period)), None
    )


def _reminders(loan: Loan, owed: Position) -> list[tuple[Message, str]]:
    """What there is to say of a loan on a day, each with the period for which it is said once."""
    if loan.status not in OPEN_STATUSES:
        return []
    near = [item for item in owed.instalments if item.total_minor > 0 and is_due_soon(item.due_on, owed.as_of)]
    # Rows at the end that a prepayment emptied are no part of the plan any more.
    last = max((item.number for item in owed.instalments if item.total_minor > 0), default=0)
    said = [(_due_soon(item, last), item.due_on.isoformat()) for item in near]
    week = late_week(owed.days_late, product_of(loan.product_version).grace_days)
    if week is not None:
        oldest = owed.as_of - timedelta(days=owed.days_late)
        said.append((_late(owed, oldest), f"{oldest.isoformat()}/{week}"))
    return said


def _due_soon(item: Owed, instalments: int) -> Message:
    facts: dict[str, Fact] = {
        "amount_minor": item.total_minor,
        "due_on": item.due_on.isoformat(),
        "number": item.number,
        "instalments": instalments,
    }
    return Message(NoticeKind.DUE_SOON, facts=facts)


def _late(owed: Position, oldest: date) -> Message:
    late_minor = sum(item.total_minor for item in owed.due if item.days_late > 0)
    facts: dict[str, Fact] = {"amount_minor": late_minor, "since_on": oldest.isoformat(), "days": owed.days_late}
    return Message(NoticeKind.LATE, facts=facts)


async def _owed(loan: Loan, day: date) -> Position:
    return position_of(loan, await instalments_of(loan.id), day)


async def _near_their_due_day(today: date) -> AsyncIterator[Loan]:
    """Open loans with an instalment that is not paid and is due soon or was due, by keyset pages."""
    unpaid = (
        Q(paid_principal_minor__lt=F("principal_minor"))
        | Q(paid_interest_minor__lt=F("interest_minor"))
        | Q(paid_penalty_minor__lt=F("penalty_minor"))
        | Q(paid_fee_minor__lt=F("fee_minor"))
    )
    due = Instalment.filter(unpaid, due_on__lte=today + timedelta(days=DUE_SOON_DAYS)).values("loan_id")
    open_loans = Loan.filter(status__in=OPEN_STATUSES, charged_off_on__isnull=True)
    loans = open_loans.filter(id__in=Subquery(due)).order_by("id")
    after = None
    for _ in range(PAGES_MAX):
        page = await (loans.filter(id__gt=after) if after else loans).limit(PAGE)
        for loan in page:
            yield loan
        if len(page) < PAGE:
            return
        after = page[-1].id
