"""Two checkers at one moment: a proposal is checked once, whoever is quicker."""

import asyncio

import pytest

from models.oversight.staff import Approval
from tests.flows.test_release_by_two import check, frozen, propose, status
from tests.world import World

pytestmark = pytest.mark.postgres
ROUNDS = 12
BUSY = {"StillWorking", "ApprovalClosed", "LineNotFrozen"}


async def test_of_two_words_at_one_moment_one_counts(pg_world: World) -> None:
    person = await frozen(pg_world)
    for number in range(ROUNDS):
        made = await asyncio.gather(propose(pg_world, person, "risk"), propose(pg_world, person, "risk2"))
        (approval,) = {answer["approval"]["id"] for answer in made if answer["__typename"] == "ApprovalPayload"}
        assert {answer["__typename"] for answer in made} <= {"ApprovalPayload", "ApprovalPending", "StillWorking"}
        second = "RejectRelease" if number % 2 else "ConfirmRelease"
        answers = await asyncio.gather(
            check(pg_world, "ConfirmRelease", "compliance", approval),
            check(pg_world, second, "compliance2", approval),
        )
        told = [answer["__typename"] for answer in answers]
        assert told.count("ApprovalPayload") == 1
        assert set(told) - {"ApprovalPayload"} <= BUSY
        row = await Approval.all().order_by("-id").first()
        assert row is not None
        assert (await status(pg_world, person) == "ACTIVE") == (row.outcome == "CONFIRMED")
        if row.outcome == "CONFIRMED":
            frozen_again = await pg_world.act("FreezeMyLine", person, lineId=person.line_id, reason="a round")
            assert frozen_again["line"]["status"] == "FROZEN"
    assert await pg_world.bureau_records(person) == 1
