"""Trainings on both stores: rows only grow, nobody vouches for oneself, the newest record of a course counts."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError, OperationalError
from uuid_utils.compat import uuid7

from app.domain.oversight.training import Course
from app.flows.oversight.training import newest_trainings, trained
from models.connection import connection
from models.oversight.staff import StaffTraining
from models.people import Staff
from tests.models.rows import NOW

DAY = date(2026, 3, 10)


async def training(staff_id: UUID, teller: UUID, **changed: Any) -> StaffTraining:
    """One row that every check accepts, but for what is changed."""
    facts = {
        "course": "PERSONAL_INFORMATION",
        "completed_on": DAY,
        "expires_on": date(2027, 3, 10),
        "evidence": "no. 7",
    }
    told = {**facts, "staff_id": staff_id, "recorded_by": teller, "recorded_at": NOW}
    return await StaffTraining.create(id=uuid7(), **{**told, **changed})


async def two_officers() -> tuple[UUID, UUID]:
    one, two = uuid7(), uuid7()
    for staff_id in (one, two):
        await Staff.create(id=staff_id, login=str(staff_id), role="RISK", created_at=NOW)
    return one, two


async def test_the_newest_record_of_each_course_counts(store: str) -> None:
    one, two = await two_officers()
    await training(one, two, expires_on=date(2030, 1, 1))
    await training(one, two)
    await training(one, two, course="CREDIT_REPORTS", expires_on=date(2028, 3, 10))
    await training(one, two, course="A_COURSE_OF_LONG_AGO")
    found = await trained([one, two])
    assert found[one] == {Course.PERSONAL_INFORMATION: date(2027, 3, 10), Course.CREDIT_REPORTS: date(2028, 3, 10)}
    assert found[two] == {}
    assert {row.course for row in await newest_trainings([one])} == {*map(str, Course), "A_COURSE_OF_LONG_AGO"}
    assert await trained([]) == {}


async def test_no_row_is_changed_or_removed(store: str) -> None:
    one, two = await two_officers()
    row = await training(one, two)
    change = f"UPDATE staff_training SET expires_on = '2099-01-01' WHERE id = '{row.id}'"
    for statement in (change, f"DELETE FROM staff_training WHERE id = '{row.id}'"):
        with pytest.raises((IntegrityError, OperationalError), match="only grows"):
            await connection().execute_query(statement)
    assert (await StaffTraining.get(id=row.id)).expires_on == date(2027, 3, 10)


@pytest.mark.parametrize("wrong", [{"evidence": ""}, {"course": ""}, {"expires_on": DAY}, {"recorded_by": uuid7()}])
async def test_a_record_that_proves_nothing_is_refused(store: str, wrong: dict[str, Any]) -> None:
    one, two = await two_officers()
    with pytest.raises(IntegrityError):
        await training(one, two, **wrong)


async def test_nobody_vouches_for_oneself(store: str) -> None:
    one, _ = await two_officers()
    with pytest.raises(IntegrityError):
        await training(one, one)


async def test_more_officers_at_once_than_a_page_holds_are_refused(store: str) -> None:
    with pytest.raises(ValueError, match="at most 100"):
        await trained([uuid7() for _ in range(101)])
