"""Where the sources of own data send events: signed batches, answered with numbers and nothing about a person."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from app.api.scalars import split_id
from app.clock import real_now_us
from app.domain.deciding.behaviour import BehaviourEvent, DataSource, EventKind
from app.domain.refusals import IdempotencyConflict, StillWorking
from app.doors.signed import NotSigned, check
from app.flows.behaviour.taking import EVENTS_MAX, Batch, SourceEvent, Taken, take_batch
from app.flows.unit import Desk

FEED_PATH = "/sources/{source}/events"
BODY_BYTES_MAX = 256 * 1024
AMOUNT_MINOR_MAX = 10**12
BATCHES_MAX = 600
BATCHES_WINDOW_SECONDS = 60
MICROSECONDS = 1_000_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Refused(Exception):
    """A batch that is not taken; nothing of it happened. `code` is for machines."""

    def __init__(self, status: HTTPStatus, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def answer(self) -> Response:
        """The refusal over HTTP."""
        headers = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        return _json({"code": self.code, "message": self.message}, self.status, headers)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is YYYY-MM-DD")
    return date.fromisoformat(value)


class EventBody(_Strict):
    """One event as it is sent. `subject` is the customer's global id, amounts are fen."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
    subject: Annotated[str, StringConstraints(max_length=100)]
    kind: Annotated[EventKind, BeforeValidator(EventKind)]
    occurred_on: Annotated[date, BeforeValidator(_day)]
    amount_minor: Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX)]


def _event_or_none(value: Any, handler: ValidatorFunctionWrapHandler) -> EventBody | None:  # noqa: ANN401 - any JSON
    """One event that does not fit is counted and does not spoil the batch."""
    try:
        event: EventBody = handler(value)
    except ValidationError:
        return None
    return event


class BatchBody(_Strict):
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
            body = await _signed_body(request, keys[source])
            await _admit(desk, source)
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
        return _json(_told(taken))

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


async def _signed_body(request: Request, key: bytes) -> bytes:
    """The very bytes of the request, once their signature holds."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "NOT_JSON", "send application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            problem = f"a batch has at most {BODY_BYTES_MAX} bytes"
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TOO_LARGE", problem)
    sent = request.headers
    try:
        # Real time: a replay is a matter of the wire, not of the business.
        seconds = real_now_us() // MICROSECONDS
        check(key, sent.get("clearline-timestamp"), sent.get("clearline-signature"), bytes(body), seconds)
    except NotSigned as refused:
        problem = "sign timestamp, full stop and body with the source's key; see the page of this format"
        raise Refused(HTTPStatus.UNAUTHORIZED, refused.problem.value, problem) from refused
    return bytes(body)


async def _admit(desk: Desk, source: DataSource) -> None:
    if await desk.cache.take(f"source:{source.value}", BATCHES_MAX, BATCHES_WINDOW_SECONDS) < 0:
        problem = f"at most {BATCHES_MAX} batches in {BATCHES_WINDOW_SECONDS} s"
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED", problem, BATCHES_WINDOW_SECONDS)


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


def _json(
    told: dict[str, object], status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    return Response(
        orjson.dumps(told) + b"\n",
        status,
        media_type="application/json",
        headers={"cache-control": "no-store", **(headers or {})},
    )
