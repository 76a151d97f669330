"""`python -m bench.days [--loans 10000 100000]`: the end of a day on PostgreSQL, and how it grows with the book.

Each size is a process of its own over a server of its own kind that the tests start (its data need not reach the disk).
A book is filled with loans drawn over the last year, three of a hundred late; then days are closed, first by one worker,
then by two. The first day, which carries older postings over, is told apart. Seconds are of the wall; the rest of an end
of day (what the calendar ends, debits, reminders) is told beside it. Memory is the peak of the closing process.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

from app.api.observe import set_up_logging
from app.cli.days.helpers import helped_by
from app.domain.calendar import business_date, start_of_business_day
from app.flows.book.end_of_day import end_of_day
from app.flows.days.closing import close_day
from app.main import House, open_house
from app.settings import Settings
from models.connection import close_database, fetch, open_database
from models.migrate import migrate
from models.shipped.policies import write_shipped_policies
from tests.flows.days.filling import fill
from tests.services.postgres import running_postgres

SIZES = (10_000, 100_000)
DAYS_ALONE, DAYS_TOGETHER = 2, 2
KIB = 1024
HELPER_STARTS_SECONDS = 15.0


async def closed(house: House, day: date) -> float:
    """Seconds to close a day."""
    started = time.perf_counter()
    await close_day(house.desk, day)
    return time.perf_counter() - started


async def measured(url: str, home: Path, loans: int) -> dict[str, Any]:
    """Fill a book, close its days, and tell what that took."""
    await open_database(url)
    await migrate()
    await write_shipped_policies()
    await close_database()
    settings = Settings(home=home, database_url=url)
    async with open_house(settings) as house:
        today = business_date(await house.desk.refresh_clock())
        started = time.perf_counter()
        await fill(house.desk.keys, loans, today)
        filled = time.perf_counter() - started
        await fetch("ANALYZE")
        base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        first = await closed(house, today)
        alone = [await closed(house, today + timedelta(days=number)) for number in range(1, 1 + DAYS_ALONE)]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with helped_by(settings, 1) if DAYS_TOGETHER else nullcontext():
            await asyncio.sleep(HELPER_STARTS_SECONDS)
            begin = 1 + DAYS_ALONE
            together = [
                await closed(house, today + timedelta(days=number)) for number in range(begin, begin + DAYS_TOGETHER)
            ]
        started = time.perf_counter()
        await end_of_day(house.desk, start_of_business_day(today).astimezone(UTC))
        rest = time.perf_counter() - started
        (rows,) = await fetch("SELECT count(*) AS n, pg_total_relation_size('loan_day') AS size FROM loan_day")
    return {
        "loans": loans,
        "fill": filled,
        "first": first,
        "alone": min(alone),
        "together": min(together),
        "rest": rest,
        "base_kib": base,
        "peak_kib": peak,
        "bytes_a_row": int(rows["size"]) / int(rows["n"]),
    }


def one(loans: int) -> None:
    """Measure one size in this process and print it as JSON."""
    set_up_logging("ERROR")
    with running_postgres() as server, tempfile.TemporaryDirectory() as folder:

        async def run() -> dict[str, Any]:
            async with server.database() as name:
                url = server.url(name)
                return await measured(url, Path(folder), loans)

        sys.stdout.write(json.dumps(asyncio.run(run())) + "\n")


def told(found: dict[str, Any]) -> str:
    """One size in words."""
    loans = found["loans"]

    def speed(name: str) -> str:
        return f"{found[name]:8.1f} s  {loans / found[name]:8.0f} loans/s"

    return "\n".join(
        [
            f"{loans:,} loans (filled in {found['fill']:.0f} s)",
            f"  first day, one worker     {speed('first')}",
            f"  a day, one worker         {speed('alone')}",
            f"  a day, two workers        {speed('together')}   {found['alone'] / found['together']:.2f} x one",
            f"  the rest of the day       {found['rest']:8.1f} s",
            f"  memory of the process     {found['base_kib'] / KIB:8.0f} MiB before, {found['peak_kib'] / KIB:.0f} MiB at its peak",
            f"  the tape                  {found['bytes_a_row']:8.0f} bytes a loan and day, indexes included",
        ]
    )


def main() -> None:
    """Measure every size, then print how both grow."""
    asked = argparse.ArgumentParser(prog="bench.days")
    asked.add_argument("--loans", type=int, nargs="+", default=list(SIZES))
    asked.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = asked.parse_args()
    if arguments.one:
        one(arguments.one)
        return
    found = []
    for loans in arguments.loans:
        command = [sys.executable, "-m", "bench.days", "--one", str(loans)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
        sys.stdout.write(told(found[-1]) + "\n")
        sys.stdout.flush()
    small, large = found[0], found[-1]
    if small is not large:
        times, memory = large["alone"] / small["alone"], large["peak_kib"] / small["peak_kib"]
        sys.stdout.write(
            f"{large['loans'] / small['loans']:.0f} x the loans: {times:.2f} x the time, {memory:.2f} x the memory\n"
        )


if __name__ == "__main__":
    main()
