"""From an answer to a verdict on the record, and what the verdict brings: an offer, a higher limit, or a referral."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.calendar import business_date
from app.domain.consent.inquiry import RECORDED
from app.domain.consent.reading import ReportUse
from app.domain.deciding.decide import Facts, decide, decide_increase, refused
from app.domain.deciding.gate import LineThen
from app.domain.deciding.outcome import Outcome, Verdict
from app.domain.deciding.reasons import ReasonCode
from app.domain.policies.document import digest_of
from app.domain.proof.record import RecordClass
from app.domain.telling.notice import Fact, Message, NoticeKind
from app.doors.keys import SubjectBox
from app.flows.cost.metering import counted
from app.flows.credit.cases import Case, load_case
from app.flows.credit.facts import OwnInputs, adverse_reasons, own_inputs
from app.flows.credit.reports import read_report
from app.flows.notices.telling import tell
from app.flows.unit import Desk, Unit
from models.consent import Consent as ConsentRow
from models.consent import Inquiry
from models.credit import CreditLine, Decision, LimitChange, LimitIncrease, Offer
from models.people import Customer

OFFER_VALID = timedelta(days=30)


async def tell_inquiry(unit: Unit, customer: Customer, inquiry: Inquiry) -> None:
    """Tell that the bureau was asked, once for each inquiry, in the words of what is known first."""
    variant = inquiry.purpose if inquiry.state in RECORDED else "UNCLEAR"
    facts: dict[str, Fact] = {
        "asked_on": business_date(inquiry.opened_at).isoformat(),
        "number": inquiry.subject_seq,
    }
    await tell(unit, customer, Message(NoticeKind.INQUIRY_MADE, variant, facts), inquiry.id)


async def conclude(desk: Desk, case: Case, inquiry: Inquiry) -> None:
    """Score an answered inquiry and put the verdict on the record, once.

    1. Read own data and the report; 2. score off the event loop, outside any transaction; 3. decide, pure;
    4. lock, check that the case still waits, then stamp.
    """
    # 1
    async with desk.unit() as unit:
        customer = await Customer.get(id=case.customer_id)
        inputs = await own_inputs(desk, customer, case.request, unit.now)
        file = await read_report(unit, customer, case, inquiry, ReportUse.SCORING)
    if file is None:
        return
    # 2
    vector = inputs.vector(file)
    scored = await asyncio.to_thread(counted(desk.scorer.score_full), vector)
    # 3
    facts = Facts(own=inputs.facts, score=scored.score, file=file, adverse=adverse_reasons(scored))
    line = case.line_now()
    if line is None:
        verdict = decide(facts, inputs.policy)
    else:
        verdict = decide_increase(facts, line.limit_minor, inputs.policy)
    # 4
    async with desk.unit() as unit:
        customer = await unit.lock_customer(case.customer_id)
        case = await load_case(case.purpose, case.id)
        consent = await ConsentRow.filter(id=inquiry.consent_id).select_for_update().get()
        if not case.row.is_open or await case.latest_decision() is not None or consent.withdrawn_at is not None:
            return
        if not case.may_go_on:  # frozen while the answer was on its way: the verdict waits for a person
            verdict = Verdict(Outcome.REFERRED, (ReasonCode.LINE_NOT_ACTIVE,))
        judged = replace(line, active=case.may_go_on) if line else None
        await put_on_record(unit, customer, case, inputs, verdict, inquiry=inquiry, facts=facts, line=judged)


async def put_on_record(
    unit: Unit,
    customer: Customer,
    case: Case,
    inputs: OwnInputs,
    verdict: Verdict,
    *,
    inquiry: Inquiry | None = None,
    facts: Facts | None = None,
    line: LineThen | None = None,
    by: UUID | None = None,
    note: str | None = None,
) -> Decision:
    """Write the verdict with all that is needed to reach it again, and do what it brings, in the running unit.

    `line` is what the verdict knew of the line, where that is not the case's line as it stands.
    """
    box, decision_id = unit.desk.box(customer), uuid7()
    latest = await case.latest_decision()
    decision = await Decision.create(
        id=decision_id,
        customer_id=customer.id,
        number=(latest.number if latest else 0) + 1,
        outcome=verdict.outcome.value,
        reasons=json.dumps([reason.value for reason in verdict.reasons]),
        score=facts.score if facts else None,
        own_score=inputs.facts.own_score,
        grade=verdict.grade,
        limit_minor=verdict.limit_minor,
        daily_scaled=verdict.daily.scaled if verdict.daily else None,
        policy_version=inputs.policy.version,
        policy_sha256=digest_of(inputs.policy),
        model_version=unit.desk.scorer.model_version,
        inquiry_id=inquiry.id if inquiry else None,
        decided_at=unit.now,
        decided_by=by,
        note_sealed=box.seal("decision", "note_sealed", decision_id, note.encode()) if note else None,
        **_kept_inputs(unit.desk, box, decision_id, inputs, facts, line or case.line_now()),
        **case.subject,
    )
    await unit.record(
        RecordClass.DECISION,
        customer,
        decision_id,
        {
            "case": str(case.id),
            "outcome": verdict.outcome.value,
            "policy": inputs.policy.version,
            "policySha256": digest_of(inputs.policy),
            "model": unit.desk.scorer.model_version,
            "by": "person" if by else "machine",
            "inquiry": str(inquiry.id) if inquiry else None,
        },
        previous=inquiry.intent_entry_id if inquiry else None,
    )
    if case.line is None:
        await _settle_application(unit, case, decision, verdict)
    else:
        await _settle_increase(unit, customer, case, decision, verdict)
    await tell(unit, customer, _in_words(unit, case, verdict), decision.id)
    unit.after_commit(lambda: unit.desk.cache.wake(case.topic))
    return decision


def _in_words(unit: Unit, case: Case, verdict: Verdict) -> Message:
    """What the customer is told of a verdict. Reasons stand with the decision, and in no message."""
    if case.line is not None:
        facts: dict[str, Fact] = {"limit_minor": verdict.limit_minor or 0, "asked_minor": case.requested_minor}
        return Message(NoticeKind.INCREASE_DECISION, case.row.status, facts)
    valid_on = business_date(unit.now + OFFER_VALID).isoformat()
    offer: dict[str, Fact] = {"limit_minor": verdict.limit_minor or 0, "valid_on": valid_on}
    return Message(NoticeKind.DECISION, verdict.outcome.value, offer if verdict.outcome.grants else {})


def _kept_inputs(
    desk: Desk, box: SubjectBox, decision_id: UUID, inputs: OwnInputs, facts: Facts | None, line: LineThen | None
) -> dict[str, Any]:
    """What the decision was made from, sealed: own data, and apart what it took of the report, which ends with it.

    The first names the digest of the second, so that neither can be exchanged alone.
    """
    report = (
        {
            "file": asdict(facts.file),
            "vector": inputs.vector(facts.file),
            "adverse": [reason.value for reason in facts.adverse],
        }
        if facts
        else None
    )
    taken = _in_bytes(report) if report else None
    plain = _in_bytes(
        {
            "as_of": inputs.as_of.isoformat(),
            "sources": sorted(source.value for source in inputs.sources),
            "own": asdict(inputs.facts),
            "score": facts.score if facts else None,
            "line": asdict(line) if line else None,
            "vector": inputs.vector(None),
            "models": desk.scorer.digests,
            "from_report": desk.keys.mac("decision-from-report", taken).hex() if taken else None,
        }
    )
    return {
        "inputs_sealed": box.seal("decision", "inputs_sealed", decision_id, plain),
        "inputs_digest": desk.keys.mac("decision-inputs", plain),
        "from_report_sealed": box.seal("decision", "from_report_sealed", decision_id, taken) if taken else None,
    }


def _in_bytes(told: Mapping[str, object]) -> bytes:
    return json.dumps(told, sort_keys=True, default=str).encode()


async def _settle_application(unit: Unit, case: Case, decision: Decision, verdict: Verdict) -> None:
    if verdict.outcome is Outcome.REFERRED:
        await case.move("IN_REVIEW")
    elif verdict.outcome.grants:
        await case.move("DECIDED")
        await Offer.create(
            id=uuid7(),
            application_id=case.id,
            customer_id=case.customer_id,
            decision_id=decision.id,
            limit_minor=verdict.limit_minor,
            currency="CNY",
            daily_scaled=decision.daily_scaled,
            valid_until=unit.now + OFFER_VALID,
        )
    else:
        await case.close("DECIDED", unit.now)


async def _settle_increase(unit: Unit, customer: Customer, case: Case, decision: Decision, verdict: Verdict) -> None:
    if verdict.outcome is Outcome.REFERRED:
        await case.move("REFERRED")
        return
    if verdict.limit_minor is None or case.line is None:
        await case.close("DECLINED", unit.now)
        return
    line = await CreditLine.filter(id=case.line.id).select_for_update().get()
    cut_since = isinstance(case.row, LimitIncrease) and line.limit_minor < case.row.before_minor
    if verdict.limit_minor <= line.limit_minor or cut_since:
        await case.close("DECLINED", unit.now)
        return
    await case.row.filter(id=case.id).update(granted_minor=verdict.limit_minor)
    await change_limit(
        unit,
        customer,
        line,
        verdict.limit_minor,
        reason="INCREASE_GRANTED",
        actor="decision",
        decision_id=decision.id,
    )
    await case.close("APPROVED", unit.now)


async def change_limit(
    unit: Unit,
    customer: Customer,
    line: CreditLine,
    to_minor: int,
    *,
    reason: str,
    actor: str,
    decision_id: UUID | None = None,
) -> UUID:
    """Change a locked line's limit (fen), with who, why, from and to on the record; the change's id."""
    change_id = uuid7()
    await LimitChange.create(
        id=change_id,
        line_id=line.id,
        customer_id=customer.id,
        from_minor=line.limit_minor,
        to_minor=to_minor,
        reason=reason,
        actor=actor,
        decision_id=decision_id,
        changed_at=unit.now,
    )
    await unit.record(
        RecordClass.LIMIT_CHANGE,
        customer,
        change_id,
        {"line": str(line.id), "from": line.limit_minor, "to": to_minor, "reason": reason},
    )
    if to_minor < line.limit_minor:
        facts: dict[str, Fact] = {"before_minor": line.limit_minor, "after_minor": to_minor, "reason": reason}
        await tell(unit, customer, Message(NoticeKind.LIMIT_CUT, facts=facts), change_id)
    line.limit_minor = to_minor
    line.version += 1
    await line.save(update_fields=["limit_minor", "version"])
    return change_id


async def refused_by_bureau(unit: Unit, customer: Customer, case: Case, inquiry: Inquiry) -> None:
    """The bureau refused and recorded nothing: no such person is a decline, anything else goes to a person."""
    if not case.row.is_open:
        return
    inputs = await own_inputs(unit.desk, customer, case.request, unit.now)
    await put_on_record(unit, customer, case, inputs, refused(inquiry.refusal_code or ""), inquiry=inquiry)
