"""Where a customer fetches the copy of all own data: by bearer token, streamed, and kept by nobody on the way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.api.caller import Customer, bearer, language_of
from app.api.copies.as_json import as_json
from app.api.copies.as_page import as_page
from app.api.reading.people import caller_of
from app.api.reading.rights import copy_pages
from app.api.scalars import encode_id, split_id
from app.domain.refusals import NotFound, StillWorking
from app.flows.unit import Desk

COPIES_PATH = "/copies/{name}"
FETCHES_MAX = 20
FETCHES_WINDOW_SECONDS = 600
FORMS = {"json": ("application/json", as_json), "html": ("text/html; charset=utf-8", as_page)}
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "x-accel-buffering": "no",
}


def copies(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of copies."""

    async def fetch(request: Request) -> Response:
        if request.method != "GET":  # a HEAD comes with GET, and would be on record as a fetching
            return _refused(HTTPStatus.METHOD_NOT_ALLOWED, "GET_ONLY", "a copy is fetched by GET")
        token = bearer(request.headers.get("authorization"))
        caller = await caller_of(token) if token is not None else None
        if caller is None:
            return _refused(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "send the customer's token: Bearer …")
        if not isinstance(caller, Customer):
            return _refused(HTTPStatus.FORBIDDEN, "FORBIDDEN", "a copy is for the customer alone")
        if await desk.cache.take(f"copy:{caller.id}", FETCHES_MAX, FETCHES_WINDOW_SECONDS) < 0:
            return _refused(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED", "fetch it again in ten minutes")
        return await _served(desk, caller, request)

    return fetch


async def _served(desk: Desk, caller: Customer, request: Request) -> Response:
    identifier, _, form = request.path_params["name"].rpartition(".")
    language = language_of(request.headers.get("accept-language"))
    parts = split_id(identifier)
    if parts is None or parts[0] != "DataRequest" or form not in FORMS:
        return _not_found()
    try:
        pages = await copy_pages(desk, caller.id, parts[1], form, language)
    except NotFound:
        return _not_found()
    except StillWorking:
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "STILL_WORKING", "busy; fetch it again in a second")
    kind, write = FORMS[form]
    made_at = await desk.refresh_clock()
    body: AsyncIterator[str] = write(pages, encode_id("Customer", caller.id), made_at, language)
    name = f'attachment; filename="my-data.{form}"' if form == "json" else "inline"
    return StreamingResponse(body, media_type=kind, headers={**HEADERS, "content-disposition": name})


def _not_found() -> Response:
    problem = "no such copy of yours, or its time is over: ask for a new one by requestMyData"
    return _refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", problem)


def _refused(status: HTTPStatus, code: str, message: str) -> Response:
    headers = {"cache-control": "no-store"}
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["retry-after"] = str(FETCHES_WINDOW_SECONDS)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["allow"] = "GET"
    told = orjson.dumps({"code": code, "message": message}) + b"\n"
    return Response(told, status, media_type="application/json", headers=headers)
