"""A fault as it is found, and the life of the finding that stands for it: open, assigned, closed, open again."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.auditing.rules import AuditRuleId
from app.domain.oversight.approval import noted
from app.domain.refusals import InvalidInput

_MANY_DIGITS = re.compile(r"\d{11}")


class FindingState(StrEnum):
    """Where a finding stands."""

    OPEN = "OPEN"
    ASSIGNED = "ASSIGNED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"


class FindingStep(StrEnum):
    """What happened to a finding. A history holds these in order and never loses one."""

    FOUND = "FOUND"
    ASSIGNED = "ASSIGNED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"


class Closing(StrEnum):
    """How a finding was closed. MENDED: found once more, it is open again. REMAINS: the fault is a thing of the past."""

    MENDED = "MENDED"
    REMAINS = "REMAINS"


class Seen(StrEnum):
    """What a run made of a fault."""

    NEW = "NEW"
    KNOWN = "KNOWN"
    REOPENED = "REOPENED"
    REMAINS = "REMAINS"


class ImpossibleStep(Exception):
    """A step was asked of a finding that it cannot take."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it must be: of which row, and what. No personal data: ids, and words of the house.

    `customer_id` and `staff_id` say whom it is about; that person does not see to it.
    """

    rule: AuditRuleId
    subject_kind: str
    subject_id: UUID
    problem: str
    customer_id: UUID | None = None
    staff_id: UUID | None = None
    detail: str = ""


_S = FindingState
_NEXT: dict[FindingStep, tuple[frozenset[FindingState], FindingState]] = {
    FindingStep.ASSIGNED: (frozenset({_S.OPEN, _S.ASSIGNED, _S.REOPENED}), _S.ASSIGNED),
    FindingStep.CLOSED: (frozenset({_S.OPEN, _S.ASSIGNED, _S.REOPENED}), _S.CLOSED),
    FindingStep.REOPENED: (frozenset({_S.CLOSED}), _S.REOPENED),
}


def step(present: FindingState, asked: FindingStep) -> FindingState:
    """The state after a step.

    Raises:
        ImpossibleStep: only what is not closed is assigned or closed; only what is closed is opened again.
    """
    allowed, following = _NEXT.get(asked, (frozenset(), present))
    if present not in allowed:
        raise ImpossibleStep(f"{asked} does not follow {present}")
    return following


def seen_again(present: FindingState, closing: Closing | None, *, same_problem: bool) -> Seen:
    """What a run makes of a fault that has a finding already.

    A closed one is open again, unless a person closed it as a thing of the past and it is the same problem still.
    """
    if present is not FindingState.CLOSED:
        return Seen.KNOWN
    return Seen.REMAINS if closing is Closing.REMAINS and same_problem else Seen.REOPENED


def worded(text: str, field: str) -> str:
    """Evidence or a note on a finding, without blanks around it; it names nobody.

    Raises:
        InvalidInput: at `field`, shorter than 10 or longer than 2000 characters, or with digits like those of a phone or
        an identity.
    """
    try:
        kept = noted(text)
    except InvalidInput:
        raise InvalidInput.at(field, problem="NOTE_LENGTH") from None
    if _MANY_DIGITS.search(re.sub(r"[\s-]", "", kept)):
        raise InvalidInput.at(field, problem="NOTE_NAMES_SOMEBODY")
    return kept
