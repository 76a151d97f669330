from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending import allocation as module
from app.domain.lending.accrual import (
    InstalmentState,
    InstalmentStatus,
    LoanTerms,
    interest_minor,
    payoff,
    position,
)
from app.domain.lending.allocation import (
    DEFAULT_RULES,
    AllocationBroken,
    Line,
    NotAllocatable,
    Rules,
    allocate,
    relevel,
)
from app.domain.lending.product import AllocationSequence, AllocationTarget, Method
from app.domain.money import MAX_AMOUNT_MINOR, Rate
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
    principals,
    rules,
    terms_months,
    worked_loan,
)

FEE, PENALTY, INTEREST = AllocationTarget.FEE, AllocationTarget.PENALTY, AllocationTarget.INTEREST
PRINCIPAL, OVERPAYMENT = AllocationTarget.PRINCIPAL, AllocationTarget.OVERPAYMENT

payments = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 130)), min_size=1, max_size=12)


def outstanding(states: Sequence[InstalmentState]) -> int:
    return sum(state.principal_open for state in states)


def test_a_short_payment_goes_by_kind_and_then_by_age() -> None:
    right = case("C020")
    terms, _, states = worked_loan()
    spread = allocate(fen(right["inputs"]["amount"]), terms, states, date.fromisoformat(right["inputs"]["payOn"]))
    kinds = right["expected"]["byKind"]
    assert spread.total_minor(PENALTY) == fen(kinds["penalty"])
    assert spread.total_minor(INTEREST) == fen(kinds["interest"])
    assert [line for line in spread.lines if line.target is PRINCIPAL] == [
        Line(PRINCIPAL, 1, fen(kinds["principalRow1"]))
    ]
    assert [line.instalment for line in spread.lines] == [1, 2, 1, 2, 1]
    assert sum(line.amount_minor for line in spread.lines) == fen(right["inputs"]["amount"])
    assert not spread.settled
    assert not spread.relevelled


def test_a_contract_may_print_instalment_by_instalment() -> None:
    right = case("C020")
    terms, _, states = worked_loan()
    day = date.fromisoformat(right["inputs"]["payOn"])
    rule = Rules(sequence=AllocationSequence.BY_INSTALMENT)
    spread = allocate(fen(right["inputs"]["amount"]), terms, states, day, rule)
    one, two = right["expected"]["byInstalment"]["row1"], right["expected"]["byInstalment"]["row2"]
    assert spread.lines == (
        Line(PENALTY, 1, fen(one["penalty"])),
        Line(INTEREST, 1, fen(one["interest"])),
        Line(PRINCIPAL, 1, fen(one["principal"])),
        Line(PENALTY, 2, fen(two["penalty"])),
        Line(INTEREST, 2, fen(two["interest"])),
    )
    assert position(terms, states, day).due_minor == fen(right["expected"]["owedOnTheTwo"])


def test_costs_come_before_everything() -> None:
    terms, plan, states = worked_loan()
    states = (replace(states[0], fee_due=5_00), *states[1:])
    spread = allocate(4_00, terms, states, plan[0].due_on)
    assert spread.lines == (Line(FEE, 1, 4_00),)
    assert position(terms, spread.instalments, plan[0].due_on).due_minor == plan[0].amount_minor + 1_00


def test_another_printed_order_is_followed() -> None:
    terms, plan, states = worked_loan()
    spread = allocate(100_00, terms, states, plan[0].due_on, Rules(order=(PRINCIPAL, INTEREST, PENALTY, FEE)))
    assert spread.lines == (Line(PRINCIPAL, 1, 100_00),)


def test_a_payment_of_the_row_on_its_day_pays_the_row() -> None:
    terms, plan, states = worked_loan()
    spread = allocate(plan[0].amount_minor, terms, states, plan[0].due_on)
    assert spread.lines == (
        Line(INTEREST, 1, plan[0].interest_minor),
        Line(PRINCIPAL, 1, plan[0].principal_minor),
    )
    assert spread.instalments[1:] == states[1:]


@pytest.mark.parametrize("name", ["C012a", "C012b"])
def test_a_payoff_ends_the_loan_and_leaves_no_row_due(name: str) -> None:
    right = case(name)
    terms, plan, states = worked_loan()
    for number in right["inputs"].get("paidRows", []):
        row = plan[number - 1]
        states = allocate(row.amount_minor, terms, states, row.due_on).instalments
    day = date.fromisoformat(right["inputs"]["payoffOn"])
    spread = allocate(fen(right["expected"]["payoff"]), terms, states, day)
    assert spread.settled
    assert spread.total_minor(INTEREST) == fen(right["expected"]["interest"])
    assert spread.total_minor(OVERPAYMENT) == 0
    for later in (day, plan[-1].due_on + timedelta(30)):
        after = position(terms, spread.instalments, later)
        assert after.settled
        assert payoff(after).total_minor == 0


