"""What a copy of own data must hold: every row of the customer's in the raw database, and nothing of anybody else's."""

import json
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from models.connection import is_sqlite
from models.register.tables import REGISTER
from tests.api.life import belongings
from tests.world import Person, World

# By declaration: a token, staff, and the log, whose entries commit to records that the copy holds and name nobody.
NOT_COPIED = {"access_token", "staff", "tlog_entry", "tlog_pending"}
# What every whole life has. An erasure is asked for when a life here is over, and a loan's day is over when the next begins.
HAS_ROWS = {table.name for table in REGISTER.values() if table.of_customer and table.in_copy} - {
    "erasure_step",
    "loan_day",
}


async def fetched(world: World, person: Person, form: str = "json", language: str = "en") -> str:
    """The person's copy, asked for once and made anew at each fetching."""
    asked = await world.act("RequestMyData", person, idempotencyKey=str(uuid5(NAMESPACE_OID, person.token)))
    (path,) = [link["path"] for link in asked["request"]["copies"] if link["format"] == form]
    sent = {"authorization": f"Bearer {person.token}", "accept-language": language}
    answer = await world.http.get(path, headers=sent)
    assert answer.status_code == 200, answer.text
    return answer.text


async def assert_whole(world: World, person: Person) -> str:
    """Fetch a copy and compare it with every table; the copy."""
    text = await fetched(world, person)
    copy = json.loads(text)
    assert copy["complete"] is True
    told = {section["name"]: section for section in copy["sections"]}
    raw = await belongings(world, person)
    assert set(raw.rows) - NOT_COPIED <= set(told)
    for table in set(raw.rows) - NOT_COPIED:
        key = REGISTER[table].key[0]
        rows = {str(row[key]): row for row in told[table]["rows"]}
        assert set(rows) == set(raw.rows[table]), table
        for name, row in raw.rows[table].items():
            for column, value in row.items():
                if column in copy["leftOut"].get(table, []):
                    assert column not in rows[name], (table, column)
                else:
                    assert same(table, column, value, rows[name][column]), (table, column, value, rows[name][column])
    return text


def same(table: str, column: str, raw: Any, told: Any) -> bool:
    """Whether a copy tells what stands in the database."""
    if raw is None or told is None:
        return raw is told
    if column.endswith("_sealed") or column == "sealed":
        return bool(told)
    if isinstance(raw, bytes | memoryview):
        return bool(bytes(raw).hex() == told)
    if column in {"actor", "released_by"}:
        return bool(str(raw).partition(":")[0] == told)
    if isinstance(raw, datetime) or (is_sqlite() and column.endswith(("_at", "valid_until", "not_before"))):
        return datetime.fromisoformat(str(raw)) == datetime.fromisoformat(told)
    if isinstance(raw, date):
        return bool(raw.isoformat() == told)
    return bool(raw == told or str(raw) == str(told))
