"""Taking away what is past its time, by the privacy register alone; what a law holds has no such time.

Only own data, codes, keys and reports go, each of them past anything that reads it: so no row is locked but of a report.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from app.domain.oversight.retention import AtEnd
from app.flows.credit.reports import destroy_report
from app.flows.unit import Desk
from models.consent import BureauReport
from models.register.kinds import Table
from models.register.rows import overdue, take_away
from models.register.tables import declared, tables_with_an_end

ROWS_AT_ONCE_MAX = 2000
BATCHES_MAX = 500


async def sweep_retention(desk: Desk) -> dict[str, int]:
    """Take away every row past its time on the business date, table by table; how many, where there were any.

    Run once a business day, and harmless at any time: a second run finds nothing.
    """
    gone: dict[str, int] = {}
    for table in tables_with_an_end():
        if table.retention.rule.at_end is AtEnd.DELETE:
            count = await _delete(desk, table)
        elif table.retention.rule.at_end is AtEnd.BLANK:
            count = await EMPTIES[table.name](desk)
        else:
            count = 0
        if count:
            gone[table.name] = count
    return gone


async def _delete(desk: Desk, table: Table) -> int:
    total = 0
    for _ in range(BATCHES_MAX):
        async with desk.unit() as unit:
            count = await take_away(table, unit.today(), ROWS_AT_ONCE_MAX)
        total += count
        if count < ROWS_AT_ONCE_MAX:
            break
    return total


async def _empty_reports(desk: Desk) -> int:
    total = 0
    table = declared("bureau_report")
    for _ in range(BATCHES_MAX):
        async with desk.unit() as unit:
            rows = await overdue(table, unit.today(), ROWS_AT_ONCE_MAX)
        for row in rows:
            report = await BureauReport.get(inquiry_id=UUID(str(row["inquiry_id"])))
            async with desk.unit() as unit:
                customer = await unit.lock_customer(report.customer_id)
                total += await destroy_report(unit, customer, report.inquiry_id)
        if len(rows) < ROWS_AT_ONCE_MAX:
            break
    return total


EMPTIES: dict[str, Callable[[Desk], Awaitable[int]]] = {"bureau_report": _empty_reports}
