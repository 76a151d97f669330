from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending.accrual import InstalmentState, LoanTerms, payoff, position
from app.domain.lending.allocation import DEFAULT_RULES, Line, NotAllocatable, Rules, allocate, relevel
from app.domain.lending.prepayment import (
    Debt,
    Preview,
    Shares,
    UnknownLoan,
    offered,
    preview,
    previews,
    rows_ahead,
    share_out,
)
from app.domain.lending.product import AllocationSequence, AllocationTarget, Method, PrepaymentRule
from app.domain.money import MAX_AMOUNT_MINOR, Rate
from tests.domain.lending.cases import (
    case,
    dailies,
    days,
    every_method,
    fast,
    fen,
    loan,
    monthly_loan,
    principals,
    worked_loan,
)

BOTH = KEEP_TERM, KEEP_INSTALMENT = PrepaymentRule.KEEP_TERM, PrepaymentRule.KEEP_INSTALMENT
DAILY = Rate(40_000)
INTEREST, PRINCIPAL = AllocationTarget.INTEREST, AllocationTarget.PRINCIPAL


def twelve_months_with_three_paid() -> tuple[LoanTerms, tuple[InstalmentState, ...], date]:
    inputs = case("C015")["inputs"]
    terms, plan, states = monthly_loan(
        fen(inputs["principal"]), Rate.parse(inputs["annual"]), date(2026, 3, 10), inputs["n"]
    )
    for number in inputs["paidRows"]:
        row = plan[number - 1]
        states = allocate(row.amount_minor, terms, states, row.due_on).instalments
    return terms, states, plan[2].due_on


def shown(rule: PrepaymentRule) -> tuple[Preview, dict[str, Any]]:
    terms, states, day = twelve_months_with_three_paid()
    amount = fen(case("C015")["inputs"]["prepay"])
    found = preview(amount, terms, states, day, Rules(prepayment=rule))
    spread = allocate(amount, terms, states, day, Rules(prepayment=rule))
    assert found.rows == rows_ahead(spread.instalments, day)
    assert found.rows[0].balance_minor + found.rows[0].principal_minor == fen(
        case("C015")["expected"]["balanceAfter"]
    )
    return found, case("C015")["expected"]


def test_keeping_the_term_makes_every_row_smaller() -> None:
    found, expected = shown(KEEP_TERM)
    right = expected["keepTerm"]
    amounts = [row.amount_minor for row in found.rows]
    assert amounts == [fen(right["instalment"])] * (right["rowsLeft"] - 1) + [fen(right["last"])]
    assert found.interest_left_minor == fen(right["interestLeft"])
    assert found.saved_minor == fen(expected["withoutPrepayment"]["interestLeft"]) - fen(right["interestLeft"])


def test_keeping_the_instalment_makes_the_rows_fewer() -> None:
    found, expected = shown(KEEP_INSTALMENT)
    right = expected["keepInstalment"]
    amounts = [row.amount_minor for row in found.rows]
    assert amounts == [fen(right["instalment"])] * (right["rowsLeft"] - 1) + [fen(right["last"])]
    assert found.interest_left_minor == fen(right["interestLeft"])
    assert found.lines == (Line(PRINCIPAL, None, 3_000_00),)
    assert not found.settled


def test_both_rules_are_shown_side_by_side_and_differ() -> None:
    terms, states, day = twelve_months_with_three_paid()
    term, instalment = previews(3_000_00, terms, states, day, BOTH)
    assert (term.rule, instalment.rule) == (KEEP_TERM, KEEP_INSTALMENT)
    assert len(term.rows) > len(instalment.rows)
    assert term.rows[0].amount_minor < instalment.rows[0].amount_minor
    assert instalment.saved_minor > term.saved_minor > 0


def test_less_than_an_instalment_follows_the_same_rule() -> None:
    terms, states, day = twelve_months_with_three_paid()
    term, instalment = previews(100_00, terms, states, day, BOTH)
    assert len(term.rows) == len(instalment.rows) == 9
    assert {row.amount_minor for row in instalment.rows[:-1]} == {1_066_19}
    assert instalment.rows[-1].amount_minor < 1_066_19
    assert term.rows[0].amount_minor < 1_066_19


