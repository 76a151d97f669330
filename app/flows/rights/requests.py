"""What every request about own data shares: one open of a kind and subject, a date, sealed words, and a way back."""

import json
from dataclasses import dataclass
from uuid import UUID

from tortoise.exceptions import IntegrityError
from uuid_utils.compat import uuid7

from app.domain.legible import legible
from app.domain.refusals import InvalidInput, NotFound, RequestExists, RequestNotOpen, StillWorking
from app.domain.rights.requests import (
    OPEN,
    TEXT_LENGTH_MAX,
    TEXT_LENGTH_MIN,
    RequestKind,
    RequestOutcome,
    RequestState,
    due_on,
    step,
)
from app.flows.unit import Desk, Unit
from models.people import Customer
from models.rights import DataRequest, ErasureStep

TABLE = "data_request"
ASKED = "asked_sealed"
BEFORE = "before_sealed"
PROPOSAL = "proposal_sealed"
NOTE = "note_sealed"


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """A wish to take a request back."""

    request_id: UUID


@dataclass(frozen=True, slots=True)
class Wish:
    """A request to be put on record: its subject is unique while it is open; `asked` is a flat JSON object."""

    kind: RequestKind
    subject: str = ""
    asked: dict[str, str] | None = None
    decision_id: UUID | None = None


async def put_in(
    unit: Unit, customer: Customer, wish: Wish, state: RequestState = RequestState.RECEIVED
) -> DataRequest:
    """Write an open request of a locked customer, with the date by which it is answered.

    Raises:
        RequestExists: one of this kind and subject is open. StillWorking: it is being put in at this moment.
    """
    running = await DataRequest.get_or_none(
        customer_id=customer.id, kind=wish.kind.value, subject=wish.subject, state__in=[one.value for one in OPEN]
    )
    if running is not None:
        raise RequestExists(running.id)
    request_id = uuid7()
    asked = json.dumps(wish.asked, ensure_ascii=False, sort_keys=True) if wish.asked is not None else None
    try:
        return await DataRequest.create(
            id=request_id,
            customer_id=customer.id,
            kind=wish.kind.value,
            subject=wish.subject,
            state=state.value,
            asked_sealed=sealed(unit, customer, ASKED, request_id, asked),
            received_at=unit.now,
            due_on=due_on(wish.kind, unit.today()),
            decision_id=wish.decision_id,
        )
    except IntegrityError as double:
        raise StillWorking from double


async def finish(unit: Unit, request: DataRequest, outcome: RequestOutcome) -> None:
    """End a locked request with its outcome; whoever settles it writes the other columns first."""
    request.state = step(RequestState(request.state), RequestState.DONE).value
    request.outcome, request.settled_at = outcome.value, unit.now
    await request.save()


async def answer(
    unit: Unit, customer: Customer, request: DataRequest, officer_id: UUID, outcome: RequestOutcome, note: str
) -> None:
    """End a locked request by a person's answer, which the customer reads."""
    request.settled_by = officer_id
    request.note_sealed = sealed(unit, customer, NOTE, request.id, note)
    await finish(unit, request, outcome)


async def cancel_request(desk: Desk, customer_id: UUID, key: UUID, asked: CancelRequest) -> UUID:
    """Take an open request back; the request's id. What a scheduled erasure has not erased yet stays.

    Raises:
        NotFound: not the customer's request. RequestNotOpen: it has ended.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "cancelRequest", key, asked)
        if done:
            return UUID(done["request"])
        request = await DataRequest.get_or_none(id=asked.request_id, customer_id=customer_id)
        if request is None:
            raise NotFound
        if RequestState(request.state) not in OPEN:
            raise RequestNotOpen(request.state)
        request.state = step(RequestState(request.state), RequestState.CANCELLED).value
        request.settled_at = unit.now
        await request.save(update_fields=["state", "settled_at"])
        if request.kind == RequestKind.ERASURE:
            await ErasureStep.filter(request_id=request.id, done_at__isnull=True).delete()
            await Customer.filter(id=customer.id).update(restricted_at=None)
        await unit.keep(request=request.id)
        return request.id


async def locked_request(request_id: UUID) -> DataRequest:
    """The request, locked, after its customer was."""
    return await DataRequest.filter(id=request_id).select_for_update().get()


def sealed(unit: Unit, customer: Customer, column: str, request_id: UUID, text: str | None) -> bytes | None:
    """A text under the customer's key, for one column of a request."""
    return unit.desk.box(customer).seal(TABLE, column, request_id, text.encode()) if text is not None else None


def opened(desk: Desk, customer: Customer, column: str, request: DataRequest) -> str | None:
    """A sealed column of a request; None where there is nothing, or the key was destroyed."""
    kept = getattr(request, column)
    if kept is None or customer.erased_at is not None:
        return None
    return desk.box(customer).open(TABLE, column, request.id, kept).decode()


def asked_of(desk: Desk, customer: Customer, request: DataRequest) -> dict[str, str]:
    """What was asked for, in the customer's own words; empty where nothing was said."""
    text = opened(desk, customer, ASKED, request)
    told: dict[str, str] = json.loads(text) if text is not None else {}
    return told


def said(text: str, field: str) -> str:
    """A customer's words without blanks around them.

    Raises:
        InvalidInput: not TEXT_LENGTH_MIN to TEXT_LENGTH_MAX readable characters.
    """
    kept = legible(text, TEXT_LENGTH_MIN, TEXT_LENGTH_MAX)
    if kept is None:
        raise InvalidInput.at(field, problem="REQUEST_TEXT_LENGTH")
    return kept
