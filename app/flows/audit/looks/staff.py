"""Who of the staff looked at whom: under which purpose, as which duty, and whether the opening still ran."""

from typing import Any
from uuid import UUID

from app.domain.auditing.finding import Fault
from app.domain.auditing.rules import AuditRuleId
from app.domain.oversight.roles import PURPOSES, PURPOSES_OF_ANY_CASE, PURPOSES_OF_CASE, AccessPurpose, Role
from app.flows.audit.looks.scan import PAGE, Look, Memo, Seen, Sight, by_sql, following, key, rows_after

_READ = """
WITH page AS (SELECT * FROM staff_access WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, page.staff_id, page.role, page.purpose, page.case_kind,
    CASE WHEN length(page.reason_sealed) = 0 THEN 'NO_REASON'
        WHEN s.customer_id = page.customer_id THEN 'OWN_ACCOUNT' END AS problem
FROM page LEFT JOIN staff s ON s.id = page.staff_id ORDER BY page.id
"""

_REVEAL = """
WITH page AS (SELECT * FROM staff_access_reveal WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, page.staff_id, CASE
    WHEN a.id IS NULL THEN 'FILE_NOT_OPENED'
    WHEN a.staff_id <> page.staff_id THEN 'ANOTHER_OFFICER'
    WHEN a.customer_id <> page.customer_id THEN 'ANOTHER_PERSON'
    WHEN page.revealed_at < a.opened_at OR page.revealed_at >= a.expires_at THEN 'FILE_NOT_OPEN_THEN'
    WHEN length(page.reason_sealed) = 0 THEN 'NO_REASON'
    END AS problem
FROM page LEFT JOIN staff_access a ON a.id = page.access_id ORDER BY page.id
"""


async def _reads(_sight: Sight, after: UUID, _memo: Memo) -> Seen:
    rows = await rows_after(_READ, after, PAGE)
    faults = []
    for row in rows:
        problem = row["problem"] or _purpose_problem(row)
        if problem is not None:
            subject = UUID(str(row["id"]))
            about = (key(row["customer_id"]), key(row["staff_id"]))
            faults.append(Fault(AuditRuleId.STAFF_READ_WITHOUT_PURPOSE, "StaffAccess", subject, problem, *about))
    return Seen(len(rows), tuple(faults), following(rows, PAGE))


def _purpose_problem(row: dict[str, Any]) -> str | None:
    """Whether the purpose is one that the role, and the case, may be opened for."""
    if row["purpose"] not in set(AccessPurpose):
        return "NO_PURPOSE"
    purpose = AccessPurpose(row["purpose"])
    if row["role"] not in set(Role) or purpose not in PURPOSES[Role(row["role"])]:
        return "PURPOSE_NOT_OF_ROLE"
    kind = row["case_kind"]
    if kind is not None and purpose not in PURPOSES_OF_CASE.get(kind, frozenset()) | PURPOSES_OF_ANY_CASE:
        return "PURPOSE_NOT_OF_CASE"
    return None


STAFF = (
    Look("STAFF_READ_WITHOUT_PURPOSE/StaffAccess", AuditRuleId.STAFF_READ_WITHOUT_PURPOSE, _reads),
    by_sql(AuditRuleId.STAFF_READ_WITHOUT_PURPOSE, "FieldReveal", _REVEAL),
)
