"""Policies in time: from which size on each was in force, signed by the log, so that a checkpoint is judged by its own.

A witness that was replaced cosigned rightly in its time. What it cosigned stays proven; what it cosigns later proves
nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

_DOMAIN = "clearline/log-policy/v1"


@dataclass(frozen=True, slots=True)
class Era:
    """A policy, byte for byte, and the size of the first checkpoint that was published under it."""

    number: int
    first_size: int
    policy: bytes

    @property
    def sha256(self) -> str:
        """The digest by which a policy is told apart."""
        return hashlib.sha256(self.policy).hexdigest()

    def text(self, origin: str) -> bytes:
        """What the log of this origin signs of it. No checkpoint has such lines."""
        return f"{_DOMAIN}\n{origin}\n{self.number}\n{self.first_size}\n{self.sha256}\n".encode()


def as_json(eras: Sequence[Era]) -> str:
    """The policies in time for a machine: `clearline-log-policies/1` (docs/formats/ledger.md)."""
    told = [{"number": era.number, "firstSize": era.first_size, "sha256": era.sha256} for era in eras]
    return json.dumps({"schema": "clearline-log-policies/1", "policies": told})


def in_force(eras: Sequence[Era], size: int) -> tuple[Era, ...]:
    """The eras by which a checkpoint of this size may be judged: one, or at a change both the old and the new."""
    ends = [era.first_size for era in eras[1:]]
    return tuple(
        era
        for era, end in zip(eras, [*ends, None], strict=True)
        if era.first_size <= size and (end is None or size <= end)
    )