def test_a_payoff_on_the_day_of_the_draw_has_no_line_of_nothing() -> None:
    terms, _, states = worked_loan()
    spread = allocate(12_000_00, terms, states, terms.drawn_on)
    assert spread.settled
    assert {line.target for line in spread.lines} == {PRINCIPAL}
    assert all(line.amount_minor > 0 for line in spread.lines)


def test_one_fen_too_much_is_the_customers_credit() -> None:
    right = case("C017")
    amount = fen(right["inputs"]["pay"])
    terms, _, states = loan(fen(right["inputs"]["payoff"]), Rate(40_000), date(2026, 3, 10), 3)
    spread = allocate(amount, terms, states, terms.drawn_on)
    assert spread.settled
    assert spread.lines[-1] == Line(OVERPAYMENT, None, fen(right["expected"]["overpayment"]))
    assert sum(line.amount_minor for line in spread.lines) == amount
    assert outstanding(spread.instalments) == 0


def test_a_payment_on_a_settled_loan_is_all_credit() -> None:
    terms, _, states = worked_loan()
    ended = allocate(12_000_00, terms, states, terms.drawn_on).instalments
    again = allocate(5_00, terms, ended, terms.drawn_on)
    assert again.lines == (Line(OVERPAYMENT, None, 5_00),)
    assert again.instalments == ended


def test_a_payoff_while_late_takes_penalty_interest_and_all_principal() -> None:
    terms, plan, states = worked_loan()
    day = date(2026, 5, 20)
    end = payoff(position(terms, states, day))
    accrued = interest_minor(plan[1].balance_minor, terms.interest.rate, 10)
    assert end.total_minor == 28_07 + 281_61 + accrued + 12_000_00
    spread = allocate(end.total_minor, terms, states, day)
    assert spread.settled
    assert spread.total_minor(PENALTY) == 28_07
    assert spread.total_minor(PRINCIPAL) == 12_000_00


def test_a_payment_below_the_interest_to_the_day_pays_interest_and_leaves_the_plan() -> None:
    terms, _, states = worked_loan()
    day = date(2026, 3, 25)
    spread = allocate(50_00, terms, states, day)
    assert spread.lines == (Line(INTEREST, 1, 50_00),)
    assert not spread.relevelled
    assert payoff(position(terms, spread.instalments, day)).total_minor == 12_022_00


def test_a_prepayment_keeps_term_and_days_and_lowers_the_rows() -> None:
    terms, plan, states = worked_loan()
    day = date(2026, 3, 25)
    spread = allocate(3_072_00, terms, states, day)
    assert spread.lines == (Line(INTEREST, 1, 72_00), Line(PRINCIPAL, None, 3_000_00))
    assert spread.relevelled
    assert [state.due_on for state in spread.instalments] == [row.due_on for row in plan]
    amounts = [state.principal_due + state.interest_due for state in spread.instalments]
    assert len(set(amounts[:-1])) == 1
    assert amounts[0] < plan[0].amount_minor
    assert spread.instalments[0].interest_due == interest_minor(9_000_00, terms.interest.rate, 16)
    assert outstanding(spread.instalments) == 9_000_00


def test_a_prepayment_after_the_31st_keeps_the_clamped_days() -> None:
    terms, _, states = loan(10_000_00, Rate(40_000), date(2026, 10, 31), 6)
    after = allocate(1_000_00, terms, states, date(2026, 11, 15)).instalments
    assert [state.due_on.isoformat() for state in after] == case("C007a")["expected"]


def test_a_prepayment_while_late_pays_what_is_due_first() -> None:
    terms, plan, states = worked_loan()
    day = date(2026, 4, 15)
    due = position(terms, states, day).due_minor
    accrued = position(terms, states, day).accrued_minor
    spread = allocate(due + accrued + 500_00, terms, states, day)
    assert spread.lines[-2:] == (Line(INTEREST, 2, accrued), Line(PRINCIPAL, None, 500_00))
    after = position(terms, spread.instalments, day)
    assert after.instalments[0].status is InstalmentStatus.PAID
    assert after.outstanding_minor == plan[0].balance_minor - 500_00


