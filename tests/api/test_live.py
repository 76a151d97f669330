"""The subscription over real sockets and event streams: the state now, every change, an end, and nothing left behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import uvicorn
from strawberry.http.streaming import SSE_HEARTBEAT_INTERVAL
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.cli.start.serving import uvicorn_config
from tests.world import OPERATIONS, Person, World

WATCH = (OPERATIONS / "WatchApplication.graphql").read_text(encoding="utf-8")
PATIENCE = 10
LOOKS_MAX = 200
CROWD = 50


@dataclass(frozen=True, slots=True)
class Served:
    """A world behind a real server."""

    world: World
    port: int

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @asynccontextmanager
    async def socket(self, token: str | None, **more: Any) -> AsyncIterator[ClientConnection]:
        """A socket whose first message carried the token."""
        url = f"ws://127.0.0.1:{self.port}/graphql"
        async with connect(url, subprotocols=["graphql-transport-ws"], proxy=None, **more) as socket:  # type: ignore[list-item]
            payload = {"authorization": f"Bearer {token}"} if token is not None else {}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            yield socket


@pytest.fixture(scope="module")
async def served(room: World) -> AsyncIterator[Served]:
    """The room's own application, served by uvicorn as in production."""
    config = uvicorn_config(room.house.web())
    config.port = 0
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    for _ in range(LOOKS_MAX):
        if server.started:
            break
        await asyncio.sleep(0.02)
    yield Served(room, server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await asyncio.wait_for(running, PATIENCE)


async def heard(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
    return message


async def watch(socket: ClientConnection, application: str) -> None:
    payload = {"query": WATCH, "variables": {"id": application}}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))


def status(message: dict[str, Any]) -> str:
    return str(message["payload"]["data"]["applicationUpdated"]["status"])


async def applied(world: World) -> tuple[Person, str]:
    person = await world.new()
    await world.grant(person)
    return person, str((await world.apply(person))["application"]["id"])


async def test_a_socket_tells_the_state_now_and_every_change_and_ends(served: Served) -> None:
    person, application = await applied(served.world)
    async with served.socket(person.token) as socket:
        assert (await heard(socket))["type"] == "connection_ack"
        await watch(socket, application)
        assert status(await heard(socket)) == "RECEIVED"
        await served.world.settle()
        seen = []
        while (message := await heard(socket))["type"] == "next":
            seen.append(status(message))
        assert seen[-1] == "DECIDED"
        assert set(seen) <= {"RECEIVED", "IN_REVIEW", "DECIDED"}
        assert message["type"] == "complete"


async def test_a_subscription_beyond_the_most_is_told_to_come_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.doors.cache.LISTENERS_MAX", 0)
    person, application = await applied(served.world)
    async with served.socket(person.token) as socket:
        await heard(socket)
        await watch(socket, application)
        message = json.dumps(await heard(socket))
    assert "RATE_LIMITED" in message, message


async def test_who_comes_back_after_a_cut_misses_nothing(served: Served) -> None:
    person, application = await applied(served.world)
    async with served.socket(person.token) as socket:
        await heard(socket)
        await watch(socket, application)
        assert status(await heard(socket)) == "RECEIVED"
        socket.transport.abort()
    await served.world.settle()
    stored = await served.world.node("MyApplication", application, person)
    async with served.socket(person.token) as socket:
        await heard(socket)
        await watch(socket, application)
        message = await heard(socket)
        assert status(message) == stored["status"] == "DECIDED"
        assert message["payload"]["data"]["applicationUpdated"]["decision"]["outcome"] == "APPROVED"
        assert (await heard(socket))["type"] == "complete"


