"""What is past its time goes by itself; what a law holds stays; and what is declared as coded holds no words."""

import re
from datetime import UTC, datetime, timedelta

from app.api.scalars import decode_id
from app.domain.oversight.privacy import Guard
from app.domain.oversight.retention import AtEnd
from app.flows.oversight.retention import EMPTIES, sweep_retention
from models.connection import fetch
from models.consent import BureauReport
from models.credit import CreditLine
from models.people import BehaviourEventRow
from models.register.kinds import Table
from models.register.rows import overdue
from models.register.tables import REGISTER, tables_with_an_end
from tests.api.rows import row_counts
from tests.world import World

CODE = re.compile(r"[\w.:/+#\-]+( \d\d:\d\d:\d\d[.\d]*\+00:00)?|\[.*\]|\{.*\}|", re.ASCII)
FIXED = {("contract", "title"), ("permit", "fields")}  # words of ours, the same for everybody


async def test_what_is_past_its_time_goes_and_everything_else_stays(world: World) -> None:
    person = await world.with_line()
    await world.draw(person)
    await world.settle()
    line = await CreditLine.get(id=decode_id(person.line_id, "CreditLine"))
    old = datetime(2020, 1, 1, tzinfo=UTC)
    await BureauReport.filter(customer_id=line.customer_id).update(received_at=old)
    (event, *_rest) = await BehaviourEventRow.filter(customer_id=line.customer_id).order_by("id").limit(2)
    await BehaviourEventRow.filter(id=event.id).update(occurred_on=old.date())
    before = await row_counts()
    assert await sweep_retention(world.house.desk) == {"behaviour_event": 1, "bureau_report": 1}
    after = await row_counts()
    told = {"log_outbox", "tlog_pending"}  # that a report was destroyed goes on the log
    assert {name for name in before if before[name] != after[name]} == {"behaviour_event", *told}
    report = await BureauReport.get(customer_id=line.customer_id)
    assert report.sealed is None
    assert report.destroyed_at is not None
    assert await sweep_retention(world.house.desk) == {}


async def test_the_end_of_a_day_leaves_nothing_past_its_time(world: World) -> None:
    await world.with_line()
    first = await BehaviourEventRow.all().order_by("occurred_on").first()
    assert first is not None
    await world.advance(70)
    today = (await world.house.desk.refresh_clock() + timedelta(hours=8)).date()
    for table in tables_with_an_end():
        assert await overdue(table, today) == [], table.name
    assert not await BehaviourEventRow.exists(id=first.id)


async def test_what_is_declared_as_coded_holds_no_words_of_anybody(world: World) -> None:
    person = await world.with_line()
    await world.draw(person)
    await world.settle()
    asked = {"lineId": person.line_id, "reason": "words of a person"}
    await world.act("FreezeMyLine", person, **asked)
    looked_at = 0
    for table in REGISTER.values():
        for name in _coded(table):
            for row in await fetch(f'SELECT DISTINCT "{name}" AS told FROM "{table.name}" LIMIT 500'):
                if isinstance(row["told"], str):
                    looked_at += 1
                    assert CODE.fullmatch(row["told"]), f"{table.name}.{name}: {row['told']}"
    assert looked_at > 500
    frozen = await fetch("SELECT reason FROM line_freeze")
    assert not CODE.fullmatch(frozen[0]["reason"])


def _coded(table: Table) -> list[str]:
    return [
        name
        for name, column in table.columns.items()
        if column.guard is Guard.CODED and (table.name, name) not in FIXED
    ]


def test_every_time_that_empties_a_row_has_somebody_who_does_it() -> None:
    assert set(EMPTIES) == {table.name for table in REGISTER.values() if table.retention.rule.at_end is AtEnd.BLANK}
