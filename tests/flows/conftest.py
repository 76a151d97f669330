"""A house for a whole module, where opening one for each test would cost more than the tests themselves."""

from collections.abc import AsyncIterator

import pytest

from tests.world import World, open_world


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, bureau_url: str, payments_url: str) -> AsyncIterator[World]:
    """A house on SQLite for all tests of a module; use it or `world` in a module, never both."""
    home = tmp_path_factory.mktemp("house")
    async with open_world(f"sqlite://{home / 'book.sqlite'}", home, bureau_url, payments_url) as opened:
        yield opened
