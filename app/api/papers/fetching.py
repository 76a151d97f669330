"""Files for one customer alone: by bearer token, counted, kept by nobody on the way, answered in JSON where there is none.

The name of a file is the global id of what it is about, a dot, and its form. Nothing else names it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.api.caller import Customer, bearer, language_of
from app.api.reading.people import caller_of
from app.api.scalars import split_id
from app.domain.refusals import NotFound
from app.flows.unit import Desk

HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: of what, in which forms, how often a customer may fetch it, and what is told where there is none."""

    about: str
    forms: frozenset[str]
    nothing: str
    fetches: int = field(default=60, kw_only=True)
    seconds: int = field(default=600, kw_only=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which file a customer fetches: of what, in which form, and in which language refusals are told."""

    owner: UUID
    key: UUID
    form: str
    language: str


def fetched(
    desk: Desk, kind: Kind, serve: Callable[[Desk, Asked], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a kind of files; `serve` answers who may ask, and raises NotFound where there is nothing."""

    async def fetch(request: Request) -> Response:
        owner = await _who(desk, request, kind)
        if isinstance(owner, Response):
            return owner
        identifier, _, form = request.path_params["name"].partition(".")
        about, key = split_id(identifier) or (None, None)
        if about != kind.about or key is None or form not in kind.forms:
            return refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", kind.nothing)
        language = language_of(request.headers.get("accept-language"))
        try:
            return await serve(desk, Asked(owner, key, form, language))
        except NotFound:
            return refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", kind.nothing)

    return fetch


async def _who(desk: Desk, request: Request, kind: Kind) -> UUID | Response:
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
    if await desk.cache.take(f"file:{kind.about}:{caller.id}", kind.fetches, kind.seconds) < 0:
        answer = refused(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED", "fetch it again in ten minutes")
        answer.headers["retry-after"] = str(kind.seconds)
        return answer
    return caller.id


def refused(status: HTTPStatus, code: str, message: str) -> Response:
    """A refusal in JSON: a code, and a sentence that says what to do."""
    told = orjson.dumps({"code": code, "message": message}) + b"\n"
    return Response(told, status, media_type="application/json", headers={"cache-control": "no-store"})


def saved_as(name: str) -> dict[str, str]:
    """The header by which a browser keeps a file under a name, instead of showing it."""
    return {"content-disposition": f'attachment; filename="{name}"'}
