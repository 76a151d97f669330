"""What the bureau holds under our name, beside what we hold: each reference is one result, and what it asks for.

Matched on the reference, which is the inquiry's id for ever. Sources: decree on credit reporting arts 15, 22, 25.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.consent.inquiry import COUNTED, RECORDED, InquiryState

RECORDED_LATEST = timedelta(hours=1)
"""A record that the bureau does not show so long after the last attempt will not come."""
SKEW_MAX = timedelta(hours=1)


class Match(StrEnum):
    """What became of one reference.

    BUREAU_ONLY: the bureau has a record that our book does not count: nobody announced it, or it ended as never
    recorded. OURS_ONLY: we were answered, and the bureau shows no record.
    """

    MATCHED = "MATCHED"
    OURS_ONLY = "OURS_ONLY"
    BUREAU_ONLY = "BUREAU_ONLY"
    DUPLICATE = "DUPLICATE"
    PURPOSE_MISMATCH = "PURPOSE_MISMATCH"
    TIME_SKEW = "TIME_SKEW"


class Settlement(StrEnum):
    """What a comparison settles of an inquiry that was unknown."""

    RECORDED = "RECORDED"
    NOT_RECORDED = "NOT_RECORDED"


@dataclass(frozen=True, slots=True)
class Theirs:
    """One query record of the bureau's under our name."""

    reference: str
    purpose: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Ours:
    """One inquiry of ours. `tried_at` is when the last attempt began; None when there was none."""

    state: InquiryState
    is_closed: bool
    purpose: str
    tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one reference; `match` is None where only an unknown inquiry is settled."""

    reference: str
    match: Match | None
    theirs: Theirs | None
    settlement: Settlement | None = None


def compare(
    theirs: Sequence[Theirs], ours: Mapping[str, Ours], settled_before: Collection[str], now: datetime
) -> list[Result]:
    """The result of each reference that has one, in the order of the bureau's records.

    `ours` were read after `theirs`: an intent is on the record before the bureau hears of it, so whatever the bureau
    shows and `ours` lacks was announced by nobody. `settled_before` are the references that were answered, or whose
    answer was unknown, before the bureau was asked for its records: only they may be missing from them.
    """
    count = Counter(record.reference for record in theirs)
    latest = {record.reference: record for record in theirs}
    found = [_of_record(record, ours.get(reference), count[reference] > 1) for reference, record in latest.items()]
    missing = [reference for reference in settled_before if reference not in latest and reference in ours]
    return [*(one for one in found if one is not None), *_of_missing(missing, ours, now)]


def _of_record(record: Theirs, known: Ours | None, is_double: bool) -> Result | None:
    if known is None:
        return Result(record.reference, Match.BUREAU_ONLY, record)
    if known.state not in COUNTED:
        # not recorded, as we were told: it may be sent again under the same reference, and then it is counted
        return Result(record.reference, Match.BUREAU_ONLY, record) if known.is_closed else None
    if is_double:
        match = Match.DUPLICATE
    elif known.purpose != record.purpose:
        match = Match.PURPOSE_MISMATCH
    elif known.tried_at is None or abs(record.recorded_at - known.tried_at) > SKEW_MAX:
        match = Match.TIME_SKEW
    else:
        match = Match.MATCHED
    unknown = known.state is InquiryState.UNKNOWN and not known.is_closed
    return Result(record.reference, match, record, Settlement.RECORDED if unknown else None)


def _of_missing(references: Sequence[str], ours: Mapping[str, Ours], now: datetime) -> list[Result]:
    found = []
    for reference in references:
        known = ours[reference]
        if known.state in RECORDED:
            found.append(Result(reference, Match.OURS_ONLY, None))
        elif known.state is InquiryState.UNKNOWN and not known.is_closed and _is_late(known, now):
            found.append(Result(reference, None, None, Settlement.NOT_RECORDED))
    return found


def _is_late(known: Ours, now: datetime) -> bool:
    return known.tried_at is not None and now - known.tried_at > RECORDED_LATEST
