"""Erasing a customer's data: what nothing holds goes at once, the rest with the customer's key when the law lets go.

What belongs to which class follows from the privacy register, so that no table can be forgotten.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tortoise.expressions import Q
from uuid_utils.compat import uuid7

from app.domain.calendar import business_date, start_of_business_day
from app.domain.consent.purpose import SOURCE_PURPOSES, ConsentPurpose
from app.domain.deciding.behaviour import SOURCE_OF
from app.domain.oversight.privacy import Erasure
from app.domain.refusals import AccountNotClear
from app.domain.rights.closing import Blocker, blockers_of_erasure
from app.domain.rights.holds import (
    AT_ONCE,
    SOURCE_EVENTS_KEPT,
    ErasureClass,
    Kept,
    PlannedErasure,
    erasure_plan,
)
from app.domain.rights.requests import WAITING, RequestKind, RequestOutcome, RequestState
from app.flows.credit.consents import live_sources
from app.flows.credit.reports import destroy_report
from app.flows.rights.closing import end_offer, withdraw_all
from app.flows.rights.requests import Wish, finish, locked_request, put_in
from app.flows.rights.standing import standing_of
from app.flows.unit import Desk, Unit
from models.connection import fetch, is_sqlite
from models.consent import BureauReport, Inquiry, ReconciliationResult
from models.consent import Consent as ConsentRow
from models.credit import CreditLine
from models.loans import Loan
from models.people import BehaviourEventRow, Customer
from models.register.kinds import Table
from models.register.rows import of_customer
from models.register.tables import tables_of_customer
from models.rights import DataRequest, ErasureStep

LOOK_BACK = timedelta(days=60)  # a withdrawal is older than this only where the end of day did not run for so long
REPORTS_AT_ONCE_MAX = 500
_KIND, _SCHEDULED = RequestKind.ERASURE.value, RequestState.SCHEDULED.value
_IDENTITY = frozenset({"customer", "access_token", "idempotent_request", "job", "staff"})
_CLASS_OF = {
    Erasure.DELETED: ErasureClass.OWN_DATA,
    Erasure.HELD: ErasureClass.CREDIT_FILE,
    Erasure.SHREDDED: ErasureClass.TRAIL,
    Erasure.UNLINKED: ErasureClass.IDENTITY,
}


@dataclass(frozen=True, slots=True)
class RequestErasure:
    """A wish to have all own data erased; the customer was shown the plan."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What stands in the way, and what would be erased when."""

    blockers: tuple[Blocker, ...]
    plan: tuple[PlannedErasure, ...]


def class_of(table: Table) -> ErasureClass:
    """With what a table of customers is erased."""
    if table.name == BureauReport.Meta.table:
        return ErasureClass.BUREAU_REPORTS
    return ErasureClass.IDENTITY if table.name in _IDENTITY else _CLASS_OF[table.erasure]


async def erasure_check(desk: Desk, customer_id: UUID) -> Foreseen:
    """What an erasure would do now, and what stands in its way; nothing is written."""
    today = business_date(await desk.refresh_clock())
    blockers = blockers_of_erasure(await standing_of(customer_id, today))
    return Foreseen(blockers, await _plan(customer_id, today))


