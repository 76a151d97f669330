"""An older book that is full and in use is brought to this release: nothing in it changes, nothing is lost, half a run is none."""

import asyncio
import hashlib
import shutil
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tortoise.exceptions import OperationalError
from uuid_utils.compat import uuid7

from app.doors.keys import Keys
from models.connection import close_database, fetch, is_sqlite, open_database, plain
from models.migrate import FOLDER, migrate, on_disk
from tests.flows.days.filling import fill
from tests.models.shape import columns, tables
from tests.needs import LONG, ROOT

OLDER = 10
"""The last step of the release before the book had days."""
LOANS = 4000 if LONG else 200
TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)

Dump = dict[str, tuple[int, str]]


@pytest.fixture
async def older(tmp_path: Path, empty_url: str) -> AsyncIterator[str]:
    """The dialect of an open book of an older release, full of people with loans, payments and proofs."""
    folder = older_folder(tmp_path)
    await open_database(empty_url)
    try:
        await migrate(folder)
        await fill(Keys.from_file(tmp_path / "keys.json"), LOANS, TODAY)
        for row in await fetch("SELECT id FROM customer ORDER BY id LIMIT 50"):
            await note_and_prove(row["id"])
        yield "sqlite" if is_sqlite() else "postgres"
    finally:
        await close_database()


def older_folder(home: Path) -> Path:
    """The steps of the older release alone."""
    folder = home / "older"
    folder.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.sql"):
        if int(path.name[:4]) <= OLDER:
            shutil.copy(path, folder)
    return folder


async def note_and_prove(customer: object) -> None:
    """A notice and a record for the log of one person, as the older release wrote them."""
    salt, commitment = uuid7().bytes, hashlib.sha256(str(uuid7()).encode()).digest()
    await fetch(
        "INSERT INTO notice (id, customer_id, kind, about_id, period, facts_sealed, arose_at, not_before, state)"
        " VALUES ($1, $2, 'DUE_SOON', $3, '', $4, $5, $5, 'PENDING') RETURNING id",
        *(plain(uuid7()), customer, plain(uuid7()), salt, plain(NOW)),
    )
    await fetch(
        "INSERT INTO log_outbox (entry_id, class, customer_id, subject_id, salt_sealed, record_sealed, commitment)"
        " VALUES ($1, 1, $2, $2, $3, $3, $4) RETURNING id",
        *(plain(uuid7()), customer, salt, commitment),
    )


async def dump(store: str, shape: dict[str, list[str]] | None = None) -> tuple[Dump, dict[str, list[str]]]:
    """Each table's count and digest over all rows and the columns of `shape`; and that shape."""
    if shape is None:
        shape = {name: list(await columns(store, name)) for name in await tables(store) if name != "schema_migration"}
    found: Dump = {}
    for name, kept in shape.items():
        listed = ", ".join(f'"{column}"' for column in kept)
        rows = await fetch(f"SELECT {listed} FROM {name}")
        lines = sorted(repr(list(row.values())) for row in rows)
        found[name] = (len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found, shape


async def sums() -> list[int]:
    """What the money of the book comes to."""
    (row,) = await fetch(
        "SELECT (SELECT sum(amount_minor) FROM posting) AS posted, (SELECT sum(amount_minor) FROM repayment) AS taken,"
        " (SELECT sum(principal_minor) FROM instalment) AS planned, (SELECT sum(principal_minor) FROM loan) AS lent"
    )
    return [int(row[name]) for name in ("posted", "taken", "planned", "lent")]


async def test_an_older_book_is_upgraded_and_nothing_in_it_changes(older: str) -> None:
    before, shape = await dump(older)
    money = await sums()
    assert before["loan"][0] == LOANS
    taken = await migrate()
    assert [step.number for step in taken] == [step.number for step in on_disk(older) if step.number > OLDER]
    assert (await dump(older, shape))[0] == before
    assert await sums() == money
    assert await migrate() == []
    assert (await dump(older, shape))[0] == before


async def test_an_upgrade_that_stops_half_way_is_none_and_can_be_run_again(older: str, tmp_path: Path) -> None:
    before, shape = await dump(older)
    broken = tmp_path / "broken"
    shutil.copytree(FOLDER, broken)
    last = max(int(path.name[:4]) for path in broken.glob("*.sql"))
    for path in broken.glob(f"{last:04d}_*.sql"):
        path.write_text(path.read_text(encoding="utf-8") + "\nINSERT INTO loan (nothing) VALUES (1);\n")
    with pytest.raises(OperationalError):
        await migrate(broken)
    half, names = await dump(older)
    assert (half, names) == (before, shape)
    await migrate()
    assert (await dump(older, shape))[0] == before


HALF_A_STEP = """
import asyncio, sys
from pathlib import Path
from models import migrate
from models.connection import open_database

whole = migrate.statements

def half(sql):
    told = whole(sql)
    yield from told[: len(told) // 2 + 1]
    print("half", flush=True)
    sys.stdin.readline()

async def main():
    migrate.statements = lambda sql: half(sql) if sql == last.sql else whole(sql)
    await open_database(sys.argv[1])
    await migrate.migrate()

last = migrate.on_disk(sys.argv[2])[-1]
asyncio.run(main())
"""


async def test_an_upgrade_that_is_killed_half_way_is_none_and_can_be_run_again(older: str, empty_url: str) -> None:
    before, shape = await dump(older)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HALF_A_STEP, empty_url, older, cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    try:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"half\n"
    finally:
        child.kill()
    assert await child.wait() == -signal.SIGKILL
    assert await dump(older) == (before, shape)
    taken = await migrate()
    assert [step.number for step in taken] == [step.number for step in on_disk(older) if step.number > OLDER]
    assert (await dump(older, shape))[0] == before


async def test_what_is_written_while_the_book_is_upgraded_is_all_there(older: str) -> None:
    people = [row["id"] for row in await fetch("SELECT id FROM customer ORDER BY id LIMIT 5")]
    before, shape = await dump(older)
    written, upgraded = 0, asyncio.Event()

    async def traffic(person: object) -> None:
        nonlocal written
        after = 0
        while after < 3:
            await note_and_prove(person)
            written += 1
            after += upgraded.is_set()
            await asyncio.sleep(0)

    async def upgrade() -> None:
        await asyncio.sleep(0.02)
        await migrate()
        upgraded.set()

    await asyncio.gather(upgrade(), *(traffic(person) for person in people))
    after = (await dump(older, shape))[0]
    assert written > len(people) * 3
    written_to = {"notice", "log_outbox", "tlog_pending"}
    for name in written_to:
        assert after[name][0] == before[name][0] + written
    assert {name: after[name] for name in before if name not in written_to} == {
        name: kept for name, kept in before.items() if name not in written_to
    }
