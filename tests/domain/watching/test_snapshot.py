"""What counts as income that stopped, and which snapshots there cannot be."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.watching.snapshot import income_stopped
from tests.domain.watching.cases import line

AS_OF = date(2026, 6, 30)
MONTHLY = [date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10), date(2026, 4, 10)]


@pytest.mark.parametrize(
    ("days", "as_of", "stopped"),
    [
        (MONTHLY, date(2026, 6, 8), False),  # 59 days
        (MONTHLY, date(2026, 6, 9), True),  # 60 days
        (MONTHLY[1:], date(2026, 6, 9), True),
        (MONTHLY[2:], date(2026, 6, 9), None),  # two months only
        ([MONTHLY[0], MONTHLY[1], MONTHLY[3]], date(2026, 6, 9), None),  # with a gap
        ([date(2025, 11, 30), date(2025, 12, 1), date(2026, 1, 31)], date(2026, 6, 9), True),  # over a year's end
        ([], AS_OF, None),
    ],
)
def test_income_has_stopped_after_sixty_days_without_it(days: list[date], as_of: date, stopped: bool | None) -> None:
    assert income_stopped(days, as_of, payments_live=True) is stopped


def test_without_connected_payments_nothing_is_known() -> None:
    assert income_stopped(MONTHLY, AS_OF, payments_live=False) is None


def test_days_to_come_are_not_known_yet() -> None:
    assert income_stopped([*MONTHLY, date(2026, 7, 1)], AS_OF, payments_live=True) is True


@given(st.lists(st.dates(date(2025, 1, 1), date(2026, 12, 31)), max_size=40), st.integers())
def test_order_and_doubles_of_events_make_no_difference(days: list[date], seed: int) -> None:
    shuffled = [*days, *days[:5]]
    random.Random(seed).shuffle(shuffled)
    told = income_stopped(days, AS_OF, payments_live=True)
    assert income_stopped(shuffled, AS_OF, payments_live=True) is told


@given(st.lists(st.dates(date(2025, 1, 1), AS_OF), min_size=1, max_size=40))
def test_income_seen_within_sixty_days_has_not_stopped(days: list[date]) -> None:
    recent = [*days, AS_OF - timedelta(days=59)]
    assert income_stopped(recent, AS_OF, payments_live=True) is not True


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit_minor": -1},
        {"used_minor": -1},
        {"days_late": -1},
        {"limit_before_minor": None},
        {"used_before_minor": None},
        {"status": "ASLEEP"},
    ],
)
def test_a_snapshot_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="line"):
        line(**wrong)
