"""How high a limit may be: the lowest of several ceilings, each with the reason that it gives."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.policy import DAYS_A_MONTH, Grade, Policy
from app.domain.deciding.reasons import ReasonCode


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One bound of a limit, in fen; `reasons` is empty where the grade or the product bounds it."""

    amount_minor: int
    reasons: tuple[ReasonCode, ...] = ()


def lowest_ceiling(
    grade: Grade, policy: Policy, *, income_minor: int | None, term_months: int, file: BureauFile | None
) -> Ceiling:
    """The lowest bound for a grade, rounded down to the policy's step; never negative.

    `income_minor` is the verified income of a month, None when none is verified. Without a `file` the best one is
    assumed: no debt, no other lender, long known; the answer is then what own data leave possible at most.
    """
    ceilings = [
        Ceiling(min(grade.limit_cap_minor, policy.limits.max_minor)),
        _by_income(grade, policy, income_minor),
        _by_burden(grade, policy, income_minor, term_months, file.monthly_due_minor if file else 0),
    ]
    if file is not None:
        ceilings += _by_file(policy, file)
    lowest = min(ceilings, key=lambda ceiling: (ceiling.amount_minor, not ceiling.reasons))
    step = policy.limits.step_minor
    return Ceiling(max(lowest.amount_minor, 0) // step * step, lowest.reasons)


def is_thin(policy: Policy, file: BureauFile) -> bool:
    """Whether the bureau knows the person for too short a time, or not at all."""
    months = file.months_since_first_account
    return months is None or months < policy.limits.thin_file_months


def thin_file_ceiling(policy: Policy) -> Ceiling:
    """What a person may have whom the bureau hardly knows."""
    return Ceiling(policy.limits.thin_file_cap_minor, (ReasonCode.FILE_THIN,))


def _income(policy: Policy, income_minor: int | None) -> tuple[int, tuple[ReasonCode, ...]]:
    if income_minor is None:
        return policy.limits.default_income_minor, (ReasonCode.INCOME_UNVERIFIED,)
    return income_minor, ()


def _by_income(grade: Grade, policy: Policy, income_minor: int | None) -> Ceiling:
    income, reasons = _income(policy, income_minor)
    return Ceiling(floor(income * grade.income_multiple), reasons)


def _by_burden(
    grade: Grade, policy: Policy, income_minor: int | None, term_months: int, monthly_due_minor: int
) -> Ceiling:
    # The whole limit, drawn at once for the asked term, must fit. The first instalment of equal principal is the
    # highest that any method asks, so it stands for all: L / n + L * 30.4 d.
    income, reasons = _income(policy, income_minor)
    room = income * policy.limits.burden_cap - monthly_due_minor
    monthly_share = Fraction(1, term_months) + grade.daily_exact * DAYS_A_MONTH
    by_debt = (ReasonCode.DEBT_BURDEN_HIGH,) if monthly_due_minor else ()
    return Ceiling(floor(room / monthly_share), (*by_debt, *reasons))


def _by_file(policy: Policy, file: BureauFile) -> list[Ceiling]:
    ceilings = []
    if is_thin(policy, file):
        ceilings.append(thin_file_ceiling(policy))
    if file.lenders >= policy.limits.many_lenders:
        ceilings.append(Ceiling(policy.limits.many_lenders_cap_minor, (ReasonCode.LENDERS_MANY,)))
    return ceilings
