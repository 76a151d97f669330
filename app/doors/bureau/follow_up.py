"""Asking what became of an inquiry, by its reference alone.

Costs nobody a record: no person is named.

The subject stays here: it only serves to refuse a report about somebody else.
"""

from http import HTTPStatus
from uuid import UUID

import httpx2

from app.doors.bureau.decoding import ReportMalformed, decode, reported_id_number
from app.doors.bureau.line import (
    ANSWER_BYTES_MAX,
    Answered,
    BureauLine,
    NotRecorded,
    RecordedNoReport,
    Subject,
    Unknown,
)


async def follow_up(
    line: BureauLine, reference: UUID, subject: Subject, fields: tuple[str, ...]
) -> Answered | RecordedNoReport | NotRecorded | Unknown:
    """What the bureau says of the inquiry with this reference; Unknown when it does not say."""
    try:
        response = await line.http.get(f"/inquiries/{reference}")
        return _read(response, str(reference), subject, fields)
    except httpx2.HTTPError as trouble:
        return Unknown(type(trouble).__name__)
    except ReportMalformed:
        return RecordedNoReport()
    except (ValueError, KeyError, TypeError):
        return Unknown("ANSWER_MALFORMED")


def _read(
    response: httpx2.Response, reference: str, subject: Subject, fields: tuple[str, ...]
) -> Answered | RecordedNoReport | NotRecorded | Unknown:
    if len(response.content) > ANSWER_BYTES_MAX:
        return Unknown("ANSWER_TOO_LARGE")
    answer = response.json()
    match response.status_code, answer["status"]:
        case HTTPStatus.NOT_FOUND, "NOT_RECORDED":
            return NotRecorded()
        case HTTPStatus.OK, "ANSWERED" if answer["reference"] == reference:
            if reported_id_number(answer["report"]) != subject.id_number:
                return RecordedNoReport()
            return Answered(decode(answer["report"], fields))
        case HTTPStatus.OK, "RECORDED_NO_REPORT" if answer["reference"] == reference:
            return RecordedNoReport()
    return Unknown(f"HTTP_{response.status_code}")
