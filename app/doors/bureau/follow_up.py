"""Asking what became of an inquiry, by its reference alone, and for the records that the bureau holds under our name.

Costs nobody a record: no person is named.

The subject stays here: it only serves to refuse a report about somebody else.
"""

from dataclasses import dataclass
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
        answer = await line.say("POST", "/records/file", asked)
        if answer.status != HTTPStatus.OK:
            raise BureauAway(f"HTTP_{answer.status}")
        told = answer.json()
        records = tuple(_record(one) for one in told["records"])
        following = int(told["next"]) if told["next"] is not None else None
    except (httpx2.HTTPError, AnswerTooLarge) as trouble:
        raise BureauAway(type(trouble).__name__) from None
    except (ValueError, KeyError, TypeError, AttributeError):
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
