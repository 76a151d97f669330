"""What may be wrong with a policy document: a code, the place, and the applicant whom it would wrong."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.deciding.outcome import Occupation
from app.domain.money import Rate

PROBLEMS_MAX = 50
LAW = "law"
PRODUCT = "product"


class ProblemCode(StrEnum):
    """The first row speaks of the form, the second of what the rules say, the third of policies side by side."""

    NOT_JSON = "NOT_JSON"
    TOO_LARGE = "TOO_LARGE"
    UNKNOWN_FORMAT = "UNKNOWN_FORMAT"
    DUPLICATE_FIELD = "DUPLICATE_FIELD"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    MISSING_FIELD = "MISSING_FIELD"
    WRONG_TYPE = "WRONG_TYPE"
    NOT_EXACT = "NOT_EXACT"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    DUPLICATE_NAME = "DUPLICATE_NAME"

    GAP = "GAP"
    CONFLICT = "CONFLICT"
    OUTCOME_NOT_MONOTONE = "OUTCOME_NOT_MONOTONE"
    RATE_NOT_MONOTONE = "RATE_NOT_MONOTONE"
    LIMIT_NOT_MONOTONE = "LIMIT_NOT_MONOTONE"
    CAP_BROKEN = "CAP_BROKEN"
    OUTSIDE_PRODUCT = "OUTSIDE_PRODUCT"
    AGE = "AGE"

    OCCUPATION_GAP = "OCCUPATION_GAP"
    OCCUPATION_CONFLICT = "OCCUPATION_CONFLICT"


class Says(StrEnum):
    """What one rule says of a case; PASS: it does not object, and others decide."""

    PASS = "PASS"  # noqa: S105 - a word, no secret
    APPROVE = "APPROVE"
    REFER = "REFER"
    DECLINE = "DECLINE"


@dataclass(frozen=True, slots=True)
class Applicant:
    """The facts of a case; amounts are fen. What is None plays no part, but for the income: not verified.

    `months_known` is how long the bureau knows the person.
    """

    age: int | None = None
    occupation: Occupation | None = None
    own_score: int | None = None
    income_minor: int | None = None
    term_months: int | None = None
    monthly_due_minor: int | None = None
    lenders: int | None = None
    months_known: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What comes of a case by one rule. `by` is a place in the document, a segment, LAW or PRODUCT.

    `limit_minor` is the highest limit in fen; `yearly` the most that the rate can cost a year.
    """

    by: str
    says: Says
    score: int | None = None
    grade: str | None = None
    limit_minor: int | None = None
    daily: Rate | None = None
    yearly: Rate | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One applicant, and the results that cannot stand together; none at all where no rule decides."""

    applicant: Applicant
    results: tuple[Result, ...]
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: `path` is a JSON pointer. A problem of form has no case."""

    code: ProblemCode
    path: str
    case: Case | None = None


class PolicyUnsound(ValueError):
    """A document that is no policy; all problems at once, at most PROBLEMS_MAX."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(f"{problem.code} {problem.path}" for problem in problems[:3]))
        self.problems = problems[:PROBLEMS_MAX]
