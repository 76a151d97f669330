"""The web application: GraphQL, feeds and copies of own data, receipts, the public log, health, and the sandbox's playground."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path

import orjson
from asyncpg import PostgresError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from tortoise.exceptions import BaseORMException

from app.api.copies.serving import COPIES, COPIES_PATH, copy
from app.api.gates import TrustedDocuments
from app.api.observe import Observed, book_page
from app.api.papers.certificates import CERTIFICATES, CERTIFICATES_PATH, certificate
from app.api.papers.fetching import fetched
from app.api.proof.page import receipt_check
from app.api.proof.public import public_log
from app.api.proof.receipts import RECEIPTS, RECEIPTS_PATH, receipt
from app.api.reading import figures
from app.api.sandbox.playground import playground_config
from app.api.schema import build_schema
from app.api.sources.bank import BANK_PATH, bank
from app.api.sources.feed import FEED_PATH, feed
from app.api.transport import GraphQLView
from app.domain.deciding.behaviour import DataSource
from app.flows.ledger.proving import trusted_policies
from app.flows.unit import Desk

AWAY = (BaseORMException, PostgresError, OSError)
Check = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What the composition root decides for the web application.

    `sources` are the keys of the sources of own data that may send events, `bank` is the key of the bank that tells of
    payments; without one there is no such route.
    """

    sandbox: bool
    closed: bool
    playground: Path
    ready: dict[str, Check]
    sources: dict[DataSource, bytes] = field(default_factory=dict)
    bank: bytes | None = None


def build_server(
    desk: Desk,
    options: ServerOptions,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """The web application over one desk."""
    trusted = TrustedDocuments.load()
    schema = build_schema(sandbox=options.sandbox, closed=options.closed)
    view = GraphQLView(schema, desk, trusted, closed=options.closed)
    routes: list[BaseRoute] = [
        Route("/graphql", view),
        WebSocketRoute("/graphql", view),
        Route(COPIES_PATH, fetched(desk, COPIES, copy), methods=["GET"]),
        Route(CERTIFICATES_PATH, fetched(desk, CERTIFICATES, certificate), methods=["GET"]),
        Route(RECEIPTS_PATH, fetched(desk, RECEIPTS, receipt), methods=["GET"]),
        *receipt_check(partial(trusted_policies, desk.ledger)),
        *public_log(desk.ledger),
        Route("/healthz", _healthz),
        Route("/readyz", _readyz(options.ready)),
        Route("/metrics", _metrics),
    ]
    if options.sources:
        routes.append(Route(FEED_PATH, feed(desk, options.sources), methods=["POST"]))
    if options.bank is not None:
        routes.append(Route(BANK_PATH, bank(desk, options.bank), methods=["POST"]))
    if options.sandbox:
        sdl = cache(schema.as_str)  # printing takes a tenth of a second: when somebody asks, and once
        routes += [Route("/schema.graphql", lambda _request: PlainTextResponse(sdl())), *_playground(desk, options)]
    web = Starlette(routes=routes, middleware=[Middleware(Observed)], lifespan=lifespan)
    web.router.redirect_slashes = (
        False  # one name for each thing: with a slash behind it, it is another, and not there
    )
    return web


async def _healthz(_request: Request) -> Response:
    """The process answers; nothing else is asked, so that a database outage restarts nobody."""
    return PlainTextResponse("ok\n")


def _readyz(checks: dict[str, Check]) -> Callable[[Request], Awaitable[Response]]:
    async def readyz(_request: Request) -> Response:
        found = {name: await _holds(check) for name, check in checks.items()}
        status = HTTPStatus.OK if all(found.values()) else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(orjson.dumps(found) + b"\n", status, media_type="application/json")

    return readyz


async def _holds(check: Check) -> bool:
    """The check's answer; one that cannot even ask has failed."""
    try:
        return await check()
    except AWAY:
        return False


async def _metrics(_request: Request) -> Response:
    """This process's own counts, and the book's, which are the same from every process."""
    try:
        cpu_seconds, assessments = await figures.decision_cpu()
        book = {
            "inquiries": await figures.inquiries_by_state(),
            "inquiries_avoided": await figures.inquiries_avoided(),
            "ruled_out": await figures.ruled_out_by_reason(),
            "decisions": await figures.decisions_by_outcome(),
            "assessment_cpu_seconds": cpu_seconds,
            "assessments": assessments,
            "jobs": await figures.jobs_by_state(),
            "reconciliation_results": await figures.reconciliation_results(),
            "reconciliation_age_days": await figures.reconciliation_age_days(),
            "route_frozen": await figures.route_frozen(),
            "requests_waiting": await figures.requests_waiting(),
            "log_records": await figures.log_records(),
            "log_standing": await figures.log_standing(),
        }
    except AWAY:
        book = {}  # the database is away; /readyz says so
    return Response(generate_latest() + book_page(book), media_type=CONTENT_TYPE_LATEST)


def _playground(desk: Desk, options: ServerOptions) -> list[BaseRoute]:
    async def config(_request: Request) -> Response:
        return Response(orjson.dumps(await playground_config(desk)), media_type="application/json")

    async def to_playground(_request: Request) -> Response:
        return RedirectResponse("/playground/")

    routes: list[BaseRoute] = [
        Route("/playground/config.json", config),
        Route("/playground", to_playground),
        Route("/", to_playground),
    ]
    if (options.playground / "index.html").exists():
        routes.append(Mount("/playground", StaticFiles(directory=options.playground, html=True)))
    else:
        routes.append(Route("/playground/", _not_built))
    return routes


async def _not_built(_request: Request) -> Response:
    return PlainTextResponse(
        "The playground was not built, or could not be. GraphQL itself works: see the README.\n",
        HTTPStatus.NOT_FOUND,
    )
