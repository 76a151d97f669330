"""A process of its own that writes to a book."""

import asyncio
from collections import Counter
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from uuid import UUID, uuid4

from app.api.observe import set_up_logging
from app.domain.consent.purpose import ConsentPurpose
from app.domain.refusals import Refusal
from app.flows.credit.consents import Refuse, refuse_consent
from app.main import open_house
from app.settings import Settings
from tests.services.process import end_with_parent


def write(
    settings: Settings, people: list[UUID], acts: int, start: Barrier, answers: "SimpleQueue[dict[str, int]]"
) -> None:
    """One task for each person, each with that many acts, begun with the other processes; how many came out how."""
    end_with_parent()
    set_up_logging("CRITICAL")
    answers.put(dict(asyncio.run(_write(settings, people, acts, start))))


async def _write(settings: Settings, people: list[UUID], acts: int, start: Barrier) -> Counter[str]:
    told: Counter[str] = Counter()
    async with open_house(settings) as house:

        async def acting(customer_id: UUID) -> None:
            for _ in range(acts):
                try:
                    await refuse_consent(house.desk, customer_id, uuid4(), Refuse(ConsentPurpose.MARKETING))
                    told["DONE"] += 1
                except Refusal as refusal:
                    told[type(refusal).__name__] += 1

        await asyncio.to_thread(start.wait)
        await asyncio.gather(*(acting(person) for person in people))
    return told
