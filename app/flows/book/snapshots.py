"""A line's snapshot from the books and from own data. Nothing here reads an inquiry or a report."""

from datetime import date, datetime, timedelta
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.deciding.behaviour import DataSource, EventKind
from app.domain.lending.accrual import InstalmentStatus
from app.domain.lending.postings import Account
from app.domain.watching.snapshot import Snapshot, income_stopped
from app.flows.book.position import OPEN_STATUSES, instalments_of, line_figures, position_of
from app.flows.credit.consents import live_sources
from models.connection import fetch, is_sqlite
from models.credit import CreditLine, LimitChange
from models.loans import Loan
from models.oversight.watch import DeviceEvent
from models.people import BehaviourEventRow

WEEK = timedelta(days=7)
EARLIER = timedelta(days=30)
SALARY_LOOK_BACK = timedelta(days=400)
SALARIES_MAX = 1000
LOANS_MAX = 2000  # a limit of 200,000 yuan holds no more draws of 100


async def snapshot_of(line: CreditLine, now: datetime) -> Snapshot:
    """The line as it is at `now`, inside the running transaction if there is one."""
    today = business_date(now)
    figures = await line_figures(line.id)
    days_late, missed = await _arrears(line.id, today)
    young = business_date(line.opened_at) > today - EARLIER
    return Snapshot(
        status=line.status,
        limit_minor=line.limit_minor,
        used_minor=figures.used_minor + figures.held_minor,
        limit_before_minor=None if young else await _limit_at(line, now - EARLIER),
        used_before_minor=None if young else await _used_on(line.id, today - EARLIER),
        days_late=days_late,
        missed_instalments=missed,
        draws_in_week=await Loan.filter(line_id=line.id, drawn_on__gt=today - WEEK).exclude(status="VOID").count(),
        device_changes_in_week=await DeviceEvent.filter(
            customer_id=line.customer_id, is_change=True, noted_at__gt=now - WEEK
        ).count(),
        income_stopped=await _income_stopped(line.customer_id, now, today),
    )


async def _arrears(line_id: UUID, today: date) -> tuple[int, int]:
    """The longest lateness of the line's loans in days, and how many instalments are late."""
    longest = missed = 0
    for loan in await Loan.filter(line_id=line_id, status__in=OPEN_STATUSES).limit(LOANS_MAX):
        owed = position_of(loan, await instalments_of(loan.id), today)
        longest = max(longest, owed.days_late)
        missed += sum(item.status is InstalmentStatus.LATE for item in owed.instalments)
    return longest, missed


async def _limit_at(line: CreditLine, moment: datetime) -> int:
    """The limit at an earlier moment: what the first change after it changed from."""
    change = await LimitChange.filter(line_id=line.id, changed_at__gt=moment).order_by("id").first()
    limit_minor: int = change.from_minor if change else line.limit_minor
    return limit_minor


async def _used_on(line_id: UUID, day: date) -> int:
    """Principal owed and payouts held at the end of an earlier business day, in fen."""
    used = (Account.LOAN_PRINCIPAL.value, Account.LOAN_HELD.value)
    rows = await fetch(
        "SELECT coalesce(sum(CASE WHEN destination IN ($3, $4) THEN amount_minor ELSE 0 END), 0)"
        " - coalesce(sum(CASE WHEN source IN ($3, $4) THEN amount_minor ELSE 0 END), 0) AS used"
        " FROM posting WHERE line_id = $1 AND effective_on <= $2",
        *(str(line_id) if is_sqlite() else line_id, day.isoformat() if is_sqlite() else day, *used),
    )
    return max(0, int(rows[0]["used"]))


async def _income_stopped(customer_id: UUID, now: datetime, today: date) -> bool | None:
    live = DataSource.PAYMENTS in await live_sources(customer_id, now)
    if not live:
        return income_stopped((), today, payments_live=False)
    rows = (
        await BehaviourEventRow.filter(
            customer_id=customer_id,
            kind=EventKind.SALARY_IN.value,
            occurred_on__gt=today - SALARY_LOOK_BACK,
            occurred_on__lte=today,
        )
        .order_by("-occurred_on")
        .limit(SALARIES_MAX)
    )
    return income_stopped([row.occurred_on for row in rows], today, payments_live=True)
