"""The drills of docs/runbook.md, word by word: a copy made while everything runs, and what a restore finds."""

import asyncio
import json
import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.verbs import cli
from app.domain.proof.signed import policy as policies
from models.connection import fetch
from models.plumbing import Job
from tests.flows.ledger.test_reconciling import opened_again
from tests.flows.ledger.test_restore import kept, lived
from tests.flows.rounds import customer_id
from tests.needs import LONG, ROOT
from tests.services.postgres import PostgresAddress, find_binaries
from tests.world import World, new_log, open_world
from witness.keys import CosigningKey

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


async def daily(name: str, world: World, place: Path) -> None:
    """A copy today, beside one that is old, and today's made anew: none is in the way of another."""
    assert (await drill(name, world, place))[0] == 0
    (today,) = copies(place)
    today.with_stem("clearline-2020-01-01").write_text("old, and damaged", encoding="utf-8")
    assert (await drill(name, world, place))[0] == 0
    assert [path.name for path in copies(place)] == [f"clearline-2020-01-01{today.suffix}", today.name]


def copies(place: Path) -> list[Path]:
    """The copies of a folder, oldest first; the newest is its owner's alone."""
    found = sorted(place.glob("clearline-*"))
    assert stat.S_IMODE(found[-1].stat().st_mode) == 0o600
    return found


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
    code, told = await drill("rehearsal: dead", world, tmp_path)
    assert (code, [job["trouble"] for job in json.loads(told)["jobs"]]) == (1, ["Rehearsed#20"])
    code, told = await drill("rehearsal: revived", world, tmp_path)
    assert (code, json.loads(told)["dead"]) == (0, 0)
    async with open_world(book, tmp_path, bureau_url, payments_url, **kept(settings)) as later:
        await opened_again(later)
        await later.settle()
        assert await Job.exclude(state="DONE").count() == 0
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
        await daily("sqlite: backup", world, place)
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
            await daily("postgres: backup", world, place)
            world.house.desk.tombstones.add(await customer_id(person))
        assert await restored("postgres: restore", world, place, RESTORED_URL=url(second)) == (0, "FIT")
        settings = kept(world.house.settings)
        async with open_world(url(second), tmp_path, bureau_url, payments_url, **settings) as later:
            assert await erased() == 1
            await lived(later)
        assert await restored("postgres: restore", later, place, RESTORED_URL=url(third)) == (1, "FORKED")


def test_the_policy_that_an_independent_witness_is_added_to_cannot_do_without_it(tmp_path: Path) -> None:
    log, _ = new_log(tmp_path)
    (tmp_path / "auditor.vkey").write_text(f"{CosigningKey.new('auditor.example/w').vkey}\n", encoding="utf-8")
    env = {"CLEARLINE_HOME": str(tmp_path), "CLEARLINE_LOG_ORIGIN": log["log_origin"], "PYTHONPATH": str(ROOT)}
    env |= {"AUDITOR_VKEY_FILE": str(tmp_path / "auditor.vkey"), "AUDITOR_URL": "https://witness.auditor.example"}
    said = block("witness: required").replace(VERB, f"{sys.executable} -m app ")
    subprocess.run(["bash", "-euc", said], cwd=ROOT, env={**os.environ, **env}, check=True, timeout=SECONDS_MAX)
    needs_the_auditor((tmp_path / "log-policy.txt").read_bytes())


def test_the_policy_that_the_page_of_the_log_shows_cannot_do_without_its_independent_witness() -> None:
    page = (ROOT / "docs" / "formats" / "ledger.md").read_text(encoding="utf-8")
    first, second = re.findall(r"```\n(log .*?)```", page, re.DOTALL)
    assert policies.parse(first.encode()).reached(frozenset({"north", "south"}))
    needs_the_auditor(second.encode())


def needs_the_auditor(text: bytes) -> None:
    policy = policies.parse(text)
    enough = [{"north", "east", "auditor"}, {"east", "south", "auditor"}, {"north", "east", "south", "auditor"}]
    short: list[set[str]] = [{"north", "east", "south"}, {"north", "auditor"}, {"auditor"}, set()]
    assert [policy.reached(frozenset(names)) for names in enough] == [True] * len(enough)
    assert [policy.reached(frozenset(names)) for names in short] == [False] * len(short)
