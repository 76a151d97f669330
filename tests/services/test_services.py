"""The servers are real, are apart from one another, and leave nothing behind."""

import os
import select
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import asyncpg
import pytest
from redis import asyncio as aioredis

from tests.needs import ROOT
from tests.services.postgres import PostgresAddress, PostgresServer, find_binaries, running_postgres
from tests.services.process import ServiceUnavailableError, remove_abandoned
from tests.services.valkey import URL, ValkeyServer

WAIT_SECONDS_MAX = 10.0

pytestmark = pytest.mark.xdist_group("services")


def ended(watches: list[int]) -> bool:
    """Wait until each of the watched processes has ended, and say whether they all did in time."""
    try:
        return all(select.select([watch], [], [], WAIT_SECONDS_MAX)[0] for watch in watches)
    finally:
        for watch in watches:
            os.close(watch)


@pytest.mark.postgres
async def test_postgres_answers_with_its_version(postgres: PostgresAddress) -> None:
    connection = await asyncpg.connect(**postgres.credentials("postgres"))
    try:
        assert (await connection.fetchval("select version()")).startswith("PostgreSQL ")
        assert await connection.fetchval("show timezone") == "UTC"
    finally:
        await connection.close()


@pytest.mark.postgres
async def test_a_database_is_copied_from_its_template_and_dropped(postgres: PostgresAddress) -> None:
    async with postgres.database() as template:
        connection = await asyncpg.connect(**postgres.credentials(template))
        await connection.execute("create table line (limit_minor bigint check (limit_minor >= 0))")
        await connection.close()
        async with postgres.database(template) as copy:
            connection = await asyncpg.connect(**postgres.credentials(copy))
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute("insert into line values (-1)")
            await connection.close()
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await asyncpg.connect(**postgres.credentials(copy))


@pytest.mark.postgres
async def test_dropping_cuts_the_sessions_that_are_left_open(postgres: PostgresAddress) -> None:
    async with postgres.database() as name:
        connection = await asyncpg.connect(**postgres.credentials(name))
    with pytest.raises((asyncpg.InterfaceError, asyncpg.PostgresError)):
        await connection.fetchval("select 1")


async def test_a_name_that_is_more_than_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="not a plain database name"):
        await PostgresAddress("nowhere", 1).create_database('x"; drop database "y')


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgres://lena:s%40fe@db.test:6543/", PostgresAddress("db.test", 6543, "lena", "s@fe")),
        ("postgres://lena@/?host=/run/pg", PostgresAddress("/run/pg", 5432, "lena")),
    ],
)
def test_a_server_that_runs_already_is_used_as_it_is(
    url: str, address: PostgresAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEARLINE_TEST_POSTGRES", url)
    with running_postgres() as found:
        assert found == address


def test_without_any_program_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tests.services.postgres.find_spec", lambda _: None)
    monkeypatch.setattr("tests.services.postgres.DEBIAN", tmp_path)
    with pytest.raises(ServiceUnavailableError, match="CLEARLINE_TEST_POSTGRES"):
        find_binaries()


def test_a_system_installation_serves_when_the_environment_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for version in ("9", "15"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for program in ("initdb", "postgres"):
            (folder / program).touch()
    monkeypatch.setattr("tests.services.postgres.find_spec", lambda _: None)
    monkeypatch.setattr("tests.services.postgres.DEBIAN", tmp_path)
    assert find_binaries() == tmp_path / "15" / "bin"


@pytest.mark.postgres
def test_a_stopped_postgres_is_gone_with_its_folder() -> None:
    server = PostgresServer()
    address = server.start()
    assert server.pid
    watch = os.pidfd_open(server.pid)
    server.stop()
    assert ended([watch])
    assert not Path(address.host).exists()


@pytest.mark.postgres
def test_programs_in_a_closed_folder_are_run_from_a_copy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = find_binaries().parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        (tmp_path / part.name).symlink_to(part)
    tmp_path.chmod(0o700)  # as a checkout below a private home is: only the owner, here root, gets through
    binaries = tmp_path / package.name / "pginstall" / "bin"
    monkeypatch.setattr("tests.services.postgres.find_binaries", lambda: binaries)
    server = PostgresServer()
    address = server.start()
    copied = Path(address.host, package.name).is_dir()
    server.stop()
    assert copied == (os.geteuid() == 0)


async def test_a_key_is_set_only_when_it_is_not_there(redis_url: str) -> None:
    async with aioredis.from_url(redis_url) as client:
        await client.flushall()
        assert await client.set("lease", "first", nx=True, px=60_000)
        assert await client.set("lease", "second", nx=True) is None
        assert await client.get("lease") == b"first"
        assert "valkey_version" in await client.info("server") or "redis_version" in await client.info("server")


async def test_a_published_word_reaches_who_listens(redis_url: str) -> None:
    async with aioredis.from_url(redis_url) as client, client.pubsub() as channel:
        await channel.subscribe("wake")
        first = await channel.get_message(timeout=WAIT_SECONDS_MAX)
        assert first
        assert first["type"] == "subscribe"
        assert await client.publish("wake", "up") == 1
        message = await channel.get_message(timeout=WAIT_SECONDS_MAX)
        assert message
        assert message["data"] == b"up"


def test_the_url_is_left_for_processes_that_a_test_starts(redis_url: str) -> None:
    assert os.environ[URL] == redis_url


def test_a_stopped_valkey_is_gone_with_its_folder() -> None:
    server = ValkeyServer()
    url = server.start()
    assert server.pid
    watch = os.pidfd_open(server.pid)
    server.stop()
    assert ended([watch])
    assert not Path(url.removeprefix("unix://")).parent.exists()


@pytest.mark.postgres
def test_a_killed_run_leaves_no_server_behind() -> None:
    story = """
        import time
        from tests.services.postgres import PostgresServer
        from tests.services.valkey import ValkeyServer
        postgres, valkey = PostgresServer(), ValkeyServer()
        folders = postgres.start().host, valkey.start().removeprefix("unix://").rpartition("/")[0]
        print(postgres.pid, valkey.pid, *folders, flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(story)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        postgres_pid, valkey_pid, *folders = run.stdout.readline().split()
        watches = [os.pidfd_open(int(pid)) for pid in (postgres_pid, valkey_pid)]
        run.send_signal(signal.SIGKILL)
    assert ended(watches)
    remove_abandoned("pg")
    remove_abandoned("kv")
    assert not [folder for folder in folders if Path(folder).exists()]
