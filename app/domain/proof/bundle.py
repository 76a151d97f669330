"""Files of receipts: what one inquiry left in the log, and whether several files leave an inquiry out.

The browser's twin is web/receipt/bundle.mjs. Docs: docs/formats/receipt.md.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from app.domain.proof import jcs
from app.domain.proof import receipt as receipts
from app.domain.proof.receipt import RECEIPT_BYTES_MAX, Proven, Receipt
from app.domain.proof.record import RecordClass, commitment
from app.domain.proof.signed.keys import Verify
from app.domain.proof.strict import Fault, Unproven, malformed

SCHEMA: Final = "clearline-receipts/1"
RECEIPTS_MAX: Final = 64
FILES_MAX: Final = 100

_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Gap:
    """Inquiries `first` to `last` that no file holds.

    `named_by` is the number of the intent after them: its record, which the log holds, names the commitment of `last`.
    """

    first: int
    last: int
    named_by: int
    commitment: str


@dataclass(frozen=True, slots=True)
class Chain:
    """The inquiries of one person, by number, the gaps between them, and what else the files do not show.

    `before` are the inquiries before the first one here, which it names; a holder need not bring them. `unanswered` are
    the numbers without an outcome; `unannounced` the places in the log of outcomes without their intent.
    """

    numbers: tuple[int, ...] = ()
    gaps: tuple[Gap, ...] = ()
    before: Gap | None = None
    unanswered: tuple[int, ...] = ()
    unannounced: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Intent:
    """What an intent says of its place among the inquiries of one person."""

    number: int
    commitment: str
    previous: str | None
    first: str | None
    proven: Proven

    @property
    def log(self) -> str:
        return self.proven.judged.checkpoint.origin


def written(parts: Sequence[Receipt]) -> bytes:
    """The file of one inquiry: its intent, then its outcomes in the order of the log.

    Raises:
        Unproven: MALFORMED when it could not be read again.
    """
    told: list[jcs.Json] = [jcs.parse_canonical(bytes(part)) for part in parts]
    return jcs.canonical({"schema": SCHEMA, "receipts": told})


def verify_file(data: bytes, trusted: Collection[bytes], by: Verify) -> tuple[Proven, ...]:
    """Check a file: one receipt, or those of one inquiry, an intent and the outcomes that point back at it.

    Raises:
        Unproven: as `receipt.verify`; FOREIGN when the receipts of the file do not belong together.
    """
    if len(data) > RECEIPT_BYTES_MAX:
        raise malformed(f"a receipt has at most {RECEIPT_BYTES_MAX} bytes")
    match jcs.parse_canonical(data):
        case {"schema": str(schema), "receipts": list(parts), **others} if schema == SCHEMA and not others:
            if not 1 <= len(parts) <= RECEIPTS_MAX:
                raise malformed(f"a file holds 1 to {RECEIPTS_MAX} receipts")
            proven = tuple(receipts.verify(jcs.canonical(part), trusted, by) for part in parts)
        case _:
            return (receipts.verify(data, trusted, by),)
    _check_one_inquiry(proven)
    return proven


def chained(files: Sequence[tuple[Proven, ...]]) -> Chain:
    """The inquiries in the files, as the inquiries of one person; which numbers are missing, and which outcomes.

    Each intent names the commitments of the first intent of its person and of the one before it. What cannot be seen is
    whether more came after the last.

    Raises:
        Unproven: FOREIGN when two cannot be of the same person, or an outcome points at another intent;
            MALFORMED when an intent does not say its number.
    """
    found: dict[str, _Intent] = {}
    for proven in (one for file in files for one in file):
        if proven.receipt.kind is RecordClass.INQUIRY_INTENT:
            intent = _intent(proven)
            found[intent.commitment] = intent
    intents = sorted(found.values(), key=lambda one: one.number)
    _check_outcomes(files, intents)
    _check_person(intents)
    between = [_gap(earlier.number, later) for earlier, later in pairwise(intents)]
    outcomes = [one for file in files for one in file if one.receipt.kind is RecordClass.INQUIRY_OUTCOME]
    return Chain(
        numbers=tuple(one.number for one in intents),
        gaps=tuple(gap for gap in between if gap is not None),
        before=_gap(0, intents[0]) if intents else None,
        unanswered=tuple(one.number for one in intents if not any(_answers(told, one.proven) for told in outcomes)),
        unannounced=tuple(sorted({o.index for o in outcomes if not any(_answers(o, one.proven) for one in intents)})),
    )


def _check_one_inquiry(proven: Sequence[Proven]) -> None:
    intent, outcomes = proven[0], proven[1:]
    rising = all(one.index < other.index for one, other in pairwise(proven))
    if intent.receipt.kind is not RecordClass.INQUIRY_INTENT or not rising:
        raise _foreign("a file begins with an intent, and its outcomes follow in the order of the log")
    if not all(_answers(outcome, intent) for outcome in outcomes):
        raise _foreign("an outcome in the file is that of another inquiry")


def _answers(outcome: Proven, intent: Proven) -> bool:
    return (
        outcome.receipt.kind is RecordClass.INQUIRY_OUTCOME
        and outcome.judged.checkpoint.origin == intent.judged.checkpoint.origin
        and outcome.receipt.previous == intent.index
        and outcome.receipt.record.get("inquiry") == intent.receipt.record.get("inquiry")
    )


def _intent(proven: Proven) -> _Intent:
    record = proven.receipt.record
    match record.get("number"), record.get("previous"), record.get("first"):
        case int(number), str() | None as previous, str() | None as first if not isinstance(number, bool):
            hashes = [text for text in (previous, first) if text is not None]
            linked = (number > 1) == (previous is not None)
            if number >= 1 and linked and all(_HASH.fullmatch(text) for text in hashes):
                return _Intent(number, commitment(proven.receipt.salt, record).hex(), previous, first, proven)
    raise malformed("an intent does not say its number and the one before it")


def _check_outcomes(files: Sequence[tuple[Proven, ...]], intents: Sequence[_Intent]) -> None:
    for proven in (one for file in files for one in file):
        if proven.receipt.kind is not RecordClass.INQUIRY_OUTCOME:
            continue
        known = [
            one.proven
            for one in intents
            if one.proven.receipt.record.get("inquiry") == proven.receipt.record.get("inquiry")
            or (one.log, one.proven.index) == (proven.judged.checkpoint.origin, proven.receipt.previous)
        ]
        if not all(_answers(proven, intent) for intent in known):
            raise _foreign("an outcome points at another inquiry than it names")


def _check_person(intents: Sequence[_Intent]) -> None:
    for earlier, later in pairwise(intents):
        if earlier.number == later.number:
            raise _foreign(f"there are two inquiries with the number {later.number}")
        if later.number == earlier.number + 1 and later.previous != earlier.commitment:
            raise _foreign(f"number {later.number} does not follow the number {earlier.number} that is here")
        if earlier.log == later.log and earlier.proven.index >= later.proven.index:
            raise _foreign(f"number {later.number} stands in the log before number {earlier.number}")
    beginnings = {one.commitment for one in intents if one.number == 1}
    beginnings |= {one.first for one in intents if one.first is not None}
    if len(beginnings) > 1:
        raise _foreign("the inquiries do not go back to the same first one, so they are not of one person")


def _gap(number: int, later: _Intent) -> Gap | None:
    if later.number == number + 1 or later.previous is None:
        return None
    return Gap(number + 1, later.number - 1, later.number, later.previous)


def _foreign(told: str) -> Unproven:
    return Unproven(Fault.FOREIGN, told)
