"""Following a log from outside: what was seen before, what may follow it, and what must not be missing.

A monitor keeps the right edge of the tree that it has reckoned itself, from every entry, and the intents without an
outcome. It trusts the policy and its own memory, and nothing that the log says.
"""

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from app.domain.proof.record import Leaf, RecordClass
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.policy import Judged, Policy
from app.domain.proof.strict import SIZE_MAX, Fault, Unproven, base64_bytes, malformed, to_base64
from app.domain.proof.tree.merkle import leaf_hash
from app.domain.proof.tree.tiles import Edge

SCHEMA: Final = "clearline-monitor/1"
FRESH_SECONDS: Final = 5 * 60
OUTCOME_SECONDS: Final = 4 * 24 * 3600  # an unknown inquiry goes to a person after three days
EVIDENCE_MAX: Final = 20
OVERDUE_TOLD_MAX: Final = 20


class Alarm(StrEnum):
    """What a monitor raises."""

    SILENT = "SILENT"
    UNPROVEN = "UNPROVEN"
    NO_QUORUM = "NO_QUORUM"
    STALE = "STALE"
    SHRUNK = "SHRUNK"
    FORKED = "FORKED"
    ENTRIES_WRONG = "ENTRIES_WRONG"
    NO_OUTCOME = "NO_OUTCOME"


@dataclass(slots=True)
class Watched:
    """What a monitor remembers of one log. `open` are the intents without an outcome, and when each was first seen.

    `checkpoint` is the last one that followed from all before it; `evidence` are those that did not.
    """

    origin: str = ""
    edge: Edge = field(default_factory=Edge)
    checkpoint: str = ""
    open: dict[int, int] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)

    def __bytes__(self) -> bytes:
        """The state file."""
        told = {
            "schema": SCHEMA,
            "origin": self.origin,
            "size": self.edge.size,
            "rows": [[to_base64(value) for value in row] for row in self.edge.rows],
            "checkpoint": self.checkpoint,
            "open": {str(index): seen for index, seen in self.open.items()},
            "evidence": self.evidence,
        }
        return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a state file.

        Raises:
            Unproven: MALFORMED.
        """
        try:
            told: dict[str, Any] = json.loads(data)
            if told["schema"] != SCHEMA or not 0 <= int(told["size"]) <= SIZE_MAX:
                raise malformed("not a monitor's state")
            rows = [[base64_bytes(value, "a hash") for value in row] for row in told["rows"]]
            seen = {int(index): int(when) for index, when in told["open"].items()}
            evidence = [str(one) for one in told["evidence"]]
            return cls(str(told["origin"]), Edge(int(told["size"]), rows), str(told["checkpoint"]), seen, evidence)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise malformed("not a monitor's state") from None

    @property
    def seen(self) -> Checkpoint:
        """The tree that was reckoned so far, as a checkpoint would tell it."""
        return Checkpoint(self.origin, self.edge.size, self.edge.root())

    def keep(self, checkpoint: str) -> None:
        """Keep a signed checkpoint that cannot follow from what was seen: it convicts whoever signed it."""
        if checkpoint not in self.evidence and len(self.evidence) < EVIDENCE_MAX:
            self.evidence.append(checkpoint)


def against(watched: Watched, head: Checkpoint) -> Alarm | None:
    """What a checkpoint says against what was seen before, by itself."""
    if watched.origin and head.origin != watched.origin:
        return Alarm.FORKED
    if head.size < watched.edge.size:
        return Alarm.SHRUNK
    if head.size == watched.edge.size and head.root != watched.edge.root():
        return Alarm.FORKED
    return None


class Following:
    """One walk from what was seen to a new checkpoint. What is watched changes only when the walk ends well."""

    def __init__(self, watched: Watched, seen: int) -> None:
        """`seen` is the witnesses' time of the new checkpoint, in seconds."""
        self._growing = deepcopy(watched)
        self._seen = seen

    @property
    def size(self) -> int:
        """How many entries have been taken."""
        return self._growing.edge.size

    def take(self, entries: Sequence[bytes]) -> None:
        """Take the following entries.

        Raises:
            Unproven: MALFORMED when one is no leaf of this kind of log.
        """
        for index, entry in enumerate(entries, start=self.size):
            leaf = Leaf.parse(entry)
            if leaf.kind is RecordClass.INQUIRY_INTENT:
                self._growing.open[index] = self._seen
            elif leaf.kind is RecordClass.INQUIRY_OUTCOME and leaf.previous is not None:
                self._growing.open.pop(leaf.previous, None)
        self._growing.edge.append(leaf_hash(entry) for entry in entries)

    def end(self, head: Checkpoint, checkpoint: str) -> Watched:
        """What is watched from now on.

        Raises:
            Unproven: PROOF_WRONG when what was seen, and these entries after it, do not lead to this checkpoint.
        """
        if (self.size, self._growing.edge.root()) != (head.size, head.root):
            raise Unproven(Fault.PROOF_WRONG, "the entries do not lead to the checkpoint")
        self._growing.origin, self._growing.checkpoint = head.origin, checkpoint
        return self._growing


def is_stale(policy: Policy, judged: Judged, now: int) -> bool:
    """Whether less than the quorum has seen the log lately: it is silent, or we are shown an old view of it."""
    lately = {name for name, seconds in judged.witnessed.items() if now - seconds < FRESH_SECONDS}
    return not policy.reached(frozenset(lately))


def overdue(watched: Watched, now: int, patience: int = OUTCOME_SECONDS) -> list[int]:
    """The places of intents that have had no outcome for longer than `patience` seconds, oldest first."""
    return sorted(index for index, seen in watched.open.items() if now - seen > patience)
