"""Consent, permit, inquiry, answer: the only caller of the bureau's door.

A case walks: gate on own data → permit and intent on the record → intent in the log, cosigned by the quorum of
witnesses → attempt on the record → one knock, with the proof → answer. Each step is a commit. A crash costs a delay,
never a second knock: an attempt found open again is UNKNOWN, and only its reference is asked about. Nothing is sent
twice except what provably never left or was never recorded, with the same id, under the same living permit. Without a
quorum nothing is sent at all: the case waits.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.clock import real_now_us
from app.domain.consent.inquiry import (
    MAY_BE_SENT,
    SEND_ATTEMPTS_MAX,
    SETTLED_BY_REFERENCE,
    UNKNOWN_DEADLINE,
    InquiryState,
    step,
)
from app.domain.consent.permit import NoPermit, Permit, mint_permit, reopen_permit
from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.waiting import look_again
from app.domain.deciding.gate import IncreaseFacts, gate, gate_increase
from app.domain.proof.record import RecordClass, subject_mark
from app.domain.refusals import StatementOutdated, WordingOutdated
from app.doors.bureau.inquire import PermitDead, inquire
from app.doors.bureau.line import NotSent, ProvenIntent, Subject, Unknown
from app.flows.allowed.consents import check_stated
from app.flows.book.position import line_in_arrears
from app.flows.credit.answering import (
    AGAIN_LATER,
    AT_ONCE,
    NOT_SENT_WAITS,
    Answer,
    give_up,
    put_answer,
    settle,
    subject_of,
)
from app.flows.credit.cases import Case, asked_at, expire, load_case
from app.flows.credit.concluding import conclude, put_on_record
from app.flows.credit.consents import check_wording, consent_of
from app.flows.credit.facts import own_inputs
from app.flows.credit.intents import is_logged, log_publishes, proven_intent, subject_salt
from app.flows.ledger.route import route_is_open
from app.flows.unit import Desk, Unit
from models.consent import Consent as ConsentRow
from models.consent import Inquiry, InquiryAttempt, PermitRow
from models.people import Customer
from models.plumbing import LogOutbox

STEPS_MAX = 12
AGAIN_SOON = timedelta(seconds=1)
HEARD_MARGIN = timedelta(seconds=2)
"""Beyond the bureau's time-out: from the commit of an attempt to its first byte, and from the last byte to us."""


@dataclass(frozen=True, slots=True)
class _Knock:
    """All that one attempt needs once its row is committed."""

    permit: Permit
    subject: Subject
    intent: ProvenIntent
    attempt_id: UUID
    number: int


async def advance(desk: Desk, purpose: InquiryPurpose, case_id: UUID, owner: UUID) -> timedelta | None:
    """Walk a case as far as it will go now; how long to wait before the next walk, or None when it has ended.

    Safe to run twice, at once or after a crash: each step locks, checks, and only then stamps.
    """
    for _ in range(STEPS_MAX):
        case, inquiry = await _present(desk, purpose, case_id, owner)
        wait = await (_begin(desk, case) if inquiry is None else _walk(desk, case, inquiry))
        if wait != AT_ONCE:
            return wait
    return AGAIN_SOON


async def _begin(desk: Desk, case: Case) -> timedelta | None:
    if not case.row.is_open or await case.latest_decision() is not None:
        return None
    return AT_ONCE if await _open(desk, case) else look_again(desk.clock.now() - asked_at(case.row))


async def _walk(desk: Desk, case: Case, inquiry: Inquiry) -> timedelta | None:
    """One step of a case whose inquiry is on record."""
    if inquiry.closed_at is not None:
        waiting = inquiry.state == InquiryState.ANSWERED and case.row.is_open
        if not waiting or await case.latest_decision() is not None:
            return None
        await conclude(desk, case, inquiry)
        return AT_ONCE
    if inquiry.state == InquiryState.INTENT_PENDING:
        return AT_ONCE if await _log(desk, case, inquiry) else look_again(desk.clock.now() - inquiry.opened_at)
    if inquiry.state in MAY_BE_SENT:
        return await _send(desk, case, inquiry)
    if inquiry.state == InquiryState.SENDING:
        return await _found_sending(desk, case, inquiry)
    return await settle(desk, case, inquiry) if inquiry.state in SETTLED_BY_REFERENCE else None


