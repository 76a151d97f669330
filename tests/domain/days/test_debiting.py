"""The days on which a debit is presented, by the calendar alone."""

from dataclasses import replace
from datetime import date, timedelta

from app.domain.days.debiting import PRESENT_AFTER_DAYS, next_try_on, presentation
from app.domain.lending.accrual import position
from tests.domain.days.test_tape import DUE, ROW, TERMS


def presented(until: int, sleeps: range = range(0)) -> list[int]:
    """The days after the due day on which something is presented, where nobody is at work on some of them."""
    tries: dict[date, int] = {}
    found = []
    for days in range(-5, until):
        wanted = presentation(position(TERMS, [ROW], DUE + timedelta(days=days)), tries)
        if wanted is None or days in sleeps:
            continue
        assert wanted.number == tries.get(DUE, 0) + 1
        tries[DUE] = wanted.number
        found.append(days)
    return found


def test_nothing_is_presented_before_its_day_and_each_try_comes_on_its_own() -> None:
    assert presented(40) == list(PRESENT_AFTER_DAYS)


def test_a_day_on_which_nobody_worked_is_made_up_for_once_and_not_more() -> None:
    assert presented(40, sleeps=range(5)) == [*[5, 6, 7, 8][:1], 6, 7, 8]
    assert len(presented(40, sleeps=range(5))) == len(PRESENT_AFTER_DAYS)


def test_what_is_paid_is_not_presented() -> None:
    paid = replace(ROW, principal_paid=100_000, interest_paid=1_200)
    assert presentation(position(TERMS, [paid], DUE), {}) is None


def test_a_newer_due_day_has_tries_of_its_own_and_asks_for_all_that_is_due() -> None:
    second = replace(
        ROW, number=2, starts_on=DUE, due_on=DUE + timedelta(days=31), principal_due=5_000, interest_due=0
    )
    owed = position(TERMS, [ROW, replace(second, penalty_to=second.due_on)], second.due_on)
    wanted = presentation(owed, {DUE: len(PRESENT_AFTER_DAYS)})
    assert wanted is not None
    assert (wanted.due_on, wanted.number, wanted.amount_minor) == (second.due_on, 1, owed.due_minor)


def test_the_last_try_has_none_after_it() -> None:
    assert [next_try_on(DUE, number) for number in (1, 2, 3, 4)] == [
        DUE + timedelta(days=1),
        DUE + timedelta(days=3),
        DUE + timedelta(days=7),
        None,
    ]