def test_one_fen_ahead_leaves_what_rounding_left_in_the_last_row() -> None:
    terms, plan, states = worked_loan()
    found = preview(72_01, terms, states, date(2026, 3, 25), Rules(prepayment=KEEP_INSTALMENT))
    assert found.lines == (Line(INTEREST, 1, 72_00), Line(PRINCIPAL, None, 1))
    assert len(found.rows) == 12
    assert {row.amount_minor for row in found.rows[:-1]} == {plan[0].amount_minor}


def test_a_preview_in_the_middle_of_a_period_tells_what_the_payment_saves() -> None:
    terms, plan, states = worked_loan()
    found = preview(3_072_00, terms, states, date(2026, 3, 25), Rules(prepayment=KEEP_INSTALMENT))
    assert found.rows[0].days == 16
    assert [row.number for row in found.rows] == list(range(1, len(found.rows) + 1))
    planned = sum(row.interest_minor for row in plan)
    assert found.saved_minor == planned - 72_00 - sum(row.interest_minor for row in found.rows)


def test_a_preview_of_the_payoff_leaves_no_row() -> None:
    terms, plan, states = worked_loan()
    found = preview(12_072_00, terms, states, date(2026, 3, 25))
    assert (found.rows, found.interest_left_minor, found.settled) == ((), 0, True)
    assert found.saved_minor == sum(row.interest_minor for row in plan) - 72_00


def test_equal_principal_keeps_its_principal_or_its_term() -> None:
    terms, plan, states = worked_loan(Method.EQUAL_PRINCIPAL)
    day = plan[2].due_on
    for row in plan[:3]:
        states = allocate(row.amount_minor, terms, states, row.due_on).instalments
    term, kept = previews(2_500_00, terms, states, day, BOTH)
    assert [row.principal_minor for row in kept.rows] == [1_000_00] * 6 + [500_00]
    assert [row.principal_minor for row in term.rows] == [722_22] * 8 + [722_24]


@pytest.mark.parametrize("method", [Method.INTEREST_FIRST, Method.DAILY])
def test_a_loan_that_ends_in_one_sum_keeps_its_day_and_owes_less(method: Method) -> None:
    terms, plan, states = worked_loan(method)
    for found in previews(2_000_00, terms, states, terms.drawn_on, BOTH):
        assert found.rows[-1].due_on == plan[-1].due_on
        assert found.rows[-1].principal_minor == 10_000_00
        assert len(found.rows) == len(plan)


def test_a_shortened_plan_keeps_its_new_term() -> None:
    terms, states, day = twelve_months_with_three_paid()
    states = allocate(3_000_00, terms, states, day, Rules(prepayment=KEEP_INSTALMENT)).instalments
    found = preview(1_000_00, terms, states, day, Rules(prepayment=KEEP_TERM))
    assert len(found.rows) == 6
    again = preview(1_000_00, terms, states, day, Rules(prepayment=KEEP_INSTALMENT))
    assert {row.amount_minor for row in again.rows[:-1]} == {1_066_19}


def test_with_one_instalment_left_there_is_no_term_to_shorten_and_one_rule_is_offered() -> None:
    terms, plan, states = worked_loan()
    for row in plan[:10]:
        states = allocate(row.amount_minor, terms, states, row.due_on).instalments
    assert offered(BOTH, states, plan[9].due_on) == BOTH
    states = allocate(plan[10].amount_minor, terms, states, plan[10].due_on).instalments
    day = plan[10].due_on + timedelta(5)
    assert offered(BOTH, states, day) == (KEEP_TERM,)
    term, instalment = previews(100_00, terms, states, day, BOTH)
    assert term.rows == instalment.rows
    assert [row.due_on for row in term.rows] == [plan[11].due_on]


