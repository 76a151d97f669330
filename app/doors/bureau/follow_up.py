"""Asking what became of an inquiry, by its reference alone, and for the records that the bureau holds under our name.

Costs nobody a record: no person is named.

The subject stays here: it only serves to refuse a report about somebody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import pairwise
from uuid import UUID

import httpx2

from app.doors.bureau.decoding import (
    ReportMalformed,
    check_moment,
    decode,
    moment_of,
    own_queries,
    reported_id_number,
)
from app.doors.bureau.line import (
    Answered,
    BureauLine,
    NotRecorded,
    RecordedNoReport,
    Subject,
    Unknown,
)
from app.doors.whole import AnswerTooLarge, Told

RECORDS_PAGE = 500
WORD_MAX = 64


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
        records, places = (
            tuple(_record(one) for one in told["records"]),
            [_place(one["n"]) for one in told["records"]],
        )
        following = _place(told["next"]) if told["next"] is not None else None
    except (httpx2.HTTPError, AnswerTooLarge) as trouble:
        raise BureauAway(type(trouble).__name__) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BureauAway("FILE_MALFORMED") from None
    _must_go_on(after, places, following)
    return RecordsPage(records, following)


def _record(told: dict[str, object]) -> QueryRecord:
    reference, purpose, id_number = (_word(told[name]) for name in ("reference", "purpose", "idNumber"))
    return QueryRecord(reference, purpose, moment_of(_word(told["recordedAt"])), id_number)


def _word(told: object) -> str:
    if not (isinstance(told, str) and 0 < len(told) <= WORD_MAX and told.isascii() and told.isprintable()):
        raise ValueError("not a word of a query record")
    return told


def _place(told: object) -> int:
    if type(told) is not int:
        raise ValueError("not a place in the file")
    return told


def _must_go_on(after: int, places: Sequence[int], following: int | None) -> None:
    """Each record has a place of its own, further on than all before it: a page told again is no second record.

    Raises:
        BureauAway: the file turns back, or promises more without telling anything.
    """
    path = [after, *places]
    forward = all(earlier < later for earlier, later in pairwise(path))
    if not forward or (following is not None and not (places and following >= places[-1])):
        raise BureauAway("FILE_TURNS_BACK")


async def follow_up(
    line: BureauLine, reference: UUID, subject: Subject, fields: tuple[str, ...], asked_at: datetime
) -> Answered | RecordedNoReport | NotRecorded | Unknown:
    """What the bureau says of the inquiry with this reference; Unknown when it does not say."""
    try:
        told = await line.say("GET", f"/inquiries/{reference}")
        return _read(told, str(reference), subject, fields, asked_at, line.institution)
    except httpx2.HTTPError as trouble:
        return Unknown(type(trouble).__name__)
    except AnswerTooLarge:
        return Unknown("ANSWER_TOO_LARGE")
    except ReportMalformed as fault:
        return RecordedNoReport(f"REPORT_MALFORMED:{fault.code}")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Unknown("ANSWER_MALFORMED")


def _read(
    told: Told, reference: str, subject: Subject, fields: tuple[str, ...], asked_at: datetime, institution: str
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
            return Answered(file, own_queries(answer["report"], institution))
        case HTTPStatus.OK, "RECORDED_NO_REPORT" if answer["reference"] == reference:
            return RecordedNoReport("NO_REPORT")
    return Unknown(f"HTTP_{told.status}")
