"""The job TELL_REOPENED: whoever waited while the way to the bureau was shut, or was told so, is told that it is open."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.consent.waiting import WaitingFor
from app.domain.refusals import NotFound
from app.domain.telling.notice import Message, NoticeKind
from app.flows.notices.telling import tell
from app.flows.unit import Desk
from models.connection import fetch, plain
from models.consent import RouteFreeze
from models.notices import Notice

TELL_REOPENED = "TELL_REOPENED"
AT_ONCE = 200
_KIND = NoticeKind.ROUTE_REOPENED.value


async def tell_reopened(desk: Desk, freeze_id: UUID) -> timedelta | None:
    """Tell at most `AT_ONCE` of them, each once for each freeze; at once again while there are more."""
    freeze = await RouteFreeze.get(id=freeze_id)
    found = await _to_be_told(freeze)
    for row in found:
        await _tell(desk, freeze, row)
    return timedelta() if found else None


async def _tell(desk: Desk, freeze: RouteFreeze, row: dict[str, Any]) -> None:
    customer_id, about_id = UUID(str(row["customer_id"])), UUID(str(row["about_id"]))
    async with desk.unit() as unit:
        try:
            customer = await unit.lock_customer(customer_id)
        except NotFound:
            return
        if await Notice.exists(kind=_KIND, customer_id=customer_id, period=str(freeze.id)):
            return
        facts = {"opened_on": business_date(freeze.released_at or unit.now).isoformat()}
        message = Message(NoticeKind.ROUTE_REOPENED, "WAITED" if row["waited"] else "TOLD", facts)
        await tell(unit, customer, message, about_id, str(freeze.id))


async def _to_be_told(freeze: RouteFreeze) -> list[dict[str, Any]]:
    """Those of them who were not told yet; requests first, so that one person's own request is what is spoken of.

    A request waited when it was asked for before the opening, and neither closed, decided nor sent before it.
    """
    waited = " UNION ALL ".join(
        f"SELECT r.customer_id, r.id AS about_id, 1 AS waited FROM {table} r WHERE r.{asked} < $2"  # noqa: S608 - fixed names
        f" AND (r.closed_at IS NULL OR r.closed_at >= $2) AND NOT EXISTS (SELECT 1 FROM decision d"
        f" WHERE d.{table}_id = r.id AND d.decided_at < $2) AND NOT EXISTS (SELECT 1 FROM inquiry i"
        f" JOIN inquiry_attempt a ON a.inquiry_id = i.id WHERE i.{table}_id = r.id AND a.started_at < $2)"
        for table, asked in (("application", "submitted_at"), ("limit_increase", "requested_at"))
    )
    told = (
        "SELECT n.customer_id, n.about_id, CASE WHEN n.kind = 'REQUEST_WAITS' THEN 1 ELSE 0 END FROM notice n"
        " WHERE n.arose_at >= $1 AND n.arose_at < $2 AND (n.kind = 'INQUIRY_UNANNOUNCED'"
        " OR (n.kind = 'REQUEST_WAITS' AND n.period = $4))"
    )
    return await fetch(
        f"SELECT t.customer_id, t.about_id, t.waited FROM ({waited} UNION ALL {told}) t"  # noqa: S608 - fixed names
        " JOIN customer c ON c.id = t.customer_id WHERE c.erased_at IS NULL AND NOT EXISTS (SELECT 1 FROM notice o"
        f" WHERE o.kind = '{_KIND}' AND o.customer_id = t.customer_id AND o.period = $3)"
        f" ORDER BY t.waited DESC, t.about_id LIMIT {AT_ONCE}",
        *(plain(freeze.frozen_at), plain(freeze.released_at), str(freeze.id), WaitingFor.ROUTE_SHUT.value),
    )
