"""What the tables hold of one person's inquiry: its states in order, its attempts, its report."""

import json
from dataclasses import dataclass

from app.domain.proof.record import RecordClass
from app.flows.notices.telling import TELL
from app.flows.watch.jobs import WATCH
from models.consent import BureauReport, Inquiry, InquiryAttempt
from models.people import Customer
from models.plumbing import Job, LogOutbox
from tests.flows.rounds import customer_id
from tests.world import Person, World


@dataclass(frozen=True, slots=True)
class Trail:
    """One inquiry: `told` are the states that its answers brought, as the log will hold them."""

    row: Inquiry
    told: list[str]
    attempts: list[str | None]
    report: BureauReport | None


async def trail(world: World, person: Person) -> Trail:
    """The person's latest inquiry."""
    owner = await Customer.get(id=await customer_id(person))
    row = await Inquiry.filter(customer_id=owner.id).order_by("-subject_seq").first()
    assert row is not None
    box = world.house.desk.box(owner)
    outcome = int(RecordClass.INQUIRY_OUTCOME)
    told = [
        json.loads(box.open("log_outbox", "record_sealed", entry.entry_id, entry.record_sealed))["state"]
        for entry in await LogOutbox.filter(subject_id=row.id, record_class=outcome).order_by("id")
    ]
    attempts: list[str | None] = [
        attempt.outcome for attempt in await InquiryAttempt.filter(inquiry_id=row.id).order_by("number")
    ]
    return Trail(row, told, attempts, await BureauReport.get_or_none(inquiry_id=row.id))


async def inquiries_of(person: Person) -> int:
    """How many inquiries the table holds of the person."""
    return await Inquiry.filter(customer_id=await customer_id(person)).count()


async def work_once(world: World) -> int:
    """One turn of the worker on all that waits, and on what the log then lets go on; looks and notices come last."""
    await world.sequencer.round()
    await Job.filter(state="READY").exclude(kind__in=(WATCH, TELL)).update(due_at_us=0, lease_until_us=0)
    done = await world.house.worker().run_due()
    await world.sequencer.round()
    return done + await world.house.worker().run_due()
