"""SQLite compares moments as texts: whatever zone a moment is told in, it is kept in one."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from app.domain.calendar import BUSINESS_ZONE
from models.sqlite import moment_text

PAST_MIDNIGHT = datetime(2026, 3, 10, 0, 30, tzinfo=BUSINESS_ZONE)


def test_a_moment_of_another_zone_is_kept_in_utc() -> None:
    with closing(sqlite3.connect(":memory:")) as book:
        (kept,) = book.execute("SELECT ?", (PAST_MIDNIGHT,)).fetchone()
    assert kept == moment_text(PAST_MIDNIGHT) == "2026-03-09 16:30:00+00:00"
    assert kept < moment_text(datetime(2026, 3, 9, 16, 31, tzinfo=UTC))
