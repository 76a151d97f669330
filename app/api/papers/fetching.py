"""Files for one customer alone: by bearer token, counted, answered in JSON where there is none."""

from dataclasses import dataclass
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.api.caller import Customer, bearer
from app.api.reading.people import caller_of
from app.flows.unit import Desk


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a customer may fetch files of a kind within so many seconds."""

    kind: str
    fetches: int
    seconds: int


async def who_fetches(desk: Desk, request: Request, limit: Limit) -> Customer | Response:
    """The customer who fetches, or the answer that it is nobody who may."""
    if request.method != "GET":  # a HEAD comes with GET, and would count as a fetching
        answer = refused(HTTPStatus.METHOD_NOT_ALLOWED, "GET_ONLY", "this is fetched by GET")
        answer.headers["allow"] = "GET"
        return answer
    token = bearer(request.headers.get("authorization"))
    caller = await caller_of(token) if token is not None else None
    if caller is None:
        return refused(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "send the customer's token: Bearer …")
    if not isinstance(caller, Customer):
        return refused(HTTPStatus.FORBIDDEN, "FORBIDDEN", "this is for the customer alone")
    if await desk.cache.take(f"{limit.kind}:{caller.id}", limit.fetches, limit.seconds) < 0:
        answer = refused(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED", "fetch it again in ten minutes")
        answer.headers["retry-after"] = str(limit.seconds)
        return answer
    return caller


def refused(status: HTTPStatus, code: str, message: str, **facts: str) -> Response:
    """A refusal in JSON: a code, and a sentence that says what to do."""
    told = orjson.dumps({"code": code, "message": message, **facts}) + b"\n"
    return Response(told, status, media_type="application/json", headers={"cache-control": "no-store"})
