"""What the entries of a list have to ask for, asked once for all that wait for it, not once for each.

Nothing is kept: a socket lives long, and what was read before an act must not answer after it.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from app.api.reading import credit as read
from app.domain.consent.purpose import ConsentPurpose
from app.flows.unit import Desk

TOGETHER_MAX = 500

Key = TypeVar("Key")
Found = TypeVar("Found")


def _loader(ask: Callable[[list[Key]], Awaitable[Sequence[Found]]]) -> DataLoader[Key, Found]:
    return DataLoader(ask, max_batch_size=TOGETHER_MAX, cache=False)


class Loaders:
    """The loaders of one request."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.wording: DataLoader[UUID, read.WordingRow] = _loader(read.wordings_of)
        self.report: DataLoader[UUID, read.ReportRow | None] = _loader(read.reports_of)
        self.readings: DataLoader[UUID, list[read.ReadingRow]] = _loader(read.readings_of)
        self.stated: DataLoader[read.ConsentRow, list[read.InquiryRow]] = _loader(self._stated)
        self.due: DataLoader[tuple[UUID, ConsentPurpose], list[read.InquiryRow]] = _loader(self._due)

    async def _stated(self, consents: list[read.ConsentRow]) -> list[list[read.InquiryRow]]:
        return await read.earlier_stated(self._desk, consents)

    async def _due(self, asked: list[tuple[UUID, ConsentPurpose]]) -> list[list[read.InquiryRow]]:
        now = await self._desk.refresh_clock()
        found = {key: await read.earlier_due(*key, now) for key in set(asked)}
        return [found[key] for key in asked]
