"""Requests released by one barrier, with real commits: what the house promises holds in every order of events."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from app.api.scalars import encode_id
from app.domain.lending.line import available_minor
from models.consent import BureauReport, Consent, Inquiry, InquiryAttempt
from models.credit import Application, CreditLine, Decision, Freeze, LimitChange, LimitIncrease
from models.loans import Loan, Payout, Repayment, SigningCode
from tests.api.life import officer
from tests.flows.houses import serving
from tests.flows.rounds import (
    ROUNDS,
    ROUNDS_BESIDE,
    Table,
    books_agree,
    customer_id,
    fen,
    figures,
    hold_payouts,
    kind_of,
    together,
)
from tests.world import Person, World, open_world

MOMENTS = ("AT_ONCE", "SENDING", "SENDING_SLOWLY", "ANSWERED", "INTENT_PENDING", "INTENT_LOGGED")
MOMENT_LOOKS_MAX = 2000
CNY = "CNY"
Case = Callable[[World, World, Table], Awaitable[None]]


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": CNY}


# ---- draws against one limit ------------------------------------------------------------------------------


async def burst(world: World, other: World, table: Table, *, times: int, amount: str, fit: int) -> None:
    """Draws at once on a limit of 5000.00 while somebody looks on: `fit` of them go through, never one more."""
    person = await world.with_line("5000.00")
    orders = [await world.signable(person, amount) for _ in range(times)]
    desks = [world if number % 2 else other for number in range(times)]
    answers = await together(
        *(partial(desk.act, "Draw", person, **order) for desk, order in zip(desks, orders, strict=True)),
        partial(figures, world, person),
        partial(figures, other, person),
    )
    draws, looks = answers[:times], answers[times:]
    kinds = table.round(*draws)
    left = 500_000 - fit * fen(amount)
    table.hold(kinds == {"DrawLoan": fit, "LimitExceeded": times - fit}, f"{dict(kinds)}")
    table.hold(all(look["available"] >= 0 for look in looks), "available was negative for a moment")
    refused = [answer for answer in draws if answer["__typename"] == "LimitExceeded"]
    table.hold(all(fen(no["available"]["amount"]) >= left for no in refused), "a refusal told less than was left")
    line = await CreditLine.get(customer_id=await customer_id(person))
    loans = await Loan.filter(line_id=line.id)
    table.hold(len(loans) == fit, f"{len(loans)} loans in the book")
    told = await figures(other, person)
    table.hold(told == {"limit": 500_000, "balance": 0, "held": 500_000 - left, "available": left}, str(told))
    table.violations += await books_agree(person)


async def six_of_one_thousand(world: World, other: World, table: Table) -> None:
    await burst(world, other, table, times=6, amount="1000.00", fit=5)


async def two_of_three_thousand(world: World, other: World, table: Table) -> None:
    await burst(world, other, table, times=2, amount="3000.00", fit=1)


async def six_while_the_bank_keeps_payouts_waiting(world: World, other: World, table: Table) -> None:
    """The worker orders payouts in the middle of the burst, and the bank keeps them pending."""
    person = await world.with_line("5000.00")
    await hold_payouts(world, on=True)
    try:
        first = await world.draw(person, "1000.00")
        assert first["__typename"] == "DrawLoanPayload"
        orders = [await world.signable(person, "1000.00") for _ in range(5)]
        draws = [partial(world.act, "Draw", person, **order) for order in orders]
        answers = await together(*draws, world.house.worker().run_due)
        kinds = table.round(*answers[:5])
        table.hold(kinds == {"DrawLoan": 4, "LimitExceeded": 1}, f"{dict(kinds)}")
        told = await figures(other, person)
        table.hold((told["held"], told["available"]) == (500_000, 0), f"pending payouts do not count: {told}")
    finally:
        await hold_payouts(world, on=False)
    await world.settle()
    told = await figures(other, person)
    table.hold((told["balance"], told["held"]) == (500_000, 0), f"the payouts did not follow: {told}")
    table.violations += await books_agree(person)


# ---- the same person twice at once ------------------------------------------------------------------------


async def two_applications(world: World, other: World, table: Table) -> None:
    person = await world.new()
    await world.grant(person)
    answers = await together(partial(world.apply, person), partial(other.apply, person))
    kinds = table.round(*answers)
    table.hold(kinds == {"SubmitApplication": 1, "ApplicationExists": 1}, f"{dict(kinds)}")
    table.hold(await Application.filter(customer_id=await customer_id(person)).count() == 1, "two applications")
    told = {(answer.get("application") or {}).get("id") for answer in answers}
    table.hold(len(told) == 1, "the refusal names another application")


async def two_people_with_one_number(world: World, other: World, table: Table) -> None:
    one, two = await world.new(), await world.new()
    await asyncio.gather(world.grant(one), world.grant(two))
    answers = await together(
        partial(world.apply, one), partial(other.apply, two, applicant={**two.applicant, "idNumber": one.id_number})
    )
    kinds = table.round(*answers)
    table.hold(kinds == {"SubmitApplication": 1, "InvalidInput": 1}, f"{dict(kinds)}")


async def one_key_for_an_application(world: World, other: World, table: Table) -> None:
    person, key = await world.new(), str(uuid4())
    await world.grant(person)
    apply = partial(world.apply, person, idempotencyKey=key)
    answers = await together(apply, partial(other.apply, person, idempotencyKey=key), apply)
    table.round(*answers)
    table.hold(len({answer["application"]["id"] for answer in answers}) == 1, "one key, several applications")
    conflict = await together(partial(other.apply, person, "6000.00", idempotencyKey=key))
    table.hold(kind_of(conflict[0]) == "IdempotencyConflict", kind_of(conflict[0]))


async def one_key_for_a_draw(world: World, other: World, table: Table) -> None:
    person, key = await world.with_line("5000.00"), str(uuid4())
    order, another = await world.signable(person, "1000.00"), await world.signable(person, "2000.00")
    answers = await together(
        *(partial(desk.act, "Draw", person, idempotencyKey=key, **order) for desk in (world, other, world))
    )
    table.round(*answers)
    table.hold({kind_of(answer) for answer in answers} == {"DrawLoan"}, str([kind_of(each) for each in answers]))
    table.hold(len({(answer.get("loan") or {}).get("id") for answer in answers}) == 1, "one key, several loans")
    table.hold(await Loan.filter(customer_id=await customer_id(person)).count() == 1, "two loans in the book")
    late = await other.act("Draw", person, idempotencyKey=key, **another)
    table.hold(kind_of(late) == "IdempotencyConflict", kind_of(late))


async def one_key_for_two_repayments(world: World, other: World, table: Table) -> None:
    person, key = await world.with_line("5000.00"), str(uuid4())
    loan = (await world.draw(person, "1000.00"))["loan"]["id"]
    await world.settle()
    same = {"loanId": loan, "amount": cny("100.00"), "idempotencyKey": key}
    answers = await together(
        partial(world.act, "Repay", person, **same),
        partial(other.act, "Repay", person, **same),
        partial(world.act, "Repay", person, **{**same, "amount": cny("200.00")}),
    )
    kinds = table.round(*answers)
    ids = {answer["repayment"]["id"] for answer in answers if "repayment" in answer}
    table.hold(
        kinds in ({"MakeRepayment": 2, "IdempotencyConflict": 1}, {"MakeRepayment": 1, "IdempotencyConflict": 2}),
        str(kinds),
    )
    table.hold(len(ids) == 1 and await Repayment.filter(loan_id=_uuid(loan)).count() == 1, "booked twice")
    table.violations += await books_agree(person)


async def twice_the_payoff(world: World, other: World, table: Table) -> None:
    person = await world.with_line("5000.00")
    loan = (await world.draw(person, "1000.00"))["loan"]["id"]
    await world.settle()
    await world.act("Repay", person, loanId=loan, amount=cny("250.00"))
    payoff = (await world.node("MyLoan", loan, person))["payoff"]["total"]
    assert payoff == cny("750.00")
    answers = await together(
        *(partial(desk.act, "Repay", person, loanId=loan, amount=payoff) for desk in (world, other))
    )
    kinds = table.round(*answers)
    table.hold(kinds == {"MakeRepayment": 1, "InvalidInput": 1}, f"{dict(kinds)}")
    left = await world.node("MyLoan", loan, person)
    table.hold((left["status"], left["outstanding"]["amount"]) == ("REPAID", "0.00"), str(left["outstanding"]))
    told = await figures(other, person)
    table.hold(told == {"limit": 500_000, "balance": 0, "held": 0, "available": 500_000}, str(told))
    table.violations += await books_agree(person)


# ---- consent against its use ------------------------------------------------------------------------------


async def consent_trail(person: Person, table: Table) -> None:
    """What the stamps say: nothing was used, sent or kept after the withdrawal."""
    consent = await Consent.get(customer_id=await customer_id(person), purpose="FIRST_APPLICATION")
    assert consent.withdrawn_at is not None
    table.hold(consent.used_at is None or consent.used_at <= consent.withdrawn_at, "used after it was withdrawn")
    for inquiry in await Inquiry.filter(consent_id=consent.id):
        table.hold(inquiry.opened_at <= consent.withdrawn_at, "intended after it was withdrawn")
        for attempt in await InquiryAttempt.filter(inquiry_id=inquiry.id):
            table.hold(attempt.started_at <= consent.withdrawn_at, "sent after it was withdrawn")
        application = await Application.get(id=inquiry.application_id)
        report = await BureauReport.get_or_none(inquiry_id=inquiry.id)
        unused = application.status == "WITHDRAWN"
        table.hold(not unused or report is None or report.sealed is None, "an unused report was kept")


async def withdraw_against_submit(world: World, other: World, table: Table) -> None:
    person = await world.new()
    consent = (await world.grant(person))["consent"]["id"]
    applied, withdrawn = await together(
        partial(world.apply, person), partial(other.act, "WithdrawConsent", person, consentId=consent)
    )
    table.round(applied, withdrawn)
    table.hold(kind_of(withdrawn) == "WithdrawConsent", kind_of(withdrawn))
    table.hold(kind_of(applied) in {"SubmitApplication", "ConsentRequired"}, kind_of(applied))
    await world.settle()
    table.hold(await world.bureau_records(person) == 0 == await world.inquiry_count(person), "the bureau was asked")
    for application in await Application.filter(customer_id=await customer_id(person)):
        table.hold(application.status == "WITHDRAWN", application.status)
    await consent_trail(person, table)


async def _reached(person: Person, moment: str) -> None:
    """Until the person's inquiry stands where the withdrawal is to meet it, or for a while."""
    if moment == "AT_ONCE":
        return
    owner = await customer_id(person)
    for _ in range(MOMENT_LOOKS_MAX):
        inquiry = await Inquiry.get_or_none(customer_id=owner)
        if inquiry is not None and inquiry.state in {moment.removesuffix("_SLOWLY"), "ANSWERED"}:
            return


