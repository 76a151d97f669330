"""What an open request waits for, in the customer's words."""

from datetime import datetime

import strawberry

from app.api import words
from app.api.reading import credit as read
from app.domain.consent.waiting import WaitingFor

strawberry.enum(
    WaitingFor,
    description=(
        "IN_HAND: we work on it. ROUTE_SHUT: nobody is asked until two of our staff open the way to the bureau again. "
        "LOG_NOT_WITNESSED: nobody is asked until the witnesses of our log answer. BUREAU_AWAY: nothing has reached "
        "it. BUREAU_SLOW: asked once, the answer is not clear yet. PERSON: one of our staff decides."
    ),
)
WAITING = "What it waits for, since when, and what the customer can do; null once it is decided or closed."


@strawberry.type(
    description="What a request waits for. `text` and `nextStep` are ready to show, in the request's language."
)
class Waiting:
    reason: WaitingFor
    since: datetime
    text: str
    next_step: str

    @classmethod
    def of(cls, wait: read.Wait | None, language: str) -> "Waiting | None":
        """In words; None where nothing is waited for."""
        if wait is None:
            return None
        return cls(
            reason=wait.reason,
            since=wait.since,
            text=words.say(language, "waiting", wait.reason),
            next_step=words.say(language, "nextStep", wait.reason),
        )
