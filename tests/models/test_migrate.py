"""Migrations: each step once, in order, whole or not at all, whoever starts them and however many at once."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.connection import close_database, dialect_of, fetch, open_database
from models.migrate import FOLDER, MigrationFault, migrate, on_disk, pending, statements
from tests.needs import ROOT

AT_ONCE = 4
SAID_SECONDS_MAX = 60.0


@pytest.fixture
async def opened(empty_url: str) -> AsyncIterator[str]:
    """The dialect of an open database with nothing in it."""
    await open_database(empty_url)
    try:
        yield dialect_of(empty_url)
    finally:
        await close_database()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations, to be changed."""
    return Path(shutil.copytree(FOLDER, tmp_path / "migrations"))


def add_step(folder: Path, dialect: str, sql: str, number: int = 2) -> None:
    (folder / f"{number:04d}_more.{dialect}.sql").write_text(sql, encoding="utf-8")


async def test_the_second_run_does_nothing(opened: str) -> None:
    assert [step.number for step in await migrate()] == [step.number for step in on_disk(opened)]
    assert await pending() == []
    assert await migrate() == []


async def test_a_later_step_is_taken_alone(opened: str, folder: Path) -> None:
    await migrate(folder)
    number = len(on_disk(opened)) + 1
    add_step(
        folder, opened, "CREATE TABLE one_more (id INTEGER);\n-- a; word\nCREATE TABLE two_more (id INTEGER);", number
    )
    assert [step.number for step in await migrate(folder)] == [number]
    assert await fetch("SELECT count(*) AS n FROM two_more") == [{"n": 0}]


async def test_a_step_that_fails_half_way_leaves_nothing(opened: str, folder: Path) -> None:
    await migrate(folder)
    number = len(on_disk(opened)) + 1
    add_step(folder, opened, "CREATE TABLE one_more (id INTEGER); CREATE TABLE one_more (id INTEGER);", number)
    with pytest.raises(Exception, match="one_more"):
        await migrate(folder)
    add_step(folder, opened, "CREATE TABLE one_more (id INTEGER);", number)
    assert [step.number for step in await migrate(folder)] == [number]


async def test_a_file_that_changed_after_it_ran_is_refused(opened: str, folder: Path) -> None:
    await migrate(folder)
    step = on_disk(opened, folder)[0]
    first = folder / f"{step.number:04d}_{step.name}.{opened}.sql"
    first.write_text(first.read_text(encoding="utf-8") + "\n-- a word more", encoding="utf-8")
    with pytest.raises(MigrationFault, match="migration 1 was changed"):
        await migrate(folder)


async def test_a_database_of_a_later_release_is_refused(opened: str, folder: Path) -> None:
    number = len(on_disk(opened)) + 1
    add_step(folder, opened, "CREATE TABLE one_more (id INTEGER);", number)
    await migrate(folder)
    with pytest.raises(MigrationFault, match=f"migration {number}"):
        await migrate()


def test_gaps_doubles_and_strange_names_are_refused(folder: Path) -> None:
    add_step(folder, "sqlite", "", number=len(on_disk("sqlite")) + 2)
    with pytest.raises(MigrationFault, match="gap or a double"):
        on_disk("sqlite", folder)
    assert on_disk("postgres", folder)
    (folder / "notes.sql").write_text("", encoding="utf-8")
    with pytest.raises(MigrationFault, match=r"notes\.sql"):
        on_disk("postgres", folder)


def test_each_step_exists_for_both_dialects() -> None:
    named = [[(step.number, step.name) for step in on_disk(dialect)] for dialect in ("sqlite", "postgres")]
    assert named[0] == named[1]


def test_comments_and_semicolons_between_statements_are_no_statements() -> None:
    assert statements("-- a; b\nA;\n\n  -- c\nB\n;;") == ["A", "B"]


RUN = """
import asyncio, sys
from models.connection import open_database, close_database
from models.migrate import migrate

async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    await open_database(sys.argv[1])
    print(len(await migrate()))
    await close_database()

asyncio.run(main())
"""


def migrate_in_processes(url: str) -> list[tuple[int, str]]:
    """Exit code and words of processes that migrate one database at once."""
    command = [sys.executable, "-c", RUN, url]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(AT_ONCE)
    ]
    for child in running:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in running:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    said = [child.communicate(timeout=SAID_SECONDS_MAX)[0].strip() for child in running]
    return [(child.returncode, words) for child, words in zip(running, said, strict=True)]


async def test_processes_that_migrate_at_once_take_each_step_once(empty_url: str) -> None:
    told = await asyncio.to_thread(migrate_in_processes, empty_url)
    steps = len(on_disk(dialect_of(empty_url)))
    assert sorted(told) == [(0, "0")] * (AT_ONCE - 1) + [(0, str(steps))]
