"""Our inquiries beside the records under our name in a report: days and reasons, and no references."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import BUSINESS_ZONE
from app.domain.consent.inquiry import InquiryState
from app.domain.consent.own_queries import Asked, OwnQuery, Seen, Showing, compare_queries, running_days, showing
from app.domain.consent.reconciling import Match

TODAY = date(2026, 11, 26)
LONG_AGO = TODAY - timedelta(days=100)
A, B = UUID(int=1), UUID(int=2)
S, M = InquiryState, Match


def asked(number: UUID = A, day: date = LONG_AGO, reason: str = "02", how: Showing = Showing.MUST) -> Asked:
    return Asked(number, reason, day, day, how)


def running(day: date = TODAY) -> Asked:
    return Asked(B, "26", day, TODAY, Showing.RUNNING)


def shown(day: date = LONG_AGO, reason: str = "02") -> OwnQuery:
    return OwnQuery(day, reason)


def after(day: date, days: int) -> date:
    return day + timedelta(days=days)


def found(shown: list[OwnQuery], ours: list[Asked], listed: Mapping[date, int] | None = None) -> list[Seen]:
    return compare_queries(shown, ours, listed or {}, TODAY)


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_a_record_of_ours_may_be_dated_a_day_off(late: int) -> None:
    day = after(LONG_AGO, late)
    assert found([shown(day)], [asked()]) == [Seen(M.MATCHED, day, A)]


@pytest.mark.parametrize("late", [-2, 2])
def test_a_record_of_another_day_is_nobodys_and_ours_is_missing(late: int) -> None:
    day = after(LONG_AGO, late)
    assert found([shown(day)], [asked()]) == [Seen(M.OURS_ONLY, None, A), Seen(M.BUREAU_ONLY, day, nth=1)]


def test_an_answer_that_took_days_may_be_dated_on_any_of_them() -> None:
    slow = Asked(A, "02", LONG_AGO, after(LONG_AGO, 3), Showing.MUST)
    assert [one.match for one in found([shown(after(LONG_AGO, 2))], [slow])] == [M.MATCHED]


def test_a_record_of_nobodys_is_found_and_numbered_by_its_day() -> None:
    other = after(LONG_AGO, 9)
    seen = found([shown(reason="26"), shown(reason="01"), shown(other)], [running()])
    assert seen == [
        Seen(M.BUREAU_ONLY, LONG_AGO, nth=1),
        Seen(M.BUREAU_ONLY, LONG_AGO, nth=2),
        Seen(M.BUREAU_ONLY, other, nth=1),
    ]


def test_what_the_bureaus_list_has_named_is_known_and_keeps_its_number() -> None:
    assert found([shown()], [], {LONG_AGO: 1}) == []
    assert found([shown(), shown()], [], {LONG_AGO: 1}) == [Seen(M.BUREAU_ONLY, LONG_AGO, nth=2)]
    assert found([shown(), shown()], [asked()], {LONG_AGO: 1}) == [Seen(M.MATCHED, LONG_AGO, A)]
    assert len(found([shown()], [], {after(LONG_AGO, 1): 1})) == 1
    both = found([shown(), shown(), shown(reason="26")], [asked()], {LONG_AGO: 1})
    assert both == [Seen(M.DUPLICATE, LONG_AGO, A)]  # it is nobody's that the list has named


def test_one_record_too_many_is_a_double_on_its_day_and_nobodys_on_the_next() -> None:
    assert found([shown(), shown()], [asked()]) == [Seen(M.DUPLICATE, LONG_AGO, A)]
    day = after(LONG_AGO, 1)
    seen = found([shown(), shown(day)], [asked()])
    assert seen == [Seen(M.MATCHED, LONG_AGO, A), Seen(M.BUREAU_ONLY, day, nth=1)]


def test_a_record_of_another_reason_in_place_of_ours_is_a_mismatch() -> None:
    assert found([shown(reason="26")], [asked()]) == [Seen(M.PURPOSE_MISMATCH, LONG_AGO, A)]
    assert [one.match for one in found([shown(), shown(reason="26")], [asked()])] == [M.MATCHED, M.BUREAU_ONLY]


def test_what_is_in_doubt_explains_a_record_and_is_not_missed() -> None:
    doubtful = asked(how=Showing.MAY)
    assert found([], [doubtful, asked(B, how=Showing.RECORDED)]) == []
    assert [one.match for one in found([shown()], [doubtful])] == [M.MATCHED]
    assert [one.match for one in found([shown(reason="26")], [doubtful])] == [M.BUREAU_ONLY]


def test_a_reports_own_question_may_stand_on_it_but_explains_no_other_day() -> None:
    assert found([], [running()]) == []
    assert [one.match for one in found([shown(TODAY, "26")], [running()])] == [M.MATCHED]
    assert [one.match for one in found([shown(after(TODAY, -1), "26")], [running()])] == [M.BUREAU_ONLY]


def test_a_question_near_midnight_may_be_dated_on_the_day_of_the_bureaus_clock() -> None:
    began, made_at = (datetime(2026, 11, 26, 0, minute, tzinfo=BUSINESS_ZONE) for minute in (10, 24))
    assert running_days(began, made_at) == (after(TODAY, -1), TODAY)
    assert running_days(began + timedelta(hours=23), made_at + timedelta(hours=23)) == (TODAY, after(TODAY, 1))
    assert running_days(began + timedelta(hours=1), made_at + timedelta(hours=1)) == (TODAY, TODAY)


def test_what_must_show_has_its_record_before_what_may() -> None:
    assert found([shown()], [asked(how=Showing.MAY), asked(B)]) == [Seen(M.MATCHED, LONG_AGO, B)]


def test_no_inquiry_is_left_without_its_record_for_another() -> None:
    """The wide one could take either record, the narrow one but the first: both have theirs."""
    wide = Asked(A, "02", LONG_AGO, after(LONG_AGO, 4), Showing.MUST)
    narrow = asked(B, how=Showing.MAY)
    seen = found([shown(LONG_AGO), shown(after(LONG_AGO, 4))], [wide, narrow])
    assert {(one.match, one.inquiry_id) for one in seen} == {(M.MATCHED, A), (M.MATCHED, B)}


def test_what_is_older_than_two_years_is_neither_missed_nor_compared() -> None:
    edge = date(2024, 11, 26)
    assert found([shown(edge)], [asked(day=edge)]) == []
    assert found([], [asked(day=after(edge, 1))]) == []  # by the bureau's clock it may be a day older
    assert [one.match for one in found([], [asked(day=after(edge, 2))])] == [M.OURS_ONLY]


MADE = datetime(2026, 11, 26, 0, 0, tzinfo=BUSINESS_ZONE)
JUST, BEFORE = MADE - timedelta(hours=23, minutes=59), MADE - timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "closed_at", "listed_at", "expected"),
    [
        (S.ANSWERED, BEFORE, None, Showing.MUST),
        (S.ANSWERED, JUST, None, Showing.RECORDED),
        (S.DISPUTED, BEFORE, None, Showing.MAY),
        (S.DISPUTED, BEFORE, BEFORE, Showing.MUST),
        (S.UNKNOWN, None, None, Showing.MAY),
        (S.RECORDED_NO_REPORT, None, None, Showing.MAY),
        (S.RECORDED_NO_REPORT, None, JUST, Showing.RECORDED),
        (S.SENDING, None, None, Showing.MAY),
        (S.NOT_RECORDED, None, None, Showing.MAY),
        (S.NOT_RECORDED, BEFORE, None, None),
        (S.NOT_SENT, BEFORE, None, None),
        (S.REFUSED_BY_BUREAU, BEFORE, None, None),
    ],
)
def test_whether_a_report_shows_an_inquiry(
    state: InquiryState, closed_at: datetime | None, listed_at: datetime | None, expected: Showing | None
) -> None:
    assert showing(state, closed_at, listed_at, MADE) is expected


DAYS = st.integers(0, 6).map(lambda n: after(LONG_AGO, n))
REASONS = st.sampled_from(["02", "26"])
OURS = st.lists(st.tuples(DAYS, st.integers(0, 2), REASONS, st.sampled_from(list(Showing)[:3])), max_size=5)


@given(st.lists(st.builds(OwnQuery, DAYS, REASONS), max_size=6), OURS, st.dictionaries(DAYS, st.integers(1, 2)))
def test_every_record_is_explained_once_and_none_twice(
    told: list[OwnQuery], ours: list[tuple[date, int, str, Showing]], listed: dict[date, int]
) -> None:
    known = [
        Asked(UUID(int=n), reason, day, after(day, more), how) for n, (day, more, reason, how) in enumerate(ours)
    ]
    seen = found(told, known, listed)
    of_inquiries = [one.inquiry_id for one in seen if one.inquiry_id is not None]
    assert len(of_inquiries) == len(set(of_inquiries))
    strays = [(one.day, one.nth) for one in seen if one.inquiry_id is None]
    assert len(strays) == len(set(strays))
    matched = sum(one.match in {M.MATCHED, M.PURPOSE_MISMATCH} for one in seen)
    assert len(strays) + matched <= len(told)
    if len(told) > len(known) + sum(listed.values()):
        assert {one.match for one in seen} & {M.BUREAU_ONLY, M.DUPLICATE}
    assert found(list(reversed(told)), known, listed) == seen
