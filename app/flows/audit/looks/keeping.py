"""What is kept beyond its time: each table that the privacy register gives an end, a day after its rows should be gone.

The day is the one on which the run began: a day that began meanwhile may still have its sweep before it. One finding a
table, however many rows: what is to be mended is the sweep that should have taken them away.
"""

from datetime import timedelta
from uuid import UUID, uuid5

from app.domain.auditing.finding import Fault
from app.domain.auditing.rules import AuditRuleId
from app.domain.oversight.retention import AtEnd
from app.flows.audit.looks.scan import Look, Memo, Seen, Sight
from models.register.kinds import Table
from models.register.rows import OVERDUE_MAX, overdue
from models.register.tables import tables_with_an_end

GRACE = timedelta(days=1)
_TABLES = UUID("5f0c2f3e-93d1-5a53-8a4b-0c1f3a6f7d21")  # our own name space: a table has the same id each time


async def _tables(sight: Sight, _after: UUID, _memo: Memo) -> Seen:
    ending = [table for table in tables_with_an_end() if table.retention.rule.at_end is not AtEnd.KEEP]
    found = [(table, len(await overdue(table, sight.began_on - GRACE))) for table in ending]
    return Seen(len(ending), tuple(_fault(table, rows) for table, rows in found if rows), None)


def _fault(table: Table, rows: int) -> Fault:
    many = f"{OVERDUE_MAX} rows or more" if rows == OVERDUE_MAX else f"{rows} rows"
    detail = f"{table.name}: {many} past {table.retention.rule.name}"
    return Fault(AuditRuleId.RETENTION_OVERDUE, "Table", uuid5(_TABLES, table.name), "PAST_ITS_TIME", detail=detail)


KEEPING = (Look("RETENTION_OVERDUE/Table", AuditRuleId.RETENTION_OVERDUE, _tables),)
