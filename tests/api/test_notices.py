"""The inbox over HTTP: whose it is, what is unread, and what a notice is about."""

from typing import Any
from uuid import uuid4

from tests.world import Person, World


async def inbox(room: World, person: Person, **asked: Any) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await room.ask("MyNotices", asked, person.token))["viewer"]["notices"]["nodes"]
    return nodes


async def test_a_notice_is_read_once_and_leaves_the_unread(room: World) -> None:
    person = await room.with_line()
    newest, older = await inbox(room, person)
    assert newest["about"]["__typename"] == "Decision"
    assert older["about"]["__typename"] == "Inquiry"
    marks = [(await room.act("MarkNoticeRead", person, noticeId=newest["id"]))["notice"] for _ in range(2)]
    assert marks[0]["readAt"] is not None
    assert marks[0] == marks[1]
    assert [one["id"] for one in await inbox(room, person, unreadOnly=True)] == [older["id"]]
    assert len(await inbox(room, person)) == 2


async def test_one_key_marks_one_notice(room: World) -> None:
    person = await room.with_line()
    newest, older = await inbox(room, person)
    key = str(uuid4())
    for _ in range(2):
        marked = await room.act("MarkNoticeRead", person, noticeId=newest["id"], idempotencyKey=key)
        assert marked["__typename"] == "MarkNoticeReadPayload"
    other = await room.act("MarkNoticeRead", person, noticeId=older["id"], idempotencyKey=key)
    assert other["__typename"] == "IdempotencyConflict"


async def test_a_notice_of_another_person_is_not_there(room: World) -> None:
    person, other = await room.with_line(), await room.new()
    (newest, _) = await inbox(room, person)
    assert await inbox(room, other) == []
    assert (await room.act("MarkNoticeRead", other, noticeId=newest["id"]))["__typename"] == "NotFound"
    node = "query ($id: ID!) { node(id: $id) { id ... on Notice { title } } }"
    assert (await room.ask(node, {"id": newest["id"]}, other.token))["node"] is None
    assert (await room.ask(node, {"id": newest["id"]}, person.token))["node"]["title"] == newest["title"]


async def test_pages_of_notices_follow_one_another(room: World) -> None:
    person = await room.with_line()
    both = await inbox(room, person)
    first = (await room.ask("MyNotices", {"first": 1}, person.token))["viewer"]["notices"]
    assert first["pageInfo"]["hasNextPage"] is True
    asked = {"first": 1, "after": first["pageInfo"]["endCursor"]}
    second = (await room.ask("MyNotices", asked, person.token))["viewer"]["notices"]
    assert [first["nodes"][0]["id"], second["nodes"][0]["id"]] == [one["id"] for one in both]
    assert second["pageInfo"]["hasNextPage"] is False
