"""Watching against what goes on at the same time, on real PostgreSQL: freezes against draws, and a rule's share of a day."""

import asyncio
import sys
from dataclasses import replace
from functools import partial

import pytest
from uuid_utils.compat import uuid7

from app.domain.watching.rules import RULES
from app.flows.watch.watching import watch_customer, watch_line
from models.connection import fetch
from models.credit import CreditLine, Freeze
from models.loans import Loan, Payout
from models.oversight.watch import DeviceEvent, RiskEvent
from tests.flows.rounds import ROUNDS, Table, books_agree, customer_id, figures, kind_of, together
from tests.world import Person, World

DEVICES = next(rule for rule in RULES if rule.id == "DEVICES_CHANGED")
BURST = 8
SHARE = 3


async def suspicious(world: World) -> Person:
    """Somebody whose line the next look will freeze."""
    person = await world.with_line("5000.00")
    now = await world.house.desk.refresh_clock()
    for number in range(3):
        await DeviceEvent.create(
            id=uuid7(),
            customer_id=await customer_id(person),
            device_index=bytes([number]),
            is_change=True,
            noted_at=now,
        )
    return person


async def one_round(world: World, table: Table) -> None:
    person = await suspicious(world)
    owner = await customer_id(person)
    order = await world.signable(person, "1000.00")
    watch = partial(watch_customer, world.house.desk, owner)
    drawn, *_ = await together(
        partial(world.act, "Draw", person, **order), watch, watch, world.house.worker().run_due
    )
    table.round(drawn)
    table.hold(kind_of(drawn) in {"DrawLoan", "LineNotActive"}, kind_of(drawn))
    frozen = await Freeze.filter(customer_id=owner)
    table.hold(len(frozen) == 1, f"{len(frozen)} freezes")
    table.hold(await RiskEvent.filter(customer_id=owner).count() == 1, "the rule spoke twice")
    for loan in await Loan.filter(customer_id=owner):
        table.hold(loan.drawn_at <= frozen[0].started_at, "a loan was committed after the freeze")
    await world.settle()
    for payout in await Payout.filter(customer_id=owner):
        table.hold((payout.state, payout.failure_code) in {("PAID", None), ("FAILED", "LINE_FROZEN")}, payout.state)
    table.hold((await figures(world, person))["held"] == 0, "a hold was left")
    table.hold(kind_of(await world.quote(person)) == "LineNotActive", "a frozen line quotes")
    table.hold(await world.bureau_records(person) == 1, "the bureau was asked again")
    table.violations += await books_agree(person)


@pytest.mark.postgres
async def test_no_draw_commits_after_a_rule_has_frozen_the_line(
    pg_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table("watch against draw on PostgreSQL")
    for _ in range(ROUNDS):
        await fetch("DELETE FROM rule_day")  # the rule's share of the day is the other test's
        await one_round(pg_world, table)
    with capsys.disabled():
        sys.stdout.write(f"\n{table.told()}\n")
    assert table.violations == [], table.violations[:5]


@pytest.mark.postgres
async def test_lines_watched_at_once_never_pass_a_rules_share_of_the_day(pg_world: World) -> None:
    people = [await suspicious(pg_world) for _ in range(BURST)]
    lines = [await CreditLine.get(customer_id=await customer_id(person)) for person in people]
    rules = (
        replace(DEVICES, lines_a_day=SHARE),
        replace(DEVICES, id="DRAWS_MANY", lines_a_day=SHARE + 1),
        replace(DEVICES, id="LATE_A_WEEK", lines_a_day=SHARE + 2),
    )
    await asyncio.wait_for(
        together(*(partial(watch_line, pg_world.house.desk, line, rules) for line in lines)), timeout=60
    )
    for rule in rules:
        states = sorted([event.state for event in await RiskEvent.filter(rule_id=rule.id)])
        assert states == ["DONE"] * rule.lines_a_day + ["HELD"] * (BURST - rule.lines_a_day)
    touched = await RiskEvent.filter(action="FREEZE").count()
    assert await Freeze.all().count() == touched == await CreditLine.filter(status="FROZEN").count()
