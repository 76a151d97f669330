from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import business_date
from app.domain.lending.accrual import (
    Bucket,
    DayBeforeDraw,
    InstalmentState,
    InstalmentStatus,
    LoanTerms,
    Position,
    bucket_of,
    interest_minor,
    payoff,
    penalty_daily,
    position,
)
from app.domain.lending.allocation import Line, allocate
from app.domain.lending.product import AllocationTarget, Method
from app.domain.money import Rate
from tests.domain.lending.cases import (
    case,
    dailies,
    days,
    every_method,
    fast,
    fen,
    graces,
    least_days,
    loan,
    methods,
    monthly_loan,
    principals,
    terms_months,
    worked_loan,
)

CEILING = Rate(24_000_000)


def paid_rows(count: int) -> tuple[LoanTerms, tuple[InstalmentState, ...]]:
    """The worked loan with its first rows paid on their days."""
    terms, plan, states = worked_loan()
    for row in plan[:count]:
        states = allocate(row.amount_minor, terms, states, row.due_on).instalments
    return terms, states


@pytest.mark.parametrize("name", ["C010-62.50", "C010-1012.50"])
def test_half_a_fen_of_interest_goes_up(name: str) -> None:
    inputs, expected = case(name)["inputs"], case(name)["expected"]
    daily = Rate.parse(inputs["daily"])
    assert interest_minor(fen(inputs["balance"]), daily, inputs["days"]) == fen(expected["interest"])
    terms, _, states = loan(fen(inputs["balance"]), daily, date(2026, 3, 10), 1)
    end = payoff(position(terms, states, date(2026, 3, 11)))
    assert end.total_minor == fen(inputs["balance"]) + fen(expected["interest"])


def test_the_penalty_is_the_multiple_cut_to_the_ceiling() -> None:
    assert penalty_daily(Rate.parse("0.0004"), 3, 2, CEILING, 365) == Rate.parse("0.0006")
    assert penalty_daily(Rate.parse("0.0005"), 3, 2, CEILING, 365) == Rate.parse("0.00065753")
    assert penalty_daily(Rate(0), 3, 2, CEILING, 365) == Rate(0)
    with pytest.raises(ValueError, match="penalty"):
        penalty_daily(Rate(1), 0, 2, CEILING, 365)


@fast
@given(dailies)
def test_the_penalty_of_a_year_never_passes_the_ceiling(daily: Rate) -> None:
    penalty = penalty_daily(daily, 3, 2, CEILING, 365)
    assert penalty.scaled * 365 <= CEILING.scaled


@fast
@given(dailies)
def test_the_penalty_never_passes_its_multiple(daily: Rate) -> None:
    assert penalty_daily(daily, 3, 2, CEILING, 365).scaled * 2 <= daily.scaled * 3


def test_a_multiple_between_two_units_is_rounded_down() -> None:
    penalty = penalty_daily(Rate.parse("0.00015001"), 3, 2, CEILING, 365)
    assert penalty == Rate.parse("0.00022501")
    assert interest_minor(200_000_00, penalty, 90) <= 4_050_27


def test_payoff_asks_interest_of_the_days_used() -> None:
    right = case("C012a")
    terms, _, states = worked_loan()
    end = payoff(position(terms, states, date.fromisoformat(right["inputs"]["payoffOn"])))
    assert end.interest_minor == fen(right["expected"]["interest"])
    assert end.total_minor == fen(right["expected"]["payoff"])


def test_payoff_between_due_days_asks_interest_since_the_last() -> None:
    right = case("C012b")
    terms, states = paid_rows(3)
    end = payoff(position(terms, states, date.fromisoformat(right["inputs"]["payoffOn"])))
    assert end.principal_minor == fen(right["expected"]["balance"])
    assert end.interest_minor == fen(right["expected"]["interest"])
    assert end.total_minor == fen(right["expected"]["payoff"])


def test_the_day_of_the_draw_is_free_and_midnight_costs_a_day() -> None:
    right = case("C013")
    terms, _, states = worked_loan()
    moments = [datetime.fromisoformat(text) for text in right["inputs"]["payoffs"]]
    found = [payoff(position(terms, states, business_date(moment))).total_minor for moment in moments]
    assert found == [fen(text) for text in right["expected"]]


def test_penalty_runs_on_overdue_principal_from_the_day_after() -> None:
    right = case("C020")
    terms, _, states = worked_loan()
    owed = position(terms, states, date.fromisoformat(right["inputs"]["payOn"]))
    assert [item.penalty_minor for item in owed.due] == [
        fen(right["expected"]["penaltyRow1"]),
        fen(right["expected"]["penaltyRow2"]),
    ]
    assert owed.due_minor == fen(right["expected"]["owedOnTheTwo"])
    assert [item.days_late for item in owed.due] == [40, 10]
    assert owed.days_late == 40
    assert terms.penalty == Rate.parse(right["inputs"]["penaltyDaily"])


