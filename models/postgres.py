"""Tortoise's PostgreSQL engine with transactions that give their connection back when they could not begin.

The stock engine keeps the connection of whoever is cancelled, or meets a fault, while it begins: the pool loses one each
time, and an empty pool stops every request.
"""

from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections


class _Transaction(TransactionWrapper):
    async def let_go(self) -> None:
        """Give the connection back to the pool, which ends what may have begun."""
        pool = self._parent._pool  # noqa: SLF001 - the engine has no public way
        if pool is not None:
            await pool.release(self._connection)


class _ReleasingContext(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        try:
            return await super().__aenter__()
        except BaseException:
            if hasattr(self, "token") and isinstance(self.client, _Transaction):
                get_connections().reset(self.token)
                await self.client.let_go()
            raise


class ReleasingPostgresClient(AsyncpgDBClient):
    """PostgreSQL whose pool loses no connection."""

    def _in_transaction(self) -> TransactionContext:
        return _ReleasingContext(_Transaction(self), self._pool_init_lock)


client_class = ReleasingPostgresClient


def get_client_class(_db_info: dict[str, Any]) -> type[AsyncpgDBClient]:
    """The engine's entry point, by Tortoise's convention."""
    return ReleasingPostgresClient
