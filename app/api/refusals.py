"""One GraphQL type for each refusal of the domain: its facts first, then the sentence."""

from datetime import date, datetime

import strawberry

from app.api.contract import UserError
from app.api.customer.nouns.asking.application import Application, ApplicationStatus
from app.api.customer.nouns.consent import ConsentWording
from app.api.customer.nouns.lending import CreditLine, LineStatus, LoanStatus
from app.api.customer.nouns.quote import CostDisclosure
from app.api.customer.nouns.rights import Blocker, DataRequest
from app.api.customer.nouns.watch import Appeal
from app.api.officer.policies import PolicyProblem
from app.api.scalars import Money
from app.domain.consent.purpose import ConsentPurpose
from app.domain.oversight.approval import ApprovalOutcome
from app.domain.oversight.training import Course
from app.domain.rights.requests import RequestState

strawberry.enum(ApprovalOutcome, description="How a check by a second person ended.")
strawberry.enum(Course, description="What officers must have learnt before they come near personal data.")


@strawberry.type(description="One thing wrong: `path` names the input field.")
class InputViolation:
    path: list[str]
    code: str
    message: str


@strawberry.type(description="The input breaks rules; all violations at once.")
class InvalidInput(UserError):
    violations: list[InputViolation]


@strawberry.type(description="The same key came with another input. Nothing was done.")
class IdempotencyConflict(UserError):
    pass


@strawberry.type(description="The same key, or the same row, is being worked on. Ask again with the same key.")
class StillWorking(UserError):
    retry_after_seconds: int


@strawberry.type(description="Not there, or not yours: the two look alike on purpose.")
class NotFound(UserError):
    pass


@strawberry.type(description="Carries the wording, so that the app can ask at once.")
class ConsentRequired(UserError):
    purpose: ConsentPurpose
    wording: ConsentWording


@strawberry.type(description="The text agreed to is not the text in force. Carries the present one.")
class WordingOutdated(UserError):
    wording: ConsentWording


@strawberry.type(
    description=(
        "What was stated of earlier inquiries is not what must be stated now. Carries the wording, with what is to be "
        "shown beside it: show both, and have the customer agree anew."
    )
)
class StatementOutdated(UserError):
    wording: ConsentWording


@strawberry.type
class ApplicationExists(UserError):
    application: Application


@strawberry.type
class LineAlreadyOpen(UserError):
    line: CreditLine


@strawberry.type(description="A waiting time is running.")
class TooSoon(UserError):
    allowed_from: datetime


@strawberry.type
class OfferExpired(UserError):
    expired_at: datetime


@strawberry.type
class ApplicationNotOpen(UserError):
    status: ApplicationStatus


@strawberry.type(description="The line is frozen or closed. Repaying and records work.")
class LineNotActive(UserError):
    status: LineStatus


@strawberry.type(description="A payment is late on the line. Pay it, then draw again.")
class LineInArrears(UserError):
    pass


@strawberry.type
class LimitExceeded(UserError):
    available: Money


@strawberry.type(description="A certificate follows once nothing is owed. `payoff`: what ends the loan today.")
class LoanNotSettled(UserError):
    status: LoanStatus
    payoff: Money


@strawberry.type(description="The sealed terms expired, were used, or are no longer those we would give. Ask anew.")
class QuoteStale(UserError):
    pass


@strawberry.type(description="The trial is over, or the payment would no longer do what it showed. Try it anew.")
class TrialStale(UserError):
    pass


@strawberry.type(description="The disclosure acknowledged is not the quote's, or was not read long enough.")
class DisclosureRequired(UserError):
    disclosure: CostDisclosure


@strawberry.type(description="The one-time code is wrong, used, expired, or its tries are used up.")
class CodeWrong(UserError):
    tries_left: int


@strawberry.type(description="The case does not wait for a person any more.")
class DecisionClosed(UserError):
    pass


@strawberry.type(description="The account is the officer's own: somebody else has to do this.")
class OwnAccount(UserError):
    pass


@strawberry.type(description="The finding is about what the officer did: somebody else has to see to it.")
class FindingAboutYou(UserError):
    pass


@strawberry.type(description="The time for which the file was opened is over; open it again.")
class AccessExpired(UserError):
    expired_at: datetime


@strawberry.type(description="Who made a proposal may not check it.")
class SamePerson(UserError):
    pass


@strawberry.type(description="The same thing was proposed already and waits for its check.")
class ApprovalPending(UserError):
    approval_id: strawberry.ID


@strawberry.type(description="The proposal was checked already.")
class ApprovalClosed(UserError):
    outcome: ApprovalOutcome


@strawberry.type(description="There is nothing to release, or not by the freeze that was meant.")
class LineNotFrozen(UserError):
    status: LineStatus


@strawberry.type(description="The way to the bureau is open, or that freeze of it has ended.")
class RouteNotFrozen(UserError):
    pass


@strawberry.type(description="An appeal against this freeze is open already.")
class AppealExists(UserError):
    appeal: Appeal


@strawberry.type(
    description="The document is no sound policy, or does not fit beside the others; at most 50 problems."
)
class PolicyRefused(UserError):
    problems: list[PolicyProblem]


@strawberry.type(description="The officer lacks a course that this needs: it ran out, or was never taken (null).")
class TrainingExpired(UserError):
    course: Course
    expired_on: date | None


@strawberry.type(description="A request of this kind and subject is open already.")
class RequestExists(UserError):
    request: DataRequest


@strawberry.type(description="The request has ended.")
class RequestNotOpen(UserError):
    state: RequestState


@strawberry.type(description="Something must end before the account is closed or erased.")
class AccountNotClear(UserError):
    blockers: list[Blocker]


@strawberry.type(
    description=(
        "An earlier inquiry of this purpose may stand at the bureau. No other is begun until that is settled, by "
        "`settledBy` at the latest."
    )
)
class InquiryUnsettled(UserError):
    inquiry_id: strawberry.ID
    settled_by: datetime


@strawberry.type(description="An erasure is scheduled: nothing new begins, unless it is taken back.")
class AccountRestricted(UserError):
    request: DataRequest
