from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending.accrual import DayBeforeDraw, payoff
from app.domain.lending.allocation import Line, NotAllocatable, Rules
from app.domain.lending.history import (
    MAX_ENTRIES,
    Entry,
    EntryKind,
    EntryRepeated,
    History,
    Replay,
    TooManyEntries,
    UnknownEntry,
    correction,
    credited,
    payout_undone,
    settled_on,
)
from app.domain.lending.postings import Account, Posting, accrued, balance, draw_held, payout_made
from app.domain.lending.product import AllocationTarget, Method
from app.domain.money import Rate
from tests.domain.lending.cases import (
    dailies,
    days,
    every_method,
    fast,
    graces,
    least_days,
    loan,
    principals,
    rules,
    terms_months,
    worked_loan,
)

Balances = dict[Account, int]


def history(*entries: Entry) -> History:
    terms, _, states = worked_loan()
    return History(terms, states, entries)


def paid(key: str, day: str, amount: int, received: int = 0) -> Entry:
    return Entry(key, date.fromisoformat(day), received, amount)


def booked(played: Replay, as_of: date) -> list[Posting]:
    """The book of a history as it is written day by day: interest to the day first, then what happened."""
    book = [*draw_held(played.terms.principal_minor), *payout_made(played.terms.principal_minor)]
    for count, outcome in enumerate(played.outcomes):
        before = Replay(played.terms, played.fresh, played.outcomes[:count], None)
        if played.charged_off_on is None or outcome.entry.day <= played.charged_off_on:
            _earn(book, before, outcome.entry.day)
        book += outcome.postings
    if played.charged_off_on is None:
        _earn(book, played, as_of)
    return book


def _earn(book: list[Posting], played: Replay, day: date) -> None:
    book += accrued(
        played.position(day),
        interest_receivable_minor=balance(book, Account.INTEREST_RECEIVABLE),
        penalty_receivable_minor=balance(book, Account.PENALTY_RECEIVABLE),
    )


def balances(book: list[Posting]) -> Balances:
    return {account: balance(book, account) for account in Account}


def corrected(before: History, after: History, as_of: date) -> tuple[Balances, Balances]:
    """The accounts after a correction, and those of the other history written from the start."""
    book = booked(before.replay(), as_of)
    book += correction(before.replay(), after.replay(), balances(book), as_of).postings
    return balances(book), balances(booked(after.replay(), as_of))


def test_entries_are_played_by_day_and_then_as_received() -> None:
    late, early = paid("late", "2026-05-10", 1_081_27), paid("early", "2026-04-10", 1_081_27)
    first, second = paid("b", "2026-06-10", 100_00, received=1), paid("a", "2026-06-10", 200_00, received=2)
    played = history(second, late, first, early).replay()
    assert [outcome.entry.key for outcome in played.outcomes] == ["early", "late", "b", "a"]
    assert played.position(date(2026, 6, 10)).due[0].number == 3


def test_a_returned_payment_is_as_if_it_had_never_come() -> None:
    without = history(paid("one", "2026-04-10", 1_081_27), paid("three", "2026-06-20", 2_000_00))
    mistaken = without.add(paid("two", "2026-05-10", 1_081_27))
    assert mistaken.undo("two").replay() == without.replay()
    found, right = corrected(mistaken, without, date(2026, 7, 1))
    assert found == right
    change = correction(mistaken.replay(), without.replay(), found, date(2026, 7, 1))
    assert change.reversed_keys == ("two", "three")
    assert change.replayed_keys == ("three",)


def test_a_back_dated_payment_takes_back_the_penalty_it_saves() -> None:
    late = history(paid("late", "2026-05-20", 1_200_00))
    on_time = late.add(paid("on-time", "2026-04-10", 1_081_27))
    assert late.replay().outcomes[0].lines[0].target is AllocationTarget.PENALTY
    # Row 2 alone is late by then.
    assert on_time.replay().outcomes[1].lines[0] == Line(AllocationTarget.PENALTY, 2, 5_69)
    found, right = corrected(late, on_time, date(2026, 5, 21))
    assert found == right
    assert sum(found.values()) == 0


def test_a_correction_of_nothing_posts_nothing() -> None:
    played = history(paid("one", "2026-04-10", 1_081_27)).replay()
    book = booked(played, date(2026, 5, 1))
    change = correction(played, played, balances(book), date(2026, 5, 1))
    assert (change.postings, change.reversed_keys, change.replayed_keys) == ((), (), ())


def test_what_both_histories_begin_with_stays_as_it_is() -> None:
    before = history(paid("one", "2026-04-10", 1_081_27), paid("two", "2026-05-10", 1_081_27))
    change = correction(before.replay(), before.undo("two").replay(), {}, date(2026, 5, 10))
    assert change.reversed_keys == ("two",)
    assert change.replayed_keys == ()


def test_an_entry_is_known_once() -> None:
    one = paid("one", "2026-04-10", 1_00)
    with pytest.raises(EntryRepeated):
        history(one, one)
    with pytest.raises(UnknownEntry):
        history(one).undo("two")
    with pytest.raises(TooManyEntries):
        history(*(paid(str(number), "2026-04-10", 1) for number in range(MAX_ENTRIES + 1)))


def test_an_entry_that_no_loan_can_take_is_refused() -> None:
    with pytest.raises(NotAllocatable):
        history(paid("none", "2026-04-10", 0)).replay()
    with pytest.raises(DayBeforeDraw):
        history(paid("early", "2026-03-09", 1_00)).replay()


def test_what_is_paid_beyond_all_debts_is_a_refundable_credit() -> None:
    played = history(paid("one", "2026-03-25", 12_072_01), paid("two", "2026-04-01", 5_00)).replay()
    assert played.credit_minor == 5_01
    assert settled_on(played) == date(2026, 3, 25)
    assert balance(booked(played, date(2026, 4, 1)), Account.CUSTOMER_CREDIT) == -5_01