async def withdraw_against_the_permit(world: World, other: World, table: Table) -> None:
    person = await world.new()
    consent = (await world.grant(person))["consent"]["id"]
    await world.apply(person)
    moment = MOMENTS[sum(table.outcomes.values()) % len(MOMENTS)]
    if moment == "SENDING_SLOWLY":
        await world.fault(subject=person.id_number, fault="SLOW", seconds=0.2)

    async def in_its_moment() -> Any:
        await _reached(person, moment)
        return await other.act("WithdrawConsent", person, consentId=consent)

    _, withdrawn = await together(world.settle_once, in_its_moment)
    await world.settle()
    application = await Application.get(customer_id=await customer_id(person))
    records = await world.bureau_records(person)
    inquiry = await Inquiry.get_or_none(application_id=application.id)
    state = inquiry.state if inquiry else "none"
    table.round(f"{moment.lower()}: {application.status}, inquiry {state}, records {records}")
    table.hold(kind_of(withdrawn) == "WithdrawConsent", kind_of(withdrawn))
    table.hold(application.status in {"WITHDRAWN", "DECIDED"}, application.status)
    table.hold(records <= 1 and records == await world.inquiry_count(person), f"{records} records")
    table.hold(records == 0 or inquiry is not None, "a record without an intent")
    await consent_trail(person, table)


