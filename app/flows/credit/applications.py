"""Applying for a line and accepting what is offered."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from uuid_utils.compat import uuid7

from app.domain.calendar import business_date
from app.domain.consent.purpose import ConsentPurpose
from app.domain.deciding.outcome import Occupation
from app.domain.deciding.reasons import ReasonCode
from app.domain.lending.product import product_on
from app.domain.money import Money
from app.domain.person import (
    IdNumber,
    IdNumberInvalid,
    NameInvalid,
    PersonName,
    PhoneNumber,
    PhoneNumberInvalid,
)
from app.domain.proof.record import RecordClass
from app.domain.refusals import (
    ApplicationExists,
    ApplicationNotOpen,
    ConsentRequired,
    InvalidInput,
    LineAlreadyOpen,
    NotFound,
    OfferExpired,
    TooSoon,
    Violation,
)
from app.flows.credit.cases import ASSESS_APPLICATION
from app.flows.credit.consents import live_bureau_consent
from app.flows.policy.judging import policy_for, policy_named
from app.flows.unit import Desk, Unit
from models.consent import Inquiry
from models.credit import Application, CreditLine, Decision, LimitChange, Offer
from models.people import Customer

COOL_OFF_AFTER_DECLINE = timedelta(days=90)
UNMATCHED = [ReasonCode.IDENTITY_UNVERIFIED.value]


@dataclass(frozen=True, slots=True)
class ApplicantInput:
    """Who applies, as typed."""

    name: str
    id_number: str
    phone: str


@dataclass(frozen=True, slots=True)
class Submit:
    """A request for a line: a limit (None when what was typed is no amount), and the term for its price."""

    applicant: ApplicantInput
    limit: Money | None
    term_months: int
    occupation: Occupation


@dataclass(frozen=True, slots=True)
class Accept:
    """Agreement to an offer."""

    application_id: UUID


@dataclass(frozen=True, slots=True)
class _Person:
    name: PersonName
    id_number: IdNumber
    phone: PhoneNumber


async def submit_application(
    desk: Desk, customer_id: UUID, key: UUID, asked: Submit, wrong: tuple[Violation, ...] = ()
) -> UUID:
    """Record an application and answer at once; a worker carries on.

    1. Input; 2. an open application or line; 3. a decline not long ago; 4. the consent, bound to this application.

    Raises:
        InvalidInput, ApplicationExists, LineAlreadyOpen, TooSoon, ConsentRequired, WordingOutdated,
            StatementOutdated, InquiryUnsettled: nothing recorded.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    person, limit = await _checked(desk, asked, list(wrong))
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "submitApplication", key, asked)
        if done:
            return UUID(done["application"])
        outside = await _outside(asked.occupation, limit, unit.now)
        if outside:
            raise InvalidInput(tuple(outside))
        _born_before(person, unit.today())
        # 2
        running = await Application.get_or_none(customer_id=customer_id, is_open=True)
        line = await CreditLine.filter(customer_id=customer_id).exclude(status="CLOSED").get_or_none()
        if line is not None:
            raise LineAlreadyOpen(line.id)
        if running is not None and not await _lapsed(unit, running):
            raise ApplicationExists(running.id)
        # 3
        await _cool_off(unit, customer_id)
        # 4
        consent = await live_bureau_consent(unit, customer, ConsentPurpose.FIRST_APPLICATION)
        if consent is None:
            raise ConsentRequired(ConsentPurpose.FIRST_APPLICATION)
        await _same_person(desk, customer, person)  # last: without a consent nobody learns whose a number is
        consent.bound_at = unit.now
        await consent.save(update_fields=["bound_at"])
        await _remember(desk, customer, person, asked.occupation)
        application_id = uuid7()
        await Application.create(
            id=application_id,
            customer_id=customer_id,
            consent_id=consent.id,
            status="RECEIVED",
            is_open=True,
            requested_minor=limit.minor,
            currency=limit.currency,
            term_months=asked.term_months,
            occupation=asked.occupation.value,
            submitted_at=unit.now,
        )
        await unit.enqueue(ASSESS_APPLICATION, application_id)
        await unit.keep(application=application_id)
        return application_id


