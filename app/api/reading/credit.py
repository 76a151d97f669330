"""Rows of consent and credit, each read scoped to its viewer. There is no other way from the API to a table."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from app.api.reading.pages import Page, page
from app.domain.consent.inquiry import COUNTED, SHOWN_AS, InquiryState, InquiryStatus
from app.domain.consent.purpose import ConsentPurpose
from app.flows.allowed.consents import earlier_to_state, stated_with
from app.flows.credit import waiting
from app.flows.credit.consents import consent_of, wording_in_force
from app.flows.ledger import receipts
from app.flows.unit import Desk
from models.consent import BureauReport, Consent, ConsentWording, Inquiry, ReportReading
from models.credit import Application, CreditLine, Decision, Freeze, LimitChange, LimitIncrease, Offer

ConsentRow: TypeAlias = Consent
WordingRow: TypeAlias = ConsentWording
InquiryRow: TypeAlias = Inquiry
ReportRow: TypeAlias = BureauReport
ReadingRow: TypeAlias = ReportReading
ApplicationRow: TypeAlias = Application
DecisionRow: TypeAlias = Decision
OfferRow: TypeAlias = Offer
LineRow: TypeAlias = CreditLine
IncreaseRow: TypeAlias = LimitIncrease
ChangeRow: TypeAlias = LimitChange
FreezeRow: TypeAlias = Freeze
Provable: TypeAlias = receipts.Provable
ProvableStep: TypeAlias = receipts.Step
Wait: TypeAlias = waiting.Wait

READINGS_MAX = 50

receipt_file = receipts.receipt_file
wait_of = waiting.wait_of
earlier_due = earlier_to_state


async def wording(purpose: ConsentPurpose, language: str, now: datetime) -> WordingRow:
    """The text in force."""
    return await wording_in_force(purpose, language, now)


async def wordings_of(wording_ids: Sequence[UUID]) -> list[WordingRow]:
    """The very texts that were shown, each by its id."""
    rows = {row.id: row for row in await ConsentWording.filter(id__in=set(wording_ids))}
    return [rows[key] for key in wording_ids]


async def earlier_stated(desk: Desk, consents: Sequence[ConsentRow]) -> list[list[InquiryRow]]:
    """The inquiries that were stated with the text of each consent, newest first."""
    stated = await stated_with(desk, consents)
    named = {key for keys in stated.values() for key in keys}
    rows = await Inquiry.filter(id__in=named).order_by("-subject_seq") if named else []
    return [[row for row in rows if row.id in stated[consent.id]] for consent in consents]


async def consents(customer_id: UUID, first: int, after: str | None) -> Page[ConsentRow]:
    """The customer's consents, newest first."""
    return await page(Consent.filter(customer_id=customer_id), first, after)


async def consent(customer_id: UUID, consent_id: UUID) -> ConsentRow | None:
    """One consent of the customer."""
    return await Consent.get_or_none(id=consent_id, customer_id=customer_id)


def consent_status(row: ConsentRow, now: datetime) -> str:
    """The derived state."""
    return consent_of(row).status(now).value


async def inquiries(
    customer_id: UUID, first: int, after: str | None, consent_id: UUID | None = None
) -> Page[InquiryRow]:
    """The customer's inquiries, newest first; of one consent if named."""
    query = Inquiry.filter(customer_id=customer_id)
    if consent_id is not None:
        query = query.filter(consent_id=consent_id)
    return await page(query, first, after)


async def inquiry(customer_id: UUID, inquiry_id: UUID) -> InquiryRow | None:
    """One inquiry of the customer."""
    return await Inquiry.get_or_none(id=inquiry_id, customer_id=customer_id)


async def inquiry_count(customer_id: UUID) -> int:
    """How many inquiries the bureau recorded, or may have recorded, over all time."""
    return await Inquiry.filter(customer_id=customer_id, state__in=[state.value for state in COUNTED]).count()


def inquiry_status(row: InquiryRow) -> str:
    """What the customer is shown; one that ended before anything was sent has failed."""
    shown = SHOWN_AS[InquiryState(row.state)]
    if shown is InquiryStatus.OPEN and row.closed_at is not None:
        return InquiryStatus.FAILED.value
    return shown.value


