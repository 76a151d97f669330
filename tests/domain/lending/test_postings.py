from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending.accrual import Position, position
from app.domain.lending.allocation import Line, allocate
from app.domain.lending.postings import (
    Account,
    Credit,
    Posting,
    accrued,
    balance,
    draw_held,
    payout_failed,
    payout_made,
    refund_held,
    refund_made,
    repaid,
    reversal,
)
from app.domain.lending.product import AllocationTarget, Method
from app.domain.money import Rate
from tests.domain.lending.cases import dailies, days, fast, loan, methods, principals, terms_months, worked_loan


def accrue(book: list[Posting], owed: Position) -> None:
    """Bring the receivables of a book to a position."""
    book += accrued(
        owed,
        interest_receivable_minor=balance(book, Account.INTEREST_RECEIVABLE),
        penalty_receivable_minor=balance(book, Account.PENALTY_RECEIVABLE),
    )


def balances(postings: list[Posting]) -> dict[Account, int]:
    """Every account that holds something."""
    found = {account: balance(postings, account) for account in Account}
    return {account: amount for account, amount in found.items() if amount}


def test_a_draw_is_held_and_then_becomes_principal() -> None:
    held = [*draw_held(1_000_00)]
    assert balances(held) == {Account.LOAN_HELD: 1_000_00, Account.PAYOUT_PENDING: -1_000_00}
    assert balances([*held, *payout_made(1_000_00)]) == {Account.LOAN_PRINCIPAL: 1_000_00, Account.CASH: -1_000_00}


def test_a_failed_payout_leaves_nothing() -> None:
    assert balances([*draw_held(1_000_00), *payout_failed(1_000_00)]) == {}


def test_an_overpayment_is_owed_to_the_customer_until_refunded() -> None:
    terms, _, states = worked_loan()
    book = [*draw_held(12_000_00), *payout_made(12_000_00)]
    book += repaid(allocate(12_000_01, terms, states, terms.drawn_on).lines)
    assert balances(book) == {Account.CASH: 1, Account.CUSTOMER_CREDIT: -1}
    held = [*book, *refund_held(1)]
    assert balances(held) == {Account.CASH: 1, Account.REFUND_PENDING: -1}
    assert balances([*held, *refund_made(1)]) == {}
    assert balances([*held, *reversal(refund_held(1))]) == balances(book)


def test_a_fee_paid_is_income() -> None:
    assert balances([*repaid([Line(AllocationTarget.FEE, 1, 5_00)])]) == {
        Account.CASH: 5_00,
        Account.FEE_INCOME: -5_00,
    }


def test_a_day_accrued_twice_is_posted_once() -> None:
    terms, _, states = loan(1_000_00, Rate(40_000), date(2026, 4, 10), 1)
    owed = position(terms, states, date(2026, 5, 11))
    book = [*accrued(owed, interest_receivable_minor=0, penalty_receivable_minor=0)]
    assert balance(book, Account.PENALTY_RECEIVABLE) == 60
    again = accrued(
        owed,
        interest_receivable_minor=balance(book, Account.INTEREST_RECEIVABLE),
        penalty_receivable_minor=balance(book, Account.PENALTY_RECEIVABLE),
    )
    assert again == ()


def test_a_receivable_that_was_too_much_is_taken_back() -> None:
    terms, _, states = worked_loan()
    owed = position(terms, states, date(2026, 3, 25))
    (posting,) = accrued(owed, interest_receivable_minor=72_01, penalty_receivable_minor=0)
    assert posting == Posting(Account.INTEREST_RECEIVABLE, Account.INTEREST_INCOME, 1)


@pytest.mark.parametrize("amount", [0, -1])
def test_a_posting_moves_a_positive_amount(amount: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        Posting(Account.CASH, Account.LOAN_PRINCIPAL, amount)


def test_a_posting_has_two_ends() -> None:
    with pytest.raises(ValueError, match="two accounts"):
        Posting(Account.CASH, Account.CASH, 1)


@fast
@given(
    principals,
    dailies,
    days,
    terms_months,
    methods,
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 130)), min_size=1, max_size=8),
)
def test_the_book_says_what_the_loan_says_after_any_history(
    principal: int, daily: Rate, drawn: date, count: int, method: Method, steps: list[tuple[int, int]]
) -> None:
    terms, plan, states = loan(principal, daily, drawn, count, method)
    book = [*draw_held(principal), *payout_made(principal)]
    day = drawn
    for wait, share in steps:
        day += timedelta(wait)
        accrue(book, position(terms, states, day))
        spread = allocate(max(1, plan[-1].amount_minor * share // 50), terms, states, day)
        book += repaid(spread.lines)
        states = spread.instalments
        owed = position(terms, states, day)
        assert balance(book, Account.LOAN_PRINCIPAL) == owed.outstanding_minor
        assert balance(book, Account.INTEREST_RECEIVABLE) == owed.interest_minor
        assert balance(book, Account.PENALTY_RECEIVABLE) == owed.penalty_minor
        assert sum(balances(book).values()) == 0
    assert balances([*book, *reversal(book)]) == {}


@fast
@given(principals, dailies, days, st.integers(1, 120))
def test_many_days_at_once_post_what_single_days_do(principal: int, daily: Rate, drawn: date, span: int) -> None:
    terms, _, states = loan(principal, daily, drawn, 3)
    steps: list[Posting] = []
    for offset in range(1, span + 1):
        accrue(steps, position(terms, states, drawn + timedelta(offset)))
    leap: list[Posting] = []
    accrue(leap, position(terms, states, drawn + timedelta(span)))
    assert balances(steps) == balances(leap)


def test_credit_of_one_loan_fills_what_is_missing_on_another() -> None:
    owing = Credit({"one": -300, "two": 100, "three": -50})
    assert (owing.held_minor, owing.owed_back_minor, owing.held_of("two")) == (0, 250, 0)
    assert owing.owed_back_of(250) == {"one": 250}
    assert owing.owed_back_of(10) == {"one": 10}
    assert Credit({"one": -30, "two": -50}).owed_back_of(999) == {"one": 30, "two": 50}
    holding = Credit({"one": 500, "two": -200})
    assert (holding.held_minor, holding.held_of("one"), holding.owed_back_of(1)) == (300, 300, {})
