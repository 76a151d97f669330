"""A quiet line, and lines that differ from it in one thing."""

from typing import Any

from app.domain.watching.snapshot import Snapshot

QUIET: dict[str, Any] = {
    "status": "ACTIVE",
    "limit_minor": 1_000_000,
    "used_minor": 300_000,
    "limit_before_minor": 1_000_000,
    "used_before_minor": 250_000,
    "days_late": 0,
    "missed_instalments": 0,
    "draws_in_week": 1,
    "device_changes_in_week": 0,
    "income_stopped": False,
}


def line(**other: Any) -> Snapshot:
    return Snapshot(**{**QUIET, **other})