async def reports_of(inquiry_ids: Sequence[UUID]) -> list[ReportRow | None]:
    """The bureau's report of each inquiry that its viewer may see; what is in it stays sealed."""
    rows = {row.inquiry_id: row for row in await BureauReport.filter(inquiry_id__in=set(inquiry_ids))}
    return [rows.get(key) for key in inquiry_ids]


async def readings_of(inquiry_ids: Sequence[UUID]) -> list[list[ReadingRow]]:
    """The openings of the report of each inquiry, newest first, at most READINGS_MAX of each."""
    asked = set(inquiry_ids)
    most = READINGS_MAX * len(asked)
    rows = await ReportReading.filter(inquiry_id__in=asked).order_by("-id").limit(most + 1)
    found: dict[UUID, list[ReadingRow]] = {key: [] for key in asked}
    if len(rows) > most:  # some were opened so often that the others' might be cut off: each is asked alone
        for key in asked:
            found[key] = await ReportReading.filter(inquiry_id=key).order_by("-id").limit(READINGS_MAX)
    else:
        for row in rows:
            found[row.inquiry_id].append(row)
    return [found[key][:READINGS_MAX] for key in inquiry_ids]


async def provable(desk: Desk, row: InquiryRow) -> Provable:
    """What of an inquiry can be proven to anybody."""
    return await receipts.provable(desk, row)


async def applications(customer_id: UUID, first: int, after: str | None) -> Page[ApplicationRow]:
    """The customer's applications, newest first."""
    return await page(Application.filter(customer_id=customer_id), first, after)


async def application(customer_id: UUID, application_id: UUID) -> ApplicationRow | None:
    """One application of the customer."""
    return await Application.get_or_none(id=application_id, customer_id=customer_id)


async def latest_decision(**subject: UUID) -> DecisionRow | None:
    """The decision that counts, of an application or an increase."""
    return await Decision.filter(**subject).order_by("-number").first()


async def decision(customer_id: UUID, decision_id: UUID) -> DecisionRow | None:
    """One decision on the customer."""
    return await Decision.get_or_none(id=decision_id, customer_id=customer_id)


def reasons_of(row: DecisionRow) -> list[str]:
    """The reason codes, strongest first."""
    codes: list[str] = json.loads(row.reasons)
    return codes


async def offer_of(application_id: UUID) -> OfferRow | None:
    """The offer of an application."""
    return await Offer.get_or_none(application_id=application_id)


async def offer(customer_id: UUID, offer_id: UUID) -> OfferRow | None:
    """One offer to the customer."""
    return await Offer.get_or_none(id=offer_id, customer_id=customer_id)


async def line_of_application(application_id: UUID) -> LineRow | None:
    """The line that an application opened."""
    return await CreditLine.get_or_none(application_id=application_id)


async def current_line(customer_id: UUID) -> LineRow | None:
    """The customer's open line, or the last closed one."""
    line = await CreditLine.filter(customer_id=customer_id).exclude(status="CLOSED").first()
    return line or await CreditLine.filter(customer_id=customer_id).order_by("-id").first()


async def line(customer_id: UUID, line_id: UUID) -> LineRow | None:
    """One line of the customer."""
    return await CreditLine.get_or_none(id=line_id, customer_id=customer_id)


async def running_freeze(line_id: UUID) -> FreezeRow | None:
    """The freeze that holds a line, if one does."""
    return await Freeze.get_or_none(line_id=line_id, released_at__isnull=True)


async def increases(line_id: UUID, first: int, after: str | None) -> Page[IncreaseRow]:
    """The increases asked for on a line, newest first."""
    return await page(LimitIncrease.filter(line_id=line_id), first, after)


async def increase(customer_id: UUID, increase_id: UUID) -> IncreaseRow | None:
    """One request of the customer."""
    return await LimitIncrease.get_or_none(id=increase_id, customer_id=customer_id)


async def limit_changes(line_id: UUID, first: int, after: str | None) -> Page[ChangeRow]:
    """How the limit of a line changed, newest first."""
    return await page(LimitChange.filter(line_id=line_id), first, after)


async def limit_change(customer_id: UUID, change_id: UUID) -> ChangeRow | None:
    """One change of a limit of the customer."""
    return await LimitChange.get_or_none(id=change_id, customer_id=customer_id)


async def case_of_decision(decision_id: UUID) -> DecisionRow:
    """A decision for the officer who made it."""
    return await Decision.get(id=decision_id)
