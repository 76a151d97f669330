"""A copy of all that is held of a customer (PIPL art. 45): every table of the privacy register, page by page.

The register says which rows are the customer's and which columns a copy holds. Sealed columns are opened for their
owner; the machine's own columns and keyed digests stay out, by their declaration.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from tortoise import Tortoise
from tortoise.fields import BinaryField, DateField, DatetimeField, Field, UUIDField
from uuid_utils.compat import uuid7

from app.domain.calendar import start_of_business_day
from app.domain.oversight.privacy import Guard
from app.domain.refusals import NotFound, TooSoon
from app.domain.rights.requests import COPIES_A_DAY, COPY_VALID, RequestKind, RequestOutcome
from app.doors.keys import SubjectBox
from app.flows.behaviour.profile import profile_of
from app.flows.rights.requests import Wish, finish, put_in
from app.flows.unit import Desk
from models.connection import fetch, is_sqlite
from models.consent import Consent, ConsentWording
from models.people import Customer
from models.register.kinds import Table
from models.register.rows import of_customer
from models.register.tables import copied_columns, tables_of_customer
from models.rights import DataCopy, DataRequest

PAGE_ROWS = 200
PAGES_MAX = 5_000
WORDINGS = ConsentWording.Meta.table
PROFILE = "profile"
_OFFICER = "officer:"
_LONG_LISTS = frozenset({"behaviour_event", "posting", "loan_day", "log_outbox"})
# A key of two columns has no model: see models/loans.py.
_WITHOUT_A_MODEL: dict[str, dict[str, Field[Any]]] = {
    "loan_day": {"loan_id": UUIDField(), "day": DateField(), "written_at": DatetimeField()}
}
_SEALED_BY = {"log_outbox": "entry_id"}  # all others are sealed by their key
_RAW = frozenset({("log_outbox", "salt_sealed")})
# What we seal as JSON. Anything else is somebody's words, whatever they look like.
_JSON = frozenset(
    {
        ("bureau_report", "sealed"),
        ("data_request", "asked_sealed"),
        ("decision", "from_report_sealed"),
        ("decision", "inputs_sealed"),
        ("log_outbox", "record_sealed"),
        ("notice", "facts_sealed"),
        ("risk_event", "facts_sealed"),
    }
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RequestMyData:
    """A wish for a copy of all own data."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a copy: its name, why it exists, and its columns, each with what it is for."""

    name: str
    purpose: str
    columns: dict[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of one section; the first page of a section comes even where it has no rows."""

    section: Section
    rows: list[Row]
    is_first: bool
    is_last: bool


async def request_my_data(desk: Desk, customer_id: UUID, key: UUID, asked: RequestMyData) -> UUID:
    """Put a copy at the customer's disposal, for COPY_VALID; the request's id. It is made when it is fetched.

    Raises:
        TooSoon: COPIES_A_DAY were asked for today.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "requestMyData", key, asked)
        if done:
            return UUID(done["request"])
        morning = start_of_business_day(unit.today())
        made = DataRequest.filter(customer_id=customer_id, kind=RequestKind.COPY.value, received_at__gte=morning)
        if await made.count() >= COPIES_A_DAY:
            raise TooSoon(morning + timedelta(days=1))
        request = await put_in(unit, customer, Wish(RequestKind.COPY))
        await finish(unit, request, RequestOutcome.MADE)
        await unit.keep(request=request.id)
        return request.id


async def hand_out(desk: Desk, customer_id: UUID, request_id: UUID, form: str, language: str) -> Customer:
    """Note that a copy is fetched, before its first byte; whose it is.

    Raises:
        NotFound: not a copy of the customer's, or it is no longer at hand.
    """
    async with desk.unit() as unit:
        request = await DataRequest.get_or_none(id=request_id, customer_id=customer_id, kind=RequestKind.COPY.value)
        if request is None or unit.now >= request.received_at + COPY_VALID:
            raise NotFound
        await DataCopy.create(
            id=uuid7(),
            request_id=request.id,
            customer_id=customer_id,
            format=form,
            language=language,
            made_at=unit.now,
        )
        return await Customer.get(id=customer_id)


def sections() -> tuple[Table, ...]:
    """The tables that a copy holds: the person first, long lists last, else in the order of the register."""
    told = [table for table in tables_of_customer() if table.in_copy]
    return tuple(sorted(told, key=lambda table: (table.name in _LONG_LISTS, table.name != Customer.Meta.table)))


def left_out() -> dict[str, list[str]]:
    """The columns that a copy leaves out by their declaration, by table; of a table that it leaves out, all."""
    told = {
        table.name: [name for name in table.columns if name not in (*copied_columns(table), *table.key)]
        if table.in_copy
        else list(table.columns)
        for table in tables_of_customer()
    }
    return {table: names for table, names in told.items() if names}


async def pages(desk: Desk, customer: Customer) -> AsyncIterator[Page]:
    """All that is held of a customer, at most PAGE_ROWS rows at a time.

    Raises:
        RuntimeError: a table has more than PAGES_MAX pages of one customer.
    """
    box = desk.box(customer)
    for table in sections():
        async for page in _table_pages(box, table):
            yield page
    yield await _wordings(customer)
    yield await _profile(desk, customer)


