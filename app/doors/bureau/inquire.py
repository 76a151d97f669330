"""The only room whose use can cost a customer a record. It has exactly one caller and takes nothing but a permit."""

import re
from datetime import datetime
from http import HTTPStatus

import httpx2

from app.domain.consent.permit import Permit
from app.domain.proof.strict import to_base64
from app.doors.bureau.decoding import ReportMalformed, check_moment, decode, own_queries, reported_id_number
from app.doors.bureau.line import (
    Answered,
    BureauLine,
    NotSent,
    ProvenIntent,
    Refused,
    Subject,
    Unknown,
    wire_time,
)
from app.doors.whole import AnswerTooLarge, Told

REFERENCE_REUSED = "REFERENCE_REUSED"  # the bureau has a record of this reference, so nothing was refused

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
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
            "subjectSalt": to_base64(intent.subject_salt),
            "previousIndex": intent.previous,
            "proof": intent.proof,
        },
    }
    try:
        told = await line.say("POST", "/inquiries", body)
    except _NEVER_LEFT:
        return NotSent()
    except AnswerTooLarge:
        return Unknown("ANSWER_TOO_LARGE")
    except httpx2.HTTPError as trouble:
        return Unknown(type(trouble).__name__)
    return _read(told, permit, subject, now, line.institution)


def _read(
    told: Told, permit: Permit, subject: Subject, now: datetime, institution: str
) -> Answered | Refused | Unknown:
    if told.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unknown(f"HTTP_{told.status}")
    try:
        answer = told.json()
        if told.status != HTTPStatus.OK:
            return _refused(told.status, answer["code"])
        if answer["reference"] != str(permit.inquiry_id):
            return Unknown("WRONG_REFERENCE")
        if answer["status"] != "ANSWERED":
            return Unknown("NO_REPORT")
        if reported_id_number(answer["report"]) != subject.id_number:
            return Unknown("WRONG_SUBJECT")
        file = decode(answer["report"], permit.fields)
        check_moment(file, now)
        return Answered(file, own_queries(answer["report"], institution))
    except ReportMalformed as fault:
        return Unknown(f"REPORT_MALFORMED:{fault.code}")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Unknown("ANSWER_MALFORMED")


def _refused(status: int, code: object) -> Refused | Unknown:
    """What a status other than 200 says; its word is kept only when it is one."""
    if status < HTTPStatus.BAD_REQUEST:
        return Unknown(f"HTTP_{status}")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return Unknown("ANSWER_MALFORMED")
    return Unknown(code) if code == REFERENCE_REUSED else Refused(code)