async def request_erasure(desk: Desk, customer_id: UUID, key: UUID, asked: RequestErasure) -> UUID:
    """Erase at once what nothing holds, and schedule the rest; the request's id.

    From this commit on the account is restricted: data are only stored, and nothing new begins, unless the request
    is taken back.

    Raises:
        AccountNotClear: something has not ended; it says what. RequestExists: an erasure is scheduled already.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "requestErasure", key, asked)
        if done:
            return UUID(done["request"])
        blockers = blockers_of_erasure(await standing_of(customer_id, unit.today()))
        if blockers:
            raise AccountNotClear(blockers)
        plan = await _plan(customer_id, unit.today())
        request = await put_in(unit, customer, Wish(RequestKind.ERASURE), RequestState.SCHEDULED)
        await end_offer(unit, customer)
        await withdraw_all(unit, customer)
        await _erase_at_once(unit, customer)
        await _write_plan(unit, request, plan)
        await Customer.filter(id=customer.id).update(restricted_at=unit.now)
        await unit.keep(request=request.id)
        return request.id


async def erase_due(desk: Desk, step: ErasureStep, day: date) -> None:
    """Do what an erasure has left to do by a business date: destroy the key and all that names the person.

    What was sealed never opens again; commitments in the log still hold.
    """
    if not await ErasureStep.exists(id=step.id, done_at__isnull=True):
        return  # done with another step of the same day
    async with desk.unit() as unit:
        customer = await unit.lock_customer(step.customer_id)
        request = await locked_request(step.request_id)
        due = ErasureStep.filter(request_id=request.id, done_at__isnull=True, erase_on__lte=day)
        if request.state != RequestState.SCHEDULED or not await due.exists():
            return
        # Before the commit: an erasure that did not come about is due all the same.
        await asyncio.to_thread(desk.tombstones.add, customer.id)
        await _forget(unit, customer)
        await due.update(done_at=unit.now)
        await finish(unit, request, RequestOutcome.ERASED)


async def erase_again(desk: Desk) -> int:
    """Erase anew whoever a restored backup has brought back; how many there were."""
    brought_back = 0
    for customer_id in desk.tombstones:
        if await Customer.exists(id=customer_id, erased_at__isnull=True):
            async with desk.unit() as unit:
                customer = await unit.lock_customer(customer_id)
                await _erase_at_once(unit, customer)
                await _forget(unit, customer)
                async for request in DataRequest.filter(customer_id=customer_id, kind=_KIND, state=_SCHEDULED):
                    await ErasureStep.filter(request_id=request.id).update(done_at=unit.now)
                    await finish(unit, request, RequestOutcome.ERASED)
            brought_back += 1
    return brought_back


async def destroy_again(desk: Desk) -> int:
    """Destroy anew each report that a restored backup has brought back; how many there were."""
    brought_back, listed = 0, list(dict.fromkeys(desk.tombstones.reports()))
    for start in range(0, len(listed), REPORTS_AT_ONCE_MAX):
        named = listed[start : start + REPORTS_AT_ONCE_MAX]
        for report in await BureauReport.filter(inquiry_id__in=named, destroyed_at__isnull=True):
            async with desk.unit() as unit:
                customer = await unit.lock_customer(report.customer_id)
                brought_back += await destroy_report(unit, customer, report.inquiry_id)
    return brought_back


async def withdrawn_sources(day: date) -> list[UUID]:
    """The consents of sources that were withdrawn long enough before a business date."""
    until = start_of_business_day(day - SOURCE_EVENTS_KEPT + timedelta(days=1))
    purposes = [purpose.value for purpose in SOURCE_PURPOSES]
    rows = ConsentRow.filter(purpose__in=purposes, withdrawn_at__lt=until, withdrawn_at__gte=until - LOOK_BACK)
    return [UUID(str(found)) for found in await rows.order_by("id").values_list("id", flat=True)]


async def erase_source_events(desk: Desk, consent_id: UUID) -> None:
    """Erase the events of a withdrawn source, unless it was agreed to again."""
    row = await ConsentRow.get(id=consent_id)
    source = SOURCE_PURPOSES[ConsentPurpose(row.purpose)]
    kinds = [kind.value for kind, of in SOURCE_OF.items() if of is source]
    events = BehaviourEventRow.filter(customer_id=row.customer_id, kind__in=kinds)
    if not await events.exists():
        return
    async with desk.unit() as unit:
        await unit.lock_customer(row.customer_id)
        if source not in await live_sources(row.customer_id, unit.now):
            await events.delete()


async def _plan(customer_id: UUID, today: date) -> tuple[PlannedErasure, ...]:
    inquiry = await Inquiry.filter(customer_id=customer_id).order_by("-id").first()
    asked_on = business_date(inquiry.opened_at) if inquiry is not None else None
    return erasure_plan(Kept(asked_on, await _contract_ended_on(customer_id, today)), today)


async def _contract_ended_on(customer_id: UUID, today: date) -> date | None:
    """When the last contract ended; today where no record tells, so that nothing goes too early."""
    if not await CreditLine.exists(customer_id=customer_id):
        return None
    closing = DataRequest.filter(customer_id=customer_id, kind=RequestKind.CLOSE_ACCOUNT.value, state="DONE")
    closed = await closing.order_by("-id").first()
    loan = await Loan.filter(customer_id=customer_id, closed_at__not_isnull=True).order_by("-closed_at").first()
    moments = [row.settled_at for row in (closed,) if row is not None]
    moments += [row.closed_at for row in (loan,) if row is not None]
    return max((business_date(moment) for moment in moments if moment is not None), default=today)


async def _erase_at_once(unit: Unit, customer: Customer) -> None:
    for table in tables_of_customer():
        if class_of(table) is ErasureClass.OWN_DATA:
            await _delete(table, customer.id)
    async for report in BureauReport.filter(customer_id=customer.id, destroyed_at__isnull=True):
        await destroy_report(unit, customer, report.inquiry_id)


async def _write_plan(unit: Unit, request: DataRequest, plan: tuple[PlannedErasure, ...]) -> None:
    await ErasureStep.bulk_create(
        [
            ErasureStep(
                id=uuid7(),
                request_id=request.id,
                customer_id=request.customer_id,
                erasure_class=planned.erasure_class.value,
                basis=planned.basis.value if planned.basis is not None else None,
                erase_on=planned.erase_on,
                done_at=unit.now if planned.erasure_class in AT_ONCE else None,
            )
            for planned in plan
        ]
    )


async def _forget(unit: Unit, customer: Customer) -> None:
    """Destroy the key, and empty or cut all that leads from the row to the person."""
    for table in tables_of_customer():
        if table.erasure is Erasure.DELETED and table.name != BureauReport.Meta.table:
            await _delete(table, customer.id)
        elif table.erasure is Erasure.UNLINKED:
            await _unlink(table, customer.id)
    numbers = [customer.id_number_index] if customer.id_number_index else []
    for told in (Inquiry, ReconciliationResult):
        theirs = told.filter(Q(customer_id=customer.id) | Q(id_number_index__in=numbers))
        await theirs.update(id_number_index=None)
    waiting = DataRequest.filter(customer_id=customer.id, state__in=[state.value for state in WAITING])
    await waiting.update(state=RequestState.CANCELLED.value, settled_at=unit.now)
    await Customer.filter(id=customer.id).update(
        key_wrapped=b"",
        name_sealed=None,
        id_number_sealed=None,
        phone_sealed=None,
        id_number_index=None,
        occupation=None,
        persona=None,
        story="",
        simulated_as=None,
        erased_at=unit.now,
    )


async def _delete(table: Table, customer_id: UUID) -> None:
    await fetch(
        f'DELETE FROM "{table.name}" WHERE {of_customer(table)} RETURNING 1',  # noqa: S608 - names of the register
        _id(customer_id),
    )


async def _unlink(table: Table, customer_id: UUID) -> None:
    (link,) = table.links
    await fetch(
        f'UPDATE "{table.name}" SET "{link.column}" = NULL WHERE {of_customer(table)} RETURNING 1',  # noqa: S608
        _id(customer_id),
    )


def _id(value: UUID) -> UUID | str:
    return str(value) if is_sqlite() else value