async def _table_pages(box: SubjectBox, table: Table) -> AsyncIterator[Page]:
    columns = (*table.key, *(name for name in copied_columns(table) if name not in table.key))
    shown = Section(table.name, table.purpose, {name: table.columns[name].purpose for name in columns})
    after: tuple[object, ...] = ()
    for number in range(PAGES_MAX):
        found = await _rows(table, columns, box.subject_id, after)
        rows = [_told(box, table, row) for row in found[:PAGE_ROWS]]
        yield Page(shown, rows, is_first=number == 0, is_last=len(found) <= PAGE_ROWS)
        if len(found) <= PAGE_ROWS:
            return
        after = tuple(found[PAGE_ROWS - 1][name] for name in table.key)
    raise RuntimeError(f"more than {PAGES_MAX} pages of {table.name} of one customer")


async def _rows(table: Table, columns: tuple[str, ...], customer_id: UUID, after: tuple[object, ...]) -> list[Row]:
    """One page of a table and one row more, by its key."""
    needed = dict.fromkeys((*columns, _SEALED_BY.get(table.name, table.key[0])))
    names, key = (", ".join(f'"{name}"' for name in some) for some in (needed, table.key))
    places = ", ".join(f"${number}" for number, _ in enumerate(after, start=2))
    further = f" AND ({key}) > ({places})" if after else ""
    return await fetch(
        f'SELECT {names} FROM "{table.name}" WHERE ({of_customer(table)}){further}'  # noqa: S608 - names of the register
        f" ORDER BY {key} LIMIT {PAGE_ROWS + 1}",
        str(customer_id) if is_sqlite() else customer_id,
        *after,
    )


async def _wordings(customer: Customer) -> Page:
    """The very texts that the customer's consents name; public, and few."""
    ids = await Consent.filter(customer_id=customer.id).distinct().values_list("wording_id", flat=True)
    columns = {"id": "names the text", "purpose": "what it is for", "language": "in which language"}
    columns |= {"version": "which edition", "sha256": "its digest, which a consent names", "body": "the text"}
    rows = await ConsentWording.filter(id__in=ids).order_by("id").limit(PAGE_ROWS).values(*columns)
    told = [{name: str(value) for name, value in row.items()} for row in rows]
    shown = Section(WORDINGS, "the very words that were agreed to or refused", columns)
    return Page(shown, told, is_first=True, is_last=True)


async def _profile(desk: Desk, customer: Customer) -> Page:
    """The figures that connected sources give now, as they are used."""
    columns = {"figure": "which figure", "value": "the number; null where nothing is known"}
    columns |= {"unit": "what it counts in", "sources": "what it is made of", "uses": "what it is used for"}
    rows = [
        {
            "figure": figure.name,
            "value": figure.value,
            "unit": figure.unit.value,
            "sources": [source.value for source in figure.sources],
            "uses": [use.value for use in figure.uses],
        }
        for figure in (await profile_of(desk, customer.id)).figures
    ]
    shown = Section(PROFILE, "what own data are made into, from connected sources alone", columns)
    return Page(shown, rows, is_first=True, is_last=True)


def _told(box: SubjectBox, table: Table, row: Row) -> Row:
    """A row as its owner reads it."""
    owner = UUID(str(row[_SEALED_BY.get(table.name, table.key[0])])) if _has_sealed(table) else box.subject_id
    told: Row = {}
    for name, value in row.items():
        column = table.columns[name]
        if column.guard is Guard.SEALED and value is not None:
            plain = box.open(table.name, name, owner, value)
            told[name] = _opened(table.name, name, plain)
        else:
            told[name] = _plain(table.name, name, value)
    return told


def _has_sealed(table: Table) -> bool:
    return any(column.guard is Guard.SEALED for column in table.columns.values())


def _opened(table: str, name: str, plain: bytes) -> Any:  # noqa: ANN401 - any JSON
    """What a sealed column held: an object of our own, bytes, or words as they were written."""
    if (table, name) in _RAW:
        return plain.hex()
    return json.loads(plain) if (table, name) in _JSON else plain.decode()


def _plain(table: str, name: str, value: Any) -> Any:  # noqa: ANN401 - what a database gives
    """A value in one form on either database: text, whole number, truth, date or moment."""
    kind = _fields(table).get(name)
    if value is None or kind is None:
        return value
    if isinstance(kind, BinaryField):
        return bytes(value).hex()
    told = kind.to_python_value(value)
    if isinstance(told, str) and told.startswith(_OFFICER):
        return _OFFICER.rstrip(":")  # which of the officers is not the customer's
    return str(told) if isinstance(told, UUID) else told


@cache
def _fields(table: str) -> dict[str, Field[Any]]:
    """The fields of the table's model by column name."""
    for model in Tortoise.apps["models"].values():
        if model._meta.db_table == table:  # noqa: SLF001 - the one way to ask a model for its columns
            names = model._meta.fields_db_projection  # noqa: SLF001
            return {column: model._meta.fields_map[field] for field, column in names.items()}  # noqa: SLF001
    return _WITHOUT_A_MODEL.get(table, {})
