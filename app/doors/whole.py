"""An answer of a neighbour, whole: bounded in time and size as one, so that who sends a byte now and then keeps nobody waiting."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from json import loads
from typing import Any

import httpx2


class AnswerTooLarge(Exception):
    """More came than an answer may hold, and the rest was not read."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as it came, whole."""

    status: int
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever a stranger says
        """What the body says.

        Raises:
            ValueError: it is no JSON, or nested beyond reason.
        """
        try:
            return loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None


async def ask_whole(
    http: httpx2.AsyncClient,
    method: str,
    url: str,
    *,
    seconds: float,
    most: int,
    json: Mapping[str, object] | None = None,
    content: bytes | None = None,
) -> Told:
    """One request and its answer, whole within the seconds and the bytes, as they came: ask for no packed ones.

    Raises:
        HTTPError: it did not come about, or not in time. AnswerTooLarge: too much came.
    """
    try:
        async with asyncio.timeout(seconds), http.stream(method, url, json=json, content=content) as response:
            told = b""
            async for chunk in response.aiter_raw():
                told += chunk
                if len(told) > most:
                    raise AnswerTooLarge
            return Told(response.status_code, told)
    except TimeoutError as late:
        raise httpx2.ReadTimeout("the answer was not whole in time") from late
