"""Whether the rules of a policy fit together, the law and the product; each fault with the applicant who meets it.

Thresholds are our own; the ceilings are those of online consumer lending: 200,000 yuan a person, 24 % all-in a
year, 18 to 60 years.
"""

from dataclasses import replace

from app.domain.deciding.policy import Policy
from app.domain.lending.product import DEFAULT_PRODUCT
from app.domain.lending.quote import greatest_daily
from app.domain.money import RATE_SCALE, Rate, half_up
from app.domain.policies.cases import AMPLE_INCOME_MINOR, highest_limit
from app.domain.policies.document import Draft, read_draft
from app.domain.policies.problems import (
    LAW,
    PROBLEMS_MAX,
    PRODUCT,
    Applicant,
    Case,
    PolicyUnsound,
    Problem,
    ProblemCode,
    Result,
    Says,
)
from app.domain.policies.scores import band_problems, limit_problems, rate_problems

AGE_OF_MAJORITY = 18
AGE_MOST = 60
LEGAL_LIMIT_MAX_MINOR = 20_000_000  # 200,000.00 yuan a person
OWN_FLOOR_DISTANCE = 60  # own data alone refuse only far below the score that a person would still look at
YEAR_DAYS = 365


def read_policy(text: str) -> Policy:
    """The policy of a document that holds together.

    Raises:
        PolicyUnsound: every problem of its form, or else of its rules.
    """
    draft = read_draft(text)
    problems = check(draft)
    if problems:
        raise PolicyUnsound(problems)
    return draft.policy


def check(draft: Draft) -> tuple[Problem, ...]:
    """What is wrong with the rules, at most PROBLEMS_MAX; nothing for a sound policy.

    1. Every score has exactly one outcome, better scores no worse a one.
    2. Neither rate nor limit turns against a higher score; limits by the very function that decides.
    3. Ceilings of law and product, ages, and rules that would take back what others give.
    """
    problems = [*band_problems(draft), *rate_problems(draft), *limit_problems(draft)]
    problems += [*_dear(draft), *_large(draft.policy, draft), *_ages(draft.policy), *_disagreeing(draft.policy)]
    return tuple(problems[:PROBLEMS_MAX])


def yearly_most(daily: Rate) -> Rate:
    """The most that a daily rate can cost a year: paid back after one day, (1 + d)^365 - 1, HALF_UP to 1e-8."""
    grown = (RATE_SCALE + daily.scaled) ** YEAR_DAYS
    return Rate(half_up(grown, RATE_SCALE ** (YEAR_DAYS - 1)) - RATE_SCALE)


def _dear(draft: Draft) -> list[Problem]:
    product, found = DEFAULT_PRODUCT, []
    for band in draft.bands:
        if band.grade is None:
            continue
        daily, score = band.grade.daily, band.scores.low
        ours = Result(band.path, Says.APPROVE, score, band.grade.name, daily=daily, yearly=yearly_most(daily))
        code, other = ProblemCode.CAP_BROKEN, Result(LAW, Says.DECLINE, yearly=product.ceiling_yearly)
        if daily <= greatest_daily(product.ceiling_yearly):
            if product.daily_least <= daily <= product.daily_most:
                continue
            code, nearest = ProblemCode.OUTSIDE_PRODUCT, min(max(daily, product.daily_least), product.daily_most)
            other = Result(PRODUCT, Says.DECLINE, daily=nearest)
        found.append(Problem(code, f"{band.path}/dailyRate", Case(Applicant(), (ours, other), score)))
    return found


