"""A job that dies while its inquiry may be on the record: it is settled or goes to a person, and nothing is sent twice."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from app.domain.consent.purpose import InquiryPurpose
from app.flows import worker
from app.flows.credit import answering, assessing
from app.flows.credit.cases import ASSESS_APPLICATION, load_case
from app.flows.dead import DEAD
from models.consent import Inquiry, InquiryAttempt
from models.credit import Application
from models.plumbing import Job
from tests.flows.rounds import customer_id
from tests.flows.test_inquiry_states import applied, told
from tests.flows.trail import trail
from tests.world import Person, World

CLAIMS_MAX = 8


async def broken(*_: object) -> None:
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _soon_dead(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two faults are enough, and nobody paints where they came from."""
    monkeypatch.setattr(worker, "TROUBLE_MAX", 2)
    with capture_logs():
        yield


async def worked_to_death(world: World, person: Person) -> None:
    """The person's job is claimed until it is dead."""
    row = await Application.get(customer_id=await customer_id(person))
    job = Job.filter(subject_id=row.id, kind=ASSESS_APPLICATION)
    for _ in range(CLAIMS_MAX):
        await world.sequencer.round()
        sent = await InquiryAttempt.all().values_list("id", flat=True)
        world.house.desk.cut_off.update(sent)  # type: ignore[arg-type]  # nobody hears them any more
        await job.update(due_at_us=0)
        await world.house.worker().run_due()
        if (await job.get()).state == DEAD:
            return
    raise AssertionError("the job lives")


async def dead_in_sending(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[Person, str]:
    """A person about whom the bureau was asked, whose answer nobody could put on the record."""
    person, application = await applied(world)
    with monkeypatch.context() as patch:
        patch.setattr(assessing, "put_answer", broken)
        await worked_to_death(world, person)
    found = await trail(world, person)
    assert (found.row.state, found.row.closed_at, found.attempts) == ("SENDING", None, [None])
    return person, application


async def test_a_job_that_died_over_an_open_inquiry_is_taken_up_again_at_the_end_of_the_day(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, application = await dead_in_sending(house, monkeypatch)
    await house.settle()
    assert (await trail(house, person)).row.state == "SENDING"
    await house.advance(1)
    await house.settle()
    found = await trail(house, person)
    assert (found.told, found.attempts) == (["UNKNOWN", "ANSWERED"], ["UNKNOWN:FOUND_OPEN"])
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"
    assert await told(house, person) == (1, 1, "ANSWERED")


async def test_what_no_worker_can_settle_by_its_deadline_goes_to_a_person(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, application = await dead_in_sending(house, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(answering, "follow_up", broken)
        await house.advance(1)
        await worked_to_death(house, person)
        assert (await trail(house, person)).told == ["UNKNOWN"]  # it has time still
        await house.advance(3)
        await worked_to_death(house, person)
    found = await trail(house, person)
    assert (found.told, found.row.closed_at is not None) == (["UNKNOWN", "DISPUTED"], True)
    waiting = await house.node("MyApplication", application, person)
    assert (waiting["status"], waiting["decision"]["outcome"]) == ("IN_REVIEW", "REFERRED")
    await house.settle()
    assert await told(house, person) == (1, 1, "UNKNOWN")
    assert len((await trail(house, person)).attempts) == 1


async def test_the_inquiry_of_a_case_that_expired_meanwhile_is_settled_all_the_same(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, application = await dead_in_sending(house, monkeypatch)
    await house.advance(31)
    assert (await house.node("MyApplication", application, person))["status"] == "EXPIRED"
    await house.settle()
    found = await trail(house, person)
    assert (found.told, found.row.closed_at is not None) == (["UNKNOWN", "ANSWERED"], True)
    assert found.report is not None
    assert found.report.sealed is None
    assert await told(house, person) == (1, 1, "ANSWERED")


async def test_in_a_case_that_expired_what_cannot_be_settled_is_disputed_without_a_decision(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, application = await dead_in_sending(house, monkeypatch)
    await house.advance(31)
    await answering.end_overdue(house.house.desk, (await Application.get(customer_id=await customer_id(person))).id)
    assert (await trail(house, person)).told == ["UNKNOWN", "DISPUTED"]
    shown = await house.node("MyApplication", application, person)
    assert (shown["status"], shown["decision"]) == ("EXPIRED", None)
    await house.settle()
    assert await told(house, person) == (1, 1, "UNKNOWN")


async def test_what_was_never_sent_is_given_up_by_its_deadline_and_not_before(house: World) -> None:
    person, application = await applied(house)
    row = await Application.get(customer_id=await customer_id(person))
    await house.sequencer.round()
    await assessing._open(house.house.desk, await load_case(InquiryPurpose.FIRST_APPLICATION, row.id))
    await answering.end_overdue(house.house.desk, row.id)
    assert await Inquiry.exists(application_id=row.id, closed_at__isnull=True)
    await house.advance(4)
    await answering.end_overdue(house.house.desk, row.id)
    assert (await trail(house, person)).told == ["GIVEN_UP"]
    assert (await house.node("MyApplication", application, person))["status"] == "EXPIRED"
    await house.settle()
    assert await house.bureau_records(person) == 0


async def test_a_job_that_died_after_the_answer_is_taken_up_again_and_the_request_is_decided(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, application = await applied(house)
    with monkeypatch.context() as patch:
        patch.setattr(assessing, "conclude", broken)
        await worked_to_death(house, person)
    assert (await trail(house, person)).row.state == "ANSWERED"
    await house.advance(1)
    await house.settle()
    assert (await house.node("MyApplication", application, person))["status"] == "DECIDED"
    assert await house.bureau_records(person) == 1
