"""The four outcomes, which of them overrides which, and the verdict that carries one."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.deciding.reasons import MAX_REASONS, ReasonCode
from app.domain.money import Rate


class Outcome(StrEnum):
    """What a decision says. REFERRED: a person decides."""

    APPROVED = "APPROVED"
    COUNTEROFFERED = "COUNTEROFFERED"
    DECLINED = "DECLINED"
    REFERRED = "REFERRED"

    @property
    def priority(self) -> int:
        """The higher overrides: DECLINED 4, REFERRED 3, COUNTEROFFERED 2, APPROVED 1."""
        return _PRIORITY[self]

    @property
    def grants(self) -> bool:
        """Whether the outcome carries a limit and a rate."""
        return self in {Outcome.APPROVED, Outcome.COUNTEROFFERED}


_PRIORITY = {
    Outcome.DECLINED: 4,
    Outcome.REFERRED: 3,
    Outcome.COUNTEROFFERED: 2,
    Outcome.APPROVED: 1,
}


def overriding(outcomes: Iterable[Outcome]) -> Outcome:
    """The one outcome that overrides the others; APPROVED when there is none.

    Raises nothing: an empty input means that no rule objected.
    """
    return max(outcomes, key=lambda outcome: outcome.priority, default=Outcome.APPROVED)


class Occupation(StrEnum):
    """What a customer does, as declared."""

    SALARIED = "SALARIED"
    SMALL_BUSINESS = "SMALL_BUSINESS"
    STUDENT = "STUDENT"
    OTHER = "OTHER"


class VerdictInvalid(ValueError):
    """A verdict that contradicts itself."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision before it is recorded. `limit_minor` is fen; `daily` is the rate of one day.

    Limit, rate and grade are there exactly when the outcome grants; reasons are there unless it is APPROVED.

    Raises:
        VerdictInvalid: the parts contradict each other.
    """

    outcome: Outcome
    reasons: tuple[ReasonCode, ...]
    grade: str | None = None
    limit_minor: int | None = None
    daily: Rate | None = None

    def __post_init__(self) -> None:
        terms = (self.grade, self.limit_minor, self.daily)
        if any((term is not None) != self.outcome.grants for term in terms):
            raise VerdictInvalid(f"{self.outcome}: grade, limit and rate go with a grant, and only with one")
        if self.limit_minor is not None and self.limit_minor <= 0:
            raise VerdictInvalid("a limit is above zero")
        if not self.reasons and self.outcome is not Outcome.APPROVED:
            raise VerdictInvalid(f"{self.outcome} needs a reason")
        if len(self.reasons) > MAX_REASONS or len(set(self.reasons)) != len(self.reasons):
            raise VerdictInvalid(f"at most {MAX_REASONS} reasons, each once")
