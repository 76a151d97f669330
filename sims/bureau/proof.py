"""The bureau's own check of an institution's log: it shares no line with whoever wrote the log.

C2SP tlog-proof, signed notes with Ed25519 and cosignature/v1, tlog-policy, RFC 6962 inclusion; read strictly.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, WITNESS = 1, 4
MAX_HASHES = 63
MAX_PARTIES = 64
MAX_DEPTH = 64
HEADER = "c2sp.org/tlog-proof@v1"
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class Unproven(Exception):
    """The proof does not hold."""


@dataclass(frozen=True)
class Key:
    """A public key, and whether a log or a witness signs with it."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """What stands before its signatures."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @classmethod
    def read(cls, vkey: str, kind: int) -> Self:
        """Read `name+id+base64`.

        Raises:
            Unproven: it is no Ed25519 key of this kind, or its id is another's.
        """
        parts = vkey.split("+", 2)
        if len(parts) != 3:
            fail("a key has a name, an id and bytes")
        data = unbase64(parts[2])
        key = cls(parts[0], kind, data[1:])
        # A witness's key may be written in the older way, as a plain Ed25519 key; then its id is of that.
        written = cls(parts[0], data[0] if data else 0, data[1:])
        if len(key.public) != 32 or written.kind not in {LOG, kind} or written.id.hex() != parts[1]:
            fail("a key is damaged")
        return key

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether its holder signed `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Policy:
    """Whom the bureau believes about one institution."""

    logs: tuple[Key, ...]
    witnesses: Mapping[str, Key]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    quorum: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a policy.

        Raises:
            Unproven: a line is no line of a policy, or no witness is asked for.
        """
        logs: list[Key] = []
        witnesses: dict[str, Key] = {}
        groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        quorum = ""
        for words in (line.split() for line in text.splitlines()):
            match words:
                case []:
                    continue
                case [first, *_] if first.startswith("#"):
                    continue
                case ["log", vkey, *_]:
                    logs.append(Key.read(vkey, LOG))
                case ["witness", name, vkey, *_]:
                    witnesses[name] = Key.read(vkey, WITNESS)
                case ["group", name, least, *members] if 1 <= len(members) <= MAX_PARTIES:
                    words_of = {"all": len(members), "any": 1}
                    groups[name] = (words_of.get(least) or number(least), tuple(members))
                case ["quorum", name]:
                    quorum = name
                case _:
                    fail("not a line of a policy")
        if not logs or quorum not in {*witnesses, *groups} or len(witnesses) > MAX_PARTIES:
            fail("a policy names a log and a quorum of witnesses")
        return cls(tuple(logs), witnesses, groups, quorum)

    def reached(self, name: str, seen: frozenset[str], depth: int = 0) -> bool:
        """Whether the witnesses in `seen` make up what `name` stands for."""
        if depth > MAX_DEPTH:
            fail("the groups of the policy have no end")
        if name not in self.groups:
            return name in seen
        least, members = self.groups[name]
        return sum(self.reached(member, seen, depth + 1) for member in members) >= least


def check(policy: Policy, leaf: bytes, proof: str) -> int:
    """Check that `leaf` stands in a checkpoint that the quorum has cosigned; its index.

    Raises:
        Unproven: it does not, or the proof is no proof.
    """
    head, parted, note = proof.partition("\n\n")
    lines = head.split("\n")
    if not parted or lines.pop(0) != HEADER or not lines or not lines[0].startswith("index "):
        fail("not a tlog-proof")
    index, hashes = number(lines[0].removeprefix("index ")), [unbase64(line) for line in lines[1:]]
    size, root = _witnessed(policy, note)
    if len(hashes) > MAX_HASHES or any(len(one) != 32 for one in hashes):
        fail("a hash has 32 bytes")
    if _root(index, size, hashlib.sha256(b"\x00" + leaf).digest(), hashes) != root:
        fail("the leaf does not stand in the checkpoint")
    return index


def _witnessed(policy: Policy, note: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint, once log and quorum are known to have signed it."""
    text, parted, signatures = note.rpartition("\n\n")
    text += "\n"
    body = text.split("\n")
    if not parted or len(body) < 4:
        fail("not a signed checkpoint")
    lines = [_line(line) for line in signatures.split("\n")[:-1]]
    if not any(
        key.name == body[0] and any(_by(key, line) and key.signed(text.encode(), line[2]) for line in lines)
        for key in policy.logs
    ):
        fail("no known log has signed")
    seen = frozenset(
        name
        for name, key in policy.witnesses.items()
        if any(_by(key, line) and _saw(key, line[2], text) for line in lines)
    )
    if not policy.reached(policy.quorum, seen):
        fail("the quorum of witnesses is missing")
    return number(body[1]), unbase64(body[2])


def _by(key: Key, line: tuple[str, bytes, bytes]) -> bool:
    return (key.name, key.id) == line[:2]


def _saw(key: Key, signature: bytes, text: str) -> bool:
    seconds = int.from_bytes(signature[:8], "big")
    return key.signed(f"cosignature/v1\ntime {seconds}\n{text}".encode(), signature[8:])


def _line(line: str) -> tuple[str, bytes, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        fail("not a signature line")
    data = unbase64(parts[2])
    return parts[1], data[:4], data[4:]


def _root(index: int, size: int, leaf: bytes, hashes: list[bytes]) -> bytes:
    """The root that a proof leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        fail("no such leaf")
    place, last, found = index, size - 1, leaf
    for other in hashes:
        if last == 0:
            fail("the proof is too long")
        if place % 2 or place == last:
            found = hashlib.sha256(b"\x01" + other + found).digest()
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            found = hashlib.sha256(b"\x01" + found + other).digest()
        place, last = place // 2, last // 2
    if last:
        fail("the proof is too short")
    return found


def number(text: str) -> int:
    """A decimal number without sign, space or leading zero.

    Raises:
        Unproven: it is none.
    """
    if not NUMBER.fullmatch(text):
        fail("not a number")
    return int(text)


def unbase64(text: str) -> bytes:
    """The bytes of canonical base64.

    Raises:
        Unproven: it is none.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        fail("not base64")
    if base64.b64encode(data).decode() != text:
        fail("not canonical base64")
    return data


def fail(told: str) -> NoReturn:
    """Refuse.

    Raises:
        Unproven: always.
    """
    raise Unproven(told)