def test_empty_rows_are_never_late_and_bear_nothing() -> None:
    terms, states, day = twelve_months_with_three_paid()
    states = allocate(3_000_00, terms, states, day, Rules(prepayment=KEEP_INSTALMENT)).instalments
    for state in states[3:9]:
        states = allocate(state.principal_due + state.interest_due, terms, states, state.due_on).instalments
    owed = position(terms, states, states[-1].due_on + timedelta(100))
    assert owed.settled
    assert owed.days_late == 0
    assert [state.due_on for state in states] == [row.due_on for row in worked_loan()[1]]


def test_what_is_due_is_paid_before_anything_ahead() -> None:
    terms, plan, states = worked_loan()
    found = preview(plan[0].amount_minor, terms, states, plan[0].due_on)
    assert found.saved_minor == 0
    assert len(found.rows) == 11


@fast
@given(
    principals,
    dailies,
    days,
    st.integers(1, 24),
    every_method,
    st.integers(0, 700),
    st.integers(1, 999),
    st.sampled_from(PrepaymentRule),
)
def test_a_preview_is_what_is_booked(
    principal: int,
    daily: Rate,
    drawn: date,
    count: int,
    method: Method,
    wait: int,
    share: int,
    rule: PrepaymentRule,
) -> None:
    terms, _, states = loan(principal, daily, drawn, count, method)
    day, amount, rules = drawn + timedelta(wait), principal * share // 1_000 + 1, Rules(prepayment=rule)
    found = preview(amount, terms, states, day, rules)
    spread = allocate(amount, terms, states, day, rules)
    assert found.lines == spread.lines
    assert found.settled == spread.settled
    assert found.saved_minor >= 0
    if found.settled:
        return
    assert sum(row.principal_minor for row in found.rows) == sum(
        state.principal_open for state in spread.instalments if state.due_on > day
    )
    assert all(row.principal_minor >= 0 and row.interest_minor >= 0 for row in found.rows)


