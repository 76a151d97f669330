import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.domain.calendar import NaiveMoment, add_months, business_date, start_of_business_day
from tests.domain.lending.cases import case, vectors


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/Los_Angeles"])
def server_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("server_zone")
def test_a_day_is_a_day_of_the_business_zone_wherever_the_server_stands() -> None:
    moments = [datetime.fromisoformat(text) for text in case("C024")["inputs"]["at"]]
    assert [business_date(moment).day for moment in moments] == [9, 10, 10, 11]


def test_a_moment_written_in_another_zone_is_the_same_day() -> None:
    eastern = timezone(timedelta(hours=-5))
    assert business_date(datetime(2026, 12, 9, 11, 0, tzinfo=eastern)) == date(2026, 12, 10)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(NaiveMoment):
        business_date(datetime(2026, 1, 1))  # noqa: DTZ001 - the very thing refused


def test_a_business_day_starts_at_its_own_midnight() -> None:
    start = start_of_business_day(date(2026, 3, 10))
    assert start == datetime(2026, 3, 9, 16, tzinfo=timezone.utc)  # noqa: UP017 - plain on purpose
    assert start.tzinfo is UTC  # the zone in which moments are kept
    assert business_date(start) == date(2026, 3, 10)
    assert business_date(start - timedelta(microseconds=1)) == date(2026, 3, 9)


def test_a_contractual_day_is_one_of_a_month() -> None:
    for day in (0, 32):
        with pytest.raises(ValueError, match="contractual"):
            add_months(date(2026, 1, 1), 1, day)


def test_a_due_day_clamps_to_the_month_end_and_comes_back() -> None:
    for name in ("C007a", "C007b", "C007c", "C007d"):
        inputs, expected = case(name)["inputs"], case(name)["expected"]
        drawn = date.fromisoformat(inputs["drawn"])
        found = [add_months(drawn, month, inputs["dueDay"]) for month in range(1, inputs["n"] + 1)]
        assert [day.isoformat() for day in found] == expected


def test_published_month_shifts_agree() -> None:
    for item in vectors("day_counts_and_due_dates.json", "add_months"):
        start = date.fromisoformat(item["inputs"]["date"])
        shifted = add_months(start, int(item["inputs"]["months"]), start.day)
        assert shifted.isoformat() == item["expected"]["date"], item["id"]
