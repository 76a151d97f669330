"""Whatever a stranger calls a report: a file of the allowed fields, or a fault that names a code and no value."""

import copy
import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.consent.permit import Permit, reopen_permit
from app.domain.consent.purpose import InquiryPurpose
from app.domain.deciding.bureau_file import BureauFile
from app.doors.bureau import follow_up, inquire
from app.doors.bureau.decoding import ReportMalformed, check_moment, decode
from app.doors.bureau.line import ANSWER_BYTES_MAX, Answered, RecordedNoReport, Refused, Subject, Unknown
from app.doors.whole import Told
from tests.domain.consent.test_permit import LIVE
from tests.doors.test_bureau_decoding import report
from tests.needs import LONG
from tests.sims.outsiders import GROUPS, NAME, id_number

GOOD = {sequence: report(id_number(sequence)) for sequence in ("001", "002", "003")}
MORE = 50 if LONG else 1
SIMPLE = {"int", "bool", "str", "datetime", "NoneType"}
ASKED = datetime(2026, 3, 2, 2, tzinfo=UTC)
REFERENCE = UUID("0190d0f4-7b1c-7cc0-8a52-0d6f3a5b9e01")
SUBJECT = Subject(NAME, id_number("001"))

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["N" * 24, "2026-02", "R2"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)


def places(value: Any) -> list[list[Any]]:
    """Every way down into a report."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [[step, *rest] for step, inner in steps for rest in ([], *places(inner))]


PLACES = {sequence: places(told) for sequence, told in GOOD.items()}
KNOWN = {str(step) for ways in PLACES.values() for way in ways for step in way} | {"PF03", "PC02HS02", "PG010H"}


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A report of which some places hold something else, or nothing."""
    sequence = draw(st.sampled_from(sorted(GOOD)))
    told = copy.deepcopy(GOOD[sequence])
    for way in draw(st.lists(st.sampled_from(PLACES[sequence]), min_size=1, max_size=3)):
        inner: Any = told
        for step in way[:-1]:
            inner = inner[step] if isinstance(inner, dict | list) and _has(inner, step) else {}
        if isinstance(inner, dict | list) and _has(inner, way[-1]):
            if draw(st.booleans()):
                inner[way[-1]] = draw(JSON)
            else:
                del inner[way[-1]]
    return told


def _has(inner: dict[Any, Any] | list[Any], step: Any) -> bool:
    return step in inner if isinstance(inner, dict) else isinstance(step, int) and step < len(inner)


def permit() -> Permit:
    return reopen_permit(LIVE, InquiryPurpose.FIRST_APPLICATION, REFERENCE, REFERENCE, ASKED + timedelta(minutes=30))


def read(told: dict[str, Any], asked: datetime | None = None) -> BureauFile | ReportMalformed:
    """The file, or the fault."""
    try:
        file = decode(told, GROUPS)
        check_moment(file, asked or file.reported_at)
    except ReportMalformed as fault:
        return fault
    return file


@settings(max_examples=60 * MORE, deadline=None)
@given(spoilt())
def test_a_spoilt_report_is_a_file_or_a_fault_that_names_a_code(told: dict[str, Any]) -> None:
    found = read(told)
    if isinstance(found, ReportMalformed):
        assert found.code in KNOWN
        assert str(found) == f"bureau report: field {found.code} is missing or malformed"
        assert found.__context__ is None
    else:
        assert all(type(getattr(found, one.name)).__name__ in SIMPLE for one in fields(BureauFile))


@settings(max_examples=50 * MORE, deadline=None)
@given(spoilt() | JSON, st.sampled_from([200, 201, 302, 400, 404, 409, 422, 499]), st.booleans())
def test_whatever_is_answered_is_read_without_a_fault_of_ours(told: Any, status: int, whole: bool) -> None:
    answer = {"reference": str(REFERENCE), "status": "ANSWERED", "report": told} if whole else told
    body = json.dumps(answer).encode()
    asked = inquire._read(Told(status, body), permit(), SUBJECT, ASKED, "CLEARLINE")
    assert isinstance(asked, Answered | Refused | Unknown)
    if not isinstance(asked, Answered):
        assert len(getattr(asked, "why", "") + getattr(asked, "code", "")) <= 64


class Line:
    """A line on which somebody says this, and nothing else."""

    institution = "CLEARLINE"

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.told = Told(status, body)

    async def say(self, *_: object) -> Told:
        return self.told


