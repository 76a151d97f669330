"""Where a customer fetches the certificate of a settled loan as a file: by bearer token, kept by nobody on the way."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.api.caller import Customer, bearer
from app.api.reading.people import caller_of
from app.api.scalars import split_id
from app.domain.refusals import LoanNotSettled, NotFound
from app.flows.days.certificates import LANGUAGES, certificate_of
from app.flows.unit import Desk

CERTIFICATES_PATH = "/certificates/{name}"
FETCHES_MAX = 60
FETCHES_WINDOW_SECONDS = 600
_FORM = ".txt"


def certificates(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of certificates."""

    async def fetch(request: Request) -> Response:
        token = bearer(request.headers.get("authorization"))
        caller = await caller_of(token) if token is not None else None
        if caller is None:
            return _refused(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "send the customer's token: Bearer …")
        if not isinstance(caller, Customer):
            return _refused(HTTPStatus.FORBIDDEN, "FORBIDDEN", "a certificate is for the customer alone")
        if await desk.cache.take(f"certificate:{caller.id}", FETCHES_MAX, FETCHES_WINDOW_SECONDS) < 0:
            return _refused(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED", "fetch it again in ten minutes")
        return await _served(desk, caller, request.path_params["name"])

    return fetch


async def _served(desk: Desk, caller: Customer, name: str) -> Response:
    identifier, _, language = name.removesuffix(_FORM).rpartition(".")
    parts = split_id(identifier)
    if not name.endswith(_FORM) or parts is None or parts[0] != "Loan" or language not in LANGUAGES:
        return _refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", "no such loan of yours")
    try:
        certificate = await certificate_of(desk, caller.id, parts[1], language)
    except NotFound:
        return _refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", "no such loan of yours")
    except LoanNotSettled:
        return _refused(HTTPStatus.CONFLICT, "LOAN_NOT_SETTLED", "pay off what is owed, then fetch it again")
    headers = {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-disposition": f'attachment; filename="settlement.{language}.txt"',
        "etag": f'"{certificate.sha256}"',
    }
    return Response(certificate.text.encode(), media_type="text/plain; charset=utf-8", headers=headers)


def _refused(status: HTTPStatus, code: str, message: str) -> Response:
    headers = {"cache-control": "no-store"}
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["retry-after"] = str(FETCHES_WINDOW_SECONDS)
    told = orjson.dumps({"code": code, "message": message}) + b"\n"
    return Response(told, status, media_type="application/json", headers=headers)
