"""Consent, permit, inquiry, answer: the only caller of the bureau's door.

A case walks: gate on own data → permit and intent on the record → attempt on the record → one knock → answer.
Each step is a commit. A crash costs a delay, never a second knock: an attempt found open again is UNKNOWN, and only
its reference is asked about. Nothing is sent twice except what provably never left or was never recorded, with the
same id, under the same living permit.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.consent.inquiry import (
    MAY_BE_SENT,
    RECORDED,
    SEND_ATTEMPTS_MAX,
    SETTLED_BY_REFERENCE,
    UNKNOWN_DEADLINE,
    InquiryState,
    step,
)
from app.domain.consent.permit import NoPermit, Permit, mint_permit, reopen_permit
from app.domain.consent.purpose import InquiryPurpose
from app.domain.deciding.decide import refer_unanswered
from app.domain.deciding.gate import IncreaseFacts, gate, gate_increase
from app.domain.proof.record import RecordClass
from app.domain.refusals import WordingOutdated
from app.doors.bureau.follow_up import follow_up
from app.doors.bureau.inquire import PermitDead, inquire
from app.doors.bureau.line import (
    Answered,
    NotRecorded,
    NotSent,
    RecordedNoReport,
    Refused,
    Subject,
    Unknown,
)
from app.flows.book.position import line_in_arrears
from app.flows.credit.cases import Case, load_case
from app.flows.credit.concluding import conclude, keep_report, put_on_record, refused_by_bureau, tell_inquiry
from app.flows.credit.consents import check_wording, consent_of
from app.flows.credit.facts import own_inputs
from app.flows.unit import Desk, Unit
from models.consent import Consent as ConsentRow
from models.consent import Inquiry, InquiryAttempt, PermitRow
from models.people import Customer
from models.plumbing import LogOutbox

STEPS_MAX = 12
AGAIN_SOON = timedelta(seconds=1)
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

Answer = Answered | Refused | NotSent | Unknown | RecordedNoReport | NotRecorded


@dataclass(frozen=True, slots=True)
class _Knock:
    """All that one attempt needs once its row is committed."""

    permit: Permit
    subject: Subject
    attempt_id: UUID
    number: int


async def advance(desk: Desk, purpose: InquiryPurpose, case_id: UUID, owner: UUID) -> timedelta | None:
    """Walk a case as far as it will go now; how long to wait before the next walk, or None when it has ended.

    Safe to run twice, at once or after a crash: each step locks, checks, and only then stamps.
    """
    for _ in range(STEPS_MAX):
        case, inquiry = await _present(desk, purpose, case_id, owner)
        if inquiry is None:
            if not case.row.is_open or await case.latest_decision() is not None:
                return None
            await _open(desk, case)
        elif inquiry.closed_at is not None:
            if inquiry.state == InquiryState.ANSWERED and case.row.is_open:
                if await case.latest_decision() is not None:
                    return None
                await conclude(desk, case, inquiry)
                continue
            return None
        elif inquiry.state in MAY_BE_SENT:
            wait = await _send(desk, case, inquiry)
            if wait is not None:
                return wait
        elif inquiry.state == InquiryState.SENDING:
            await _answer(desk, case, inquiry.id, Unknown("FOUND_OPEN"))
        elif inquiry.state in SETTLED_BY_REFERENCE:
            wait = await _settle(desk, case, inquiry)
            if wait is not None:
                return wait
        else:
            return None
    return AGAIN_SOON


async def _present(desk: Desk, purpose: InquiryPurpose, case_id: UUID, owner: UUID) -> tuple[Case, Inquiry | None]:
    async with desk.unit():
        await Customer.filter(id=owner).select_for_update().get()
        case = await load_case(purpose, case_id)
        return case, await case.inquiry()


# ---- gate, permit, intent --------------------------------------------------------------------------------


async def _open(desk: Desk, case: Case) -> None:
    """Rule out by own data what can be; else mint the permit and write the intent, in one commit."""
    async with desk.unit() as unit:
        customer = await unit.lock_customer(case.customer_id)
        case = await load_case(case.purpose, case.id)
        if not case.row.is_open or await case.inquiry() is not None:
            return
        if not case.may_go_on:
            await case.close("EXPIRED", unit.now)
            return
        inputs = await own_inputs(desk, customer, case.request, unit.now)
        line = case.line_now(in_arrears=await _in_arrears(case, unit))
        if line is None:
            ruled_out = gate(inputs.facts, inputs.policy)
        else:
            asked = IncreaseFacts(inputs.facts, line.limit_minor, line.in_arrears)
            ruled_out = gate_increase(asked, inputs.policy)
        if ruled_out is not None:
            await put_on_record(unit, customer, case, inputs, ruled_out, line=line)
            return
        await _intend(unit, customer, case)


async def _in_arrears(case: Case, unit: Unit) -> bool:
    return case.line is not None and await line_in_arrears(case.line.id, unit.today())


async def _intend(unit: Unit, customer: Customer, case: Case) -> None:
    row = await ConsentRow.filter(id=case.row.consent_id).select_for_update().get()
    permit_id, inquiry_id = uuid7(), uuid7()
    try:
        await check_wording(row, unit.now)
        permit = mint_permit(consent_of(row), case.purpose, permit_id, inquiry_id, unit.now)
    except (NoPermit, WordingOutdated):
        await case.close("WITHDRAWN" if row.withdrawn_at else "EXPIRED", unit.now)
        unit.after_commit(lambda: unit.desk.cache.wake(case.topic))
        return
    row.used_at = unit.now
    await row.save(update_fields=["used_at"])
    await PermitRow.create(
        id=permit_id,
        consent_id=row.id,
        customer_id=customer.id,
        purpose=case.purpose.value,
        fields_asked=" ".join(permit.fields),
        issued_at=unit.now,
        expires_at=permit.expires_at,
        **case.subject,
    )
    scope = {"purpose": case.purpose.value, "consent": str(row.id), "permit": str(permit_id)}
    issued = await unit.record(
        RecordClass.PERMIT_ISSUED, customer, permit_id, {**scope, "fields": " ".join(permit.fields)}
    )
    previous_intent = await Inquiry.filter(customer_id=customer.id).order_by("-subject_seq").first()
    customer.inquiry_seq += 1
    await customer.save(update_fields=["inquiry_seq"])
    intent = await unit.record(
        RecordClass.INQUIRY_INTENT,
        customer,
        inquiry_id,
        {
            **scope,
            "case": str(case.id),
            "inquiry": str(inquiry_id),
            "number": customer.inquiry_seq,
            "previous": await _commitment_of(previous_intent),
        },
        previous=issued,
    )
    await Inquiry.create(
        id=inquiry_id,
        customer_id=customer.id,
        subject_seq=customer.inquiry_seq,
        purpose=case.purpose.value,
        consent_id=row.id,
        permit_id=permit_id,
        state=step(InquiryState.INTENT_PENDING, InquiryState.INTENT_LOGGED).value,
        opened_at=unit.now,
        deadline_at=unit.now + UNKNOWN_DEADLINE,
        intent_entry_id=intent,
        **case.subject,
    )
    if case.line is None:
        await case.move("IN_REVIEW")
    unit.after_commit(lambda: unit.desk.cache.wake(case.topic))


async def _commitment_of(inquiry: Inquiry | None) -> str | None:
    if inquiry is None:
        return None
    return bytes((await LogOutbox.get(entry_id=inquiry.intent_entry_id)).commitment).hex()


# ---- one knock -------------------------------------------------------------------------------------------


async def _send(desk: Desk, case: Case, inquiry: Inquiry) -> timedelta | None:
    """Commit the attempt, knock once outside any transaction, put the answer on the record."""
    knock = await _attempt(desk, case, inquiry.id)
    if knock is None:
        return None
    try:
        answer: Answer = await inquire(desk.bureau, knock.permit, knock.subject, await desk.refresh_clock())
    except PermitDead:
        answer = NotSent()
    await _answer(desk, case, inquiry.id, answer, knock.attempt_id)
    return NOT_SENT_WAITS[knock.number - 1] if isinstance(answer, NotSent) else None


async def _attempt(desk: Desk, case: Case, inquiry_id: UUID) -> _Knock | None:
    async with desk.unit() as unit:
        customer = await unit.lock_customer(case.customer_id)
        case = await load_case(case.purpose, case.id)
        inquiry = await Inquiry.filter(id=inquiry_id).select_for_update().get()
        if inquiry.state not in MAY_BE_SENT or inquiry.closed_at is not None:
            return None
        consent = await ConsentRow.filter(id=inquiry.consent_id).select_for_update().get()
        stored = await PermitRow.get(id=inquiry.permit_id)
        permit = reopen_permit(consent_of(consent), case.purpose, stored.id, inquiry.id, stored.expires_at)
        attempts = await InquiryAttempt.filter(inquiry_id=inquiry.id).count()
        wanted = case.row.is_open and case.may_go_on and consent.withdrawn_at is None
        if not wanted or not permit.alive(unit.now) or attempts >= SEND_ATTEMPTS_MAX:
            await _give_up(unit, case, inquiry)
            return None
        attempt_id = uuid7()
        await InquiryAttempt.create(id=attempt_id, inquiry_id=inquiry.id, number=attempts + 1, started_at=unit.now)
        inquiry.state = step(InquiryState(inquiry.state), InquiryState.SENDING).value
        await inquiry.save(update_fields=["state"])
        return _Knock(permit, _subject(desk, customer), attempt_id, attempts + 1)


def _subject(desk: Desk, customer: Customer) -> Subject:
    box = desk.box(customer)
    name, number = (
        box.open("customer", column, customer.id, value).decode()
        for column, value in (
            ("name_sealed", customer.name_sealed or b""),
            ("id_number_sealed", customer.id_number_sealed or b""),
        )
    )
    return Subject(name, number)


async def _give_up(unit: Unit, case: Case, inquiry: Inquiry) -> None:
    """Nothing was recorded, and nothing will be sent: the permit died, or the consent or the case is gone.

    A case that is still open expires, and a new one may follow at once.
    """
    inquiry.closed_at = unit.now
    await inquiry.save(update_fields=["closed_at"])
    if case.row.is_open:
        await case.close("EXPIRED", unit.now)
    unit.after_commit(lambda: unit.desk.cache.wake(case.topic))


# ---- answers ---------------------------------------------------------------------------------------------


async def _answer(desk: Desk, case: Case, inquiry_id: UUID, answer: Answer, attempt_id: UUID | None = None) -> None:
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
        await unit.record(
            RecordClass.INQUIRY_OUTCOME,
            customer,
            inquiry.id,
            {"inquiry": str(inquiry.id), "state": following.value},
            previous=inquiry.intent_entry_id,
        )
        if following in RECORDED:
            await tell_inquiry(unit, customer, inquiry)
        if isinstance(answer, Answered):
            await keep_report(unit, customer, case, inquiry, answer.file)
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


# ---- settling what is not known --------------------------------------------------------------------------


async def _settle(desk: Desk, case: Case, inquiry: Inquiry) -> timedelta | None:
    """Ask by reference; past the deadline a person takes over. The person of the case is never named again."""
    stored = await PermitRow.get(id=inquiry.permit_id)
    customer = await Customer.get(id=case.customer_id)
    subject = _subject(desk, customer)
    answer = await follow_up(desk.bureau, inquiry.id, subject, tuple(stored.fields_asked.split()))
    await _answer(desk, case, inquiry.id, answer)
    if isinstance(answer, NotRecorded):
        tried = await InquiryAttempt.filter(inquiry_id=inquiry.id).count()
        return NOT_SENT_WAITS[min(max(tried, 1), len(NOT_SENT_WAITS)) - 1]
    if not isinstance(answer, Unknown | RecordedNoReport):
        return None
    if await desk.refresh_clock() >= inquiry.deadline_at:
        await _dispute(desk, case, inquiry.id)
        return None
    return AGAIN_LATER


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
        await tell_inquiry(unit, customer, inquiry)
        if case.row.is_open:
            inputs = await own_inputs(desk, customer, case.request, unit.now)
            await put_on_record(unit, customer, case, inputs, refer_unanswered(), inquiry=inquiry)
