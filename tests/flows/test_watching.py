"""Watching over the real house: what a signal does, what it may not do, and what a person does about it.

Every test ends by asking the bureau for its own count: nothing here may change it.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from app.domain.calendar import business_date
from app.domain.watching.rules import RULES, Action
from app.flows.sandbox.book import staff_token
from app.flows.unit import Desk
from app.flows.watch.agreeing import apply_agreed
from app.flows.watch.sweeping import LEASE, SweepReport, sweep, sweep_of_the_day
from app.flows.watch.watching import watch_customer, watch_line
from models.connection import fetch
from models.credit import CreditLine, Freeze, LimitChange
from models.loans import Loan
from models.oversight.watch import Appeal, DeviceEvent, RiskEvent, RuleAgreement
from models.people import BehaviourEventRow, Customer, Staff
from models.plumbing import BusinessClockRow, Job
from tests.flows.rounds import books_agree, customer_id, figures, kind_of
from tests.world import OPERATIONS, Person, World

RISK = staff_token("risk")
DEVICES = next(rule for rule in RULES if rule.id == "DEVICES_CHANGED")
NOTE = "Called the customer; all is in order."
ALL_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture
async def watched(world: World) -> AsyncIterator[World]:
    """A house whose bureau was asked once for each line, and is never asked again by what a test does."""
    yield world
    for line in await CreditLine.all():
        customer = await Customer.get(id=line.customer_id)
        sealed = customer.id_number_sealed
        assert sealed is not None
        number = world.house.desk.box(customer).open("customer", "id_number_sealed", customer.id, sealed).decode()
        increases = await LimitChange.filter(line_id=line.id, reason="INCREASE_GRANTED").count()
        asked = await fetch("SELECT count(*) AS n FROM limit_increase WHERE line_id = $1", str(line.id))
        person = Person("", "", number, "")
        assert await world.bureau_records(person) == 1 + int(asked[0]["n"]) >= 1 + increases


async def devices(world: World, person: Person, *names: str) -> Any:
    """Be seen on devices, one after the other; the last answer."""
    for name in names:
        answer = await world.act("NoteMyDevice", person, device=name)
    return answer


async def line_of(world: World, person: Person) -> Any:
    return (await world.ask("MyLineWatch", {}, person.token))["viewer"]["line"]


async def officer(world: World, operation: str, token: str = RISK, **asked: Any) -> Any:
    asked.setdefault("idempotencyKey", str(uuid4()))
    return next(iter((await world.ask(operation, {"input": asked}, token)).values()))


async def changed_devices(person: Person, world: World) -> None:
    """Three device changes of today, as rows, so that no job looks at them."""
    now = await world.house.desk.refresh_clock()
    for number in range(3):
        await DeviceEvent.create(
            id=uuid7(),
            customer_id=await customer_id(person),
            device_index=bytes([number]),
            is_change=True,
            noted_at=now,
        )


def told(report: SweepReport) -> dict[str, dict[str, int]]:
    return {rule: dict(said) for rule, said in report.said.items()}


async def whole_book() -> dict[str, list[dict[str, Any]]]:
    return {row["name"]: await fetch(f"SELECT * FROM {row['name']}") for row in await fetch(ALL_TABLES)}


# ---- event, freeze, appeal, release -----------------------------------------------------------------------


async def test_an_event_freezes_the_line_and_an_appeal_that_is_upheld_releases_it(watched: World) -> None:
    world, person = watched, await watched.with_line("5000.00")
    loan = (await world.draw(person, "2000.00"))["loan"]
    order = await world.signable(person, "500.00")
    await world.settle()
    assert (await devices(world, person, "a", "a", "b", "c"))["changes"] == 2
    await world.settle()
    assert (await line_of(world, person))["status"] == "ACTIVE"

    assert (await devices(world, person, "d"))["changes"] == 3
    await world.settle()
    line = await line_of(world, person)
    assert line["status"] == "FROZEN"
    frozen = line["freeze"]
    assert frozen["reason"] == "DEVICES_CHANGED"
    assert frozen["text"] not in {"", "DEVICES_CHANGED"}
    assert (frozen["canAppeal"], frozen["appeal"]) == (True, None)
    event = line["riskEvents"]["nodes"][0]
    assert (event["rule"], event["action"], event["state"]) == ("DEVICES_CHANGED", "FREEZE", "DONE")
    assert event["text"] == frozen["text"]

    assert kind_of(await world.act("Draw", person, **order)) == "LineNotActive"
    assert kind_of(await world.quote(person)) == "LineNotActive"
    paid = await world.act("Repay", person, loanId=loan["id"], amount=cny("100.00"))
    assert kind_of(paid) == "MakeRepayment"
    assert (await world.ask("MyRecords", {}, person.token))["viewer"]["line"]["limitChanges"]["nodes"]

    words = "It was me: a new phone for each of us at home."
    appealed = await world.act("AppealFreeze", person, lineId=person.line_id, text=words)
    assert (appealed["appeal"]["state"], appealed["appeal"]["text"]) == ("OPEN", words)
    assert appealed["line"]["freeze"]["canAppeal"] is False
    again = await world.act("AppealFreeze", person, lineId=person.line_id, text=words)
    assert (kind_of(again), again["appeal"]["id"]) == ("AppealExists", appealed["appeal"]["id"])

    settle: dict[str, Any] = {"appealId": appealed["appeal"]["id"], "uphold": True, "note": NOTE}
    assert (await officer(world, "SettleAppeal", **settle))["appeal"]["state"] == "UPHELD"
    assert kind_of(await officer(world, "SettleAppeal", **settle)) == "DecisionClosed"
    assert (await line_of(world, person))["status"] == "FROZEN", "one person alone releases nothing"
    waiting = (await world.ask("PendingApprovals", {}, RISK))["oversight"]["pendingApprovals"]["nodes"]
    confirm: dict[str, Any] = {"approvalId": waiting[0]["id"], "note": NOTE}
    assert kind_of(await officer(world, "ConfirmRelease", **confirm)) == "SamePerson"
    second = Person(staff_token("compliance"), "", "", "")
    assert kind_of(await world.act("ConfirmRelease", second, **confirm)) == "Approval"
    line = await line_of(world, person)
    assert (line["status"], line["freeze"]) == ("ACTIVE", None)
    await watch_customer(world.house.desk, await customer_id(person))
    assert (await line_of(world, person))["status"] == "ACTIVE", "the rule spoke again within its cool-down"
    assert kind_of(await world.draw(person, "500.00")) == "DrawLoan"
    assert await books_agree(person) == []


async def test_a_rejected_appeal_leaves_the_line_frozen_until_its_end(watched: World) -> None:
    world, person = watched, await watched.with_line()
    await devices(world, person, "a", "b", "c", "d")
    await world.settle()
    for number in range(3):
        appealed = await world.act("AppealFreeze", person, lineId=person.line_id, text=f"please look again, {number}")
        assert kind_of(appealed) == "AppealFreeze"
        settled = await officer(world, "SettleAppeal", appealId=appealed["appeal"]["id"], uphold=False, note=NOTE)
        assert settled["appeal"]["state"] == "REJECTED"
    line = await line_of(world, person)
    assert (line["status"], line["freeze"]["canAppeal"]) == ("FROZEN", False)
    assert (line["freeze"]["appeal"]["state"], line["freeze"]["appeal"]["answer"]) == ("REJECTED", NOTE)
    fourth = await world.act("AppealFreeze", person, lineId=person.line_id, text="please look once more")
    assert fourth["violations"][0]["code"] == "APPEALS_USED_UP"

    await world.advance(6)
    assert (await line_of(world, person))["status"] == "FROZEN"
    await world.advance(1)
    assert (await line_of(world, person))["status"] == "ACTIVE"
    late = await world.act("AppealFreeze", person, lineId=person.line_id, text="too late for this one")
    assert late["violations"][0]["code"] == "NOT_FROZEN"


async def test_what_an_appeal_says_is_sealed_and_another_persons_line_is_nothing(watched: World) -> None:
    world, person, stranger = watched, await watched.with_line(), await watched.new()
    await devices(world, person, "a", "b", "c", "d")
    await world.settle()
    words = "words that nobody finds in the tables"
    assert kind_of(await world.act("AppealFreeze", stranger, lineId=person.line_id, text=words)) == "NotFound"
    key = str(uuid4())
    asked = {"lineId": person.line_id, "text": words, "idempotencyKey": key}
    first, twin = await world.act("AppealFreeze", person, **asked), await world.act("AppealFreeze", person, **asked)
    assert first["appeal"]["id"] == twin["appeal"]["id"]
    assert await Appeal.all().count() == 1
    other = await world.act("AppealFreeze", person, **{**asked, "text": "something else now"})
    assert kind_of(other) == "IdempotencyConflict"
    for short in ("", "too short", "x" * 2001):
        refused = await world.act("AppealFreeze", person, lineId=person.line_id, text=short)
        assert refused["violations"][0]["code"] == "APPEAL_LENGTH"
    assert words.encode() not in repr(await whole_book()).encode()


async def test_only_risk_officers_answer_appeals_and_lower_limits(watched: World) -> None:
    world, person = watched, await watched.with_line()
    for token in (person.token, *(staff_token(login) for login in ("compliance", "privacy", "operator"))):
        inputs: dict[str, dict[str, Any]] = {
            "SettleAppeal": {"appealId": "x", "uphold": True, "note": NOTE},
            "SettleReview": {"eventId": "x", "note": NOTE},
            "AgreeToRule": {"rule": "x", "day": "2026-01-01", "lines": 1, "note": NOTE},
            "DecreaseLimit": {"lineId": person.line_id, "limit": cny("500.00"), "reason": "not mine to do"},
        }
        for operation, asked in inputs.items():
            query = (OPERATIONS / f"{operation}.graphql").read_text(encoding="utf-8")
            sent = {"query": query, "variables": {"input": {**asked, "idempotencyKey": str(uuid4())}}}
            errors = (await world.post(sent, token)).json()["errors"]
            assert [error["extensions"]["code"] for error in errors] == ["FORBIDDEN"]
    assert (await line_of(world, person))["limit"]["amount"] == "5000.00"


async def test_officers_find_appeals_reviews_and_held_rules_without_their_own_account(watched: World) -> None:
    world, desk = watched, watched.house.desk
    person, other, third = [await world.with_line() for _ in range(3)]
    await changed_devices(person, world)
    await sweep(desk)
    words = "It was me, on my sister's telephone."
    appealed = await world.act("AppealFreeze", person, lineId=person.line_id, text=words)
    await changed_devices(other, world)
    await changed_devices(third, world)
    await sweep(desk, (replace(DEVICES, id="DRAWS_MANY", action=Action.REVIEW, freeze_days=None, lines_a_day=1),))

    queues = (await world.ask("OfficerWatch", {}, RISK))["oversight"]
    assert [node["id"] for node in queues["appeals"]["nodes"]] == [appealed["appeal"]["id"]]
    assert [node["rule"] for node in queues["reviews"]["nodes"]] == ["DRAWS_MANY"]
    assert [(held["rule"], held["lines"], held["action"]) for held in queues["heldRules"]] == [
        ("DRAWS_MANY", 2, "REVIEW")
    ]
    assert words not in repr(queues)

    appeal_text = """query($access: ID!) { oversight { appeals { nodes { text(accessId: $access) } } } }"""
    opened = await officer(
        world,
        "OpenCustomerFile",
        purpose="APPEAL",
        reason="to answer the appeal",
        caseId=queues["appeals"]["nodes"][0]["freezeId"],
    )
    asked = {"access": opened["file"]["access"]["id"]}
    told_now = (await world.ask(appeal_text, asked, RISK))["oversight"]["appeals"]["nodes"]
    assert told_now == [{"text": words}]
    for wrong in ("x", appealed["appeal"]["id"]):
        hidden = (await world.ask(appeal_text, {"access": wrong}, RISK))["oversight"]["appeals"]["nodes"]
        assert hidden == [{"text": None}]

    await Staff.filter(login="risk").update(customer_id=await customer_id(person))
    assert (await world.ask("OfficerWatch", {}, RISK))["oversight"]["appeals"]["nodes"] == []
    settle: dict[str, Any] = {"appealId": appealed["appeal"]["id"], "uphold": True, "note": NOTE}
    assert kind_of(await officer(world, "SettleAppeal", **settle)) == "OwnAccount"
    cut: dict[str, Any] = {"lineId": person.line_id, "limit": cny("500.00"), "reason": "my own line"}
    assert kind_of(await officer(world, "DecreaseLimit", **cut)) == "OwnAccount"
    assert (await line_of(world, person))["status"] == "FROZEN"


# ---- the sweep --------------------------------------------------------------------------------------------


async def test_a_second_sweep_changes_nothing_at_all(watched: World) -> None:
    world = watched
    people = [await world.with_line() for _ in range(3)]
    for person in people[:2]:
        await changed_devices(person, world)
    first = await sweep(world.house.desk)
    assert (first.lines, told(first)) == (3, {"DEVICES_CHANGED": {"FREEZE": 2}})
    before = await whole_book()
    second = await sweep(world.house.desk)
    assert (second.lines, told(second)) == (3, {})
    assert await whole_book() == before


async def test_a_sweep_waits_for_nobody_elses(watched: World) -> None:
    from app.domain.refusals import StillWorking

    await watched.with_line()
    await watched.house.desk.cache.lease(LEASE, "another process", 60)
    with pytest.raises(StillWorking):
        await sweep(watched.house.desk)


async def test_a_rule_that_would_freeze_the_whole_book_stops_at_its_share_of_the_day(watched: World) -> None:
    world, desk = watched, watched.house.desk
    people = [await world.with_line() for _ in range(5)]
    for person in people:
        await changed_devices(person, world)
    wild = (replace(DEVICES, lines_a_day=2),)
    assert told(await sweep(desk, wild)) == {"DEVICES_CHANGED": {"FREEZE": 2, "HELD": 3}}
    assert told(await sweep(desk, wild)) == {}
    assert await CreditLine.filter(status="FROZEN").count() == 2
    held = await RiskEvent.filter(state="HELD")
    assert {(event.action, event.wanted, event.freeze_id) for event in held} == {("NONE", "FREEZE", None)}

    day = business_date(await desk.refresh_clock()).isoformat()
    agree = {"rule": "DEVICES_CHANGED", "day": day, "note": NOTE}
    other = await officer(world, "AgreeToRule", **agree, lines=2)
    assert other["violations"][0]["code"] == "LINES_HELD_OTHER"
    assert kind_of(await officer(world, "AgreeToRule", **{**agree, "rule": "LATE_A_WEEK"}, lines=3)) == "NotFound"
    assert await CreditLine.filter(status="FROZEN").count() == 2

    quiet = await CreditLine.get(id=held[0].line_id)
    await DeviceEvent.filter(customer_id=quiet.customer_id).delete()
    key = str(uuid4())
    agreed = await officer(world, "AgreeToRule", **agree, lines=3, idempotencyKey=key)
    assert (agreed["lines"], agreed["agreed"]) == (3, True)
    assert await officer(world, "AgreeToRule", **agree, lines=3, idempotencyKey=key) == agreed
    assert await CreditLine.filter(status="FROZEN").count() == 2, "a request froze lines by itself"
    await world.settle()
    assert await CreditLine.filter(status="FROZEN").count() == 4
    assert (await RiskEvent.get(id=held[0].id)).state == "LAPSED"
    assert (await CreditLine.get(id=quiet.id)).status == "ACTIVE"
    agreement = await RuleAgreement.get(rule_id="DEVICES_CHANGED")
    assert await apply_agreed(desk, agreement.id) is None
    assert await Freeze.all().count() == 4


async def test_held_lines_that_a_person_drops_stay_as_they_are(watched: World) -> None:
    world, desk = watched, watched.house.desk
    for _ in range(2):
        await changed_devices(await world.with_line(), world)
    await sweep(desk, (replace(DEVICES, lines_a_day=1),))
    day = business_date(await desk.refresh_clock()).isoformat()
    dropped = await officer(world, "AgreeToRule", rule="DEVICES_CHANGED", day=day, lines=1, note=NOTE, agree=False)
    assert dropped["agreed"] is False
    await world.settle()
    assert sorted([event.state for event in await RiskEvent.all()]) == ["DONE", "DROPPED"]
    assert await CreditLine.filter(status="FROZEN").count() == 1


async def test_the_share_of_a_day_counts_events_and_sweeps_together_and_begins_anew_the_next_day(
    watched: World,
) -> None:
    world, desk = watched, watched.house.desk
    people = [await world.with_line() for _ in range(3)]
    await changed_devices(people[0], world)
    one_a_day = (replace(DEVICES, lines_a_day=1),)
    assert told(await sweep(desk, one_a_day)) == {"DEVICES_CHANGED": {"FREEZE": 1}}
    await changed_devices(people[1], world)
    assert told(await sweep(desk, one_a_day)) == {"DEVICES_CHANGED": {"HELD": 1}}
    await world.advance(1)
    await changed_devices(people[2], world)
    assert told(await sweep(desk, one_a_day)) == {"DEVICES_CHANGED": {"FREEZE": 1}}


async def test_a_signal_for_a_closed_line_does_nothing(watched: World) -> None:
    world, person = watched, await watched.with_line()
    await CreditLine.filter(customer_id=await customer_id(person)).update(status="CLOSED")
    await devices(world, person, "a", "b", "c", "d")
    await world.settle()
    assert (await sweep(world.house.desk)).lines == 0
    assert await RiskEvent.all().count() == 0
    assert (await line_of(world, person))["status"] == "CLOSED"


async def test_a_frozen_line_stays_as_it_was_frozen(watched: World) -> None:
    world, person = watched, await watched.with_line()
    await world.act("FreezeMyLine", person, lineId=person.line_id, reason="by hand", days=90)
    before = (await line_of(world, person))["freeze"]
    await devices(world, person, "a", "b", "c", "d")
    await world.settle()
    assert (await line_of(world, person))["freeze"] == before
    assert await Freeze.all().count() == 1


async def test_instalments_missed_freeze_until_an_end_and_the_calendar_releases(watched: World) -> None:
    world, desk, person = watched, watched.house.desk, await watched.with_line()
    loan = (await world.draw(person, "1200.00"))["loan"]
    await world.settle()
    await world.skip(63)
    assert "INSTALMENTS_MISSED" in told(await sweep(desk))
    line = await line_of(world, person)
    assert (line["status"], line["freeze"]["reason"]) == ("FROZEN", "INSTALMENTS_MISSED")
    rules = {event["rule"]: event["action"] for event in line["riskEvents"]["nodes"]}
    assert rules["LATE_A_WEEK"] == "NONE"
    paid = await world.act("Repay", person, loanId=loan["id"], amount=cny("100.00"))
    assert kind_of(paid) == "MakeRepayment"
    await world.advance(30)
    assert (await line_of(world, person))["status"] == "ACTIVE"
    assert await books_agree(person) == []


async def test_income_that_stopped_lowers_the_limit_with_who_and_why(watched: World) -> None:
    world, desk, person = watched, watched.house.desk, await watched.with_line("5000.00")
    await world.draw(person, "3000.00")
    await world.settle()
    today = business_date(await desk.refresh_clock())
    recent = BehaviourEventRow.filter(customer_id=await customer_id(person), kind="SALARY_IN")
    await recent.filter(occurred_on__gt=today - timedelta(days=60)).delete()
    assert told(await sweep(desk))["INCOME_STOPPED"] == {Action.REDUCE_LIMIT.value: 1}
    line = await line_of(world, person)
    assert (line["limit"]["amount"], line["available"]["amount"]) == ("3000.00", "0.00")
    latest = line["limitChanges"]["nodes"][0]
    assert (latest["before"]["amount"], latest["after"]["amount"]) == ("5000.00", "3000.00")
    assert (latest["actor"], latest["reason"]) == ("watch", "INCOME_STOPPED")
    assert told(await sweep(desk)) == {}


async def test_a_source_that_was_withdrawn_is_not_watched(watched: World) -> None:
    world, desk, person = watched, watched.house.desk, await watched.with_line()
    await (
        BehaviourEventRow.filter(customer_id=await customer_id(person), kind="SALARY_IN")
        .filter(occurred_on__gt=business_date(await desk.refresh_clock()) - timedelta(days=60))
        .delete()
    )
    consents = (await world.ask("MyRecords", {"first": 50}, person.token))["viewer"]["consents"]["nodes"]
    payments = next(node["id"] for node in consents if node["purpose"] == "PAYMENTS")
    await world.act("WithdrawConsent", person, consentId=payments)
    assert told(await sweep(desk)) == {}


async def test_many_draws_are_queued_for_a_person_and_leave_the_queue_with_a_note(watched: World) -> None:
    world, person = watched, await watched.with_line("5000.00")
    for _ in range(5):
        await world.draw(person, "100.00")
        await world.settle()
    event = await RiskEvent.get(rule_id="DRAWS_MANY")
    assert (event.action, event.state) == ("REVIEW", "WAITING")
    line = await line_of(world, person)
    assert line["status"] == "ACTIVE"
    key = line["riskEvents"]["nodes"][0]["id"]
    short = await officer(world, "SettleReview", eventId=key, note="ok")
    assert short["violations"][0]["code"] == "NOTE_LENGTH"
    assert (await officer(world, "SettleReview", eventId=key, note=NOTE))["review"]["state"] == "SETTLED"
    assert kind_of(await officer(world, "SettleReview", eventId=key, note=NOTE)) == "DecisionClosed"
    assert NOTE not in repr(await whole_book())


# ---- a limit below what is used ---------------------------------------------------------------------------


async def test_a_limit_cut_below_what_is_used_calls_nothing_in_and_opens_again_by_repaying(watched: World) -> None:
    world, person = watched, await watched.with_line("10000.00")
    loan = (await world.draw(person, "6000.00"))["loan"]
    await world.settle()
    stale = await world.signable(person, "1000.00")
    cut: dict[str, Any] = {"lineId": person.line_id, "limit": cny("5000.00"), "reason": "income was not proven anew"}
    lowered = await officer(world, "DecreaseLimit", **cut)
    assert {name: lowered[name]["amount"] for name in ("limit", "balance", "held", "available")} == {
        "limit": "5000.00",
        "balance": "6000.00",
        "held": "0.00",
        "available": "0.00",
    }
    assert await figures(world, person) == {"limit": 500_000, "balance": 600_000, "held": 0, "available": 0}
    latest = (await line_of(world, person))["limitChanges"]["nodes"][0]
    assert (latest["actor"], latest["reason"]) == ("officer", "income was not proven anew")
    refused = await world.act("Draw", person, **stale)
    assert (kind_of(refused), refused["available"]["amount"]) == ("LimitExceeded", "0.00")
    assert kind_of(await world.quote(person, "100.00")) == "LimitExceeded"
    assert (await Loan.get(customer_id=await customer_id(person))).principal_minor == 600_000

    await world.act("Repay", person, loanId=loan["id"], amount=cny("2000.00"))
    assert (await figures(world, person))["available"] == 100_000
    assert kind_of(await world.quote(person, "1000.01")) == "LimitExceeded"
    assert kind_of(await world.draw(person, "1000.00")) == "DrawLoan"
    await world.settle()
    assert await figures(world, person) == {"limit": 500_000, "balance": 500_000, "held": 0, "available": 0}
    assert await books_agree(person) == []


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"limit": cny("5000.00")}, "LIMIT_NOT_BELOW_PRESENT"),
        ({"limit": cny("5000.01")}, "LIMIT_NOT_BELOW_PRESENT"),
        ({"reason": "x"}, "REASON_LENGTH"),
        ({"reason": "x" * 201}, "REASON_LENGTH"),
    ],
)
async def test_a_decrease_that_is_none_is_refused(watched: World, other: dict[str, Any], code: str) -> None:
    person = await watched.with_line("5000.00")
    asked = {"lineId": person.line_id, "limit": cny("4999.99"), "reason": "a reason", **other}
    assert (await officer(watched, "DecreaseLimit", **asked))["violations"][0]["code"] == code


async def test_an_increase_that_was_asked_before_a_cut_does_not_undo_it(watched: World) -> None:
    world, person = watched, await watched.with_line("5000.00")
    await world.grant(person, "LIMIT_INCREASE")
    more = await world.act("AskForMore", person, lineId=person.line_id, limit=cny("9000.00"))
    await officer(world, "DecreaseLimit", lineId=person.line_id, limit=cny("4000.00"), reason="cut in between")
    await world.settle()
    assert (await world.node("MyIncrease", more["limitIncrease"]["id"], person))["status"] == "DECLINED"
    assert (await figures(world, person))["limit"] == 400_000


# ---- the job ----------------------------------------------------------------------------------------------


async def test_an_event_that_arrives_while_its_job_runs_is_looked_at(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.flows import worker
    from app.flows.watch.jobs import WATCH

    world, person = watched, await watched.with_line()
    await devices(world, person, "a", "b", "c")
    looked: list[int] = []

    async def look_and_be_late(desk: Any, subject: Any) -> None:
        await watch_customer(desk, subject)
        looked.append(1)
        if len(looked) == 1:
            await devices(world, person, "d")

    monkeypatch.setitem(worker.FLOW_OF, WATCH, look_and_be_late)
    await world.settle()
    assert len(looked) == 2
    assert (await line_of(world, person))["status"] == "FROZEN"
    assert await Job.filter(kind=WATCH, state="READY").count() == 0


async def test_the_same_device_or_the_same_key_is_no_change(watched: World) -> None:
    world, person = watched, await watched.new()
    key = str(uuid4())
    for _ in range(3):
        assert (await world.act("NoteMyDevice", person, device="a"))["changes"] == 0
    for _ in range(3):
        assert (await world.act("NoteMyDevice", person, device="b", idempotencyKey=key))["changes"] == 1
    assert await DeviceEvent.all().count() == 2
    for wrong in ("", " ", "x" * 201):
        refused = await world.act("NoteMyDevice", person, device=wrong)
        assert refused["violations"][0]["code"] == "DEVICE_LENGTH"
    assert all(len(bytes(row.device_index)) == 32 for row in await DeviceEvent.all())


async def test_the_worker_sweeps_once_every_business_day_and_makes_up_for_none(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[SweepReport] = []

    async def counting(desk: Desk) -> SweepReport:
        swept.append(await sweep(desk))
        return swept[-1]

    monkeypatch.setattr("app.flows.watch.sweeping.sweep", counting)
    person = await watched.with_line()
    await changed_devices(person, watched)
    worker = watched.house.worker()
    for _ in range(2):
        await worker.run_calendar()
    assert [told(report) for report in swept] == [{"DEVICES_CHANGED": {"FREEZE": 1}}]
    await watched.advance(5)
    for _ in range(2):
        await worker.run_calendar()
    assert len(swept) == 2
    assert swept[1].day - swept[0].day == timedelta(days=5)


async def test_a_sweep_that_another_process_does_is_left_to_it_and_looked_for_again(watched: World) -> None:
    await watched.house.desk.cache.lease(LEASE, "another", 60)
    worker = watched.house.worker()
    await watched.with_line()
    assert await worker.run_calendar() < 5
    assert (await BusinessClockRow.get(id=1)).swept_on is None
    await watched.house.desk.cache.lease(LEASE, "another", 0)
    assert await worker.run_calendar() > 5
    assert (await BusinessClockRow.get(id=1)).swept_on is not None


async def test_a_sweep_marked_ahead_by_a_wrong_clock_does_not_keep_todays_off(watched: World) -> None:
    desk = watched.house.desk
    today = business_date(await desk.refresh_clock())
    await BusinessClockRow.filter(id=1).update(swept_on=today + timedelta(days=400))
    assert await sweep_of_the_day(desk) is not None
    assert ((await BusinessClockRow.get(id=1)).swept_on, await sweep_of_the_day(desk)) == (today, None)


async def test_a_rule_rests_after_its_last_word_however_long_the_history(watched: World) -> None:
    person = await watched.with_line()
    line = await CreditLine.get()
    today = business_date(await watched.house.desk.refresh_clock())
    for days in (400, 300, 1, 200):
        row = await event_of(watched, person, line, today - timedelta(days=days))
        assert row.rule_id == DEVICES.id
    await changed_devices(person, watched)
    assert await watch_line(watched.house.desk, line) == ()
    await RiskEvent.filter(period=today - timedelta(days=1)).delete()
    assert [spoken.rule_id for spoken in await watch_line(watched.house.desk, line)] == [DEVICES.id]


async def event_of(world: World, person: Person, line: CreditLine, day: date) -> RiskEvent:
    """The device rule spoke on the line on a day, and nothing was done."""
    return await RiskEvent.create(
        id=uuid7(),
        line_id=line.id,
        customer_id=await customer_id(person),
        rule_id=DEVICES.id,
        rule_version=DEVICES.version,
        period=day,
        severity=DEVICES.severity.name,
        wanted="FREEZE",
        action="NONE",
        state="DONE",
        facts_sealed=b"x",
        raised_at=await world.house.desk.refresh_clock(),
    )
