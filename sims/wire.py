"""What both outsiders share of HTTP: strict bodies, refusals as JSON, and silence."""

import asyncio
import contextlib
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

MAX_BODY_BYTES = 64 * 1024
DRIP_SECONDS = 0.02
CONNECTION = "connection"


class Refused(Exception):
    """A request that the outsider does not accept; nothing was recorded for it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Message(BaseModel):
    """A request body: camelCase names, strict types, no unknown member."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)

    @classmethod
    async def read(cls, request: Request) -> Self:
        """The body of `request`.

        Raises:
            Refused: 413 when too large, 400 when it does not fit; the message names members, never values.
        """
        body = await request.body()
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, "TOO_LARGE", f"a body has at most {MAX_BODY_BYTES} bytes")
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            raise Refused(400, "MALFORMED", _members(error)) from None


def _members(error: ValidationError) -> str:
    return "does not fit: " + ", ".join(sorted({_place(one) for one in error.errors()}))


def _place(one: ErrorDetails) -> str:
    """Where it does not fit and, where our own rule can say so, what is needed there."""
    place = ".".join(str(part) for part in one["loc"][:2]) or "body"
    match one["type"]:
        case "missing":
            return f"{place} (is needed)"
        case "value_error" | "enum":
            told = one.get("ctx", {})
            return f"{place} ({told.get('error') or 'one of ' + str(told.get('expected'))})"
    return place


async def refuse(_request: Request, error: Exception) -> Response:
    """The answer to a request that was refused."""
    if not isinstance(error, Refused):  # pragma: no cover - registered for Refused alone
        raise error
    return JSONResponse({"code": error.code, "message": error.message}, error.status)


async def healthz(_request: Request) -> Response:
    """Says that the process serves."""
    return JSONResponse({"status": "UP"})


async def keep_silent(request: Request, seconds: float) -> None:
    """Send nothing for `seconds`, or until the other side has gone."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await request.receive()


class Dripping(Response):
    """An answer that comes byte by byte, and is never whole: it stops after `seconds`."""

    def __init__(self, body: bytes, seconds: float) -> None:
        super().__init__(body)
        self._drops = int(seconds / DRIP_SECONDS)

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        """Send a byte, wait, and so on."""
        del scope, receive
        assert callable(send)  # noqa: S101 - the ASGI contract
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for drop in bytes(self.body)[: self._drops]:
            await send({"type": "http.response.body", "body": bytes([drop]), "more_body": True})
            await asyncio.sleep(DRIP_SECONDS)


class Twice(Response):
    """An answer that comes a second time, unasked, on the same connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and write the same bytes past the server once more."""
        await super().__call__(scope, receive, send)
        transport = scope.get("state", {}).get(CONNECTION)
        if transport is not None:
            head = "".join(f"{name.decode()}: {value.decode()}\r\n" for name, value in self.raw_headers)
            transport.write(f"HTTP/1.1 {self.status_code} OK\r\n{head}\r\n".encode() + bytes(self.body))


class Doors(Starlette):
    """An application whose answers can reach the connection itself, where it is served over one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the connection beside the request."""
        scope.setdefault("state", {})[CONNECTION] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


class BrokenOff(Response):
    """An answer whose connection ends in the middle of the body."""

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        """Promise the whole body, send half of it, and stop."""
        del scope, receive
        assert callable(send)  # noqa: S101 - the ASGI contract
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
