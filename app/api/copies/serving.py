"""Where a customer fetches the copy of all own data, streamed."""

from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.responses import Response, StreamingResponse

from app.api.copies.as_json import as_json
from app.api.copies.as_page import as_page
from app.api.papers.fetching import HEADERS, Asked, Kind, refused, saved_as
from app.api.reading.rights import copy_pages
from app.api.scalars import encode_id
from app.domain.refusals import StillWorking
from app.flows.unit import Desk

COPIES_PATH = "/copies/{name}"
FORMS = {"json": ("application/json", as_json), "html": ("text/html; charset=utf-8", as_page)}
COPIES = Kind(
    "DataRequest",
    frozenset(FORMS),
    "no such copy of yours, or its time is over: ask for a new one by requestMyData",
    fetches=20,
)
_HEADERS = {
    **HEADERS,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "x-accel-buffering": "no",
}


async def copy(desk: Desk, asked: Asked) -> Response:
    """The copy in its form, section by section."""
    try:
        pages = await copy_pages(desk, asked.owner, asked.key, asked.form, asked.language)
    except StillWorking:
        return refused(HTTPStatus.SERVICE_UNAVAILABLE, "STILL_WORKING", "busy; fetch it again in a second")
    media_type, write = FORMS[asked.form]
    made_at = await desk.refresh_clock()
    body: AsyncIterator[str] = write(pages, encode_id("Customer", asked.owner), made_at, asked.language)
    shown = saved_as("my-data.json") if asked.form == "json" else {"content-disposition": "inline"}
    return StreamingResponse(body, media_type=media_type, headers={**_HEADERS, **shown})
