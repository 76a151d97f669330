"""The feed's migration leaves the rows of an older book as they were."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError

from models.connection import close_database, fetch, open_database
from models.migrate import FOLDER, migrate
from models.people import BehaviourEventRow, Customer

CUSTOMER = UUID("0190d0f4-7b1c-7cc0-8a52-0d6f3a5b9e02")


def row(number: int, source: str | None, told: str | None) -> BehaviourEventRow:
    return BehaviourEventRow(
        id=UUID(int=number),
        customer_id=CUSTOMER,
        kind="SPENDING",
        occurred_on=datetime(2026, 3, 1, tzinfo=UTC).date(),
        amount_minor=100,
        source=source,
        source_event_id=told,
    )


async def test_old_events_stay_valid_and_new_ones_count_once_a_source(tmp_path: Path) -> None:
    before = tmp_path / "migrations"
    before.mkdir()
    for path in FOLDER.glob("0001_*.sql"):
        shutil.copy(path, before)
    await open_database(f"sqlite://{tmp_path / 'book.sqlite'}")
    try:
        await migrate(before)
        await fetch(
            "INSERT INTO customer (id, created_at, key_wrapped) VALUES ($1, '2026-01-01 00:00:00+00:00', x'00')"
            " RETURNING id",
            str(CUSTOMER),
        )
        for number in (1, 2):
            await fetch(
                "INSERT INTO behaviour_event (id, customer_id, kind, occurred_on, amount_minor)"
                " VALUES ($1, $2, 'SPENDING', '2026-01-28', 100) RETURNING id",
                str(UUID(int=number)),
                str(CUSTOMER),
            )
        await migrate()
        assert (await Customer.get(id=CUSTOMER)).simulated_as is None
        assert await BehaviourEventRow.filter(source__isnull=True, source_event_id__isnull=True).count() == 2
        await row(3, "PAYMENTS", "a").save(force_create=True)
        await row(4, "WEALTH", "a").save(force_create=True)
        for wrong in (row(5, "PAYMENTS", "a"), row(6, "PAYMENTS", None), row(7, None, "b"), row(8, "LOTTERY", "c")):
            with pytest.raises(IntegrityError):
                await wrong.save(force_create=True)
    finally:
        await close_database()
