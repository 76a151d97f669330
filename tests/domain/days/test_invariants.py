"""Whatever happens to a loan: day by day the book sums to zero, and the tape is what the postings hold."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.days.tape import Carried, Moves, close_day
from app.domain.days.trial import trial_balance
from app.domain.lending.accrual import open_instalments, payoff, position
from app.domain.lending.allocation import allocate
from app.domain.lending.postings import Account, Posting, accrued, draw_held, payout_made, repaid
from app.domain.lending.product import DEFAULT_PRODUCT, Method
from app.domain.lending.quote import loan_terms, plan_of
from app.domain.money import Rate
from tests.domain.lending.cases import slow

DAYS = 130
DRAWN = date(2026, 10, 31)


class Book:
    """Postings, and what each account holds after them."""

    def __init__(self) -> None:
        self.moved: list[tuple[Account, Account, int]] = []
        self.held: Counter[Account] = Counter()

    def write(self, postings: Iterable[Posting]) -> None:
        """One more act."""
        for posting in postings:
            self.moved.append((posting.source, posting.destination, posting.amount_minor))
            self.held[posting.destination] += posting.amount_minor
            self.held[posting.source] -= posting.amount_minor


@slow
@given(
    st.integers(10_000, 20_000_000),
    st.integers(0, 65_000),
    st.sampled_from([3, 6, 12]),
    st.sampled_from([Method.LEVEL_INSTALMENT, Method.INTEREST_FIRST]),
    st.dictionaries(st.integers(0, DAYS - 1), st.integers(1, 5_000_000), max_size=6),
)
def test_the_book_sums_to_zero_and_the_tape_is_what_the_postings_hold(
    principal: int, daily: int, months: int, method: Method, payments: dict[int, int]
) -> None:
    terms = loan_terms(DEFAULT_PRODUCT, principal, Rate(daily), DRAWN, method)
    states = open_instalments(plan_of(DEFAULT_PRODUCT, principal, Rate(daily), DRAWN, months, method), DRAWN)
    book = Book()
    book.write((*draw_held(principal), *payout_made(principal)))
    carried, before, paid_in = Carried(), 0, 0
    for number in range(DAYS):
        day = DRAWN + timedelta(days=number)
        today: list[Posting] = []
        owed = position(terms, states, day)
        assert number == 0 or number - 1 in payments or payoff(owed).total_minor >= before
        if number in payments:
            # a payment brings the receivables to its day first, as the flow does
            earned = accrued(
                owed,
                interest_receivable_minor=book.held[Account.INTEREST_RECEIVABLE],
                penalty_receivable_minor=book.held[Account.PENALTY_RECEIVABLE],
            )
            spread = allocate(payments[number], terms, states, day)
            states, paid_in = spread.instalments, paid_in + payments[number]
            today = [*earned, *repaid(spread.lines)]
            book.write(today)
            owed = position(terms, states, day)
        before = payoff(owed).total_minor
        moved = [(posting.source, posting.destination, posting.amount_minor) for posting in today]
        closing = close_day(owed, carried, Moves(moved))
        book.write(closing.postings)
        carried, row, now = closing.row.carried(), closing.row, book.held
        assert sum(now.values()) == 0
        assert now[Account.LOAN_PRINCIPAL] == row.outstanding_minor
        assert now[Account.INTEREST_RECEIVABLE] == row.interest_minor >= 0
        assert now[Account.PENALTY_RECEIVABLE] == row.penalty_minor >= 0
        assert row.past_due_minor <= row.due_minor
        assert row.paid.total_minor == payments.get(number, 0)
    assert book.held[Account.CASH] == paid_in - principal
    trial = trial_balance(DRAWN, "CNY", book.moved, closed=True)
    assert trial.balanced
    assert {row.account: row.balance_minor for row in trial.accounts if row.balance_minor} == {
        account: amount for account, amount in book.held.items() if amount
    }
