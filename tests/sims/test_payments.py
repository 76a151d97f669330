from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest

from sims.payments.app import build
from tests.sims.outsiders import in_memory


@pytest.fixture
async def bank() -> AsyncIterator[httpx2.AsyncClient]:
    async with in_memory(build(":memory:")) as client:
        yield client


def order(amount: int, **changes: object) -> dict[str, object]:
    return {
        "reference": str(uuid4()),
        "amountMinor": amount,
        "currency": "CNY",
        "account": {"holder": "林*川", "tail": "0042"},
        "requestedAt": "2026-03-02T10:00:00+08:00",
    } | changes


async def ends(bank: httpx2.AsyncClient, way: str, told: dict[str, object]) -> tuple[str, str | None, int]:
    body = (await bank.get(f"/{way}/{told['reference']}")).json()
    return body["status"], body["failureCode"], body["notices"]


@pytest.mark.parametrize(
    ("way", "amount", "expected"),
    [
        ("payouts", 1000_00, ("PAID", None, 1)),
        ("payouts", 1000_01, ("FAILED", "TEMPORARY", 1)),
        ("payouts", 1000_02, ("FAILED", "ACCOUNT_RETURNED", 1)),
        ("payouts", 1000_07, ("PENDING", None, 0)),
        ("debits", 100_00, ("PAID", None, 1)),
        ("debits", 100_03, ("FAILED", "INSUFFICIENT_FUNDS", 1)),
        ("debits", 100_04, ("PAID", None, 2)),
    ],
)
async def test_the_fen_of_an_amount_decide_how_it_ends(
    bank: httpx2.AsyncClient, way: str, amount: int, expected: tuple[str, str | None, int]
) -> None:
    told = order(amount)
    placed = await bank.post(f"/{way}", json=told)
    assert placed.status_code == 202
    assert placed.json() == {"reference": told["reference"], "status": "PENDING", "failureCode": None}
    assert await ends(bank, way, told) == expected
    assert await ends(bank, way, told) == expected


async def test_a_passing_failure_passes_with_the_second_attempt(bank: httpx2.AsyncClient) -> None:
    told = order(500_01)
    await bank.post("/payouts", json=told)
    assert (await ends(bank, "payouts", told))[0] == "FAILED"
    assert (await bank.post("/payouts", json=told)).json()["failureCode"] == "TEMPORARY"
    assert (await bank.post("/payouts", json=told | {"attempt": 2})).json()["status"] == "PENDING"
    assert (await ends(bank, "payouts", told))[0] == "PAID"
    assert (await bank.post("/payouts", json=told | {"attempt": 2})).json()["status"] == "PAID"


@pytest.mark.parametrize("amount", [500_00, 500_02, 500_07])
async def test_another_attempt_follows_a_passing_failure_only(bank: httpx2.AsyncClient, amount: int) -> None:
    told = order(amount)
    await bank.post("/payouts", json=told)
    answer = await bank.post("/payouts", json=told | {"attempt": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "ATTEMPT_REFUSED")


async def test_a_second_attempt_of_an_unknown_reference_pays_nothing(bank: httpx2.AsyncClient) -> None:
    told = order(500_00, attempt=2)
    assert (await bank.post("/payouts", json=told)).status_code == 409
    assert (await bank.get(f"/payouts/{told['reference']}")).status_code == 404


async def test_a_reference_is_one_order(bank: httpx2.AsyncClient) -> None:
    told = order(300_00)
    for _ in range(2):
        assert (await bank.post("/payouts", json=told)).status_code == 202
    assert (await bank.post("/payouts", json=told | {"amountMinor": 300_05})).status_code == 409
    assert (await bank.post("/debits", json=told)).status_code == 409
    assert len((await bank.get("/movements")).json()["movements"]) == 1


async def test_a_waiting_payout_goes_on_when_released(bank: httpx2.AsyncClient) -> None:
    told = order(700_07)
    await bank.post("/payouts", json=told)
    assert (await ends(bank, "payouts", told))[0] == "PENDING"
    assert (await bank.post("/release", json={"reference": told["reference"]})).status_code == 204
    assert (await ends(bank, "payouts", told))[0] == "PAID"


async def test_a_hold_keeps_payouts_and_lets_debits_go(bank: httpx2.AsyncClient) -> None:
    await bank.post("/hold", json={"on": True})
    payout, debit = order(10_00), order(10_00)
    await bank.post("/payouts", json=payout)
    await bank.post("/debits", json=debit)
    assert (await ends(bank, "payouts", payout))[0] == "PENDING"
    assert (await ends(bank, "debits", debit))[0] == "PAID"
    await bank.post("/hold", json={"on": False})
    assert (await ends(bank, "payouts", payout))[0] == "PAID"


async def test_a_paid_payout_may_come_back(bank: httpx2.AsyncClient) -> None:
    told = order(80_00)
    await bank.post("/payouts", json=told)
    assert (await bank.post("/return", json={"reference": told["reference"]})).status_code == 204
    assert await ends(bank, "payouts", told) == ("RETURNED", "ACCOUNT_RETURNED", 1)
    assert (await bank.post("/return", json={"reference": told["reference"]})).status_code == 409


async def test_the_statement_comes_in_bounded_pages(bank: httpx2.AsyncClient) -> None:
    told = [order(10_00 + n) for n in range(10, 13)]
    for one in told:
        await bank.post("/payouts", json=one)
    page = (await bank.get("/movements", params={"limit": 2})).json()
    rest = (await bank.get("/movements", params={"limit": 2, "after": page["next"]})).json()
    assert [move["amountMinor"] for move in page["movements"] + rest["movements"]] == [10_10, 10_11, 10_12]
    assert (await bank.get("/movements", params={"limit": 501})).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [{"amountMinor": 0}, {"amountMinor": 1.5}, {"amountMinor": "100"}, {"currency": "cny"}, {"more": 1}],
)
async def test_a_malformed_order_is_refused(bank: httpx2.AsyncClient, changes: dict[str, object]) -> None:
    answer = await bank.post("/payouts", json=order(100) | changes)
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED")
    assert (await bank.get("/movements")).json()["movements"] == []
