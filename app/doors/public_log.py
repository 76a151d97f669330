"""Reading a log as anybody may (C2SP tlog-tiles): over HTTP, bounded in time and size, and believed in nothing."""

from typing import Final, Protocol

import httpx2

from app.domain.proof.signed.note import NOTE_BYTES_MAX
from app.domain.proof.tree.tiles import ENTRY_BYTES_MAX, WIDTH, Tile
from app.doors.whole import AnswerTooLarge, ask_whole

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
        self._http = httpx2.AsyncClient(
            timeout=TIMEOUT_SECONDS,
            headers={"accept-encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
        )

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
            told = await ask_whole(self._http, "GET", f"{self._url}/{path}", seconds=TIMEOUT_SECONDS, most=most)
        except AnswerTooLarge:
            raise LogSilent(f"{self._url}/{path} is too long: it is no log, or not this one") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as trouble:
            why = f"{self._url}/{path} does not answer ({type(trouble).__name__})"
            raise LogSilent(f"{why}: does the server run, and is this the address of its log?") from trouble
        if told.status != httpx2.codes.OK:
            raise LogSilent(
                f"{self._url}/{path} answers HTTP {told.status}: is this the address of a log, as http://HOST:PORT/log?"
            )
        return told.body