async def accept_offer(desk: Desk, customer_id: UUID, key: UUID, asked: Accept) -> UUID:
    """Open the line that was offered; returns the line's id.

    Raises:
        NotFound, ApplicationNotOpen, OfferExpired, LineAlreadyOpen: nothing recorded.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "acceptOffer", key, asked)
        if done:
            return UUID(done["line"])
        application = await Application.get_or_none(id=asked.application_id, customer_id=customer_id)
        if application is None:
            raise NotFound
        offer = await Offer.filter(application_id=application.id).select_for_update().get_or_none()
        if offer is None or application.status != "DECIDED":
            raise ApplicationNotOpen(application.status)
        if unit.now >= offer.valid_until:
            raise OfferExpired(offer.valid_until)
        line = await _open_line(unit, customer, application, offer)
        await unit.keep(line=line.id)
        return line.id


async def _open_line(unit: Unit, customer: Customer, application: Application, offer: Offer) -> CreditLine:
    decision = await Decision.get(id=offer.decision_id)
    offer.accepted_at = unit.now
    await offer.save(update_fields=["accepted_at"])
    application.status, application.is_open, application.closed_at = "ACCEPTED", False, unit.now
    await application.save(update_fields=["status", "is_open", "closed_at"])
    line = await CreditLine.create(
        id=uuid7(),
        customer_id=customer.id,
        application_id=application.id,
        status="ACTIVE",
        segment=(await policy_named(decision.policy_version)).segment,
        limit_minor=offer.limit_minor,
        currency=offer.currency,
        daily_scaled=offer.daily_scaled,
        product_version=product_on(unit.today()).version,
        policy_version=decision.policy_version,
        opened_at=unit.now,
    )
    change_id = uuid7()
    await LimitChange.create(
        id=change_id,
        line_id=line.id,
        customer_id=customer.id,
        from_minor=0,
        to_minor=offer.limit_minor,
        reason="LINE_OPENED",
        actor="customer",
        decision_id=decision.id,
        changed_at=unit.now,
    )
    await unit.record(
        RecordClass.LIMIT_CHANGE,
        customer,
        change_id,
        {"line": str(line.id), "from": 0, "to": offer.limit_minor, "reason": "LINE_OPENED"},
    )
    return line


async def _checked(desk: Desk, asked: Submit, wrong: list[Violation]) -> tuple[_Person, Money]:
    """The person and the limit; or all that is wrong with the input, at once. `wrong` is what was found before."""
    name = id_number = phone = None
    try:
        name = PersonName.parse(asked.applicant.name)
    except NameInvalid as error:
        wrong.append(Violation(("applicant", "name"), f"NAME_{error.problem}"))
    try:
        id_number = IdNumber.parse(asked.applicant.id_number)
        if id_number.is_sandbox_region and not desk.sandbox:
            wrong.append(Violation(("applicant", "idNumber"), "ID_REGION"))
    except IdNumberInvalid as error:
        wrong.append(Violation(("applicant", "idNumber"), f"ID_{error.problem}"))
    try:
        phone = PhoneNumber.parse(asked.applicant.phone)
    except PhoneNumberInvalid as error:
        wrong.append(Violation(("applicant", "phone"), f"PHONE_{error.problem}"))
    limit, terms = asked.limit, []
    if asked.term_months not in product_on(business_date(await desk.refresh_clock())).terms_months:
        terms.append(Violation(("termMonths",), "TERM_NOT_OFFERED"))
    if wrong or terms or name is None or id_number is None or phone is None or limit is None:
        if limit is not None:
            wrong += await _outside(asked.occupation, limit, await desk.refresh_clock())
        raise InvalidInput((*wrong, *terms))
    return _Person(name, id_number, phone), limit


async def _outside(occupation: Occupation, limit: Money, now: datetime) -> list[Violation]:
    """What the policy of the moment has against the amount; asked when the moment of submitting is fixed."""
    limits = (await policy_for(occupation, now)).limits
    within = limits.min_minor <= limit.minor <= limits.max_minor
    return [] if within else [Violation(("limit", "amount"), "LIMIT_OUTSIDE_PRODUCT")]


def _born_before(person: _Person, day: date) -> None:
    try:
        person.id_number.age_on(day)
    except IdNumberInvalid as error:
        raise InvalidInput.at("applicant", "idNumber", problem=f"ID_{error.problem}") from error


async def _same_person(desk: Desk, customer: Customer, person: _Person) -> None:
    """One person an account, and one account a person; a number that the bureau never matched may be corrected."""
    index = desk.keys.index("id_number", person.id_number.value)
    known = customer.id_number_index
    if known is not None and bytes(known) == index:
        return
    if known is not None and await Inquiry.exists(customer_id=customer.id, state="ANSWERED"):
        raise InvalidInput.at("applicant", "idNumber", problem="ID_OTHER_THAN_BEFORE")
    if await Customer.filter(id_number_index=index).exists():
        raise InvalidInput.at("applicant", "idNumber", problem="ID_NOT_USABLE")


async def _remember(desk: Desk, customer: Customer, person: _Person, occupation: Occupation) -> None:
    box = desk.box(customer)
    customer.name_sealed = box.seal("customer", "name_sealed", customer.id, person.name.value.encode())
    customer.id_number_sealed = box.seal("customer", "id_number_sealed", customer.id, person.id_number.value.encode())
    customer.phone_sealed = box.seal("customer", "phone_sealed", customer.id, person.phone.value.encode())
    customer.id_number_index = desk.keys.index("id_number", person.id_number.value)
    customer.occupation = occupation.value
    try:
        await customer.save()
    except IntegrityError as error:  # somebody else gave the same number in this very moment
        raise InvalidInput.at("applicant", "idNumber", problem="ID_NOT_USABLE") from error


async def _lapsed(unit: Unit, application: Application) -> bool:
    """Whether the open application is only waiting for an offer that nobody can accept any more; then it ends."""
    offer = await Offer.get_or_none(application_id=application.id)
    if offer is None or unit.now < offer.valid_until:
        return False
    application.status, application.is_open, application.closed_at = "EXPIRED", False, unit.now
    await application.save(update_fields=["status", "is_open", "closed_at"])
    return True


async def _cool_off(unit: Unit, customer_id: UUID) -> None:
    """A waiting time follows a decline only; identity that did not match may be corrected at once."""
    last = await Application.filter(customer_id=customer_id).order_by("-id").first()
    if last is None or last.status != "DECIDED":
        return
    decision = await Decision.filter(application_id=last.id).order_by("-number").first()
    if decision is not None and decision.outcome == "DECLINED" and json.loads(decision.reasons) != UNMATCHED:
        allowed_from = decision.decided_at + COOL_OFF_AFTER_DECLINE
        if unit.now < allowed_from:
            raise TooSoon(allowed_from)
