"""Reconciliation moves into an older book: its notices stay as they were, and what is found at the bureau is kept."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from models.connection import close_database, connection, is_sqlite, open_database
from models.consent import ReconciliationResult, RouteFreeze
from models.migrate import FOLDER, migrate
from models.notices import Notice

RECONCILIATION = 11
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


async def test_an_older_book_keeps_its_notices_and_the_route_opens_only_once(tmp_path: Path, empty_url: str) -> None:
    before = tmp_path / "migrations"
    before.mkdir()
    for path in FOLDER.glob("*.sql"):
        if int(path.name[:4]) < RECONCILIATION:
            shutil.copy(path, before)
    await open_database(empty_url)
    try:
        await migrate(before)
        told, blob = UUID(int=8), "X'00'" if is_sqlite() else "'\\x00'"
        await connection().execute_query(
            f"INSERT INTO customer (id, created_at, key_wrapped) VALUES ('{UUID(int=9)}', '{MOMENT}', {blob})"
        )
        await connection().execute_query(
            "INSERT INTO notice (id, customer_id, kind, about_id, period, facts_sealed, arose_at, not_before, state)"
            f" VALUES ('{told}', '{UUID(int=9)}', 'RELEASE', '{told}', '', {blob}, '{MOMENT}', '{MOMENT}', 'PENDING')"
        )
        await migrate()
        assert (await Notice.all().values_list("id", flat=True)) == [told]
        found = await ReconciliationResult.create(
            id=UUID(int=1), reference="r", result="BUREAU_ONLY", recorded_at=MOMENT, found_at=MOMENT
        )
        freeze = await RouteFreeze.create(id=UUID(int=2), result_id=found.id, frozen_at=MOMENT)
        with pytest.raises(IntegrityError):
            await RouteFreeze.create(id=UUID(int=3), result_id=found.id, frozen_at=MOMENT)
        await RouteFreeze.filter(id=freeze.id).update(released_at=MOMENT, approval_id=UUID(int=4))
        for change in (
            "DELETE FROM route_freeze",
            "DELETE FROM reconciliation_result",
            "UPDATE route_freeze SET released_at = NULL, approval_id = NULL",
        ):
            with pytest.raises((IntegrityError, OperationalError)):
                await connection().execute_query(change)
        await RouteFreeze.create(id=UUID(int=5), result_id=found.id, frozen_at=MOMENT)
    finally:
        await close_database()
