"""What a witness answers (C2SP tlog-witness): it cosigns a tree only if that begins with the last one it cosigned.

Pure: `read` needs no state; `follow` is asked, with the state, under the lock of whoever keeps it. What `follow` gives
must be kept for good before the answer leaves.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.proof.signed import checkpoint as checkpoints
from app.domain.proof.signed import cosignature, note
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.keys import Line, Sign, VerifierKey, Verify
from app.domain.proof.signed.note import NOTE_BYTES_MAX, Note
from app.domain.proof.strict import HASH_BYTES, Unproven, base64_bytes, decimal, malformed, text_of, to_base64
from app.domain.proof.tree.merkle import EMPTY_ROOT, PROOF_HASHES_MAX, verify_consistency

BODY_BYTES_MAX: Final = NOTE_BYTES_MAX + 4096
PLAIN: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"
COSIGNED, UNREADABLE, FORBIDDEN, UNKNOWN, CONFLICT, UNPROVEN = 200, 400, 403, 404, 409, 422
_OLD: Final = "old "


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the log."""

    status: int
    body: str
    content_type: str = PLAIN


class Rejected(Exception):
    """The witness does not cosign. `evidence`: a log's own signature stands under something that does not fit."""

    def __init__(self, status: int, told: str, *, size: int | None = None) -> None:
        super().__init__(told)
        self.answer = Answer(status, f"{told}\n") if size is None else Answer(status, f"{size}\n", SIZE)
        self.evidence = status == UNPROVEN


@dataclass(frozen=True, slots=True)
class Head:
    """The last tree of one log that the witness cosigned, and the time that it told with it."""

    size: int
    root: bytes
    seconds: int


@dataclass(frozen=True, slots=True)
class Request:
    """An add-checkpoint of a known log, signed by it."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint
    signed: Note


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns, and for which logs: the keys of each origin."""

    key: VerifierKey
    logs: Mapping[str, Sequence[VerifierKey]]

    def read(self, body: bytes, verify: Verify) -> Request:
        """Read a request and check that its log is known and has signed; the lines of other keys are dropped.

        Raises:
            Rejected: 400, 404, 403.
        """
        try:
            old, proof, whole = _parts(body)
            found = checkpoints.read(whole.text)
        except Unproven as refused:
            raise Rejected(UNREADABLE, refused.told) from None
        if found.origin not in self.logs:
            raise Rejected(UNKNOWN, "this witness does not know the log")
        try:
            opened = note.opened(whole, self.logs[found.origin], verify)
        except Unproven as refused:
            raise Rejected(FORBIDDEN, refused.told) from None
        if old > found.size:
            raise Rejected(UNREADABLE, "the old size is larger than the checkpoint")
        return Request(old, proof, found, Note(whole.text, tuple(line for _, line in opened.verified)))

    def follow(self, asked: Request, last: Head | None, now: int) -> Head:
        """The new head, when the checkpoint follows `last`. Its time never goes back, whatever the clock does.

        Raises:
            Rejected: 409 when `last` is not the old tree that the log speaks of, 422 when the new one does not fit it.
        """
        size = last.size if last else 0
        if asked.old != size:
            raise Rejected(CONFLICT, "another size", size=size)
        found = asked.checkpoint
        try:
            checkpoints.check_empty(found)
            verify_consistency(size, found.size, asked.proof, last.root if last else EMPTY_ROOT, found.root)
        except Unproven as refused:
            raise Rejected(UNPROVEN, refused.told) from None
        return Head(found.size, found.root, max(now, last.seconds if last else 1))

    def cosign(self, asked: Request, head: Head, sign: Sign) -> tuple[Line, Note]:
        """The cosignature for the log, and the note to show to whoever monitors."""
        line = cosignature.cosign(self.key, sign, asked.signed.text, head.seconds)
        return line, Note(asked.signed.text, (*asked.signed.lines, line))


def cosigned(line: Line) -> Answer:
    """The answer with a cosignature."""
    return Answer(COSIGNED, f"{line}\n")


def place(origin: str) -> str:
    """How a witness's monitoring prefix names a log: the SHA-256 of its origin in hexadecimal."""
    return hashlib.sha256(origin.encode()).hexdigest()


def request(old: int, proof: Sequence[bytes], signed: Note) -> bytes:
    """The body that a log sends."""
    lines = [f"{_OLD}{old}", *map(to_base64, proof), "", ""]
    return ("\n".join(lines) + str(signed)).encode()


def _parts(body: bytes) -> tuple[int, tuple[bytes, ...], Note]:
    text = text_of(body, "the request", BODY_BYTES_MAX)
    head, parted, rest = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not parted or not first.startswith(_OLD):
        raise malformed("a request has an old size, a proof, an empty line and a checkpoint")
    if len(lines) > PROOF_HASHES_MAX:
        raise malformed(f"a proof has at most {PROOF_HASHES_MAX} hashes")
    proof = tuple(base64_bytes(line, "a hash", HASH_BYTES) for line in lines)
    return decimal(first.removeprefix(_OLD), "the old size"), proof, note.parse(rest.encode())
