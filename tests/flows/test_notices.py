"""Notices: written with what they tell, delivered after commit at least once, to the customer's inbox whatever happens."""

from datetime import timedelta

import pytest

from app.api.scalars import decode_id
from app.domain.telling.notice import ATTEMPTS_MAX, DELIVERY_WAITS, Message, NoticeKind
from app.flows.notices.delivering import deliver_notice
from app.flows.notices.telling import TELL, tell
from models.notices import Notice
from models.plumbing import Job
from tests.api.matrix.stage import NOTE, officer
from tests.flows.posting import Carrier
from tests.flows.rounds import customer_id
from tests.world import Person, World

READ = "query { viewer { notices(first: 50) { nodes { kind title body about { __typename id } } } } }"


@pytest.fixture
def post(house: World) -> Carrier:
    carrier = Carrier()
    house.house.desk.post = carrier
    return carrier


async def told(house: World, person: Person, **headers: str) -> list[dict[str, object]]:
    """The inbox of a person, oldest first."""
    answer = (await house.post({"query": READ}, person.token, **headers)).json()
    found: list[dict[str, object]] = answer["data"]["viewer"]["notices"]["nodes"]
    return found[::-1]


async def test_a_customer_is_told_of_the_inquiry_the_decision_the_payout_and_the_payment(
    house: World, post: Carrier
) -> None:
    person = await house.with_line()
    loan = (await house.draw(person, "3000.00", 3))["loan"]["id"]
    await house.settle()
    paid = await house.act("Repay", person, loanId=loan, amount={"amount": "1234.50", "currency": "CNY"})
    await house.settle()
    kinds = ["INQUIRY_MADE", "DECISION", "PAYOUT_DONE", "REPAYMENT_RECEIVED"]
    chinese, english = [await told(house, person, **{"accept-language": tag}) for tag in ("zh-CN", "en")]
    assert [letter.kind for letter in post.letters] == [one["kind"] for one in english] == kinds
    assert [one["title"] for one in english][1:3] == ["Your application is approved", "Your money is paid out"]
    assert str(english[3]["body"]).startswith("On ")
    assert "CNY 1,234.50" in str(english[3]["body"])
    assert "1,234.50 元" in str(chinese[3]["body"])
    assert english[2]["about"] == {"__typename": "Loan", "id": loan}
    assert english[3]["about"] == {"__typename": "Repayment", "id": paid["repayment"]["id"]}
    assert {letter.language for letter in post.letters} == {"zh-CN"}
    assert {letter.phone for letter in post.letters} == {person.phone}
    assert await house.bureau_records(person) == 1


async def test_a_customer_who_read_the_consent_in_english_is_written_to_in_english(
    house: World, post: Carrier
) -> None:
    person = await house.new("MINOR")
    asked = {"query": "{ consentWording(purpose: FIRST_APPLICATION) { sha256 language } }"}
    answer = (await house.post(asked, person.token, **{"accept-language": "en"})).json()["data"]["consentWording"]
    await house.grant(person, wordingSha256=answer["sha256"], language=answer["language"])
    await house.apply(person)
    await house.settle()
    assert [(letter.language, letter.title) for letter in post.letters] == [
        ("en", "Your application is not approved")
    ]


@pytest.mark.parametrize("days", [None, 7])
async def test_a_freeze_its_reason_and_its_end_are_told_and_so_is_the_release(
    house: World, post: Carrier, days: int | None
) -> None:
    person = await house.with_line()
    await house.act("FreezeMyLine", person, lineId=person.line_id, reason="odd device", days=days)
    await house.act("ReleaseMyLine", person, lineId=person.line_id)
    await house.settle()
    frozen, released = (await told(house, person, **{"accept-language": "en"}))[-2:]
    assert ("until" in str(frozen["title"])) == (days is not None)
    assert "Reason: odd device." in str(frozen["body"])
    assert released["title"] == "Your line is released"
    assert frozen["about"] == released["about"] == {"__typename": "CreditLine", "id": person.line_id}


async def test_a_withdrawn_consent_an_answered_appeal_and_a_lowered_limit_are_told(
    house: World, post: Carrier
) -> None:
    person = await house.with_line()
    await house.act("FreezeMyLine", person, lineId=person.line_id, reason="odd device", days=7)
    appealed = await house.act("AppealFreeze", person, lineId=person.line_id, text=NOTE)
    await house.act("SettleAppeal", officer("risk"), appealId=appealed["appeal"]["id"], uphold=False, note=NOTE)
    limit = {"amount": "1000.00", "currency": "CNY"}
    await house.act("DecreaseLimit", officer("risk"), lineId=person.line_id, limit=limit, reason="income fell [b]")
    granted = await house.grant(person, "LIMIT_INCREASE")
    for _ in range(2):
        await house.act("WithdrawConsent", person, consentId=granted["consent"]["id"])
    await house.settle()
    news = (await told(house, person, **{"accept-language": "en"}))[-3:]
    assert [one["kind"] for one in news] == ["APPEAL_ANSWERED", "LIMIT_CUT", "CONSENT_WITHDRAWN"]
    assert "CNY 5,000.00 and is CNY 1,000.00" in str(news[1]["body"])
    assert "Reason: income fell [b]." in str(news[1]["body"])


