"""A migrated, empty database of either kind, open for the tests of a module."""

from collections.abc import AsyncIterator

import pytest

from models.connection import close_database, open_database
from models.migrate import migrate

STORES = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="module", params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The dialect of the open database."""
    async for url in database_url(request, tmp_path_factory):
        await open_database(url)
        try:
            await migrate()
            yield str(request.param)
        finally:
            await close_database()


@pytest.fixture(params=STORES)
async def empty_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The URL of a database with nothing in it, closed."""
    async for url in database_url(request, tmp_path_factory):
        yield url


async def database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path_factory.mktemp('store') / 'book.sqlite'}"
        return
    server = request.getfixturevalue("postgres")
    async with server.database() as name:
        yield server.url(name)
