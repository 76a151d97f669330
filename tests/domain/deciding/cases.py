"""Facts to begin from; each test changes what it is about."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st

from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.gate import OwnFacts
from app.domain.deciding.outcome import Occupation
from models.shipped.policies import shipped_policies

SALARIED, SMALL_BUSINESS = shipped_policies()
YUAN = 100

fast = settings(max_examples=100, deadline=None, database=None, derandomize=True)

OWN = OwnFacts(
    age=36,
    occupation=Occupation.SALARIED,
    own_score=640,
    requested_minor=30_000 * YUAN,
    term_months=12,
    verified_income_minor=12_000 * YUAN,
)

CLEAN = BureauFile(
    report_number="R2026112300000001",
    reported_at=datetime(2026, 11, 23, 2, tzinfo=UTC),
    open_loans=1,
    open_cards=2,
    lenders=2,
    months_since_first_account=84,
    loan_balance_minor=20_000 * YUAN,
    card_limit_minor=40_000 * YUAN,
    card_used_minor=5_000 * YUAN,
    monthly_due_minor=1_500 * YUAN,
    overdue_now_minor=0,
    overdue_months_24=0,
    worst_status_24=0,
    worst_status_60=0,
    approval_queries_1=0,
    approval_queries_6=1,
    approval_queries_24=3,
    bad_debt=False,
    objection_mark=False,
    enforcement=False,
    deceased=False,
)


def files() -> st.SearchStrategy[BureauFile]:
    """Files of every kind; many break a hard rule."""
    return st.builds(
        replace,
        sound_files(),
        lenders=st.integers(0, 13),
        monthly_due_minor=st.integers(0, 500_000),
        overdue_now_minor=st.sampled_from([0, 10_000, 10_001]),
        overdue_months_24=st.integers(0, 6),
        worst_status_24=st.integers(0, 8),
        worst_status_60=st.integers(0, 8),
        approval_queries_6=st.integers(0, 16),
        bad_debt=st.booleans(),
        objection_mark=st.booleans(),
        enforcement=st.booleans(),
        deceased=st.booleans(),
    )


def sound_files() -> st.SearchStrategy[BureauFile]:
    """Files that break no hard rule and leave room: with sound own data and the best score, always a grant."""
    return st.builds(
        replace,
        st.just(CLEAN),
        lenders=st.integers(0, 10),
        months_since_first_account=st.none() | st.integers(0, 400),
        monthly_due_minor=st.integers(0, 150_000),
        overdue_now_minor=st.integers(0, 10_000),
        overdue_months_24=st.integers(0, 5),
        worst_status_24=st.integers(0, 2),
        worst_status_60=st.integers(0, 7),
        approval_queries_6=st.integers(0, 10),
    )


def owns() -> st.SearchStrategy[OwnFacts]:
    """People of the salaried policy; many are barred."""
    return st.builds(
        replace,
        sound_owns(),
        age=st.integers(16, 62),
        occupation=st.sampled_from([Occupation.SALARIED, Occupation.OTHER, Occupation.STUDENT]),
        own_score=st.none() | st.integers(460, 900),
        verified_income_minor=st.none() | st.integers(0, 5_000_000),
        identity_verified=st.booleans(),
    )


def sound_owns() -> st.SearchStrategy[OwnFacts]:
    """People whom own data do not rule out."""
    return st.builds(
        replace,
        st.just(OWN),
        age=st.integers(18, 60),
        own_score=st.none() | st.integers(480, 900),
        requested_minor=st.integers(50_000, 20_000_000),
        term_months=st.sampled_from([3, 6, 9, 12]),
        verified_income_minor=st.integers(400_000, 5_000_000),
    )
