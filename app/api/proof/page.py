"""The page on which anybody checks a receipt inside the browser; it is served whole and may speak to nobody."""

import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

_WEB = Path(__file__).resolve().parents[3] / "web"
_KINDS = {".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_POLICIES = "__POLICIES__"
# It reads files and judges them. Nothing that it loads, and nothing that slips into it, can send them anywhere.
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'none'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
}


def receipt_check(policies: Callable[[], Awaitable[Sequence[bytes]]]) -> list[BaseRoute]:
    """The routes of the page: itself, with the public keys of this log written into it, and what it is made of.

    `policies` tells whom the page trusts: the present policy first, then earlier ones.
    """
    page = (_WEB / "verify" / "index.html").read_text(encoding="utf-8")
    parts = [(path.name, path) for path in (_WEB / "verify").iterdir() if path.suffix in _KINDS]
    parts += [(f"receipt/{path.name}", path) for path in (_WEB / "receipt").glob("*.mjs")]

    async def with_keys(_request: Request) -> Response:
        told = json.dumps([text.decode("utf-8", "replace") for text in await policies()])
        safe = told.replace("<", "\\u003c")  # no text of a policy may end the element that holds it
        return Response(page.replace(_POLICIES, safe), media_type="text/html; charset=utf-8", headers=_HEADERS)

    return [
        Route("/verify", lambda _request: RedirectResponse("/verify/")),
        Route("/verify/", with_keys),
        *(_file(f"/verify/{name}", path.read_bytes(), _KINDS[path.suffix]) for name, path in sorted(parts)),
    ]


def _file(path: str, data: bytes, kind: str) -> Route:
    async def serve(_request: Request) -> Response:
        return Response(data, media_type=kind, headers=_HEADERS)

    return Route(path, serve)
