"""Applicants to try a policy on: those who stand at the boundaries that the document itself names."""

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil

from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.gate import TERM_MONTHS_MAX
from app.domain.deciding.limit import lowest_ceiling
from app.domain.deciding.policy import DAYS_A_MONTH, Grade, Policy
from app.domain.lending.product import DEFAULT_PRODUCT
from app.domain.policies.problems import Applicant

AMPLE_INCOME_MINOR = 10**12  # an income that bounds no limit
TERMS = (max(DEFAULT_PRODUCT.terms_months), min(DEFAULT_PRODUCT.terms_months), TERM_MONTHS_MAX, 1)
STEPS_BELOW = 2
KNOWN_LONG = 120
_LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def file_of(applicant: Applicant) -> BureauFile:
    """A clean bureau file with the dues, the lenders and the age that the case names."""
    months = KNOWN_LONG if applicant.months_known is None else applicant.months_known
    return BureauFile(
        report_number="",
        reported_at=_LONG_AGO,
        open_loans=0,
        open_cards=0,
        lenders=applicant.lenders or 0,
        months_since_first_account=months,
        loan_balance_minor=0,
        card_limit_minor=0,
        card_used_minor=0,
        monthly_due_minor=applicant.monthly_due_minor or 0,
        overdue_now_minor=0,
        overdue_months_24=0,
        worst_status_24=0,
        worst_status_60=0,
        approval_queries_1=0,
        approval_queries_6=0,
        approval_queries_24=0,
        bad_debt=False,
        objection_mark=False,
        enforcement=False,
        deceased=False,
    )


def highest_limit(policy: Policy, grade: Grade, applicant: Applicant) -> int:
    """The limit in fen that a grade leads to for a case, by the function that decides."""
    ceiling = lowest_ceiling(
        grade,
        policy,
        income_minor=applicant.income_minor,
        term_months=applicant.term_months or 1,
        file=file_of(applicant),
    )
    return ceiling.amount_minor


def applicants(policy: Policy, grades: tuple[Grade, ...]) -> Iterator[Applicant]:
    """Applicants at, just below and just above each income at which another ceiling begins to bind some grade.

    With dues and without; with a thin file, with many lenders; with no verified income, none at all, and so much
    that it bounds nothing.
    """
    limits = policy.limits
    for term in TERMS:
        incomes = sorted(_incomes(policy, grades, term), reverse=True)  # the plainest differences first
        for income in (*incomes, AMPLE_INCOME_MINOR, None):
            known = limits.default_income_minor if income is None else income
            for due in (0, int(known * limits.burden_cap / 2)):
                yield Applicant(income_minor=income, term_months=term, monthly_due_minor=due, lenders=0)
        for income in (limits.default_income_minor, AMPLE_INCOME_MINOR):
            yield Applicant(income_minor=income, term_months=term, months_known=0)
            yield Applicant(income_minor=income, term_months=term, lenders=limits.many_lenders)


def _incomes(policy: Policy, grades: tuple[Grade, ...], term: int) -> set[int]:
    limits = policy.limits
    bounds = {limits.min_minor, *(min(grade.limit_cap_minor, limits.max_minor) for grade in grades)}
    found = {0, limits.default_income_minor}
    for bound in bounds:
        for below in range(STEPS_BELOW):
            amount = bound // limits.step_minor * limits.step_minor - below * limits.step_minor
            for grade in grades:
                share = Fraction(1, term) + grade.daily_exact * DAYS_A_MONTH
                for at in (ceil(amount / grade.income_multiple), ceil(amount * share / limits.burden_cap)):
                    found |= {at - 1, at, at + 1}
    return {income for income in found if income >= 0}
