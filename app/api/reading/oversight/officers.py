"""What officers see of the book: queues without an own account among them, and a person's file under an access."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from tortoise.queryset import QuerySet

from app.api.reading.pages import Page, page
from app.domain.oversight.approval import ApprovalKind
from app.domain.oversight.roles import Officer, PersonalField, Role
from app.domain.oversight.training import Course, CourseStanding, standing_in
from app.domain.person import IdNumber, PersonName, PhoneNumber
from app.doors.keys import Keys
from app.flows.book.position import OPEN_STATUSES, instalments_of, line_figures, position_of, status_on
from app.flows.oversight.access import COLUMN_OF, running_access
from app.flows.oversight.approving import CHECKER_NOTE, MAKER_NOTE, TABLE
from app.flows.oversight.training import newest_trainings, trained
from app.flows.unit import Desk
from models.consent import Inquiry
from models.credit import Application, CreditLine, Decision, Freeze, LimitIncrease
from models.loans import Loan
from models.oversight.staff import Approval, StaffAccess, StaffAccessReveal, StaffTraining
from models.people import Customer, Staff

FreezeRow: TypeAlias = Freeze
ApprovalRow: TypeAlias = Approval
AccessRow: TypeAlias = StaffAccess
RevealRow: TypeAlias = StaffAccessReveal
CustomerRow: TypeAlias = Customer
StaffRow: TypeAlias = Staff

FILE_ROWS_MAX = 50
REVEALS_MAX = 1000
_CLOSED = ("REPAID", "VOID")
_LATE = frozenset({"LATE", "DEFAULTED", "CHARGED_OFF"})
_PSEUDONYM_CHARS = 8
_SIGHT_OF = {
    Role.RISK: (ApprovalKind.RELEASE, ApprovalKind.PUBLISH_POLICY, ApprovalKind.CHARGE_OFF),
    Role.COMPLIANCE: tuple(ApprovalKind),
    Role.PRIVACY: (ApprovalKind.PUBLISH_WORDING, ApprovalKind.RELEASE_ROUTE),
    Role.OPERATOR: (ApprovalKind.CORRECTION,),
}


@dataclass(frozen=True, slots=True)
class LoansSummary:
    """Loans of a line, counted; `principal_minor` is fen still owed."""

    open: int
    late: int
    closed: int
    principal_minor: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """How an officer stands in a course, and the record that says so."""

    standing: CourseStanding
    record: StaffTraining | None


# ---- queues ---------------------------------------------------------------------------------------------


def _not_own(query: QuerySet[Any], officer: Officer) -> QuerySet[Any]:
    return query.exclude(customer_id=officer.customer_id) if officer.customer_id is not None else query


async def referrals(officer: Officer, first: int, after: str | None) -> Page[Application]:
    """Applications that wait for a person, newest first."""
    referred = Decision.filter(outcome="REFERRED", application_id__isnull=False)
    waiting = await referred.values_list("application_id", flat=True)
    query = Application.filter(status="IN_REVIEW", is_open=True, id__in=waiting)
    return await page(_not_own(query, officer), first, after)


async def increase_referrals(officer: Officer, first: int, after: str | None) -> Page[LimitIncrease]:
    """Increases that wait for a person, newest first."""
    return await page(_not_own(LimitIncrease.filter(status="REFERRED", is_open=True), officer), first, after)


async def freezes(officer: Officer, first: int, after: str | None) -> Page[FreezeRow]:
    """Freezes that are running, newest first."""
    return await page(_not_own(Freeze.filter(released_at__isnull=True), officer), first, after)


async def pending_approvals(officer: Officer, first: int, after: str | None) -> Page[ApprovalRow]:
    """Proposals that wait for their check, of the kinds that concern the role, newest first."""
    kinds = [kind.value for kind in _SIGHT_OF[officer.role]]
    query = Approval.filter(outcome__isnull=True, kind__in=kinds)
    if officer.customer_id is not None:  # a row without a customer is equal to none, and must stay
        own = await Approval.filter(outcome__isnull=True, customer_id=officer.customer_id).values_list(
            "id", flat=True
        )
        query = query.exclude(id__in=own) if own else query
    return await page(query, first, after)


async def access_log(officer: Officer, first: int, after: str | None) -> Page[AccessRow]:
    """Who opened whose file, newest first."""
    return await page(_not_own(StaffAccess.all(), officer), first, after)


# ---- people of the staff ----------------------------------------------------------------------------------


async def login_of(staff_id: UUID) -> str:
    """An officer as colleagues know them."""
    return (await Staff.get(id=staff_id)).login


def pseudonym(keys: Keys, staff_id: UUID, customer_id: UUID) -> str:
    """An officer as one customer knows them: the same mark each time, and another mark for each customer."""
    mark = keys.mac("staff pseudonym", f"{staff_id}|{customer_id}".encode())
    return mark.hex()[:_PSEUDONYM_CHARS]


async def staff(first: int, after: str | None) -> Page[StaffRow]:
    """The officers, newest first."""
    return await page(Staff.all(), first, after)


async def member(staff_id: UUID) -> StaffRow:
    """One member of the staff."""
    return await Staff.get(id=staff_id)


async def learnt(staff_ids: list[UUID], today: date) -> dict[UUID, list[Learnt]]:
    """How some officers stand in every course there is."""
    until = await trained(staff_ids)
    records = {(row.staff_id, row.course): row for row in await newest_trainings(staff_ids)}
    return {
        staff_id: [
            Learnt(standing_in(course, until[staff_id], today), records.get((staff_id, course.value)))
            for course in Course
        ]
        for staff_id in staff_ids
    }


async def trained_by(training_id: UUID) -> UUID:
    """Whose training a record tells of."""
    return (await StaffTraining.get(id=training_id)).staff_id


# ---- approvals ----------------------------------------------------------------------------------------------


async def approval(approval_id: UUID) -> ApprovalRow:
    """A proposal for an officer who made or checked it."""
    return await Approval.get(id=approval_id)


def told_by(row: ApprovalRow) -> dict[str, str]:
    """What a proposal holds."""
    told: dict[str, str] = json.loads(row.payload)
    return told


async def freeze_of(row: ApprovalRow) -> FreezeRow:
    """The freeze that a proposed release would end."""
    return await Freeze.get(id=UUID(row.subject))


def notes_of(desk: Desk, customer: CustomerRow, row: ApprovalRow) -> tuple[str, str | None]:
    """The maker's and the checker's notes about a customer, opened for a file."""
    box = desk.box(customer)
    made = box.open(TABLE, MAKER_NOTE, row.id, row.maker_note_sealed or b"").decode()
    checked = row.checker_note_sealed
    return made, box.open(TABLE, CHECKER_NOTE, row.id, checked).decode() if checked else None


# ---- the file of a person ------------------------------------------------------------------------------------


async def access(desk: Desk, officer: Officer, access_id: UUID) -> tuple[AccessRow, CustomerRow]:
    """A running access of the officer, and whose file it opens.

    Raises:
        NotFound, AccessExpired, OwnAccount: see `running_access`.
    """
    row = await running_access(officer, access_id, await desk.refresh_clock())
    return row, await Customer.get(id=row.customer_id)


def masked(desk: Desk, customer: CustomerRow, field: PersonalField) -> str | None:
    """A field for a screen; null while the person never told it."""
    clear = _in_clear(desk, customer, field)
    if clear is None:
        return None
    if field is PersonalField.NAME:
        return PersonName(clear).masked
    return IdNumber(clear).masked if field is PersonalField.ID_NUMBER else PhoneNumber(clear).masked


async def revealed(desk: Desk, officer: Officer, reveal_id: UUID) -> tuple[RevealRow, str]:
    """A field in clear, by the event that was put on record for it.

    Raises:
        NotFound, AccessExpired, OwnAccount: see `running_access`.
    """
    row = await StaffAccessReveal.get(id=reveal_id, staff_id=officer.id)
    _, customer = await access(desk, officer, row.access_id)
    clear = _in_clear(desk, customer, PersonalField(row.field))
    if clear is None:
        raise RuntimeError("a field that nobody told is not revealed")
    return row, clear


def _in_clear(desk: Desk, customer: CustomerRow, field: PersonalField) -> str | None:
    column = COLUMN_OF[field]
    sealed = getattr(customer, column)
    if sealed is None:
        return None
    return desk.box(customer).open("customer", column, customer.id, sealed).decode()


async def decisions(customer_id: UUID) -> list[Decision]:
    """The person's decisions, newest first, at most FILE_ROWS_MAX."""
    return await Decision.filter(customer_id=customer_id).order_by("-id").limit(FILE_ROWS_MAX)


