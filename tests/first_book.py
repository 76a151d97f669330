"""The first book of a run, seeded once for each dialect: every new house of a test begins with a copy of it, and of its keys."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg

from app.flows.book.end_of_day import run_due_days
from app.flows.sandbox.book import seed_book
from app.main import open_house
from app.settings import Settings
from models.connection import close_database, dialect_of, open_database
from models.migrate import migrate
from models.shipped.policies import write_shipped_policies
from tests.services.postgres import PostgresAddress

KEYS = "keys.json"


@dataclass(frozen=True, slots=True)
class FirstBook:
    """A finished book: the bytes of its file, or the name of its database, and the keys that it was written with."""

    keys: str
    file: bytes = b""
    template: str = ""
    server: PostgresAddress | None = None


_MADE: dict[str, FirstBook] = {}


async def copy_first_book(url: str, home: Path) -> bool:
    """Give a home that has no keys and no book yet a copy of the first book; whether it got one."""
    if (home / KEYS).exists() or not await _is_new(url):
        return False
    dialect = dialect_of(url)
    if dialect not in _MADE:
        _MADE[dialect] = await (_file() if dialect == "sqlite" else _template(PostgresAddress.of_url(url)))
    first = _MADE[dialect]
    (home / KEYS).write_text(first.keys, encoding="utf-8")
    (home / KEYS).chmod(0o600)
    if dialect == "sqlite":
        _path(url).write_bytes(first.file)
    else:
        address, name = PostgresAddress.of_url(url), PostgresAddress.database_of(url)
        await address.drop_database(name)
        await address.create_database(name, first.template)
    return True


async def migrated(url: str) -> None:
    """See that the book at `url` has its tables and policies."""
    await open_database(url)
    try:
        await migrate()
        await write_shipped_policies()
    finally:
        await close_database()


async def drop_templates() -> None:
    """Leave no template behind on a server that may outlive the run."""
    for first in _MADE.values():
        if first.server is not None:
            await first.server.drop_database(first.template)
    _MADE.clear()


async def _is_new(url: str) -> bool:
    if dialect_of(url) == "sqlite":
        return not _path(url).exists()
    asking = await asyncpg.connect(**PostgresAddress.of_url(url).credentials(PostgresAddress.database_of(url)))
    try:
        return not await asking.fetchval("select exists (select from pg_tables where schemaname = 'public')")
    finally:
        await asking.close()


async def _file() -> FirstBook:
    with tempfile.TemporaryDirectory(prefix="clearline-first-") as folder:
        home = Path(folder)
        keys = await _seeded(f"sqlite://{home / 'book.sqlite'}", home)
        return FirstBook(keys, file=(home / "book.sqlite").read_bytes())


async def _template(address: PostgresAddress) -> FirstBook:
    name = f"first_{uuid4().hex}"
    await address.create_database(name)
    with tempfile.TemporaryDirectory(prefix="clearline-first-") as folder:
        return FirstBook(await _seeded(address.url(name), Path(folder)), template=name, server=address)


async def _seeded(url: str, home: Path) -> str:
    """Seed a new book in `home`; its keys. It has no log: the log is each house's own."""
    await migrated(url)
    async with open_house(Settings(home=home, database_url=url)) as house:
        await seed_book(house.desk)
        await run_due_days(house.desk)
    return (home / KEYS).read_text(encoding="utf-8")


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite://"))
