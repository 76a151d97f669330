"""On PostgreSQL too the traces of those who looked only grow."""

import pytest
from asyncpg import PostgresError
from tortoise.exceptions import IntegrityError, OperationalError

from models.connection import connection
from tests.flows.test_access import traces_stay
from tests.world import World

pytestmark = pytest.mark.postgres


async def test_traces_can_be_neither_changed_nor_removed_nor_emptied(pg_world: World) -> None:
    await traces_stay(pg_world)
    for table in ("staff_access_reveal", "staff_access", "report_reading"):
        with pytest.raises((IntegrityError, OperationalError, PostgresError), match="only grows"):
            await connection().execute_query(f"TRUNCATE {table} CASCADE")
