"""What a customer may ask for about own data and decisions, by when it is answered, and which state follows which.

Sources: PIPL arts 44 to 50 (copy, correction, erasure, answered in time, a refusal has reasons), art. 24 (a person
looks at a machine's decision); decree on credit reporting art. 25 (an objection is answered within 20 days); rules on
unlawful collection by apps (2019) art. 6 (15 working days at most).
"""

from datetime import date, timedelta
from enum import StrEnum

CORRECTION_DAYS = 20
OTHER_WORKING_DAYS = 15
REVIEW_ASKED_WITHIN = timedelta(days=60)
COPY_VALID = timedelta(days=7)
COPIES_A_DAY = 3
TEXT_LENGTH_MIN = 10
TEXT_LENGTH_MAX = 2000
_FRIDAY = 4


class RequestKind(StrEnum):
    """What is asked for. Withdrawing a consent is no request: it takes effect at once."""

    COPY = "COPY"
    CORRECTION = "CORRECTION"
    ERASURE = "ERASURE"
    HUMAN_REVIEW = "HUMAN_REVIEW"
    CLOSE_ACCOUNT = "CLOSE_ACCOUNT"


class RequestState(StrEnum):
    """Where a request stands.

    RECEIVED waits for a person, CHECKING for a second one, SCHEDULED for the dates that the law sets.
    """

    RECEIVED = "RECEIVED"
    CHECKING = "CHECKING"
    SCHEDULED = "SCHEDULED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class RequestOutcome(StrEnum):
    """How a request ended."""

    MADE = "MADE"
    CORRECTED = "CORRECTED"
    ANNOTATED = "ANNOTATED"
    REFUSED = "REFUSED"
    UPHELD = "UPHELD"
    CHANGED = "CHANGED"
    CLOSED = "CLOSED"
    ERASED = "ERASED"


class HeldField(StrEnum):
    """What may be wrong: what we hold of a person, or what the bureau told, which only the bureau can change."""

    NAME = "NAME"
    ID_NUMBER = "ID_NUMBER"
    PHONE = "PHONE"
    OCCUPATION = "OCCUPATION"
    BUREAU_RECORD = "BUREAU_RECORD"


class ImpossibleRequestStep(Exception):
    """A request was asked to go where it cannot go."""


_S = RequestState
NEXT: dict[RequestState, frozenset[RequestState]] = {
    _S.RECEIVED: frozenset({_S.CHECKING, _S.DONE, _S.CANCELLED}),
    _S.CHECKING: frozenset({_S.DONE, _S.CANCELLED}),
    _S.SCHEDULED: frozenset({_S.DONE, _S.CANCELLED}),
    _S.DONE: frozenset(),
    _S.CANCELLED: frozenset(),
}
OPEN = frozenset(state for state, following in NEXT.items() if following)
WAITING = frozenset({_S.RECEIVED, _S.CHECKING})
HANDLED_BY = {
    RequestKind.COPY: "PRIVACY",
    RequestKind.CORRECTION: "PRIVACY",
    RequestKind.ERASURE: "PRIVACY",
    RequestKind.CLOSE_ACCOUNT: "PRIVACY",
    RequestKind.HUMAN_REVIEW: "RISK",
}
NEEDS_TWO = frozenset({HeldField.ID_NUMBER})


def step(present: RequestState, following: RequestState) -> RequestState:
    """The following state.

    Raises:
        ImpossibleRequestStep: the state machine has no such arrow.
    """
    if following not in NEXT[present]:
        raise ImpossibleRequestStep(f"{present} is not followed by {following}")
    return following


def due_on(kind: RequestKind, received: date) -> date:
    """The last business date on which an answer is in time.

    Working days are Monday to Friday: public holidays are not left out, so that nothing is due later than it may be.
    """
    if kind is RequestKind.CORRECTION:
        return received + timedelta(days=CORRECTION_DAYS)
    day, left = received, OTHER_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() <= _FRIDAY
    return day


def overdue(state: RequestState, due: date, today: date) -> bool:
    """Whether somebody still waits for an answer that should have been given."""
    return state in WAITING and due < today
