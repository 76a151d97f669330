"""Undo and replay through the real flows, on SQLite: what was taken out leaves the book as if it had never come."""

import random
from datetime import date, timedelta
from uuid import UUID

import pytest

from app.domain.lending.accrual import Position
from app.domain.lending.postings import Account
from app.flows.payments.banking import Outcome, Told
from app.flows.payments.histories import owed_on
from models.lending.payments import Payment
from models.loans import Loan, Repayment
from tests.flows.payments.loans import days_pass, drawn, pay, stands, today, told
from tests.flows.rounds import books_agree
from tests.needs import LONG
from tests.world import Person, World

SEEDS = range(40 if LONG else 4)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_payment_undone_leaves_the_book_as_if_it_had_never_come(house: World, seed: int) -> None:
    chance = random.Random(seed)
    (person, loan), (twin, other) = await drawn(house, term=6), await drawn(house, term=6)
    undone = chance.randrange(4)
    amounts = [chance.choice([1, 500_00, 2_100_00, 4_000_00, chance.randrange(1, 6_000_00)]) for _ in range(4)]
    returned = (0, await today(house))
    for number, amount in enumerate(amounts):
        day = await days_pass(house, chance.choice([0, 1, 17, 31, 45]))
        if number == undone:
            returned = (amount, day)
            assert await told(house, person, Told.PAID, f"x-{loan}", amount, day, loan) is Outcome.BOOKED
            continue
        for owner, of in ((person, loan), (twin, other)):
            assert await told(house, owner, Told.PAID, f"{number}-{of}", amount, day, of) is Outcome.BOOKED
    await days_pass(house, chance.choice([0, 20]))
    amount, day = returned
    assert await told(house, person, Told.RETURNED, f"x-{loan}", amount, day) is Outcome.UNDONE
    assert await stands(house, loan) == await stands(house, other)
    assert await books_agree(person) == []


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_payment_booked_late_counts_for_its_own_day(house: World, seed: int) -> None:
    chance = random.Random(100 + seed)
    (person, loan), (twin, other) = await drawn(house, term=6), await drawn(house, term=6)
    late = chance.randrange(1, 3_000_00)
    for number in range(3):
        day = await days_pass(house, chance.choice([1, 17, 35]))
        if number == 1:
            await pay(house, twin, other, late)
            value_on = day
        amount = chance.choice([1, 700_00, 2_200_00])
        await pay(house, person, loan, amount)
        await pay(house, twin, other, amount)
    await days_pass(house, 9)
    # Received last, it stands after what was paid on that very day; its twin stands before, and the sum is one.
    assert await told(house, person, Told.PAID, f"late-{loan}", late, value_on, loan) is Outcome.BOOKED
    assert await stands(house, loan) == await stands(house, other)
    assert await books_agree(person) == []


async def test_notices_in_any_order_end_in_one_book(house: World) -> None:
    (person, loan), (twin, other) = await drawn(house, term=3), await drawn(house, term=3)
    day = await days_pass(house, 40)
    for owner, of, order in ((person, loan, "PRQ"), (twin, other, "RQP")):
        tell = {
            "P": (Told.PAID, f"a-{of}", 900_00),
            "R": (Told.RETURNED, f"a-{of}", 900_00),
            "Q": (Told.PAID, f"b-{of}", 1_000_00),
        }
        for letter in order:
            what, reference, amount = tell[letter]
            await told(house, owner, what, reference, amount, day - timedelta(days=5), of)
    assert await stands(house, loan) == await stands(house, other)


# ---- several loans ----------------------------------------------------------------------------------------


async def two_loans(world: World, people: int) -> tuple[list[tuple[Person, list[UUID]]], date]:
    """People with two loans alike, the second drawn two days after the first, and a day on which both are late."""
    first = [await drawn(world) for _ in range(people)]
    await days_pass(world, 2)
    found = [(person, [one, (await drawn(world, person=person))[1]]) for person, one in first]
    return found, await days_pass(world, 37)


