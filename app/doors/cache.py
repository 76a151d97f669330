"""Redis and its in-process twin: hot reads, wake-ups, leases and rate buckets. Losing all of it loses nothing.

aioredis lives on as `redis.asyncio`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from typing import Protocol

from redis import asyncio as aioredis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

HOT_TTL_SECONDS = 300
HOT_ENTRIES_MAX = 10_000
BUCKETS_MAX = 50_000
LISTENERS_MAX = 2_000
RECONNECT_SECONDS = 1.0
_PREFIX = "clearline:"


class TooManyListeners(Exception):
    """`LISTENERS_MAX` of this process wait already; whoever came now may ask again later."""


class Waiter(Protocol):
    """Somebody who waits for a topic to be woken."""

    async def wait(self, seconds: float) -> bool:
        """Wait at most `seconds`; whether the topic was woken meanwhile."""


class Cache(Protocol):
    """What both twins promise. Keys hold ids and versions, never a name or a number of a person."""

    async def get(self, key: str) -> bytes | None:
        """The value kept under `key`, or None: gone, expired, or the cache is not to be had."""

    async def put(self, key: str, value: bytes, ttl_seconds: int = HOT_TTL_SECONDS) -> None:
        """Keep `value` for a while."""

    async def lease(self, name: str, holder: str, seconds: int) -> bool:
        """Take or keep the lease `name`; False when another holder has it. An aid against double work, no lock."""

    async def take(self, bucket: str, limit: int, window_seconds: int) -> int:
        """Count one use of `bucket` in the running window; how many are left, negative when over `limit`."""

    async def wake(self, topic: str) -> None:
        """Wake everybody who waits for `topic`. May get lost: waiting is bounded, and the truth is in the books."""

    def waiting(self, topic: str) -> AbstractAsyncContextManager[Waiter]:
        """Listen to `topic` from now on.

        Raises:
            TooManyListeners: on entering.
        """

    async def close(self) -> None:
        """Let go of every connection."""


class _Event:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        woken = self._event.is_set()
        self._event.clear()
        return woken


class _Ears:
    """Who waits in this process, by topic; at most `LISTENERS_MAX`."""

    def __init__(self) -> None:
        self._of: dict[str, set[_Event]] = {}
        self._many = 0

    def __len__(self) -> int:
        return self._many

    @contextmanager
    def listening(self, topic: str) -> Iterator[_Event]:
        if self._many >= LISTENERS_MAX:
            raise TooManyListeners
        ear, ears = _Event(), self._of.setdefault(topic, set())
        ears.add(ear)
        self._many += 1
        try:
            yield ear
        finally:
            self._many -= 1
            ears.discard(ear)
            if not ears:
                self._of.pop(topic, None)

    def wake(self, topic: str) -> None:
        for ear in tuple(self._of.get(topic, ())):
            ear.set()


class InProcessCache:
    """The twin for one process: dictionaries with bounds. `now_us` tells real microseconds since 1970."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._hot: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
        self._leases: dict[str, tuple[int, str]] = {}
        self._buckets: OrderedDict[str, int] = OrderedDict()
        self._ears = _Ears()

    async def get(self, key: str) -> bytes | None:
        """See `Cache.get`."""
        entry = self._hot.get(key)
        if entry is None or entry[0] < self._now_us():
            self._hot.pop(key, None)
            return None
        return entry[1]

    async def put(self, key: str, value: bytes, ttl_seconds: int = HOT_TTL_SECONDS) -> None:
        """See `Cache.put`; the oldest entry makes room."""
        self._hot[key] = (self._now_us() + ttl_seconds * 1_000_000, value)
        self._hot.move_to_end(key)
        if len(self._hot) > HOT_ENTRIES_MAX:
            self._hot.popitem(last=False)

    async def lease(self, name: str, holder: str, seconds: int) -> bool:
        """See `Cache.lease`."""
        until, owner = self._leases.get(name, (0, ""))
        if owner != holder and until > self._now_us():
            return False
        self._leases[name] = (self._now_us() + seconds * 1_000_000, holder)
        return True

    async def take(self, bucket: str, limit: int, window_seconds: int) -> int:
        """See `Cache.take`."""
        key = f"{bucket}:{self._now_us() // 1_000_000 // window_seconds}"
        used = self._buckets[key] = self._buckets.get(key, 0) + 1
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
        return limit - used

    async def wake(self, topic: str) -> None:
        """See `Cache.wake`."""
        self._ears.wake(topic)

    @asynccontextmanager
    async def waiting(self, topic: str) -> AsyncIterator[Waiter]:
        """See `Cache.waiting`."""
        with self._ears.listening(topic) as ear:
            yield ear

    async def close(self) -> None:
        """Forget everything."""
        self._hot.clear()


