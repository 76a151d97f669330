"""A policy as a document: strict JSON in, canonical JSON out, and its digest. See docs/formats/policy.md."""

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter

from app.domain.deciding.outcome import Occupation
from app.domain.deciding.policy import SCORE_MAX, SCORE_MIN, Grade, HardRules, LimitRules, Policy, ScoreBand
from app.domain.money import Money
from app.domain.policies.fields import Fields, document
from app.domain.policies.problems import PolicyUnsound, Problem, ProblemCode, Says

FORMAT = "clearline-policy/1"
GRADES_MAX = 20
AGE_MAX = 130
MULTIPLE_MAX = 36
COUNT_MAX = 1000
POLICIES_REMEMBERED = 256

_TOP = (
    "format",
    "segment",
    "version",
    "occupations",
    "age",
    "ownScoreFloor",
    "estimateSpread",
    "decline",
    "refer",
    "grades",
    "hardRules",
    "limits",
)
_GRADE = ("name", "from", "to", "dailyRate", "limitCap", "incomeMultiple")
_HARD = ("worstStatus24", "overdueMonths24", "overdueNow", "queries6", "lenders", "burden")
_LIMITS = (
    "burden",
    "defaultIncome",
    "thinFileMonths",
    "thinFileCap",
    "manyLenders",
    "manyLendersCap",
    "step",
    "least",
    "most",
)


