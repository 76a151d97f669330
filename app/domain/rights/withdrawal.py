"""What withdrawing a consent will do, told before it is done (PIPL art. 15: what was done before stays done)."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.consent.consent import ConsentStatus
from app.domain.consent.inquiry import NOT_SENT_YET, InquiryState
from app.domain.consent.purpose import BUREAU_PURPOSES, SOURCE_PURPOSES, ConsentPurpose

ANSWER_ON_ITS_WAY = frozenset({InquiryState.SENDING, InquiryState.UNKNOWN, InquiryState.RECORDED_NO_REPORT})
RECORDED = ANSWER_ON_ITS_WAY | {InquiryState.ANSWERED, InquiryState.DISPUTED}


class WithdrawalEffect(StrEnum):
    """One thing that a withdrawal does, or leaves as it is."""

    NOTHING_TO_WITHDRAW = "NOTHING_TO_WITHDRAW"
    OPENS_NOTHING_MORE = "OPENS_NOTHING_MORE"
    APPLICATION_ENDS = "APPLICATION_ENDS"
    INCREASE_ENDS = "INCREASE_ENDS"
    BUREAU_NOT_ASKED = "BUREAU_NOT_ASKED"
    ANSWER_DESTROYED = "ANSWER_DESTROYED"
    REPORT_DESTROYED = "REPORT_DESTROYED"
    INQUIRY_STAYS_ON_RECORD = "INQUIRY_STAYS_ON_RECORD"
    DECISION_STANDS = "DECISION_STANDS"
    SOURCE_STOPS = "SOURCE_STOPS"
    FIGURES_NOT_USED = "FIGURES_NOT_USED"
    EVENTS_ERASED = "EVENTS_ERASED"
    PURPOSE_STOPS = "PURPOSE_STOPS"
    CONTRACTS_GO_ON = "CONTRACTS_GO_ON"


@dataclass(frozen=True, slots=True)
class Resting:
    """What rests on a consent. `case_open` is None where no application or increase is bound to it."""

    purpose: ConsentPurpose
    status: ConsentStatus
    for_increase: bool = False
    case_open: bool | None = None
    decided: bool = False
    inquiry: InquiryState | None = None
    report_kept: bool = False
    line_open: bool = False


def effects(resting: Resting) -> tuple[WithdrawalEffect, ...]:
    """What a withdrawal would do now, the gravest first; never empty."""
    if resting.status in {ConsentStatus.WITHDRAWN, ConsentStatus.REFUSED}:
        return (WithdrawalEffect.NOTHING_TO_WITHDRAW,)
    if resting.purpose in BUREAU_PURPOSES:
        found = _of_bureau_consent(resting)
    elif resting.purpose in SOURCE_PURPOSES:
        found = [WithdrawalEffect.SOURCE_STOPS, WithdrawalEffect.FIGURES_NOT_USED, WithdrawalEffect.EVENTS_ERASED]
    else:
        found = [WithdrawalEffect.PURPOSE_STOPS]
    if resting.line_open:
        found.append(WithdrawalEffect.CONTRACTS_GO_ON)
    return tuple(found)


def _of_bureau_consent(resting: Resting) -> list[WithdrawalEffect]:
    found = []
    if resting.case_open and not resting.decided:
        ends = WithdrawalEffect.INCREASE_ENDS if resting.for_increase else WithdrawalEffect.APPLICATION_ENDS
        found.append(ends)
        if resting.inquiry in ANSWER_ON_ITS_WAY:
            found.append(WithdrawalEffect.ANSWER_DESTROYED)
        elif resting.report_kept:
            found.append(WithdrawalEffect.REPORT_DESTROYED)
        elif resting.inquiry is None or resting.inquiry in NOT_SENT_YET:
            found.append(WithdrawalEffect.BUREAU_NOT_ASKED)
    if resting.decided:
        found.append(WithdrawalEffect.DECISION_STANDS)
    if resting.inquiry in RECORDED:
        found.append(WithdrawalEffect.INQUIRY_STAYS_ON_RECORD)
    return found or [WithdrawalEffect.OPENS_NOTHING_MORE]