async def withdraw_against_the_officer(world: World, other: World, table: Table) -> None:
    """The consent is withdrawn while an officer decides: either the verdict came first, or there is none."""
    person = await world.new("REFERRED")
    case = (await world.decided(person, "12000.00"))["id"]
    consent = await Consent.get(customer_id=await customer_id(person), purpose="FIRST_APPLICATION")
    asked = {"caseId": case, "approve": True, "limit": cny("8000.00"), "note": "Income is steady."}
    withdraw = partial(world.act, "WithdrawConsent", person, consentId=encode_id("Consent", consent.id))
    settle = partial(other.act, "ResolveReferral", officer("risk"), **asked)
    if sum(table.outcomes.values()) % 2:  # each is the first in its turn
        settled, withdrawn = await together(settle, withdraw)
    else:
        withdrawn, settled = await together(withdraw, settle)
    table.round(withdrawn, settled)
    application = await Application.get(customer_id=await customer_id(person))
    expected = {"ResolveReferral": "DECIDED", "DecisionClosed": "WITHDRAWN"}[kind_of(settled)]
    table.hold(kind_of(withdrawn) == "WithdrawConsent", kind_of(withdrawn))
    table.hold(application.status == expected, f"{kind_of(settled)}: {application.status}")
    decisions = await Decision.filter(application_id=application.id).count()
    table.hold(decisions == (2 if expected == "DECIDED" else 1), f"{decisions} decisions")
    await consent_trail(person, table)


