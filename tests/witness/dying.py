"""A witness that is killed in the middle of its N-th cosignature: KILL_AT=before or after the commit, KILL_ON=N."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from app.domain.proof.signed.note import Note
from app.domain.proof.witness import Head
from witness import __main__ as program
from witness import home
from witness.store import Store


class Dying(Store):
    """A store whose process is killed at the chosen step, after the chosen number of cosignatures."""

    kept = 0

    def keep(self, origin: str, head: Head, shown: Note) -> None:
        super().keep(origin, head, shown)
        self.kept += 1
        self._perhaps("before")

    @contextmanager
    def turn(self) -> Iterator[None]:
        with super().turn():
            yield
        self._perhaps("after")

    def _perhaps(self, step: str) -> None:
        if os.environ["KILL_AT"] == step and self.kept == int(os.environ["KILL_ON"]):
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    with patch.object(home, "Store", Dying):
        program.main()
