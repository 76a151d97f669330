"""Faults that an attacker or an outage once found, each standing for its kind."""

import asyncio
import sqlite3
from datetime import date
from pathlib import Path

import httpx2
import pytest

from app.domain.person import make_id_number
from app.doors.keys import KeysUnusable
from app.main import open_house
from tests.cli.inside import verb
from tests.story.test_command_line import clearline
from tests.world import World

CNY = {"currency": "CNY"}


async def test_a_line_frozen_before_the_inquiry_costs_none(world: World) -> None:
    person = await world.with_line()
    await world.grant(person, "LIMIT_INCREASE")
    asked = await world.act("AskForMore", person, lineId=person.line_id, limit={"amount": "9000.00", **CNY})
    await world.act("FreezeMyLine", person, lineId=person.line_id, reason="watch rule")
    await world.settle()
    increase = await world.node("MyIncrease", asked["limitIncrease"]["id"], person)
    assert (increase["status"], increase["decision"]) == ("EXPIRED", None)
    assert await world.bureau_records(person) == 1
    await world.act("ReleaseMyLine", person, lineId=person.line_id)
    await world.grant(person, "LIMIT_INCREASE")
    again = await world.act("AskForMore", person, lineId=person.line_id, limit={"amount": "9000.00", **CNY})
    assert again["__typename"] == "RequestLimitIncreasePayload"


async def test_a_number_issued_to_one_person_serves_nobody_else(world: World) -> None:
    victim, thief = await world.new(), await world.new()
    await world.grant(thief)
    refused = await world.apply(thief, applicant=victim.applicant)
    assert [violation["code"] for violation in refused["violations"]] == ["ID_NOT_USABLE"]
    assert await world.bureau_records(victim) == 0
    assert (await world.decided(victim))["decision"]["outcome"] == "APPROVED"


async def test_without_a_consent_nobody_learns_whose_a_number_is(world: World) -> None:
    known, curious = await world.new(), await world.new()
    unknown = {**curious.applicant, "idNumber": make_id_number("990123", date(1990, 1, 1), 1)}
    answers = [await world.apply(curious, applicant=applicant) for applicant in (known.applicant, unknown)]
    assert [answer["__typename"] for answer in answers] == ["ConsentRequired", "ConsentRequired"]


async def test_a_birth_date_to_come_is_told_at_once(world: World) -> None:
    person = await world.new()
    await world.grant(person)
    refused = await world.apply(
        person, applicant={**person.applicant, "idNumber": make_id_number("990000", date(2090, 1, 1), 1)}
    )
    assert [violation["code"] for violation in refused["violations"]] == ["ID_BIRTH_DATE"]


async def test_nothing_new_is_drawn_while_a_payment_is_late(world: World) -> None:
    person = await world.with_line()
    drawn = await world.draw(person, "1000.00", 3)
    await world.settle()
    await world.skip(40)
    assert (await world.draw(person, "100.00", 3))["__typename"] == "LineInArrears"
    loan = await world.node("MyLoan", drawn["loan"]["id"], person)
    await world.act("Repay", person, loanId=loan["id"], amount=loan["payoff"]["total"])
    assert (await world.draw(person, "100.00", 3))["__typename"] == "DrawLoanPayload"


async def test_interest_runs_from_the_day_the_money_left(world: World) -> None:
    person = await world.with_line()
    drawn = await world.draw(person, "1000.07", 3)
    await world.settle_once()
    await world.skip(45)
    waiting = await world.node("MyLoan", drawn["loan"]["id"], person)
    assert waiting["status"] == "PENDING_PAYOUT"
    assert {row["status"] for row in waiting["instalments"]} == {"SCHEDULED"}
    await release_payouts(world)
    await world.settle()
    loan = await world.node("MyLoan", drawn["loan"]["id"], person)
    assert (loan["status"], loan["payoff"]["interest"]["amount"]) == ("CURRENT", "0.00")
    first = date.fromisoformat(loan["instalments"][0]["dueOn"])
    assert first > date.fromisoformat(loan["payoff"]["asOf"])


async def release_payouts(world: World) -> None:
    from models.loans import Payout

    async with httpx2.AsyncClient(base_url=world.payments_url, trust_env=False) as http:
        for payout in await Payout.filter(state="SENT"):
            assert (await http.post("/release", json={"reference": str(payout.id)})).is_success


