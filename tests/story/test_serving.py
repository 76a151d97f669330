"""`clearline serve` stops when told, cleanly, with its worker and its mark."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.inside import verb
from tests.needs import ROOT
from tests.services.ready import await_ready
from tests.story.test_command_line import STOP_SECONDS_MAX, free_port
from tests.world import new_log


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with a seeded book, and the origin of its log."""
    path = tmp_path_factory.mktemp("serving")
    assert verb(path, "migrate", "--seed").exit_code == 0
    log, _policy = new_log(path)
    return path, log["log_origin"]


@pytest.mark.xdist_group("serving")
@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, *(pytest.param(rare, marks=pytest.mark.long) for rare in (signal.SIGINT, signal.SIGHUP))],
)
def test_serve_with_its_worker_stops_cleanly_on_every_signal(home: tuple[Path, str], number: signal.Signals) -> None:
    path, origin = home
    port = free_port()
    more = {"CLEARLINE_HOME": str(path), "CLEARLINE_PORT": str(port), "CLEARLINE_WORKER_IN_PROCESS": "1"}
    more |= {"CLEARLINE_LOG_ORIGIN": origin}
    env = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    with subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=env) as child:
        await_ready(f"http://127.0.0.1:{port}", child)
        assert (path / "server.json").exists()
        child.send_signal(number)
        assert child.wait(STOP_SECONDS_MAX) == 0
    assert not (path / "server.json").exists()
