"""Undo and replay through the real flows, on SQLite: what was taken out leaves the book as if it had never come."""

import random
from datetime import timedelta

import pytest

from app.flows.payments.banking import Outcome, Told
from tests.flows.payments.loans import days_pass, drawn, pay, stands, today, told
from tests.flows.rounds import books_agree
from tests.needs import LONG
from tests.world import World

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