async def inquiries(customer_id: UUID) -> list[Inquiry]:
    """The person's inquiries, newest first, at most FILE_ROWS_MAX."""
    return await Inquiry.filter(customer_id=customer_id).order_by("-id").limit(FILE_ROWS_MAX)


async def approvals(customer_id: UUID) -> list[ApprovalRow]:
    """What was proposed about the person, newest first, at most FILE_ROWS_MAX."""
    return await Approval.filter(customer_id=customer_id).order_by("-id").limit(FILE_ROWS_MAX)


async def loans_summary(line: CreditLine, day: date) -> LoansSummary:
    """The loans of a line, counted as they stand on a day; of those that run, the newest FILE_ROWS_MAX."""
    closed = await Loan.filter(line_id=line.id, status__in=_CLOSED).count()
    rows = await Loan.filter(line_id=line.id).exclude(status__in=_CLOSED).order_by("-id").limit(FILE_ROWS_MAX)
    late = 0
    for row in rows:
        if row.status in OPEN_STATUSES:
            late += status_on(row, position_of(row, await instalments_of(row.id), day)) in _LATE
    figures = await line_figures(line.id)
    return LoansSummary(len(rows), late, closed, figures.used_minor)


# ---- who looked ------------------------------------------------------------------------------------------------


async def accesses(customer_id: UUID, first: int, after: str | None) -> Page[AccessRow]:
    """Every opening of the customer's file, newest first."""
    return await page(StaffAccess.filter(customer_id=customer_id), first, after)


async def reveals_of(rows: Iterable[AccessRow]) -> dict[UUID, list[RevealRow]]:
    """The events below some accesses, oldest first, at most REVEALS_MAX."""
    by_access: dict[UUID, list[RevealRow]] = {row.id: [] for row in rows}
    query = StaffAccessReveal.filter(access_id__in=list(by_access)).order_by("id").limit(REVEALS_MAX)
    for event in await query if by_access else []:
        by_access[event.access_id].append(event)
    return by_access


async def opened_reason(desk: Desk, row: AccessRow) -> str:
    """The officer's words, opened for the person whose file it was."""
    customer = await Customer.get(id=row.customer_id)
    return desk.box(customer).open("staff_access", "reason_sealed", row.id, row.reason_sealed).decode()
