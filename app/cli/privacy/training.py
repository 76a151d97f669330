"""The trainings of the staff at the command line: who stands how, and recording one on an officer's word."""

import json
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.oversight.roles import Officer, Role, Verb
from app.domain.oversight.training import Course, CourseStanding, Standing, Trained, standing_in
from app.domain.refusals import InvalidInput, OwnAccount
from app.flows.oversight.training import STAFF_AT_ONCE_MAX, RecordTraining, record_training, trained
from app.flows.unit import Desk
from models.people import Staff

STAFF_MAX = 10_000
_SAID = {
    "IN_THE_FUTURE": "the day lies in the future",
    "EVIDENCE_LENGTH": "evidence has 3 to 200 printable characters, on one line",
}


class TrainingRefused(Exception):
    """It was not recorded; the text says why."""


@dataclass(frozen=True, slots=True)
class Standings:
    """An officer and every course."""

    login: str
    role: str
    courses: tuple[CourseStanding, ...]


async def listed(desk: Desk) -> list[Standings]:
    """How every officer stands on the business date, by login; at most STAFF_MAX."""
    today = business_date(await desk.refresh_clock())
    staff = await Staff.all().order_by("login").limit(STAFF_MAX)
    found = []
    for start in range(0, len(staff), STAFF_AT_ONCE_MAX):
        page = staff[start : start + STAFF_AT_ONCE_MAX]
        until = await trained([row.id for row in page])
        found += [_standings(row, until[row.id], today) for row in page]
    return found


def _standings(row: Staff, until: Trained, today: date) -> Standings:
    return Standings(row.login, row.role, tuple(standing_in(course, until, today) for course in Course))


async def recorded(desk: Desk, key: UUID, login: str, by: str, told: tuple[Course, date, str]) -> Standings:
    """Record a training on the word of the officer `by`; how the trained one stands then.

    Raises:
        TrainingRefused: nobody of that name, no right to record, an own training, a wrong day or evidence.
    """
    officer, teller = await Staff.get_or_none(login=login), await Staff.get_or_none(login=by)
    for name, row in ((login, officer), (by, teller)):
        if row is None:
            raise TrainingRefused(f"there is no officer {name}; see clearline training list")
    if officer is None or teller is None or not Officer(teller.id, Role(teller.role)).may(Verb.RECORD_TRAINING):
        raise TrainingRefused(f"{by} may not record trainings; that is for COMPLIANCE")
    course, completed_on, evidence = told
    asked = RecordTraining(officer.id, course, completed_on, evidence)
    try:
        await record_training(desk, Officer(teller.id, Role(teller.role)), key, asked)
    except OwnAccount:
        raise TrainingRefused("nobody records an own training; name a colleague with --by") from None
    except InvalidInput as wrong:
        raise TrainingRefused("; ".join(_SAID[violation.problem] for violation in wrong.violations)) from None
    today = business_date(await desk.refresh_clock())
    return _standings(officer, (await trained([officer.id]))[officer.id], today)


def as_json(standings: list[Standings]) -> str:
    """See docs/formats/privacy.md."""
    staff = [
        {"login": one.login, "role": one.role, "courses": [_course(told) for told in one.courses]}
        for one in standings
    ]
    return json.dumps({"schema": "clearline-training/1", "staff": staff})


def _course(told: CourseStanding) -> dict[str, object]:
    return {
        "course": told.course,
        "standing": told.standing,
        "expiresOn": told.expires_on.isoformat() if told.expires_on else None,
        "daysLeft": told.days_left,
    }


def as_text(standings: list[Standings]) -> str:
    """The same for reading."""
    return "\n".join(
        f"{one.login:<16} {one.role:<11} {told.course:<21} {told.standing:<8} {_until(told)}"
        for one in standings
        for told in one.courses
    )


def _until(told: CourseStanding) -> str:
    if told.expires_on is None:
        return "never taken"
    if told.standing is Standing.EXPIRED:
        return f"ran out on {told.expires_on}"
    return f"{told.days_left} days left, until {told.expires_on}"
