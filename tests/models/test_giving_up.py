"""Whoever gives up while a transaction begins takes no connection along, on either store."""

import asyncio

from tortoise.transactions import in_transaction

from models.connection import DatabaseLimits, close_database, fetch, open_database

IMPATIENT = 30
PATIENCE_SECONDS = 5.0


async def test_who_is_cancelled_while_a_transaction_begins_leaves_its_connection_to_others(empty_url: str) -> None:
    async def look() -> None:
        async with in_transaction():
            await fetch("SELECT 1 AS one")

    await open_database(empty_url, DatabaseLimits(pool_max=2))
    try:
        await asyncio.gather(look(), look())
        for turns in range(IMPATIENT):
            impatient = asyncio.create_task(look())
            for _ in range(turns):
                await asyncio.sleep(0)
            impatient.cancel()
            await asyncio.gather(impatient, return_exceptions=True)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(look(), look(), look())
    finally:
        await close_database()
