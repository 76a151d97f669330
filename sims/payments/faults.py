"""How the bank misbehaves when it is told to: the next debits, one order each."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from sims.wire import Message, Refused

MAX_FAULTS = 100
MAX_TIMES = 10_000


class Fault(StrEnum):
    """What goes wrong with a debit, and whether it was placed by then."""

    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    TIMEOUT_BEFORE = "TIMEOUT_BEFORE"
    TIMEOUT_AFTER = "TIMEOUT_AFTER"
    TWICE = "TWICE"


class Ordered(Message):
    """One order to misbehave, for the next n new debits."""

    fault: Annotated[Fault, Field(strict=False)]
    next: Annotated[int, Field(ge=1, le=MAX_TIMES)] = 1


class Faults:
    """The orders in force, oldest first; they are forgotten when the process ends."""

    def __init__(self) -> None:
        self._left: list[tuple[Fault, int]] = []

    def order(self, ordered: Ordered) -> None:
        """Add an order.

        Raises:
            Refused: there are too many.
        """
        if len(self._left) >= MAX_FAULTS:
            raise Refused(409, "TOO_MANY_FAULTS", f"at most {MAX_FAULTS} orders; delete them first")
        self._left.append((ordered.fault, ordered.next))

    def clear(self) -> None:
        """Behave again."""
        self._left.clear()

    def take(self) -> Fault | None:
        """The oldest order, used once."""
        if not self._left:
            return None
        fault, left = self._left[0]
        self._left[0:1] = [(fault, left - 1)] if left > 1 else []
        return fault
