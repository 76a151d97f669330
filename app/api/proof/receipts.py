"""Where a customer fetches the file that proves an inquiry: by bearer token, its owner alone."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from app.api import words
from app.api.caller import Customer, language_of
from app.api.copies.fetching import Limit, refused, who_fetches
from app.api.reading.credit import receipt_file
from app.api.scalars import split_id
from app.domain.proof.standing import ReceiptState
from app.domain.proof.strict import Unproven
from app.domain.refusals import NotFound
from app.doors.keys import WrongKey
from app.flows.ledger.receipts import ReceiptNotReady
from app.flows.unit import Desk

RECEIPTS_PATH = "/receipts/{name}"
_LIMIT = Limit("receipt", fetches=60, seconds=600)
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


def receipts(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of receipts."""

    async def fetch(request: Request) -> Response:
        caller = await who_fetches(desk, request, _LIMIT)
        return caller if isinstance(caller, Response) else await _served(desk, caller, request)

    return fetch


async def _served(desk: Desk, caller: Customer, request: Request) -> Response:
    identifier, _, form = request.path_params["name"].rpartition(".")
    parts = split_id(identifier)
    if parts is None or parts[0] != "Inquiry" or form != "json":
        return _not_found()
    try:
        data = await receipt_file(desk, caller.id, parts[1])
    except NotFound:
        return _not_found()
    except ReceiptNotReady as not_ready:
        language = language_of(request.headers.get("accept-language"))
        gone = not_ready.state is ReceiptState.ERASED
        status = HTTPStatus.GONE if gone else HTTPStatus.CONFLICT
        return refused(status, not_ready.state.value, words.say(language, "receipt", not_ready.state.value))
    except (Unproven, WrongKey):
        told = "this record does not fit the log any more: keep the files that you have, and tell us"
        return refused(HTTPStatus.INTERNAL_SERVER_ERROR, "RECORD_DAMAGED", told)
    name = f'attachment; filename="receipt-{parts[1]}.json"'
    return Response(data, media_type="application/json", headers={**_HEADERS, "content-disposition": name})


def _not_found() -> Response:
    return refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", "no such inquiry of yours: viewer.inquiries lists them")