def test_the_first_late_day_costs_one_day_of_penalty() -> None:
    right = case("C026")
    day = date.fromisoformat(right["inputs"]["businessDate"])
    principal = fen(right["inputs"]["overduePrincipal"])
    terms, _, states = loan(principal, Rate(40_000), date(2026, 4, 10), 1)
    assert position(terms, states, day - timedelta(1)).penalty_minor == 0
    assert position(terms, states, day).penalty_minor == fen(right["expected"]["penalty"])


def test_the_due_day_is_due_and_never_late() -> None:
    right = case("C024")
    due = date.fromisoformat(right["inputs"]["due"])
    terms, _, states = loan(1_000_00, Rate(40_000), date(2026, 11, 10), 1)
    assert states[0].due_on == due
    for text, status in zip(right["inputs"]["at"], right["expected"], strict=True):
        day = business_date(datetime.fromisoformat(text))
        owed = position(terms, states, day)
        assert owed.instalments[0].status == status
        assert owed.penalty_minor == (0 if status != "LATE" else interest_minor(1_000_00, terms.penalty, 1))


def test_a_day_before_the_draw_is_refused() -> None:
    terms, _, states = worked_loan()
    with pytest.raises(DayBeforeDraw) as refused:
        position(terms, states, date(2026, 3, 9))
    assert (refused.value.day, refused.value.drawn_on) == (date(2026, 3, 9), terms.drawn_on)


def test_nothing_accrues_after_the_last_due_day_but_the_penalty() -> None:
    terms, plan, states = worked_loan()
    owed = position(terms, states, plan[-1].due_on + timedelta(10))
    assert owed.accruing is None
    assert owed.interest_minor == sum(row.interest_minor for row in plan)
    assert owed.outstanding_minor == 12_000_00


def test_a_row_without_amount_is_scheduled_until_its_day_and_then_paid() -> None:
    terms, _, states = loan(1_000_00, Rate(0), date(2026, 3, 10), 3, Method.INTEREST_FIRST)
    before = position(terms, states, date(2026, 4, 9)).instalments[0]
    upon = position(terms, states, date(2026, 4, 10)).instalments[0]
    assert (before.status, upon.status) == (InstalmentStatus.SCHEDULED, InstalmentStatus.PAID)


def test_a_fee_is_owed_with_its_instalment() -> None:
    terms, plan, states = worked_loan()
    states = (replace(states[0], fee_due=5_00), *states[1:])
    owed = position(terms, states, plan[0].due_on)
    assert owed.due_minor == plan[0].amount_minor + 5_00
    assert payoff(owed).fee_minor == 5_00


@fast
@given(principals, dailies, days, terms_months, methods)
def test_payoff_on_a_due_day_is_that_row_and_all_later_principal(
    principal: int, daily: Rate, drawn: date, count: int, method: Method
) -> None:
    terms, plan, states = loan(principal, daily, drawn, count, method)
    for row in plan:
        end = payoff(position(terms, states, row.due_on))
        assert end.total_minor == row.amount_minor + row.balance_minor
        states = allocate(row.amount_minor, terms, states, row.due_on).instalments if row.amount_minor else states


@fast
@given(principals, dailies, days, terms_months, methods, st.lists(st.integers(0, 1_000), min_size=2, max_size=8))
def test_payoff_never_falls_while_nothing_is_paid(
    principal: int, daily: Rate, drawn: date, count: int, method: Method, offsets: list[int]
) -> None:
    terms, _, states = loan(principal, daily, drawn, count, method)
    ends = [payoff(position(terms, states, drawn + timedelta(offset))).total_minor for offset in sorted(offsets)]
    assert ends == sorted(ends)
    assert ends[0] >= principal


@fast
@given(principals, dailies, days, terms_months)
def test_on_time_the_position_follows_the_plan(principal: int, daily: Rate, drawn: date, count: int) -> None:
    terms, plan, states = loan(principal, daily, drawn, count)
    for row in plan:
        owed = position(terms, states, row.due_on)
        assert (owed.due_minor, owed.accrued_minor) == (row.amount_minor, 0)
        states = allocate(row.amount_minor, terms, states, row.due_on).instalments
        after = position(terms, states, row.due_on)
        assert after.outstanding_minor == row.balance_minor
        assert after.instalments[row.number - 1].status is InstalmentStatus.PAID
    assert position(terms, states, plan[-1].due_on).settled


def late_by(days_late: int, **changes: Any) -> Position:
    terms, plan, states = worked_loan(**changes)
    return position(terms, states, plan[0].due_on + timedelta(days_late))


def test_within_the_grace_nothing_is_late_and_after_it_penalty_runs_from_the_due_day() -> None:
    for day in (1, 3):
        owed = late_by(day, grace_days=3)
        assert owed.instalments[0].status is InstalmentStatus.DUE
        assert (owed.days_late, owed.penalty_minor) == (0, 0)
    owed, without = late_by(4, grace_days=3), late_by(4)
    assert owed.instalments[0].status is InstalmentStatus.LATE
    assert owed.days_late == 4
    assert owed.penalty_minor == without.penalty_minor > 0