@fast
@given(principals, dailies, days, st.integers(2, 24), st.integers(1, 90))
def test_never_are_term_and_instalment_both_kept(
    principal: int, daily: Rate, drawn: date, count: int, share: int
) -> None:
    terms, plan, states = loan(principal, daily, drawn, count)
    before = [row.amount_minor for row in plan]
    for found in previews(principal * share // 100, terms, states, drawn, BOTH):
        assert [row.amount_minor for row in found.rows] != before
        if found.rule is KEEP_INSTALMENT:
            assert all(row.amount_minor == before[0] for row in found.rows[:-1])
        else:
            assert len(found.rows) == count


def test_re_levelling_by_the_other_rule_leaves_due_rows_alone() -> None:
    terms, plan, states = worked_loan()
    after = relevel(terms, states, 5_000_00, plan[1].due_on, KEEP_INSTALMENT)
    assert after[:2] == states[:2]
    assert [state.principal_due for state in after[7:]] == [0] * 5


def debt(key: str, principal: int, *, drawn: date = date(2026, 3, 10), daily: Rate = DAILY, on: date) -> Debt[str]:
    terms, _, states = loan(principal, daily, drawn, 3)
    return Debt(key, position(terms, states, on), daily, terms.penalty)


DAY = date(2026, 4, 20)


def test_the_chosen_loan_is_paid_first_and_the_law_shares_the_rest() -> None:
    one, two = debt("one", 3_000_00, on=DAY), debt("two", 3_000_00, drawn=date(2026, 4, 15), on=DAY)
    assert share_out(100_00, [one, two], "two") == Shares((("two", 100_00),), 0)
    end = payoff(two.owed).total_minor
    assert share_out(end + 50_00, [one, two], "two") == Shares((("one", 50_00), ("two", end)), 0)


def test_what_is_due_comes_before_what_is_not() -> None:
    late, fresh = debt("late", 3_000_00, on=DAY), debt("fresh", 3_000_00, drawn=date(2026, 4, 15), on=DAY)
    assert share_out(late.owed.due_minor, [fresh, late]) == Shares((("late", late.owed.due_minor),), 0)
    shared = share_out(late.owed.due_minor + 7, [fresh, late])
    assert sum(part for _, part in shared.shares) == late.owed.due_minor + 7


def test_the_heavier_debt_comes_first_and_then_the_older() -> None:
    heavy, light = debt("heavy", 3_000_00, daily=Rate(50_000), on=DAY), debt("light", 3_000_00, on=DAY)
    assert share_out(100_00, [light, heavy]).shares == (("heavy", 100_00),)
    older = debt("older", 3_000_00, drawn=date(2026, 3, 5), on=DAY)
    assert share_out(100_00, [light, older]).shares == (("older", 100_00),)


def test_debts_alike_are_paid_in_proportion_to_the_fen() -> None:
    one, two = debt("one", 1_000_00, on=DAY), debt("two", 2_000_00, on=DAY)
    shared = dict(share_out(100_01, [one, two]).shares)
    assert sum(shared.values()) == 100_01
    assert abs(shared["two"] - 2 * shared["one"]) <= 2


def test_what_no_loan_takes_is_a_refundable_credit() -> None:
    one, two = debt("one", 1_000_00, on=DAY), debt("two", 2_000_00, on=DAY)
    ends = payoff(one.owed).total_minor + payoff(two.owed).total_minor
    assert share_out(ends + 1, [one, two]).credit_minor == 1
    assert share_out(ends, [one, two]).credit_minor == 0
    assert share_out(5, []) == Shares((), 5)


def test_credit_that_is_owed_back_comes_after_what_is_due_and_before_what_is_not() -> None:
    late = debt("late", 3_000_00, on=DAY)
    due = late.owed.due_minor
    assert share_out(due + 50_00, [late], None, 70_00) == Shares((("late", due),), 0, 50_00)
    assert share_out(due + 71_00, [late], None, 70_00) == Shares((("late", due + 1_00),), 0, 70_00)
    end = payoff(late.owed).total_minor
    assert share_out(end, [late], "late", 70_00) == Shares((("late", end),), 0)
    assert share_out(end + 75_00, [late], None, 70_00) == Shares((("late", end),), 5_00, 70_00)


Loans = dict[str, tuple[LoanTerms, tuple[InstalmentState, ...]]]


def paid(loans: Loans, amount: int, on: date, rules: Rules = DEFAULT_RULES) -> Loans:
    """The loans after a payment for all of them."""
    debts = [
        Debt(key, position(terms, states, on), terms.interest.rate, terms.penalty, rules)
        for key, (terms, states) in loans.items()
    ]
    after = dict(loans)
    for key, part in share_out(amount, debts).shares:
        terms, states = loans[key]
        after[key] = terms, allocate(part, terms, states, on, rules).instalments
    return after


def left(loans: Loans, on: date) -> dict[str, int]:
    return {key: payoff(position(terms, states, on)).total_minor for key, (terms, states) in loans.items()}


def test_what_is_ahead_bears_no_penalty_so_the_next_due_day_comes_first_in_one_payment_or_two() -> None:
    day = date(2026, 8, 15)
    loans: Loans = {}
    for key, drawn in (("late", date(2026, 7, 10)), ("next", date(2026, 7, 20))):
        terms, _, states = loan(12_000_00, DAILY, drawn, 12)
        loans[key] = terms, states
    asked = position(*loans["late"], day).due_minor
    assert asked == 1_083_94
    once = paid(loans, asked + 500_00, day)
    assert once == paid(paid(loans, asked, day), 500_00, day)
    before, after = left(loans, day), left(once, day)
    assert {key: before[key] - after[key] for key in loans} == {"late": asked, "next": 500_00}


def test_a_row_less_overdue_than_another_loans_waits_for_it_in_one_payment_or_two() -> None:
    day = date(2026, 9, 15)
    loans: Loans = {}
    for key, drawn in (("two rows", date(2026, 7, 10)), ("one row", date(2026, 7, 20))):
        terms, _, states = loan(12_000_00, DAILY, drawn, 12)
        loans[key] = terms, states
    asked = position(*loans["two rows"], day).due_minor
    once = left(paid(loans, asked, day), day)
    for first in (100_00, asked // 2, asked - 100_00):
        assert left(paid(paid(loans, first, day), asked - first, day), day) == once
    assert once["one row"] < left(loans, day)["one row"]


@fast
@given(
    st.dictionaries(st.integers(1, 28), st.tuples(principals, st.integers(1, 6), dailies), min_size=2, max_size=4),
    every_method,
    st.sampled_from(AllocationSequence),
    st.integers(0, 10),
    st.integers(1, 1_200),
    st.integers(0, 999),
)
def test_a_payment_split_in_two_on_a_day_is_shared_as_one(
    drawn: dict[int, tuple[int, int, Rate]],
    method: Method,
    sequence: AllocationSequence,
    grace: int,
    share: int,
    cut: int,
) -> None:
    # No two are due on one day of a month: those alike share in proportion, where a split may move a fen.
    day, rules = date(2026, 7, 15), Rules(sequence=sequence)
    loans: Loans = {}
    for number, (principal, month, daily) in drawn.items():
        terms, _, states = loan(principal, daily, date(2026, month, number), 6, method, grace_days=grace)
        loans[str(number)] = terms, states
    amount = sum(left(loans, day).values()) * share // 1_000 + 2
    first = 1 + (amount - 2) * cut // 999
    assert left(paid(paid(loans, first, day, rules), amount - first, day, rules), day) == left(
        paid(loans, amount, day, rules), day
    )


def test_a_split_among_debts_alike_moves_a_fen_at_most() -> None:
    day = date(2026, 9, 15)
    loans: Loans = {}
    for key, principal in (("small", 1_000_00), ("large", 7_000_00)):
        terms, _, states = loan(principal, DAILY, date(2026, 7, 10), 12)
        loans[key] = terms, states
    once, twice = left(paid(loans, 100_03, day), day), left(paid(paid(loans, 33_34, day), 66_69, day), day)
    assert all(abs(once[key] - twice[key]) <= 1 for key in loans)


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT_MINOR + 1])
def test_a_share_of_nothing_is_refused(amount: int) -> None:
    with pytest.raises(NotAllocatable):
        share_out(amount, [debt("one", 1_000_00, on=DAY)])
    with pytest.raises(UnknownLoan):
        share_out(1, [debt("one", 1_000_00, on=DAY)], "two")


