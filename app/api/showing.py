"""How each refusal of the domain is shown by its GraphQL type."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from app.api import words
from app.api.caller import Context, Info, training_sentence
from app.api.contract import UserError
from app.api.customer.nouns.asking.application import Application, ApplicationStatus
from app.api.customer.nouns.consent import ConsentWording
from app.api.customer.nouns.lending import CreditLine, LineStatus, LoanStatus
from app.api.customer.nouns.quote import CostDisclosure
from app.api.customer.nouns.rights import Blocker, DataRequest
from app.api.customer.nouns.watch import Appeal
from app.api.officer.policies import PolicyProblem
from app.api.reading import credit as read
from app.api.reading import rights, watch
from app.api.refusals import (
    AccessExpired,
    AccountNotClear,
    AccountRestricted,
    AppealExists,
    ApplicationExists,
    ApplicationNotOpen,
    ApprovalClosed,
    ApprovalPending,
    CodeWrong,
    ConsentRequired,
    DecisionClosed,
    DisclosureRequired,
    FindingAboutYou,
    IdempotencyConflict,
    InputViolation,
    InquiryUnsettled,
    InvalidInput,
    LimitExceeded,
    LineAlreadyOpen,
    LineInArrears,
    LineNotActive,
    LineNotFrozen,
    LoanNotSettled,
    NotFound,
    OfferExpired,
    OwnAccount,
    PolicyRefused,
    QuoteStale,
    RequestExists,
    RequestNotOpen,
    RouteNotFrozen,
    SamePerson,
    StatementOutdated,
    StillWorking,
    TooSoon,
    TrainingExpired,
    TrialStale,
    WordingOutdated,
)
from app.api.scalars import Money, encode_id
from app.domain import refusals as law
from app.domain.calendar import BUSINESS_ZONE, business_date
from app.domain.consent.purpose import ConsentPurpose
from app.domain.oversight.approval import ApprovalOutcome
from app.domain.oversight.training import Course
from app.domain.rights.requests import RequestState
from app.flows.book.disclosure import disclosure_of
from app.flows.book.quoting import open_seal, price_again


def _say(context: Context, name: str, **facts: object) -> str:
    return words.say(context.language, "refusal", name, **facts)


def _status(context: Context, status: str) -> str:
    return words.say(context.language, "status", status)


def _local(moment: datetime) -> str:
    return moment.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


async def _invalid_input(refusal: law.InvalidInput, context: Context) -> InvalidInput:
    return InvalidInput(
        message=_say(context, "InvalidInput"),
        violations=[
            InputViolation(
                path=["input", *violation.path],
                code=violation.problem,
                message=words.say(context.language, "problem", violation.problem),
            )
            for violation in refusal.violations
        ],
    )


async def _still_working(refusal: law.StillWorking, context: Context) -> StillWorking:
    seconds = refusal.retry_after_seconds
    return StillWorking(message=_say(context, "StillWorking", seconds=seconds), retry_after_seconds=seconds)


async def _wording(purpose: ConsentPurpose, context: Context) -> ConsentWording:
    now = await context.desk.refresh_clock()
    return ConsentWording.of(await read.wording(purpose, context.language, now))


async def _statement_outdated(refusal: law.StatementOutdated, context: Context) -> StatementOutdated:
    wording = await _wording(refusal.purpose, context)
    return StatementOutdated(message=_say(context, "StatementOutdated"), wording=wording)


async def _consent_required(refusal: law.ConsentRequired, context: Context) -> ConsentRequired:
    wording = await _wording(refusal.purpose, context)
    return ConsentRequired(message=_say(context, "ConsentRequired"), purpose=refusal.purpose, wording=wording)


async def _wording_outdated(refusal: law.WordingOutdated, context: Context) -> WordingOutdated:
    wording = await _wording(refusal.purpose, context)
    return WordingOutdated(message=_say(context, "WordingOutdated"), wording=wording)


async def _application_exists(refusal: law.ApplicationExists, context: Context) -> ApplicationExists:
    row = await read.application(context.customer_id, refusal.application_id)
    if row is None:
        raise refusal
    return ApplicationExists(message=_say(context, "ApplicationExists"), application=Application.of(row))


async def _line_already_open(refusal: law.LineAlreadyOpen, context: Context) -> LineAlreadyOpen:
    row = await read.line(context.customer_id, refusal.line_id)
    if row is None:
        raise refusal
    return LineAlreadyOpen(message=_say(context, "LineAlreadyOpen"), line=CreditLine.of(row))


async def _appeal_exists(refusal: law.AppealExists, context: Context) -> AppealExists:
    row = await watch.own_appeal(context.customer_id, refusal.appeal_id)
    if row is None:
        raise refusal
    return AppealExists(message=_say(context, "AppealExists"), appeal=Appeal.of(row))


async def _too_soon(refusal: law.TooSoon, context: Context) -> TooSoon:
    message = _say(context, "TooSoon", allowed_from=_local(refusal.allowed_from))
    return TooSoon(message=message, allowed_from=refusal.allowed_from)


async def _offer_expired(refusal: law.OfferExpired, context: Context) -> OfferExpired:
    message = _say(context, "OfferExpired", expired_at=_local(refusal.expired_at))
    return OfferExpired(message=message, expired_at=refusal.expired_at)


async def _application_not_open(refusal: law.ApplicationNotOpen, context: Context) -> ApplicationNotOpen:
    message = _say(context, "ApplicationNotOpen", status=_status(context, refusal.status))
    return ApplicationNotOpen(message=message, status=ApplicationStatus(refusal.status))


async def _line_not_active(refusal: law.LineNotActive, context: Context) -> LineNotActive:
    message = _say(context, "LineNotActive", status=_status(context, refusal.status))
    return LineNotActive(message=message, status=LineStatus(refusal.status))


async def _limit_exceeded(refusal: law.LimitExceeded, context: Context) -> LimitExceeded:
    available = Money.of(refusal.available_minor)
    message = _say(context, "LimitExceeded", available=f"{available.amount} {available.currency}")
    return LimitExceeded(message=message, available=available)


async def _loan_not_settled(refusal: law.LoanNotSettled, context: Context) -> LoanNotSettled:
    payoff = Money.of(refusal.payoff_minor)
    message = _say(context, "LoanNotSettled", payoff=f"{payoff.amount} {payoff.currency}")
    return LoanNotSettled(message=message, status=LoanStatus(refusal.status), payoff=payoff)


async def _disclosure_required(refusal: law.DisclosureRequired, context: Context) -> DisclosureRequired:
    terms = open_seal(context.desk, context.customer_id, refusal.quote_id)
    exact = disclosure_of(price_again(terms))
    message = _say(context, "DisclosureRequired", seconds=exact.reading_seconds_min)
    return DisclosureRequired(message=message, disclosure=CostDisclosure.of(exact, context.language))


async def _code_wrong(refusal: law.CodeWrong, context: Context) -> CodeWrong:
    message = _say(context, "CodeWrong", tries_left=refusal.tries_left)
    return CodeWrong(message=message, tries_left=refusal.tries_left)


async def _access_expired(refusal: law.AccessExpired, context: Context) -> AccessExpired:
    message = _say(context, "AccessExpired", expired_at=_local(refusal.expired_at))
    return AccessExpired(message=message, expired_at=refusal.expired_at)


async def _approval_pending(refusal: law.ApprovalPending, context: Context) -> ApprovalPending:
    approval_id = encode_id("Approval", refusal.approval_id)
    return ApprovalPending(message=_say(context, "ApprovalPending"), approval_id=approval_id)


async def _approval_closed(refusal: law.ApprovalClosed, context: Context) -> ApprovalClosed:
    message = _say(context, "ApprovalClosed", outcome=refusal.outcome)
    return ApprovalClosed(message=message, outcome=ApprovalOutcome(refusal.outcome))


async def _line_not_frozen(refusal: law.LineNotFrozen, context: Context) -> LineNotFrozen:
    message = _say(context, "LineNotFrozen", status=refusal.status)
    return LineNotFrozen(message=message, status=LineStatus(refusal.status))


async def _policy_refused(refusal: law.PolicyRefused, context: Context) -> PolicyRefused:
    problems = [PolicyProblem.of(problem, context.language) for problem in refusal.problems]
    return PolicyRefused(message=_say(context, "PolicyRefused"), problems=problems)


async def _training_expired(refusal: law.TrainingExpired, context: Context) -> TrainingExpired:
    message = training_sentence(context.language, refusal)
    return TrainingExpired(message=message, course=Course(refusal.course), expired_on=refusal.expired_on)


async def _own_request(refusal: law.RequestExists | law.AccountRestricted, context: Context) -> DataRequest:
    row = await rights.own_request(context.customer_id, refusal.request_id)
    if row is None:
        raise refusal
    return DataRequest.of(row)


async def _request_exists(refusal: law.RequestExists, context: Context) -> RequestExists:
    return RequestExists(message=_say(context, "RequestExists"), request=await _own_request(refusal, context))


async def _inquiry_unsettled(refusal: law.InquiryUnsettled, context: Context) -> InquiryUnsettled:
    inquiry = encode_id("Inquiry", refusal.inquiry_id)
    message = _say(context, "InquiryUnsettled", settled_by=business_date(refusal.settled_by).isoformat())
    return InquiryUnsettled(message=message, inquiry_id=inquiry, settled_by=refusal.settled_by)


async def _account_restricted(refusal: law.AccountRestricted, context: Context) -> AccountRestricted:
    request = await _own_request(refusal, context)
    return AccountRestricted(message=_say(context, "AccountRestricted"), request=request)


async def _request_not_open(refusal: law.RequestNotOpen, context: Context) -> RequestNotOpen:
    message = _say(context, "RequestNotOpen", state=_status(context, refusal.state))
    return RequestNotOpen(message=message, state=RequestState(refusal.state))


async def _account_not_clear(refusal: law.AccountNotClear, context: Context) -> AccountNotClear:
    blockers = [Blocker.of(facts, context.language) for facts in refusal.blockers]
    return AccountNotClear(message=_say(context, "AccountNotClear"), blockers=blockers)


def _plain(shown: type[Any]) -> Callable[[Any, Context], Awaitable[Any]]:
    """How a refusal without facts is shown."""

    async def show(_refusal: law.Refusal, context: Context) -> UserError:
        answer: UserError = shown(message=_say(context, shown.__name__))
        return answer

    return show


SHOWN: dict[type[law.Refusal], tuple[type[Any], Callable[[Any, Context], Awaitable[Any]]]] = {
    law.InvalidInput: (InvalidInput, _invalid_input),
    law.IdempotencyConflict: (IdempotencyConflict, _plain(IdempotencyConflict)),
    law.StillWorking: (StillWorking, _still_working),
    law.NotFound: (NotFound, _plain(NotFound)),
    law.ConsentRequired: (ConsentRequired, _consent_required),
    law.WordingOutdated: (WordingOutdated, _wording_outdated),
    law.StatementOutdated: (StatementOutdated, _statement_outdated),
    law.ApplicationExists: (ApplicationExists, _application_exists),
    law.LineAlreadyOpen: (LineAlreadyOpen, _line_already_open),
    law.TooSoon: (TooSoon, _too_soon),
    law.AppealExists: (AppealExists, _appeal_exists),
    law.OfferExpired: (OfferExpired, _offer_expired),
    law.ApplicationNotOpen: (ApplicationNotOpen, _application_not_open),
    law.LineNotActive: (LineNotActive, _line_not_active),
    law.LineInArrears: (LineInArrears, _plain(LineInArrears)),
    law.LimitExceeded: (LimitExceeded, _limit_exceeded),
    law.LoanNotSettled: (LoanNotSettled, _loan_not_settled),
    law.QuoteStale: (QuoteStale, _plain(QuoteStale)),
    law.TrialStale: (TrialStale, _plain(TrialStale)),
    law.DisclosureRequired: (DisclosureRequired, _disclosure_required),
    law.CodeWrong: (CodeWrong, _code_wrong),
    law.DecisionClosed: (DecisionClosed, _plain(DecisionClosed)),
    law.OwnAccount: (OwnAccount, _plain(OwnAccount)),
    law.FindingAboutYou: (FindingAboutYou, _plain(FindingAboutYou)),
    law.AccessExpired: (AccessExpired, _access_expired),
    law.SamePerson: (SamePerson, _plain(SamePerson)),
    law.ApprovalPending: (ApprovalPending, _approval_pending),
    law.ApprovalClosed: (ApprovalClosed, _approval_closed),
    law.LineNotFrozen: (LineNotFrozen, _line_not_frozen),
    law.RouteNotFrozen: (RouteNotFrozen, _plain(RouteNotFrozen)),
    law.PolicyRefused: (PolicyRefused, _policy_refused),
    law.TrainingExpired: (TrainingExpired, _training_expired),
    law.RequestExists: (RequestExists, _request_exists),
    law.RequestNotOpen: (RequestNotOpen, _request_not_open),
    law.AccountNotClear: (AccountNotClear, _account_not_clear),
    law.InquiryUnsettled: (InquiryUnsettled, _inquiry_unsettled),
    law.AccountRestricted: (AccountRestricted, _account_restricted),
}


class _Shows:
    """Turns one kind of refusal into its GraphQL type, on fields whose union holds that type."""

    def __init__(self, refusal: type[law.Refusal]) -> None:
        self.exception_type = refusal
        self.error_type, self._show = SHOWN[refusal]

    async def handle(self, exception: law.Refusal, *, field: object, info: Info) -> UserError:  # noqa: ARG002
        """Show the refusal."""
        answer: UserError = await self._show(exception, info.context)
        return answer


HANDLERS = [_Shows(refusal) for refusal in SHOWN]
