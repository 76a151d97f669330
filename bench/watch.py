"""`python -m bench.watch`: how long from an event to the freeze that it causes, in one process with one worker.

Wall time from the call that notes a device change to the commit that freezes the line, as a reader of the book sees it.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID, uuid4

from app.api.observe import set_up_logging
from app.flows.watch.watching import NoteDevice, note_device_change
from models.connection import fetch
from models.credit import CreditLine
from tests.flows.rounds import customer_id
from tests.sims.outsiders import process
from tests.world import World, open_world

PEOPLE = 100
AT_ONCE = 20
LOOK_SECONDS = 0.001
LOOKS_MAX = 60_000


async def borrowers(world: World, count: int) -> list[UUID]:
    """New customers with an open line, all decided in one go: to settle after each would watch all before it again."""
    people = [await world.new() for _ in range(count)]
    asked = []
    for person in people:
        await world.grant(person)
        asked.append((await world.apply(person))["application"]["id"])
    await world.settle()
    for person, application in zip(people, asked, strict=True):
        await world.act("AcceptOffer", person, applicationId=application)
    return [await customer_id(person) for person in people]


async def note(world: World, owner: UUID, device: str) -> None:
    """Be seen on a device."""
    await note_device_change(world.house.desk, owner, uuid4(), NoteDevice(device))


async def event_to_freeze(world: World, owner: UUID) -> float:
    """Milliseconds from the third change to the freeze.

    Raises:
        TimeoutError: the line is not frozen within a minute.
    """
    await fetch("DELETE FROM rule_day")  # what is measured is the way, not the rule's share of a day
    started = time.perf_counter()
    await note(world, owner, "d")
    for _ in range(LOOKS_MAX):
        if await CreditLine.exists(customer_id=owner, status="FROZEN"):
            return (time.perf_counter() - started) * 1000
        await asyncio.sleep(LOOK_SECONDS)
    raise TimeoutError(owner)


def told(name: str, taken: list[float]) -> str:
    """One line of percentiles."""
    ordered = sorted(taken)
    p50, p99 = (ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 99))
    return f"{name:<28} n={len(ordered):<4} p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   max {ordered[-1]:7.1f} ms"


async def measure(home: Path, bureau: str, payments: str) -> None:
    """Make people with lines, then freeze half of them one by one and the others in bursts."""
    async with open_world(f"sqlite://{home / 'book.sqlite'}", home, bureau, payments) as world:
        owners = await borrowers(world, PEOPLE * 2)
        for owner in owners:
            for device in ("a", "b", "c"):
                await note(world, owner, device)
        await world.settle()
        worker = world.house.worker()
        running = asyncio.create_task(worker.run())
        try:
            alone = [await event_to_freeze(world, owner) for owner in owners[:PEOPLE]]
            burst: list[float] = []
            for first in range(PEOPLE, 2 * PEOPLE, AT_ONCE):
                together = owners[first : first + AT_ONCE]
                burst += await asyncio.gather(*(event_to_freeze(world, owner) for owner in together))
        finally:
            worker.stop()
            await running
        sys.stdout.write(told("one event at a time", alone) + "\n")
        sys.stdout.write(told(f"{AT_ONCE} events at once", burst) + "\n")


def main() -> None:
    """Start the simulators, measure, print."""
    set_up_logging("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with (
            process("sims.bureau", home / "bureau.sqlite") as (_bureau, bureau),
            process("sims.payments", home / "payments.sqlite") as (_payments, payments),
        ):
            addresses = [str(client.base_url).rstrip("/") for client in (bureau, payments)]
            asyncio.run(measure(home, *addresses))


if __name__ == "__main__":
    main()
