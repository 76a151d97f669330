"""What the calendar ends, whoever moves it: applications nobody settled, offers, freezes; and the metrics of the book."""

from uuid import UUID

from tests.world import World


async def test_an_offer_nobody_took_ends_and_a_new_application_may_follow(world: World) -> None:
    person = await world.new()
    application = await world.decided(person)
    await world.advance(31)
    late = await world.act("AcceptOffer", person, applicationId=application["id"])
    assert late["__typename"] == "ApplicationNotOpen"
    assert (await world.node("MyApplication", application["id"], person))["status"] == "EXPIRED"
    await world.grant(person)
    assert (await world.apply(person))["__typename"] == "SubmitApplicationPayload"


async def test_a_referral_nobody_settled_ends_after_thirty_days(world: World) -> None:
    person = await world.new("REFERRED")
    application = await world.decided(person, "12000.00")
    await world.advance(29)
    assert (await world.node("MyApplication", application["id"], person))["status"] == "IN_REVIEW"
    await world.advance(2)
    assert (await world.node("MyApplication", application["id"], person))["status"] == "EXPIRED"


async def test_a_freeze_with_an_end_is_released_by_the_calendar(world: World) -> None:
    person = await world.with_line()
    frozen = await world.act("FreezeMyLine", person, lineId=person.line_id, reason="watch rule", days=5)
    assert frozen["line"]["status"] == "FROZEN"
    await world.advance(4)
    assert (await world.quote(person))["__typename"] == "LineNotActive"
    await world.advance(2)
    assert (await world.quote(person))["__typename"] == "QuotePayload"


async def test_thirty_days_at_once_are_thirty_single_days(world: World) -> None:
    once, often = await world.with_line(), await world.with_line()
    loans = [(await world.draw(person, "3000.00", 3))["loan"]["id"] for person in (once, often)]
    await world.settle()
    await world.advance(30)
    for _ in range(30):
        await world.advance(1)
    shown = [await world.node("MyLoan", loan, person) for loan, person in zip(loans, (once, often), strict=True)]
    assert shown[0]["payoff"] == shown[1]["payoff"]
    assert [row["status"] for row in shown[0]["instalments"]] == [row["status"] for row in shown[1]["instalments"]]


async def test_the_worker_runs_the_days_that_have_passed_and_running_again_changes_nothing(world: World) -> None:
    from app.flows.book.end_of_day import run_due_days
    from models.plumbing import BusinessClockRow

    clock = await BusinessClockRow.get(id=1)
    await BusinessClockRow.filter(id=1).update(offset_seconds=clock.offset_seconds + 3 * 86_400)
    assert await run_due_days(world.house.desk) == 3
    assert await run_due_days(world.house.desk) == 0


async def test_the_metrics_count_inquiries_and_those_that_were_avoided(world: World) -> None:
    await world.decided(await world.new("MINOR"))
    await world.decided(await world.new("APPROVED"))
    text = (await world.http.get("/metrics")).text
    assert "clearline_inquiries_avoided 1.0" in text
    assert 'clearline_inquiries{purpose="FIRST_APPLICATION",state="ANSWERED"} 1.0' in text
    assert 'clearline_jobs{kind="ASSESS_APPLICATION",state="DONE"} 2.0' in text


async def test_the_records_of_one_inquiry_are_linked_in_the_outbox_and_hold_what_they_commit_to(world: World) -> None:
    import json

    from app.domain.proof.record import RecordClass, commitment
    from models.people import Customer
    from models.plumbing import LogOutbox

    person = await world.new()
    await world.decided(person)
    rows = await LogOutbox.all().order_by("id")
    kinds = [RecordClass(row.record_class).name for row in rows]
    assert kinds == ["CONSENT_GIVEN", "PERMIT_ISSUED", "INQUIRY_INTENT", "INQUIRY_OUTCOME", "DECISION"]
    by_kind = dict(zip(kinds, rows, strict=True))
    assert by_kind["INQUIRY_INTENT"].previous_entry_id == by_kind["PERMIT_ISSUED"].entry_id
    assert by_kind["INQUIRY_OUTCOME"].previous_entry_id == by_kind["INQUIRY_INTENT"].entry_id
    customer = await Customer.get(id=UUID(str(rows[0].customer_id)))
    box = world.house.desk.box(customer)
    for row in rows:
        salt = box.open("log_outbox", "salt_sealed", row.entry_id, row.salt_sealed)
        record = json.loads(box.open("log_outbox", "record_sealed", row.entry_id, row.record_sealed))
        assert commitment(salt, record) == bytes(row.commitment)
    intent = json.loads(
        box.open(
            "log_outbox",
            "record_sealed",
            by_kind["INQUIRY_INTENT"].entry_id,
            by_kind["INQUIRY_INTENT"].record_sealed,
        )
    )
    assert (intent["number"], intent["previous"]) == (1, None)
