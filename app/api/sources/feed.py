"""Where the sources of own data send events: signed batches, answered with numbers and nothing about a person."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from starlette.requests import Request
from starlette.responses import Response

from app.api.scalars import split_id
from app.api.sources.wire import Refused, Strict, admit, as_json, day_of, signed_body
from app.domain.deciding.behaviour import BehaviourEvent, DataSource, EventKind
from app.domain.refusals import IdempotencyConflict, StillWorking
from app.flows.behaviour.taking import EVENTS_MAX, Batch, SourceEvent, Taken, take_batch
from app.flows.unit import Desk

FEED_PATH = "/sources/{source}/events"
AMOUNT_MINOR_MAX = 10**12


class EventBody(Strict):
    """One event as it is sent. `subject` is the customer's global id, amounts are fen."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
    subject: Annotated[str, StringConstraints(max_length=100)]
    kind: Annotated[EventKind, BeforeValidator(EventKind)]
    occurred_on: Annotated[date, BeforeValidator(day_of)]
    amount_minor: Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX)]


def _event_or_none(value: Any, handler: ValidatorFunctionWrapHandler) -> EventBody | None:  # noqa: ANN401 - any JSON
    """One event that does not fit is counted and does not spoil the batch."""
    try:
        event: EventBody = handler(value)
    except ValidationError:
        return None
    return event


class BatchBody(Strict):
    """A batch as it is sent; what does not fit as an event is None."""

    schema_id: Annotated[Literal["clearline-source-events/1"], Field(alias="schema")]
    batch_id: UUID
    sent_at: AwareDatetime
    events: Annotated[
        list[Annotated[EventBody | None, WrapValidator(_event_or_none)]], Field(min_length=1, max_length=EVENTS_MAX)
    ]


def feed(desk: Desk, keys: Mapping[DataSource, bytes]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint for the sources that have a key."""

    async def events(request: Request) -> Response:
        try:
            source = _source(request.path_params["source"], keys)
            body = await signed_body(request, keys[source])
            await admit(desk, source.value)
            taken = await take_batch(desk, _batch(source, body))
        except Refused as refused:
            return refused.answer()
        except IdempotencyConflict:
            problem = "this batchId was used for other bytes; nothing was taken"
            return Refused(HTTPStatus.CONFLICT, "BATCH_REUSED", problem).answer()
        except StillWorking as busy:
            problem = "busy; send the same bytes again"
            wait = busy.retry_after_seconds
            return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "STILL_WORKING", problem, wait).answer()
        return as_json(_told(taken))

    return events


def _told(taken: Taken) -> dict[str, object]:
    return {
        "schema": "clearline-source-answer/1",
        "accepted": taken.accepted,
        "duplicate": taken.duplicate,
        "withoutConsent": taken.without_consent,
        "invalid": taken.invalid,
    }


def _source(name: str, keys: Mapping[DataSource, bytes]) -> DataSource:
    if name not in {source.value for source in keys}:
        raise Refused(HTTPStatus.NOT_FOUND, "SOURCE_UNKNOWN", "no such source sends events here")
    return DataSource(name)


def _batch(source: DataSource, body: bytes) -> Batch:
    try:
        sent = BatchBody.model_validate_json(body)
    except ValidationError as error:
        places = sorted({".".join(str(part) for part in one["loc"][:1]) or "body" for one in error.errors()})
        raise Refused(HTTPStatus.BAD_REQUEST, "MALFORMED", "does not fit: " + ", ".join(places)) from None
    events = tuple(event for told in sent.events if (event := _event(source, told)) is not None)
    return Batch(
        id=sent.batch_id,
        source=source,
        sha256=hashlib.sha256(body).digest(),
        events=events,
        malformed=len(sent.events) - len(events),
    )


def _event(source: DataSource, body: EventBody | None) -> SourceEvent | None:
    """The event, if it fits, speaks of a customer's id, and is of a kind that this source may tell of."""
    if body is None:
        return None
    subject = split_id(body.subject)
    told = BehaviourEvent(body.kind, body.occurred_on, body.amount_minor)
    if subject is None or subject[0] != "Customer" or told.source is not source:
        return None
    return SourceEvent(body.id, subject[1], told)
