"""The witness over HTTP (C2SP tlog-witness): `add-checkpoint` for logs, the last cosigned checkpoint for monitors."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.domain.proof.witness import BODY_BYTES_MAX, PLAIN, Answer, Rejected, Witness, cosigned
from witness.keys import CosigningKey, verify
from witness.store import Store

READ_SECONDS_MAX: Final = 10.0
TOO_SLOW, TOO_LARGE, NOT_NOW = 408, 413, 503


class Cosigner:
    """One witness at work."""

    def __init__(self, witness: Witness, key: CosigningKey, store: Store, now: Callable[[], int]) -> None:
        self._witness, self._key, self._store, self._now = witness, key, store, now

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one request. A cosignature is given only once the tree that it is for is safe in the store.

        Raises:
            sqlite3.Error: nothing was kept, and nothing is cosigned.
        """
        try:
            asked = self._witness.read(body, verify)
        except Rejected as rejected:
            return rejected.answer
        origin = asked.checkpoint.origin
        with self._store.turn():
            try:
                head = self._witness.follow(asked, self._store.head(origin), self._now())
            except Rejected as rejected:
                if rejected.evidence:
                    self._store.testify(origin, body, str(rejected), max(self._now(), 1))
                return rejected.answer
            line, shown = self._witness.cosign(asked, head, self._key.sign)
            self._store.keep(origin, head, shown)
        return cosigned(line)

    async def submit(self, request: Request) -> Response:
        """POST /add-checkpoint."""
        body = bytearray()
        try:
            async with asyncio.timeout(READ_SECONDS_MAX):
                async for part in request.stream():
                    body += part
                    if len(body) > BODY_BYTES_MAX:
                        return _plain(TOO_LARGE, f"a request has at most {BODY_BYTES_MAX} bytes")
        except TimeoutError:
            return _plain(TOO_SLOW, "the request did not arrive in time")
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        try:
            answer = self.add_checkpoint(bytes(body))
        except sqlite3.Error:
            return _plain(NOT_NOW, "the witness cannot keep anything now: try again later")
        return Response(answer.body, answer.status, media_type=None, headers={"content-type": answer.content_type})

    async def show(self, request: Request) -> Response:
        """GET /{sha256 of the origin}/checkpoint."""
        try:
            shown = self._store.shown(request.path_params["place"])
        except sqlite3.Error:
            return _plain(NOT_NOW, "the witness cannot read now: try again later")
        if shown is None:
            return _plain(404, "this witness has cosigned nothing of such a log")
        return Response(shown, headers={"content-type": PLAIN, "cache-control": "no-cache"})


async def healthz(_request: Request) -> Response:
    """Says that the process serves."""
    return _plain(200, "UP")


def build(witness: Witness, key: CosigningKey, store: Store, now: Callable[[], int]) -> Starlette:
    """The witness as an application; it closes its store when it leaves."""
    cosigner = Cosigner(witness, key, store, now)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    routes = [
        Route("/add-checkpoint", cosigner.submit, methods=["POST"]),
        Route("/{place}/checkpoint", cosigner.show),
        Route("/healthz", healthz),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _plain(status: int, told: str) -> Response:
    return Response(f"{told}\n", status, headers={"content-type": PLAIN})
