"""A server of the standard library in a thread of its own, for the length of a block."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, TCPServer
from threading import Thread
from typing import Final

SHUTDOWN_POLL_SECONDS: Final = 0.02


@contextmanager
def threaded(kind: type[TCPServer], handler: type[BaseRequestHandler]) -> Iterator[str]:
    """Serve by a threading `kind` of server on a free port of loopback; its URL.

    In threads, for a server of the loop that is closed while somebody comes in leaves that connection open (CPython 3.11).
    """
    with kind(("127.0.0.1", 0), handler) as server:
        serving = Thread(target=server.serve_forever, args=(SHUTDOWN_POLL_SECONDS,))
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            serving.join()
