"""What an answer brings, and how an inquiry without one is settled: by reference, or by a person."""

from datetime import timedelta
from uuid import UUID

import structlog

from app.domain.consent.inquiry import NOT_SENT_YET, RECORDED, SETTLED_BY_REFERENCE, InquiryState, step
from app.domain.deciding.decide import refer_unanswered
from app.doors.bureau.follow_up import follow_up
from app.doors.bureau.line import (
    Answered,
    NotRecorded,
    NotSent,
    RecordedNoReport,
    Refused,
    Subject,
    Unknown,
)
from app.flows.credit.cases import Case, case_of_inquiry, expire, load_case, open_inquiry
from app.flows.credit.concluding import put_on_record, refused_by_bureau, tell_inquiry
from app.flows.credit.facts import own_inputs
from app.flows.credit.intents import end_unsent, record_outcome
from app.flows.credit.reports import keep_report
from app.flows.reconciling.own_queries import compare_report
from app.flows.unit import Desk, Unit
from models.consent import Inquiry, InquiryAttempt, PermitRow
from models.people import Customer

AT_ONCE = timedelta()
AGAIN_LATER = timedelta(seconds=10)
# After the first, second … attempt that never left: a short outage of the bureau costs a delay, and the last
# attempt still falls within the permit's 30 minutes.
NOT_SENT_WAITS = (
    timedelta(seconds=2),
    timedelta(seconds=20),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=10),
)

_log = structlog.get_logger("inquiry")

Answer = Answered | Refused | NotSent | Unknown | RecordedNoReport | NotRecorded


