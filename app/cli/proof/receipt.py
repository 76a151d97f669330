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
from app.domain.proof.strict import Fault, Unproven
from app.doors.signing import verify

POLICY_FILE: Final = "log-policy.txt"
_SHORT_OF_KEYS: Final = (
    "Give the keys that it was made under with --keys FILE, which may be repeated. The lender's present keys are at "
    "/log/policy.txt of its server, those of before are listed at /log/policies; a witness or an auditor has them too"
)
_ADVICE: Final = {
    Fault.MALFORMED: "Fetch the file again, and do not open and save it: that alone may change its bytes",
    Fault.POLICY_UNKNOWN: _SHORT_OF_KEYS,
}
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999: later ones are told as numbers


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: the proofs of each file, in their order, or why there is none.

    `chain` tells of the files, if each holds, as the inquiries of one person. `at` is the file that was refused; None
    where it was not a single one.
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
    try:
        return Verdict(tuple(found), bundle.chained([proven for _, proven in found]))
    except Unproven as refused:
        return Verdict(refused=refused, at=files[0] if len(files) == 1 else None)


def as_text(verdict: Verdict) -> str:
    """The verdict for a reader."""
    if verdict.refused is not None:
        return _told_of_refusal(verdict.refused, verdict.at)
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


def _told_of_refusal(refused: Unproven, at: Path | None) -> str:
    if at is None:
        return f"These receipts do not belong together: {refused.told}."
    head = "cannot be judged" if refused.fault is Fault.POLICY_UNKNOWN else "proves nothing"
    advice = _ADVICE.get(refused.fault)
    return f"This receipt {head}: {refused.told} ({at.name})." + (f" {advice}." if advice else "")


def _told_of_chain(chain: Chain) -> list[str]:
    lines = _told_of_numbers(chain) if chain.numbers else []
    for number in chain.unanswered:
        lines.append(
            f"No outcome of inquiry {number} stands in these files, so how it ended is not shown. Right after asking "
            "there is none yet: fetch the receipt again."
        )
    for index in chain.unannounced:
        lines.append(
            f"The outcome at entry {index} stands here without its intent, so which inquiry ended is not shown: fetch "
            "the receipt of the whole inquiry."
        )
    return lines


def _told_of_numbers(chain: Chain) -> list[str]:
    several = len(chain.numbers) > 1
    numbers = ", ".join(map(str, chain.numbers))
    lines = [f"These are the inquiries {numbers}." if several else f"This is inquiry number {numbers}."]
    if chain.before is not None:
        lines.append(_told_of_before(chain.before))
    lines += [_told_of_gap(gap) for gap in chain.gaps]
    if several and not chain.gaps:
        lines.append("None is missing between them.")
    return [*lines, "Whether more came later, no file can tell."]


def _told_of_before(gap: Gap) -> str:
    one = gap.first == gap.last
    absent = "whose receipt is" if one else f"and the receipts of {gap.first} to {gap.last} are"
    return (
        f"Number {gap.named_by} names the one before it, number {gap.last} (commitment {gap.commitment}), {absent} not "
        f"among these files: ask for {'it' if one else 'them'}."
    )


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
        told |= {"advice": _ADVICE[verdict.refused.fault]} if verdict.refused.fault in _ADVICE else {}
        told |= {"file": verdict.at.name} if verdict.at is not None else {}
    else:
        found = [(path, one) for path, proven in verdict.files for one in proven]
        alone = len(found) == 1
        told |= _facts(found[0][1]) if alone else {"receipts": [{"file": p.name, **_facts(one)} for p, one in found]}
    if verdict.chain is not None:
        told |= _chain(verdict.chain)
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


def _chain(chain: Chain) -> dict[str, object]:
    return {
        "numbers": list(chain.numbers),
        "missing": [_gap(gap) for gap in chain.gaps],
        "before": _gap(chain.before) if chain.before is not None else None,
        "withoutOutcome": list(chain.unanswered),
        "withoutIntent": list(chain.unannounced),
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
