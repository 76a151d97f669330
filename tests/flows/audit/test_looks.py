"""How rules go through a book of more rows than a page: each row once, and what is remembered is there at the end."""

import json
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from app.domain.auditing import prices as law
from app.domain.auditing.rules import AuditRuleId
from app.flows.audit.looks import LOOKS, decisions, prices
from app.flows.audit.looks.inquiries import _UNRESOLVED
from app.flows.audit.looks.scan import FIRST, Look, Memo, Sight, by_sql
from models.credit import Application, CreditLine, Decision
from models.oversight.audit import AuditFinding
from models.plumbing import BusinessClockRow
from tests.flows.audit.books import audit, officer
from tests.world import World

PEOPLE = 5


async def looked_at(world: World, look: Look) -> list[int]:
    """The rows of each page; what is remembered goes through JSON between pages, as in a run."""
    desk = world.house.desk
    now = await desk.refresh_clock()
    sight = Sight(desk, now, now.date(), now.date())
    after: UUID | None = FIRST
    memo: Memo = {}
    rows = []
    while after is not None:
        seen = await look.page(sight, after, memo)
        assert seen.faults == ()
        rows.append(seen.rows)
        after, memo = seen.after, json.loads(json.dumps(memo))
    return rows


async def _pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(PEOPLE):
        await world.decided(await world.new())
    unresolved = by_sql(AuditRuleId.INQUIRY_UNRESOLVED, "Inquiry", _UNRESOLVED, with_now=True, size=2)
    assert await looked_at(world, unresolved) == [2, 2, 1]
    monkeypatch.setattr(decisions, "DECISIONS_PAGE", 2)
    assert await looked_at(world, decisions.DECISIONS[0]) == [2, 2, 1]


async def test_each_row_is_on_one_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await _pages(world, monkeypatch)


@pytest.mark.postgres
async def test_each_row_is_on_one_page_on_postgresql(pg_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await _pages(pg_world, monkeypatch)


async def test_groups_are_summed_over_pages_and_a_pair_has_one_finding_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(PEOPLE):
        await world.with_line()
    lines = await CreditLine.all().order_by("id")
    others = [line for number, line in enumerate(lines) if number % 2]
    await Application.filter(id__in=[line.application_id for line in others]).update(occupation="OTHER")
    for line in others:
        await CreditLine.filter(id=line.id).update(daily_scaled=line.daily_scaled + 1000)
    monkeypatch.setattr(prices, "PAGE", 2)
    await audit(world.house.desk)
    assert not await AuditFinding.exists(problem="GROUPS_APART")  # groups of two and three say nothing
    monkeypatch.setattr(law, "GROUP_MIN", 2)
    for _ in range(2):
        await audit(world.house.desk)
    pair = await AuditFinding.get(problem="GROUPS_APART")
    dear, cheap = (Fraction(lines[0].daily_scaled + more, 10**8) for more in (1000, 0))
    assert pair.detail == (
        f"SALARIED by occupation: OTHER {float(dear):.8f} a day on the mean of 2 lines against SALARIED {float(cheap):.8f}"
        " a day on the mean of 3 lines; 0.00001000 not explained by grades"
    )
    assert (pair.times_seen, pair.customer_id) == (2, None)


CHANGED: dict[str | None, dict[str, Any]] = {
    "INPUTS_NOT_THOSE": {"inputs_digest": b"another"},
    "POLICY_UNKNOWN": {"policy_version": "never-published"},
    "POLICY_NOT_THAT": {"policy_sha256": "ab" * 32},
    "CONTRADICTS_ITSELF": {"reasons": '["NO_SUCH_WORD"]'},
    "SCORE_NOT_THAT_OF_INPUTS": {"own_score": 300},
    None: {"model_version": "another"},  # the digests of the models stand among the inputs
}


async def problems(world: World) -> list[str]:
    """What is wrong with the book's decisions."""
    now = await world.house.desk.refresh_clock()
    seen = await decisions.DECISIONS[0].page(Sight(world.house.desk, now, now.date(), now.date()), FIRST, {})
    return [fault.problem for fault in seen.faults]


async def test_a_decision_whose_row_was_changed_is_told_by_how(world: World) -> None:
    for _ in range(2):
        await world.decided(await world.new())
    row, other = await Decision.all().order_by("id")
    for problem, changed in CHANGED.items():
        kept = {name: getattr(row, name) for name in changed}
        await Decision.filter(id=row.id).update(**changed)
        assert await problems(world) == ([problem] if problem else [])
        await Decision.filter(id=row.id).update(**kept)
    await Decision.filter(id=row.id).update(inputs_sealed=other.inputs_sealed)
    assert await problems(world) == ["INPUTS_DO_NOT_OPEN"]


def test_every_look_has_a_name_of_its_own_and_every_rule_a_look() -> None:
    assert len({look.name for look in LOOKS}) == len(LOOKS)
    assert {look.rule for look in LOOKS} == set(AuditRuleId)


async def test_what_grows_old_while_a_run_goes_on_waits_for_its_sweep_and_is_no_finding(world: World) -> None:
    await world.with_line()
    await world.act("RunAudit", officer("compliance"))
    await BusinessClockRow.filter(id=1).update(offset_seconds=int(timedelta(days=130).total_seconds()))
    await world.settle()
    assert await AuditFinding.all().count() == 0
    await world.act("RunAudit", officer("compliance"))
    await world.settle()
    assert {finding.rule for finding in await AuditFinding.all()} == {"RETENTION_OVERDUE"}
