"""Signed notes of C2SP signed-note: a text, an empty line, signature lines. A text counts only once it is verified."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.proof.signed import cosignature
from app.domain.proof.signed.keys import JUDGED, Kind, Line, Sign, VerifierKey, Verify
from app.domain.proof.strict import Fault, Unproven, malformed, text_of

NOTE_BYTES_MAX: Final = 512 * 1024
SIGNATURES_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read: nothing of it is believed yet."""

    text: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        """The note."""
        return f"{self.text}\n" + "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True, slots=True)
class Opened:
    """A note that at least one known key has signed. `repeated` are second lines: of a known key, or the same once more."""

    text: str
    verified: tuple[tuple[VerifierKey, Line], ...]
    unknown: tuple[Line, ...]
    repeated: tuple[Line, ...] = ()


def parse(data: bytes) -> Note:
    """Read a note.

    Raises:
        Unproven: MALFORMED.
    """
    whole = text_of(data, "the note", NOTE_BYTES_MAX)
    text, parted, signatures = whole.rpartition("\n\n")
    lines = signatures.split("\n")[:-1]
    if not parted or not lines:
        raise malformed("the note has no signature lines")
    if len(lines) > SIGNATURES_MAX:
        raise malformed(f"a note has at most {SIGNATURES_MAX} signatures")
    return Note(f"{text}\n", tuple(Line.parse(line) for line in lines))


def open_note(data: bytes, keys: Sequence[VerifierKey], verify: Verify) -> Opened:
    """Read a note and verify every line of a known key; lines of other keys are left aside.

    Raises:
        Unproven: MALFORMED; SIGNATURE_WRONG when a known key's line does not verify; SIGNATURE_MISSING when no known
            key has signed; KEY_AMBIGUOUS when two known keys answer to one line.
    """
    return opened(parse(data), keys, verify)


def opened(note: Note, keys: Sequence[VerifierKey], verify: Verify) -> Opened:
    """What `open_note` says of a note that has been read.

    Raises:
        Unproven: as `open_note`.
    """
    verified: dict[VerifierKey, Line] = {}
    unknown: list[Line] = []
    repeated: list[Line] = []
    for line in note.lines:
        known = [key for key in keys if line.is_by(key) and key.kind in JUDGED]
        if len(known) > 1:
            raise Unproven(Fault.KEY_AMBIGUOUS, f"two keys answer to {line.name}")
        if not known:
            (repeated if line in unknown else unknown).append(line)
            continue
        if not _signed(known[0], line.signature, note.text, verify):
            raise Unproven(Fault.SIGNATURE_WRONG, f"the signature of {line.name} is wrong")
        if verified.setdefault(known[0], line) is not line:
            repeated.append(line)
    if not verified:
        raise Unproven(Fault.SIGNATURE_MISSING, "no known key has signed")
    return Opened(note.text, tuple(verified.items()), tuple(unknown), tuple(repeated))


def sign_note(text: str, key: VerifierKey, sign: Sign, others: Iterable[Line] = ()) -> Note:
    """A note with the Ed25519 signature of `key`, then the lines of `others`.

    Raises:
        Unproven: MALFORMED when the text or a name cannot stand in a note.
        ValueError: the key signs in another manner.
    """
    if key.kind is not Kind.ED25519:
        raise ValueError("a note is signed by an Ed25519 key")
    text_of(text.encode(), "the note", NOTE_BYTES_MAX)
    note = Note(text, (Line(key.name, key.id, sign(text.encode())), *others))
    return parse(str(note).encode())


def _signed(key: VerifierKey, signature: bytes, text: str, verify: Verify) -> bool:
    if key.kind is Kind.ED25519:
        return verify(key.public, text.encode(), signature)
    seconds, bare = cosignature.parts(signature)
    return verify(key.public, cosignature.message(seconds, text), bare)
