"""`python -m witness --home FOLDER --name NAME --log VKEY`: serve until SIGTERM or SIGINT, then leave with code 0."""

import argparse
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import uvicorn
from starlette.applications import Starlette

from app.domain.proof.signed.keys import Kind, VerifierKey
from app.domain.proof.strict import Unproven
from app.domain.proof.witness import Witness
from witness.app import build
from witness.home import HomeUnusable, take_up
from witness.keys import KeyUnusable

HOST = "127.0.0.1"
BACKLOG = 128
CONNECTIONS_MAX = 256
LAST_SECONDS = 2
EXIT_ENVIRONMENT = 3


class NoLog(Exception):
    """A log's key is missing, is none, or stands twice."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="witness", description="Cosign the checkpoints of logs that only grow.")
    parser.add_argument("--home", type=Path, required=True, help="the folder of key and store; made when it is empty")
    parser.add_argument("--name", required=True, help="a schema-less URL, such as witness.example/w1")
    parser.add_argument("--log", action="append", default=[], metavar="VKEY", help="a log to follow; may be repeated")
    parser.add_argument("--host", default=HOST, help="the address to listen on")
    parser.add_argument("--port", type=int, default=8711, help="0 takes a free one")
    told = parser.parse_args(arguments)
    os.umask(0o077)
    for number in (signal.SIGTERM, signal.SIGINT):
        # The server raises the signal again once it has closed; this handler turns it into a clean exit.
        signal.signal(number, _leave)
    try:
        listener = _listener(told.host, told.port)
        app, vkey = prepared(told.home, told.name, told.log)
    except (HomeUnusable, KeyUnusable, NoLog, OSError, Unproven, sqlite3.Error) as trouble:
        sys.stderr.write(f"the witness does not start: {trouble}\n")
        sys.exit(EXIT_ENVIRONMENT)
    config = uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=LAST_SECONDS,
    )
    port = listener.getsockname()[1]
    sys.stdout.write(f"witness {vkey} listening on http://{told.host}:{port}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as trouble:
        raise OSError(
            f"cannot listen on {host} port {port} ({trouble.strerror}): choose another with --port"
        ) from None


def prepared(home: Path, name: str, logs: Sequence[str]) -> tuple[Starlette, VerifierKey]:
    """The application, and the vkey for the policies of others.

    Raises:
        HomeUnusable: and the other errors of a start.
    """
    followed = followed_logs(logs)  # before a key is made
    key, store = take_up(home, name)
    return build(Witness(key.vkey, followed), key, store, lambda: time.time_ns() // 10**9), key.vkey


def followed_logs(vkeys: Sequence[str]) -> Mapping[str, Sequence[VerifierKey]]:
    """The keys of each origin; a log's key bears the name of its origin.

    Raises:
        NoLog: there is none, or one is no Ed25519 key, or stands twice.
    """
    logs: dict[str, list[VerifierKey]] = {}
    for vkey in vkeys:
        try:
            key = VerifierKey.parse(vkey)
        except Unproven as refused:
            raise NoLog(f"--log: {refused.told}") from None
        if key.kind is not Kind.ED25519 or any(key.id == other.id for other in logs.get(key.name, [])):
            raise NoLog(f"--log: the key of {key.name} is no Ed25519 key of a log, or stands twice")
        logs.setdefault(key.name, []).append(key)
    if not logs:
        raise NoLog("--log is missing: the vkey of a log to follow")
    return logs


def _leave(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
