"""The same copy over PostgreSQL: nothing missing."""

import pytest

from tests.api.copies import assert_whole
from tests.api.life import whole_life
from tests.world import World


@pytest.mark.postgres
async def test_a_copy_is_whole_on_postgres_too(pg_world: World) -> None:
    await assert_whole(pg_world, await whole_life(pg_world, "Quince"))
