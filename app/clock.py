"""The only place that reads the machine's clock."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def real_now() -> datetime:
    """The machine's time in UTC: jobs, leases and the log live by it."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


def real_now_us() -> int:
    """The machine's time in microseconds since 1970: job queues and leases count in it."""
    return time.time_ns() // 1000


def thread_cpu_ns() -> int:
    """Processor time that this thread has used, in nanoseconds: only a difference means anything."""
    return time.thread_time_ns()


@dataclass(slots=True)
class BusinessClock:
    """Business time: real time plus an offset that only the sandbox moves, and only forwards.

    The offset is a row of the database; every unit of work and every request brings it up to date.
    """

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """The present moment of the business, in UTC."""
        return real_now() + self.offset
