"""Where a customer fetches the copy of all own data: by bearer token, streamed, and kept by nobody on the way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.api.caller import Customer, language_of
from app.api.copies.as_json import as_json
from app.api.copies.as_page import as_page
from app.api.copies.fetching import Limit, refused, who_fetches
from app.api.reading.rights import copy_pages
from app.api.scalars import encode_id, split_id
from app.domain.refusals import NotFound, StillWorking
from app.flows.unit import Desk

COPIES_PATH = "/copies/{name}"
_LIMIT = Limit("copy", fetches=20, seconds=600)
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
        caller = await who_fetches(desk, request, _LIMIT)
        return caller if isinstance(caller, Response) else await _served(desk, caller, request)

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
        return refused(HTTPStatus.SERVICE_UNAVAILABLE, "STILL_WORKING", "busy; fetch it again in a second")
    kind, write = FORMS[form]
    made_at = await desk.refresh_clock()
    body: AsyncIterator[str] = write(pages, encode_id("Customer", caller.id), made_at, language)
    name = f'attachment; filename="my-data.{form}"' if form == "json" else "inline"
    return StreamingResponse(body, media_type=kind, headers={**HEADERS, "content-disposition": name})


def _not_found() -> Response:
    problem = "no such copy of yours, or its time is over: ask for a new one by requestMyData"
    return refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", problem)
