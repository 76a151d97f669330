"""The sweep: every line that is not closed, page by page; a second run changes nothing.

The worker sweeps once every business day; `clearline sweep` does it whenever an operator wants.
"""

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.domain.calendar import business_date
from app.domain.refusals import StillWorking
from app.domain.watching.rules import RULES, Rule
from app.domain.watching.snapshot import CLOSED
from app.flows.unit import Desk
from app.flows.watch.jobs import WATCH
from app.flows.watch.watching import watch_line
from models.credit import CreditLine
from models.plumbing import BusinessClockRow

PAGE = 200
PAGES_MAX = 100_000
LEASE = "sweep"
LEASE_SECONDS = 60
LEASE_OVER_SECONDS = 1

_HOLDER = secrets.token_hex(8)


@dataclass(slots=True)
class SweepReport:
    """What a sweep met: lines looked at, lines left to a job because they were busy, and what each rule did.

    `said` counts by rule and by what became of its signal: an action, or HELD.
    """

    day: date
    lines: int = 0
    busy: int = 0
    said: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, rule_id: str, what: str) -> None:
        """Count one signal."""
        self.said.setdefault(rule_id, Counter())[what] += 1


async def sweep(desk: Desk, rules: Sequence[Rule] = RULES) -> SweepReport:
    """Look at every line in pages of 200, each line a unit of its own; a lease keeps two processes apart.

    The lease only saves double work: two sweeps at once would still touch each line once.

    Raises:
        StillWorking: another process sweeps at this moment.
    """
    report = SweepReport(business_date(await desk.refresh_clock()))
    async for page in _pages():
        if not await desk.cache.lease(LEASE, _HOLDER, LEASE_SECONDS):
            raise StillWorking
        for line in page:
            await _look(desk, line, rules, report)
    await desk.cache.lease(LEASE, _HOLDER, LEASE_OVER_SECONDS)
    return report


async def sweep_of_the_day(desk: Desk) -> SweepReport | None:
    """Sweep unless that was done on this business day; None when it was. Days that were missed are not made up for.

    A mark that is dated ahead, by a clock that was wrong then, is none.

    Raises:
        StillWorking: another process sweeps at this moment.
    """
    today = business_date(await desk.refresh_clock())
    clock = await BusinessClockRow.get_or_none(id=1)
    if clock is None or clock.swept_on == today:
        return None
    report = await sweep(desk)
    await BusinessClockRow.filter(id=1).update(swept_on=report.day)
    return report


async def _look(desk: Desk, line: CreditLine, rules: Sequence[Rule], report: SweepReport) -> None:
    report.lines += 1
    try:
        spoken = await watch_line(desk, line, rules)
    except StillWorking:
        report.busy += 1
        async with desk.unit() as unit:
            await unit.enqueue(WATCH, line.customer_id)
        return
    for said in spoken:
        report.count(said.rule_id, "HELD" if said.state == "HELD" else said.action.value)


async def _pages() -> AsyncIterator[list[CreditLine]]:
    """Lines by keyset pages; what happens to one meanwhile shifts no page."""
    after = None
    for _ in range(PAGES_MAX):
        open_lines = CreditLine.exclude(status=CLOSED).order_by("id")
        page = await (open_lines.filter(id__gt=after) if after else open_lines).limit(PAGE)
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1].id
