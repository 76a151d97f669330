"""A house for the questions of one file that leave nothing behind that another would trip over."""

from collections.abc import AsyncIterator

import pytest

from tests.world import World, open_world


@pytest.fixture(scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory, bureau_url: str, payments_url: str) -> AsyncIterator[World]:
    """One house on SQLite for a whole file. Use it or `world` in a file, never both: a process has one database."""
    home = tmp_path_factory.mktemp("room")
    async with open_world(f"sqlite://{home / 'book.sqlite'}", home, bureau_url, payments_url) as opened:
        yield opened
