"""Which policy judges whom, and since when: every occupation by one segment at any moment.

A segment's version is in force from its moment until the segment's next. Where two segments claim an occupation, the
claim that began later counts: so a new segment takes an occupation over by claiming it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from app.domain.deciding.outcome import Occupation
from app.domain.deciding.policy import Policy
from app.domain.policies.problems import Applicant, Case, Problem, ProblemCode, Result, Says


@dataclass(frozen=True, slots=True)
class Published:
    """A published policy and the first moment at which it judges."""

    policy: Policy
    effective_from: datetime


class NoPolicy(LookupError):
    """Nothing judges the occupation: the book was opened without its policies."""


def in_force(published: Iterable[Published], at: datetime) -> list[Published]:
    """The last version of each segment that has begun by then, the segment that began last first."""
    last: dict[str, Published] = {}
    for version in sorted(published, key=attrgetter("effective_from")):
        if version.effective_from <= at:
            last[version.policy.segment] = version
    return sorted(last.values(), key=attrgetter("effective_from"), reverse=True)


def judge_of(occupation: Occupation, published: Iterable[Published], at: datetime) -> Policy:
    """The policy that judges an occupation at a moment.

    Raises:
        NoPolicy: none does.
    """
    for version in in_force(published, at):
        if occupation in version.policy.occupations:
            return version.policy
    raise NoPolicy(occupation)


def side_by_side(new: Published, published: Sequence[Published]) -> tuple[Problem, ...]:
    """What would be wrong among segments if a policy were published too; nothing for one that fits.

    1. It keeps no claim that another segment took over, and claims nothing that another claims from the same moment.
    2. From its moment on, and at each later change that is published already, every occupation has a judge.
    """
    return (*_conflicts(new, published), *_gaps(new, published))


def _conflicts(new: Published, published: Sequence[Published]) -> list[Problem]:
    others = [version for version in published if version.policy.segment != new.policy.segment]
    before = [version for version in published if version.policy.segment == new.policy.segment]
    previous = next(iter(in_force(before, new.effective_from)), None)
    found = []
    for occupation in sorted(new.policy.occupations):
        holder = next(
            (claim for claim in in_force(others, new.effective_from) if occupation in claim.policy.occupations), None
        )
        if holder is None:
            continue
        kept = previous is not None and occupation in previous.policy.occupations
        lost = kept and previous is not None and previous.effective_from < holder.effective_from
        if lost or holder.effective_from == new.effective_from:
            results = tuple(Result(judge.policy.segment, Says.PASS) for judge in (holder, new))
            case = Case(Applicant(occupation=occupation), results)
            found.append(Problem(ProblemCode.OCCUPATION_CONFLICT, "/occupations", case))
    return found


def _gaps(new: Published, published: Sequence[Published]) -> list[Problem]:
    together = [*published, new]
    moments = {version.effective_from for version in together if version.effective_from >= new.effective_from}
    claimed = [
        {occupation for version in in_force(together, moment) for occupation in version.policy.occupations}
        for moment in sorted(moments)
    ]
    return [
        Problem(ProblemCode.OCCUPATION_GAP, "/occupations", Case(Applicant(occupation=occupation), ()))
        for occupation in Occupation
        if not all(occupation in occupations for occupations in claimed)
    ]
