"""What a withdrawal would do, told before it is done: read from the same rows that the withdrawal would touch."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.consent.inquiry import InquiryState
from app.domain.consent.purpose import BUREAU_PURPOSES, ConsentPurpose, InquiryPurpose
from app.domain.refusals import NotFound
from app.domain.rights.holds import source_events_erased_on
from app.domain.rights.withdrawal import Resting, WithdrawalEffect, effects
from app.domain.watching.snapshot import CLOSED
from app.flows.credit.cases import Case, load_case
from app.flows.credit.consents import consent_of
from app.flows.unit import Desk
from models.consent import BureauReport
from models.consent import Consent as ConsentRow
from models.credit import Application, CreditLine, LimitIncrease


@dataclass(frozen=True, slots=True)
class Foretold:
    """The effects, the gravest first; `events_erased_on` is the business date where a source's events go."""

    effects: tuple[WithdrawalEffect, ...]
    events_erased_on: date | None


async def withdrawal_effect(desk: Desk, customer_id: UUID, consent_id: UUID) -> Foretold:
    """What withdrawing this consent would do now. Nothing is written.

    Raises:
        NotFound: not the customer's consent.
    """
    now = await desk.refresh_clock()
    row = await ConsentRow.get_or_none(id=consent_id, customer_id=customer_id)
    if row is None:
        raise NotFound
    found = effects(await _resting(row, now))
    erased_on = source_events_erased_on(business_date(now)) if WithdrawalEffect.EVENTS_ERASED in found else None
    return Foretold(found, erased_on)


async def _resting(row: ConsentRow, now: datetime) -> Resting:
    purpose, status = ConsentPurpose(row.purpose), consent_of(row).status(now)
    line_open = await CreditLine.filter(customer_id=row.customer_id).exclude(status=CLOSED).exists()
    case = await _case_of(row) if purpose in BUREAU_PURPOSES else None
    if case is None:
        return Resting(purpose, status, line_open=line_open)
    inquiry = await case.inquiry()
    kept = inquiry is not None and await BureauReport.exists(inquiry_id=inquiry.id, destroyed_at__isnull=True)
    return Resting(
        purpose,
        status,
        for_increase=case.line is not None,
        case_open=case.row.is_open,
        decided=await case.is_decided(),
        inquiry=InquiryState(inquiry.state) if inquiry is not None else None,
        report_kept=kept,
        line_open=line_open,
    )


async def _case_of(row: ConsentRow) -> Case | None:
    first = await Application.get_or_none(consent_id=row.id)
    if first is not None:
        return await load_case(InquiryPurpose.FIRST_APPLICATION, first.id)
    increase = await LimitIncrease.get_or_none(consent_id=row.id)
    return await load_case(InquiryPurpose.LIMIT_INCREASE, increase.id) if increase is not None else None
