"""Correcting what we hold of a person: asked with evidence, settled by a person, by two where it is the ID number.

What the bureau tells is not ours to change: an objection is annotated, answered in writing, and leads nobody to the
bureau again.
"""

from dataclasses import dataclass
from uuid import UUID

from tortoise.exceptions import IntegrityError

from app.domain.deciding.outcome import Occupation
from app.domain.oversight.approval import noted
from app.domain.oversight.roles import Officer
from app.domain.person import (
    IdNumber,
    IdNumberInvalid,
    NameInvalid,
    PersonName,
    PhoneNumber,
    PhoneNumberInvalid,
)
from app.domain.refusals import DecisionClosed, InvalidInput, NotFound, SamePerson
from app.domain.rights.requests import (
    NEEDS_TWO,
    WAITING,
    HeldField,
    RequestKind,
    RequestOutcome,
    RequestState,
    step,
)
from app.flows.oversight.access import COLUMN_OF
from app.flows.rights.requests import BEFORE, PROPOSAL, Wish, answer, asked_of, locked_request, put_in, said, sealed
from app.flows.unit import Desk, Unit
from models.people import Customer
from models.rights import DataRequest

_SEALED_IN = {HeldField(field.value): column for field, column in COLUMN_OF.items()}


@dataclass(frozen=True, slots=True)
class RequestCorrection:
    """What is wrong, what it should be, and what shows it. `value` is empty for what the bureau tells."""

    field: HeldField
    value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class SettleRequest:
    """An officer's answer to a correction; the note is what the customer reads."""

    request_id: UUID
    accept: bool
    note: str


async def request_correction(desk: Desk, customer_id: UUID, key: UUID, asked: RequestCorrection) -> UUID:
    """Put a wish for correction on record; the request's id. Nothing changes until a person has looked.

    Raises:
        InvalidInput: the value or the evidence, or nothing is held that could be wrong.
        RequestExists: one for this field is open. IdempotencyConflict, StillWorking: as everywhere.
    """
    evidence, value = said(asked.evidence, "evidence"), _checked(desk, asked)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "requestCorrection", key, asked)
        if done:
            return UUID(done["request"])
        if asked.field is not HeldField.BUREAU_RECORD and _held(desk, customer, asked.field) in {None, value}:
            raise InvalidInput.at("value", problem="NOTHING_TO_CORRECT")
        told = {"field": asked.field.value, "value": value, "evidence": evidence}
        request = await put_in(unit, customer, Wish(RequestKind.CORRECTION, asked.field.value, told))
        await unit.keep(request=request.id)
        return request.id


async def settle_request(desk: Desk, officer: Officer, key: UUID, asked: SettleRequest) -> UUID:
    """Accept or refuse a correction; the request's id. The ID number takes a second officer, and changes only then.

    Raises:
        NotFound: no such request. DecisionClosed: it waits for nobody. SamePerson: the first of two may not be the
        second. InvalidInput: the note, or the number is another account's. OwnAccount: as it says.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    row = await DataRequest.get_or_none(id=asked.request_id)
    if row is None or row.kind == RequestKind.HUMAN_REVIEW:
        raise NotFound
    officer.keep_off_own(row.customer_id)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(row.customer_id)
        done = await unit.once(officer.id, "settleRequest", key, asked)
        if done:
            return UUID(done["request"])
        request = await locked_request(row.id)
        if request.kind != RequestKind.CORRECTION or RequestState(request.state) not in WAITING:
            raise DecisionClosed
        await _settle(unit, officer, customer, request, accept=asked.accept, note=note)
        await unit.keep(request=request.id)
        return request.id


async def _settle(
    unit: Unit, officer: Officer, customer: Customer, request: DataRequest, *, accept: bool, note: str
) -> None:
    field = HeldField(request.subject)
    if request.proposed_by == officer.id:
        raise SamePerson
    if not accept:
        await answer(unit, customer, request, officer.id, RequestOutcome.REFUSED, note)
    elif field is HeldField.BUREAU_RECORD:
        await answer(unit, customer, request, officer.id, RequestOutcome.ANNOTATED, note)
    elif field in NEEDS_TWO and request.proposed_by is None:
        request.state = step(RequestState(request.state), RequestState.CHECKING).value
        request.proposed_by, request.proposed_at = officer.id, unit.now
        request.proposal_sealed = sealed(unit, customer, PROPOSAL, request.id, note)
        await request.save(update_fields=["state", "proposed_by", "proposed_at", "proposal_sealed"])
    else:
        await _correct(unit, customer, request, field)
        await answer(unit, customer, request, officer.id, RequestOutcome.CORRECTED, note)


async def _correct(unit: Unit, customer: Customer, request: DataRequest, field: HeldField) -> None:
    """Write the new value; the old one stays with the request, sealed."""
    value = asked_of(unit.desk, customer, request)["value"]
    request.before_sealed = sealed(unit, customer, BEFORE, request.id, _held(unit.desk, customer, field))
    if field is HeldField.OCCUPATION:
        await Customer.filter(id=customer.id).update(occupation=value)
        return
    column = _SEALED_IN[field]
    changed: dict[str, object] = {
        column: unit.desk.box(customer).seal("customer", column, customer.id, value.encode())
    }
    if field is HeldField.ID_NUMBER:
        changed["id_number_index"] = await _free_index(unit, customer, value)
    try:
        await Customer.filter(id=customer.id).update(**changed)
    except IntegrityError as taken:  # somebody else gave the same number in this very moment
        raise InvalidInput.at("requestId", problem="ID_NOT_USABLE") from taken


async def _free_index(unit: Unit, customer: Customer, value: str) -> bytes:
    index = unit.desk.keys.index("id_number", value)
    if await Customer.filter(id_number_index=index).exclude(id=customer.id).exists():
        raise InvalidInput.at("requestId", problem="ID_NOT_USABLE")
    return index


def _held(desk: Desk, customer: Customer, field: HeldField) -> str | None:
    """What is held now, in clear; None where nothing is."""
    if field is HeldField.OCCUPATION:
        return str(customer.occupation) if customer.occupation else None
    column = _SEALED_IN[field]
    kept = getattr(customer, column)
    return desk.box(customer).open("customer", column, customer.id, kept).decode() if kept is not None else None


def _checked(desk: Desk, asked: RequestCorrection) -> str:
    """The new value in the form in which it is held."""
    try:
        match asked.field:
            case HeldField.NAME:
                return PersonName.parse(asked.value).value
            case HeldField.PHONE:
                return PhoneNumber.parse(asked.value).value
            case HeldField.ID_NUMBER:
                return _id_number(desk, asked.value)
            case HeldField.OCCUPATION:
                return Occupation(asked.value).value
            case HeldField.BUREAU_RECORD:
                return ""
    except NameInvalid as error:
        raise InvalidInput.at("value", problem=f"NAME_{error.problem}") from error
    except PhoneNumberInvalid as error:
        raise InvalidInput.at("value", problem=f"PHONE_{error.problem}") from error
    except IdNumberInvalid as error:
        raise InvalidInput.at("value", problem=f"ID_{error.problem}") from error
    except ValueError as error:
        raise InvalidInput.at("value", problem="OCCUPATION_UNKNOWN") from error


def _id_number(desk: Desk, text: str) -> str:
    number = IdNumber.parse(text)
    if number.is_sandbox_region and not desk.sandbox:
        raise InvalidInput.at("value", problem="ID_REGION")
    return number.value
