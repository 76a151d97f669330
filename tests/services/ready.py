"""Waiting for a server that a test has started as a process of its own."""

import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx2

from tests.services.process import last_words

READY_SECONDS_MAX: Final = 60.0
POLL_SECONDS: Final = 0.05


def await_ready(url: str, child: "subprocess.Popen[str] | subprocess.Popen[bytes]", log: Path | None = None) -> None:
    """Return when it says that it is ready. In between we rest: a start needs the processor more than we do."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    with httpx2.Client(trust_env=False, timeout=5.0) as http:
        while time.monotonic() < deadline and child.poll() is None:
            with suppress(httpx2.TransportError):
                if http.get(f"{url}/readyz").status_code == httpx2.codes.OK:
                    return
            time.sleep(POLL_SECONDS)
    raise AssertionError(f"{url} is not ready: {last_words(log) if log else child.poll()}")