def test_a_partial_payment_of_principal_fixes_the_penalty_so_far() -> None:
    terms, plan, states = worked_loan()
    first, second = plan[0].due_on + timedelta(10), plan[0].due_on + timedelta(20)
    principal = plan[0].principal_minor
    so_far = interest_minor(principal, terms.penalty, 10)
    states = allocate(so_far + plan[0].interest_minor + 400_00, terms, states, first).instalments
    assert position(terms, states, first).penalty_minor == 0
    assert position(terms, states, second).penalty_minor == interest_minor(principal - 400_00, terms.penalty, 10)


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT_MINOR + 1])
def test_an_amount_out_of_bounds_is_refused(amount: int) -> None:
    terms, _, states = worked_loan()
    with pytest.raises(NotAllocatable) as refused:
        allocate(amount, terms, states, terms.drawn_on)
    assert refused.value.amount_minor == amount


def test_lines_that_do_not_make_the_payment_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    terms, plan, states = worked_loan()
    monkeypatch.setattr(module, "_spread", lambda amount, owed, order: ([], 0))
    with pytest.raises(AllocationBroken) as broken:
        allocate(10_00, terms, states, plan[0].due_on)
    assert (broken.value.amount_minor, broken.value.allocated_minor) == (10_00, 0)


def test_re_levelling_leaves_due_rows_alone() -> None:
    terms, plan, states = worked_loan()
    after = relevel(terms, states, 5_000_00, plan[1].due_on)
    assert after[:2] == states[:2]
    assert outstanding(after[2:]) == 5_000_00
    assert after[2].starts_on == plan[1].due_on


def walk(
    terms: LoanTerms,
    states: tuple[InstalmentState, ...],
    steps: list[tuple[int, int]],
    level: int,
    rules: Rules = DEFAULT_RULES,
) -> list[tuple[date, int, tuple[InstalmentState, ...], module.Allocation]]:
    """Payments of so many hundredths of an instalment, so many days apart: day, amount, rows before, what came."""
    day, found = terms.drawn_on, []
    for wait, share in steps:
        day += timedelta(wait)
        amount = max(1, level * share // 50)
        spread = allocate(amount, terms, states, day, rules)
        found.append((day, amount, states, spread))
        states = spread.instalments
    return found


@fast
@given(principals, dailies, days, terms_months, every_method, payments, rules, graces, least_days)
def test_any_history_conserves_money_and_never_goes_below_zero(
    principal: int,
    daily: Rate,
    drawn: date,
    count: int,
    method: Method,
    steps: list[tuple[int, int]],
    rule: Rules,
    grace: int,
    least: int,
) -> None:
    terms, plan, states = loan(principal, daily, drawn, count, method, grace_days=grace, least=least)
    repaid = 0
    for day, amount, before, spread in walk(terms, states, steps, principal // count + 1, rule):
        assert sum(line.amount_minor for line in spread.lines) == amount
        repaid += spread.total_minor(PRINCIPAL)
        after = spread.instalments
        assert outstanding(after) + repaid == principal
        assert [state.due_on for state in after] == [row.due_on for row in plan]
        for state in after:
            assert 0 <= state.principal_paid <= state.principal_due
            assert 0 <= state.interest_paid <= state.interest_due
            assert state.penalty_paid >= 0
        owed, earlier = position(terms, after, day), position(terms, before, day)
        assert owed.accrued_minor >= 0
        assert all(item.penalty_minor >= 0 for item in owed.instalments)
        assert payoff(owed).total_minor == max(0, payoff(earlier).total_minor - amount)
        assert spread.settled == owed.settled
        assert owed.settled or spread.total_minor(OVERPAYMENT) == 0


@fast
@given(principals, dailies, days, terms_months, every_method, payments, rules, graces, least_days, st.integers(1, 99))
def test_a_payment_in_two_parts_on_one_day_is_the_same_as_one(
    principal: int,
    daily: Rate,
    drawn: date,
    count: int,
    method: Method,
    steps: list[tuple[int, int]],
    rule: Rules,
    grace: int,
    least: int,
    cut: int,
) -> None:
    terms, _, states = loan(principal, daily, drawn, count, method, grace_days=grace, least=least)
    for day, amount, before, spread in walk(terms, states, steps, principal // count + 1, rule):
        part = amount * cut // 100
        if not 0 < part < amount:
            continue
        first = allocate(part, terms, before, day, rule)
        second = allocate(amount - part, terms, first.instalments, day, rule)
        assert second.settled == spread.settled
        # A loan that is over owes nothing, however its last plan was cut.
        assert second.settled or second.instalments == spread.instalments
        for target in AllocationTarget:
            assert first.total_minor(target) + second.total_minor(target) == spread.total_minor(target)
