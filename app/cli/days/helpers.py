"""More processes that share the pages of a day, as many as an operator wants; they end with the one that started them."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from app.api.observe import set_up_logging
from app.flows.days.closing import help_with_days
from app.main import open_house
from app.settings import Settings

LOOK_SECONDS = 0.1
STOP_SECONDS = 30
_context = multiprocessing.get_context("spawn")


@contextmanager
def helped_by(settings: Settings, helpers: int) -> Iterator[None]:
    """Have so many processes share whatever day is being closed, for the length of the block."""
    done = _context.Event()
    running = [_context.Process(target=_help, args=(settings, done), daemon=True) for _ in range(helpers)]
    for process in running:
        process.start()
    try:
        yield
    finally:
        done.set()
        for process in running:
            process.join(STOP_SECONDS)
            if process.is_alive():
                process.kill()


def _help(settings: Settings, done: Event) -> None:
    set_up_logging(settings.log_level)
    asyncio.run(_helping(settings, done))


async def _helping(settings: Settings, done: Event) -> None:
    async with open_house(settings) as house:
        while not done.is_set():
            if not await help_with_days(house.desk):
                await asyncio.sleep(LOOK_SECONDS)
