"""The published vectors of the log's formats, and a count of what was tried of each file."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.domain.proof.strict import Unproven
from tests.needs import require_shared


def load(name: str) -> dict[str, Any]:
    """One file of the shared vectors."""
    found: dict[str, Any] = json.loads(require_shared("vectors", "tlog", f"{name}.json").read_text(encoding="utf-8"))
    return found


def unbase64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def refuses(act: Callable[[], object]) -> bool:
    """Whether `act` is refused in the way of the verifiers, and in no other."""
    try:
        act()
    except Unproven:
        return True
    return False


@dataclass
class Tally:
    """What was tried of a file: every case is passed, failed, or left out with a reason."""

    name: str
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    total: int = 0

    def check(self, case: object, *, holds: bool) -> None:
        self.total += 1
        if holds:
            self.passed += 1
        else:
            self.failed.append(str(case)[:200])

    def leave_out(self, count: int, why: str) -> None:
        self.total += count
        self.left_out.append(f"{count} {why}")

    def done(self, least: int) -> None:
        """Print the count and fail on any failure, or when fewer cases than `least` were there."""
        why = f"; not applicable: {'; '.join(self.left_out)}" if self.left_out else ""
        print(f"{self.name}: {self.passed}/{self.total}{why}")  # noqa: T201 - `pytest -rP` shows it
        assert not self.failed, self.failed
        assert self.passed >= least, f"only {self.passed} cases of {self.name}"