async def test_a_payout_that_failed_is_told_as_it_failed(house: World, post: Carrier) -> None:
    person = await house.with_line()
    await house.draw(person, "1000.02", 3)
    await house.settle()
    await house.draw(person, "1000.00", 3)
    await house.act("FreezeMyLine", person, lineId=person.line_id, reason="odd device", days=7)
    await house.settle()
    failed = [one for one in await told(house, person, **{"accept-language": "en"}) if one["kind"] == "PAYOUT_FAILED"]
    assert [one["title"] for one in failed] == ["Your money could not be paid out", "Your money was not paid out"]


async def test_what_is_rolled_back_was_not_told(house: World, post: Carrier) -> None:
    person = await house.with_line()
    await house.settle()
    before = await Notice.all().count(), await Job.filter(kind=TELL).count()
    line_id = decode_id(person.line_id, "CreditLine")
    message = Message(NoticeKind.RELEASE, facts={"limit_minor": 1})

    async def stopped_in_the_middle() -> None:
        async with house.house.desk.unit() as unit:
            await tell(unit, await unit.lock_customer(await customer_id(person)), message, line_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stopped_in_the_middle()
    assert (await Notice.all().count(), await Job.filter(kind=TELL).count()) == before


async def test_one_thing_of_one_period_is_told_once(house: World, post: Carrier) -> None:
    person = await house.with_line()
    await house.settle()
    sent = len(post.letters)
    for period in ("a", "a", "b"):
        async with house.house.desk.unit() as unit:
            message = Message(NoticeKind.RELEASE, facts={"limit_minor": 1})
            customer = await unit.lock_customer(await customer_id(person))
            await tell(unit, customer, message, decode_id(person.line_id, "CreditLine"), period)
    await house.settle()
    assert len(post.letters) == sent + 2


async def one_notice(house: World) -> tuple[Notice, Person]:
    """A decision that nobody has been told of yet, and whose it is."""
    person = await house.new("MINOR")
    await house.grant(person)
    await house.apply(person)
    carrier, house.house.desk.post = house.house.desk.post, Carrier(failures=1000)
    await house.settle()
    house.house.desk.post = carrier
    notice = await Notice.all().order_by("-id").first()
    assert notice is not None
    await Notice.filter(id=notice.id).update(attempts=0)
    return notice, person


async def test_a_letter_that_was_not_taken_is_sent_again_later_each_time_then_never(house: World) -> None:
    notice, person = await one_notice(house)
    house.house.desk.post = Carrier(failures=1000)
    waits = [await deliver_notice(house.house.desk, notice.id) for _ in range(ATTEMPTS_MAX + 1)]
    assert waits == [*DELIVERY_WAITS, None, None]
    assert house.house.desk.post.tries == ATTEMPTS_MAX
    await notice.refresh_from_db()
    assert (notice.state, notice.attempts) == ("FAILED", ATTEMPTS_MAX)
    assert [one["kind"] for one in await told(house, person)] == ["DECISION"]


async def test_a_letter_taken_by_a_service_that_broke_down_then_goes_again_under_the_same_reference(
    house: World, post: Carrier
) -> None:
    notice, _ = await one_notice(house)
    post.breaks_down = 1
    with pytest.raises(ConnectionResetError):
        await deliver_notice(house.house.desk, notice.id)
    assert await deliver_notice(house.house.desk, notice.id) is None
    assert [letter.reference for letter in post.letters] == [notice.id, notice.id]
    assert await deliver_notice(house.house.desk, notice.id) is None
    assert len(post.letters) == 2


async def test_a_service_that_hangs_is_a_service_that_took_nothing(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    class Hanging:
        async def deliver(self, letter: object) -> None:
            await asyncio.Event().wait()

    notice, _ = await one_notice(house)
    monkeypatch.setattr("app.flows.notices.delivering.DELIVERY_SECONDS_MAX", 0.01)
    house.house.desk.post = Hanging()
    assert await deliver_notice(house.house.desk, notice.id) == DELIVERY_WAITS[0] == timedelta(seconds=5)