# ---- the line changes under a draw ------------------------------------------------------------------------


async def freeze_against_draw(world: World, other: World, table: Table) -> None:
    person = await world.with_line("5000.00")
    order = await world.signable(person, "1000.00")
    owner, early = await customer_id(person), sum(table.outcomes.values()) % 2 == 0

    async def freeze() -> Any:
        for _ in range(0 if early else MOMENT_LOOKS_MAX):  # every other time, while the draw is under way
            if await SigningCode.exists(customer_id=owner, tries__gt=0):
                break
        return await other.act("FreezeMyLine", person, lineId=person.line_id, reason="watch rule")

    drawn, frozen, _ = await together(
        partial(world.act, "Draw", person, **order), freeze, world.house.worker().run_due
    )
    table.round(drawn, frozen)
    table.hold(kind_of(frozen) == "SandboxLine", kind_of(frozen))
    table.hold(kind_of(drawn) in {"DrawLoan", "LineNotActive"}, kind_of(drawn))
    started = (await Freeze.get(customer_id=await customer_id(person))).started_at
    for loan in await Loan.filter(customer_id=await customer_id(person)):
        table.hold(loan.drawn_at <= started, "a loan was committed after the freeze")
    await world.settle()
    for payout in await Payout.filter(customer_id=await customer_id(person)):
        loan = await Loan.get(id=payout.loan_id)
        stopped = (payout.state, payout.failure_code, loan.status) == ("FAILED", "LINE_FROZEN", "VOID")
        table.hold(stopped or (payout.state, loan.status) == ("PAID", "CURRENT"), f"{payout.state} {loan.status}")
    table.hold((await figures(other, person))["held"] == 0, "a hold was left")
    late = await world.quote(person)
    table.hold(kind_of(late) == "LineNotActive", kind_of(late))
    table.violations += await books_agree(person)


