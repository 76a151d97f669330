"""A key counts in the sandbox too: one person, and each day moved, once for each."""

from datetime import timedelta
from typing import Any
from uuid import uuid4, uuid5

import pytest

from app.domain.calendar import business_date
from app.flows.book.end_of_day import Advance, advance_clock
from app.flows.unit import ANYBODY
from models.people import Customer
from models.plumbing import BusinessClockRow
from tests.world import OPERATIONS, World


async def invented(room: World, key: str, person: str = "APPROVED") -> Any:
    return (await room.ask("NewCustomer", {"person": person, "idempotencyKey": key}))["sandboxNewCustomer"]


async def moved(room: World, key: str, days: int) -> Any:
    asked = {"days": days, "idempotencyKey": key}
    return (await room.ask("AdvanceClock", asked))["sandboxAdvanceClock"]


@pytest.mark.parametrize("person", ["APPROVED", "MINOR"])
async def test_one_key_invents_one_person_whose_token_works_again(room: World, person: str) -> None:
    key, before = str(uuid4()), await Customer.all().count()
    first = await invented(room, key, person)
    await moved(room, str(uuid4()), 40)
    assert await invented(room, key, person) == first
    assert await Customer.all().count() == before + 1
    assert (await room.ask("{ viewer { inquiryCount } }", {}, first["token"]))["viewer"]["inquiryCount"] == 0
    assert (await invented(room, str(uuid4()), person))["token"] != first["token"]


async def test_a_key_that_invented_another_kind_of_person_is_refused(room: World) -> None:
    key = str(uuid4())
    await invented(room, key)
    asked = {"person": "MINOR", "idempotencyKey": key}
    text = (OPERATIONS / "NewCustomer.graphql").read_text(encoding="utf-8")
    answer = (await room.post({"query": text, "variables": asked}, **{"accept-language": "en"})).json()
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "fresh key" in answer["errors"][0]["message"]


async def test_one_key_moves_the_clock_once(room: World) -> None:
    key = str(uuid4())
    first = await moved(room, key, 3)
    assert await moved(room, key, 3) == first
    assert (await moved(room, key, 4))["__typename"] == "IdempotencyConflict"
    later = await moved(room, str(uuid4()), 1)
    assert later["clock"]["offsetDays"] == first["clock"]["offsetDays"] + 1


async def test_a_move_that_was_cut_short_goes_on_where_it_stopped(room: World) -> None:
    desk, key = room.house.desk, uuid4()
    before = business_date(await desk.refresh_clock())
    async with desk.unit() as unit:  # the first of five days was moved, and then the process ended
        await unit.once(ANYBODY, "sandboxAdvanceClock", uuid5(key, "0"), Advance(5))
        clock = await BusinessClockRow.get(id=1)
        await BusinessClockRow.filter(id=1).update(offset_seconds=clock.offset_seconds + 86_400)
        await unit.keep()
    assert await advance_clock(desk, key, Advance(5)) == before + timedelta(days=5)
