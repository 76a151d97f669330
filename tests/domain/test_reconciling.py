"""Our inquiries beside the bureau's records: each pair of what the one and the other knows, and what comes of it."""

from datetime import datetime, timedelta

import pytest

from app.domain.calendar import BUSINESS_ZONE
from app.domain.consent.inquiry import InquiryState
from app.domain.consent.reconciling import Match, Ours, Result, Settlement, Theirs, compare

NOW = datetime(2026, 3, 2, 12, tzinfo=BUSINESS_ZONE)
TRIED = NOW - timedelta(hours=2)
RECORD = Theirs("a", "FIRST_APPLICATION", TRIED)
S = InquiryState


def ours(state: InquiryState, *, closed: bool = False, tried_at: datetime | None = TRIED) -> Ours:
    return Ours(state, closed, "FIRST_APPLICATION", tried_at)


@pytest.mark.parametrize(
    ("state", "closed", "match", "settlement"),
    [
        (S.ANSWERED, True, Match.MATCHED, None),
        (S.RECORDED_NO_REPORT, False, Match.MATCHED, None),
        (S.DISPUTED, True, Match.MATCHED, None),
        (S.SENDING, False, Match.MATCHED, None),
        (S.UNKNOWN, False, Match.MATCHED, Settlement.RECORDED),
        (S.REFUSED_BY_BUREAU, True, Match.BUREAU_ONLY, None),
        (S.NOT_RECORDED, True, Match.BUREAU_ONLY, None),
        (S.NOT_SENT, True, Match.BUREAU_ONLY, None),
        (S.INTENT_PENDING, True, Match.BUREAU_ONLY, None),
    ],
)
def test_a_record_beside_each_state(
    state: InquiryState, closed: bool, match: Match, settlement: Settlement | None
) -> None:
    assert compare([RECORD], {"a": ours(state, closed=closed)}, [], NOW) == [Result("a", match, RECORD, settlement)]


def test_what_may_still_be_sent_again_is_left_alone() -> None:
    assert compare([RECORD], {"a": ours(S.NOT_RECORDED)}, [], NOW) == []


def test_a_record_that_nobody_announced() -> None:
    assert compare([RECORD], {}, [], NOW) == [Result("a", Match.BUREAU_ONLY, RECORD)]


@pytest.mark.parametrize(
    ("theirs", "match"),
    [
        ([RECORD, RECORD], Match.DUPLICATE),
        ([Theirs("a", "LIMIT_INCREASE", TRIED)], Match.PURPOSE_MISMATCH),
        ([Theirs("a", "FIRST_APPLICATION", TRIED + timedelta(minutes=61))], Match.TIME_SKEW),
        ([Theirs("a", "FIRST_APPLICATION", TRIED + timedelta(minutes=60))], Match.MATCHED),
    ],
)
def test_records_that_tell_another_story(theirs: list[Theirs], match: Match) -> None:
    (found,) = compare(theirs, {"a": ours(S.ANSWERED, closed=True)}, ["a"], NOW)
    assert found.match is match


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (ours(S.ANSWERED, closed=True), [Result("a", Match.OURS_ONLY, None)]),
        (ours(S.RECORDED_NO_REPORT), [Result("a", Match.OURS_ONLY, None)]),
        (ours(S.UNKNOWN), [Result("a", None, None, Settlement.NOT_RECORDED)]),
        (ours(S.UNKNOWN, tried_at=NOW - timedelta(minutes=59)), []),  # the record may still come
        (ours(S.DISPUTED, closed=True), []),  # a person has it
        (ours(S.SENDING), []),
    ],
)
def test_no_record_beside_each_state(known: Ours, expected: list[Result]) -> None:
    assert compare([], {"a": known}, ["a"], NOW) == expected


def test_what_was_answered_after_the_records_were_told_is_not_missing() -> None:
    assert compare([], {"a": ours(S.ANSWERED, closed=True)}, [], NOW) == []
