"""Where a customer fetches the certificate of a settled loan as a file."""

from http import HTTPStatus

from starlette.responses import Response

from app.api.papers.fetching import HEADERS, Asked, Kind, refused, saved_as
from app.domain.refusals import LoanNotSettled
from app.flows.days.certificates import LANGUAGES, certificate_of
from app.flows.unit import Desk

CERTIFICATES_PATH = "/certificates/{name}"
_FORM = ".txt"
CERTIFICATES = Kind("Loan", frozenset(f"{language}{_FORM}" for language in LANGUAGES), "no such loan of yours")


async def certificate(desk: Desk, asked: Asked) -> Response:
    """The certificate in the language of its form."""
    language = asked.form.removesuffix(_FORM)
    try:
        found = await certificate_of(desk, asked.owner, asked.key, language)
    except LoanNotSettled:
        return refused(HTTPStatus.CONFLICT, "LOAN_NOT_SETTLED", "pay off what is owed, then fetch it again")
    headers = {**HEADERS, **saved_as(f"settlement.{language}.txt"), "etag": f'"{found.sha256}"'}
    return Response(found.text.encode(), media_type="text/plain; charset=utf-8", headers=headers)
