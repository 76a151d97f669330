"""Where notices leave the house: one message to the customer's own telephone, never to anybody else.

The inbox in the app does not depend on this door: what cannot be delivered is read there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


class NotDelivered(Exception):
    """The message service did not take the letter; it may take it later."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice in words. `reference` is the same on every attempt: a receiver that has it already drops the second.

    What speaks of the person is left out of the representation, so that no log can hold it.
    """

    reference: UUID
    kind: str
    language: str
    phone: str | None = field(repr=False)
    title: str = field(repr=False)
    body: str = field(repr=False)


class NoticePost(Protocol):
    """Whoever carries letters."""

    async def deliver(self, letter: Letter) -> None:
        """Hand a letter over.

        Raises:
            NotDelivered: it was not taken.
        """


class InboxOnly:
    """No message service is connected: a notice is in the customer's inbox, and nothing leaves the house."""

    async def deliver(self, letter: Letter) -> None:
        """The inbox holds it already."""


class Printed:
    """The demo's console: a letter of an invented person in two lines, for whoever sits in front of it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    async def deliver(self, letter: Letter) -> None:
        """Print it; signs that would steer a terminal are left out."""
        self._say(_printable(f" ✉ {letter.kind:<18} {letter.title}"))
        self._say(_printable(f"   {letter.body}"))


def _printable(line: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in line)
