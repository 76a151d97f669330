"""The only room whose use can cost a customer a record. It has exactly one caller and takes nothing but a permit."""

from datetime import datetime
from http import HTTPStatus

import httpx2

from app.domain.consent.permit import Permit
from app.domain.proof.strict import to_base64
from app.doors.bureau.decoding import ReportMalformed, decode, reported_id_number
from app.doors.bureau.line import (
    ANSWER_BYTES_MAX,
    Answered,
    BureauLine,
    NotSent,
    ProvenIntent,
    Refused,
    Subject,
    Unknown,
    wire_time,
)

_NEVER_LEFT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class PermitDead(Exception):
    """The permit's 30 minutes are over: the door stays shut."""


async def inquire(
    line: BureauLine, permit: Permit, subject: Subject, intent: ProvenIntent, now: datetime
) -> Answered | Refused | NotSent | Unknown:
    """Knock once, with the proof of the intent. The caller has committed the attempt; nothing is repeated by itself.

    Raises:
        PermitDead: the permit has expired; no byte was sent.
    """
    if not permit.alive(now):
        raise PermitDead
    body = {
        "reference": str(permit.inquiry_id),
        "institution": line.institution,
        "purpose": permit.purpose.value,
        "reasonCode": permit.purpose.reason_code,
        "subject": {"name": subject.name, "idNumber": subject.id_number},
        "consent": {"id": str(permit.consent_id), "sha256": permit.consent_sha256},
        "permit": {"id": str(permit.id), "expiresAt": wire_time(permit.expires_at)},
        "fields": list(permit.fields),
        "requestedAt": wire_time(now),
        "intent": {
            "record": dict(intent.record),
            "salt": to_base64(intent.salt),
            "previousIndex": intent.previous,
            "proof": intent.proof,
        },
    }
    try:
        response = await line.http.post("/inquiries", json=body)
    except _NEVER_LEFT:
        return NotSent()
    except httpx2.HTTPError as trouble:
        return Unknown(type(trouble).__name__)
    return _read(response, permit, subject)


def _read(response: httpx2.Response, permit: Permit, subject: Subject) -> Answered | Refused | Unknown:
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or len(response.content) > ANSWER_BYTES_MAX:
        return Unknown(f"HTTP_{response.status_code}")
    try:
        answer = response.json()
        if response.status_code != HTTPStatus.OK:
            refused = response.status_code >= HTTPStatus.BAD_REQUEST
            return Refused(str(answer["code"])[:64]) if refused else Unknown(f"HTTP_{response.status_code}")
        if answer["reference"] != str(permit.inquiry_id):
            return Unknown("WRONG_REFERENCE")
        if answer["status"] != "ANSWERED":
            return Unknown("NO_REPORT")
        if reported_id_number(answer["report"]) != subject.id_number:
            return Unknown("WRONG_SUBJECT")
        return Answered(decode(answer["report"], permit.fields))
    except ReportMalformed:
        return Unknown("REPORT_MALFORMED")
    except (ValueError, KeyError, TypeError):
        return Unknown("ANSWER_MALFORMED")
