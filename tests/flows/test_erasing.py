"""Erasure on its day: the key and all that names the person go, nobody else's, and what was proved stays provable."""

import json
from datetime import date
from uuid import UUID

import pytest

from app.api.scalars import decode_id
from app.domain.oversight.privacy import Erasure, Guard
from app.domain.proof.record import RecordClass
from app.doors.keys import WrongKey
from app.flows.book.end_of_day import run_due_days
from app.flows.credit.reports import destroy_report
from app.flows.rights.erasing import class_of, destroy_again, erase_again
from models.connection import fetch
from models.consent import BureauReport, Inquiry
from models.credit import Decision
from models.people import BehaviourEventRow, Customer
from models.plumbing import LogOutbox
from models.register.rows import rows_of
from models.register.tables import tables_of_customer
from models.rights import ErasureStep
from tests.api.life import id_of, officer
from tests.world import Person, World

MARK = "Quince"


async def row_of(world: World, person: Person) -> UUID:
    return decode_id(await id_of(world, person), "Customer")


async def closed_with_a_story(world: World) -> Person:
    """Somebody who had a loan, a freeze, an appeal and a look of an officer, and closed the account."""
    person = await world.with_line()
    await world.act("FreezeMyLine", person, lineId=person.line_id, reason="a test")
    appealed = await world.act("AppealFreeze", person, lineId=person.line_id, text=f"{MARK} says it is a mistake")
    opening = {"purpose": "APPEAL", "reason": f"{MARK} appealed", "customerId": await id_of(world, person)}
    await world.act("OpenCustomerFile", officer("risk"), **opening)
    answer = {"appealId": appealed["appeal"]["id"], "uphold": False, "note": f"{MARK} was answered"}
    await world.act("SettleAppeal", officer("risk"), **answer)
    assert (await world.act("CloseAccount", person))["__typename"] == "CloseAccountPayload"
    return person


async def let_go(customer_id: UUID, day: date) -> None:
    """Bring the end of every hold of a customer forward."""
    await ErasureStep.filter(customer_id=customer_id).update(erase_on=day)


