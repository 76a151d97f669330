"""Every expected No, as a type that carries facts. Raised: nothing of this step happened.

The API has one GraphQL type of the same name for each; sentences are made there, in the caller's language.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain.consent.purpose import ConsentPurpose
from app.domain.policies.problems import Problem
from app.domain.rights.closing import Blocker


class Refusal(Exception):
    """An expected refusal: the caller is told what stopped it and what to do next."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with the input: `path` names the field, `problem` is a word of the catalogue, never a value."""

    path: tuple[str, ...]
    problem: str


@dataclass(slots=True)
class InvalidInput(Refusal):
    """The input breaks rules that need no secret to explain; all violations at once."""

    violations: tuple[Violation, ...]

    @classmethod
    def at(cls, *path: str, problem: str) -> "InvalidInput":
        """A refusal with one violation."""
        return cls((Violation(path, problem),))


@dataclass(slots=True)
class IdempotencyConflict(Refusal):
    """The same key came with another input."""


@dataclass(slots=True)
class StillWorking(Refusal):
    """The same key, or the same row, is being worked on at this moment."""

    retry_after_seconds: int = 1


@dataclass(slots=True)
class NotFound(Refusal):
    """Not there, or not the caller's: the two look alike on purpose."""


@dataclass(slots=True)
class ConsentRequired(Refusal):
    """No live consent of this purpose."""

    purpose: ConsentPurpose


@dataclass(slots=True)
class WordingOutdated(Refusal):
    """The text agreed to is no longer the text in force."""

    purpose: ConsentPurpose


@dataclass(slots=True)
class StatementOutdated(Refusal):
    """What was stated of earlier inquiries with the text is not all, or no longer, what must be stated."""

    purpose: ConsentPurpose


@dataclass(slots=True)
class ApplicationExists(Refusal):
    """An application is open already."""

    application_id: UUID


@dataclass(slots=True)
class LineAlreadyOpen(Refusal):
    """The customer has a line; more is asked for by a limit increase."""

    line_id: UUID


@dataclass(slots=True)
class TooSoon(Refusal):
    """A waiting time is still running."""

    allowed_from: datetime


@dataclass(slots=True)
class OfferExpired(Refusal):
    """The offer's validity is over."""

    expired_at: datetime


@dataclass(slots=True)
class ApplicationNotOpen(Refusal):
    """The application is in a state that does not allow this step."""

    status: str


@dataclass(slots=True)
class LineNotActive(Refusal):
    """The line is frozen or closed."""

    status: str


@dataclass(slots=True)
class LineInArrears(Refusal):
    """A payment is late on the line; nothing new is drawn until it is paid."""


@dataclass(slots=True)
class LimitExceeded(Refusal):
    """More than what is available. `available_minor` is fen."""

    available_minor: int


@dataclass(slots=True)
class LoanNotSettled(Refusal):
    """Something is still owed on the loan, or it was never paid out; `payoff_minor` (fen) ends it today."""

    status: str
    payoff_minor: int


@dataclass(slots=True)
class QuoteStale(Refusal):
    """The sealed terms expired, were used, or are no longer those we would give."""


@dataclass(slots=True)
class TrialStale(Refusal):
    """The trial of a payment is over, or the payment would no longer do what was shown."""


@dataclass(slots=True)
class DisclosureRequired(Refusal):
    """The cost disclosure acknowledged is not the quote's, or was not read long enough."""

    quote_id: str


@dataclass(slots=True)
class CodeWrong(Refusal):
    """The one-time code is wrong, used or expired."""

    tries_left: int


@dataclass(slots=True)
class DecisionClosed(Refusal):
    """A person has settled this already."""


@dataclass(slots=True)
class OwnAccount(Refusal):
    """An officer may neither act on nor look at an own account."""


@dataclass(slots=True)
class FindingAboutYou(Refusal):
    """A finding is about what the officer did; another sees to it."""


@dataclass(slots=True)
class AccessExpired(Refusal):
    """The time for which a file was opened is over."""

    expired_at: datetime


@dataclass(slots=True)
class SamePerson(Refusal):
    """Who made a proposal may not be the one who checks it."""


@dataclass(slots=True)
class ApprovalPending(Refusal):
    """The same thing was proposed already and waits for its check."""

    approval_id: UUID


@dataclass(slots=True)
class ApprovalClosed(Refusal):
    """The proposal was checked already; `outcome` is CONFIRMED or REJECTED."""

    outcome: str


@dataclass(slots=True)
class LineNotFrozen(Refusal):
    """There is nothing to release: the line is not frozen, or no longer by the freeze that was meant."""

    status: str


@dataclass(slots=True)
class RouteNotFrozen(Refusal):
    """There is nothing to open: inquiries go out, or that freeze of the route has ended."""


@dataclass(slots=True)
class AppealExists(Refusal):
    """An appeal against this freeze is open already."""

    appeal_id: UUID


@dataclass(slots=True)
class PolicyRefused(Refusal):
    """The document is no sound policy, or it does not fit beside the others; all problems at once."""

    problems: tuple[Problem, ...]


@dataclass(slots=True)
class TrainingExpired(Refusal):
    """The officer lacks a course that this needs: it ran out on `expired_on`, or was never taken."""

    course: str
    expired_on: date | None


@dataclass(slots=True)
class RequestExists(Refusal):
    """A request of this kind and subject is open already."""

    request_id: UUID


@dataclass(slots=True)
class RequestNotOpen(Refusal):
    """The request has ended; `state` is DONE or CANCELLED."""

    state: str


@dataclass(slots=True)
class AccountNotClear(Refusal):
    """Something has not ended that must end before the account is closed or erased."""

    blockers: tuple[Blocker, ...]


@dataclass(slots=True)
class InquiryUnsettled(Refusal):
    """An earlier inquiry of the purpose may stand at the bureau; it is settled by `settled_by`, or a person takes over."""

    inquiry_id: UUID
    settled_by: datetime


@dataclass(slots=True)
class AccountRestricted(Refusal):
    """An erasure is scheduled: data are only stored, and nothing new begins."""

    request_id: UUID