NEST = b"[" * (ANSWER_BYTES_MAX // 2)


@pytest.mark.parametrize(
    "body",
    [
        NEST,
        b'{"report":' * 20_000,
        b"\xff\xfe\x00",
        b"",
        b"null",
        b"[]",
        b'"ANSWERED"',
        b"1" * 9_000,
    ],
)
async def test_what_is_no_answer_by_reference_leaves_the_inquiry_open(body: bytes) -> None:
    told = await follow_up.follow_up(Line(body), REFERENCE, SUBJECT, tuple(GROUPS), ASKED)  # type: ignore[arg-type]
    assert told == Unknown("ANSWER_MALFORMED")
    assert inquire._read(Told(200, body), permit(), SUBJECT, ASKED, "CLEARLINE") == Unknown("ANSWER_MALFORMED")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"code":"SUBJECT_NOT_MATCHED"}', Refused("SUBJECT_NOT_MATCHED")),
        (b'{"code":"REFERENCE_REUSED"}', Unknown("REFERENCE_REUSED")),
        (b'{"code":"a name of somebody"}', Unknown("ANSWER_MALFORMED")),
        (b'{"code":"X\\u0000"}', Unknown("ANSWER_MALFORMED")),
        (b'{"code":["X"]}', Unknown("ANSWER_MALFORMED")),
        (b"<html>", Unknown("ANSWER_MALFORMED")),
    ],
)
def test_a_refusal_counts_only_when_its_word_is_one(body: bytes, answer: object) -> None:
    assert inquire._read(Told(409, body), permit(), SUBJECT, ASKED, "CLEARLINE") == answer


@pytest.mark.parametrize(("shift", "fits"), [(0, True), (-23, True), (-25, False), (24 * 4, True), (24 * 6, False)])
def test_a_report_is_of_the_days_of_its_question(shift: int, fits: bool) -> None:
    found = read(GOOD["001"], ASKED - timedelta(hours=shift))
    assert isinstance(found, BureauFile) == fits
    assert getattr(found, "code", "PA01AR01") == "PA01AR01"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-12:00"])
def test_a_moment_at_the_end_of_the_calendar_is_a_fault_of_the_report(moment: str) -> None:
    found = read({**GOOD["001"], "PA01": {**GOOD["001"]["PA01"], "PA01AR01": moment}})
    assert getattr(found, "code", None) == "PA01AR01"


RECORD = {"n": 2, "reference": "r", "purpose": "p", "recordedAt": "2026-03-02T10:00:00+08:00", "idNumber": "99"}


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ({"records": [], "next": 5}, "FILE_TURNS_BACK"),
        ({"records": [RECORD, RECORD], "next": None}, "FILE_TURNS_BACK"),
        ({"records": [{**RECORD, "n": 1}], "next": 7}, "FILE_TURNS_BACK"),
        ({"records": [RECORD], "next": 1}, "FILE_TURNS_BACK"),
        ({"records": [RECORD], "next": float("inf")}, "FILE_MALFORMED"),
        ({"records": [{**RECORD, "recordedAt": "0001-01-01T00:00:00+23:59"}], "next": None}, "FILE_MALFORMED"),
        ({"records": [{**RECORD, "reference": "\ud800"}], "next": None}, "FILE_MALFORMED"),
        ({"records": [{**RECORD, "purpose": "\0"}], "next": None}, "FILE_MALFORMED"),
    ],
)
async def test_a_file_of_records_goes_on_and_holds_records_or_is_no_file(page: Any, why: str) -> None:
    line: Any = Line(json.dumps(page).encode())
    line.institution = "CLEARLINE"
    with pytest.raises(follow_up.BureauAway, match=why):
        await follow_up.query_records(line, 1)
    line.told = Told(200, json.dumps({"records": [RECORD], "next": 2}).encode())
    assert (await follow_up.query_records(line, 1)).following == 2


async def test_a_report_of_somebody_else_is_no_answer_by_reference() -> None:
    body = json.dumps({"reference": str(REFERENCE), "status": "ANSWERED", "report": GOOD["002"]}).encode()
    told = await follow_up.follow_up(Line(body), REFERENCE, SUBJECT, tuple(GROUPS), ASKED)  # type: ignore[arg-type]
    assert told == RecordedNoReport("WRONG_SUBJECT")
