"""When a customer is told something, how often, and how its figures are written."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.calendar import BUSINESS_ZONE
from app.domain.telling.notice import (
    ABOUT,
    LATE_REMINDERS_MAX,
    VARIANTS,
    Message,
    NoticeKind,
    is_due_soon,
    late_week,
    not_before,
    written,
)

TODAY = date(2026, 11, 25)


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BUSINESS_ZONE)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(8), at(8)),
        (at(21, 59), at(21, 59)),
        (at(22), at(8, day=26)),
        (at(23, 59), at(8, day=26)),
        (at(0), at(8)),
        (at(7, 59), at(8)),
    ],
)
def test_a_reminder_waits_for_the_end_of_the_quiet_hours(now: datetime, opens: datetime) -> None:
    assert not_before(NoticeKind.LATE, now) == not_before(NoticeKind.DUE_SOON, now.astimezone(UTC)) == opens


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind not in {NoticeKind.DUE_SOON, NoticeKind.LATE}])
def test_what_is_no_reminder_goes_out_at_any_hour(kind: NoticeKind) -> None:
    assert not_before(kind, at(3)) == at(3)


def test_an_instalment_is_due_soon_from_three_days_before_to_its_due_day() -> None:
    near = [days for days in range(-2, 6) if is_due_soon(TODAY + timedelta(days=days), TODAY)]
    assert near == [0, 1, 2, 3]


def test_lateness_is_told_on_the_day_after_the_grace_days_then_weekly_and_not_for_ever() -> None:
    weeks = {days: late_week(days, 2) for days in range(200)}
    first_days = [days for days, week in weeks.items() if week is not None and weeks.get(days - 1) != week]
    assert first_days == [3 + 7 * week for week in range(LATE_REMINDERS_MAX)]
    assert weeks[199] is None


@pytest.mark.parametrize(
    ("name", "fact", "chinese", "english"),
    [
        ("amount_minor", 123_456_789, "1,234,567.89 元", "CNY 1,234,567.89"),
        ("amount_minor", 5, "0.05 元", "CNY 0.05"),
        ("due_on", "2026-12-01", "2026 年 12 月 1 日", "1 December 2026"),
        ("number", 3, "3", "3"),
    ],
)
def test_a_figure_is_written_as_its_reader_expects_it(name: str, fact: int | str, chinese: str, english: str) -> None:
    assert (written(name, fact, "zh-CN"), written(name, fact, "en")) == (chinese, english)


def test_a_wording_that_a_kind_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="DECISION"):
        Message(NoticeKind.DECISION, "PERHAPS")


def test_every_kind_has_its_wordings_and_something_that_it_is_about() -> None:
    assert set(VARIANTS) == set(ABOUT) == set(NoticeKind)
