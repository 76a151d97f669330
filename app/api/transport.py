"""GraphQL over HTTP and WebSocket: POST JSON; GET for registered queries; no batches, no uploads, bounded bodies."""

import asyncio
import json
from http import HTTPStatus
from typing import Any, cast

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.unset import UNSET

from app.api.caller import Context, bearer, language_of, unauthenticated
from app.api.errors import Ours, as_shown, bad_request, in_language, masked, without_values
from app.api.gates import TrustedDocuments, not_registered
from app.api.reading.people import caller_of
from app.api.schema import Schema
from app.flows.unit import Desk

BODY_BYTES_MAX = 64 * 1024
BODY_SECONDS_MAX = 20
REQUESTS_MAX = 3000
REQUESTS_WINDOW_SECONDS = 60
SUBSCRIPTIONS_PER_CONNECTION_MAX = 10


class BadRequest(Exception):
    """A request that is none: answered in GraphQL's own form."""

    def __init__(self, status: HTTPStatus, error: GraphQLError) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error


def _bad(status: HTTPStatus, word: str, **facts: object) -> BadRequest:
    return BadRequest(status, bad_request(word, **facts))


class GraphQLView(GraphQL[Context, None]):
    """The one entrance."""

    def __init__(self, schema: Schema, desk: Desk, trusted: TrustedDocuments, *, closed: bool) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, "graphql-sse"),
            multipart_uploads_enabled=False,
            max_subscriptions_per_connection=SUBSCRIPTIONS_PER_CONNECTION_MAX,
        )
        self._desk = desk
        self._trusted = trusted
        self._closed = closed

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        """Answer one request or serve one socket."""
        if self.is_websocket_request(request):
            return await super().run(request, context, root_value)
        try:
            async with asyncio.timeout(BODY_SECONDS_MAX):
                await self._admit(request)
            response: Response = await super().run(request, context, root_value)
        except BadRequest as refused:
            return _errors(request, refused.status, refused.error)
        except HTTPException as refused:
            error = GraphQLError(without_values(refused.reason), extensions={"code": "BAD_REQUEST"})
            return _errors(request, HTTPStatus(refused.status_code), error)
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody is there to read it, and no fault of ours
        except TimeoutError:
            slow = _bad(HTTPStatus.REQUEST_TIMEOUT, "BODY_TOO_SLOW", seconds=BODY_SECONDS_MAX)
            return _errors(request, slow.status, slow.error)
        except Exception as fault:  # noqa: BLE001 - the edge: a fault outside any resolver is masked like one inside
            return _errors(request, HTTPStatus.INTERNAL_SERVER_ERROR, masked(fault))
        return response

    async def _admit(self, request: Request) -> None:
        if request.method == "POST":
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                raise _bad(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "CONTENT_TYPE")
            declared = request.headers.get("content-length", "0")
            if declared.isascii() and declared.isdigit() and int(declared) > BODY_BYTES_MAX:
                raise _bad(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "BODY_TOO_LARGE", most=BODY_BYTES_MAX)
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_BYTES_MAX:
                    raise _bad(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "BODY_TOO_LARGE", most=BODY_BYTES_MAX)
            request._body = bytes(body)  # noqa: SLF001 - where Starlette keeps a body that was read
        elif request.method != "GET":
            raise _bad(HTTPStatus.METHOD_NOT_ALLOWED, "METHOD")

    def should_render_graphql_ide(self, request: Any) -> bool:
        """Never: the playground is a page of its own."""
        del request
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """The operation asked for: its text, or the id of a registered one."""
        if request.method == "GET":
            data = dict(request.query_params)
            for name in ("variables", "extensions"):
                if data.get(name):
                    data[name] = _json(str(data[name]))
        else:
            data = _json(await request.get_body())
        if not isinstance(data, dict):
            raise _bad(HTTPStatus.BAD_REQUEST, "ONE_OPERATION")
        transport = self._get_stream_transport_from_headers(request.headers)
        variables = _part(data, "variables", dict)
        extensions = _part(data, "extensions", dict)
        text = self._text(request.method, data, extensions)
        if transport is None and text.lstrip().startswith("subscription"):
            raise _bad(HTTPStatus.NOT_ACCEPTABLE, "SUBSCRIBE_OTHERWISE")
        return GraphQLRequestData(
            query=text,
            variables=variables,
            operation_name=_part(data, "operationName", str),
            extensions=extensions,
            protocol=transport.protocol if transport else "http",
        )

    def _text(self, method: str, data: dict[str, Any], extensions: dict[str, Any] | None) -> str:
        document_id = _part(data, "documentId", str)
        if document_id is None:
            persisted = (extensions or {}).get("persistedQuery")
            document_id = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        if isinstance(document_id, str) and data.get("query") is None:
            text = self._trusted.text(document_id)
            if text is None:
                raise BadRequest(HTTPStatus.BAD_REQUEST, not_registered())
            if method == "GET" and not text.lstrip().startswith("query"):
                raise _bad(HTTPStatus.METHOD_NOT_ALLOWED, "GET_ONLY_QUERIES")
            return text
        query = _part(data, "query", str)
        if method == "GET":
            raise _bad(HTTPStatus.METHOD_NOT_ALLOWED, "GET_ONLY_REGISTERED")
        if query is None:
            raise _bad(HTTPStatus.BAD_REQUEST, "NOTHING_ASKED")
        return str(query)

    async def get_context(self, request: Request | WebSocket, response: Any) -> Context:
        """Who asks, and in which language."""
        del response
        await self._desk.refresh_clock()
        connection = cast("HTTPConnection", request)
        context = Context(self._desk, None, _language(connection))
        token = bearer(connection.headers.get("authorization"))
        if token is not None:
            context.caller = await caller_of(token)
            if context.caller is None:
                if isinstance(request, WebSocket):
                    return context
                raise BadRequest(HTTPStatus.UNAUTHORIZED, unauthenticated())
            left = await self._desk.cache.take(f"caller:{context.caller.id}", REQUESTS_MAX, REQUESTS_WINDOW_SECONDS)
            if left < 0 and not isinstance(request, WebSocket):
                raise BadRequest(HTTPStatus.TOO_MANY_REQUESTS, Ours("RATE_LIMITED", "TOO_MANY_REQUESTS"))
        return context

    async def on_ws_connect(self, context: Context) -> Any:
        """Take the token of a socket's first message: browsers cannot set headers on a socket."""
        payload = context.connection_params or {}
        sent = payload.get("authorization") or payload.get("Authorization") if isinstance(payload, dict) else None
        token = bearer(sent if isinstance(sent, str) else None)
        if token is not None:
            context.caller = await caller_of(token)
        if context.caller is None:
            raise ConnectionRejectionError({"code": "UNAUTHENTICATED"})
        return UNSET

    async def process_result(self, request: Any, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Mask, and put into the caller's language, what failed before any extension could see it."""
        for place, error in enumerate(result.errors or ()):
            shown = in_language(as_shown(error, hide_names=self._closed), _language(request))
            result.errors[place] = shown  # type: ignore[index]  # there is one
        return await super().process_result(request, result)

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """A GraphQL answer; a request that never ran is told by its status too."""
        del sub_response
        refused = isinstance(response_data, dict) and "errors" in response_data and response_data.get("data") is None
        ran = refused and any(
            isinstance(error, dict) and error.get("path") for error in cast("dict[str, Any]", response_data)["errors"]
        )
        if refused and not ran:
            cast("dict[str, Any]", response_data).pop("data", None)
        status = HTTPStatus.BAD_REQUEST if refused and not ran else HTTPStatus.OK
        return Response(
            orjson.dumps(response_data), status, media_type="application/json", headers={"cache-control": "no-store"}
        )

    async def create_streaming_response(self, request: Any, stream: Any, sub_response: Any, headers: Any) -> Any:
        """An event stream that no proxy may hold back."""
        ours = {"x-accel-buffering": "no", "cache-control": "no-store"}
        unbuffered = {**{name: value for name, value in headers.items() if name.lower() not in ours}, **ours}
        return await super().create_streaming_response(request, stream, sub_response, unbuffered)


def _json(text: str | bytes) -> Any:
    """What a text says, by the strict parser; read again for names that stand twice, which readers take differently.

    Raises:
        BadRequest: it is not JSON, is nested without end, or gives a name twice in one object.
    """
    try:
        said = orjson.loads(text)
        json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise _bad(HTTPStatus.BAD_REQUEST, "NOT_JSON") from error
    return said


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands twice in one object")


def _part(data: dict[str, Any], name: str, kind: type) -> Any:
    value = data.get(name)
    if value is not None and not isinstance(value, kind):
        raise _bad(HTTPStatus.BAD_REQUEST, "WRONG_TYPE", name=name)
    return value


def _language(request: HTTPConnection) -> str:
    return language_of(request.headers.get("accept-language"))


def _errors(request: Request, status: HTTPStatus, error: GraphQLError) -> Response:
    told = in_language(error, _language(request))
    body = json.dumps({"errors": [told.formatted]}, ensure_ascii=False)
    headers = {"cache-control": "no-store"}
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["retry-after"] = str(REQUESTS_WINDOW_SECONDS)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["allow"] = "GET, POST"
    return Response(body, status, media_type="application/json", headers=headers)
