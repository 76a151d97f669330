"""Records at the bureau that nobody announced, reports that show them, and what became of them in the book."""

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx2

from app.domain.calendar import BUSINESS_ZONE, business_date
from app.domain.proof.record import RecordClass
from models.consent import ReconciliationResult
from models.people import Customer
from models.plumbing import LogOutbox
from tests.flows.rounds import customer_id
from tests.world import Person, World

LAST_SECOND = time(23, 59, 59, tzinfo=BUSINESS_ZONE)


async def stray(
    world: World, person: Person, days_ago: int, purpose: str = "FIRST_APPLICATION", url: str | None = None
) -> datetime:
    """A record under our name that nobody announced, in the last second of a business day; its moment."""
    day = business_date(await world.house.desk.refresh_clock()) - timedelta(days=days_ago)
    moment = datetime.combine(day, LAST_SECOND)
    asked = {
        "institution": world.house.settings.institution,
        "idNumber": person.id_number,
        "purpose": purpose,
        "recordedAt": moment.astimezone(UTC).isoformat(),
    }
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{url or world.bureau_url}/records/stray", json=asked)
        assert answer.status_code == 201, answer.text
    return moment


async def asks_for_more(world: World, person: Person, amount: str = "6000.00") -> str:
    """One more inquiry, and its report; how the request ends."""
    await world.grant(person, "LIMIT_INCREASE")
    more = {"lineId": person.line_id, "limit": {"amount": amount, "currency": "CNY"}}
    asked = await world.act("AskForMore", person, **more)
    await world.settle()
    return str((await world.node("MyIncrease", asked["limitIncrease"]["id"], person))["status"])


async def rows_of(person: Person) -> list[ReconciliationResult]:
    """The person's results that do not merely agree."""
    rows = ReconciliationResult.filter(customer_id=await customer_id(person))
    return await rows.exclude(result="MATCHED").order_by("id")


async def leaves_of(world: World, person: Person, row: ReconciliationResult) -> list[dict[str, Any]]:
    """The records of the log about a result, opened."""
    box = world.house.desk.box(await Customer.get(id=await customer_id(person)))
    entries = LogOutbox.filter(subject_id=row.id, record_class=int(RecordClass.RECONCILIATION)).order_by("entry_id")
    return [
        json.loads(box.open("log_outbox", "record_sealed", entry.entry_id, entry.record_sealed))
        for entry in await entries
    ]
