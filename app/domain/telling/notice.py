"""What a customer is told, when, and with which figures. Nobody else is told anything.

Reminders keep quiet hours and are bounded; no text threatens. Sources: PIPL art. 17 (plain words), decree on credit
reporting art. 22 (who looked), Civil Code 676 (late interest as agreed).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from app.domain.calendar import BUSINESS_ZONE
from app.domain.money import Money

DUE_SOON_DAYS = 3
LATE_EVERY_DAYS = 7
LATE_REMINDERS_MAX = 8
QUIET_FROM, QUIET_UNTIL = time(22), time(8)
DELIVERY_WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""How long after each delivery that failed until the next; after the last of them there is one more, and no other."""
ATTEMPTS_MAX = len(DELIVERY_WAITS) + 1

Fact = int | str


class NoticeKind(StrEnum):
    """What is told."""

    DECISION = "DECISION"
    INCREASE_DECISION = "INCREASE_DECISION"
    INQUIRY_MADE = "INQUIRY_MADE"
    DUE_SOON = "DUE_SOON"
    LATE = "LATE"
    LIMIT_CUT = "LIMIT_CUT"
    FREEZE = "FREEZE"
    RELEASE = "RELEASE"
    APPEAL_ANSWERED = "APPEAL_ANSWERED"
    PAYOUT_DONE = "PAYOUT_DONE"
    PAYOUT_FAILED = "PAYOUT_FAILED"
    REPAYMENT_RECEIVED = "REPAYMENT_RECEIVED"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    PAYMENT_CORRECTED = "PAYMENT_CORRECTED"
    CREDIT_REFUNDED = "CREDIT_REFUNDED"
    INQUIRY_UNANNOUNCED = "INQUIRY_UNANNOUNCED"
    DEBIT_FAILED = "DEBIT_FAILED"
    REQUEST_WAITS = "REQUEST_WAITS"
    ROUTE_REOPENED = "ROUTE_REOPENED"
    REQUEST_ENDED = "REQUEST_ENDED"


