"""A house on each store for a whole module, and witnesses that behave again after each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.services.witnesses import witnesses_of_this_run
from tests.world import World, open_world

STORES = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="module", params=STORES)
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, bureau_url: str, payments_url: str
) -> AsyncIterator[World]:
    """A house on SQLite, then one on PostgreSQL."""
    home = tmp_path_factory.mktemp("ledger")
    if request.param == "sqlite":
        async with open_world(f"sqlite://{home / 'book.sqlite'}", home, bureau_url, payments_url) as opened:
            yield opened
        return
    server = request.getfixturevalue("postgres")
    async with server.database() as name:
        url = server.url(name)
        async with open_world(url, home, bureau_url, payments_url) as opened:
            yield opened


@pytest.fixture(autouse=True)
def _witnesses_behave_again() -> Iterator[None]:
    yield
    witnesses_of_this_run().behave()
