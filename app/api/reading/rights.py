"""Requests about own data: a customer's own, and the officers' queue by due day, without an own account in it."""

from collections.abc import AsyncIterator
from datetime import date
from typing import TypeAlias
from uuid import UUID

from graphql import GraphQLError
from tortoise.expressions import Q

from app.api.reading.pages import PAGE_MAX, Page, page
from app.api.scalars import encode_id, split_id
from app.domain.calendar import business_date
from app.domain.oversight.roles import Officer
from app.domain.refusals import AccessExpired, NotFound, OwnAccount
from app.domain.rights.requests import HANDLED_BY, WAITING, RequestKind, RequestState
from app.flows.oversight.access import running_access
from app.flows.rights import copying
from app.flows.rights.erasing import class_of
from app.flows.rights.requests import BEFORE, NOTE, PROPOSAL, asked_of, opened
from app.flows.unit import Desk
from models.people import Customer
from models.register.tables import tables_of_customer
from models.rights import DataCopy, DataRequest, ErasureStep

RequestRow: TypeAlias = DataRequest
StepRow: TypeAlias = ErasureStep
CopyRow: TypeAlias = DataCopy
CopyPage: TypeAlias = copying.Page
CopySection: TypeAlias = copying.Section

copy_sections = copying.sections
copy_left_out = copying.left_out
COPIES_SHOWN_MAX = 50
_CURSOR = "due"


# ---- the customer's own -----------------------------------------------------------------------------------


async def requests(customer_id: UUID, first: int, after: str | None) -> Page[RequestRow]:
    """Every request of the customer, newest first."""
    return await page(DataRequest.filter(customer_id=customer_id), first, after)


async def own_request(customer_id: UUID, request_id: UUID) -> RequestRow | None:
    """One request of the customer."""
    return await DataRequest.get_or_none(id=request_id, customer_id=customer_id)


async def today(desk: Desk) -> date:
    """The business date."""
    return business_date(await desk.refresh_clock())


async def told_in(desk: Desk, row: RequestRow) -> dict[str, str]:
    """What was asked for, in the customer's own words."""
    return asked_of(desk, await Customer.get(id=row.customer_id), row)


async def value_before(desk: Desk, row: RequestRow) -> str | None:
    """The value that a correction replaced."""
    return opened(desk, await Customer.get(id=row.customer_id), BEFORE, row)


async def answer_of(desk: Desk, row: RequestRow) -> str | None:
    """What the officer answered; None while nobody has."""
    return opened(desk, await Customer.get(id=row.customer_id), NOTE, row)


async def steps_of(request_id: UUID) -> list[StepRow]:
    """What an erasure does on which day, in order; few by rule."""
    return await ErasureStep.filter(request_id=request_id).order_by("erase_on", "id").limit(PAGE_MAX)


async def copies_of(request_id: UUID) -> list[CopyRow]:
    """When a copy was fetched, newest first, at most COPIES_SHOWN_MAX."""
    return await DataCopy.filter(request_id=request_id).order_by("-id").limit(COPIES_SHOWN_MAX)


def tables_of(erasure_class: str) -> list[str]:
    """The tables that are erased with a class, by the privacy register."""
    return [table.name for table in tables_of_customer() if class_of(table) == erasure_class]


async def copy_pages(
    desk: Desk, customer_id: UUID, request_id: UUID, form: str, language: str
) -> AsyncIterator[CopyPage]:
    """All that is held of the customer, page by page; that it is fetched is on record before the first.

    Raises:
        NotFound: see `hand_out`.
    """
    customer = await copying.hand_out(desk, customer_id, request_id, form, language)
    return copying.pages(desk, customer)


# ---- the officers' queue ------------------------------------------------------------------------------------


async def queue(
    officer: Officer, kind: RequestKind | None, state: RequestState | None, first: int, after: str | None
) -> Page[RequestRow]:
    """Requests of the kinds that concern the role, past due first; without a state, those that wait for a person.

    Raises:
        GraphQLError: BAD_REQUEST for a size out of 1 to 50 or a cursor that is none of ours.
    """
    if not 1 <= first <= PAGE_MAX:
        raise GraphQLError(f"first: 1 to {PAGE_MAX}", extensions={"code": "BAD_REQUEST"})
    kinds = [one.value for one, role in HANDLED_BY.items() if role == officer.role and kind in {None, one}]
    states = [state.value] if state is not None else [one.value for one in WAITING]
    query = DataRequest.filter(kind__in=kinds, state__in=states)
    if officer.customer_id is not None:
        query = query.exclude(customer_id=officer.customer_id)
    if after is not None:
        last = await _row_at(after)
        query = query.filter(Q(due_on__gt=last.due_on) | Q(due_on=last.due_on, id__gt=last.id))
    rows = await query.order_by("due_on", "id").limit(first + 1)
    shown = rows[:first]
    return Page(shown, len(rows) > first, encode_id(_CURSOR, shown[-1].pk) if shown else None)


async def _row_at(cursor: str) -> RequestRow:
    parts = split_id(cursor)
    row = await DataRequest.get_or_none(id=parts[1]) if parts is not None and parts[0] == _CURSOR else None
    if row is None:
        raise GraphQLError("after: not a cursor of this list", extensions={"code": "BAD_REQUEST"})
    return row


async def told_for(
    desk: Desk, officer: Officer, access_id: UUID, row: RequestRow
) -> tuple[dict[str, str], str | None] | None:
    """What the customer wrote and the first of two officers noted; None without a running access to the customer."""
    try:
        access = await running_access(officer, access_id, await desk.refresh_clock())
    except (NotFound, AccessExpired, OwnAccount):
        return None
    if access.customer_id != row.customer_id:
        return None
    customer = await Customer.get(id=row.customer_id)
    return asked_of(desk, customer, row), opened(desk, customer, PROPOSAL, row)


async def request(request_id: UUID) -> RequestRow:
    """A request just acted on."""
    return await DataRequest.get(id=request_id)
