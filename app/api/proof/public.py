"""The log for anybody to follow: C2SP tlog-tiles below /log/, and the policies that it is judged by."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from app.domain.proof.signed.era import as_json
from app.domain.proof.strict import Unproven
from app.domain.proof.tree.tiles import Tile
from app.doors.ledger import Ledger
from app.flows.ledger.proving import eras
from app.flows.ledger.serving import newest_checkpoint, published_tile

LOG_PREFIX = "/log"
_OPEN = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
_CHANGES = {**_OPEN, "cache-control": "no-cache"}
_FOR_EVER = {**_OPEN, "cache-control": "public, max-age=31536000, immutable"}
_PATH_MAX = 64


def public_log(ledger: Ledger | None) -> list[BaseRoute]:
    """The routes of the log; none where no log is kept."""
    if ledger is None:
        return []

    async def checkpoint(_request: Request) -> Response:
        told = await newest_checkpoint(ledger.key.vkey)
        return _nothing("nothing was published yet") if told is None else _text(told)

    async def policy(_request: Request) -> Response:
        return _text(ledger.policy_text)

    async def in_time(_request: Request) -> Response:
        try:
            found = await eras(ledger)
        except Unproven as changed:
            return _nothing(changed.told)
        return Response(as_json(found), media_type="application/json", headers=_CHANGES)

    async def of_its_time(request: Request) -> Response:
        try:
            found = {era.number: era.policy for era in await eras(ledger)}
        except Unproven as changed:
            return _nothing(changed.told)
        told = found.get(request.path_params["number"])
        return _nothing("no policy has this number: see /log/policies") if told is None else _text(told)

    return [
        Route(f"{LOG_PREFIX}/checkpoint", checkpoint),
        Route(f"{LOG_PREFIX}/policy.txt", policy),
        Route(f"{LOG_PREFIX}/policies", in_time),
        Route(f"{LOG_PREFIX}/policies/{{number:int}}.txt", of_its_time),
        Route(f"{LOG_PREFIX}/tile/{{path:path}}", _tile),
    ]


async def _tile(request: Request) -> Response:
    try:
        tile = Tile.at(f"tile/{request.path_params['path'][:_PATH_MAX]}")
    except Unproven:
        return _nothing("no tile has this path: see C2SP tlog-tiles")
    told = await published_tile(tile)
    if told is None:
        return _nothing("the published tree does not reach so far")
    return Response(told, media_type="application/octet-stream", headers=_FOR_EVER)


def _text(told: bytes) -> Response:
    return Response(told, media_type="text/plain; charset=utf-8", headers=_CHANGES)


def _nothing(why: str) -> Response:
    return PlainTextResponse(f"{why}\n", HTTPStatus.NOT_FOUND, headers={**_OPEN, "cache-control": "no-store"})