def _large(policy: Policy, draft: Draft) -> list[Problem]:
    limits, found = policy.limits, []
    most = min(LEGAL_LIMIT_MAX_MINOR, DEFAULT_PRODUCT.line_most_minor)
    best = policy.best_grade.min_score
    if limits.max_minor > most:  # a person may grant it, where no grade reaches so far
        ours = Result("/limits/most", Says.APPROVE, best, limit_minor=limits.max_minor)
        found.append(_against(ProblemCode.CAP_BROKEN, ours, Result(LAW, Says.DECLINE, limit_minor=most)))
    if limits.min_minor < DEFAULT_PRODUCT.line_least_minor:
        ours = Result("/limits/least", Says.APPROVE, best, limit_minor=limits.min_minor)
        least = Result(PRODUCT, Says.DECLINE, limit_minor=DEFAULT_PRODUCT.line_least_minor)
        found.append(_against(ProblemCode.OUTSIDE_PRODUCT, ours, least))
    caps = [(f"{draft.paths[grade.name]}/limitCap", grade, grade.limit_cap_minor) for grade in policy.grades]
    caps += [
        ("/limits/thinFileCap", policy.best_grade, limits.thin_file_cap_minor),
        ("/limits/manyLendersCap", policy.best_grade, limits.many_lenders_cap_minor),
    ]
    for path, grade, cap in caps:
        ours = Result(path, Says.APPROVE, grade.min_score, grade.name, limit_minor=cap)
        if cap > limits.max_minor:
            over = Result("/limits/most", Says.DECLINE, limit_minor=limits.max_minor)
            found.append(_against(ProblemCode.CAP_BROKEN, ours, over))
        elif cap < limits.min_minor:  # the grade would approve, and the least limit would decline everybody
            under = Result("/limits/least", Says.DECLINE, limit_minor=limits.min_minor)
            found.append(_against(ProblemCode.CONFLICT, ours, under))
    return found


def _against(code: ProblemCode, ours: Result, other: Result) -> Problem:
    ample = Applicant(income_minor=AMPLE_INCOME_MINOR, term_months=1, monthly_due_minor=0)
    return Problem(code, ours.by, Case(ample, (ours, other), ours.score))


def _ages(policy: Policy) -> list[Problem]:
    if policy.age_min > policy.age_max:
        results = (Result("/age/least", Says.DECLINE), Result("/age/most", Says.PASS))
        return [Problem(ProblemCode.AGE, "/age", Case(Applicant(age=policy.age_max), results))]
    found = []
    if policy.age_min < AGE_OF_MAJORITY:
        found.append(_barred("/age/least", policy.age_min))
    if policy.age_max > AGE_MOST:
        found.append(_barred("/age/most", policy.age_max))
    return found


def _barred(path: str, age: int) -> Problem:
    results = (Result(path, Says.PASS), Result(LAW, Says.DECLINE))
    return Problem(ProblemCode.AGE, path, Case(Applicant(age=age), results))


def _disagreeing(policy: Policy) -> list[Problem]:
    hard, limits, found = policy.hard, policy.limits, []
    if policy.own_score_floor > policy.refer_band.low - OWN_FLOOR_DISTANCE:
        near = policy.own_score_floor - 1
        results = (
            Result("/ownScoreFloor", Says.DECLINE, near),
            Result("/refer", Says.REFER, policy.refer_band.low),
        )
        found.append(Problem(ProblemCode.CONFLICT, "/ownScoreFloor", Case(Applicant(own_score=near), results)))
    ample = Applicant(income_minor=AMPLE_INCOME_MINOR, term_months=1, monthly_due_minor=0, lenders=0)
    if limits.burden_cap > hard.max_burden:
        # One fen more is owed already than the hard rule allows, and the limit rule would still find room.
        owed = replace(ample, monthly_due_minor=int(AMPLE_INCOME_MINOR * hard.max_burden) + 1)
        found.append(_taken_back("/hardRules/burden", "/limits/burden", policy, owed))
    if limits.many_lenders > hard.max_lenders:
        indebted = replace(ample, lenders=limits.many_lenders)
        found.append(_taken_back("/hardRules/lenders", "/limits/manyLenders", policy, indebted))
    return found


def _taken_back(hard: str, limit: str, policy: Policy, applicant: Applicant) -> Problem:
    """A hard rule that declines a case for which a rule of limits still has an amount."""
    best = policy.best_grade
    amount = highest_limit(policy, best, applicant)
    results = (
        Result(hard, Says.DECLINE, best.min_score),
        Result(limit, Says.APPROVE, best.min_score, best.name, amount, best.daily),
    )
    return Problem(ProblemCode.CONFLICT, limit, Case(applicant, results, best.min_score))
