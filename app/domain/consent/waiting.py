"""What an open request waits for: told to its customer and counted for the officers. It is derived, never stored."""

from datetime import timedelta
from enum import StrEnum

from app.domain.consent.inquiry import MAY_BE_SENT, SETTLED_BY_REFERENCE, InquiryState

WAIT_TOLD_AFTER = timedelta(minutes=10)
"""How long a request has waited for one of `TOLD` when its customer is told by a notice, once."""
LOOK_AGAIN_MIN, LOOK_AGAIN_MAX = timedelta(seconds=1), timedelta(seconds=30)


class WaitingFor(StrEnum):
    """Who or what must move before the request goes on."""

    IN_HAND = "IN_HAND"
    ROUTE_SHUT = "ROUTE_SHUT"
    LOG_NOT_WITNESSED = "LOG_NOT_WITNESSED"
    BUREAU_AWAY = "BUREAU_AWAY"
    BUREAU_SLOW = "BUREAU_SLOW"
    PERSON = "PERSON"


TOLD = frozenset(
    {WaitingFor.ROUTE_SHUT, WaitingFor.LOG_NOT_WITNESSED, WaitingFor.BUREAU_AWAY, WaitingFor.BUREAU_SLOW}
)
UNASKED = frozenset({None, InquiryState.INTENT_PENDING}) | MAY_BE_SENT
"""The states, or no inquiry at all, in which a shut route keeps a request from going on."""


def waiting_for(state: InquiryState | None, *, route_open: bool, witnessed: bool) -> WaitingFor:
    """What an open request without a decision waits for.

    `state` is that of its inquiry, None before there is one; `witnessed` whether a quorum answered the log lately.
    """
    if state in UNASKED and not route_open:
        return WaitingFor.ROUTE_SHUT
    if state in {None, InquiryState.INTENT_PENDING} and not witnessed:
        return WaitingFor.LOG_NOT_WITNESSED
    if state in {InquiryState.NOT_SENT, InquiryState.NOT_RECORDED}:
        return WaitingFor.BUREAU_AWAY
    return WaitingFor.BUREAU_SLOW if state in SETTLED_BY_REFERENCE else WaitingFor.IN_HAND


def look_again(waited: timedelta) -> timedelta:
    """How long to leave a request alone that waits for the route or for the log: a tenth of what it has waited.

    Who has just asked is served as soon as there is a way; thousands that have waited for hours do not keep the book busy.
    """
    return min(max(waited / 10, LOOK_AGAIN_MIN), LOOK_AGAIN_MAX)
