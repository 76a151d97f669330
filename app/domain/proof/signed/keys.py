"""Names, keys and signature lines of C2SP signed-note: who signs, by which public key, in which manner.

No cipher stands here: whoever verifies or signs hands in `Verify` or `Sign` for Ed25519.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Self

from app.domain.proof.strict import base64_bytes, malformed, to_base64

Verify = Callable[[bytes, bytes, bytes], bool]
"""Whether a public key has made, over a message, a signature: Ed25519 as RFC 8032 has it, canonical forms only."""

Sign = Callable[[bytes], bytes]
"""The Ed25519 signature over a message, by a key that the caller holds."""

ID_BYTES: Final = 4
SEED_BYTES: Final = 32
_HEAD: Final = "PRIVATE+KEY+"
_DASH: Final = "— "
# A plus, half a character, and the spaces of Unicode, written out: two languages' own ideas of a space differ.
_UNFIT: Final = re.compile("[+\ud800-\udfff\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_ID: Final = re.compile(r"[0-9a-f]{8}")


class Kind(IntEnum):
    """The manner of a signature: the byte before the public key."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    ML_DSA_44 = 0x06  # known by its form, so that a policy may name one; no verifier of ours judges it yet


PUBLIC_BYTES: Final = {Kind.ED25519: 32, Kind.COSIGNATURE: 32, Kind.ML_DSA_44: 1312}
JUDGED: Final = frozenset({Kind.ED25519, Kind.COSIGNATURE})


def check_name(name: str) -> str:
    """`name`, if it may stand before a signature.

    Raises:
        Unproven: MALFORMED.
    """
    if not name or _UNFIT.search(name) or any(sign < " " for sign in name):
        raise malformed("a key's name is empty, or holds a space or a plus")
    return name


def key_id(name: str, kind: Kind, public: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:ID_BYTES]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name and the manner that it signs in."""

    name: str
    kind: Kind
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes before its signatures."""
        return key_id(self.name, self.kind, self.public)

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read `name+id+base64(kind, key)`.

        Raises:
            Unproven: MALFORMED, also when the id is not that of name and key.
        """
        name, told_id, encoded = _three_parts(vkey)
        kind, public = _keyed(encoded)
        if len(public) != PUBLIC_BYTES[kind]:
            raise malformed(f"a key of this kind has {PUBLIC_BYTES[kind]} bytes")
        key = cls(name, kind, public)
        if key.id != told_id:
            raise malformed("the id of a key is not that of its name and bytes")
        return key

    def __str__(self) -> str:
        """The vkey."""
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A signing key as a file keeps it: `PRIVATE+KEY+name+id+base64(kind, seed)`. Whoever derives the public key checks the id."""

    name: str
    id: bytes
    kind: Kind
    seed: bytes = field(repr=False)

    @classmethod
    def parse(cls, skey: str) -> Self:
        """Read a signing key.

        Raises:
            Unproven: MALFORMED; nothing of the key is told.
        """
        if not skey.startswith(_HEAD):
            raise malformed("not a signing key")
        name, told_id, encoded = _three_parts(skey.removeprefix(_HEAD))
        kind, seed = _keyed(encoded)
        if kind not in JUDGED or len(seed) != SEED_BYTES:
            raise malformed("not an Ed25519 signing key")
        return cls(name, told_id, kind, seed)

    def written(self) -> str:
        """The text for the file. Secret."""
        return f"{_HEAD}{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.seed)}"


@dataclass(frozen=True, slots=True)
class Line:
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read `— name base64(id, signature)`, without its newline.

        Raises:
            Unproven: MALFORMED.
        """
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise malformed("not a signature line")
        signed = base64_bytes(encoded, "a signature")
        if len(signed) <= ID_BYTES:
            raise malformed("a signature is too short")
        return cls(check_name(name), signed[:ID_BYTES], signed[ID_BYTES:])

    def is_by(self, key: VerifierKey) -> bool:
        """Whether the line says that `key` made it."""
        return (self.name, self.key_id) == (key.name, key.id)

    def __str__(self) -> str:
        """The line, without its newline."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}"


def _three_parts(text: str) -> tuple[str, bytes, str]:
    name, _, rest = text.partition("+")
    told_id, _, encoded = rest.partition("+")
    if not _ID.fullmatch(told_id):
        raise malformed("the id of a key is not eight lower-case hexadecimal digits")
    return check_name(name), bytes.fromhex(told_id), encoded


def _keyed(encoded: str) -> tuple[Kind, bytes]:
    found = base64_bytes(encoded, "a key")
    try:
        return Kind(found[0] if found else 0), found[1:]
    except ValueError:
        raise malformed("a key of an unknown kind") from None
