"""Houses in processes of their own: the API and the worker as an operator starts them."""

import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.api.observe import set_up_logging
from app.cli.start.serving import work
from app.settings import Settings
from tests.needs import ROOT
from tests.services.process import end_with_parent
from tests.services.ready import await_ready

# Children born of a server that has imported the house already: they start at once, and are processes all the same.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["app.cli.start.serving"])

STOP_SECONDS_MAX = 10.0


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The variables that lead another process to the same house."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLEARLINE_")}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "CLEARLINE_HOME": str(settings.home),
        "CLEARLINE_DATABASE_URL": settings.database_url,
        "CLEARLINE_REDIS_URL": settings.redis_url,
        "CLEARLINE_BUREAU_URL": settings.bureau_url,
        "CLEARLINE_PAYMENTS_URL": settings.payments_url,
        "CLEARLINE_INSTITUTION": settings.institution,
        "CLEARLINE_LOG_ORIGIN": settings.log_origin,
        "CLEARLINE_BUREAU_TIMEOUT_SECONDS": str(settings.bureau_timeout_seconds),
        "CLEARLINE_LOG_LEVEL": "WARNING",
        **more,
    }


def start(verb: str, settings: Settings, log: Path, **more: str) -> subprocess.Popen[bytes]:
    """Start `python -m app VERB`; its words go to `log`."""
    with log.open("ab") as words:
        return subprocess.Popen(
            [sys.executable, "-m", "app", verb],
            cwd=ROOT,
            env=environment(settings, **more),
            stdout=words,
            stderr=subprocess.STDOUT,
        )


def run_worker(settings: Settings) -> None:
    """Be a worker process, as `python -m app worker` is one; ends with the process that started it."""
    end_with_parent()
    set_up_logging("CRITICAL")
    work(settings)


@contextmanager
def serving(settings: Settings, log: Path) -> Iterator[str]:
    """The API in a process of its own; its address once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = start("serve", settings, log, CLEARLINE_PORT=str(port))
    try:
        await_ready(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(STOP_SECONDS_MAX)
