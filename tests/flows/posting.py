"""A message service that a test can make fail, and a business clock that it can set to an hour."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from app.domain.calendar import BUSINESS_ZONE
from app.doors.notices import Letter, NotDelivered
from models.plumbing import BusinessClockRow
from tests.world import World


@dataclass(slots=True)
class Carrier:
    """Keeps what it was handed; fails the first `failures` times, or breaks down after taking a letter."""

    failures: int = 0
    breaks_down: int = 0
    letters: list[Letter] = field(default_factory=list)
    tries: int = 0

    async def deliver(self, letter: Letter) -> None:
        self.tries += 1
        if self.tries <= self.failures:
            raise NotDelivered
        self.letters.append(letter)
        if len(self.letters) <= self.breaks_down:
            raise ConnectionResetError

    def of(self, kind: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.kind == kind]


async def make_it(world: World, hour: int) -> None:
    """Move business time forwards to this hour (UTC+8), running no end of day."""
    now = (await world.house.desk.refresh_clock()).astimezone(BUSINESS_ZONE)
    wanted = datetime.combine(now.date(), time(hour, 30), BUSINESS_ZONE)
    ahead = wanted - now if wanted > now else wanted + timedelta(days=1) - now
    clock = await BusinessClockRow.get(id=1)
    offset = clock.offset_seconds + int(ahead.total_seconds()) + 1
    await BusinessClockRow.filter(id=1).update(offset_seconds=offset)
