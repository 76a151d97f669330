"""Asking what became of an inquiry, by its reference alone, and for the records that the bureau holds under our name.

Costs nobody a record: no person is named.

The subject stays here: it only serves to refuse a report about somebody else.
"""

from dataclasses import dataclass
from datetime import datetime
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

RECORDS_PAGE = 500
REFERENCE_MAX = 64


class BureauAway(Exception):
    """The bureau does not show its records, or not in their format; `why` names no person."""


@dataclass(frozen=True, slots=True, repr=False)
class QueryRecord:
    """One record that the bureau holds under our name, with the number of the person whom it is about."""

    reference: str
    purpose: str
    recorded_at: datetime
    id_number: str


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """Records in the order in which they were made; `following` is where the next page begins, None at the end."""

    records: tuple[QueryRecord, ...]
    following: int | None


async def query_records(line: BureauLine, after: int) -> RecordsPage:
    """A page of the file that the bureau makes for an institution about its own inquiries; no person is asked about.

    Raises:
        BureauAway: it is not to be had.
    """
    asked = {"institution": line.institution, "after": after, "limit": RECORDS_PAGE}
    try:
        response = await line.http.post("/records/file", json=asked)
        if response.status_code != HTTPStatus.OK or len(response.content) > ANSWER_BYTES_MAX:
            raise BureauAway(f"HTTP_{response.status_code}")
        told = response.json()
        records = tuple(_record(one) for one in told["records"])
        following = int(told["next"]) if told["next"] is not None else None
    except httpx2.HTTPError as trouble:
        raise BureauAway(type(trouble).__name__) from None
    except (ValueError, KeyError, TypeError):
        raise BureauAway("FILE_MALFORMED") from None
    if following is not None and following <= after:
        raise BureauAway("FILE_TURNS_BACK")
    return RecordsPage(records, following)


def _record(told: dict[str, object]) -> QueryRecord:
    texts = [told[name] for name in ("reference", "purpose", "recordedAt", "idNumber")]
    reference, purpose, recorded_at, id_number = (text if isinstance(text, str) else "" for text in texts)
    moment = datetime.fromisoformat(recorded_at)
    if not (0 < len(reference) <= REFERENCE_MAX and purpose and id_number and moment.tzinfo):
        raise ValueError("not a query record")
    return QueryRecord(reference, purpose, moment, id_number)


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
