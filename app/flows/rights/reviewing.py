"""A person looks again at what the machine decided (PIPL art. 24): on the same record, never with a new inquiry."""

from dataclasses import dataclass
from uuid import UUID

from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.reading import ReportUse
from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.decide import check_settlement
from app.domain.deciding.outcome import Outcome
from app.domain.deciding.reasons import ReasonCode
from app.domain.money import Money
from app.domain.oversight.approval import noted
from app.domain.oversight.roles import Officer
from app.domain.refusals import DecisionClosed, InvalidInput, NotFound
from app.domain.rights.requests import REVIEW_ASKED_WITHIN, WAITING, RequestKind, RequestOutcome, RequestState
from app.flows.credit.cases import Case, load_case
from app.flows.credit.concluding import put_on_record
from app.flows.credit.facts import own_inputs
from app.flows.oversight.referrals import Reader, facts_of, open_report, refused_verdict, verdict_of
from app.flows.rights.requests import Wish, answer, locked_request, put_in, said
from app.flows.unit import Desk, Unit
from models.credit import Application, CreditLine, Decision, LimitIncrease, Offer
from models.people import Customer
from models.rights import DataRequest

_SETTLE = "settleHumanReview"
REVIEWABLE = frozenset({Outcome.DECLINED.value, Outcome.COUNTEROFFERED.value})


@dataclass(frozen=True, slots=True)
class RequestReview:
    """A wish to have a person look at a decision, and what speaks against it."""

    decision_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class SettleHumanReview:
    """An officer's answer: the decision stands, or a limit in fen takes its place; the note is shown to the customer."""

    request_id: UUID
    uphold: bool
    limit: Money | None
    reasons: tuple[ReasonCode, ...]
    note: str


async def request_review(desk: Desk, customer_id: UUID, key: UUID, asked: RequestReview) -> UUID:
    """Ask for a person's look at a decision; the request's id. Once for a decision, unless it was taken back.

    Raises:
        NotFound: not the customer's decision. RequestExists: it is asked for already.
        InvalidInput: the reason, a person made the decision, it grants all that was asked, another followed it, it
        was looked at before, or it is too old. IdempotencyConflict, StillWorking: as everywhere.
    """
    reason = said(asked.reason, "reason")
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "requestReview", key, asked)
        if done:
            return UUID(done["request"])
        decision = await Decision.get_or_none(id=asked.decision_id, customer_id=customer_id)
        if decision is None:
            raise NotFound
        await _reviewable(unit, decision)
        told = {"reason": reason}
        wish = Wish(RequestKind.HUMAN_REVIEW, str(decision.id), told, decision_id=decision.id)
        request = await put_in(unit, customer, wish)
        await unit.keep(request=request.id)
        return request.id


