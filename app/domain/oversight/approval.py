"""Maker and checker: what one officer proposes takes effect when another has checked it, once."""

from enum import StrEnum
from uuid import UUID

from app.domain.legible import legible
from app.domain.refusals import ApprovalClosed, InvalidInput, SamePerson

NOTE_LENGTH_MIN = 10
NOTE_LENGTH_MAX = 2000
WORDING_LENGTH_MIN = 200
WORDING_LENGTH_MAX = 16_000


class ApprovalKind(StrEnum):
    """What needs two people."""

    RELEASE = "RELEASE"
    PUBLISH_WORDING = "PUBLISH_WORDING"
    PUBLISH_POLICY = "PUBLISH_POLICY"
    CORRECTION = "CORRECTION"
    CHARGE_OFF = "CHARGE_OFF"
    RELEASE_ROUTE = "RELEASE_ROUTE"


class ApprovalOutcome(StrEnum):
    """How a check ended."""

    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"


def checkable(maker_id: UUID, checker_id: UUID, outcome: str | None) -> None:
    """Whether this officer may check the proposal now.

    Raises:
        ApprovalClosed: it was checked already. SamePerson: the checker made it.
    """
    if outcome is not None:
        raise ApprovalClosed(outcome)
    if maker_id == checker_id:
        raise SamePerson


def noted(note: str) -> str:
    """A note without blanks around it.

    Raises:
        InvalidInput: not NOTE_LENGTH_MIN to NOTE_LENGTH_MAX readable characters.
    """
    kept = legible(note, NOTE_LENGTH_MIN, NOTE_LENGTH_MAX)
    if kept is None:
        raise InvalidInput.at("note", problem="NOTE_LENGTH")
    return kept
