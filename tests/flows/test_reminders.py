"""Reminders: of the present day only, once for each instalment or week, never at night, never of what was paid."""

from datetime import date, timedelta

import pytest

from app.domain.calendar import business_date
from app.flows.book.end_of_day import run_due_days
from app.flows.notices.delivering import make_postponed_due
from app.flows.notices.telling import TELL
from models.notices import Notice
from models.plumbing import BusinessClockRow, Job
from tests.flows.posting import Carrier, make_it
from tests.world import Person, World


async def borrower(world: World, term: int = 3) -> tuple[Person, str, date]:
    """Somebody with a loan at half past ten in the morning; the first due day."""
    world.house.desk.post = Carrier()
    await make_it(world, 10)
    await run_due_days(world.house.desk)
    person = await world.with_line()
    loan = (await world.draw(person, "3000.00", term))["loan"]["id"]
    await world.settle()
    shown = await world.node("MyLoan", loan, person)
    return person, loan, date.fromisoformat(shown["instalments"][0]["dueOn"])


async def until(world: World, day: date) -> None:
    """Move the clock, day by day, to this business day."""
    today = business_date(await world.house.desk.refresh_clock())
    if day > today:
        await world.advance((day - today).days)


async def sent(world: World, kind: str) -> list[str]:
    """Let the worker run; the bodies of the letters of a kind that have left so far."""
    await world.settle()
    assert isinstance(world.house.desk.post, Carrier)
    return [letter.body for letter in world.house.desk.post.of(kind)]


async def pay(world: World, person: Person, loan: str, amount: str) -> None:
    paid = await world.act("Repay", person, loanId=loan, amount={"amount": amount, "currency": "CNY"})
    assert paid["__typename"] == "MakeRepaymentPayload"


async def test_an_instalment_is_reminded_of_once_three_days_before(world: World) -> None:
    _, _, due = await borrower(world)
    await until(world, due - timedelta(days=4))
    assert await sent(world, "DUE_SOON") == []
    await world.advance(1)
    (body,) = await sent(world, "DUE_SOON")
    assert "第 1/3 期" in body
    assert f"{due.year} 年 {due.month} 月 {due.day} 日" in body
    await world.advance(3)
    assert len(await sent(world, "DUE_SOON")) == 1


async def test_a_reminder_counts_the_instalments_that_a_prepayment_left(world: World) -> None:
    person, loan, due = await borrower(world)
    amount = {"amount": "1500.00", "currency": "CNY"}
    shown = await world.ask("PrepaymentPreview", {"input": {"loanId": loan, "amount": amount}}, person.token)
    (trial,) = [
        trial for trial in shown["prepaymentPreview"]["trials"] if trial["parts"][0]["rule"] == "KEEP_INSTALMENT"
    ]
    await world.act("Repay", person, loanId=loan, amount=amount, trialId=trial["id"])
    await until(world, due - timedelta(days=3))
    (body,) = await sent(world, "DUE_SOON")
    assert "第 1/2 期" in body


async def test_what_was_paid_before_the_reminder_left_is_not_asked_for(world: World) -> None:
    person, loan, due = await borrower(world)
    await until(world, due - timedelta(days=3))
    shown = await world.node("MyLoan", loan, person)
    await pay(world, person, loan, shown["payoff"]["total"]["amount"])
    assert await sent(world, "DUE_SOON") == []
    assert (await Notice.get(kind="DUE_SOON")).state == "LAPSED"
    inbox = await world.ask("MyNotices", {}, person.token)
    assert "DUE_SOON" not in [one["kind"] for one in inbox["viewer"]["notices"]["nodes"]]


async def test_a_late_payment_is_told_on_the_first_day_then_weekly_with_what_is_owed_then(world: World) -> None:
    person, loan, due = await borrower(world)
    await until(world, due)
    assert await sent(world, "LATE") == []
    await world.advance(1)
    assert len(await sent(world, "LATE")) == 1
    await world.advance(6)
    assert len(await sent(world, "LATE")) == 1
    await pay(world, person, loan, "500.00")
    await world.advance(1)
    first, second = await sent(world, "LATE")
    assert "已 1 天" in first
    assert "已 8 天" in second
    assert first.partition("元")[0] != second.partition("元")[0]
    assert not any(word in first + second for word in ("起诉", "法院", "后果", "亲友", "单位"))


async def test_nobody_is_reminded_of_days_that_were_caught_up_on(world: World) -> None:
    _, _, due = await borrower(world)
    today = business_date(await world.house.desk.refresh_clock())
    days = (due - today).days + 20
    clock = await BusinessClockRow.get(id=1)
    await BusinessClockRow.filter(id=1).update(offset_seconds=clock.offset_seconds + days * 86_400)
    assert await run_due_days(world.house.desk) == days
    assert await sent(world, "DUE_SOON") == []
    (body,) = await sent(world, "LATE")
    assert "已 20 天" in body


async def test_a_worker_that_sleeps_for_weeks_sends_one_reminder_of_a_lateness_and_not_a_heap(world: World) -> None:
    _, _, due = await borrower(world)
    await until(world, due + timedelta(days=25))
    assert await Notice.filter(kind="LATE").count() == 4
    assert len(await sent(world, "LATE")) == 1
    assert await sent(world, "DUE_SOON") == []
    assert await Notice.filter(kind="LATE", state="LAPSED").count() == 3


async def test_the_same_day_run_twice_reminds_once(world: World) -> None:
    _, _, due = await borrower(world)
    await until(world, due + timedelta(days=1))
    clock = await BusinessClockRow.get(id=1)
    await BusinessClockRow.filter(id=1).update(book_date=clock.book_date - timedelta(days=1))
    assert await run_due_days(world.house.desk) == 1
    assert len(await sent(world, "LATE")) == 1


async def remind_at_night(world: World) -> None:
    """A reminder is written at half past eleven at night and left until the morning."""
    _, _, due = await borrower(world)
    await until(world, due - timedelta(days=4))
    await make_it(world, 23)
    clock = await BusinessClockRow.get(id=1)
    await BusinessClockRow.filter(id=1).update(offset_seconds=clock.offset_seconds + 86_400)
    await run_due_days(world.house.desk)
    assert await sent(world, "DUE_SOON") == []
    assert (await Notice.get(kind="DUE_SOON")).state == "PENDING"
    await Job.filter(kind=TELL, state="READY").update(due_at_us=0)
    assert await sent(world, "DUE_SOON") == []
    await make_it(world, 9)
    await make_postponed_due(world.house.desk)
    assert len(await sent(world, "DUE_SOON")) == 1


async def test_a_reminder_of_the_night_waits_for_the_morning(world: World) -> None:
    await remind_at_night(world)


@pytest.mark.postgres
async def test_a_reminder_of_the_night_waits_for_the_morning_on_postgres_too(pg_world: World) -> None:
    await remind_at_night(pg_world)
