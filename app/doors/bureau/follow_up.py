"""Asking what became of an inquiry, by its reference alone.

Costs nobody a record: no person is named.

The subject stays here: it only serves to refuse a report about somebody else.
"""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import httpx2

from app.doors.bureau.decoding import ReportMalformed, check_moment, decode, reported_id_number
from app.doors.bureau.line import (
    Answered,
    AnswerTooLarge,
    BureauLine,
    NotRecorded,
    RecordedNoReport,
    Subject,
    Told,
    Unknown,
)


async def follow_up(
    line: BureauLine, reference: UUID, subject: Subject, fields: tuple[str, ...], asked_at: datetime
) -> Answered | RecordedNoReport | NotRecorded | Unknown:
    """What the bureau says of the inquiry with this reference; Unknown when it does not say."""
    try:
        told = await line.say("GET", f"/inquiries/{reference}")
        return _read(told, str(reference), subject, fields, asked_at)
    except httpx2.HTTPError as trouble:
        return Unknown(type(trouble).__name__)
    except AnswerTooLarge:
        return Unknown("ANSWER_TOO_LARGE")
    except ReportMalformed as fault:
        return RecordedNoReport(f"REPORT_MALFORMED:{fault.code}")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Unknown("ANSWER_MALFORMED")


def _read(
    told: Told, reference: str, subject: Subject, fields: tuple[str, ...], asked_at: datetime
) -> Answered | RecordedNoReport | NotRecorded | Unknown:
    answer = told.json()
    match told.status, answer["status"]:
        case HTTPStatus.NOT_FOUND, "NOT_RECORDED" if answer["reference"] == reference:
            return NotRecorded()
        case HTTPStatus.OK, "ANSWERED" if answer["reference"] == reference:
            if reported_id_number(answer["report"]) != subject.id_number:
                return RecordedNoReport("WRONG_SUBJECT")
            file = decode(answer["report"], fields)
            check_moment(file, asked_at)
            return Answered(file)
        case HTTPStatus.OK, "RECORDED_NO_REPORT" if answer["reference"] == reference:
            return RecordedNoReport("NO_REPORT")
    return Unknown(f"HTTP_{told.status}")