async def _found_sending(desk: Desk, case: Case, inquiry: Inquiry) -> timedelta:
    """A knock that may still be on the wire is left to whoever knocked; one that nobody can still hear is UNKNOWN.

    An attempt's id tells the real moment at which it was begun, so the business clock and a second claim change nothing.
    """
    attempt = await InquiryAttempt.filter(inquiry_id=inquiry.id, ended_at__isnull=True).order_by("-number").first()
    if attempt is not None and attempt.id not in desk.cut_off:
        age = _age(attempt.id)
        on_the_wire_max = timedelta(seconds=desk.bureau.timeout_seconds) + HEARD_MARGIN
        if abs(age) < on_the_wire_max:
            return on_the_wire_max - age
    await put_answer(desk, case, inquiry.id, Unknown("FOUND_OPEN"))
    return AT_ONCE


def _age(attempt_id: UUID) -> timedelta:
    """How long ago an attempt was begun, by the real clock: a UUIDv7 begins with its milliseconds since 1970."""
    return timedelta(milliseconds=real_now_us() // 1000 - (attempt_id.int >> 80))


async def _present(desk: Desk, purpose: InquiryPurpose, case_id: UUID, owner: UUID) -> tuple[Case, Inquiry | None]:
    async with desk.unit():
        await Customer.filter(id=owner).select_for_update().get()
        case = await load_case(purpose, case_id)
        return case, await case.inquiry()


# ---- gate, permit, intent --------------------------------------------------------------------------------


async def _open(desk: Desk, case: Case) -> bool:
    """Rule out by own data what can be; else mint the permit and write the intent, in one commit.

    False, and nothing done: no quorum of witnesses has answered lately, or the route is shut, so a permit would only
    run out.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(case.customer_id)
        case = await load_case(case.purpose, case.id)
        if not case.row.is_open or await case.inquiry() is not None:
            return True
        if not case.may_go_on:
            await expire(unit, customer, case, "NOT_ASKED")
            return True
        inputs = await own_inputs(desk, customer, case.request, unit.now)
        line = case.line_now(in_arrears=await _in_arrears(case, unit))
        if line is None:
            ruled_out = gate(inputs.facts, inputs.policy)
        else:
            asked = IncreaseFacts(inputs.facts, line.limit_minor, line.in_arrears)
            ruled_out = gate_increase(asked, inputs.policy)
        if ruled_out is not None:
            await put_on_record(unit, customer, case, inputs, ruled_out, line=line)
            return True
        if not await route_is_open() or not await log_publishes():
            return False
        await _intend(unit, customer, case)
        return True


async def _in_arrears(case: Case, unit: Unit) -> bool:
    return case.line is not None and await line_in_arrears(case.line.id, unit.today())


async def _intend(unit: Unit, customer: Customer, case: Case) -> None:
    row = await ConsentRow.filter(id=case.row.consent_id).select_for_update().get()
    permit_id, inquiry_id = uuid7(), uuid7()
    try:
        await check_wording(row, unit.now)
        await check_stated(unit.desk, row, unit.now)
        permit = mint_permit(consent_of(row), case.purpose, permit_id, inquiry_id, unit.now)
    except (NoPermit, WordingOutdated, StatementOutdated):
        if row.withdrawn_at is None:
            await expire(unit, customer, case, "NOT_ASKED")
        else:
            await case.close("WITHDRAWN", unit.now)
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
    scope = {
        "bureau": unit.desk.bureau.name,
        "purpose": case.purpose.value,
        "consent": str(row.id),
        "permit": str(permit_id),
    }
    issued = await unit.record(
        RecordClass.PERMIT_ISSUED, customer, permit_id, {**scope, "fields": " ".join(permit.fields)}
    )
    earlier, id_number = Inquiry.filter(customer_id=customer.id), subject_of(unit.desk, customer).id_number
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
            "subject": subject_mark(subject_salt(unit.desk, inquiry_id), id_number),
            "number": customer.inquiry_seq,
            "previous": await _commitment_of(await earlier.order_by("-subject_seq").first()),
            "first": await _commitment_of(await earlier.order_by("subject_seq").first()),
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
        state=InquiryState.INTENT_PENDING.value,
        opened_at=unit.now,
        deadline_at=unit.now + UNKNOWN_DEADLINE,
        intent_entry_id=intent,
        id_number_index=unit.desk.keys.index("id_number", id_number),
        **case.subject,
    )
    if case.line is None:
        await case.move("IN_REVIEW")
    unit.after_commit(lambda: unit.desk.cache.wake(case.topic))


async def _commitment_of(inquiry: Inquiry | None) -> str | None:
    if inquiry is None:
        return None
    return bytes((await LogOutbox.get(entry_id=inquiry.intent_entry_id)).commitment).hex()


# ---- the intent is logged, one knock ---------------------------------------------------------------------


async def _log(desk: Desk, case: Case, inquiry: Inquiry) -> bool:
    """Go on once the quorum has seen the intent, or end what can never be sent; False while it must wait."""
    async with desk.unit() as unit:
        customer = await unit.lock_customer(case.customer_id)
        case = await load_case(case.purpose, case.id)
        inquiry = await Inquiry.filter(id=inquiry.id).select_for_update().get()
        if inquiry.state != InquiryState.INTENT_PENDING or inquiry.closed_at is not None:
            return True
        if not (await _allowed(case, inquiry)).may_be_sent(unit.now):
            await give_up(unit, customer, case, inquiry)
            return True
        # After the permit: a proof that cannot be reckoned keeps nothing open that is dead.
        logged = await is_logged(desk, inquiry.intent_entry_id)
        if logged:
            inquiry.state = step(InquiryState.INTENT_PENDING, InquiryState.INTENT_LOGGED).value
            await inquiry.save(update_fields=["state"])
        return logged


async def _send(desk: Desk, case: Case, inquiry: Inquiry) -> timedelta | None:
    """Commit the attempt, knock once outside any transaction, put the answer on the record; how long to wait then."""
    attempt_ids: list[UUID] = []
    try:
        knock = await _attempt(desk, case, inquiry.id, attempt_ids)
        if not isinstance(knock, _Knock):
            return knock
        answer = await _knock(desk, knock)
        await put_answer(desk, case, inquiry.id, answer, knock.attempt_id)
    except asyncio.CancelledError:
        desk.cut_off.update(attempt_ids)  # whoever stops here hears the answer no more
        raise
    return NOT_SENT_WAITS[knock.number - 1] if isinstance(answer, NotSent) else AT_ONCE


async def _knock(desk: Desk, knock: _Knock) -> Answer:
    """Knock, unless the attempt has already grown so old that others may take it for lost."""
    if abs(_age(knock.attempt_id)) > HEARD_MARGIN / 2:
        return NotSent()
    try:
        return await inquire(desk.bureau, knock.permit, knock.subject, knock.intent, await desk.refresh_clock())
    except PermitDead:
        return NotSent()


@dataclass(frozen=True, slots=True)
class _Allowed:
    """The permit of an inquiry that is on record, and whether consent and case still stand behind it."""

    permit: Permit
    wanted: bool

    def may_be_sent(self, now: datetime) -> bool:
        return self.wanted and self.permit.alive(now)


async def _allowed(case: Case, inquiry: Inquiry) -> _Allowed:
    consent = await ConsentRow.filter(id=inquiry.consent_id).select_for_update().get()
    stored = await PermitRow.get(id=inquiry.permit_id)
    permit = reopen_permit(consent_of(consent), case.purpose, stored.id, inquiry.id, stored.expires_at)
    return _Allowed(permit, case.row.is_open and case.may_go_on and consent.withdrawn_at is None)


async def _attempt(desk: Desk, case: Case, inquiry_id: UUID, made: list[UUID]) -> _Knock | timedelta:
    """The committed attempt; or, when there is none, how long to wait: the route is shut, no proof, or nothing to send.

    Its id, made once every lock is held, is put into `made` before the commit, so that whoever is stopped in it knows.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(case.customer_id)
        case = await load_case(case.purpose, case.id)
        inquiry = await Inquiry.filter(id=inquiry_id).select_for_update().get()
        if inquiry.state not in MAY_BE_SENT or inquiry.closed_at is not None:
            return AT_ONCE
        allowed = await _allowed(case, inquiry)
        attempts = await InquiryAttempt.filter(inquiry_id=inquiry.id).count()
        if not allowed.may_be_sent(unit.now) or attempts >= SEND_ATTEMPTS_MAX:
            await give_up(unit, customer, case, inquiry)
            return AT_ONCE
        intent = await proven_intent(desk, customer, inquiry.intent_entry_id)
        if intent is None or not await route_is_open():
            return AGAIN_LATER
        attempt_id = uuid7(nanoseconds=real_now_us() * 1000)  # of the clock by which its age is told
        made.append(attempt_id)
        await InquiryAttempt.create(id=attempt_id, inquiry_id=inquiry.id, number=attempts + 1, started_at=unit.now)
        inquiry.state = step(InquiryState(inquiry.state), InquiryState.SENDING).value
        await inquiry.save(update_fields=["state"])
        return _Knock(allowed.permit, subject_of(desk, customer), intent, attempt_id, attempts + 1)
