"""Giving, refusing and withdrawing consent. Every bureau consent opens the door once; none is bundled."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.consent.consent import (
    READING_SECONDS_MAX,
    Consent,
    ConsentStatus,
    expiry,
    reading_seconds_min,
)
from app.domain.consent.inquiry import IN_DOUBT
from app.domain.consent.purpose import BUREAU_PURPOSES, SOURCE_PURPOSES, ConsentPurpose, InquiryPurpose
from app.domain.deciding.behaviour import DataSource
from app.domain.proof.record import RecordClass
from app.domain.refusals import (
    AccountRestricted,
    InquiryUnsettled,
    InvalidInput,
    NotFound,
    StatementOutdated,
    Violation,
    WordingOutdated,
)
from app.domain.telling.notice import Fact, Message, NoticeKind
from app.flows.allowed.consents import check_stated, earlier_to_state
from app.flows.behaviour.jobs import HAND_OVER
from app.flows.credit.cases import Case, load_case
from app.flows.credit.intents import end_if_unsent
from app.flows.credit.reports import destroy_report
from app.flows.notices.telling import tell
from app.flows.unit import Desk, Unit
from models.consent import Consent as ConsentRow
from models.consent import ConsentWording, Inquiry
from models.credit import Application, LimitIncrease
from models.people import Customer
from models.rights import DataRequest

CHANNELS = frozenset({"APP", "WEB", "PLAYGROUND"})
_SHA256 = re.compile("[0-9a-f]{64}")
SHOWN_AHEAD_MAX = timedelta(minutes=5)  # a phone's clock may run ahead


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was shown and for how long. `seconds_read` counts whole seconds; `earlier` are the inquiries that were stated."""

    wording_sha256: str
    language: str
    shown_at: datetime
    seconds_read: int
    channel: str
    earlier: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """An agreement to one purpose."""

    purpose: ConsentPurpose
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Refuse:
    """A refusal of one purpose."""

    purpose: ConsentPurpose


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A withdrawal of one consent."""

    consent_id: UUID


async def wording_in_force(purpose: ConsentPurpose, language: str, now: datetime) -> ConsentWording:
    """The text to be agreed to now.

    Raises:
        NotFound: there is no text of this purpose in this language.
    """
    wording = (
        await ConsentWording.filter(purpose=purpose.value, language=language, effective_from__lte=now)
        .order_by("-effective_from", "-id")
        .first()
    )
    if wording is None:
        raise NotFound
    return wording


async def grant_consent(desk: Desk, customer_id: UUID, key: UUID, asked: Grant) -> UUID:
    """Put an agreement on the record; an earlier live one of the same purpose is superseded.

    Raises:
        WordingOutdated: the hash is of an earlier text of this purpose.
        InvalidInput: the hash is of no text of this purpose and language, or the reading evidence does not hold.
        StatementOutdated: what was stated of earlier inquiries is not what must be.
        InquiryUnsettled: an earlier inquiry of the purpose may stand at the bureau.
        AccountRestricted: an erasure is scheduled, so nothing new begins.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "grantConsent", key, asked)
        if done:
            return UUID(done["consent"])
        await _unrestricted(customer)
        await _nothing_in_doubt(customer_id, asked.purpose)
        wording = await _agreed_wording(asked, unit.now)
        _check_evidence(asked, unit.now, wording.effective_from - desk.clock.offset)
        earlier = await _stated(customer_id, asked, unit.now)
        await _supersede(customer_id, asked.purpose, unit.now)
        consent_id = uuid7()
        await ConsentRow.create(
            id=consent_id,
            customer_id=customer_id,
            purpose=asked.purpose.value,
            wording_id=wording.id,
            wording_sha256=wording.sha256,
            shown_at=asked.evidence.shown_at,
            seconds_read=asked.evidence.seconds_read,
            channel=asked.evidence.channel,
            decided_at=unit.now,
            refused=False,
            expires_at=expiry(asked.purpose, unit.now),
        )
        await unit.record(
            RecordClass.CONSENT_GIVEN,
            customer,
            consent_id,
            {
                "purpose": asked.purpose.value,
                "wording": wording.sha256,
                "read": asked.evidence.seconds_read,
                "earlier": earlier,
            },
        )
        if asked.purpose in SOURCE_PURPOSES and customer.simulated_as:
            await unit.enqueue(HAND_OVER, customer_id)
        await unit.keep(consent=consent_id)
        return consent_id


