"""Reading a log as anybody may (C2SP tlog-tiles): over HTTP, bounded in time and size, and believed in nothing."""

import asyncio
from typing import Final, Protocol

import httpx2

from app.domain.proof.signed.note import NOTE_BYTES_MAX
from app.domain.proof.tree.tiles import ENTRY_BYTES_MAX, WIDTH, Tile

TILE_BYTES_MAX: Final = WIDTH * (ENTRY_BYTES_MAX + 2)
TIMEOUT_SECONDS: Final = 20.0


class LogSilent(Exception):
    """The log does not answer, or does not have what it says that it has. `why` names no secret."""


class LogView(Protocol):
    """Where a log can be read."""

    async def checkpoint(self) -> bytes:
        """The newest signed checkpoint.

        Raises:
            LogSilent: there is none to be had.
        """

    async def tile(self, tile: Tile) -> bytes:
        """A tile of hashes, or a bundle of entries.

        Raises:
            LogSilent: it is not to be had.
        """


class PublicLog:
    """A log at a URL: below it lie `checkpoint` and the tiles."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def checkpoint(self) -> bytes:
        """See LogView."""
        return await self._get("checkpoint", NOTE_BYTES_MAX)

    async def tile(self, tile: Tile) -> bytes:
        """See LogView."""
        return await self._get(tile.path, TILE_BYTES_MAX)

    async def _get(self, path: str, most: int) -> bytes:
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                self._http.stream("GET", f"{self._url}/{path}") as response,
            ):
                if response.status_code != httpx2.codes.OK:
                    raise LogSilent(f"{path}: HTTP {response.status_code}")
                told = b""
                async for chunk in response.aiter_bytes():
                    told += chunk
                    if len(told) > most:
                        raise LogSilent(f"{path}: too long")
                return told
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as trouble:
            raise LogSilent(f"{path}: {type(trouble).__name__}") from trouble