@fast
@given(
    st.lists(st.tuples(principals, st.integers(0, 120), dailies), min_size=1, max_size=6),
    st.integers(1, 1_200_000_00),
    st.integers(0, 6),
)
def test_shares_make_the_payment_and_none_is_more_than_its_loan(
    loans: list[tuple[int, int, Rate]], amount: int, choice: int
) -> None:
    debts = [
        debt(str(index), principal, drawn=DAY - timedelta(age), daily=daily, on=DAY)
        for index, (principal, age, daily) in enumerate(loans)
    ]
    chosen = str(choice) if choice < len(debts) else None
    shared = share_out(amount, debts, chosen)
    ends = {item.key: payoff(item.owed).total_minor for item in debts}
    assert sum(part for _, part in shared.shares) + shared.credit_minor == amount
    assert all(0 < part <= ends[key] for key, part in shared.shares)
    assert shared.credit_minor == max(0, amount - sum(ends.values()))
    if chosen is not None:
        assert dict(shared.shares)[chosen] >= min(amount, ends[chosen])


def test_the_balance_of_the_rows_ahead_falls_by_each_principal_to_zero() -> None:
    terms, _, states = worked_loan()
    rows = rows_ahead(states, terms.drawn_on)
    left = terms.principal_minor
    for row in rows:
        left -= row.principal_minor
        assert row.balance_minor == left
    assert left == 0


def test_interest_of_a_row_that_is_due_is_not_saved_by_paying_it_with_what_is_ahead() -> None:
    terms, plan, states = worked_loan()
    due = plan[0].due_on
    found = preview(plan[0].amount_minor + 3_000_00, terms, states, due, Rules(prepayment=KEEP_INSTALMENT))
    ahead = sum(row.interest_minor for row in plan[1:])
    assert found.saved_minor == ahead - found.interest_left_minor > 0
