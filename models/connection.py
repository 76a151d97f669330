"""Opening and closing the database: one URL, two dialects, the same tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from errno import EISDIR
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from tortoise import Tortoise, connections
from tortoise.backends.base.client import BaseDBAsyncClient

from models.sqlite import moment_text

MODULES = [
    "models.people",
    "models.consent",
    "models.credit",
    "models.loans",
    "models.lending.payments",
    "models.oversight.staff",
    "models.plumbing",
    "models.oversight.watch",
    "models.oversight.audit",
    "models.rights",
    "models.notices",
    "models.proof",
]
SQLITE_BUSY_MS = 15_000
_AS_IT_IS = frozenset({str, int, bytes, type(None)})


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """Named maxima of a connection. `pool_max` connections, `lock_timeout_seconds` of waiting for a row."""

    pool_max: int = 16
    lock_timeout_seconds: int = 5


def dialect_of(url: str) -> str:
    """`sqlite` or `postgres`.

    Raises:
        ValueError: the URL is of another kind.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return "sqlite"
    if scheme in {"postgres", "postgresql"}:
        return "postgres"
    raise ValueError(f"the database URL must begin with sqlite:// or postgres://, not {scheme}://")


def _sqlite(url: str) -> dict[str, Any]:
    path = url.removeprefix("sqlite://")
    if Path(path).is_dir():
        raise IsADirectoryError(EISDIR, "a folder stands where the database should be", path)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    credentials = {
        "file_path": path,
        "busy_timeout": SQLITE_BUSY_MS,
        "synchronous": "NORMAL",
        "secure_delete": "ON",  # what is destroyed is overwritten, however SQLite was built
    }
    return {"engine": "models.sqlite", "credentials": credentials}


def _postgres(url: str, limits: DatabaseLimits) -> dict[str, Any]:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    milliseconds = limits.lock_timeout_seconds * 1000
    return {
        "engine": "models.postgres",
        "credentials": {
            "host": query.get("host") or parts.hostname or "127.0.0.1",
            "port": parts.port or int(query.get("port", "5432")),
            "user": unquote(parts.username or "postgres"),
            "password": unquote(parts.password or ""),
            "database": parts.path.lstrip("/"),
            "minsize": 1,
            "maxsize": limits.pool_max,
            "server_settings": {
                "lock_timeout": str(milliseconds),
                "idle_in_transaction_session_timeout": str(milliseconds * 6),
                "timezone": "UTC",
            },
        },
    }


async def open_database(url: str, limits: DatabaseLimits | None = None) -> None:
    """Connect the tables to the database at `url`, for every task of this process."""
    limits = limits or DatabaseLimits()
    # Named by its dialect: Tortoise keeps the statements it has made by connection name.
    dialect = dialect_of(url)
    await Tortoise.init(
        config={
            "connections": {dialect: _sqlite(url) if dialect == "sqlite" else _postgres(url, limits)},
            "apps": {"models": {"models": MODULES, "default_connection": dialect}},
            "use_tz": True,
            "timezone": "UTC",
        },
        _enable_global_fallback=True,
    )


async def close_database() -> None:
    """Close every connection of this process."""
    await Tortoise.close_connections()


def connection() -> BaseDBAsyncClient:
    """The connection of the running transaction, or a free one."""
    (name,) = connections.db_config
    open_connection: BaseDBAsyncClient = connections.get(name)
    return open_connection


def is_sqlite() -> bool:
    """Whether the open database is SQLite."""
    return connection().capabilities.dialect == "sqlite"


async def fetch(sql: str, *values: object) -> list[dict[str, Any]]:
    """Rows of a statement written with $1, $2 …, on either dialect, inside the running transaction if any."""
    rows: list[dict[str, Any]] = await connection().execute_query_dict(_numbered(sql, len(values)), list(values))
    return rows


async def fetch_plain(sql: str, *values: object) -> Sequence[Sequence[Any]]:
    """As `fetch`, but each row is its values in order: for those who read very many."""
    found: tuple[int, Sequence[Any]] = await connection().execute_query(_numbered(sql, len(values)), list(values))
    return found[1]


def plain(value: object) -> object:
    """A value as the open database takes it: SQLite keeps ids, days and moments as texts."""
    return _as_text(value) if is_sqlite() else value


def _as_text(value: object) -> object:
    if isinstance(value, datetime):
        return moment_text(value)
    return str(value) if isinstance(value, UUID | date) else value


async def write_many(sql: str, rows: list[list[object]]) -> None:
    """One statement for each of `rows`, written as for `fetch`, inside the running transaction if any.

    Ids, days and moments are taken as they are, on either dialect.
    """
    if rows:
        if is_sqlite():
            rows = [[value if type(value) in _AS_IT_IS else _as_text(value) for value in row] for row in rows]
        await connection().execute_many(_numbered(sql, len(rows[0])), rows)


def _numbered(sql: str, count: int) -> str:
    if is_sqlite():
        for number in range(count, 0, -1):
            sql = sql.replace(f"${number}", f"?{number}")
    return sql
