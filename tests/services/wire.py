"""A neighbour on loopback that speaks raw bytes: what a well-behaved server would never send."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Final

SHUTDOWN_POLL_SECONDS: Final = 0.02

Write = Callable[[bytes], object]


@contextmanager
def raw_neighbour(answer: Callable[[Write], None]) -> Iterator[str]:
    """Its URL. `answer`, in a thread of each connection's own, writes what follows the head of a request.

    In threads, for a server of the loop that is closed while somebody comes in leaves that connection open (CPython 3.11).
    """

    class Talk(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):  # the asker has gone
                while self.rfile.readline().strip():
                    pass
                answer(self.wfile.write)

    with ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        serving = Thread(target=server.serve_forever, args=(SHUTDOWN_POLL_SECONDS,))
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            serving.join()
