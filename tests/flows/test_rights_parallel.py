"""Rights in parallel on PostgreSQL: of two that exclude each other, one happens."""

import asyncio
from typing import Any

import pytest

from app.api.scalars import decode_id
from models.credit import CreditLine
from models.loans import Loan
from models.rights import DataRequest, ErasureStep
from tests.api.life import id_of, officer
from tests.world import Person, World

ROUNDS = 4


async def settled(world: World, operation: str, person: Person, **asked: Any) -> Any:
    """The answer once nobody else works on it."""
    for _ in range(20):
        answer = await world.act(operation, person, **asked)
        if answer["__typename"] != "StillWorking":
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError("still working")


@pytest.mark.postgres
async def test_closing_drawing_and_erasing_at_once_leave_one_story(pg_world: World) -> None:
    for _ in range(ROUNDS):
        person = await pg_world.with_line()
        customer_id = decode_id(await id_of(pg_world, person), "Customer")
        signable = await pg_world.signable(person, "100.00", 3)
        await asyncio.gather(
            settled(pg_world, "Draw", person, **signable),
            settled(pg_world, "CloseAccount", person),
            settled(pg_world, "RequestErasure", person),
            settled(pg_world, "RequestErasure", person),
        )
        line = await CreditLine.get(customer_id=customer_id)
        drawn = await Loan.filter(customer_id=customer_id).count()
        erasures = await DataRequest.filter(customer_id=customer_id, kind="ERASURE", state="SCHEDULED").count()
        assert (line.status == "CLOSED") == (drawn == 0)
        assert erasures <= (line.status == "CLOSED")
        assert await ErasureStep.filter(customer_id=customer_id).count() == 5 * erasures


@pytest.mark.postgres
async def test_two_officers_and_the_customer_at_once_end_a_correction_once(pg_world: World) -> None:
    person = await pg_world.with_line()
    for _ in range(ROUNDS):
        asked = {"field": "BUREAU_RECORD", "evidence": "That loan was never mine."}
        request = (await pg_world.act("RequestCorrection", person, **asked))["request"]["id"]
        answer = {"requestId": request, "accept": True, "note": "An answer that is long enough."}
        ends = await asyncio.gather(
            settled(pg_world, "SettleRequest", officer("privacy"), **answer),
            settled(pg_world, "SettleRequest", officer("privacy2"), **answer),
            settled(pg_world, "CancelRequest", person, requestId=request),
        )
        assert sum(end["__typename"].endswith("Payload") for end in ends) == 1