@dataclass(frozen=True, slots=True)
class Band:
    """Scores of which one rule speaks, as the document says it at `path`."""

    path: str
    scores: ScoreBand
    says: Says
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A document of the right form. Whether its rules fit together, `check` tells; `bands` stand as written."""

    policy: Policy
    bands: tuple[Band, ...]

    @property
    def paths(self) -> dict[str, str]:
        """Where each grade stands in the document, by name."""
        return {band.grade.name: band.path for band in self.bands if band.grade}


def read_draft(text: str) -> Draft:
    """The policy of a document, read strictly.

    Raises:
        PolicyUnsound: the document is not of the format; every problem of its form.
    """
    top = document(text, *_TOP)
    if isinstance(top.values.get("format"), str) and top.values["format"] != FORMAT:
        raise PolicyUnsound((Problem(ProblemCode.UNKNOWN_FORMAT, "/format"),))
    top.name("format", "[a-z0-9/-]+")
    age = top.member("age", "least", "most")
    bands = [_band(top.member(name, "from", "to"), says) for name, says in _WITHOUT_GRADE.items()]
    bands += [_grade_band(grade) for grade in top.members("grades", GRADES_MAX, *_GRADE)]
    grades = [band.grade for band in bands if band.grade]
    _different(grades, top)
    policy = Policy(
        version=top.name("version", "[a-z][a-z0-9.-]{2,63}"),
        segment=top.name("segment", "[A-Z][A-Z_]{2,31}"),
        occupations=frozenset(Occupation(word) for word in top.texts("occupations", tuple(Occupation))),
        age_min=age.whole("least", 0, AGE_MAX),
        age_max=age.whole("most", 0, AGE_MAX),
        own_score_floor=top.whole("ownScoreFloor", SCORE_MIN, SCORE_MAX),
        refer_band=next(band.scores for band in bands if band.says is Says.REFER),
        estimate_spread=top.whole("estimateSpread", 0, SCORE_MAX - SCORE_MIN),
        grades=tuple(sorted(grades, key=attrgetter("min_score"), reverse=True)),
        hard=_hard(top.member("hardRules", *_HARD)),
        limits=_limits(top.member("limits", *_LIMITS)),
    )
    if top.problems:
        raise PolicyUnsound(tuple(top.problems))
    return Draft(policy, tuple(bands))


_WITHOUT_GRADE = {"decline": Says.DECLINE, "refer": Says.REFER}


def _band(told: Fields, says: Says, grade: Grade | None = None) -> Band:
    low, high = told.whole("from", SCORE_MIN, SCORE_MAX), told.whole("to", SCORE_MIN, SCORE_MAX)
    if low > high and {"from", "to"} <= told.values.keys():
        told.wrong(ProblemCode.OUT_OF_RANGE, "to")
    return Band(told.path, ScoreBand(low, high), says, grade)


def _grade_band(told: Fields) -> Band:
    bare = _band(told, Says.APPROVE)
    grade = Grade(
        name=told.name("name", "[A-Z][A-Z0-9]{0,7}"),
        min_score=bare.scores.low,
        daily=told.rate("dailyRate"),
        limit_cap_minor=told.amount("limitCap", 1),
        income_multiple=told.decimal("incomeMultiple", MULTIPLE_MAX, 2),
    )
    return Band(bare.path, bare.scores, bare.says, grade)


def _different(grades: list[Grade], top: Fields) -> None:
    names = [grade.name for grade in grades]
    for number, name in enumerate(names):
        if name in names[:number]:
            top.problems.append(Problem(ProblemCode.DUPLICATE_NAME, f"/grades/{number}/name"))


def _hard(told: Fields) -> HardRules:
    return HardRules(
        max_worst_status_24=told.whole("worstStatus24", 0, 8),
        max_overdue_months_24=told.whole("overdueMonths24", 0, 24),
        max_overdue_now_minor=told.amount("overdueNow"),
        max_queries_6=told.whole("queries6", 0, COUNT_MAX),
        max_lenders=told.whole("lenders", 0, COUNT_MAX),
        max_burden=told.decimal("burden", 1, 4),
    )


def _limits(told: Fields) -> LimitRules:
    limits = LimitRules(
        burden_cap=told.decimal("burden", 1, 4),
        default_income_minor=told.amount("defaultIncome", 1),
        thin_file_months=told.whole("thinFileMonths", 0, COUNT_MAX),
        thin_file_cap_minor=told.amount("thinFileCap", 1),
        many_lenders=told.whole("manyLenders", 0, COUNT_MAX),
        many_lenders_cap_minor=told.amount("manyLendersCap", 1),
        step_minor=told.amount("step", 1),
        min_minor=told.amount("least", 1),
        max_minor=told.amount("most", 1),
    )
    if {"step", "least", "most"} <= told.values.keys():
        if limits.min_minor % limits.step_minor:
            told.wrong(ProblemCode.OUT_OF_RANGE, "step")
        if limits.min_minor > limits.max_minor:
            told.wrong(ProblemCode.OUT_OF_RANGE, "most")
    return limits


def document_of(policy: Policy) -> dict[str, object]:
    """A sound policy as the plain values of its document, grades best first."""
    low = policy.refer_band.low
    tops = [SCORE_MAX, *(grade.min_score - 1 for grade in policy.grades)]
    hard, limits = policy.hard, policy.limits
    return {
        "format": FORMAT,
        "segment": policy.segment,
        "version": policy.version,
        "occupations": sorted(policy.occupations),
        "age": {"least": policy.age_min, "most": policy.age_max},
        "ownScoreFloor": policy.own_score_floor,
        "estimateSpread": policy.estimate_spread,
        "decline": {"from": SCORE_MIN, "to": low - 1},
        "refer": {"from": low, "to": policy.refer_band.high},
        "grades": [_grade_of(grade, top) for grade, top in zip(policy.grades, tops, strict=False)],
        "hardRules": {
            "worstStatus24": hard.max_worst_status_24,
            "overdueMonths24": hard.max_overdue_months_24,
            "overdueNow": _yuan(hard.max_overdue_now_minor),
            "queries6": hard.max_queries_6,
            "lenders": hard.max_lenders,
            "burden": decimal_text(hard.max_burden),
        },
        "limits": {
            "burden": decimal_text(limits.burden_cap),
            "defaultIncome": _yuan(limits.default_income_minor),
            "thinFileMonths": limits.thin_file_months,
            "thinFileCap": _yuan(limits.thin_file_cap_minor),
            "manyLenders": limits.many_lenders,
            "manyLendersCap": _yuan(limits.many_lenders_cap_minor),
            "step": _yuan(limits.step_minor),
            "least": _yuan(limits.min_minor),
            "most": _yuan(limits.max_minor),
        },
    }


def _grade_of(grade: Grade, top: int) -> dict[str, object]:
    return {
        "name": grade.name,
        "from": grade.min_score,
        "to": top,
        "dailyRate": grade.daily.text(),
        "limitCap": _yuan(grade.limit_cap_minor),
        "incomeMultiple": decimal_text(grade.income_multiple),
    }


def _yuan(minor: int) -> str:
    return Money(minor, "CNY").text()


def decimal_text(value: Fraction) -> str:
    """A decimal of at most four places, as short as it can be written."""
    whole, rest = divmod(value.numerator * 10_000 // value.denominator, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")


@lru_cache(maxsize=POLICIES_REMEMBERED)
def canonical(policy: Policy) -> str:
    """The one text of a sound policy: members by name, no blanks. Its SHA-256 is what decisions keep."""
    return json.dumps(document_of(policy), sort_keys=True, separators=(",", ":"))


def digest_of(policy: Policy) -> str:
    """The SHA-256 of the canonical text, in hexadecimal."""
    return hashlib.sha256(canonical(policy).encode()).hexdigest()
