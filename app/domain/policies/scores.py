"""Whether each score has one outcome, and whether rate and limit go the right way as scores rise."""

from collections.abc import Iterator
from itertools import pairwise

from app.domain.deciding.policy import SCORE_MAX, SCORE_MIN, Policy
from app.domain.policies.cases import applicants, highest_limit
from app.domain.policies.document import Band, Draft
from app.domain.policies.problems import Applicant, Case, Problem, ProblemCode, Result, Says

_WORSE = (Says.DECLINE, Says.REFER, Says.APPROVE)


def band_problems(draft: Draft) -> Iterator[Problem]:
    """Scores that no rule decides or that two rules decide, and outcomes that get worse as scores rise.

    Of a run of scores with the same fault the first stands for all.
    """
    before: tuple[Band, ...] | None = None
    for score in range(SCORE_MIN, SCORE_MAX + 1):
        found = bands_at(draft, score)
        if found != before and len(found) != 1:
            code = ProblemCode.CONFLICT if found else ProblemCode.GAP
            path = found[1].path if found else ""
            results = tuple(result_of(draft.policy, band, score) for band in found[:2])
            yield Problem(code, path, Case(Applicant(), results, score))
        if before is not None and len(before) == len(found) == 1 and _rank(found[0]) < _rank(before[0]):
            results = tuple(
                result_of(draft.policy, band, at) for band, at in ((before[0], score - 1), (found[0], score))
            )
            yield Problem(ProblemCode.OUTCOME_NOT_MONOTONE, found[0].path, Case(Applicant(), results, score))
        before = found


def rate_problems(draft: Draft) -> Iterator[Problem]:
    """Grades whose rate is above that of a worse one."""
    for (low, worse), (high, better) in _steps(draft):
        if worse.grade and better.grade and better.grade.daily > worse.grade.daily:
            results = (result_of(draft.policy, worse, low), result_of(draft.policy, better, high))
            path = f"{better.path}/dailyRate"
            yield Problem(ProblemCode.RATE_NOT_MONOTONE, path, Case(Applicant(), results, high))


def limit_problems(draft: Draft) -> Iterator[Problem]:
    """Grades in which some applicant would get less than in a worse one."""
    policy = draft.policy
    for (low, worse), (high, better) in _steps(draft):
        if worse.grade is None or better.grade is None:
            continue
        for applicant in applicants(policy, (worse.grade, better.grade)):
            limits = [highest_limit(policy, grade, applicant) for grade in (worse.grade, better.grade)]
            if limits[1] < limits[0]:
                results = (
                    result_of(policy, worse, low, applicant),
                    result_of(policy, better, high, applicant),
                )
                yield Problem(ProblemCode.LIMIT_NOT_MONOTONE, better.path, Case(applicant, results, high))
                break


def bands_at(draft: Draft, score: int) -> tuple[Band, ...]:
    """The rules that speak of a score."""
    return tuple(band for band in draft.bands if score in band.scores)


def result_of(policy: Policy, band: Band, score: int, applicant: Applicant | None = None) -> Result:
    """What a rule says of a score, and the limit that the applicant would get by it."""
    if band.grade is None:
        return Result(band.path, band.says, score)
    limit = highest_limit(policy, band.grade, applicant) if applicant is not None else None
    return Result(band.path, band.says, score, band.grade.name, limit, band.grade.daily)


def _steps(draft: Draft) -> Iterator[tuple[tuple[int, Band], tuple[int, Band]]]:
    """Each score with a grade and the next one that has another: within a grade rate and limit are the same."""
    sole = ((score, bands_at(draft, score)) for score in range(SCORE_MIN, SCORE_MAX + 1))
    graded = [(score, found[0]) for score, found in sole if len(found) == 1 and found[0].grade]
    return ((lower, higher) for lower, higher in pairwise(graded) if lower[1] is not higher[1])


def _rank(band: Band) -> int:
    return _WORSE.index(band.says)