class RedisCache:
    """The same over Redis, for several processes. A Redis that fails is a Redis that has forgotten."""

    def __init__(self, url: str, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._redis: aioredis.Redis = aioredis.Redis.from_url(
            url, socket_timeout=1.0, socket_connect_timeout=1.0, max_connections=64
        )
        self._url = url
        self._ears = _Ears()
        self._listener: asyncio.Task[None] | None = None

    async def get(self, key: str) -> bytes | None:
        """See `Cache.get`."""
        with suppress(RedisError, OSError):
            value: bytes | str | None = await self._redis.get(_PREFIX + key)
            return value.encode() if isinstance(value, str) else value
        return None

    async def put(self, key: str, value: bytes, ttl_seconds: int = HOT_TTL_SECONDS) -> None:
        """See `Cache.put`."""
        with suppress(RedisError, OSError):
            await self._redis.set(_PREFIX + key, value, ex=ttl_seconds)

    async def lease(self, name: str, holder: str, seconds: int) -> bool:
        """See `Cache.lease`; without Redis everybody holds it, for the database is the lock."""
        key = f"{_PREFIX}lease:{name}"
        with suppress(RedisError, OSError):
            if await self._redis.set(key, holder, nx=True, ex=seconds):
                return True
            owner = await self._redis.get(key)
            if owner is None or owner not in {holder, holder.encode()}:
                return False
            await self._redis.expire(key, seconds)
        return True

    async def take(self, bucket: str, limit: int, window_seconds: int) -> int:
        """See `Cache.take`; without Redis nothing is counted."""
        key = f"{_PREFIX}bucket:{bucket}:{self._now_us() // 1_000_000 // window_seconds}"
        with suppress(RedisError, OSError):
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.incr(key)
                pipe.expire(key, window_seconds)
                counted: list[int] = await pipe.execute()
            return limit - counted[0]
        return limit

    async def wake(self, topic: str) -> None:
        """See `Cache.wake`."""
        with suppress(RedisError, OSError):
            await self._redis.publish(f"{_PREFIX}wake", topic)

    @asynccontextmanager
    async def waiting(self, topic: str) -> AsyncIterator[Waiter]:
        """See `Cache.waiting`; one connection listens for all ears of this process."""
        if self._listener is None or self._listener.done():
            ready = asyncio.Event()
            self._listener = asyncio.create_task(self._listen(ready))
            with suppress(TimeoutError):
                await asyncio.wait_for(ready.wait(), 1.0)
        with self._ears.listening(topic) as ear:
            yield ear

    async def _listen(self, ready: asyncio.Event) -> None:
        """Hear wake-ups for as long as the house is open; a connection that breaks is tried again after a pause."""
        while True:
            redis: aioredis.Redis = aioredis.Redis.from_url(self._url)
            try:
                async with redis.pubsub() as pubsub:
                    await pubsub.subscribe(f"{_PREFIX}wake")
                    ready.set()
                    await self._pass_on(pubsub)
            except (RedisError, OSError):
                ready.set()
            finally:
                await redis.aclose()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _pass_on(self, pubsub: PubSub) -> None:
        async for message in pubsub.listen():
            if message["type"] == "message":
                self._ears.wake(bytes(message["data"]).decode())

    async def close(self) -> None:
        """Hang up."""
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        await self._redis.aclose()


def open_cache(url: str, now_us: Callable[[], int]) -> Cache:
    """Redis at `url`, or the in-process twin when there is none."""
    return RedisCache(url, now_us) if url else InProcessCache(now_us)
