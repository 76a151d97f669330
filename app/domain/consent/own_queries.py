"""The query records under our name in one report, beside our inquiries of that person.

A report tells days and reasons, and no references. So a record is ours by its reason, a day each side allowed for two
clocks, and each inquiry explains one record at most. Sources: decree on credit reporting arts 15, 22, 25.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from uuid import UUID

from app.domain.calendar import add_months, business_date
from app.domain.consent.inquiry import COUNTED, InquiryState
from app.domain.consent.reconciling import SKEW_MAX, Match

SHOWN_MONTHS = 24
SHOWN_LATEST = timedelta(days=1)
"""A report shows what was recorded so long before it was made."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class OwnQuery:
    """One query record under our name, as a report shows it."""

    day: date
    reason: str


class Showing(IntEnum):
    """Whether a report shows an inquiry.

    MUST: it was recorded long before. RECORDED: it has a record, which may be too fresh. MAY: it is in doubt.
    RUNNING: the report is its own answer, which the question itself need not be on.
    """

    MUST = 0
    RECORDED = 1
    MAY = 2
    RUNNING = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """One inquiry of ours, which the bureau recorded on a day from `first` to `last`, if at all."""

    inquiry_id: UUID
    reason: str
    first: date
    last: date
    showing: Showing

    def has_day(self, day: date) -> bool:
        """Whether it was recorded on this day, as far as we know."""
        return self.first <= day <= self.last

    def is_near(self, day: date) -> bool:
        """The same, where the bureau's clock differs from ours; a report's own question has its skew in its days."""
        slack = timedelta() if self.showing is Showing.RUNNING else A_DAY
        return self.first - slack <= day <= self.last + slack


@dataclass(frozen=True, slots=True)
class Seen:
    """What a report shows of one inquiry of ours, or a record that is nobody's, the `nth` of its day.

    Those in the bureau's own list are counted first: a record that the list names later keeps its number.
    """

    match: Match
    day: date | None
    inquiry_id: UUID | None = None
    nth: int = 0


def showing(
    state: InquiryState, closed_at: datetime | None, listed_at: datetime | None, made_at: datetime
) -> Showing | None:
    """Whether a report made at `made_at` shows another inquiry than its own; None when it ended as never recorded.

    `listed_at` is when the bureau's own list says that it was recorded.
    """
    recorded_by = listed_at or (closed_at if state is InquiryState.ANSWERED else None)
    if recorded_by is not None:
        return Showing.MUST if made_at - recorded_by >= SHOWN_LATEST else Showing.RECORDED
    return Showing.MAY if state in COUNTED or closed_at is None else None


def running_days(began: datetime, made_at: datetime) -> tuple[date, date]:
    """The first and the last day on which the bureau may have recorded the question of a report, by its own clock."""
    return business_date(min(began, made_at) - SKEW_MAX), business_date(made_at + SKEW_MAX)


def compare_queries(
    shown: Sequence[OwnQuery], asked: Sequence[Asked], listed: Mapping[date, int], made_on: date
) -> list[Seen]:
    """What a report of `made_on` shows of each inquiry, where it tells anything, and each record that is nobody's.

    `listed` are the days on which the bureau's own list shows records that nobody announced, and how many: they are
    known. Only two years count, for a report reaches no further back.
    """
    since = add_months(made_on, -SHOWN_MONTHS, made_on.day)
    queries = sorted(query for query in shown if query.day > since)
    ordered = sorted(asked, key=lambda one: one.showing)
    pairs = _pairs(ordered, queries, lambda one, query: one.reason == query.reason)
    rest = [query for at, query in enumerate(queries) if at not in pairs.values()]
    days = {ordered[n].inquiry_id: queries[at].day for n, at in pairs.items()}
    without = [one for one in ordered if one.inquiry_id not in days and one.showing <= Showing.RECORDED]
    others = {
        at: without[n] for n, at in _pairs(without, rest, lambda one, query: one.reason != query.reason).items()
    }
    strays, differing = _told_apart(
        [(query, *_of_rest(query, others.get(at), ordered, days)) for at, query in enumerate(rest)], listed
    )
    missing = [
        Seen(Match.OURS_ONLY, None, one.inquiry_id)
        for one in without
        if one.showing is Showing.MUST and one.inquiry_id not in differing and one.first - A_DAY > since
    ]
    agreeing = [Seen(Match.MATCHED, day, found) for found, day in days.items() if found not in differing]
    return [*agreeing, *differing.values(), *missing, *strays]


def _pairs(
    asked: Sequence[Asked], queries: Sequence[OwnQuery], fits: Callable[[Asked, OwnQuery], bool]
) -> dict[int, int]:
    """Inquiry by inquiry the record that is its own: as many pairs as there can be, the first inquiries first.

    Whoever finds its records taken has their holders look for another (augmenting paths, so no choice is final).
    """
    holder: dict[int, int] = {}

    def take(n: int, tried: set[int]) -> bool:
        one = asked[n]
        near = [at for at, query in enumerate(queries) if one.is_near(query.day) and fits(one, query)]
        for at in sorted(near, key=lambda at: not one.has_day(queries[at].day)):
            if at in tried:
                continue
            tried.add(at)
            if at not in holder or take(holder[at], tried):
                holder[at] = n
                return True
        return False

    for n in range(len(asked)):
        take(n, set())
    return {n: at for at, n in holder.items()}


def _of_rest(
    query: OwnQuery, other: Asked | None, asked: Sequence[Asked], days: Mapping[UUID, date]
) -> tuple[Match, Asked | None]:
    """What a record is that no inquiry explains: one of another reason, one too many of an inquiry's, or nobody's."""
    if other is not None:
        return Match.PURPOSE_MISMATCH, other
    for one in asked:
        if one.reason == query.reason and (one.has_day(query.day) or days.get(one.inquiry_id) == query.day):
            return Match.DUPLICATE, one
    return Match.BUREAU_ONLY, None


def _told_apart(
    rest: Sequence[tuple[OwnQuery, Match, Asked | None]], listed: Mapping[date, int]
) -> tuple[list[Seen], dict[UUID, Seen]]:
    """Nobody's records, and the inquiries that differ; as many of a day as the bureau's list explains are neither."""
    known, number = Counter(listed), Counter(listed)
    strays, differing = [], dict[UUID, Seen]()
    for query, match, one in sorted(rest, key=lambda of: of[2] is not None):
        if known[query.day] > 0:
            known[query.day] -= 1
        elif one is None:
            number[query.day] += 1
            strays.append(Seen(match, query.day, nth=number[query.day]))
        else:
            differing[one.inquiry_id] = Seen(match, query.day, one.inquiry_id)
    return strays, differing