_K = NoticeKind
REMINDERS = frozenset({_K.DUE_SOON, _K.LATE})
VARIANTS: dict[NoticeKind, tuple[str, ...]] = {
    _K.DECISION: ("APPROVED", "COUNTEROFFERED", "DECLINED", "REFERRED"),
    _K.INCREASE_DECISION: ("APPROVED", "DECLINED", "REFERRED"),
    _K.INQUIRY_MADE: ("FIRST_APPLICATION", "LIMIT_INCREASE", "UNCLEAR"),
    _K.DUE_SOON: ("PLAIN",),
    _K.LATE: ("PLAIN",),
    _K.LIMIT_CUT: ("PLAIN",),
    _K.FREEZE: ("UNTIL", "OPEN_END"),
    _K.RELEASE: ("PLAIN",),
    _K.APPEAL_ANSWERED: ("UPHELD", "REJECTED"),
    _K.PAYOUT_DONE: ("PLAIN",),
    _K.PAYOUT_FAILED: ("PLAIN", "FROZEN", "RETURNED"),
    _K.REPAYMENT_RECEIVED: ("PART", "SETTLED", "CREDIT"),
    _K.CONSENT_WITHDRAWN: ("PLAIN", "ENDS_REQUEST", "ALL"),
    _K.PAYMENT_CORRECTED: ("RETURNED", "MISTAKEN", "CHARGED_OFF", "OWED_BACK", "PAID_BACK", "SHARED_ANEW"),
    _K.CREDIT_REFUNDED: ("PAID", "FAILED"),
    _K.INQUIRY_UNANNOUNCED: ("PLAIN", "LISTED"),
    _K.DEBIT_FAILED: ("AGAIN", "LAST"),
    _K.REQUEST_WAITS: ("ROUTE_SHUT", "LOG_NOT_WITNESSED", "BUREAU_AWAY", "BUREAU_SLOW"),
    _K.ROUTE_REOPENED: ("WAITED", "TOLD"),
    _K.REQUEST_ENDED: ("NOT_ASKED", "UNSETTLED", "OFFER_LAPSED"),
}
"""The wordings that a kind has; each has a title and a body in each language."""
_REQUEST = ("Application", "LimitIncrease")
ABOUT: dict[NoticeKind, tuple[str, ...]] = {
    _K.DECISION: ("Decision",),
    _K.INCREASE_DECISION: ("Decision",),
    _K.INQUIRY_MADE: ("Inquiry",),
    _K.DUE_SOON: ("Loan",),
    _K.LATE: ("Loan",),
    _K.LIMIT_CUT: ("LimitChange",),
    _K.FREEZE: ("CreditLine",),
    _K.RELEASE: ("CreditLine",),
    _K.APPEAL_ANSWERED: ("CreditLine",),
    _K.PAYOUT_DONE: ("Loan",),
    _K.PAYOUT_FAILED: ("Loan",),
    _K.REPAYMENT_RECEIVED: ("Repayment",),
    _K.CONSENT_WITHDRAWN: ("Consent",),
    _K.PAYMENT_CORRECTED: ("Loan",),
    _K.CREDIT_REFUNDED: ("CreditRefund",),
    _K.INQUIRY_UNANNOUNCED: ("Inquiry",),
    _K.DEBIT_FAILED: ("Loan",),
    _K.REQUEST_WAITS: _REQUEST,
    _K.ROUTE_REOPENED: (*_REQUEST, "Inquiry"),
    _K.REQUEST_ENDED: _REQUEST,
}
"""What a notice of a kind is about: the kinds of thing of which its id names one."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told: the kind in one of its wordings, and the figures that it names.

    The name of a fact says what it is: `…_minor` an amount of CNY in fen, `…_on` a business date, `reason` a rule's
    code or an officer's own words, anything else a whole number.

    Raises:
        ValueError: the kind has no such wording.
    """

    kind: NoticeKind
    variant: str = "PLAIN"
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS[self.kind]:
            raise ValueError(f"{self.kind} is not told as {self.variant}")


def wording(kind: NoticeKind, variant: str) -> str:
    """The name under which the texts of a wording stand in the catalogues."""
    return f"{kind}.{variant}"


def not_before(kind: NoticeKind, now: datetime) -> datetime:
    """When a notice may go out: at once, or, for a reminder in the quiet hours of UTC+8, when they end; in UTC."""
    local = now.astimezone(BUSINESS_ZONE)
    if kind not in REMINDERS or QUIET_UNTIL <= local.time() < QUIET_FROM:
        return now
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return datetime.combine(day, QUIET_UNTIL, BUSINESS_ZONE).astimezone(UTC)


def is_due_soon(due_on: date, today: date) -> bool:
    """Whether an instalment that is not paid is near enough to be reminded of; on its due day it still is."""
    return 0 <= (due_on - today).days <= DUE_SOON_DAYS


def late_week(days_late: int, grace_days: int) -> int | None:
    """Which reminder of a lateness its day belongs to, from 0; None before the first and after the last.

    The first comes on the day after the grace days, then one a week.
    """
    week = (days_late - grace_days - 1) // LATE_EVERY_DAYS
    return week if 0 <= week < LATE_REMINDERS_MAX else None


def written(name: str, fact: Fact, language: str) -> str:
    """A fact as a reader of the language expects it; a reason is left to who knows its words."""
    if name.endswith("_minor"):
        return _amount(int(fact), language)
    if name.endswith("_on"):
        return _date(date.fromisoformat(str(fact)), language)
    return str(fact)


def _amount(minor: int, language: str) -> str:
    whole, _, cents = Money(minor, "CNY").text().partition(".")
    figure = f"{int(whole):,}.{cents}"
    return f"{figure} 元" if language == "zh-CN" else f"CNY {figure}"


def _date(day: date, language: str) -> str:
    if language == "zh-CN":
        return f"{day.year} 年 {day.month} 月 {day.day} 日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