def test_what_is_paid_in_the_grace_bears_no_penalty_and_the_rest_bears_all_of_it() -> None:
    terms, plan, states = worked_loan(grace_days=3)
    due = plan[0].due_on
    states = allocate(plan[0].interest_minor + 432_47, terms, states, due + timedelta(2)).instalments
    assert states[0].penalty_due == 0
    owed = position(terms, states, due + timedelta(4))
    assert owed.penalty_minor == interest_minor(500_00, terms.penalty, 4)
    paid = allocate(500_00, terms, states, due + timedelta(3)).instalments
    assert position(terms, paid, due + timedelta(30)).penalty_minor == 0


def test_the_penalty_on_interest_is_nothing_by_default_and_kept_apart() -> None:
    assert all(item.interest_penalty_minor == 0 for item in late_by(40).instalments)
    rate = Rate(60_000)
    first = late_by(10, interest_penalty=rate).instalments[0]
    assert first.interest_penalty_minor == interest_minor(148_80, rate, 10)
    assert first.penalty_minor == late_by(10).instalments[0].penalty_minor
    assert first.total_minor == late_by(10).instalments[0].total_minor + first.interest_penalty_minor


def test_the_penalty_on_interest_is_fixed_when_interest_is_paid() -> None:
    terms, plan, states = worked_loan(interest_penalty=Rate(60_000))
    day = plan[0].due_on + timedelta(10)
    asked = position(terms, states, day).instalments[0]
    penalties = asked.penalty_minor + asked.interest_penalty_minor
    spread = allocate(penalties + 100_00, terms, states, day)
    assert [(line.amount_minor, line.on_interest) for line in spread.lines] == [
        (asked.penalty_minor, False),
        (asked.interest_penalty_minor, True),
        (100_00, False),
    ]
    later = position(terms, spread.instalments, day + timedelta(10)).instalments[0]
    assert later.interest_penalty_minor == interest_minor(48_80, Rate(60_000), 10)
    end = payoff(position(terms, spread.instalments, day + timedelta(10)))
    settled = allocate(end.total_minor, terms, spread.instalments, day + timedelta(10))
    assert settled.settled
    assert position(terms, settled.instalments, day + timedelta(99)).settled


@pytest.mark.parametrize(
    ("days_late", "sign"),
    [
        *((0, "N"), (1, "1"), (30, "1"), (31, "2"), (60, "2"), (61, "3"), (90, "3"), (91, "4"), (120, "4")),
        *((121, "5"), (150, "5"), (151, "6"), (180, "6"), (181, "7"), (4_000, "7"), (-1, "N")),
    ],
)
def test_days_past_due_fall_into_the_bands_of_a_credit_report(days_late: int, sign: str) -> None:
    assert bucket_of(days_late).value == sign


def test_a_position_tells_its_band() -> None:
    assert late_by(0).bucket is Bucket.CURRENT
    assert late_by(31).bucket is Bucket.DAYS_31_60


def test_the_least_days_are_charged_once_however_soon_the_money_comes_back() -> None:
    terms, _, states = loan(12_000_00, Rate(40_000), date(2026, 3, 10), 12, least=1)
    for wait, right in ((0, 4_80), (1, 4_80), (2, 9_60)):
        assert payoff(position(terms, states, terms.drawn_on + timedelta(wait))).interest_minor == right
    spread = allocate(1_000_00, terms, states, terms.drawn_on)
    assert spread.lines == (Line(AllocationTarget.INTEREST, 1, 4_80), Line(AllocationTarget.PRINCIPAL, None, 995_20))
    again = position(terms, spread.instalments, terms.drawn_on)
    assert again.accrued_minor == 0
    assert position(terms, spread.instalments, terms.drawn_on + timedelta(1)).accrued_minor == 0
    assert position(terms, spread.instalments, terms.drawn_on + timedelta(2)).accrued_minor == 4_40


def test_months_of_thirty_days_accrue_by_their_own_days() -> None:
    terms, plan, states = monthly_loan(12_000_00, Rate.parse("0.144"), date(2026, 1, 31), 12)
    assert position(terms, states, date(2026, 2, 15)).accrued_minor == 72_00
    assert position(terms, states, date(2026, 2, 28)).due[0].interest_minor == plan[0].interest_minor == 144_00
    assert position(terms, states, date(2026, 3, 1)).accrued_minor == interest_minor(
        plan[0].balance_minor, Rate(40_000), 1
    )


@fast
@given(principals, dailies, days, terms_months, every_method, graces, least_days, st.integers(0, 900))
def test_payoff_never_falls_under_any_contract(
    principal: int, daily: Rate, drawn: date, count: int, method: Method, grace: int, least: int, wait: int
) -> None:
    terms, _, states = loan(principal, daily, drawn, count, method, grace_days=grace, least=least)
    today = payoff(position(terms, states, drawn + timedelta(wait))).total_minor
    assert principal <= today <= payoff(position(terms, states, drawn + timedelta(wait + 1))).total_minor
