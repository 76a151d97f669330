"""Witnesses for a whole run: the real program's application on loopback, each in a thread of its own.

They take in the log of each new house. What stands between them and the wire may be told to misbehave.
"""

import asyncio
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.clock import real_now_us
from app.domain.proof.signed.keys import VerifierKey
from app.domain.proof.witness import SIZE, Witness, place
from witness.app import build
from witness.home import take_up
from witness.keys import CosigningKey

NAMES: Final = ("north", "east", "south")
SLOW_SECONDS: Final = 5.0
HOLD_SECONDS_MAX: Final = 20.0
START_SECONDS_MAX: Final = 10.0
SAYS: Final = {
    "GARBAGE": Response("— nobody AAAA\n" * 3),
    "ENDLESS": Response(b"x" * 1_000_000),
    "LIES_BEHIND": Response("0\n", 409, headers={"content-type": SIZE}),
    "LIES_AHEAD": Response("999999\n", 409, headers={"content-type": SIZE}),
}


@dataclass(slots=True)
class OneWitness:
    """One witness. `fault` is what it does wrong; `shows` what it shows instead of the truth, by origin."""

    name: str
    home: Path
    url: str = ""
    logs: dict[str, list[VerifierKey]] = field(default_factory=dict)
    fault: str = ""
    shows: dict[str, str] = field(default_factory=dict)
    held: threading.Event = field(default_factory=threading.Event)
    ready: threading.Event = field(default_factory=threading.Event)
    key: CosigningKey | None = None
    server: uvicorn.Server | None = None

    @property
    def cosigner(self) -> CosigningKey:
        """Its key."""
        assert self.key is not None
        return self.key

    def serve(self) -> None:
        """Serve until told to stop; the store belongs to this thread."""
        self.key, store = take_up(self.home, f"{self.name}.example/w")
        app = build(Witness(self.key.vkey, self.logs), self.key, store, lambda: real_now_us() // 1_000_000)
        asyncio.run(self._serve(app))

    async def _serve(self, app: ASGIApp) -> None:
        self.server = uvicorn.Server(
            uvicorn.Config(self._between(app), host="127.0.0.1", port=0, log_level="critical", access_log=False)
        )
        serving = asyncio.create_task(self.server._serve())  # without taking the signals of the test process
        while not self.server.started:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"
        self.ready.set()
        await serving

    def _between(self, app: ASGIApp) -> ASGIApp:
        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            answer = await self._instead(Request(scope)) if scope["type"] == "http" else None
            await (app(scope, receive, send) if answer is None else answer(scope, receive, send))

        return faulty

    async def _instead(self, request: Request) -> Response | None:
        for origin, shown in self.shows.items():
            if request.url.path == f"/{place(origin)}/checkpoint":
                return Response(shown)
        if self.fault == "HOLD" and request.method == "POST":
            await asyncio.to_thread(self.held.wait, HOLD_SECONDS_MAX)
            return None
        if self.fault == "SLOW":
            await asyncio.sleep(SLOW_SECONDS)
            return None
        if self.fault not in {"", "HOLD"} and request.method == "GET":
            return Response("no\n", 503)
        return SAYS.get(self.fault) or (Response("no\n", int(self.fault)) if self.fault.isdigit() else None)


@dataclass(slots=True)
class WitnessHouse:
    """The three of a run."""

    members: Mapping[str, OneWitness]

    def behave(self) -> None:
        """Do everything right again."""
        for one in self.members.values():
            one.fault, one.shows = "", {}
            one.held.set()

    def hold(self, *names: str) -> None:
        """Let these keep the log waiting, until they behave again or for a while."""
        for name in names:
            self.members[name].held.clear()
            self.members[name].fault = "HOLD"

    def policy(self, log: VerifierKey) -> str:
        """Take in a log, and write the policy that asks for two of the three."""
        for one in self.members.values():
            one.logs[log.name] = [log]
        lines = [f"log {log}"]
        lines += [f"witness {name} {one.cosigner.vkey} {one.url}" for name, one in self.members.items()]
        lines += [f"group witnesses 2 {' '.join(self.members)}", "quorum witnesses"]
        return "".join(f"{line}\n" for line in lines)


@contextmanager
def running_witnesses() -> Iterator[WitnessHouse]:
    """Three witnesses on free ports."""
    with tempfile.TemporaryDirectory(prefix="clearline-witnesses-") as folder:
        members = {name: OneWitness(name, Path(folder) / name) for name in NAMES}
        threads = [threading.Thread(target=one.serve, daemon=True) for one in members.values()]
        for thread in threads:
            thread.start()
        assert all(one.ready.wait(START_SECONDS_MAX) for one in members.values())
        try:
            yield WitnessHouse(members)
        finally:
            for one, thread in zip(members.values(), threads, strict=True):
                if one.server is not None:
                    one.server.should_exit = True
                thread.join(START_SECONDS_MAX)


_KEPT = ExitStack()


@cache
def witnesses_of_this_run() -> WitnessHouse:
    """The witnesses of this test process, started when first asked for; they end with it."""
    return _KEPT.enter_context(running_witnesses())
