"""How the bureau misbehaves when it is told to."""

import hashlib
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from sims.bureau.asking import IdNumber, Inquiry
from sims.wire import Message, Refused

MAX_FAULTS = 100
MAX_TIMES = 10_000
MAX_SECONDS = 120
MAX_SKEW_SECONDS = 10 * 24 * 3600
RATE_STEPS = 1_000_000


class Kind(StrEnum):
    """What goes wrong, and whether the record stands by then."""

    TIMEOUT_BEFORE = "TIMEOUT_BEFORE"
    TIMEOUT_AFTER = "TIMEOUT_AFTER"
    LATE = "LATE"
    RESET = "RESET"
    TWICE = "TWICE"
    DRIP = "DRIP"
    HTTP_500_BEFORE = "HTTP_500_BEFORE"
    HTTP_500_AFTER = "HTTP_500_AFTER"
    SLOW = "SLOW"
    MALFORMED = "MALFORMED"
    UNKNOWN_CODE = "UNKNOWN_CODE"
    PARTIAL = "PARTIAL"
    STALE = "STALE"
    WRONG_SUBJECT = "WRONG_SUBJECT"
    REPORT_LOST = "REPORT_LOST"
    LIES_NOT_RECORDED = "LIES_NOT_RECORDED"
    LIES_RECORDED = "LIES_RECORDED"
    SKEW = "SKEW"

    @property
    def is_before(self) -> bool:
        """Whether it strikes before anything is recorded."""
        return self in {Kind.TIMEOUT_BEFORE, Kind.HTTP_500_BEFORE, Kind.LATE, Kind.LIES_RECORDED}


STATUSES = {Kind.LIES_NOT_RECORDED: 1, Kind.LIES_RECORDED: MAX_TIMES}
"""How many answers by reference go wrong too, where the order does not say."""


class Fault(Message):
    """One order to misbehave: for a person, for the next n questions, or for a share of them."""

    fault: Annotated[Kind, Field(strict=False)]
    subject: IdNumber | None = None
    next: Annotated[int, Field(ge=1, le=MAX_TIMES)] | None = None
    rate: Annotated[float, Field(gt=0, le=1, strict=False)] | None = None
    seconds: Annotated[float, Field(ge=-MAX_SKEW_SECONDS, le=MAX_SKEW_SECONDS, strict=False)] | None = None
    times: Annotated[int, Field(ge=1, le=MAX_TIMES)] | None = None
    statuses: Annotated[int, Field(ge=0, le=MAX_TIMES)] | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if sum(scope is not None for scope in (self.subject, self.next, self.rate)) != 1:
            raise ValueError("needs exactly one of subject, next and rate")
        if self.fault is not Kind.SKEW and not 0 <= (self.seconds or 0) <= MAX_SECONDS:
            raise ValueError(f"seconds must be 0 to {MAX_SECONDS} but for SKEW")
        return self

    def strikes(self, inquiry: Inquiry) -> bool:
        """Whether the order speaks of this question; the reference chooses a share."""
        if self.subject is not None:
            return self.subject == inquiry.subject.id_number
        if self.rate is None:
            return True
        drawn = int.from_bytes(hashlib.sha256(inquiry.key.encode()).digest()[:8]) % RATE_STEPS
        return drawn < self.rate * RATE_STEPS


class Faults:
    """The orders in force, oldest first; they are forgotten when the process ends."""

    def __init__(self) -> None:
        self._left: list[tuple[Fault, int]] = []
        self._spoilt: dict[str, tuple[Kind, int]] = {}

    def order(self, fault: Fault) -> None:
        """Add an order.

        Raises:
            Refused: there are too many.
        """
        if len(self._left) >= MAX_FAULTS:
            raise Refused(409, "TOO_MANY_FAULTS", f"at most {MAX_FAULTS} orders; delete them first")
        once = MAX_TIMES if fault.rate is not None else 1
        self._left.append((fault, fault.times or fault.next or once))

    def clear(self) -> None:
        """Behave again."""
        self._left.clear()
        self._spoilt.clear()

    def take(self, inquiry: Inquiry) -> Fault | None:
        """The first order that speaks of this question, used once."""
        for place, (fault, left) in enumerate(self._left):
            if fault.strikes(inquiry):
                self._left[place : place + 1] = [(fault, left - 1)] if left > 1 else []
                return fault
        return None

    def spoil_status(self, reference: str, fault: Fault) -> None:
        """Remember that answers by this reference go wrong too, if the order says so."""
        left = STATUSES.get(fault.fault, 0) if fault.statuses is None else fault.statuses
        if left and len(self._spoilt) < MAX_TIMES:
            self._spoilt[reference] = (fault.fault, left)

    def of_status(self, reference: str) -> Kind | None:
        """What this answer by reference does wrong, used once."""
        kind, left = self._spoilt.pop(reference, (None, 0))
        if kind is not None and left > 1:
            self._spoilt[reference] = (kind, left - 1)
        return kind
