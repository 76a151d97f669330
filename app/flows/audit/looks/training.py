"""Whether whoever looked at a person had the courses for it on record, valid on the business date of the look."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from uuid import UUID

from app.domain.auditing.finding import Fault
from app.domain.auditing.rules import AuditRuleId
from app.domain.calendar import business_date
from app.domain.oversight.roles import Verb, courses_for
from app.domain.oversight.training import Course
from app.flows.audit.looks.scan import Look, Memo, Seen, Sight
from models.oversight.staff import StaffAccess, StaffAccessReveal, StaffTraining

LOOKS_PAGE = 200
TRAININGS_MAX = 20_000
RULE = AuditRuleId.TRAINING_EXPIRED


async def _openings(_sight: Sight, after: UUID, _memo: Memo) -> Seen:
    rows = await StaffAccess.filter(id__gt=after).order_by("id").limit(LOOKS_PAGE)
    looked = [(row.id, row.staff_id, row.customer_id, row.opened_at) for row in rows]
    return await _seen("StaffAccess", Verb.OPEN_CUSTOMER_FILE, looked)


async def _reveals(_sight: Sight, after: UUID, _memo: Memo) -> Seen:
    rows = await StaffAccessReveal.filter(id__gt=after).order_by("id").limit(LOOKS_PAGE)
    looked = [(row.id, row.staff_id, row.customer_id, row.revealed_at) for row in rows]
    return await _seen("FieldReveal", Verb.REVEAL_FIELD, looked)


async def _seen(kind: str, verb: Verb, looked: list[tuple[UUID, UUID, UUID, datetime]]) -> Seen:
    records = await _records({officer for _, officer, _, _ in looked})
    faults = []
    for subject, officer, customer, moment in looked:
        problem = _problem(courses_for(verb), records.get(officer, []), moment)
        if problem is not None:
            faults.append(Fault(RULE, kind, subject, problem, customer, officer))
    return Seen(len(looked), tuple(faults), looked[-1][0] if len(looked) == LOOKS_PAGE else None)


async def _records(officers: set[UUID]) -> dict[UUID, list[StaffTraining]]:
    """The trainings of some officers, oldest record first."""
    by_officer: dict[UUID, list[StaffTraining]] = {}
    if officers:
        query = StaffTraining.filter(staff_id__in=officers).order_by("id").limit(TRAININGS_MAX)
        for row in await query:
            by_officer.setdefault(row.staff_id, []).append(row)
    return by_officer


def _problem(courses: Iterable[Course], records: list[StaffTraining], moment: datetime) -> str | None:
    """What was wrong at a moment, by what was on record then; a later record takes the place of an earlier one."""
    for course in courses:
        known = [row for row in records if row.course == course and row.recorded_at <= moment]
        if not known:
            return "MISSING"
        if known[-1].expires_on <= business_date(moment):
            return "EXPIRED"
    return None


def _look(kind: str, page: Callable[[Sight, UUID, Memo], Awaitable[Seen]]) -> Look:
    return Look(f"{RULE}/{kind}", RULE, page)


TRAINING = (_look("StaffAccess", _openings), _look("FieldReveal", _reveals))
