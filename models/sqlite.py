"""Tortoise's SQLite engine with write transactions that lock first.

The stock engine begins with a deferred lock: two processes that read and then write meet "database is locked" at
once, whatever the busy time-out says. `BEGIN IMMEDIATE` waits its turn instead.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Any

from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError


def moment_text(value: datetime) -> str:
    """A moment as it is kept: SQLite compares moments as texts, so all stand in one zone."""
    return (value.astimezone(UTC) if value.tzinfo else value).isoformat(sep=" ")


sqlite3.register_adapter(datetime, moment_text)


class _ImmediateTransaction(SqliteTransactionWrapper):
    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    async def undo(self) -> None:
        """Roll back what may have begun; nothing, if nothing has."""
        await self._connection.rollback()


class _ReleasingContext(SqliteTransactionContext):
    """Gives the connection back when the transaction could not even begin; the stock one keeps it for ever.

    Whoever is cancelled while it begins leaves a thread that begins it all the same: so that is taken back.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            self.token = get_connections().set(self.connection_name, self.connection)
        except BaseException:
            self._trxlock.release()
            raise
        try:
            await self.connection.begin()
        except BaseException:
            await self.connection.undo()
            get_connections().reset(self.token)
            self._trxlock.release()
            raise
        opened: TransactionalDBClient = self.connection
        return opened


class _ReleasingWrapper(ConnectionWrapper[Any]):
    """Gives the connection back when whoever opens it is cancelled; the stock one keeps it from everybody for ever."""

    async def __aenter__(self) -> Any:  # noqa: ANN401 - the library's own word
        await self._lock.acquire()
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class ImmediateSqliteClient(SqliteClient):
    """SQLite whose transactions take the write lock when they begin."""

    async def create_connection(self, with_db: bool) -> None:
        """Open the file with all its settings, or not at all."""
        try:
            await super().create_connection(with_db)
        except BaseException:
            await self.close()
            raise

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """The connection, for one statement."""
        return _ReleasingWrapper(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return _ReleasingContext(_ImmediateTransaction(self), self._lock)


client_class = ImmediateSqliteClient


def get_client_class(_db_info: dict[str, Any]) -> type[SqliteClient]:
    """The engine's entry point, by Tortoise's convention."""
    return ImmediateSqliteClient
