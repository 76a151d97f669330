"""Training of staff: what was recorded of whom, and by whom. A record is never changed; the next takes its place."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.oversight.roles import Officer
from app.domain.oversight.training import Course, Trained, expiry_of, recordable
from app.domain.refusals import NotFound, OwnAccount
from app.flows.unit import Desk
from models.connection import fetch, is_sqlite
from models.oversight.staff import StaffTraining
from models.people import Staff

STAFF_AT_ONCE_MAX = 100


@dataclass(frozen=True, slots=True)
class RecordTraining:
    """That an officer finished a course on a day; `evidence` tells where the proof is."""

    staff_id: UUID
    course: Course
    completed_on: date
    evidence: str


async def record_training(desk: Desk, officer: Officer, key: UUID, asked: RecordTraining) -> UUID:
    """Put a training on record, from now on the one that counts of its course; the record's id.

    Raises:
        InvalidInput: the day or the evidence. NotFound: no such officer. OwnAccount: it is the recorder's own.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    if asked.staff_id == officer.id:
        raise OwnAccount
    if not await Staff.exists(id=asked.staff_id):
        raise NotFound
    async with desk.unit() as unit:
        evidence = recordable(asked.completed_on, asked.evidence, unit.today())
        done = await unit.once(officer.id, "recordTraining", key, asked)
        if done:
            return UUID(done["training"])
        training_id = uuid7()
        await StaffTraining.create(
            id=training_id,
            staff_id=asked.staff_id,
            course=asked.course.value,
            completed_on=asked.completed_on,
            expires_on=expiry_of(asked.course, asked.completed_on),
            evidence=evidence,
            recorded_by=officer.id,
            recorded_at=unit.now,
        )
        await unit.keep(training=training_id)
        return training_id


async def trained(staff_ids: Collection[UUID]) -> dict[UUID, Trained]:
    """The day on which each course of some officers expires, by the newest record of each.

    Raises:
        ValueError: more than STAFF_AT_ONCE_MAX officers.
    """
    if len(staff_ids) > STAFF_AT_ONCE_MAX:
        raise ValueError(f"at most {STAFF_AT_ONCE_MAX} officers at once, not {len(staff_ids)}")
    known = {course.value: course for course in Course}
    found: dict[UUID, dict[Course, date]] = {staff_id: {} for staff_id in staff_ids}
    for row in await _newest("staff_id, course, expires_on", staff_ids):
        if row["course"] in known:
            until = row["expires_on"]
            day = date.fromisoformat(until) if isinstance(until, str) else until
            found[UUID(str(row["staff_id"]))][known[row["course"]]] = day
    return dict(found)


async def newest_trainings(staff_ids: Collection[UUID]) -> list[StaffTraining]:
    """The record that counts, of each course of some officers."""
    return await StaffTraining.filter(id__in=[row["id"] for row in await _newest("id", staff_ids)])


async def _newest(columns: str, staff_ids: Collection[UUID]) -> list[dict[str, Any]]:
    if not staff_ids:
        return []
    places = ", ".join(f"${number}" for number in range(1, len(staff_ids) + 1))
    return await fetch(
        f"SELECT {columns} FROM staff_training AS told WHERE staff_id IN ({places}) AND NOT EXISTS (SELECT 1"  # noqa: S608 - names and places alone
        " FROM staff_training AS later"
        " WHERE later.staff_id = told.staff_id AND later.course = told.course AND later.id > told.id)",
        *(str(staff_id) if is_sqlite() else staff_id for staff_id in staff_ids),
    )
