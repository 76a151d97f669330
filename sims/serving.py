"""How each outsider starts, says that it listens, and leaves."""

import argparse
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import uvicorn
from starlette.applications import Starlette

HOST = "127.0.0.1"
BACKLOG = 512
LAST_SECONDS = 1
IN_MEMORY = ":memory:"


def run(name: str, default_port: int, build: Callable[[argparse.Namespace], Starlette], **numbers: int) -> None:
    """Serve what `build` makes of the arguments until SIGTERM or SIGINT, then leave with code 0.

    `numbers` are options of this outsider alone, each a whole number with its default.
    """
    parser = argparse.ArgumentParser(prog=f"{name} simulator")
    parser.add_argument("--host", default=HOST, help="the address to listen on")
    parser.add_argument("--port", type=int, default=default_port, help="0 takes a free one")
    parser.add_argument("--store", default=IN_MEMORY, help="an SQLite file, or :memory:")
    parser.add_argument("--name", default=f"{name}.example", help="the name that it goes by")
    parser.add_argument("--timeout-seconds", type=float, default=30.0, help="how long a timeout keeps silent")
    for option, default in numbers.items():
        parser.add_argument(f"--{option}", type=int, default=default, help=f"{default} unless given")
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        # The server raises the signal again once it has closed; this handler turns it into a clean exit.
        signal.signal(number, _leave)
    listener = socket.create_server((arguments.host, arguments.port), backlog=BACKLOG)
    config = uvicorn.Config(
        build(arguments), log_level="critical", access_log=False, timeout_graceful_shutdown=LAST_SECONDS
    )
    print(f"{name} simulator listening on http://{arguments.host}:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    uvicorn.Server(config).run(sockets=[listener])


def prepare(store: str) -> str:
    """The path for SQLite, its folder made if need be."""
    if store != IN_MEMORY:
        Path(store).resolve().parent.mkdir(parents=True, exist_ok=True)
    return store


def _leave(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)
