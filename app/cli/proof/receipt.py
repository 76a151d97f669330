"""Checking a receipt offline: two kinds of file in, a verdict out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.domain.proof import receipt as receipts
from app.domain.proof.receipt import RECEIPT_BYTES_MAX, Proven
from app.domain.proof.signed.policy import POLICY_BYTES_MAX
from app.domain.proof.strict import Unproven
from app.doors.signing import verify

POLICY_FILE: Final = "log-policy.txt"
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999: later ones are told as numbers


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: the proof, or why there is none."""

    proven: Proven | None
    refused: Unproven | None = None


def check(receipt: Path, keys: Sequence[Path]) -> Verdict:
    """Judge the receipt in a file by the policies in others.

    Raises:
        OSError: a file cannot be read.
    """
    trusted = [_read(path, POLICY_BYTES_MAX) for path in keys]
    try:
        return Verdict(receipts.verify(_read(receipt, RECEIPT_BYTES_MAX), trusted, verify))
    except Unproven as refused:
        return Verdict(None, refused)


def as_text(verdict: Verdict) -> str:
    """The verdict for a reader."""
    if verdict.proven is None:
        return f"This receipt proves nothing: {verdict.refused.told if verdict.refused else ''}."
    proven, head = verdict.proven, verdict.proven.judged.checkpoint
    seen = [f"  seen by  {name}, {_time(seconds)}" for name, seconds in sorted(proven.judged.witnessed.items())]
    facts = [f"  {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in proven.receipt.record.items()]
    place = f"  log      {head.origin}, entry {proven.index} of {head.size}"
    return "\n".join(["This receipt holds.", place, *seen, "The record:", *facts])


def as_json(verdict: Verdict) -> str:
    """The verdict for a machine."""
    told: dict[str, object] = {"schema": "clearline-verdict/1", "holds": verdict.proven is not None}
    if verdict.refused is not None:
        told |= {"fault": verdict.refused.fault.value, "told": verdict.refused.told}
    if verdict.proven is not None:
        proven, head = verdict.proven, verdict.proven.judged.checkpoint
        told |= {
            "origin": head.origin,
            "index": proven.index,
            "size": head.size,
            "witnessed": {name: _time(seconds) for name, seconds in sorted(proven.judged.witnessed.items())},
            "class": proven.receipt.kind.name,
            "record": dict(proven.receipt.record),
        }
    return json.dumps(told, ensure_ascii=False)


def _read(path: Path, most: int) -> bytes:
    """The file, or so much of it that the verifier sees that it is too long."""
    with path.open("rb") as file:
        return file.read(most + 1)


def _time(seconds: int) -> str:
    if seconds > _LAST_SECOND:
        return str(seconds)
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
