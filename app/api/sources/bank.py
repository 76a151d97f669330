"""Where the bank tells of payments: signed notices, one at a time, answered with what came of them."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from app.api.scalars import split_id
from app.api.sources.wire import Refused, Strict, admit, as_json, day_of, signed_body
from app.domain.money import Money
from app.domain.refusals import IdempotencyConflict, StillWorking
from app.flows.payments.banking import Notice, Told, take_notice
from app.flows.unit import Desk

BANK_PATH = "/bank/notices"
AMOUNT_MINOR_MAX = 10**13
NAME = r"^[A-Za-z0-9._:-]{1,64}$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
GlobalId = Annotated[str, StringConstraints(max_length=100)]


class NoticeBody(Strict):
    """A notice as it is sent. `subject` is the customer's global id, `loan` a loan's, amounts are fen."""

    schema_id: Annotated[Literal["clearline-bank-notice/1"], Field(alias="schema")]
    notice_id: Name
    kind: Annotated[Told, BeforeValidator(Told)]
    reference: Name
    subject: GlobalId
    loan: GlobalId | None = None
    amount_minor: Annotated[int, Field(ge=1, le=AMOUNT_MINOR_MAX)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    value_on: Annotated[date, BeforeValidator(day_of)]


def bank(desk: Desk, key: bytes) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint for the bank that has this key."""

    async def notices(request: Request) -> Response:
        try:
            body = await signed_body(request, key)
            await admit(desk, "BANK")
            outcome = await take_notice(desk, _notice(body))
        except Refused as refused:
            return refused.answer()
        except IdempotencyConflict:
            problem = "this noticeId was used for other bytes; nothing was taken"
            return Refused(HTTPStatus.CONFLICT, "NOTICE_REUSED", problem).answer()
        except StillWorking as busy:
            problem = "busy; send the same notice again"
            wait = busy.retry_after_seconds
            return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "STILL_WORKING", problem, wait).answer()
        return as_json({"schema": "clearline-bank-answer/1", "outcome": outcome.value})

    return notices


def _notice(body: bytes) -> Notice:
    try:
        sent = NoticeBody.model_validate_json(body)
    except ValidationError as error:
        places = sorted({".".join(str(part) for part in one["loc"][:1]) or "body" for one in error.errors()})
        raise Refused(HTTPStatus.BAD_REQUEST, "MALFORMED", "does not fit: " + ", ".join(places)) from None
    return Notice(
        notice_id=sent.notice_id,
        told=sent.kind,
        reference=sent.reference,
        amount=Money(sent.amount_minor, sent.currency),
        value_on=sent.value_on,
        sha256=hashlib.sha256(body).digest(),
        customer_id=_key(sent.subject, "Customer", "subject"),
        loan_id=_key(sent.loan, "Loan", "loan") if sent.loan is not None else None,
    )


def _key(text: str, kind: str, place: str) -> UUID:
    parts = split_id(text)
    if parts is None or parts[0] != kind:
        raise Refused(HTTPStatus.BAD_REQUEST, "MALFORMED", f"does not fit: {place}")
    return parts[1]
