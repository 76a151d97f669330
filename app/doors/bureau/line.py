"""The wire to the bureau: one HTTP client that never retries, never follows a redirect and asks no proxy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx2

from app.domain.deciding.bureau_file import BureauFile
from app.domain.proof.record import Scalar

ANSWER_BYTES_MAX = 512 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Whom an inquiry is about, as the bureau must match it."""

    name: str
    id_number: str


@dataclass(frozen=True, slots=True)
class ProvenIntent:
    """The logged record of the intent to ask, opened: with it the bureau checks that the witnesses saw it first.

    It holds ids and words of the one inquiry, and nothing of the person. `proof` is a tlog-proof.
    """

    record: Mapping[str, Scalar]
    salt: bytes
    previous: int | None
    proof: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The bureau recorded the inquiry and told what it holds."""

    file: BureauFile


@dataclass(frozen=True, slots=True)
class Refused:
    """The bureau refused and recorded nothing; `code` is its word for why."""

    code: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Provably no byte of the request left this machine."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The bureau may or may not have recorded the inquiry; it is never asked again, only by reference."""

    why: str


@dataclass(frozen=True, slots=True)
class RecordedNoReport:
    """The bureau recorded the inquiry; the report is not to be had at this moment."""


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """The bureau says that it never recorded the inquiry."""


class BureauLine:
    """An open line to one bureau. Knows how to carry bytes; what may be asked is the rooms' business."""

    def __init__(self, base_url: str, institution: str, timeout_seconds: float) -> None:
        self.institution = institution
        self.timeout_seconds = timeout_seconds
        self.http = httpx2.AsyncClient(
            base_url=base_url,
            timeout=timeout_seconds,
            transport=httpx2.AsyncHTTPTransport(retries=0),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Hang up."""
        await self.http.aclose()

    async def reachable(self) -> bool:
        """Whether the bureau's machine answers at all; asks about no person and leaves no record."""
        try:
            return (await self.http.get("/healthz")).status_code == httpx2.codes.OK
        except httpx2.HTTPError:
            return False


def wire_time(moment: datetime) -> str:
    """A moment as the bureau reads it: RFC 3339 in UTC."""
    return moment.isoformat()
