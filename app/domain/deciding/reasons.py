"""Why a decision is as it is, in codes; the sentences are made where they are shown."""

from collections.abc import Iterable
from enum import StrEnum

MAX_REASONS = 4


class ReasonCode(StrEnum):
    """One reason of a decision (PIPL art. 24: a decision by machine can be explained)."""

    DEBT_BURDEN_HIGH = "DEBT_BURDEN_HIGH"
    DELINQUENCY_RECENT = "DELINQUENCY_RECENT"
    FILE_THIN = "FILE_THIN"
    INCOME_UNVERIFIED = "INCOME_UNVERIFIED"
    INQUIRIES_MANY = "INQUIRIES_MANY"
    POLICY_AGE = "POLICY_AGE"
    SCORE_LOW = "SCORE_LOW"
    UTILISATION_HIGH = "UTILISATION_HIGH"
    SPENDING_HIGH = "SPENDING_HIGH"
    SAVINGS_LOW = "SAVINGS_LOW"
    BILLS_LATE = "BILLS_LATE"
    IDENTITY_UNVERIFIED = "IDENTITY_UNVERIFIED"
    STUDENT = "STUDENT"
    LENDERS_MANY = "LENDERS_MANY"
    BAD_DEBT = "BAD_DEBT"
    OBJECTION_OPEN = "OBJECTION_OPEN"
    LIMIT_AT_MAXIMUM = "LIMIT_AT_MAXIMUM"
    LINE_IN_ARREARS = "LINE_IN_ARREARS"
    LINE_NOT_ACTIVE = "LINE_NOT_ACTIVE"
    BUREAU_UNAVAILABLE = "BUREAU_UNAVAILABLE"
    REQUEST_ABOVE_LIMIT = "REQUEST_ABOVE_LIMIT"


# Strongest first: what no data could change, then what the file shows, then how much was asked.
_STRENGTH = (
    ReasonCode.IDENTITY_UNVERIFIED,
    ReasonCode.POLICY_AGE,
    ReasonCode.STUDENT,
    ReasonCode.LINE_IN_ARREARS,
    ReasonCode.LINE_NOT_ACTIVE,
    ReasonCode.LIMIT_AT_MAXIMUM,
    ReasonCode.BUREAU_UNAVAILABLE,
    ReasonCode.OBJECTION_OPEN,
    ReasonCode.BAD_DEBT,
    ReasonCode.DELINQUENCY_RECENT,
    ReasonCode.DEBT_BURDEN_HIGH,
    ReasonCode.LENDERS_MANY,
    ReasonCode.INQUIRIES_MANY,
    ReasonCode.SCORE_LOW,
    ReasonCode.FILE_THIN,
    ReasonCode.INCOME_UNVERIFIED,
    ReasonCode.REQUEST_ABOVE_LIMIT,
    ReasonCode.UTILISATION_HIGH,
    ReasonCode.BILLS_LATE,
    ReasonCode.SPENDING_HIGH,
    ReasonCode.SAVINGS_LOW,
)


def strongest_first(by_rule: Iterable[ReasonCode], by_score: Iterable[ReasonCode] = ()) -> tuple[ReasonCode, ...]:
    """The reasons to show: of rules by strength, then of the score in its own order; each once, four at most."""
    ordered = [*sorted(by_rule, key=_STRENGTH.index), *by_score]
    return tuple(dict.fromkeys(ordered))[:MAX_REASONS]
