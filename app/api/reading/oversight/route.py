"""What officers see of the way to the bureau: whether it is open, and where its records and ours differ."""

from typing import TypeAlias

from app.domain.oversight.roles import Officer
from app.flows.credit import waiting
from app.flows.ledger.route import running_freeze
from app.flows.reconciling import daily
from models.consent import ReconciliationResult, RouteFreeze

ResultRow: TypeAlias = ReconciliationResult
FreezeRow: TypeAlias = RouteFreeze
Waits: TypeAlias = waiting.Waits

DIFFERING_MAX = 50

freeze_now = running_freeze
waits_now = waiting.waits_now
last_comparison = daily.last_comparison


async def cause(freeze: FreezeRow) -> ResultRow:
    """What the route was shut for."""
    return await ReconciliationResult.get(id=freeze.result_id)


async def differing(officer: Officer) -> list[ResultRow]:
    """The references whose records do not agree, newest first, at most DIFFERING_MAX; none of an own account."""
    rows = await ReconciliationResult.exclude(result="MATCHED").order_by("-id").limit(DIFFERING_MAX)
    return [row for row in rows if officer.customer_id is None or row.customer_id != officer.customer_id]
