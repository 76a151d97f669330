"""Checking receipts offline: files of two kinds in, a verdict out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.domain.proof import bundle
from app.domain.proof.bundle import Chain, Gap
from app.domain.proof.receipt import RECEIPT_BYTES_MAX, Proven
from app.domain.proof.record import RecordClass
from app.domain.proof.signed.policy import POLICY_BYTES_MAX
from app.domain.proof.strict import Unproven
from app.doors.signing import verify

POLICY_FILE: Final = "log-policy.txt"
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999: later ones are told as numbers


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: the proofs of each file, in their order, or why there is none.

    `chain` is there where several files were judged as the inquiries of one person. `at` is the file that was refused;
    None where it was not a single one.
    """

    files: tuple[tuple[Path, tuple[Proven, ...]], ...] = ()
    chain: Chain | None = None
    refused: Unproven | None = None
    at: Path | None = None

    @property
    def is_well(self) -> bool:
        """Whether everything holds, and nothing is missing between the files."""
        return self.refused is None and not (self.chain is not None and self.chain.gaps)


def check(files: Sequence[Path], keys: Sequence[Path]) -> Verdict:
    """Judge receipts in files by the policies in others; several as the inquiries of one person.

    Raises:
        OSError: a file cannot be read.
    """
    trusted = [_read(path, POLICY_BYTES_MAX) for path in keys]
    found: list[tuple[Path, tuple[Proven, ...]]] = []
    for path in files:
        try:
            found.append((path, bundle.verify_file(_read(path, RECEIPT_BYTES_MAX), trusted, verify)))
        except Unproven as refused:
            return Verdict(refused=refused, at=path)
    if len(files) == 1:
        return Verdict(tuple(found))
    try:
        return Verdict(tuple(found), bundle.chained([proven for _, proven in found]))
    except Unproven as refused:
        return Verdict(refused=refused)


def as_text(verdict: Verdict) -> str:
    """The verdict for a reader."""
    if verdict.refused is not None and verdict.at is not None:
        return f"This receipt proves nothing: {verdict.refused.told} ({verdict.at.name})."
    if verdict.refused is not None:
        return f"These receipts do not belong together: {verdict.refused.told}."
    lines: list[str] = []
    for path, proven in verdict.files:
        lines += [f"{path.name}:"] if len(verdict.files) > 1 else []
        lines += [line for one in proven for line in _told(one)]
    if verdict.chain is not None:
        lines += _told_of_chain(verdict.chain)
    return "\n".join(lines)


def _told(proven: Proven) -> list[str]:
    head = proven.judged.checkpoint
    seen = [f"  seen by  {name}, {_time(seconds)}" for name, seconds in sorted(proven.judged.witnessed.items())]
    facts = [f"  {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in proven.receipt.record.items()]
    place = f"  log      {head.origin}, entry {proven.index} of {head.size}"
    return ["This receipt holds.", place, *seen, "The record:", *facts]


def _told_of_chain(chain: Chain) -> list[str]:
    numbers = ", ".join(map(str, chain.numbers)) or "of nobody"
    held = f"This is inquiry {numbers}." if len(chain.numbers) == 1 else f"These are the inquiries {numbers}."
    if not chain.gaps:
        return [held, "None is missing between them. Whether more came later, no file can tell."]
    return [held, *(_told_of_gap(gap) for gap in chain.gaps)]


def _told_of_gap(gap: Gap) -> str:
    many = f"{gap.first} is missing" if gap.first == gap.last else f"{gap.first} to {gap.last} are missing"
    return (
        f"{many}: the record of number {gap.named_by}, which stands in the log, names the commitment of number "
        f"{gap.last}, {gap.commitment}."
    )


def as_json(verdict: Verdict) -> str:
    """The verdict for a machine (docs/formats/receipt.md)."""
    told: dict[str, object] = {"schema": "clearline-verdict/1", "holds": verdict.refused is None}
    if verdict.refused is not None:
        told |= {"fault": verdict.refused.fault.value, "told": verdict.refused.told}
        told |= {"file": verdict.at.name} if verdict.at is not None else {}
    else:
        found = [(path, one) for path, proven in verdict.files for one in proven]
        alone = len(found) == 1
        told |= _facts(found[0][1]) if alone else {"receipts": [{"file": p.name, **_facts(one)} for p, one in found]}
    if verdict.chain is not None:
        told |= {"numbers": list(verdict.chain.numbers), "missing": [_gap(gap) for gap in verdict.chain.gaps]}
    return json.dumps(told, ensure_ascii=False)


def _facts(proven: Proven) -> dict[str, object]:
    head = proven.judged.checkpoint
    return {
        "origin": head.origin,
        "index": proven.index,
        "size": head.size,
        "witnessed": {name: _time(seconds) for name, seconds in sorted(proven.judged.witnessed.items())},
        "class": RecordClass(proven.receipt.kind).name,
        "record": dict(proven.receipt.record),
    }


def _gap(gap: Gap) -> dict[str, object]:
    return {"first": gap.first, "last": gap.last, "namedBy": gap.named_by, "commitment": gap.commitment}


def _read(path: Path, most: int) -> bytes:
    """The file, or so much of it that the verifier sees that it is too long."""
    with path.open("rb") as file:
        return file.read(most + 1)


def _time(seconds: int) -> str:
    if seconds > _LAST_SECOND:
        return str(seconds)
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
