"""A statement adds up, closes where the next one opens, and tells each kind of change once."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.days.statement import Cycle, LineKind, Move, cycles, owed_minor, statement
from app.domain.lending.postings import Account
from tests.domain.lending.cases import fast

WAYS = [
    (Account.LOAN_HELD, Account.LOAN_PRINCIPAL),
    (Account.CASH, Account.PAYOUT_PENDING),
    (Account.INTEREST_INCOME, Account.INTEREST_RECEIVABLE),
    (Account.PENALTY_INCOME, Account.PENALTY_RECEIVABLE),
    (Account.PENALTY_RECEIVABLE, Account.PENALTY_INCOME),
    (Account.INTEREST_RECEIVABLE, Account.CASH),
    (Account.LOAN_PRINCIPAL, Account.CASH),
    (Account.FEE_INCOME, Account.CASH),
    (Account.CUSTOMER_CREDIT, Account.CASH),
    (Account.CASH, Account.CUSTOMER_CREDIT),
    (Account.REFUND_PENDING, Account.CUSTOMER_CREDIT),
    (Account.CUSTOMER_CREDIT, Account.REFUND_PENDING),
    (Account.CASH, Account.REFUND_PENDING),
    (Account.LOAN_PRINCIPAL, Account.CHARGED_OFF),
    (Account.RECOVERY_INCOME, Account.CASH),
]
MOVES = st.lists(
    st.builds(
        lambda way, days, amount, act: Move(
            "loan", str(act), date(2026, 1, 1) + timedelta(days), way[0], way[1], amount
        ),
        st.sampled_from(WAYS),
        st.integers(0, 400),
        st.integers(1, 10**9),
        st.integers(0, 5),
    ),
    max_size=60,
)


def told(moves: list[Move[str]]) -> Iterator[tuple[Account, Account, int]]:
    return ((move.source, move.destination, move.amount_minor) for move in moves)


@fast
@given(MOVES)
def test_months_follow_one_another_to_what_the_postings_hold(moves: list[Move[str]]) -> None:
    balance = 0
    for cycle in reversed(list(cycles(date(2026, 1, 5), date(2027, 2, 10)))):
        within = [move for move in moves if cycle.first <= move.day <= cycle.last]
        shown = statement(cycle, balance, within, closed=True)
        assert shown.closing_minor == balance + sum(shown.total_minor(kind) for kind in LineKind)
        balance = shown.closing_minor
        assert balance == owed_minor(told([move for move in moves if move.day <= cycle.last]))


def test_a_fee_is_charged_and_paid_and_a_writing_off_changes_nothing_that_is_owed() -> None:
    cycle, day = Cycle(2026, 3), date(2026, 3, 9)
    fee = Move("loan", "act", day, Account.FEE_INCOME, Account.CASH, 300)
    off = Move("loan", "act", day, Account.LOAN_PRINCIPAL, Account.CHARGED_OFF, 9_000)
    shown = statement(cycle, 9_000, [fee, off], closed=True)
    assert [(line.kind, line.amount_minor) for line in shown.lines] == [(LineKind.FEE, 300), (LineKind.PAYMENT, -300)]
    assert shown.closing_minor == 9_000


def test_interest_of_a_month_is_one_line_and_each_payment_one_of_its_own() -> None:
    days = [date(2026, 3, number) for number in range(1, 11)]
    earned = [Move("loan", str(day), day, Account.INTEREST_INCOME, Account.INTEREST_RECEIVABLE, 60) for day in days]
    paid = [Move("loan", act, days[4], Account.INTEREST_RECEIVABLE, Account.CASH, 100) for act in ("one", "two")]
    shown = statement(Cycle(2026, 3), 0, [*earned, *paid], closed=True)
    assert [(line.kind, line.amount_minor) for line in shown.lines] == [
        (LineKind.PAYMENT, -100),
        (LineKind.PAYMENT, -100),
        (LineKind.INTEREST, 600),
    ]
    assert (shown.lines[-1].day, shown.accrued_to) == (days[-1], days[-1])  # and no day that nobody has seen yet


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-11", "", "2026/11", "2026-11-01", "1999-12", "٢٠٢٦-11"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Cycle.parse(text)


def test_a_month_is_read_as_it_is_written() -> None:
    assert Cycle.parse("2026-11") == Cycle.of(date(2026, 11, 30))
    assert (Cycle(2028, 2).last, Cycle(2027, 1).before()) == (date(2028, 2, 29), Cycle(2026, 12))
