"""How far a run has come and what it has counted: JSON in the run's own row, written with each page."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from uuid import UUID

from app.domain.auditing.finding import Seen
from app.domain.auditing.rules import AuditRuleId
from models.oversight.audit import AuditRun


@dataclass(slots=True)
class Counts:
    """Of one rule: rows looked at, rows that could not be wholly checked, and what became of each fault.

    `left` were new beyond what one run may open; the next run opens them.
    """

    looked_at: int = 0
    unchecked: int = 0
    new: int = 0
    known: int = 0
    reopened: int = 0
    remains: int = 0
    left: int = 0

    @property
    def unsettled(self) -> int:
        """Faults that somebody has to see to."""
        return self.new + self.known + self.reopened + self.left

    def count(self, seen: Seen) -> None:
        """Count what became of one fault."""
        name = seen.value.lower()
        setattr(self, name, getattr(self, name) + 1)


@dataclass(slots=True)
class Progress:
    """The look that is under way, the key that it goes on from, what it remembers, and the counts by rule."""

    look: str = ""
    after: UUID | None = None
    memo: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)

    @classmethod
    def of(cls, run: AuditRun) -> Self:
        """As it was left."""
        told = json.loads(run.progress)
        return cls(
            told["look"],
            UUID(told["after"]) if told["after"] else None,
            told["memo"],
            {rule: Counts(**counts) for rule, counts in told["counts"].items()},
        )

    def text(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self), default=str, sort_keys=True)

    def of_rule(self, rule: AuditRuleId) -> Counts:
        """The counts of a rule, from nought on."""
        return self.counts.setdefault(rule.value, Counts())
