"""Closing an account: what is in the way is told first; then the line closes and every live consent ends."""

from dataclasses import dataclass
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.consent.consent import ConsentStatus
from app.domain.consent.purpose import InquiryPurpose
from app.domain.rights.closing import Blocker, blockers_of_closing
from app.domain.rights.requests import RequestKind, RequestOutcome
from app.domain.telling.notice import Fact, Message, NoticeKind
from app.domain.watching.snapshot import CLOSED
from app.flows.allowed.lines import check_close
from app.flows.credit.cases import load_case
from app.flows.credit.concluding import change_limit
from app.flows.credit.consents import consent_of, end_consent
from app.flows.notices.telling import tell
from app.flows.rights.requests import Wish, finish, put_in
from app.flows.rights.standing import DECIDED, standing_of
from app.flows.unit import Desk, Unit
from app.flows.watch.freezing import release
from models.consent import Consent as ConsentRow
from models.credit import Application, CreditLine, Freeze
from models.people import Customer

CUSTOMER = "customer"
ACCOUNT_CLOSED = "ACCOUNT_CLOSED"


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """A wish to close the account; the customer was shown what that means."""


async def closing_check(desk: Desk, customer_id: UUID) -> tuple[Blocker, ...]:
    """What stands in the way of closing now; nothing is written."""
    today = business_date(await desk.refresh_clock())
    return blockers_of_closing(await standing_of(customer_id, today))


async def close_account(desk: Desk, customer_id: UUID, key: UUID, asked: CloseAccount) -> UUID:
    """Close the line and end every live consent, at once; the request's id. Records stay to be seen.

    A closed customer may apply anew, with a new consent, as anybody may.

    Raises:
        AccountNotClear: something has not ended; it says what.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "closeAccount", key, asked)
        if done:
            return UUID(done["request"])
        await check_close(customer_id, unit.today())
        request = await put_in(unit, customer, Wish(RequestKind.CLOSE_ACCOUNT))
        await _close_line(unit, customer)
        await end_offer(unit, customer)
        await withdraw_all(unit, customer)
        await finish(unit, request, RequestOutcome.CLOSED)
        await unit.keep(request=request.id)
        return request.id


async def end_offer(unit: Unit, customer: Customer) -> None:
    """End an application whose offer nobody accepted: it binds us, not the customer, and stands in no way."""
    row = await Application.get_or_none(customer_id=customer.id, is_open=True, status=DECIDED)
    if row is not None:
        case = await load_case(InquiryPurpose.FIRST_APPLICATION, row.id)
        await case.close("WITHDRAWN", unit.now)
        unit.after_commit(lambda: unit.desk.cache.wake(case.topic))


async def withdraw_all(unit: Unit, customer: Customer) -> None:
    """Withdraw every consent that still opens something, and tell them in one letter."""
    rows = await ConsentRow.filter(customer_id=customer.id, refused=False, withdrawn_at__isnull=True).order_by("id")
    live = [row for row in rows if consent_of(row).status(unit.now) is ConsentStatus.GIVEN]
    for row in live:
        await end_consent(unit, customer, row)
    if live:
        facts: dict[str, Fact] = {"withdrawn_on": unit.today().isoformat(), "number": len(live)}
        await tell(unit, customer, Message(NoticeKind.CONSENT_WITHDRAWN, "ALL", facts), live[-1].id)


async def _close_line(unit: Unit, customer: Customer) -> None:
    """Bring the limit to nothing and close the line; a freeze ends with it."""
    line = await CreditLine.filter(customer_id=customer.id).exclude(status=CLOSED).select_for_update().get_or_none()
    if line is None:
        return
    if await Freeze.exists(line_id=line.id, released_at__isnull=True):
        await release(unit, customer, line, CUSTOMER)
    if line.limit_minor:
        await change_limit(unit, customer, line, 0, reason=ACCOUNT_CLOSED, actor=CUSTOMER)
    line.status = CLOSED
    line.version += 1
    await line.save(update_fields=["status", "version"])
