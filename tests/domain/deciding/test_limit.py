from dataclasses import replace

import pytest

from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.limit import Ceiling, lowest_ceiling
from app.domain.deciding.reasons import ReasonCode
from tests.domain.deciding.cases import CLEAN, SALARIED, YUAN

R = ReasonCode


def ceiling(
    *, grade: str = "C", income: int | None = 30_000 * YUAN, term: int = 12, file: BureauFile | None = CLEAN
) -> Ceiling:
    (found,) = [one for one in SALARIED.grades if one.name == grade]
    return lowest_ceiling(found, SALARIED, income_minor=income, term_months=term, file=file)


def test_the_grade_bounds_a_rich_person() -> None:
    assert ceiling() == Ceiling(50_000 * YUAN)


def test_the_product_bounds_the_best() -> None:
    assert ceiling(grade="A", income=200_000 * YUAN) == Ceiling(20_000_000)


def test_income_bounds_by_its_multiple() -> None:
    # 2 x 3,333.33 = 6,666.66, whole hundreds: 6,600; debts leave room for more.
    file = replace(CLEAN, monthly_due_minor=0)
    assert ceiling(grade="E", income=333_333, file=file) == Ceiling(6_600 * YUAN)


def test_an_unverified_income_is_taken_low_and_named() -> None:
    file = replace(CLEAN, monthly_due_minor=0)
    assert ceiling(grade="D", income=None, file=file) == Ceiling(9_000 * YUAN, (R.INCOME_UNVERIFIED,))


def test_debts_bound_by_the_room_they_leave() -> None:
    # Room 10,000 x 55 % - 4,000 = 1,500 a month; 1,500 / (1/12 + 30.4 x 0.00036) = 15,910.04.
    file = replace(CLEAN, monthly_due_minor=4_000 * YUAN)
    assert ceiling(income=10_000 * YUAN, file=file) == Ceiling(15_900 * YUAN, (R.DEBT_BURDEN_HIGH,))


def test_a_shorter_term_leaves_less_room() -> None:
    # 1,500 / (1/3 + 30.4 x 0.00036) = 4,356.94.
    file = replace(CLEAN, monthly_due_minor=4_000 * YUAN)
    assert ceiling(income=10_000 * YUAN, term=3, file=file).amount_minor == 4_300 * YUAN


def test_debts_above_the_room_leave_nothing() -> None:
    file = replace(CLEAN, monthly_due_minor=60_000 * YUAN)
    assert ceiling(file=file) == Ceiling(0, (R.DEBT_BURDEN_HIGH,))


@pytest.mark.parametrize(("months", "thin"), [(None, True), (0, True), (11, True), (12, False)])
def test_a_thin_file_is_capped(months: int | None, thin: bool) -> None:
    got = ceiling(file=replace(CLEAN, months_since_first_account=months))
    assert got == (Ceiling(5_000 * YUAN, (R.FILE_THIN,)) if thin else Ceiling(50_000 * YUAN))


@pytest.mark.parametrize(("lenders", "capped"), [(4, False), (5, True), (10, True)])
def test_many_lenders_are_capped(lenders: int, capped: bool) -> None:
    got = ceiling(file=replace(CLEAN, lenders=lenders))
    assert got == (Ceiling(10_000 * YUAN, (R.LENDERS_MANY,)) if capped else Ceiling(50_000 * YUAN))


def test_of_equal_bounds_the_one_with_a_reason_is_named() -> None:
    policy = replace(SALARIED, limits=replace(SALARIED.limits, thin_file_cap_minor=8_000 * YUAN))
    file = replace(CLEAN, months_since_first_account=3)
    got = lowest_ceiling(SALARIED.last_grade, policy, income_minor=30_000 * YUAN, term_months=12, file=file)
    assert got == Ceiling(8_000 * YUAN, (R.FILE_THIN,))


def test_no_file_means_the_best_one() -> None:
    best = replace(CLEAN, monthly_due_minor=0)
    assert ceiling(income=9_000 * YUAN, file=None) == ceiling(income=9_000 * YUAN, file=best)
