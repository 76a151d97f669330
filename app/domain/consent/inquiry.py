"""The states of one knock on the bureau's door, and which step may follow which."""

from datetime import timedelta
from enum import StrEnum

UNKNOWN_DEADLINE = timedelta(days=3)
APPLICATION_EXPIRES_AFTER = timedelta(days=30)
SEND_ATTEMPTS_MAX = 5
GIVEN_UP = "GIVEN_UP"  # the word on the log for an intent that ended without a record at the bureau


class InquiryState(StrEnum):
    """Every state on the record (intent first, durable before the wire)."""

    INTENT_PENDING = "INTENT_PENDING"
    INTENT_LOGGED = "INTENT_LOGGED"
    SENDING = "SENDING"
    NOT_SENT = "NOT_SENT"
    ANSWERED = "ANSWERED"
    REFUSED_BY_BUREAU = "REFUSED_BY_BUREAU"
    UNKNOWN = "UNKNOWN"
    RECORDED_NO_REPORT = "RECORDED_NO_REPORT"
    NOT_RECORDED = "NOT_RECORDED"
    DISPUTED = "DISPUTED"


class InquiryStatus(StrEnum):
    """What the customer is shown."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


_S = InquiryState
SHOWN_AS: dict[InquiryState, InquiryStatus] = {
    _S.INTENT_PENDING: InquiryStatus.OPEN,
    _S.INTENT_LOGGED: InquiryStatus.OPEN,
    _S.SENDING: InquiryStatus.OPEN,
    _S.NOT_SENT: InquiryStatus.OPEN,
    _S.ANSWERED: InquiryStatus.ANSWERED,
    _S.REFUSED_BY_BUREAU: InquiryStatus.FAILED,
    _S.NOT_RECORDED: InquiryStatus.FAILED,
    _S.UNKNOWN: InquiryStatus.UNKNOWN,
    _S.RECORDED_NO_REPORT: InquiryStatus.UNKNOWN,
    _S.DISPUTED: InquiryStatus.UNKNOWN,
}

NEXT: dict[InquiryState, frozenset[InquiryState]] = {
    _S.INTENT_PENDING: frozenset({_S.INTENT_LOGGED}),
    _S.INTENT_LOGGED: frozenset({_S.SENDING}),
    _S.SENDING: frozenset({_S.NOT_SENT, _S.ANSWERED, _S.REFUSED_BY_BUREAU, _S.UNKNOWN}),
    _S.NOT_SENT: frozenset({_S.SENDING}),
    _S.UNKNOWN: frozenset({_S.ANSWERED, _S.RECORDED_NO_REPORT, _S.NOT_RECORDED, _S.DISPUTED}),
    _S.RECORDED_NO_REPORT: frozenset({_S.ANSWERED, _S.DISPUTED}),
    _S.NOT_RECORDED: frozenset({_S.SENDING}),
    _S.ANSWERED: frozenset(),
    _S.REFUSED_BY_BUREAU: frozenset(),
    _S.DISPUTED: frozenset(),
}

RECORDED = frozenset({_S.ANSWERED, _S.RECORDED_NO_REPORT})
"""The bureau has a record of it."""
COUNTED = RECORDED | {_S.SENDING, _S.UNKNOWN, _S.DISPUTED}
"""The bureau has a record of it, or may have."""
IN_DOUBT = frozenset({_S.SENDING, _S.UNKNOWN})
"""Nobody knows yet whether the bureau has a record of it."""
MAY_BE_SENT = frozenset({_S.INTENT_LOGGED, _S.NOT_SENT, _S.NOT_RECORDED})
SETTLED_BY_REFERENCE = frozenset({_S.UNKNOWN, _S.RECORDED_NO_REPORT})


class ImpossibleStep(Exception):
    """A state was asked to follow one that it cannot follow."""


def step(present: InquiryState, following: InquiryState) -> InquiryState:
    """The following state.

    Raises:
        ImpossibleStep: the state machine has no such arrow; above all, nothing leads from UNKNOWN back to SENDING.
    """
    if following not in NEXT[present]:
        raise ImpossibleStep(f"{present} is not followed by {following}")
    return following
