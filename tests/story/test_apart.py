"""API and worker as processes of their own, on PostgreSQL and Redis: the story over real HTTP."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from app.cli.start.story import play
from tests.cli.inside import verb
from tests.needs import ROOT
from tests.services.postgres import PostgresAddress
from tests.services.ready import await_ready
from tests.story.test_command_line import free_port
from tests.world import introduce, new_log


@contextmanager
def running(env: dict[str, str], *verb: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-m", "app", *verb], cwd=ROOT, env=env) as child:
        try:
            yield child
        finally:
            child.terminate()
            child.wait(20)


@pytest.mark.postgres
async def test_the_story_plays_against_an_api_and_a_worker_apart(
    tmp_path: Path, bureau_url: str, payments_url: str, postgres: PostgresAddress, redis_url: str
) -> None:
    async with postgres.database() as name:
        port = free_port()
        log, policy = new_log(tmp_path)
        await introduce(bureau_url, log["institution"], policy)
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CLEARLINE_HOME": str(tmp_path),
            "CLEARLINE_DATABASE_URL": postgres.url(name),
            "CLEARLINE_REDIS_URL": redis_url,
            "CLEARLINE_BUREAU_URL": bureau_url,
            "CLEARLINE_PAYMENTS_URL": payments_url,
            "CLEARLINE_PORT": str(port),
            "CLEARLINE_LOG_LEVEL": "WARNING",
            **{f"CLEARLINE_{name.upper()}": value for name, value in log.items()},
        }
        migrated = await asyncio.to_thread(verb, tmp_path, "migrate", "--seed", **env)
        assert migrated.exit_code == 0
        with running(env, "serve") as server, running(env, "worker"):
            url = f"http://127.0.0.1:{port}"
            await asyncio.to_thread(await_ready, url, server)
            told = await asyncio.to_thread(play, url, bureau_url)
            assert [step.bureau_records for step in told if step.operation == "MyIncrease"] == [2]
            ready = httpx2.get(f"{url}/readyz").json()
            assert json.dumps(ready) == '{"database": true, "migrations": true, "keys": true}'
