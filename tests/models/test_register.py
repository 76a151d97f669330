"""The privacy register: every column of the real database is declared, and lies there in the form that it says."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from tortoise.models import Model

from app.domain.oversight.privacy import Basis, DataClass, Erasure, Guard
from app.domain.oversight.retention import RULES, AtEnd
from models.connection import connection, fetch
from models.consent import BureauReport, Inquiry, PermitRow
from models.loans import SigningCode
from models.oversight.watch import DeviceEvent
from models.people import BehaviourEventRow, FeedReceipt
from models.register.rows import of_customer, overdue, rows_of, take_away
from models.register.tables import (
    IN_CLEAR,
    REGISTER,
    copied_columns,
    declared,
    must_be_listed,
    retention_of,
    tables_of_customer,
    tables_with_an_end,
)
from tests.models.rows import NOW, TODAY, Life
from tests.models.shape import columns, tables
from tests.models.test_schema import of_an_increase

WHAT_TO_DO = (
    "{place} is not declared. Add it to its room in models/register: its class (PUBLIC, INTERNAL, PERSONAL, "
    "SENSITIVE_PERSONAL, SECRET), what it is for, and how it is guarded; then run `clearline schema export`."
)


def _at(year: int, month: int, day: int) -> datetime:
    """Noon of a day of the business."""
    return datetime(year, month, day, 4, tzinfo=UTC)


BLOBS, DAYS, MOMENTS = {"BLOB", "bytea"}, {"DATE", "date"}, {"TIMESTAMP", "timestamp with time zone"}


async def undeclared(store: str) -> set[str]:
    """The columns of the open database that the register does not know."""
    found = {(table, name) for table in await tables(store) for name in await columns(store, table)}
    told = {(table.name, name) for table in REGISTER.values() for name in table.columns}
    return {".".join(place) for place in found - told}


async def test_every_column_of_the_database_is_declared(store: str) -> None:
    missing = await undeclared(store)
    assert not missing, "\n".join(WHAT_TO_DO.format(place=place) for place in sorted(missing))


async def test_every_declaration_is_of_a_column_of_the_database(store: str) -> None:
    for table in REGISTER.values():
        assert set(table.columns) == set(await columns(store, table.name)), table.name


async def test_a_column_that_nobody_declared_is_named(store: str) -> None:
    await connection().execute_script("CREATE TABLE shoe (size INTEGER); ALTER TABLE appeal ADD COLUMN mood TEXT;")
    try:
        assert await undeclared(store) == {"shoe.size", "appeal.mood"}
    finally:
        await connection().execute_script("DROP TABLE shoe; ALTER TABLE appeal DROP COLUMN mood;")


async def test_sealed_and_keyed_columns_are_bytes_and_what_is_named_sealed_is_declared_so(store: str) -> None:
    for table in REGISTER.values():
        kinds = await columns(store, table.name)
        for name, column in table.columns.items():
            place = f"{table.name}.{name}"
            if column.guard in {Guard.SEALED, Guard.KEYED}:
                assert kinds[name][0] in BLOBS, place
            assert (column.guard is Guard.SEALED) == (name.endswith("_sealed") or name == "sealed"), place


async def test_a_time_counts_from_a_day_or_a_moment_of_the_table(store: str) -> None:
    for table in tables_with_an_end():
        since = table.retention.since or ""
        kind, _ = (await columns(store, table.name))[since]
        assert kind in (DAYS if since.endswith("_on") else MOMENTS), table.name
        assert await overdue(table, TODAY) == []


async def test_the_links_of_every_table_lead_to_rows_of_one_customer(store: str) -> None:
    mine, other = Life(), Life()
    await mine.begin()
    await other.begin()
    for table in tables_of_customer():
        of_mine = {tuple(str(row[name]) for name in table.key) for row in await rows_of(table, mine.ids["customer"])}
        of_other = {
            tuple(str(row[name]) for name in table.key) for row in await rows_of(table, other.ids["customer"])
        }
        assert not of_mine & of_other, table.name
        assert await rows_of(table, UUID(int=0)) == [], table.name
    for name in ("customer", "consent", "inquiry", "decision", "loan", "repayment"):
        assert len(await rows_of(declared(name), mine.ids["customer"])) == 1, name


OLD: dict[str, tuple[type[Model], dict[str, Any], dict[str, Any]]] = {  # a row past its time, and one that is not
    "behaviour_event": (BehaviourEventRow, {"occurred_on": date(2024, 2, 9)}, {"occurred_on": date(2024, 2, 10)}),
    "device_event": (DeviceEvent, {"noted_at": _at(2024, 2, 9)}, {"noted_at": _at(2024, 2, 10)}),
    "feed_receipt": (FeedReceipt, {"received_at": _at(2023, 3, 9)}, {"received_at": _at(2023, 3, 10)}),
    "signing_code": (SigningCode, {"expires_at": _at(2026, 2, 9)}, {"expires_at": _at(2026, 2, 9), "used_at": NOW}),
    "bureau_report": (BureauReport, {"received_at": _at(2021, 3, 9)}, {"received_at": _at(2021, 3, 10)}),
}


@pytest.mark.parametrize("name", sorted(OLD))
async def test_what_is_past_its_time_is_found_and_no_other_row(store: str, name: str) -> None:
    life, table = Life(), declared(name)
    await life.begin()
    model, past, within = OLD[name]
    gone = await life.add(model, **past)
    if model is BureauReport:
        life.ids["inquiry"] = await another_inquiry(life)
    kept = await life.add(model, **within)
    gone, kept = await key_of(model, past, gone), await key_of(model, within, kept)
    assert [str(row[table.key[0]]) for row in await overdue(table, TODAY)] == [str(gone)]
    if table.retention.rule.at_end is AtEnd.DELETE:
        assert await take_away(table, TODAY) == 1
        assert await take_away(table, TODAY) == 0
        assert await model.exists(pk=kept)
    await model.filter(pk__in=[gone, kept]).delete()


async def key_of(model: type[Model], facts: dict[str, Any], added: UUID) -> UUID:
    """The key of the row that was added with these facts."""
    if model is not BureauReport:
        return added
    found: UUID = (await BureauReport.get(**facts)).inquiry_id
    return found


async def another_inquiry(life: Life) -> UUID:
    """A second inquiry of the same person, for an increase."""
    increase = await of_an_increase(life)
    permit = await life.add(PermitRow, **increase)
    return await life.add(Inquiry, permit_id=permit, subject_seq=2, **increase)


async def test_a_key_of_a_request_goes_after_three_months(store: str) -> None:
    table = declared("idempotent_request")
    for number, day in enumerate((_at(2025, 12, 9), _at(2025, 12, 10))):
        moment, actor = (day.isoformat(sep=" "), str(UUID(int=9))) if store == "sqlite" else (day, UUID(int=9))
        key = str(UUID(int=number)) if store == "sqlite" else UUID(int=number)
        await fetch(
            "INSERT INTO idempotent_request (actor_id, operation, idempotency_key, input_mac, created_at)"
            " VALUES ($1, 'drawLoan', $2, $3, $4) RETURNING operation",
            *(actor, key, b"m", moment),
        )
    assert len(await rows_of(table, UUID(int=9))) == 2
    assert await take_away(table, TODAY) == 1
    assert [str(row["idempotency_key"]) for row in await rows_of(table, UUID(int=9))] == [str(UUID(int=1))]


def test_every_time_with_an_end_has_its_example() -> None:
    assert {table.name for table in tables_with_an_end()} == {*OLD, "idempotent_request"}


def test_what_lies_open_has_its_reason_and_no_reason_is_left_over() -> None:
    open_ones = {
        (table.name, name)
        for table in REGISTER.values()
        for name in table.columns
        if must_be_listed(table.name, name)
    }
    assert open_ones == set(IN_CLEAR)
    assert all(reason.strip() for reason in IN_CLEAR.values())


def test_a_secret_is_never_in_clear_and_never_in_a_copy() -> None:
    for table in REGISTER.values():
        for name, column in table.columns.items():
            assert column.purpose.strip(), f"{table.name}.{name} has no purpose"
            if column.data_class is DataClass.SECRET:
                assert column.guard in {Guard.SEALED, Guard.KEYED}
            if column.data_class in {DataClass.SECRET, DataClass.INTERNAL}:
                assert name not in copied_columns(table)


def test_a_table_without_a_basis_tells_nothing_of_anybody_and_stays() -> None:
    for table in REGISTER.values():
        personal = any(column.personal for column in table.columns.values())
        if table.basis is Basis.NONE:
            assert not personal, table.name
        assert table.of_customer or table.erasure is Erasure.STAYS, table.name
        assert set(table.key) <= set(table.columns)
        if table.of_customer:
            assert of_customer(table)
            assert table.erasure is not Erasure.STAYS, table.name


def test_what_a_law_holds_is_never_taken_away_by_a_time_of_ours() -> None:
    assert {table.retention.rule for table in REGISTER.values()} == set(RULES)
    for table in REGISTER.values():
        if retention_of(table.name).rule.at_end is not AtEnd.KEEP:
            assert table.retention.since is not None, table.name


@pytest.mark.parametrize("name", [table.name for table in tables_with_an_end()])
def test_the_last_day_is_still_within_the_time(name: str) -> None:
    past = retention_of(name).rule.last_day_over(TODAY)
    assert past is not None
    assert past < TODAY
