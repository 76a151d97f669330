"""For how long something is kept: named rules, each with its reason, and the law that forbids less where one does.

Sources: personal information law arts 6, 19, 47, 56; anti-money-laundering law art. 34; decree on credit reporting
art. 22; data security regulations art. 12.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.calendar import add_months


class AtEnd(StrEnum):
    """What becomes of a row when its time is over.

    DELETE: it goes. BLANK: its sealed column is emptied and the row stays as proof that there was one. KEEP: the rule
    is a least time; nothing is taken away by it.
    """

    DELETE = "DELETE"
    BLANK = "BLANK"
    KEEP = "KEEP"


@dataclass(frozen=True, slots=True)
class Rule:
    """A named time, in months; None: for as long as what it belongs to. `hold` is the law that forbids less."""

    name: str
    months: int | None
    at_end: AtEnd
    why: str
    hold: str | None = None

    def last_day_over(self, today: date) -> date | None:
        """Rows whose day is before this one are past their time on `today`; None: never by the calendar."""
        return add_months(today, -self.months, today.day) if self.months is not None else None


CREDIT_FILE = Rule(
    "CREDIT_FILE",
    120,
    AtEnd.KEEP,
    "ten years after the account is closed, which ends the business relationship; earlier removal is forbidden",
    hold="anti-money-laundering law art. 34",
)
BUREAU_ANSWER = Rule(
    "BUREAU_ANSWER", 60, AtEnd.BLANK, "five years after it came: as long as a decision on it can be questioned"
)
OWN_DATA = Rule("OWN_DATA", 25, AtEnd.DELETE, "no figure looks back further than 24 months (PIPL arts 6, 19)")
DEVICE = Rule("DEVICE", 25, AtEnd.DELETE, "an older change of device says nothing any more (PIPL art. 19)")
FEED_RECORD = Rule(
    "FEED_RECORD",
    36,
    AtEnd.DELETE,
    "three years after the batch came",
    hold="data security regulations art. 12: records of data received, three years",
)
UNUSED_CODE = Rule("UNUSED_CODE", 1, AtEnd.DELETE, "a code that signed nothing proves nothing")
REQUEST_KEY = Rule("REQUEST_KEY", 3, AtEnd.DELETE, "nobody sends a request again after three months")
STAFF_TRAIL = Rule(
    "STAFF_TRAIL",
    36,
    AtEnd.KEEP,
    "three years at least; the database refuses to remove them",
    hold="PIPL art. 56; decree on credit reporting art. 22",
)
PROOF = Rule(
    "PROOF", None, AtEnd.KEEP, "for as long as anybody may want to verify; sealed, and shredded with its key"
)
ACCOUNT = Rule("ACCOUNT", None, AtEnd.KEEP, "for as long as the account is open")
MACHINE = Rule("MACHINE", None, AtEnd.KEEP, "for as long as the machine runs; nobody's data")
RULES = (
    CREDIT_FILE,
    BUREAU_ANSWER,
    OWN_DATA,
    DEVICE,
    FEED_RECORD,
    UNUSED_CODE,
    REQUEST_KEY,
    STAFF_TRAIL,
    PROOF,
    ACCOUNT,
    MACHINE,
)
