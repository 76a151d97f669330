"""How neighbours that push are heard: signed JSON over HTTP, strict, bounded, answered with codes for machines."""

import re
from datetime import date
from http import HTTPStatus

import orjson
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from app.clock import real_now_us
from app.doors.signed import NotSigned, check
from app.flows.unit import Desk

BODY_BYTES_MAX = 256 * 1024
REQUESTS_MAX = 600
REQUESTS_WINDOW_SECONDS = 60
MICROSECONDS = 1_000_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Refused(Exception):
    """A request that is not taken; nothing of it happened. `code` is for machines."""

    def __init__(self, status: HTTPStatus, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def answer(self) -> Response:
        """The refusal over HTTP."""
        headers = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        return as_json({"code": self.code, "message": self.message}, self.status, headers)


class Strict(BaseModel):
    """A body with these members and no other, in camelCase."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


def day_of(value: object) -> date:
    """A day as YYYY-MM-DD, and in no other form."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is YYYY-MM-DD")
    return date.fromisoformat(value)


async def signed_body(request: Request, key: bytes) -> bytes:
    """The very bytes of the request, once their signature holds.

    Raises:
        Refused: not JSON, too large, not signed by the holder of the key, or not signed now.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "NOT_JSON", "send application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            problem = f"a body has at most {BODY_BYTES_MAX} bytes"
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TOO_LARGE", problem)
    sent = request.headers
    try:
        # Real time: a replay is a matter of the wire, not of the business.
        seconds = real_now_us() // MICROSECONDS
        check(key, sent.get("clearline-timestamp"), sent.get("clearline-signature"), bytes(body), seconds)
    except NotSigned as refused:
        problem = "sign timestamp, full stop and body with your key; see the page of this format"
        raise Refused(HTTPStatus.UNAUTHORIZED, refused.problem.value, problem) from refused
    return bytes(body)


async def admit(desk: Desk, name: str) -> None:
    """Let a neighbour's request in, unless there were too many.

    Raises:
        Refused: more than REQUESTS_MAX in REQUESTS_WINDOW_SECONDS.
    """
    if await desk.cache.take(f"source:{name}", REQUESTS_MAX, REQUESTS_WINDOW_SECONDS) < 0:
        problem = f"at most {REQUESTS_MAX} requests in {REQUESTS_WINDOW_SECONDS} s"
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED", problem, REQUESTS_WINDOW_SECONDS)


def as_json(
    told: dict[str, object], status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    """An answer in JSON that nobody keeps."""
    return Response(
        orjson.dumps(told) + b"\n",
        status,
        media_type="application/json",
        headers={"cache-control": "no-store", **(headers or {})},
    )