async def position_on(loan: UUID, day: date) -> Position:
    return await owed_on(await Loan.get(id=loan), day)


async def all_stand(world: World, loans: list[UUID]) -> list[object]:
    """How each of the loans stands; credit is the customer's, whichever loan it was left of."""
    found = [await stands(world, loan) for loan in loans]
    credit = sum(balances.pop(Account.CUSTOMER_CREDIT, 0) for _, _, balances in found)
    for _, _, balances in found:
        balances.pop(Account.CASH, None)
    return [*found, credit]


async def test_transfers_told_in_any_order_are_shared_over_several_loans_as_by_their_days(house: World) -> None:
    orders = [(0, 1, 2), (2, 1, 0), (1, 2, 0)]
    people, day = await two_loans(house, len(orders))
    transfers = [(1_100_00, 6), (1_100_00, 4), (12_300_00, 1)]
    for (person, loans), order in zip(people, orders, strict=True):
        for number in order:
            minor, ago = transfers[number]
            on = day - timedelta(days=ago)
            assert await told(house, person, Told.PAID, f"{number}-{loans[0]}", minor, on) is Outcome.BOOKED
        assert await books_agree(person) == []
    ends = [await all_stand(house, loans) for _, loans in people]
    assert all(end == ends[0] for end in ends)


async def test_the_first_by_its_day_pays_the_older_loan_though_it_is_told_last(house: World) -> None:
    [(person, loans)], day = await two_loans(house, 1)
    asked = [
        (await position_on(loan, day - timedelta(days=ago))).due_minor
        for loan, ago in zip(loans, (6, 4), strict=True)
    ]
    for number, ago in ((1, 4), (0, 6)):
        await told(house, person, Told.PAID, f"{number}-{loans[0]}", asked[number], day - timedelta(days=ago))
    rows = await Repayment.filter(loan_id__in=loans, undone_at__isnull=True).order_by("effective_on")
    assert [(row.loan_id, row.amount_minor) for row in rows] == list(zip(loans, asked, strict=True))
    assert [(await position_on(loan, day)).due_minor for loan in loans] == [0, 0]
    (moved,) = await Repayment.filter(loan_id__in=loans, undone_at__isnull=False)
    assert (await Payment.get(id=moved.payment_id)).undone_at is None
    shown = (await house.ask("MyPayments", {}, person.token))["viewer"]["payments"]["nodes"]
    assert [len(payment["repayments"]) for payment in shown] == [1, 1]
    notices = (await house.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"]
    assert "PAYMENT_CORRECTED" in [row["kind"] for row in notices]


async def test_a_transfer_that_comes_back_moves_those_after_it_as_if_it_had_never_come(house: World) -> None:
    people, day = await two_loans(house, 2)
    for (owner, of), order in zip(people, ("PQR", "PRQ"), strict=True):
        tell = {
            "P": (Told.PAID, f"a-{of[0]}", 6),
            "Q": (Told.PAID, f"b-{of[0]}", 4),
            "R": (Told.RETURNED, f"a-{of[0]}", 6),
        }
        for letter in order:
            what, reference, ago = tell[letter]
            await told(house, owner, what, reference, 1_100_00, day - timedelta(days=ago))
        assert await books_agree(owner) == []
    assert await all_stand(house, people[0][1]) == await all_stand(house, people[1][1])


async def test_a_transfer_that_names_its_loan_comes_before_one_of_its_day_that_names_none(house: World) -> None:
    people, day = await two_loans(house, 2)
    for (person, loans), order in zip(people, ("NU", "UN"), strict=True):
        for letter in order:
            named = loans[0] if letter == "N" else None
            await told(house, person, Told.PAID, f"{letter}-{loans[0]}", 1_100_00, day, named)
    assert await all_stand(house, people[0][1]) == await all_stand(house, people[1][1])