async def refuse_consent(desk: Desk, customer_id: UUID, key: UUID, asked: Refuse) -> UUID:
    """Put a refusal on the record: the purpose is not put forward again for 30 days. Blocks nothing else.

    The last answer counts: a live consent of the purpose that nothing rests on yet is superseded.

    Raises:
        NotFound: there is no text of this purpose.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "refuseConsent", key, asked)
        if done:
            return UUID(done["consent"])
        wording = await wording_in_force(asked.purpose, "zh-CN", unit.now)
        await _supersede(customer_id, asked.purpose, unit.now)
        consent_id = uuid7()
        await ConsentRow.create(
            id=consent_id,
            customer_id=customer_id,
            purpose=asked.purpose.value,
            wording_id=wording.id,
            wording_sha256=wording.sha256,
            decided_at=unit.now,
            refused=True,
        )
        await unit.record(RecordClass.CONSENT_REFUSED, customer, consent_id, {"purpose": asked.purpose.value})
        await unit.keep(consent=consent_id)
        return consent_id


async def withdraw_consent(desk: Desk, customer_id: UUID, key: UUID, asked: Withdraw) -> UUID:
    """Withdraw a consent, with effect from this commit on; what was done before stays done.

    An application or increase that has not been decided, or waits for a person, ends as WITHDRAWN; an answer that
    has come is destroyed, one still on its way unread. Withdrawing twice is withdrawing once.

    Raises:
        NotFound: not the customer's consent, or a refusal.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "withdrawConsent", key, asked)
        if done:
            return UUID(done["consent"])
        row = await ConsentRow.filter(id=asked.consent_id, customer_id=customer_id).select_for_update().get_or_none()
        if row is None or row.refused:
            raise NotFound
        if row.withdrawn_at is None:
            await withdraw_locked(unit, customer, row)
        await unit.keep(consent=row.id)
        return row.id


async def withdraw_locked(unit: Unit, customer: Customer, row: ConsentRow) -> None:
    """Withdraw a consent of a locked customer in the running unit, stop what rests on it, and tell both in one letter."""
    variant = "ENDS_REQUEST" if await end_consent(unit, customer, row) else "PLAIN"
    facts: dict[str, Fact] = {"withdrawn_on": unit.today().isoformat()}
    await tell(unit, customer, Message(NoticeKind.CONSENT_WITHDRAWN, variant, facts), row.id)


async def end_consent(unit: Unit, customer: Customer, row: ConsentRow) -> bool:
    """Withdraw a consent, and stop what rests on it; whether that was a request. Nobody is told."""
    row.withdrawn_at = unit.now
    await row.save(update_fields=["withdrawn_at"])
    await unit.record(RecordClass.CONSENT_WITHDRAWN, customer, row.id, {"purpose": row.purpose})
    return row.purpose in BUREAU_PURPOSES and await _stop_cases_of(unit, customer, row.id)


async def _stop_cases_of(unit: Unit, customer: Customer, consent_id: UUID) -> bool:
    """End the open case bound to this consent, unless it has been decided; whether one was ended.

    An inquiry on its way cannot be unsent: the case ends at once all the same, and the answer will be destroyed;
    one that has arrived and was not decided on yet, or waits for a person, is destroyed here.
    """
    stopped = False
    for purpose, table in (
        (InquiryPurpose.FIRST_APPLICATION, Application),
        (InquiryPurpose.LIMIT_INCREASE, LimitIncrease),
    ):
        row = await table.get_or_none(consent_id=consent_id, is_open=True)
        if row is not None:
            stopped |= await _stop(unit, customer, await load_case(purpose, row.id))
    return stopped


async def _stop(unit: Unit, customer: Customer, case: Case) -> bool:
    if await case.is_decided():
        return False
    inquiry = await Inquiry.filter(**case.subject).select_for_update().get_or_none()
    if inquiry is not None:
        await end_if_unsent(unit, customer, inquiry)
        await destroy_report(unit, customer, inquiry.id)
    await case.close("WITHDRAWN", unit.now)
    unit.after_commit(lambda: unit.desk.cache.wake(case.topic))
    return True


def consent_of(row: ConsentRow) -> Consent:
    """The row as the law sees it."""
    return Consent(
        id=row.id,
        customer_id=row.customer_id,
        purpose=ConsentPurpose(row.purpose),
        wording_sha256=row.wording_sha256,
        decided_at=row.decided_at,
        refused=row.refused,
        expires_at=row.expires_at,
        withdrawn_at=row.withdrawn_at,
        superseded_at=row.superseded_at,
        used_at=row.used_at,
    )


async def live_source_consents(
    customer_ids: Sequence[UUID], now: datetime
) -> dict[tuple[UUID, DataSource], ConsentRow]:
    """The consents under which own data may be taken and used at `now`, by customer and source."""
    rows = await ConsentRow.filter(
        customer_id__in=customer_ids, purpose__in=[purpose.value for purpose in SOURCE_PURPOSES], refused=False
    )
    return {
        (row.customer_id, SOURCE_PURPOSES[ConsentPurpose(row.purpose)]): row
        for row in rows
        if consent_of(row).status(now) is ConsentStatus.GIVEN
    }