async def increase_against_draws(world: World, other: World, table: Table) -> None:
    person = await world.with_line("5000.00")
    orders = [await world.signable(person, "3000.00") for _ in range(2)]
    await world.grant(person, "LIMIT_INCREASE")
    more = await world.act("AskForMore", person, lineId=person.line_id, limit=cny("10000.00"))
    assert more["__typename"] == "RequestLimitIncreasePayload"
    answers = await together(
        *(partial(desk.act, "Draw", person, **order) for desk, order in zip((world, other), orders, strict=True)),
        world.settle_once,
        partial(figures, other, person),
    )
    kinds = table.round(*answers[:2])
    table.hold(answers[3]["available"] >= 0, "available was negative for a moment")
    table.hold(kinds["DrawLoan"] >= 1 and set(kinds) <= {"DrawLoan", "LimitExceeded"}, f"{dict(kinds)}")
    line = await CreditLine.get(customer_id=await customer_id(person))
    raised = await LimitChange.get(line_id=line.id, reason="INCREASE_GRANTED")
    before = [loan for loan in await Loan.filter(line_id=line.id) if loan.drawn_at < raised.changed_at]
    table.hold(len(before) <= 1, "the new limit served before it was granted")
    increase = await LimitIncrease.get(line_id=line.id)
    table.hold(
        (increase.status, line.limit_minor) == ("APPROVED", 1_000_000), f"{increase.status} {line.limit_minor}"
    )
    drawn = kinds["DrawLoan"] * 300_000
    left = available_minor(limit_minor=1_000_000, used_minor=0, held_minor=drawn)
    told = await figures(other, person)
    table.hold(told["held"] + told["balance"] == drawn and told["available"] == left, str(told))
    table.violations += await books_agree(person)


CASES: tuple[Case, ...] = (
    six_of_one_thousand,
    two_of_three_thousand,
    six_while_the_bank_keeps_payouts_waiting,
    two_applications,
    two_people_with_one_number,
    one_key_for_an_application,
    one_key_for_a_draw,
    one_key_for_two_repayments,
    twice_the_payoff,
    withdraw_against_submit,
    withdraw_against_the_permit,
    withdraw_against_the_officer,
    freeze_against_draw,
    increase_against_draws,
)


def _uuid(node: str) -> Any:
    from app.api.scalars import decode_id

    return decode_id(node, "Loan")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rounds are played: a house, the same house seen from elsewhere, and how many rounds."""

    name: str
    world: World
    other: World
    rounds: int


def _place(name: str, *marks: pytest.MarkDecorator) -> Any:
    return pytest.param(name, marks=[*marks, pytest.mark.xdist_group(f"parallel {name}")], id=name)


PLACES = [
    _place("SQLite"),
    _place("PostgreSQL", pytest.mark.postgres, pytest.mark.long),
    _place("PostgreSQL, two processes", pytest.mark.postgres),
]


@pytest.fixture(scope="module", params=PLACES)
async def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """One house for all cases of a place: the embedded store, the servers, or the servers and two processes."""
    name, home = str(request.param), tmp_path_factory.mktemp("parallel")
    neighbours = request.getfixturevalue("bureau_url"), request.getfixturevalue("payments_url")
    async with AsyncExitStack() as stack:
        if name == "SQLite":
            world = await stack.enter_async_context(open_world(f"sqlite://{home / 'book.sqlite'}", home, *neighbours))
            yield Place(name, world, world, ROUNDS_BESIDE)
            return
        server = request.getfixturevalue("postgres")
        base = await stack.enter_async_context(server.database())
        url = server.url(base)
        redis = request.getfixturevalue("redis_url")
        world = await stack.enter_async_context(open_world(url, home, *neighbours, redis_url=redis))
        if name == "PostgreSQL":
            yield Place(name, world, world, ROUNDS)
            return
        twin = stack.enter_context(serving(world.house.settings, home / "twin.log"))
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=twin, trust_env=False, timeout=30.0))
        yield Place(name, world, replace(world, http=http), ROUNDS_BESIDE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_nothing_gives_way(place: Place, case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(f"{case.__name__} on {place.name}")
    for _ in range(place.rounds):
        await case(place.world, place.other, table)
    with capsys.disabled():
        sys.stdout.write(f"\n{table.told()}\n")
    assert table.violations == [], table.violations[:5]