async def test_a_payment_far_beyond_what_is_owed_is_refused(world: World) -> None:
    person = await world.with_line()
    drawn = await world.draw(person, "1000.00")
    await world.settle()
    refused = await world.act("Repay", person, loanId=drawn["loan"]["id"], amount={"amount": "9999999.99", **CNY})
    assert [violation["code"] for violation in refused["violations"]] == ["PAYMENT_FAR_TOO_LARGE"]


async def test_a_used_quote_is_told_before_its_code(world: World) -> None:
    person = await world.with_line()
    asked = await world.signable(person)
    await world.act("Draw", person, **asked)
    assert (await world.act("Draw", person, **asked))["__typename"] == "QuoteStale"
    assert (await world.act("SendSigningCode", person, quoteId=asked["quoteId"]))["__typename"] == "QuoteStale"


async def test_a_short_outage_of_the_bureau_expires_nothing(world: World) -> None:
    person = await world.new()
    await world.fault(subject=person.id_number, fault="HTTP_500_BEFORE", times=2)
    application = await world.decided(person)
    assert application["decision"]["outcome"] == "APPROVED"
    assert await world.bureau_records(person) == 1


async def test_moments_at_the_edges_of_the_calendar_are_refused(world: World) -> None:
    person = await world.new()
    for moment, code in (
        ("0001-01-01T00:00:00+14:00", "TIME_OUT_OF_RANGE"),
        ("9999-12-31T23:59:59-14:00", "TIME_OUT_OF_RANGE"),
        ("2001-01-01T00:00:00Z", "BEFORE_THE_TEXT"),
    ):
        refused = await world.grant(person, shownAt=moment)
        assert [violation["code"] for violation in refused["violations"]] == [code]


async def test_a_subscription_by_plain_post_is_told_how_to_subscribe(world: World) -> None:
    person = await world.new()
    answer = await world.post({"query": 'subscription { applicationUpdated(id: "x") { id } }'}, person.token)
    assert answer.status_code == 406
    assert "event-stream" in answer.json()["errors"][0]["message"]


async def test_a_book_is_not_opened_with_other_keys(world: World) -> None:
    await world.house.must_fit()
    settings = world.house.settings
    settings.local_key_file.rename(settings.local_key_file.with_suffix(".away"))
    async with open_house(settings) as other:
        with pytest.raises(KeysUnusable, match="other keys"):
            await other.must_fit()
        ready = httpx2.ASGITransport(app=other.web())
        async with httpx2.AsyncClient(transport=ready, base_url="http://other") as http:
            answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["keys"]) == (503, False)


@pytest.mark.parametrize(
    "damage",
    ["keys", *(pytest.param(one, marks=pytest.mark.long) for one in ("garbage", "folder"))],
)
def test_a_damaged_home_is_told_plainly_and_hangs_nothing(tmp_path: Path, damage: str) -> None:
    if damage == "garbage":
        (tmp_path / "clearline.sqlite").write_bytes(b"not a database at all" * 99)
    elif damage == "folder":
        (tmp_path / "clearline.sqlite").mkdir()
    else:
        (tmp_path / "keys.json").write_text("[]", encoding="utf-8")
    told = clearline(tmp_path, "demo", PORT="0")
    assert told.returncode == 3, told.stderr
    assert "Traceback" not in told.stderr
    examined = verb(tmp_path, "doctor", "--json")
    assert examined.exit_code == 1
    assert "Traceback" not in examined.stderr


async def test_a_worker_outlives_a_database_that_is_held_for_long(world: World) -> None:
    """The book is locked by another process while the worker looks for work; afterwards it works on."""
    person = await world.new()
    await world.grant(person)
    applied = await world.apply(person)
    path = world.house.settings.database.removeprefix("sqlite://")
    await world.house_connection("PRAGMA busy_timeout = 200")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    async with world.at_work() as working:
        await asyncio.sleep(1.5)
        holder.execute("ROLLBACK")
        holder.close()
        assert not any(task.done() for task in working)
        for _ in range(100):
            application = await world.node("MyApplication", applied["application"]["id"], person)
            if application["status"] == "DECIDED":
                break
            await asyncio.sleep(0.1)
    assert application["status"] == "DECIDED"


def test_what_is_written_is_the_owners_alone(tmp_path: Path) -> None:
    clearline(tmp_path, "migrate", "--seed")
    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.is_file()}
    assert set(modes.values()) == {0}
    assert {"clearline.sqlite", "keys.json"} <= set(modes)
