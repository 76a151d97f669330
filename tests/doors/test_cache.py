"""The cache's two twins under one contract, a Redis that is gone, and figures that are never another moment's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from redis import asyncio as aioredis

from app.doors.cache import (
    HOT_ENTRIES_MAX,
    RECONNECT_SECONDS,
    Cache,
    InProcessCache,
    RedisCache,
    TooManyListeners,
    open_cache,
)
from tests.services.valkey import ValkeyServer, _serving, find_program
from tests.world import Person, World

AT_ONCE = 0.05
LONG = 30.0
SOON = 10.0


@dataclass(slots=True)
class Hands:
    """A clock that the test moves, in microseconds."""

    us: int = 1_800_000_000_000_000

    def __call__(self) -> int:
        return self.us

    def pass_(self, seconds: float) -> None:
        self.us += int(seconds * 1_000_000)


@dataclass(slots=True)
class Twin:
    """One of the two, with its clock. Names are fresh, for a Redis is shared by the tests of a run."""

    cache: Cache
    hands: Hands
    mark: str = field(default_factory=lambda: uuid4().hex)

    def name(self, plain: str) -> str:
        return f"{plain}:{self.mark}"


@pytest.fixture(params=["in process", "redis"])
async def twin(request: pytest.FixtureRequest) -> AsyncIterator[Twin]:
    hands = Hands()
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    cache = open_cache(url, hands)
    assert isinstance(cache, RedisCache if url else InProcessCache)
    yield Twin(cache, hands)
    await cache.close()


async def test_who_comes_when_too_many_listen_is_refused_until_one_goes(
    twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.doors.cache.LISTENERS_MAX", 2)
    async with twin.cache.waiting(twin.name("case")):
        async with twin.cache.waiting(twin.name("inbox")):
            with pytest.raises(TooManyListeners):
                async with twin.cache.waiting(twin.name("case")):
                    pass
        async with twin.cache.waiting(twin.name("case")):
            pass


async def test_what_is_put_is_got_and_the_last_value_stays(twin: Twin) -> None:
    key = twin.name("line")
    assert await twin.cache.get(key) is None
    await twin.cache.put(key, b"[1, 2]")
    await twin.cache.put(key, "[3, 四]".encode())
    assert await twin.cache.get(key) == "[3, 四]".encode()
    assert await twin.cache.get(key + "0") is None


async def test_a_lease_is_one_holders_who_may_keep_it(twin: Twin) -> None:
    name = twin.name("sweep")
    assert await twin.cache.lease(name, "one", 30)
    assert not await twin.cache.lease(name, "two", 30)
    assert await twin.cache.lease(name, "one", 30)


async def test_a_bucket_counts_down_past_nothing_and_starts_afresh_in_the_next_window(twin: Twin) -> None:
    bucket = twin.name("ip")
    assert [await twin.cache.take(bucket, 2, 60) for _ in range(3)] == [1, 0, -1]
    assert await twin.cache.take(twin.name("another"), 2, 60) == 1
    twin.hands.pass_(60)
    assert await twin.cache.take(bucket, 2, 60) == 1


async def test_uses_counted_at_once_are_all_counted(twin: Twin) -> None:
    left = await asyncio.gather(*(twin.cache.take(twin.name("ip"), 10, 60) for _ in range(25)))
    assert sorted(left) == list(range(-15, 10))


async def test_everybody_who_waits_for_a_topic_is_woken_and_nobody_else(twin: Twin) -> None:
    topic, other = twin.name("case"), twin.name("other case")
    async with twin.cache.waiting(topic) as one, twin.cache.waiting(topic) as two, twin.cache.waiting(other) as third:
        waits = [asyncio.create_task(ear.wait(LONG)) for ear in (one, two)]
        unheard = asyncio.create_task(third.wait(AT_ONCE))
        await twin.cache.wake(topic)
        assert await asyncio.wait_for(asyncio.gather(*waits), SOON) == [True, True]
        assert await unheard is False
        assert await one.wait(AT_ONCE) is False, "one wake-up wakes once"


async def test_a_wake_up_while_nobody_looks_is_kept_for_the_next_look(twin: Twin) -> None:
    topic = twin.name("case")
    async with twin.cache.waiting(topic) as ear:
        await twin.cache.wake(topic)
        assert await asyncio.wait_for(ear.wait(LONG), SOON) is True


async def test_a_wake_up_before_anybody_listens_is_lost_and_the_wait_ends_all_the_same(twin: Twin) -> None:
    topic = twin.name("case")
    await twin.cache.wake(topic)
    async with twin.cache.waiting(topic) as ear:
        assert await asyncio.wait_for(ear.wait(AT_ONCE), SOON) is False


async def test_an_ear_that_left_is_forgotten(twin: Twin) -> None:
    assert isinstance(twin.cache, InProcessCache | RedisCache)
    async with twin.cache.waiting(twin.name("case")):
        assert len(twin.cache._ears) == 1
    assert len(twin.cache._ears) == 0


# ---- bounds and times of each -----------------------------------------------------------------------------


async def test_in_process_values_leases_and_entries_end() -> None:
    hands = Hands()
    cache = InProcessCache(hands)
    await cache.put("kept", b"x", ttl_seconds=10)
    assert await cache.lease("sweep", "one", 10)
    hands.pass_(9.9)
    assert await cache.get("kept") == b"x"
    assert not await cache.lease("sweep", "two", 10)
    hands.pass_(0.2)
    assert await cache.get("kept") is None
    assert await cache.lease("sweep", "two", 10)
    for number in range(HOT_ENTRIES_MAX + 1):
        await cache.put(str(number), b"")
    assert await cache.get("0") is None
    assert await cache.get(str(HOT_ENTRIES_MAX)) == b""


async def test_everything_that_redis_keeps_has_an_end(redis_url: str) -> None:
    mark = uuid4().hex
    cache = RedisCache(redis_url, Hands())
    await cache.put(f"kept:{mark}", b"x", ttl_seconds=10)
    await cache.lease(mark, "one", 20)
    await cache.take(mark, 5, 30)
    async with aioredis.Redis.from_url(redis_url) as redis:
        ends = {key: await redis.ttl(key) for key in await redis.keys(f"clearline:*{mark}*")}
    assert sorted(ends.values()) == [10, 20, 30]
    await cache.close()


# ---- a Redis that is gone ---------------------------------------------------------------------------------


async def behaves_as_forgotten(cache: Cache) -> None:
    await cache.put("kept", b"x")
    assert await cache.get("kept") is None
    assert await cache.lease("sweep", "one", 10)
    assert await cache.lease("sweep", "two", 10)
    assert await cache.take("ip", 5, 60) == 5
    await cache.wake("case")
    async with cache.waiting("case") as ear:
        assert await ear.wait(AT_ONCE) is False


async def test_a_redis_that_never_was_has_forgotten_everything(tmp_path: Path) -> None:
    cache = RedisCache(f"unix://{tmp_path / 'nothing.sock'}", Hands())
    await behaves_as_forgotten(cache)
    await cache.close()


async def test_a_redis_that_dies_has_forgotten_everything() -> None:
    server = ValkeyServer()
    cache = RedisCache(server.start(), Hands())
    await cache.put("kept", b"x")
    async with cache.waiting("case"):
        assert await cache.get("kept") == b"x"
        server.stop()
        await behaves_as_forgotten(cache)
    await cache.close()


async def test_who_waits_through_a_restart_of_redis_is_woken_again(tmp_path: Path) -> None:
    path = tmp_path / "valkey.sock"
    cache = RedisCache(f"unix://{path}", Hands())
    with ExitStack() as first:
        first.enter_context(_serving(find_program(), tmp_path, path))
        async with cache.waiting("case") as ear:
            await cache.wake("case")
            assert await ear.wait(SOON)
            first.close()
            with _serving(find_program(), tmp_path, path):
                woken = asyncio.create_task(ear.wait(LONG))
                while not woken.done():
                    await cache.wake("case")
                    await asyncio.wait([woken], timeout=RECONNECT_SECONDS / 10)
                assert await woken
    await cache.close()


# ---- figures of a line ------------------------------------------------------------------------------------


FIGURES = "{ viewer { line { balance { amount } held { amount } available { amount } } } }"


@pytest.mark.postgres
async def test_hot_figures_are_of_this_line_and_this_moment(pg_world: World, redis_url: str) -> None:
    one, two = await pg_world.with_line("5000.00"), await pg_world.with_line("8000.00")

    async def seen(person: Person) -> tuple[str, str]:
        told = (await pg_world.ask(FIGURES, {}, person.token))["viewer"]["line"]
        return told["held"]["amount"], told["available"]["amount"]

    async with aioredis.Redis.from_url(redis_url) as redis:
        await redis.flushall()
        for _ in range(2):  # the second look is hot
            assert (await seen(one), await seen(two)) == (("0.00", "5000.00"), ("0.00", "8000.00"))
        assert len(await redis.keys("clearline:line:*")) == 2
        assert (await pg_world.draw(one, "1000.00"))["__typename"] == "DrawLoanPayload"
        assert (await seen(one), await seen(two)) == (("1000.00", "4000.00"), ("0.00", "8000.00"))
        await pg_world.settle()
        assert (await seen(one), await seen(two)) == (("0.00", "4000.00"), ("0.00", "8000.00"))
        await redis.flushall()
        assert (await seen(one), await seen(two)) == (("0.00", "4000.00"), ("0.00", "8000.00"))
        kept = {await redis.get(key) for key in await redis.keys("clearline:line:*")}
        assert kept == {b"[100000, 0]", b"[0, 0]"}, "ids, versions and amounts: nothing that names a person"
