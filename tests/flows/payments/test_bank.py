"""The bank's notices over HTTP: signed, each once, in any order; what does not fit waits for a person."""

import json
import time
from datetime import date, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from models.lending.payments import BankNotice, Payment
from models.loans import Payout, Repayment
from sims.payments.notices import headers, notice
from tests.flows.feeding import subject_of
from tests.flows.payments.loans import days_pass, drawn, stands, today
from tests.flows.payments.test_trials import gid
from tests.flows.rounds import books_agree, customer_id, together
from tests.world import Person, World


def key_of(world: World) -> bytes:
    return world.house.desk.keys.source_key("BANK")


async def body(world: World, person: Person, kind: str, reference: str, minor: int, day: date, **more: Any) -> bytes:
    return notice(kind, reference, await subject_of(world, person), minor, day, **more)


async def post(world: World, sent: bytes, seconds: int = 0, changed: dict[str, str] | None = None) -> httpx2.Response:
    """Send a notice signed so many seconds from now, with headers changed; an empty one is left out."""
    signed = {**headers(key_of(world), sent, time.time_ns() // 10**9 + seconds), **(changed or {})}
    return await world.http.post(
        "/bank/notices", content=sent, headers={name: value for name, value in signed.items() if value}
    )


async def tell(world: World, sent: bytes) -> str:
    answer = await post(world, sent)
    assert answer.status_code == httpx2.codes.OK, answer.text
    return str(answer.json()["outcome"])


async def count(loan: UUID) -> int:
    return await Repayment.filter(loan_id=loan, undone_at__isnull=True).count()


async def test_the_same_notice_is_booked_once_at_once_and_an_hour_later(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 6)
    day = await days_pass(house, 31)
    sent = await body(house, person, "PAID", f"one-{loan}", 900_00, day, loan=gid(loan))
    answers = await together(*[lambda: post(house, sent)] * 4)
    assert {answer.json().get("outcome", answer.status_code) for answer in answers} <= {"BOOKED", 503}
    assert await tell(house, sent) == "BOOKED"
    under_another_id = await body(house, person, "PAID", f"one-{loan}", 900_00, day, loan=gid(loan))
    assert await tell(house, under_another_id) == "KNOWN"
    assert await count(loan) == 1
    assert await books_agree(person) == []


async def test_a_notice_beside_the_customers_own_payment_books_both_once(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 6)
    day = await today(house)
    sent = await body(house, person, "PAID", f"beside-{loan}", 100_00, day, loan=gid(loan))
    key = str(uuid4())
    own = {"loanId": gid(loan), "amount": {"amount": "200.00", "currency": "CNY"}, "idempotencyKey": key}
    await together(lambda: post(house, sent), lambda: house.act("Repay", person, **own), lambda: post(house, sent))
    await house.act("Repay", person, **own)
    await tell(house, sent)
    assert await count(loan) == 2
    payment = await Payment.get(customer_id=await customer_id(person), channel="CUSTOMER")
    of_ours = await body(house, person, "PAID", payment.reference, 200_00, day)
    assert await tell(house, of_ours) == "KNOWN"
    assert await tell(house, await body(house, person, "RETURNED", payment.reference, 200_00, day)) == "UNDONE"
    assert await count(loan) == 1
    assert await books_agree(person) == []


async def test_a_payment_that_names_a_loan_pays_it_first_and_the_rest_as_the_law_says(house: World) -> None:
    person, one = await drawn(house, "3000.00", 6)
    _, two = await drawn(house, "1000.00", 6, person=person)
    day = await today(house)
    sent = await body(house, person, "PAID", f"named-{two}", 1_500_00, day, loan=gid(two))
    assert await tell(house, sent) == "BOOKED"
    taken = {row.loan_id: row.amount_minor for row in await Repayment.filter(loan_id__in=[one, two])}
    assert taken == {two: 1_000_00, one: 500_00}
    over = await body(house, person, "PAID", f"over-{two}", 2_500_09, day, loan=gid(two))
    assert await tell(house, over) == "BOOKED"
    shown = (await house.ask("MyPayments", {}, person.token))["viewer"]
    assert shown["credit"]["held"]["amount"] == "0.09"
    more = await body(house, person, "PAID", f"more-{two}", 1_00, day)
    assert await tell(house, more) == "BOOKED"
    assert (await house.ask("MyPayments", {}, person.token))["viewer"]["credit"]["held"]["amount"] == "1.09"
    assert await books_agree(person) == []


async def test_a_return_told_before_its_payment_ends_the_same(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 6)
    day = await today(house)
    reference = f"early-{loan}"
    before = await stands(house, loan)
    assert await tell(house, await body(house, person, "RETURNED", reference, 50_00, day)) == "WAITING"
    assert await tell(house, await body(house, person, "PAID", reference, 50_00, day)) == "NEVER_BOOKED"
    assert await tell(house, await body(house, person, "PAID", reference, 50_00, day)) == "NEVER_BOOKED"
    assert await stands(house, loan) == before


async def test_notices_of_two_payments_come_to_the_same_in_whatever_order(house: World) -> None:
    ends = []
    for order in permutations(("PAID", "RETURNED", "OTHER")):
        person, loan = await drawn(house, "6000.00", 6)
        day = await today(house)
        for kind in order:
            told = ("PAID", f"other-{loan}", 5_00) if kind == "OTHER" else (kind, f"one-{loan}", 50_00)
            await tell(house, await body(house, person, *told, day))
        ends.append(await stands(house, loan))
    assert all(end == ends[0] for end in ends)


async def test_a_mistaken_payment_is_taken_back_once_and_told(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 6)
    day = await days_pass(house, 40)
    reference = f"mistake-{loan}"
    await tell(house, await body(house, person, "PAID", reference, 1_500_00, day))
    for outcome in ("UNDONE", "KNOWN"):
        assert await tell(house, await body(house, person, "MISTAKEN", reference, 1_500_00, day)) == outcome
    shown = await house.node("MyLoan", gid(loan), person)
    assert [row["kind"] for row in shown["corrections"]["nodes"]] == ["MISTAKEN"]
    (taken_back,) = shown["repayments"]["nodes"]
    assert taken_back["undoneAt"] is not None
    assert taken_back["allocations"] == []
    notices = (await house.ask("MyNotices", {}, person.token))["viewer"]["notices"]["nodes"]
    assert "PAYMENT_CORRECTED" in [row["kind"] for row in notices]


async def test_what_does_not_fit_is_booked_by_nobody_and_shown_to_a_person(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 6)
    other, _ = await drawn(house, "6000.00", 6)
    day, known = await today(house), f"known-{loan}"
    await tell(house, await body(house, person, "PAID", known, 70_00, day))
    wrong = {
        "NOTICES_DISAGREE": await body(house, person, "RETURNED", known, 70_01, day),
        "DAY_AHEAD": await body(house, person, "PAID", f"ahead-{loan}", 70_00, day + timedelta(days=1)),
        "NO_LOAN_THEN": await body(house, person, "PAID", f"before-{loan}", 70_00, day - timedelta(days=1)),
        "CURRENCY_OTHER": await body(house, person, "PAID", f"other-{loan}", 70_00, day, currency="USD"),
        "FAR_TOO_LARGE": await body(house, person, "PAID", f"slip-{loan}", 10**13, day),
        "LOAN_UNKNOWN": await body(house, other, "PAID", f"foreign-{loan}", 70_00, day, loan=gid(loan)),
    }
    for problem, sent in wrong.items():
        assert await tell(house, sent) == "FOR_A_PERSON", problem
        assert (await BankNotice.get(notice_id=json.loads(sent)["noticeId"])).problem == problem
    nobody = json.dumps({**json.loads(wrong["DAY_AHEAD"]), "noticeId": "n-1", "subject": _nobody()}).encode()
    assert await tell(house, nobody) == "FOR_A_PERSON"
    listed = await house.ask("BankNotices", {"first": 50}, "clt_sbx_staff_operator")
    assert {row["problem"] for row in listed["oversight"]["bankNotices"]["nodes"]} >= {*wrong, "CUSTOMER_UNKNOWN"}
    for minor, on in ((70_00, day - timedelta(days=1)), (70_01, day)):
        again = await body(house, person, "PAID", known, minor, on)
        assert await tell(house, again) == "FOR_A_PERSON"
    assert await count(loan) == 1


async def test_what_we_sent_is_no_payment_that_came_in(house: World) -> None:
    person, loan = await drawn(house, "1000.00", 3)
    payout = await Payout.get(loan_id=loan)
    assert payout.state == "PAID"
    sent = await body(house, person, "PAID", str(payout.id), 1_000_00, await today(house))
    assert await tell(house, sent) == "FOR_A_PERSON"
    assert await count(loan) == 0


def _nobody() -> str:
    from app.api.scalars import encode_id

    return str(encode_id("Customer", uuid4()))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"clearline-timestamp": ""}, "SIGNATURE_MISSING"),
        ({"clearline-signature": ""}, "SIGNATURE_MISSING"),
        ({"clearline-signature": "0" * 64}, "SIGNATURE_WRONG"),
        ({"clearline-signature": "zz"}, "SIGNATURE_MALFORMED"),
        ({"clearline-timestamp": "soon"}, "SIGNATURE_MALFORMED"),
    ],
)
async def test_a_notice_that_is_not_signed_is_refused(house: World, changed: dict[str, str], code: str) -> None:
    person, loan = await drawn(house, "1000.00", 3)
    sent = await body(house, person, "PAID", f"unsigned-{loan}", 1_00, await today(house))
    answer = await post(house, sent, changed=changed)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert await count(loan) == 0


