"""The drills of docs/runbook.md, word by word: a copy made while everything runs, and what a restore finds."""

import asyncio
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.verbs import cli
from models.connection import fetch
from tests.flows.ledger.test_reconciling import opened_again
from tests.flows.ledger.test_restore import kept, lived
from tests.flows.rounds import customer_id
from tests.needs import LONG, ROOT
from tests.services.postgres import PostgresAddress, find_binaries
from tests.world import World, open_world

PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
SECONDS_MAX = 120
VERB = ".venv/bin/clearline "


def block(name: str) -> str:
    """The commands under a mark of the page."""
    found = re.search(rf"<!-- {name} -->\n```sh\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found.group(1)


async def drill(name: str, world: World, place: Path, **more: str) -> tuple[int, str]:
    """Do a block in the home of a world: the last code, and the last line that was told.

    Our own verbs are called inside this process, each as a process of its own only in the long profile.
    """
    settings = world.house.settings
    env = {
        "PATH": f"{find_binaries()}:{os.environ['PATH']}",
        "CLEARLINE_HOME": str(settings.home),
        "CLEARLINE_DATABASE_URL": settings.database,
        "CLEARLINE_LOG_ORIGIN": settings.log_origin,
        "BACKUP": str(place),
        "SAFE": str(place),
        **more,
    }
    lines = block(name).replace("\\\n", " ").splitlines()
    ours = [] if LONG else [line for line in lines if line.startswith(VERB)]
    rest = "\n".join(line for line in lines if line not in ours)
    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-euc", rest],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    code, told = done.returncode, done.stdout
    assert LONG or code == 0, done.stderr
    env["CLEARLINE_DATABASE_URL"] = more.get("RESTORED_URL", settings.database)
    for line in ours:
        result = await asyncio.to_thread(CliRunner().invoke, cli, shlex.split(line.removeprefix(VERB)), env=env)
        code, told = result.exit_code, result.stdout
    return code, told.strip().rpartition("\n")[2]


async def restored(name: str, world: World, place: Path, **more: str) -> tuple[int, str]:
    """The code of a restore, and how the log stands to its witnesses."""
    code, told = await drill(name, world, place, **more)
    return code, json.loads(told)["standing"]


async def test_a_record_that_nobody_announced_is_rehearsed(
    tmp_path: Path, bureau_url: str, payments_url: str
) -> None:
    book = f"sqlite://{tmp_path / 'clearline.sqlite'}"
    async with open_world(book, tmp_path, bureau_url, payments_url) as world:
        person = await world.new()
        await world.decided(person)
    settings = world.house.settings
    here = {"BUREAU": bureau_url, "CLEARLINE_BUREAU_URL": bureau_url, "CLEARLINE_INSTITUTION": settings.institution}
    here |= {"INSTITUTION": settings.institution, "ID_NUMBER": person.id_number}
    code, told = await drill("rehearsal: shut", world, tmp_path, **here)
    (found,) = json.loads(told)["differing"]
    assert (code, found["result"], json.loads(told)["routeOpen"]) == (1, "BUREAU_ONLY", False)
    async with open_world(book, tmp_path, bureau_url, payments_url, **kept(settings)) as later:
        await opened_again(later)
        await later.settle()
    code, told = await drill("rehearsal: opened", world, tmp_path, **here)
    assert (code, json.loads(told)["differing"], json.loads(told)["routeOpen"]) == (1, [found], True)
    assert json.loads(told)["changed"] == []


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
        assert (await drill("sqlite: backup", world, place))[0] == 0
        world.house.desk.tombstones.add(await customer_id(person))  # erased after the copy was made
    assert await restored("sqlite: restore", world, place) == (0, "FIT")
    async with open_world(book, home, bureau_url, payments_url, **kept(world.house.settings)) as later:
        assert await erased() == 1
        await lived(later)
    assert await restored("sqlite: restore", later, place) == (1, "FORKED")


@pytest.mark.postgres
async def test_a_dump_of_postgres_is_restored_and_an_older_one_is_noticed(
    tmp_path: Path, bureau_url: str, payments_url: str, postgres: PostgresAddress
) -> None:
    place = tmp_path / "backup"
    place.mkdir()
    async with postgres.database() as name, postgres.database() as second, postgres.database() as third:
        url = postgres.url
        async with open_world(url(name), tmp_path, bureau_url, payments_url) as world:
            person = await world.new()
            await world.decided(person)
            await world.sequencer.round()
            assert (await drill("postgres: backup", world, place))[0] == 0
            world.house.desk.tombstones.add(await customer_id(person))
        assert await restored("postgres: restore", world, place, RESTORED_URL=url(second)) == (0, "FIT")
        settings = kept(world.house.settings)
        async with open_world(url(second), tmp_path, bureau_url, payments_url, **settings) as later:
            assert await erased() == 1
            await lived(later)
        assert await restored("postgres: restore", later, place, RESTORED_URL=url(third)) == (1, "FORKED")
