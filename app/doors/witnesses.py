"""The line to the witnesses (C2SP tlog-witness). Each answer is bounded in time and size, and believed only when signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import httpx2

from app.domain.proof import witness as protocol
from app.domain.proof.signed import checkpoint as checkpoints
from app.domain.proof.signed import note
from app.domain.proof.signed.keys import Line, VerifierKey
from app.domain.proof.signed.note import NOTE_BYTES_MAX, Note
from app.domain.proof.signed.policy import Party, Policy
from app.domain.proof.strict import Unproven, decimal, malformed
from app.domain.proof.tree.merkle import EMPTY_ROOT
from app.doors.signing import verify
from app.doors.whole import AnswerTooLarge, Told, ask_whole

LINES_BYTES_MAX = 16 * 1024
_SIZE_BYTES_MAX = 32


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The witness has cosigned; the line is verified."""

    line: Line


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The witness last cosigned a tree of another size than it was told (409)."""

    size: int


@dataclass(frozen=True, slots=True)
class Disagrees:
    """The witness holds another tree than ours, or says so (422)."""


@dataclass(frozen=True, slots=True)
class Unwilling:
    """No cosignature: silent, slow, broken, or it does not know the log. `why` names no secret."""

    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The last tree of ours that the witness cosigned: both signatures under it are verified. Size 0: none."""

    size: int
    root: bytes


class Witnesses:
    """An open line to each witness that the policy names with an address."""

    def __init__(self, policy: Policy, log: VerifierKey, timeout_seconds: float) -> None:
        self.parties: Mapping[str, Party] = policy.witnesses
        self._log = log
        self._timeout = timeout_seconds
        self._http = httpx2.AsyncClient(
            timeout=timeout_seconds,
            headers={"accept-encoding": "identity"},
            transport=httpx2.AsyncHTTPTransport(retries=0),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def add_checkpoint(
        self, name: str, old: int, proof: Sequence[bytes], signed: Note
    ) -> Cosigned | Elsewhere | Disagrees | Unwilling:
        """Ask one witness to cosign a tree that follows the one of `old` entries."""
        party = self.parties[name]
        try:
            body = protocol.request(old, proof, signed)
            told = await self._ask(party, "POST", "add-checkpoint", body, LINES_BYTES_MAX)
            match told.status:
                case HTTPStatus.OK:
                    return Cosigned(_cosignature(told.body, party.key, signed))
                case HTTPStatus.CONFLICT:
                    return Elsewhere(
                        decimal(told.body[:_SIZE_BYTES_MAX].decode("ascii").removesuffix("\n"), "the size")
                    )
                case HTTPStatus.UNPROCESSABLE_ENTITY:
                    return Disagrees()
        except (httpx2.HTTPError, AnswerTooLarge, Unproven, ValueError) as trouble:
            return Unwilling(type(trouble).__name__)
        return Unwilling(f"HTTP_{told.status}")

    async def last_seen(self, name: str) -> Seen | Unwilling:
        """The last checkpoint of ours that one witness cosigned."""
        party = self.parties[name]
        try:
            path = f"{protocol.place(self._log.name)}/checkpoint"
            told = await self._ask(party, "GET", path, b"", NOTE_BYTES_MAX)
            if told.status == HTTPStatus.NOT_FOUND:
                return Seen(0, EMPTY_ROOT)
            if told.status == HTTPStatus.OK:
                return self._seen(told.body, party.key)
        except (httpx2.HTTPError, AnswerTooLarge, Unproven, ValueError) as trouble:
            return Unwilling(type(trouble).__name__)
        return Unwilling(f"HTTP_{told.status}")

    def _seen(self, told: bytes, witness: VerifierKey) -> Seen:
        opened = note.open_note(told, (self._log, witness), verify)
        found = checkpoints.parse(opened.text)
        if {key for key, _ in opened.verified} != {self._log, witness} or found.origin != self._log.name:
            raise malformed("not a checkpoint of ours that the witness has cosigned")
        return Seen(found.size, found.root)

    async def _ask(self, party: Party, method: str, path: str, body: bytes, most: int) -> Told:
        if party.url is None:
            raise malformed("the policy tells no address")
        url = f"{party.url.rstrip('/')}/{path}"
        return await ask_whole(self._http, method, url, content=body, seconds=self._timeout, most=most)


def _cosignature(told: bytes, key: VerifierKey, signed: Note) -> Line:
    lines = [Line.parse(line) for line in told.decode("utf-8").splitlines()]
    opened = note.opened(Note(signed.text, tuple(lines)), (key,), verify)
    return opened.verified[0][1]