async def put_answer(
    desk: Desk, case: Case, inquiry_id: UUID, answer: Answer, attempt_id: UUID | None = None
) -> None:
    """Put an answer on the record, if the inquiry still waits for one; a late copy changes nothing.

    `attempt_id` names the attempt that brought the answer: that one attempt never left says nothing of another,
    which a worker with a fresh lease may have begun meanwhile.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(case.customer_id)
        case = await load_case(case.purpose, case.id)
        inquiry = await Inquiry.filter(id=inquiry_id).select_for_update().get()
        if inquiry.closed_at is not None or not _is_news(InquiryState(inquiry.state), answer):
            return
        if isinstance(answer, NotSent) and not await InquiryAttempt.exists(id=attempt_id, ended_at__isnull=True):
            return
        present = InquiryState(inquiry.state)
        following = _state_after(answer)
        if present is InquiryState.SENDING and following is not InquiryState.UNKNOWN:
            await _end_attempt(unit, inquiry.id, following)
        elif present is InquiryState.SENDING:
            await _end_attempt(unit, inquiry.id, following, getattr(answer, "why", ""))
        inquiry.state = step(present, following).value
        if following in {InquiryState.ANSWERED, InquiryState.REFUSED_BY_BUREAU}:
            inquiry.closed_at = unit.now
        if isinstance(answer, Refused):
            inquiry.refusal_code = answer.code
        await inquiry.save(update_fields=["state", "closed_at", "refusal_code"])
        await record_outcome(unit, customer, inquiry, following.value)
        if isinstance(answer, Unknown | RecordedNoReport):
            _log.warning("no answer", inquiry=str(inquiry.id), state=following.value, fault=answer.why)
        if following in RECORDED:
            await tell_inquiry(unit, customer, inquiry)
        if isinstance(answer, Answered):
            await keep_report(unit, customer, case, inquiry, answer.file)
            await compare_report(unit, customer, inquiry, answer.file.reported_at, answer.own_queries)
        if isinstance(answer, Refused):
            await refused_by_bureau(unit, customer, case, inquiry)
        unit.after_commit(lambda: unit.desk.cache.wake(case.topic))


def _is_news(present: InquiryState, answer: Answer) -> bool:
    if present is InquiryState.SENDING:
        return isinstance(answer, Answered | Refused | NotSent | Unknown)
    if present is InquiryState.UNKNOWN:
        return isinstance(answer, Answered | RecordedNoReport | NotRecorded)
    return present is InquiryState.RECORDED_NO_REPORT and isinstance(answer, Answered)


def _state_after(answer: Answer) -> InquiryState:
    match answer:
        case Answered():
            return InquiryState.ANSWERED
        case Refused():
            return InquiryState.REFUSED_BY_BUREAU
        case NotSent():
            return InquiryState.NOT_SENT
        case RecordedNoReport():
            return InquiryState.RECORDED_NO_REPORT
        case NotRecorded():
            return InquiryState.NOT_RECORDED
        case Unknown():
            return InquiryState.UNKNOWN


async def _end_attempt(unit: Unit, inquiry_id: UUID, following: InquiryState, why: str = "") -> None:
    outcome = f"{following.value}:{why}" if why else following.value
    await InquiryAttempt.filter(inquiry_id=inquiry_id, ended_at__isnull=True).update(
        ended_at=unit.now, outcome=outcome
    )


def subject_of(desk: Desk, customer: Customer) -> Subject:
    """Whom an inquiry is about, as the bureau must match it."""
    box = desk.box(customer)
    name, number = (
        box.open("customer", column, customer.id, value).decode()
        for column, value in (
            ("name_sealed", customer.name_sealed or b""),
            ("id_number_sealed", customer.id_number_sealed or b""),
        )
    )
    return Subject(name, number)


async def give_up(unit: Unit, customer: Customer, case: Case, inquiry: Inquiry) -> None:
    """Nothing was recorded, and nothing will be sent: the permit died, or the consent or the case is gone.

    A case that is still open expires, and a new one may follow at once.
    """
    await end_unsent(unit, customer, inquiry)
    if case.row.is_open:
        await expire(unit, customer, case, "NOT_ASKED")
    else:
        unit.after_commit(lambda: unit.desk.cache.wake(case.topic))


async def settle(desk: Desk, case: Case, inquiry: Inquiry) -> timedelta:
    """Ask by reference; how long to wait then. Past the deadline a person takes over.

    Whom the case is about is never named to the bureau again.
    """
    stored = await PermitRow.get(id=inquiry.permit_id)
    customer = await Customer.get(id=case.customer_id)
    subject = subject_of(desk, customer)
    fields = tuple(stored.fields_asked.split())
    answer = await follow_up(desk.bureau, inquiry.id, subject, fields, inquiry.opened_at)
    await put_answer(desk, case, inquiry.id, answer)
    if isinstance(answer, NotRecorded):
        tried = await InquiryAttempt.filter(inquiry_id=inquiry.id).count()
        return NOT_SENT_WAITS[min(max(tried, 1), len(NOT_SENT_WAITS)) - 1]
    if not isinstance(answer, Unknown | RecordedNoReport):
        return AT_ONCE
    if await desk.refresh_clock() >= inquiry.deadline_at:
        await _dispute(desk, case, inquiry.id)
        return AT_ONCE
    return AGAIN_LATER


async def end_overdue(desk: Desk, case_id: UUID) -> None:
    """End the inquiry of a case that no worker could settle by its deadline; before that nothing is done.

    For a job that has failed for good, so that no inquiry stays open for ever: what may have been recorded goes to a
    person, what was never sent is given up. Nothing is sent, and nobody is asked.
    """
    inquiry = await open_inquiry(case_id)
    if inquiry is None or await desk.refresh_clock() < inquiry.deadline_at:
        return
    case = await case_of_inquiry(inquiry)
    if inquiry.state in NOT_SENT_YET:
        async with desk.unit() as unit:
            customer = await unit.lock_customer(case.customer_id)
            inquiry = await Inquiry.filter(id=inquiry.id).select_for_update().get()
            if inquiry.state in NOT_SENT_YET and inquiry.closed_at is None:
                await give_up(unit, customer, await load_case(case.purpose, case.id), inquiry)
        return
    if inquiry.state == InquiryState.SENDING:
        await put_answer(desk, case, inquiry.id, Unknown("FOUND_OPEN"))
    await _dispute(desk, case, inquiry.id)


async def _dispute(desk: Desk, case: Case, inquiry_id: UUID) -> None:
    async with desk.unit() as unit:
        customer = await unit.lock_customer(case.customer_id)
        case = await load_case(case.purpose, case.id)
        inquiry = await Inquiry.filter(id=inquiry_id).select_for_update().get()
        if inquiry.state not in SETTLED_BY_REFERENCE or unit.now < inquiry.deadline_at:
            return
        inquiry.state = step(InquiryState(inquiry.state), InquiryState.DISPUTED).value
        inquiry.closed_at = unit.now
        await inquiry.save(update_fields=["state", "closed_at"])
        await record_outcome(unit, customer, inquiry, inquiry.state)
        await tell_inquiry(unit, customer, inquiry)
        if case.row.is_open:
            inputs = await own_inputs(desk, customer, case.request, unit.now)
            await put_on_record(unit, customer, case, inputs, refer_unanswered(), inquiry=inquiry)
