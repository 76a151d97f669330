"""What can be done now, and if not, why: by the checks that the acts themselves make."""

from collections.abc import Awaitable
from datetime import datetime
from enum import StrEnum

import strawberry

from app.api import words
from app.domain.refusals import (
    AccountNotClear,
    InvalidInput,
    LimitExceeded,
    LineInArrears,
    LineNotActive,
    Refusal,
    TooSoon,
)


@strawberry.enum(description="Why something cannot be done now.")
class CannotReason(StrEnum):
    LINE_FROZEN = "LINE_FROZEN"
    LINE_CLOSED = "LINE_CLOSED"
    LINE_IN_ARREARS = "LINE_IN_ARREARS"
    LIMIT_USED_UP = "LIMIT_USED_UP"
    TOO_SOON = "TOO_SOON"
    LIMIT_NOT_ABOVE_PRESENT = "LIMIT_NOT_ABOVE_PRESENT"
    LIMIT_OUTSIDE_PRODUCT = "LIMIT_OUTSIDE_PRODUCT"
    NOT_CLEAR = "NOT_CLEAR"
    LOAN_SETTLED = "LOAN_SETTLED"
    LOAN_NOT_PAID_OUT = "LOAN_NOT_PAID_OUT"
    NOTHING_AHEAD = "NOTHING_AHEAD"


@strawberry.type(
    description="Whether the act would be taken now, by its own checks. A consent or a code is asked for on the way."
)
class Ability:
    allowed: bool
    reason: CannotReason | None
    message: str | None
    allowed_from: datetime | None = strawberry.field(description="When a waiting time ends; else null.")


async def ability(check: Awaitable[None], language: str) -> Ability:
    """What a check of the law says, in the caller's language."""
    try:
        await check
    except Refusal as refusal:
        reason = _reason(refusal)
        since = refusal.allowed_from if isinstance(refusal, TooSoon) else None
        message = words.say(language, "ability", reason.value)
        return Ability(allowed=False, reason=reason, message=message, allowed_from=since)
    return Ability(allowed=True, reason=None, message=None, allowed_from=None)


_REASONS: dict[type[Refusal], CannotReason] = {
    LineInArrears: CannotReason.LINE_IN_ARREARS,
    LimitExceeded: CannotReason.LIMIT_USED_UP,
    TooSoon: CannotReason.TOO_SOON,
    AccountNotClear: CannotReason.NOT_CLEAR,
}


def _reason(refusal: Refusal) -> CannotReason:
    if isinstance(refusal, LineNotActive):
        return CannotReason(f"LINE_{refusal.status}")
    if isinstance(refusal, InvalidInput):
        return CannotReason(refusal.violations[0].problem)
    return _REASONS[type(refusal)]
