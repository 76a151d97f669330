"""`python -m bench.ledger`: what the log costs, on SQLite and PostgreSQL. Ratios travel; milliseconds are this machine's.

The rate of the sequencer beside the rate at which this machine hashes; the way from a commit to a published checkpoint
with two of three witnesses; what a record with its log costs beside a plain row; and fsck.
"""

import asyncio
import hashlib
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from app.api.observe import set_up_logging
from app.cli.start.serving import settle_memory
from app.domain.proof.record import RecordClass
from app.flows.ledger.fsck import fsck
from app.flows.ledger.sequencer import INTERVAL_SECONDS
from app.flows.ledger.sequencing import BATCH_MAX, sequence
from models.connection import is_sqlite, write_many
from models.people import BehaviourEventRow, Customer
from models.proof import TlogCheckpoint, TlogEntry
from tests.flows.rounds import customer_id
from tests.services.postgres import running_postgres
from tests.sims.outsiders import process
from tests.world import World, open_world

ENTRIES = 40_960
COMMITS = 200
HASHES = 1_000_000
WRITERS, WRITES, PAIRS = 16, 20, 3
LOOK_SECONDS = 0.001
LOOKS_MAX = 20_000


def hash_rate() -> float:
    """SHA-256 of a node in a second of processor time."""
    node = secrets.token_bytes(65)
    began = time.process_time()
    for _ in range(HASHES):
        hashlib.sha256(node).digest()
    return HASHES / (time.process_time() - began)


async def fill(owner: UUID, count: int) -> None:
    """Records that wait, as the outbox holds them."""
    rows: list[list[object]] = [
        [str(uuid7()) if is_sqlite() else uuid7(), str(owner) if is_sqlite() else owner, secrets.token_bytes(32)]
        for _ in range(count)
    ]
    await write_many(
        "INSERT INTO log_outbox (entry_id, class, customer_id, subject_id, salt_sealed, record_sealed, commitment)"
        " VALUES ($1, 7, $2, $2, $3, $3, $3)",
        rows,
    )


async def record_once(world: World, owner: UUID) -> UUID:
    """One record in a commit of its own."""
    async with world.house.desk.unit() as unit:
        customer = await Customer.get(id=owner)
        return await unit.record(RecordClass.LIMIT_CHANGE, customer, uuid7(), {"line": "bench", "from": 0, "to": 1})


async def commit_to_published(world: World, owner: UUID) -> float:
    """Milliseconds from a commit to the checkpoint that holds it.

    Raises:
        TimeoutError: it is not published.
    """
    entry_id = await record_once(world, owner)
    began = time.perf_counter()
    for _ in range(LOOKS_MAX):
        entry = await TlogEntry.get_or_none(entry_id=entry_id)
        if entry and await TlogCheckpoint.exists(size__gt=entry.seq, published_at_us__isnull=False):
            return (time.perf_counter() - began) * 1000
        await asyncio.sleep(LOOK_SECONDS)
    raise TimeoutError(entry_id)


async def writing(world: World, owners: list[UUID], *, logged: bool) -> float:
    """Commits of a row in a second, of one writer for each person; with `logged` each carries a record for the log."""

    async def writer(owner: UUID) -> None:
        for _ in range(WRITES):
            async with world.house.desk.unit() as unit:
                customer = await unit.lock_customer(owner)
                await BehaviourEventRow.create(
                    id=uuid7(), customer_id=owner, kind="SALARY_IN", occurred_on=unit.now.date(), amount_minor=1
                )
                if logged:
                    await unit.record(
                        RecordClass.LIMIT_CHANGE, customer, uuid7(), {"line": "bench", "from": 0, "to": 1}
                    )

    began = time.perf_counter()
    await asyncio.gather(*(writer(owner) for owner in owners))
    return WRITES * len(owners) / (time.perf_counter() - began)


async def beside_a_plain_row(world: World) -> list[float]:
    """Throughput with record and running sequencer, divided by that without, pair by pair."""
    owners = [await customer_id(await world.new()) for _ in range(WRITERS)]
    ratios = []
    for _ in range(PAIRS):
        plain = await writing(world, owners, logged=False)
        sequencer = world.house.sequencer()
        running = asyncio.create_task(sequencer.run())
        logged = await writing(world, owners, logged=True)
        sequencer.stop()
        await running
        ratios.append(logged / plain)
    return sorted(ratios)


async def measure(world: World, hashes: float) -> None:
    """Print the figures of one store."""
    store = "SQLite" if is_sqlite() else "PostgreSQL"
    owner = await customer_id(await world.new())
    await world.sequencer.round()
    running = asyncio.create_task(world.sequencer.run())
    taken = sorted([await commit_to_published(world, owner) for _ in range(COMMITS)])
    world.sequencer.stop()
    await running
    p50, p99 = taken[COMMITS // 2], taken[COMMITS * 99 // 100]
    say(
        f"{store}: commit to published, 2 of 3 witnesses, interval {INTERVAL_SECONDS * 1000:.0f} ms: p50 {p50:.0f}, p99 {p99:.0f} ms"
    )
    ratios = await beside_a_plain_row(world)
    told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    say(f"{store}: throughput with the log ÷ without, {WRITERS} writers: {told}")
    await fill(owner, ENTRIES)
    began, spent, done = time.perf_counter(), time.process_time(), 0
    while batch := await sequence(world.house.desk):
        done += batch
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    share = done / cpu / (hashes / 2)
    say(
        f"{store}: sequencer {done / wall:,.0f} entries/s in batches of {BATCH_MAX}; by our processor time"
        f" {done / cpu:,.0f}/s ({share:.1%} of the hash limit)"
    )
    began, spent = time.perf_counter(), time.process_time()
    found = await fsck()
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    say(
        f"{store}: fsck {found.entries / wall:,.0f} entries/s, by our processor time {found.entries / cpu:,.0f}/s,"
        f" {len(found.wrong)} findings"
    )


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


@asynccontextmanager
async def stores(home: Path) -> AsyncIterator[list[str]]:
    """The addresses of an empty book of either kind."""
    with running_postgres() as server:
        async with server.database() as name:
            url = server.url(name)
            yield [f"sqlite://{home / 'book.sqlite'}", url]


async def main(home: Path, bureau: str, payments: str) -> None:
    """Measure both stores."""
    hashes = hash_rate()
    say(f"SHA-256 of a node: {hashes:,.0f} a second")
    async with stores(home) as urls:
        for number, url in enumerate(urls):
            place = home / str(number)
            place.mkdir()
            async with open_world(url, place, bureau, payments) as world:
                settle_memory()
                await measure(world, hashes)


if __name__ == "__main__":
    set_up_logging("ERROR")
    with (
        tempfile.TemporaryDirectory() as folder,
        process("sims.bureau", Path(folder) / "bureau.sqlite") as (_bureau, at_bureau),
        process("sims.payments", Path(folder) / "payments.sqlite") as (_payments, at_payments),
    ):
        addresses = [str(client.base_url).rstrip("/") for client in (at_bureau, at_payments)]
        asyncio.run(main(Path(folder), *addresses))
