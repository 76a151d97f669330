"""The drills of docs/runbook.md, word by word: a copy made while everything runs, and what a restore finds."""

import asyncio
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from models.connection import fetch
from tests.flows.ledger.test_restore import kept, lived
from tests.flows.rounds import customer_id
from tests.needs import ROOT
from tests.services.postgres import PostgresAddress, find_binaries
from tests.world import World, open_world

PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
SECONDS_MAX = 120


def block(name: str) -> str:
    """The commands under a mark of the page."""
    found = re.search(rf"<!-- {name} -->\n```sh\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found.group(1)


async def shell(name: str, world: World, place: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """What came of a block in the home of a world."""
    settings = world.house.settings
    env = {
        **os.environ,
        "PATH": f"{find_binaries()}:{os.environ['PATH']}",
        "CLEARLINE_HOME": str(settings.home),
        "CLEARLINE_DATABASE_URL": settings.database,
        "CLEARLINE_LOG_ORIGIN": settings.log_origin,
        "BACKUP": str(place),
        "SAFE": str(place),
        **more,
    }
    command = ["bash", "-euc", block(name)]
    return await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=SECONDS_MAX
    )


def standing(done: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """The code of a restore, and how the log stands to its witnesses."""
    return done.returncode, json.loads(done.stdout.splitlines()[-1])["standing"]


async def erased() -> int:
    (row,) = await fetch("SELECT count(*) AS many FROM customer WHERE erased_at IS NOT NULL")
    return int(row["many"])


async def test_a_copy_of_sqlite_is_restored_and_an_older_one_is_noticed(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    home, place = tmp_path / "home", tmp_path / "backup"
    home.mkdir()
    place.mkdir()
    book = f"sqlite://{home / 'clearline.sqlite'}"
    async with open_world(book, home, bureau_url, payments_url) as world:
        person = await world.new()
        await world.decided(person)
        await world.sequencer.round()
        done = await shell("sqlite: backup", world, place)
        assert done.returncode == 0, done.stderr
        world.house.desk.tombstones.add(await customer_id(person))  # erased after the copy was made
    done = await shell("sqlite: restore", world, place)
    assert standing(done) == (0, "FIT"), done.stderr
    async with open_world(book, home, bureau_url, payments_url, **kept(world.house.settings)) as later:
        assert await erased() == 1
        await lived(later)
    done = await shell("sqlite: restore", later, place)
    assert standing(done) == (1, "FORKED"), done.stderr


@pytest.mark.postgres
async def test_a_dump_of_postgres_is_restored_and_an_older_one_is_noticed(
    tmp_path: Path, bureau_url: str, payments_url: str, postgres: PostgresAddress
) -> None:
    async with postgres.database() as name, postgres.database() as restored, postgres.database() as again:

        def url(database: str) -> str:
            return f"postgres://{postgres.user}@localhost/{database}?host={postgres.host}&port={postgres.port}"

        async with open_world(url(name), tmp_path, bureau_url, payments_url) as world:
            person = await world.new()
            await world.decided(person)
            await world.sequencer.round()
            done = await shell("postgres: backup", world, tmp_path / "..")
            assert done.returncode == 0, done.stderr
            world.house.desk.tombstones.add(await customer_id(person))
        done = await shell("postgres: restore", world, tmp_path / "..", RESTORED_URL=url(restored))
        assert standing(done) == (0, "FIT"), done.stderr
        settings = kept(world.house.settings)
        async with open_world(url(restored), tmp_path, bureau_url, payments_url, **settings) as later:
            assert await erased() == 1
            await lived(later)
        done = await shell("postgres: restore", later, tmp_path / "..", RESTORED_URL=url(again))
        assert standing(done) == (1, "FORKED"), done.stderr
