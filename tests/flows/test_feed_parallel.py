"""Batches at the same moment, on PostgreSQL: each event once, no circle of waiting, nothing after a withdrawal."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from models.people import BehaviourEventRow, Customer, FeedReceipt
from tests.flows.feeding import body_of, event, post, profile, subject_of, tell, today
from tests.flows.rounds import ROUNDS, together
from tests.world import World

pytestmark = pytest.mark.postgres
COPIES = 8


async def test_one_batch_sent_many_times_at_once_is_taken_once(pg_world: World) -> None:
    day = await today(pg_world)
    people = [await pg_world.new() for _ in range(3)]
    subjects = [await subject_of(pg_world, person) for person in people]
    stored = await BehaviourEventRow.all().count()
    for number in range(ROUNDS):
        body = body_of([event(subject, "SPENDING", day - timedelta(days=number)) for subject in subjects])
        answers = await together(*[partial(post, pg_world, "PAYMENTS", body)] * COPIES)
        taken = [answer.json() for answer in answers if answer.status_code == 200]
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert taken == [{**taken[0], "accepted": 3, "duplicate": 0}] * len(taken)
    assert await BehaviourEventRow.all().count() == stored + 3 * ROUNDS
    assert await FeedReceipt.all().count() == ROUNDS


async def test_batches_about_the_same_people_in_any_order_never_wait_in_a_circle(pg_world: World) -> None:
    day = await today(pg_world)
    subjects = [await subject_of(pg_world, await pg_world.new()) for _ in range(6)]
    for _ in range(ROUNDS):
        bodies = [body_of([event(one, "BALANCE", day) for one in order]) for order in (subjects, subjects[::-1])]
        acts: list[Callable[[], Awaitable[Any]]] = [partial(post, pg_world, "WEALTH", body) for body in bodies * 2]
        assert {answer.status_code for answer in await together(*acts)} == {200}


async def test_nothing_is_stored_after_a_withdrawal_has_committed(pg_world: World) -> None:
    day = await today(pg_world)
    outcomes = set()
    for number in range(ROUNDS):
        person = await pg_world.new()
        subject = await subject_of(pg_world, person)
        customer = await Customer.all().order_by("-id").first()
        assert customer is not None
        listed = (await profile(pg_world, person))["sources"]
        consent = next(one["consent"]["id"] for one in listed if one["source"] == "PAYMENTS")
        telling: list[Callable[[], Awaitable[Any]]] = [
            partial(tell, pg_world, "PAYMENTS", event(subject, "SPENDING", day, number)) for _ in range(3)
        ]
        *told, withdrawn = await together(
            *telling, partial(pg_world.act, "WithdrawConsent", person, consentId=consent)
        )
        assert withdrawn["__typename"] == "WithdrawConsentPayload"
        kept = await BehaviourEventRow.filter(customer_id=customer.id, occurred_on=day).count()
        assert kept == sum(one["accepted"] for one in told)
        outcomes |= {"accepted" if one["accepted"] else "withoutConsent" for one in told}
        late = await tell(pg_world, "PAYMENTS", event(subject, "SPENDING", day))
        assert (late["accepted"], late["withoutConsent"]) == (0, 1)
    assert outcomes
