"""The wire to the bureau: one HTTP client that never retries, never follows a redirect and asks no proxy.

An answer is bounded in time and size as a whole: who sends a byte now and then keeps nobody waiting. Each question has
a connection of its own: an answer that comes a second time, unasked, would lie on a kept one for the next person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx2

from app.domain.consent.own_queries import OwnQuery
from app.domain.deciding.bureau_file import BureauFile
from app.domain.proof.record import Scalar
from app.doors.whole import Told, ask_whole

ANSWER_BYTES_MAX = 512 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Whom an inquiry is about, as the bureau must match it."""

    name: str
    id_number: str


@dataclass(frozen=True, slots=True)
class ProvenIntent:
    """The logged record of the intent to ask, opened: with it the bureau checks that the witnesses saw it first.

    It holds ids and words of the one inquiry, and nothing of the person but a mark that opens with `subject_salt`.
    `proof` is a tlog-proof.
    """

    record: Mapping[str, Scalar]
    salt: bytes
    subject_salt: bytes
    previous: int | None
    proof: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The bureau recorded the inquiry and told what it holds; beside the file, the query records under our name."""

    file: BureauFile
    own_queries: tuple[OwnQuery, ...]


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
    """The bureau recorded the inquiry; a report is not to be had at this moment, and `why`: no value of it."""

    why: str


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """The bureau says that it never recorded the inquiry."""


class BureauLine:
    """An open line to one bureau, by its `name`. Knows how to carry bytes; what may be asked is the rooms' business."""

    def __init__(self, base_url: str, name: str, institution: str, timeout_seconds: float) -> None:
        self.name = name
        self.institution = institution
        self.timeout_seconds = timeout_seconds
        self.http = httpx2.AsyncClient(
            base_url=base_url,
            # Who cannot even be reached is given up sooner, so that "never sent" is told from "never answered".
            timeout=httpx2.Timeout(timeout_seconds, connect=timeout_seconds / 2, pool=timeout_seconds / 2),
            headers={"accept-encoding": "identity"},
            transport=httpx2.AsyncHTTPTransport(retries=0, limits=httpx2.Limits(max_keepalive_connections=0)),
            follow_redirects=False,
            trust_env=False,
        )

    async def say(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Told:
        """One request and its answer, whole within the time-out.

        Raises:
            HTTPError: it did not come about, or not in time. AnswerTooLarge: too much came.
        """
        return await ask_whole(
            self.http, method, path, json=body, seconds=self.timeout_seconds, most=ANSWER_BYTES_MAX
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