def test_a_loan_that_is_not_settled_has_no_day_of_settlement() -> None:
    assert settled_on(history().replay()) is None
    assert settled_on(history(paid("one", "2026-03-25", 12_071_99)).replay()) is None


def test_a_charged_off_loan_stands_still_and_what_comes_is_recovery() -> None:
    day = date(2026, 11, 1)
    off = Entry("off", day, 9, kind=EntryKind.CHARGE_OFF)
    played = history(off).replay()
    claim = payoff(played.position(day)).total_minor
    assert payoff(played.position(day + timedelta(500))).total_minor == claim
    assert played.receivables(day) == (0, 0)
    book = booked(played, day + timedelta(500))
    assert balance(book, Account.CHARGED_OFF) == claim
    assert balance(book, Account.LOAN_PRINCIPAL) == balance(book, Account.INTEREST_RECEIVABLE) == 0
    assert balance(book, Account.PENALTY_RECEIVABLE) == 0

    more = history(off, paid("some", "2027-01-05", 1_000_00), paid("all", "2027-03-01", claim)).replay()
    book = booked(more, date(2027, 3, 1))
    assert balance(book, Account.RECOVERY_INCOME) == -claim
    assert balance(book, Account.CUSTOMER_CREDIT) == -1_000_00
    assert more.credit_minor == 1_000_00
    assert settled_on(more) == date(2027, 3, 1)
    exact = history(off, paid("all", "2027-03-01", claim)).replay()
    assert settled_on(exact) == date(2027, 3, 1)
    assert exact.credit_minor == 0
    assert sum(balances(book).values()) == 0


def test_charging_off_twice_writes_off_once() -> None:
    off = Entry("off", date(2026, 11, 1), 0, kind=EntryKind.CHARGE_OFF)
    again = Entry("again", date(2026, 12, 1), 0, kind=EntryKind.CHARGE_OFF)
    played = history(off, again).replay()
    assert played.charged_off_on == off.day
    assert played.outcomes[1].postings == ()


def test_a_charge_off_undone_earns_again_as_if_it_had_not_been() -> None:
    off = Entry("off", date(2026, 11, 1), 0, kind=EntryKind.CHARGE_OFF)
    with_it = history(off, paid("some", "2026-12-05", 1_000_00))
    found, right = corrected(with_it, with_it.undo("off"), date(2026, 12, 31))
    assert found == right


def test_a_payout_that_came_back_leaves_only_what_was_paid() -> None:
    played = history(paid("one", "2026-04-10", 1_081_27), paid("two", "2026-04-20", 50_00)).replay()
    book = booked(played, date(2026, 4, 25))
    book += payout_undone(played, balances(book)).postings
    left = {account: amount for account, amount in balances(book).items() if amount}
    assert left == {Account.CASH: 1_131_27, Account.CUSTOMER_CREDIT: -1_131_27}


def test_a_payout_that_came_back_takes_the_penalty_along() -> None:
    played = history(paid("late", "2026-05-20", 10_00)).replay()
    book = booked(played, date(2026, 6, 25))
    assert balance(book, Account.PENALTY_RECEIVABLE) > 0
    book += payout_undone(played, balances(book)).postings
    left = {account: amount for account, amount in balances(book).items() if amount}
    assert left == {Account.CASH: 10_00, Account.CUSTOMER_CREDIT: -10_00}


steps = st.lists(st.tuples(st.integers(0, 75), st.integers(1, 300), rules), min_size=1, max_size=7)


def walked(
    principal: int,
    daily: Rate,
    drawn: date,
    count: int,
    method: Method,
    walk: list[tuple[int, int, Rules]],
    **loan_: int,
) -> History:
    terms, _, states = loan(principal, daily, drawn, count, method, **loan_)
    day, entries = drawn, []
    for number, (wait, share, rule) in enumerate(walk):
        day += timedelta(wait)
        amount = principal * share // (100 * count) + 1
        entries.append(Entry(str(number), day, number, amount, rules=rule))
    return History(terms, states, tuple(entries))


@fast
@given(
    principals, dailies, days, terms_months, every_method, steps, graces, least_days, st.integers(0, 6), st.booleans()
)
def test_any_entry_undone_and_the_rest_replayed_is_the_history_without_it(
    principal: int,
    daily: Rate,
    drawn: date,
    count: int,
    method: Method,
    walk: list[tuple[int, int, Rules]],
    grace: int,
    least: int,
    which: int,
    off: bool,
) -> None:
    whole = walked(principal, daily, drawn, count, method, walk, grace_days=grace, least=least)
    if off:
        whole = whole.add(Entry("off", whole.entries[-1].day, 99, kind=EntryKind.CHARGE_OFF))
    mistaken = whole.entries[which % len(whole.entries)]
    without = History(whole.terms, whole.instalments, tuple(e for e in whole.entries if e is not mistaken))
    assert whole.undo(mistaken.key).replay() == without.replay()
    as_of = whole.entries[-1].day + timedelta(10)
    found, right = corrected(whole, without, as_of)
    assert found == right
    found, right = corrected(without, whole, as_of)
    assert found == right
    assert sum(found.values()) == 0


def test_what_no_loan_takes_any_more_is_all_the_customers() -> None:
    entry, fresh = paid("a", "2026-04-10", 100_00), history().instalments
    found = credited(entry, fresh)
    assert (found.entry, found.instalments) == (entry, fresh)
    assert found.lines == (Line(AllocationTarget.OVERPAYMENT, None, 100_00),)
    assert balance(list(found.postings), Account.CUSTOMER_CREDIT) != 0
