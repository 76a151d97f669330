"""A neighbour on loopback that speaks raw bytes: what a well-behaved server would never send."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.services.threaded import threaded

Write = Callable[[bytes], object]


def raw_neighbour(answer: Callable[[Write], None]) -> AbstractContextManager[str]:
    """Its URL. `answer`, in a thread of each connection's own, writes what follows the head of a request."""

    class Talk(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):  # the asker has gone
                while self.rfile.readline().strip():
                    pass
                answer(self.wfile.write)

    return threaded(ThreadingTCPServer, Talk)
