"""`clearline serve` stops when told, cleanly, with its worker and its mark."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import ROOT
from tests.story.test_command_line import STOP_SECONDS_MAX, clearline, free_port, wait_until_ready
from tests.world import new_log


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serve_with_its_worker_stops_cleanly_on_every_signal(tmp_path: Path, number: signal.Signals) -> None:
    clearline(tmp_path, "migrate", "--seed")
    port = free_port()
    log, _policy = new_log(tmp_path)
    more = {"CLEARLINE_HOME": str(tmp_path), "CLEARLINE_PORT": str(port), "CLEARLINE_WORKER_IN_PROCESS": "1"}
    more |= {"CLEARLINE_LOG_ORIGIN": log["log_origin"]}
    env = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    with subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=env) as child:
        wait_until_ready(f"http://127.0.0.1:{port}", child)
        assert (tmp_path / "server.json").exists()
        child.send_signal(number)
        assert child.wait(STOP_SECONDS_MAX) == 0
    assert not (tmp_path / "server.json").exists()