async def settle_human_review(desk: Desk, officer: Officer, key: UUID, asked: SettleHumanReview) -> UUID:
    """Answer a review; the request's id. A change is a new decision by the officer, with what it brings.

    Raises:
        NotFound: no such review. DecisionClosed: it waits for nobody. OwnAccount: it is the officer's own.
        InvalidInput: the note, the verdict is not allowed, or the case has moved on since.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    row = await DataRequest.get_or_none(id=asked.request_id, kind=RequestKind.HUMAN_REVIEW.value)
    if row is None:
        raise NotFound
    officer.keep_off_own(row.customer_id)
    file = None if asked.uphold else await _opened(desk, officer, key, row, asked)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(row.customer_id)
        done = await unit.once(officer.id, _SETTLE, key, asked)
        if done:
            return UUID(done["request"])
        request = await _waiting(row.id)
        outcome = RequestOutcome.UPHELD
        if asked.uphold and (asked.limit is not None or asked.reasons):
            raise InvalidInput.at("limit", problem="REVIEW_UPHELD_CHANGES_NOTHING")
        if not asked.uphold:
            outcome = RequestOutcome.CHANGED
            request.new_decision_id = (await _decide_anew(unit, officer, customer, request, asked, file)).id
        await answer(unit, customer, request, officer.id, outcome, note)
        await unit.keep(request=request.id)
        return request.id


async def _opened(
    desk: Desk, officer: Officer, key: UUID, row: DataRequest, asked: SettleHumanReview
) -> BureauFile | None:
    """The report, opened in a commit of its own: it stays on record whatever becomes of the change."""
    async with desk.unit() as unit:
        customer = await unit.lock_customer(row.customer_id)
        if await desk.replayed(officer.id, _SETTLE, key, asked):
            return None
        case, old = await _to_be_had(await _waiting(row.id))
        with refused_verdict():
            limit_minor = asked.limit.minor if asked.limit else None
            check_settlement(approve=True, limit_minor=limit_minor, reasons=asked.reasons)
        return await open_report(unit, customer, case, old, Reader(officer.id, ReportUse.HUMAN_REVIEW))


async def _waiting(request_id: UUID) -> DataRequest:
    request = await locked_request(request_id)
    if RequestState(request.state) not in WAITING:
        raise DecisionClosed
    return request


async def _reviewable(unit: Unit, decision: Decision) -> None:
    if decision.decided_by is not None:
        raise InvalidInput.at("decisionId", problem="REVIEW_OF_A_PERSONS_DECISION")
    if decision.outcome not in REVIEWABLE:
        raise InvalidInput.at("decisionId", problem="REVIEW_NOT_ADVERSE")
    if unit.now >= decision.decided_at + REVIEW_ASKED_WITHIN:
        raise InvalidInput.at("decisionId", problem="REVIEW_TOO_LATE")
    latest = await (await _case_of(decision)).latest_decision()
    if latest is None or latest.id != decision.id:
        raise InvalidInput.at("decisionId", problem="REVIEW_OVERTAKEN")
    settled = DataRequest.filter(decision_id=decision.id, state=RequestState.DONE.value)
    if await settled.exists():
        raise InvalidInput.at("decisionId", problem="REVIEW_DONE_ALREADY")


async def _decide_anew(
    unit: Unit,
    officer: Officer,
    customer: Customer,
    request: DataRequest,
    asked: SettleHumanReview,
    file: BureauFile | None,
) -> Decision:
    """A new decision on the old one's record; the old one stays as it was."""
    case, old = await _to_be_had(request)
    inputs = await own_inputs(unit.desk, customer, case.request, unit.now)
    facts = await facts_of(inputs, old, file)
    verdict = verdict_of(
        approve=True, limit=asked.limit, reasons=asked.reasons, case=case, facts=facts, inputs=inputs
    )
    if old.limit_minor is not None and verdict.limit_minor is not None and verdict.limit_minor <= old.limit_minor:
        raise InvalidInput.at("limit", problem="REVIEW_NO_BETTER")
    if isinstance(case.row, Application):
        await _open_again(case)
    return await put_on_record(
        unit,
        customer,
        case,
        inputs,
        verdict,
        inquiry=await case.inquiry(),
        facts=facts,
        by=officer.id,
        note=asked.note,
    )


async def _to_be_had(request: DataRequest) -> tuple[Case, Decision]:
    """What is looked at again, if a better answer could still be taken up."""
    old = await Decision.get(id=request.decision_id)
    case = await _case_of(old)
    await _still_to_be_had(case, old)
    return case, old


async def _still_to_be_had(case: Case, old: Decision) -> None:
    """Nothing newer is running, and the line is as it was."""
    latest = await case.latest_decision()
    if latest is None or latest.id != old.id or case.row.status in {"ACCEPTED", "EXPIRED", "WITHDRAWN"}:
        raise InvalidInput.at("requestId", problem="REVIEW_OVERTAKEN")
    if case.line is not None:
        if not case.may_go_on:
            raise InvalidInput.at("requestId", problem="LINE_NOT_ACTIVE")
        if isinstance(case.row, LimitIncrease) and case.line.limit_minor != case.row.before_minor:
            raise InvalidInput.at("requestId", problem="REVIEW_OVERTAKEN")
        return
    others = Application.filter(customer_id=case.customer_id, is_open=True).exclude(id=case.id)
    line = CreditLine.filter(customer_id=case.customer_id).exclude(status="CLOSED")
    if await others.exists() or await line.exists():
        raise InvalidInput.at("requestId", problem="REVIEW_OVERTAKEN")


async def _open_again(case: Case) -> None:
    """The application waits for its owner's answer again; an offer that nobody accepted gives way to the new one."""
    await Offer.filter(application_id=case.id, accepted_at__isnull=True).delete()
    case.row.is_open, case.row.closed_at = True, None
    await case.row.save(update_fields=["is_open", "closed_at"])


async def _case_of(decision: Decision) -> Case:
    if decision.application_id is not None:
        return await load_case(InquiryPurpose.FIRST_APPLICATION, decision.application_id)
    if decision.limit_increase_id is None:
        raise RuntimeError("a decision without a case cannot be stored")
    return await load_case(InquiryPurpose.LIMIT_INCREASE, decision.limit_increase_id)
