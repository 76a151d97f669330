"""Policies of C2SP tlog-policy: which logs count, which witnesses, and how many of them must have cosigned."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.domain.proof.signed import checkpoint as checkpoints
from app.domain.proof.signed import cosignature, note
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.keys import Kind, Line, VerifierKey, Verify
from app.domain.proof.strict import Fault, Unproven, decimal, malformed

POLICY_BYTES_MAX: Final = 256 * 1024
LOGS_MAX: Final = 64
WITNESSES_MAX: Final = 64
GROUPS_MAX: Final = 64
NOBODY: Final = "none"
_KEYWORDS: Final = frozenset({NOBODY, "all", "any"})
_UNFIT: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_BLANK: Final = re.compile(r"[ \t]+")
_WORDS_WITH_ADDRESS: Final = {b"log": 3, b"witness": 4}
_LOG_KINDS: Final = frozenset({Kind.ED25519, Kind.ML_DSA_44})
_WITNESS_KINDS: Final = frozenset({Kind.ED25519, Kind.COSIGNATURE, Kind.ML_DSA_44})


@dataclass(frozen=True, slots=True)
class Party:
    """A log or a witness: its key, and where it is reached if that was told."""

    key: VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Members, and how many of them make the group."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to believe. `quorum` is the name of a witness or a group, or NOBODY."""

    logs: tuple[Party, ...]
    witnesses: Mapping[str, Party]
    groups: Mapping[str, Group]
    quorum: str

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """Every key that the policy knows."""
        return tuple(party.key for party in (*self.logs, *self.witnesses.values()))

    def reached(self, names: frozenset[str]) -> bool:
        """Whether the witnesses of these names are enough."""
        return self.quorum == NOBODY or self._has(self.quorum, names)

    def _has(self, name: str, names: frozenset[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in names
        return sum(self._has(member, names) for member in group.members) >= group.least


@dataclass(frozen=True, slots=True)
class Judged:
    """A checkpoint that the policy accepts, and when each witness says that it saw it (seconds since 1970).

    `beside` are the lines that this did not need: those of unknown keys, and second ones of known keys.
    """

    checkpoint: Checkpoint
    log: VerifierKey
    witnessed: Mapping[str, int]
    beside: tuple[Line, ...]


def judge(policy: Policy, signed: bytes, verify: Verify) -> Judged:
    """Check a signed checkpoint: one of the policy's logs has signed it under its own origin, and the quorum is there.

    Raises:
        Unproven: as `note.open_note` and `checkpoint.parse`; LOG_UNKNOWN, QUORUM_MISSING.
    """
    opened = note.open_note(signed, policy.keys, verify)
    found = checkpoints.parse(opened.text)
    lines = dict(opened.verified)
    log = next((party.key for party in policy.logs if party.key in lines and party.key.name == found.origin), None)
    if log is None:
        raise Unproven(Fault.LOG_UNKNOWN, "no log of the policy has signed under its own origin")
    witnessed = {
        name: cosignature.parts(lines[party.key].signature)[0]
        for name, party in policy.witnesses.items()
        if party.key in lines
    }
    if not policy.reached(frozenset(witnessed)):
        raise Unproven(Fault.QUORUM_MISSING, f"cosigned by {len(witnessed)}, which is not the quorum")
    return Judged(found, log, witnessed, (*opened.unknown, *opened.repeated))


def bare(data: bytes) -> bytes:
    """A policy without addresses, remarks and blank lines: whom it trusts, and nothing of where they are reached.

    What is no policy does not become one.
    """
    lines = [line.replace(b"\t", b" ").split(b" ") for line in data.split(b"\n")]
    told = [_without_address([word for word in line if word]) for line in lines]
    text = b"\n".join(b" ".join(words) for words in told if words and not words[0].startswith(b"#"))
    return text + b"\n" if data.endswith(b"\n") else text


def _without_address(words: list[bytes]) -> list[bytes]:
    return words[:-1] if words and len(words) == _WORDS_WITH_ADDRESS.get(words[0]) else words


def parse(data: bytes) -> Policy:
    """Read a policy. Names and addresses are opaque; bytes that are no UTF-8 are kept as they are.

    Raises:
        Unproven: MALFORMED, also for a name that is not defined above, a key that stands twice, a second quorum.
    """
    if len(data) > POLICY_BYTES_MAX or _UNFIT.search(data) or not data.endswith(b"\n"):
        raise malformed("the policy is too long, holds a control character, or ends inside a line")
    reading = _Reading()
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), start=1):
        words = [word for word in _BLANK.split(line) if word]
        if words and not words[0].startswith("#"):
            reading.take(number, words)
    return reading.policy()


class _Reading:
    """A policy half read."""

    def __init__(self) -> None:
        self.logs: list[Party] = []
        self.witnesses: dict[str, Party] = {}
        self.groups: dict[str, Group] = {}
        self.members: set[str] = set()
        self.quorum: str | None = None

    def take(self, number: int, words: list[str]) -> None:
        """Read one line."""
        try:
            match words:
                case ["log", vkey, *url] if len(url) <= 1:
                    self._log(vkey, url)
                case ["witness", name, vkey, *url] if len(url) <= 1:
                    self._witness(name, vkey, url)
                case ["group", name, least, *members] if members:
                    self._group(name, least, members)
                case ["quorum", name]:
                    self._quorum(name)
                case _:
                    raise malformed("not a line of a policy")
        except Unproven as refused:
            raise malformed(f"line {number}: {refused.told}") from None

    def policy(self) -> Policy:
        """The policy, when it is whole."""
        if self.quorum is None:
            raise malformed("the policy has no quorum")
        if len(self.logs) > LOGS_MAX or len(self.witnesses) > WITNESSES_MAX or len(self.groups) > GROUPS_MAX:
            raise malformed("the policy has too many parties")
        return Policy(tuple(self.logs), self.witnesses, self.groups, self.quorum)

    def _log(self, vkey: str, url: list[str]) -> None:
        self.logs.append(_party(vkey, url, _LOG_KINDS, self.logs))

    def _witness(self, name: str, vkey: str, url: list[str]) -> None:
        self._new(name)
        party = _party(vkey, url, _WITNESS_KINDS, list(self.witnesses.values()))
        if party.key.kind is Kind.ED25519:  # an older way to write a witness's key: it still signs in its own manner
            party = replace(party, key=replace(party.key, kind=Kind.COSIGNATURE))
        self.witnesses[name] = party

    def _group(self, name: str, least: str, members: list[str]) -> None:
        self._new(name)
        words = {"all": len(members), "any": 1}
        wanted = words[least] if least in words else decimal(least, "the threshold", len(members))
        if wanted < 1:
            raise malformed("a group needs one member or more")
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise malformed("a member is not defined above")
            if member in self.members:
                raise malformed("a name is a member once only")
            self.members.add(member)
        self.groups[name] = Group(wanted, tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise malformed("a second quorum")
        if name != NOBODY and name not in self.witnesses and name not in self.groups:
            raise malformed("the quorum is not defined above")
        self.quorum = name

    def _new(self, name: str) -> None:
        if name in _KEYWORDS or name in self.witnesses or name in self.groups:
            raise malformed("a name is taken")


def _party(vkey: str, url: list[str], kinds: frozenset[Kind], others: list[Party]) -> Party:
    key = VerifierKey.parse(vkey)
    if key.kind not in kinds:
        raise malformed("a key of a kind that this party does not sign with")
    if any(other.key.public == key.public for other in others):
        raise malformed("a key stands twice")
    return Party(key, url[0] if url else None)
