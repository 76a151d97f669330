"""An old copy of the book is restored: the log notices before it signs, and nobody is asked about meanwhile."""

import shutil
from pathlib import Path

import pytest

from app.settings import Settings
from models.proof import TlogCheckpoint, TlogState
from tests.flows.trail import work_once
from tests.services.postgres import PostgresAddress
from tests.world import World, open_world


async def lived(world: World) -> None:
    """A little life, in the log."""
    await world.grant(await world.new(), "MARKETING")
    await world.sequencer.round()


async def test_a_copied_file_carried_on(tmp_path: Path, bureau_url: str, payments_url: str) -> None:
    book, old = tmp_path / "book.sqlite", tmp_path / "old.sqlite"
    async with open_world(f"sqlite://{book}", tmp_path, bureau_url, payments_url) as world:
        await lived(world)
        settings = world.house.settings
    shutil.copy(book, old)
    async with open_world(f"sqlite://{book}", tmp_path, bureau_url, payments_url, **kept(settings)) as world:
        await lived(world)
        newest = await TlogCheckpoint.all().count()
    shutil.copy(old, book)
    async with open_world(f"sqlite://{book}", tmp_path, bureau_url, payments_url, **kept(settings)) as world:
        await refuses(world, newest)


@pytest.mark.postgres
async def test_a_restored_dump_carried_on(
    tmp_path: Path, bureau_url: str, payments_url: str, postgres: PostgresAddress
) -> None:
    async with postgres.database() as name:
        url = f"postgres://{postgres.user}@localhost/{name}?host={postgres.host}&port={postgres.port}"
        async with open_world(url, tmp_path, bureau_url, payments_url) as world:
            await lived(world)
            settings = world.house.settings
        async with postgres.database(name) as old:
            async with open_world(url, tmp_path, bureau_url, payments_url, **kept(settings)) as world:
                await lived(world)
                newest = await TlogCheckpoint.all().count()
            restored = url.replace(f"/{name}?", f"/{old}?")
            async with open_world(restored, tmp_path, bureau_url, payments_url, **kept(settings)) as world:
                await refuses(world, newest)


def kept(settings: Settings) -> dict[str, object]:
    """The same log and institution again."""
    return {
        "log_origin": settings.log_origin,
        "log_policy": settings.log_policy_file,
        "institution": settings.institution,
    }


async def refuses(world: World, newest: int) -> None:
    """Nothing is appended, signed or asked, whoever tries and how often."""
    before = await TlogState.get(id=1)
    assert await TlogCheckpoint.all().count() == newest - 1
    person = await world.new()
    await world.grant(person)
    applied = await world.apply(person)
    for _ in range(3):
        await work_once(world)
    state = await TlogState.get(id=1)
    assert (state.standing, state.size, state.root) == ("FORKED", before.size, before.root)
    assert await TlogCheckpoint.all().count() == newest - 1
    application = await world.node("MyApplication", applied["application"]["id"], person)
    assert (application["status"], await world.bureau_records(person)) == ("RECEIVED", 0)
    consents = (await world.ask("MyRecords", {}, person.token))["viewer"]["consents"]["nodes"]
    bureau = [consent["status"] for consent in consents if consent["purpose"] == "FIRST_APPLICATION"]
    assert bureau == ["GIVEN"]


async def test_a_log_that_lost_everything_is_not_begun_again(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    async with open_world(f"sqlite://{tmp_path / 'one.sqlite'}", tmp_path, bureau_url, payments_url) as world:
        await lived(world)
        settings = world.house.settings
    async with open_world(
        f"sqlite://{tmp_path / 'two.sqlite'}", tmp_path, bureau_url, payments_url, **kept(settings)
    ) as world:
        await world.grant(await world.new(), "MARKETING")
        await world.sequencer.round()
        state = await TlogState.get(id=1)
        assert (state.standing, state.size) == ("FORKED", 0)