async def test_a_captured_notice_is_stale_after_minutes_and_harmless_before(house: World) -> None:
    person, loan = await drawn(house, "1000.00", 3)
    sent = await body(house, person, "PAID", f"captured-{loan}", 1_00, await today(house))
    for seconds in (-600, 600):
        answer = await post(house, sent, seconds)
        assert (answer.status_code, answer.json()["code"]) == (401, "TIMESTAMP_STALE")
    assert await tell(house, sent) == "BOOKED"
    assert (await post(house, sent, -10)).json()["outcome"] == "BOOKED"
    signed = headers(key_of(house), sent, time.time_ns() // 10**9)
    again = json.dumps(json.loads(sent), indent=1).encode()
    answer = await house.http.post("/bank/notices", content=again, headers=signed)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGNATURE_WRONG")
    changed = json.dumps({**json.loads(sent), "amountMinor": 2_00}).encode()
    answer = await post(house, changed)
    assert (answer.status_code, answer.json()["code"]) == (409, "NOTICE_REUSED")
    raw = [
        (b"clearline-timestamp", b"1"),
        (b"clearline-signature", "é".encode()),
        (b"content-type", b"application/json"),
    ]
    answer = await house.http.post("/bank/notices", content=sent, headers=raw)
    assert answer.status_code == httpx2.codes.UNAUTHORIZED
    assert await count(loan) == 1


@pytest.mark.parametrize(
    "change", [{"amountMinor": 0}, {"kind": "LOST"}, {"valueOn": "2026-2-1"}, {"subject": "nobody"}, {"more": 1}]
)
async def test_a_notice_of_another_form_is_refused(house: World, change: dict[str, Any]) -> None:
    person, loan = await drawn(house, "1000.00", 3)
    told = json.loads(await body(house, person, "PAID", f"form-{loan}", 1_00, await today(house)))
    answer = await post(house, json.dumps({**told, **change}).encode())
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED")
