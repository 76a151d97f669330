"""Closing a loan's day by the law: what it earns, how it ages, and that a day closed again earns nothing."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.days.tape import Carried, Moves, Paid, close_day
from app.domain.lending.accrual import Bucket, InstalmentState, LoanTerms, position
from app.domain.lending.interest import Interest
from app.domain.lending.postings import Account
from app.domain.lending.product import Method
from app.domain.money import Rate
from tests.needs import require_shared

DUE = date(2026, 5, 10)
TERMS = LoanTerms(100_000, Interest(Rate(40_000)), Rate(60_000), date(2026, 4, 10), Method.INTEREST_FIRST)
ROW = InstalmentState(1, TERMS.drawn_on, DUE, 100_000, 1_200, DUE)


def test_the_first_late_day_earns_its_penalty_once() -> None:
    (case,) = (
        one
        for one in json.loads(require_shared("vectors", "faults", "cases.json").read_text())
        if one["id"] == "C026"
    )
    on, penalty = (
        date.fromisoformat(case["inputs"]["businessDate"]),
        int(case["expected"]["penalty"].replace(".", "")),
    )
    before = close_day(position(TERMS, [ROW], on - timedelta(days=1)), Carried(1_200), Moves())
    assert before.postings == ()
    closing = close_day(position(TERMS, [ROW], on), before.row.carried(), Moves())
    assert [(one.destination, one.amount_minor) for one in closing.postings] == [
        (Account.PENALTY_RECEIVABLE, penalty)
    ]
    assert len(closing.postings) == case["expected"]["ledgerEntries"]
    own = [(one.source, one.destination, one.amount_minor) for one in closing.postings]
    again = close_day(position(TERMS, [ROW], on), before.row.carried(), Moves(own))
    assert (again.postings, again.row) == ((), closing.row)


def test_thirty_days_one_by_one_earn_what_thirty_at_once_do() -> None:
    carried, single = Carried(), 0
    for number in range(1, 61):
        closing = close_day(position(TERMS, [ROW], TERMS.drawn_on + timedelta(days=number)), carried, Moves())
        single += sum(one.amount_minor for one in closing.postings)
        carried = closing.row.carried()
    at_once = close_day(position(TERMS, [ROW], TERMS.drawn_on + timedelta(days=60)), Carried(), Moves())
    assert single == sum(one.amount_minor for one in at_once.postings)
    assert (carried.interest_minor, carried.penalty_minor) == (at_once.row.interest_minor, at_once.row.penalty_minor)


@pytest.mark.parametrize(
    ("days", "bucket"), [(0, Bucket.CURRENT), (1, Bucket.DAYS_1_30), (30, Bucket.DAYS_1_30), (31, Bucket.DAYS_31_60)]
)
def test_a_row_ages_from_the_day_after_the_due_day(days: int, bucket: Bucket) -> None:
    row = close_day(position(TERMS, [ROW], DUE + timedelta(days=days)), Carried(1_200), Moves()).row
    assert (row.days_past_due, row.bucket) == (days, bucket)
    assert row.due_minor == 101_200 + row.penalty_minor
    assert row.past_due_minor == (row.due_minor if days else 0)


def test_what_was_paid_adds_to_the_year_and_what_was_taken_back_comes_off_it() -> None:
    day = date(2026, 12, 31)
    settled = replace(ROW, principal_paid=100_000, interest_paid=1_200)
    paid = Moves([(Account.LOAN_PRINCIPAL, Account.CASH, 500), (Account.CASH, Account.LOAN_PRINCIPAL, 200)])
    year = close_day(position(TERMS, [settled], day), Carried(0, 0, 2026, Paid(principal_minor=1_000)), paid).row
    assert (year.paid.principal_minor, year.year.principal_minor) == (300, 1_300)
    following = close_day(position(TERMS, [settled], day + timedelta(days=1)), year.carried(), Moves()).row
    assert following.year == Paid()


def test_a_claim_that_left_the_book_earns_nothing_and_tells_what_came_back() -> None:
    off = date(2026, 8, 20)
    before = close_day(position(TERMS, [ROW], off), Carried(1_200), Moves()).row
    moved = [
        (Account.LOAN_PRINCIPAL, Account.CHARGED_OFF, 100_000),
        (Account.INTEREST_RECEIVABLE, Account.CHARGED_OFF, before.interest_minor),
        (Account.PENALTY_RECEIVABLE, Account.CHARGED_OFF, before.penalty_minor),
        (Account.RECOVERY_INCOME, Account.CASH, 700),
    ]
    day = off + timedelta(days=1)
    closing = close_day(position(TERMS, [ROW], off), before.carried(), Moves(moved), on=day)
    assert closing.postings == ()
    assert (closing.row.day, closing.row.interest_minor, closing.row.penalty_minor) == (day, 0, 0)
    assert closing.row.paid == Paid(recovered_minor=700)
    assert closing.row.outstanding_minor == 100_000