async def test_an_event_stream_tells_the_same_and_is_not_held_back(served: Served) -> None:
    person, application = await applied(served.world)
    headers = {"authorization": f"Bearer {person.token}", "accept": "text/event-stream", "accept-encoding": "gzip"}
    body = {"query": WATCH, "variables": {"id": application}}
    seen: list[str] = []
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as client,
        client.stream("POST", served.http, json=body, headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        assert answer.headers["cache-control"] == "no-store"
        assert "content-encoding" not in answer.headers
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                seen.append(status({"payload": json.loads(line.removeprefix("data: "))}))
                if len(seen) == 1:
                    await served.world.settle()
    assert (seen[0], seen[-1]) == ("RECEIVED", "DECIDED")


@pytest.mark.parametrize("token", [None, "nobody", "", "x" * 300])
async def test_a_socket_without_a_good_token_is_closed(served: Served, token: str | None) -> None:
    async with served.socket(token) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await heard(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403


async def test_a_socket_that_skips_the_greeting_is_closed(served: Served) -> None:
    url = f"ws://127.0.0.1:{served.port}/graphql"
    async with connect(url, subprotocols=["graphql-transport-ws"], proxy=None) as socket:  # type: ignore[list-item]
        await watch(socket, "x")
        with pytest.raises(ConnectionClosed) as closed:
            await heard(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def test_another_persons_application_is_one_that_never_was(served: Served) -> None:
    _, theirs = await applied(served.world)
    stranger = await served.world.new()
    said = []
    async with served.socket(stranger.token) as socket:
        await heard(socket)
        for key in (theirs, "x"):
            await watch(socket, key)
            said.append(await heard(socket))
            if said[-1]["type"] == "next":
                assert (await heard(socket))["type"] == "complete"
    assert said[0] == said[1]
    assert "NOT_FOUND" in json.dumps(said[0])
    assert '"status"' not in json.dumps(said[0])


async def test_a_page_of_another_origin_opens_no_socket(served: Served) -> None:
    person = await served.world.new()
    with pytest.raises(InvalidStatus) as refused:
        async with served.socket(person.token, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    async with served.socket(person.token, origin=f"http://127.0.0.1:{served.port}") as socket:
        assert (await heard(socket))["type"] == "connection_ack"


async def test_messages_that_are_none_close_the_socket_and_not_the_server(served: Served) -> None:
    person = await served.world.new()
    for sent in ("{", "[]", "7", '{"type": "subscribe"}', '{"type": "nothing"}', '{"id": "1"}', b"\x00"):
        async with served.socket(person.token) as socket:
            await heard(socket)
            await socket.send(sent)
            with pytest.raises(ConnectionClosed):
                await heard(socket)
    async with served.socket(person.token) as socket:
        await heard(socket)
        for query in ("{", "{ nothing }", "{ viewer { " + "id " * 1500 + " } }", '{ node(id: "' + "long " * 60 + "}"):
            payload = {"id": "q", "type": "subscribe", "payload": {"query": query}}
            await socket.send(json.dumps(payload))
            message = await heard(socket)
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_crowd_cut_off_hard_leaves_no_task_and_no_ear(served: Served) -> None:
    person, application = await applied(served.world)
    cache: Any = served.world.house.desk.cache
    before = len(asyncio.all_tasks())

    async def listener() -> None:
        async with served.socket(person.token) as socket:
            await heard(socket)
            await watch(socket, application)
            assert status(await heard(socket)) == "RECEIVED"
            socket.transport.abort()

    async def reader() -> None:
        headers = {"authorization": f"Bearer {person.token}", "accept": "text/event-stream"}
        body = {"query": WATCH, "variables": {"id": application}}
        async with (
            httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as client,
            client.stream("POST", served.http, json=body, headers=headers) as answer,
        ):
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    return

    await asyncio.gather(*(listener() for _ in range(CROWD)), *(reader() for _ in range(CROWD // 5)))
    for _ in range(LOOKS_MAX):
        if len(asyncio.all_tasks()) <= before and not cache._ears:
            break
        await asyncio.sleep(0.05)
    assert not cache._ears
    assert len(asyncio.all_tasks()) <= before


def test_sockets_and_streams_are_pinged_within_twenty_seconds(room: World) -> None:
    assert SSE_HEARTBEAT_INTERVAL <= 20
    config = uvicorn_config(room.house.web())
    assert config.ws_ping_interval is not None
    assert config.ws_ping_interval <= 20
    assert config.ws_max_size <= 64 * 1024


async def until_heard(world: World, person: Person, socket: ClientConnection) -> dict[str, Any]:
    """Freeze and release until a notice is heard: whoever subscribes a moment too late misses the first."""
    frozen = {"lineId": person.line_id, "reason": "watch rule", "days": 7}
    for _ in range(PATIENCE):
        await world.act("FreezeMyLine", person, **frozen)
        await world.act("ReleaseMyLine", person, lineId=person.line_id)
        with suppress(TimeoutError):
            message = json.loads(await asyncio.wait_for(socket.recv(), 1))
            arrived: dict[str, Any] = message["payload"]["data"]["noticeArrived"]
            return arrived
    raise AssertionError("no notice was heard")


async def test_a_notice_arrives_as_it_is_written_and_only_at_its_own_customer(served: Served) -> None:
    person, other = await served.world.with_line(), await served.world.with_line()
    query = {"query": (OPERATIONS / "WatchNotices.graphql").read_text(encoding="utf-8")}
    async with served.socket(person.token) as mine, served.socket(other.token) as theirs:
        for socket in (mine, theirs):
            assert (await heard(socket))["type"] == "connection_ack"
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": query}))
        arrived = await until_heard(served.world, person, mine)
        assert arrived["about"]["id"] == person.line_id
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(theirs.recv(), 0.5)
