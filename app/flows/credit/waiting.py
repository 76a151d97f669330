"""What open requests wait for: one of them for its customer, all of them for the officers; and the notice of a long wait."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.calendar import business_date
from app.domain.consent.inquiry import InquiryState
from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.waiting import TOLD, WAIT_TOLD_AFTER, WaitingFor, waiting_for
from app.domain.telling.notice import Message, NoticeKind
from app.flows.credit.cases import asked_at, load_case, pointing_at
from app.flows.credit.intents import log_publishes
from app.flows.ledger.route import running_freeze
from app.flows.notices.telling import tell
from app.flows.unit import Desk
from models.connection import fetch
from models.consent import Inquiry, RouteFreeze
from models.credit import Application, Decision, LimitIncrease
from models.notices import Notice

_REFERRED = "REFERRED"
_UNDECIDED = tuple(
    f"SELECT i.state, count(*) AS number, min(COALESCE(i.opened_at, c.{asked})) AS began"  # noqa: S608 - fixed names
    f" FROM {table} c LEFT JOIN inquiry i ON i.{table}_id = c.id WHERE c.is_open"
    f" AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.{table}_id = c.id) GROUP BY i.state"
    for table, asked in (("application", "submitted_at"), ("limit_increase", "requested_at"))
)


@dataclass(frozen=True, slots=True)
class Wait:
    """What a request waits for, and since when."""

    reason: WaitingFor
    since: datetime


@dataclass(frozen=True, slots=True)
class Waits:
    """How many requests wait for one thing, and since when the oldest does."""

    reason: WaitingFor
    count: int
    since: datetime


async def wait_of(row: Application | LimitIncrease) -> Wait | None:
    """What a request waits for now; None when it is closed or decided."""
    if not row.is_open:
        return None
    decision = await Decision.filter(**pointing_at(row)).order_by("-number").first()
    if decision is not None:
        return Wait(WaitingFor.PERSON, decision.decided_at) if decision.outcome == _REFERRED else None
    inquiry, freeze = await Inquiry.get_or_none(**pointing_at(row)), await running_freeze()
    state = InquiryState(inquiry.state) if inquiry else None
    reason = waiting_for(state, route_open=freeze is None, witnessed=await log_publishes())
    return Wait(reason, _since(reason, inquiry.opened_at if inquiry else asked_at(row), freeze))


def _since(reason: WaitingFor, began: datetime, freeze: RouteFreeze | None) -> datetime:
    return max(began, freeze.frozen_at) if freeze and reason is WaitingFor.ROUTE_SHUT else began


async def waits_now() -> list[Waits]:
    """What open requests that nobody has decided on wait for, in the order of `WaitingFor`."""
    freeze, witnessed = await running_freeze(), await log_publishes()
    found: dict[WaitingFor, Waits] = {}
    for row in [row for query in _UNDECIDED for row in await fetch(query)]:
        state = InquiryState(row["state"]) if row["state"] else None
        reason = waiting_for(state, route_open=freeze is None, witnessed=witnessed)
        began = datetime.fromisoformat(str(row["began"]))
        so_far = found.get(reason, Waits(reason, 0, began))
        found[reason] = Waits(reason, so_far.count + int(row["number"]), min(so_far.since, began))
    waits = [found[reason] for reason in WaitingFor if reason in found]
    return [replace(one, since=_since(one.reason, one.since, freeze)) for one in waits]


async def tell_wait(desk: Desk, purpose: InquiryPurpose, row: Application | LimitIncrease) -> None:
    """Tell the customer, once for each request, that it has waited longer than `WAIT_TOLD_AFTER`, and for what."""
    if await desk.refresh_clock() - asked_at(row) < WAIT_TOLD_AFTER or await _is_told(row):
        return
    async with desk.unit() as unit:
        customer = await unit.lock_customer(row.customer_id)
        wait = await wait_of((await load_case(purpose, row.id)).row)
        if wait is None or wait.reason not in TOLD or unit.now - wait.since < WAIT_TOLD_AFTER:
            return
        facts = {"asked_on": business_date(asked_at(row)).isoformat()}
        await tell(unit, customer, Message(NoticeKind.REQUEST_WAITS, wait.reason, facts), row.id, wait.reason.value)


async def _is_told(row: Application | LimitIncrease) -> bool:
    return await Notice.exists(kind=NoticeKind.REQUEST_WAITS.value, about_id=row.id)
