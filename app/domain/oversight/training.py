"""What officers must have learnt before they come near personal data, and for how long it counts.

Sources: personal information law art. 51 (4) (staff are trained regularly; who handles what is laid down); decree on
credit reporting arts 20, 40 (a report serves the agreed purpose alone, and who breaks that is fined). The times are
the house's own: the laws name none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.calendar import add_months
from app.domain.refusals import InvalidInput

DUE_WITHIN = timedelta(days=30)
EVIDENCE_LENGTH_MIN = 3
EVIDENCE_LENGTH_MAX = 200


class Course(StrEnum):
    """What there is to learn."""

    PERSONAL_INFORMATION = "PERSONAL_INFORMATION"
    CREDIT_REPORTS = "CREDIT_REPORTS"


class Standing(StrEnum):
    """How an officer stands in a course. DUE: it still counts, and runs out within DUE_WITHIN."""

    VALID = "VALID"
    DUE = "DUE"
    EXPIRED = "EXPIRED"
    MISSING = "MISSING"


MONTHS_VALID: dict[Course, int] = {Course.PERSONAL_INFORMATION: 12, Course.CREDIT_REPORTS: 24}
Trained = Mapping[Course, date]


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """How somebody stands in a course on a day; `expires_on` is the first day on which it counts no more."""

    course: Course
    standing: Standing
    expires_on: date | None
    days_left: int | None


def expiry_of(course: Course, completed_on: date) -> date:
    """The first day on which a course counts no more."""
    return add_months(completed_on, MONTHS_VALID[course], completed_on.day)


def standing_in(course: Course, trained: Trained, today: date) -> CourseStanding:
    """How somebody stands in a course, by the days on which their courses expire."""
    expires_on = trained.get(course)
    if expires_on is None:
        return CourseStanding(course, Standing.MISSING, None, None)
    left = expires_on - today
    if left <= timedelta():
        return CourseStanding(course, Standing.EXPIRED, expires_on, 0)
    return CourseStanding(course, Standing.DUE if left <= DUE_WITHIN else Standing.VALID, expires_on, left.days)


def recordable(completed_on: date, evidence: str, today: date) -> str:
    """The evidence without blanks around it, if a training may be recorded so.

    Raises:
        InvalidInput: the day lies ahead, or the evidence is too short, too long, or more than one line.
    """
    if completed_on > today:
        raise InvalidInput.at("completedOn", problem="IN_THE_FUTURE")
    kept = evidence.strip()
    if not (EVIDENCE_LENGTH_MIN <= len(kept) <= EVIDENCE_LENGTH_MAX and kept.isprintable()):
        raise InvalidInput.at("evidence", problem="EVIDENCE_LENGTH")
    return kept
