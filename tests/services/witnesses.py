"""Witnesses for a whole run: real servers on loopback, in a thread of their own, who take in the log of each new house."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.clock import real_now_us
from app.domain.proof import witness as protocol
from app.domain.proof.signed.keys import Kind, VerifierKey
from app.domain.proof.signed.note import Note
from app.domain.proof.witness import Head, Rejected, Witness
from app.doors.signing import SigningKey, verify

SLOW_SECONDS: Final = 5.0
NAMES: Final = ("north", "east", "south")


@dataclass(slots=True)
class OneWitness:
    """One witness, and what it may be told to do wrong."""

    name: str
    key: SigningKey
    url: str = ""
    logs: dict[str, list[VerifierKey]] = field(default_factory=dict)
    heads: dict[str, tuple[Head, Note]] = field(default_factory=dict)
    fault: str = ""
    asked: int = 0

    async def add(self, request: Request) -> Response:
        """POST add-checkpoint."""
        self.asked += 1
        law = Witness(self.key.vkey, self.logs)
        if self.fault == "SLOW":
            await asyncio.sleep(SLOW_SECONDS)
        if self.fault == "GARBAGE":
            return Response("— nobody AAAA\n" * 3)
        if self.fault == "ENDLESS":
            return Response(b"x" * 1_000_000)
        if self.fault == "LIES_BEHIND":
            return Response("0\n", 409, media_type=protocol.SIZE)
        if self.fault == "LIES_AHEAD":
            return Response("999999\n", 409, media_type=protocol.SIZE)
        if self.fault.isdigit():
            return Response("no\n", int(self.fault))
        try:
            asked = law.read(await request.body(), verify)
            origin = asked.checkpoint.origin
            known = self.heads.get(origin)
            head = law.follow(asked, known[0] if known else None, real_now_us() // 1_000_000)
        except Rejected as rejected:
            answer = rejected.answer
            return Response(answer.body, answer.status, media_type=answer.content_type)
        line, shown = law.cosign(asked, head, self.key.sign)
        self.heads[origin] = (head, shown)
        return Response(protocol.cosigned(line).body)

    async def last(self, request: Request) -> Response:
        """GET {log}/checkpoint."""
        place = request.path_params["place"]
        if self.fault:
            return Response("no\n", 503)
        for origin, (_, shown) in self.heads.items():
            if protocol.place(origin) == place:
                return Response(str(shown))
        return Response(status_code=404)

    def app(self) -> Starlette:
        return Starlette(
            routes=[Route("/add-checkpoint", self.add, methods=["POST"]), Route("/{place}/checkpoint", self.last)]
        )


@dataclass(slots=True)
class WitnessHouse:
    """The three of a run."""

    members: Mapping[str, OneWitness]

    def behave(self) -> None:
        """Do everything right again."""
        for one in self.members.values():
            one.fault = ""

    def policy(self, log: VerifierKey) -> str:
        """Take in a log, and write the policy that asks for two of the three."""
        for one in self.members.values():
            one.logs[log.name] = [log]
        lines = [f"log {log}"]
        lines += [f"witness {name} {one.key.vkey} {one.url}" for name, one in self.members.items()]
        lines += [f"group witnesses 2 {' '.join(self.members)}", "quorum witnesses"]
        return "".join(f"{line}\n" for line in lines)


@contextmanager
def running_witnesses() -> Iterator[WitnessHouse]:
    """Three witnesses on free ports."""
    members = {name: OneWitness(name, SigningKey.new(f"{name}.example/w", Kind.COSIGNATURE)) for name in NAMES}
    servers = []
    for one in members.values():
        config = uvicorn.Config(
            one.app(), port=0, log_level="critical", access_log=False, lifespan="off", loop="asyncio"
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.01)
        one.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        servers.append((server, thread))
    try:
        yield WitnessHouse(members)
    finally:
        for server, thread in servers:
            server.should_exit = True
            thread.join(5)


_KEPT = ExitStack()


@cache
def witnesses_of_this_run() -> WitnessHouse:
    """The witnesses of this test process, started when first asked for; their threads end with it."""
    return _KEPT.enter_context(running_witnesses())