async def live_sources(customer_id: UUID, now: datetime) -> frozenset[DataSource]:
    """The own-data sources whose consents are live at `now`."""
    return frozenset(source for _, source in await live_source_consents([customer_id], now))


async def live_bureau_consent(unit: Unit, customer: Customer, purpose: ConsentPurpose) -> ConsentRow | None:
    """The customer's live consent of a bureau purpose that no case is bound to yet, locked; None without one.

    Raises:
        WordingOutdated: it was given on a text that is no longer in force. InquiryUnsettled: an earlier inquiry of the
            purpose may stand at the bureau. StatementOutdated: one that may was not stated when it was given.
    """
    await _nothing_in_doubt(customer.id, purpose)
    rows = await ConsentRow.filter(
        customer_id=customer.id,
        purpose=purpose.value,
        refused=False,
        bound_at__isnull=True,
        used_at__isnull=True,
        withdrawn_at__isnull=True,
        superseded_at__isnull=True,
    ).select_for_update()
    for row in rows:
        if consent_of(row).status(unit.now) is ConsentStatus.GIVEN:
            await check_wording(row, unit.now)
            await check_stated(unit.desk, row, unit.now)
            return row
    return None


async def _nothing_in_doubt(customer_id: UUID, purpose: ConsentPurpose) -> None:
    """No second inquiry behind the customer's back: while nobody knows whether one was recorded, no other is begun."""
    doubtful = await Inquiry.filter(
        customer_id=customer_id, purpose=purpose.value, state__in=IN_DOUBT, closed_at__isnull=True
    ).first()
    if doubtful is not None:
        raise InquiryUnsettled(doubtful.id, doubtful.deadline_at)


async def check_wording(row: ConsentRow, now: datetime) -> None:
    """Check that the text agreed to is still the one in force: at submit, and again when the permit is minted.

    Raises:
        WordingOutdated: another text has been published since.
    """
    shown = await ConsentWording.get(id=row.wording_id)
    present = await wording_in_force(ConsentPurpose(row.purpose), shown.language, now)
    if present.sha256 != row.wording_sha256:
        raise WordingOutdated(ConsentPurpose(row.purpose))


async def _unrestricted(customer: Customer) -> None:
    if customer.restricted_at is not None:
        erasure = await DataRequest.get(customer_id=customer.id, kind="ERASURE", state="SCHEDULED")
        raise AccountRestricted(erasure.id)


async def _agreed_wording(asked: Grant, now: datetime) -> ConsentWording:
    sha256 = asked.evidence.wording_sha256.lower()
    shown = await ConsentWording.get_or_none(sha256=sha256) if _SHA256.fullmatch(sha256) else None
    if shown is None or shown.purpose != asked.purpose.value or shown.language != asked.evidence.language:
        raise InvalidInput.at("evidence", "wordingSha256", problem="WORDING_UNKNOWN")
    present = await wording_in_force(asked.purpose, shown.language, now)
    if present.id != shown.id:
        raise WordingOutdated(asked.purpose)
    return shown


async def _stated(customer_id: UUID, asked: Grant, now: datetime) -> str:
    """The ids of the earlier inquiries that were stated with the text: just those that had to be, or none is taken."""
    due = [row.id for row in await earlier_to_state(customer_id, asked.purpose, now)]
    if set(due) != set(asked.evidence.earlier):
        raise StatementOutdated(asked.purpose)
    return " ".join(map(str, due))


def _check_evidence(asked: Grant, now: datetime, published_at: datetime) -> None:
    """The reading evidence; a phone's clock is real time, so the text's moment is taken in real time too."""
    evidence, problems = asked.evidence, []
    if not reading_seconds_min(asked.purpose) <= evidence.seconds_read <= READING_SECONDS_MAX:
        problems.append(Violation(("evidence", "secondsRead"), "READ_TOO_SHORT"))
    if evidence.shown_at > now + SHOWN_AHEAD_MAX:
        problems.append(Violation(("evidence", "shownAt"), "IN_THE_FUTURE"))
    if evidence.shown_at < published_at - SHOWN_AHEAD_MAX:
        problems.append(Violation(("evidence", "shownAt"), "BEFORE_THE_TEXT"))
    if evidence.channel not in CHANNELS:
        problems.append(Violation(("evidence", "channel"), "CHANNEL_UNKNOWN"))
    if problems:
        raise InvalidInput(tuple(problems))


async def _supersede(customer_id: UUID, purpose: ConsentPurpose, now: datetime) -> None:
    await ConsentRow.filter(
        customer_id=customer_id,
        purpose=purpose.value,
        refused=False,
        bound_at__isnull=True,
        used_at__isnull=True,
        withdrawn_at__isnull=True,
        superseded_at__isnull=True,
    ).update(superseded_at=now)