async def everything() -> str:
    """Every value of every table, as text."""
    tables = await fetch("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    rows = [await fetch(f'SELECT * FROM "{table["name"]}"') for table in tables]
    return json.dumps(rows, default=str, ensure_ascii=False)


async def test_when_the_hold_ends_nothing_of_the_person_can_be_read_and_nobody_elses_is_touched(world: World) -> None:
    person, other = await closed_with_a_story(world), await world.with_line()
    customer_id, other_id = await row_of(world, person), await row_of(world, other)
    desk = world.house.desk
    old_box = desk.box(await Customer.get(id=customer_id))
    entries = await LogOutbox.filter(customer_id=customer_id).order_by("id")
    commitments = [bytes(entry.commitment) for entry in entries]
    assert commitments
    before = {table.name: await rows_of(table, other_id) for table in tables_of_customer()}
    await world.act("RequestErasure", person)
    await world.advance(1)
    assert (await Customer.get(id=customer_id)).erased_at is None  # the law holds it
    await let_go(customer_id, (await desk.refresh_clock()).date())
    await world.advance(1)
    row = await Customer.get(id=customer_id)
    assert row.erased_at is not None
    assert {row.name_sealed, row.id_number_sealed, row.phone_sealed, row.id_number_index, row.occupation} == {None}
    assert (await Inquiry.get(customer_id=customer_id)).id_number_index is None
    assert (await Inquiry.get(customer_id=other_id)).id_number_index is not None
    with pytest.raises(WrongKey):
        desk.box(row)
    for table in tables_of_customer():
        if table.erasure is Erasure.DELETED and table.name != "bureau_report":
            assert await rows_of(table, customer_id) == [], table.name
    left = await everything()
    assert not [value for value in (person.name, person.id_number, person.phone, MARK) if value in left]
    with pytest.raises(AssertionError):
        await world.ask("{ viewer { id } }", {}, person.token)
    kept = await LogOutbox.filter(customer_id=customer_id, commitment__in=commitments).order_by("id")
    assert [bytes(entry.commitment) for entry in kept] == commitments
    # what was sealed lies there still, and only the key that is gone opens it
    assert old_box.open("log_outbox", "record_sealed", kept[0].entry_id, kept[0].record_sealed)
    after = {table.name: await rows_of(table, other_id) for table in tables_of_customer()}
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    assert await world.inquiry_count(other) == 1


async def test_the_erasure_of_a_report_points_back_at_the_intent_of_its_inquiry(world: World) -> None:
    person = await world.with_line()
    await world.act("CloseAccount", person)
    await world.act("RequestErasure", person)
    inquiry = await Inquiry.get(customer_id=await row_of(world, person))
    erased = await LogOutbox.get(subject_id=inquiry.id, record_class=int(RecordClass.REPORT_ERASED))
    assert erased.previous_entry_id == inquiry.intent_entry_id


async def test_after_an_erasure_days_queues_and_files_go_on(world: World) -> None:
    person = await closed_with_a_story(world)
    customer_id, key = await row_of(world, person), await id_of(world, person)
    await world.act("RequestErasure", person)
    await let_go(customer_id, (await world.house.desk.refresh_clock()).date())
    await world.advance(35)
    opening = {"purpose": "PRIVACY_REQUEST", "reason": "looking for a person", "customerId": key}
    assert (await world.act("OpenCustomerFile", officer("privacy"), **opening))["__typename"] == "NotFound"
    done = await world.ask("OfficerRequests", {"state": "DONE", "kind": "ERASURE"}, officer("privacy").token)
    (request,) = done["oversight"]["requests"]["nodes"]
    assert (request["customerId"], request["outcome"]) == (key, "ERASED")
    log = await world.ask("AccessLog", {}, officer("compliance").token)
    assert key in [node["customerId"] for node in log["oversight"]["accessLog"]["nodes"]]
    assert await run_due_days(world.house.desk) == 0


async def test_somebody_who_never_applied_is_erased_with_the_next_day_unless_it_is_taken_back(world: World) -> None:
    person, undecided = await world.new(), await world.new()
    ids = [await row_of(world, one) for one in (person, undecided)]
    requests = [(await world.act("RequestErasure", one))["request"] for one in (person, undecided)]
    assert {step["basis"] for step in requests[0]["erasures"]} == {None}
    await world.act("CancelRequest", undecided, requestId=requests[1]["id"])
    await world.advance(1)
    assert [(await Customer.get(id=key)).erased_at is not None for key in ids] == [True, False]


async def test_the_events_of_a_withdrawn_source_go_after_a_week_and_stay_if_it_is_agreed_to_again(
    world: World,
) -> None:
    sure, unsure = await world.new(), await world.new()
    ids = [await row_of(world, one) for one in (sure, unsure)]
    query = "{ viewer { consents(first: 50) { nodes { id purpose status } } } }"
    for one in (sure, unsure):
        nodes = (await world.ask(query, {}, one.token))["viewer"]["consents"]["nodes"]
        consent = next(node["id"] for node in nodes if node["purpose"] == "PAYMENTS")
        await world.act("WithdrawConsent", one, consentId=consent)

    async def kinds(key: UUID) -> set[str]:
        return set(await BehaviourEventRow.filter(customer_id=key).distinct().values_list("kind", flat=True))  # type: ignore[arg-type]

    await world.advance(6)
    assert "SALARY_IN" in await kinds(ids[0])
    await world.grant(unsure, "PAYMENTS")
    await world.advance(1)
    assert not {"SALARY_IN", "SPENDING", "CASH_SHORTFALL"} & await kinds(ids[0])
    assert "BALANCE" in await kinds(ids[0])
    assert "SALARY_IN" in await kinds(ids[1])


async def test_a_restored_backup_has_its_erasures_applied_again_and_a_forged_line_erases_nobody(
    world: World,
) -> None:
    person, other = await world.with_line(), await world.with_line()
    customer_id, other_id = await row_of(world, person), await row_of(world, other)
    await world.act("CloseAccount", person)
    backup = (await Customer.filter(id=customer_id).values())[0]
    events = [await BehaviourEventRow.filter(customer_id=customer_id).first()]
    await world.act("RequestErasure", person)
    await let_go(customer_id, (await world.house.desk.refresh_clock()).date())
    await world.advance(1)
    listed = world.house.settings.home / "erased.jsonl"
    forged = listed.read_text().replace(str(customer_id), str(other_id))
    listed.write_text(forged + "no line\n" + listed.read_text())
    await Customer.filter(id=customer_id).update(**{name: backup[name] for name in backup if name != "id"})
    await BehaviourEventRow.bulk_create([event for event in events if event is not None])
    await world.house.must_fit()
    assert (await Customer.get(id=customer_id)).erased_at is not None
    assert not await BehaviourEventRow.filter(customer_id=customer_id).exists()
    assert (await Customer.get(id=other_id)).erased_at is None
    assert await erase_again(world.house.desk) == 0


async def test_a_restored_backup_has_its_reports_destroyed_again_once_and_a_forged_line_destroys_none(
    world: World,
) -> None:
    person, other = await world.new("THIN_FILE"), await world.new("THIN_FILE")
    for one in (person, other):
        await world.decided(one, "12000.00")
    inquiry = await Inquiry.get(customer_id=await row_of(world, person))
    others = await Inquiry.get(customer_id=await row_of(world, other))
    report, decision = await BureauReport.get(inquiry_id=inquiry.id), await Decision.get(inquiry_id=inquiry.id)
    destroyed = {"subject_id": inquiry.id, "record_class": int(RecordClass.REPORT_ERASED)}
    async with world.house.desk.unit() as unit:
        assert await destroy_report(unit, await unit.lock_customer(inquiry.customer_id), inquiry.id)
    listed = world.house.settings.home / "erased.jsonl"
    mine = listed.read_text()
    listed.write_text(mine.replace(str(inquiry.id), str(others.id)) + mine.replace("report", "customer") + mine)
    # the copy was made before: report and decision are as they were, and the log knows nothing of the end
    await BureauReport.filter(inquiry_id=inquiry.id).update(sealed=report.sealed, destroyed_at=None)
    await Decision.filter(id=decision.id).update(from_report_sealed=decision.from_report_sealed)
    told = await LogOutbox.filter(**destroyed).count()
    await world.house.must_fit()
    assert (await BureauReport.get(inquiry_id=inquiry.id)).sealed is None
    assert (await Decision.get(id=decision.id)).from_report_sealed is None
    assert (await BureauReport.get(inquiry_id=others.id)).sealed is not None
    assert await LogOutbox.filter(**destroyed).count() == told + 1
    assert await destroy_again(world.house.desk) == 0


def test_every_table_of_customers_is_erased_with_some_class_and_what_is_sealed_never_outlives_the_key() -> None:
    for table in tables_of_customer():
        assert class_of(table)
        if table.erasure is Erasure.STAYS:
            assert not any(column.guard is Guard.SEALED for column in table.columns.values())
