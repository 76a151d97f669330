"""The bank misbehaves with debits when it is told to, one order each."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest

from sims.payments.app import build
from tests.sims.outsiders import in_memory

ORDER = {
    "amountMinor": 100_00,
    "currency": "CNY",
    "account": {"holder": "林*川", "tail": "0042"},
    "requestedAt": "2026-03-02T10:00:00+08:00",
}


@pytest.fixture
async def bank() -> AsyncIterator[httpx2.AsyncClient]:
    async with in_memory(build(":memory:", 0.01)) as client:
        yield client


async def collected(bank: httpx2.AsyncClient) -> tuple[int, int, tuple[str, str | None, int] | None]:
    """Status of placing, of asking, and what is told."""
    told = {**ORDER, "reference": str(uuid4())}
    placed = await bank.post("/debits", json=told)
    asked = await bank.get(f"/debits/{told['reference']}")
    body = asked.json()
    ended = (body["status"], body["failureCode"], body["notices"]) if asked.status_code == 200 else None
    return placed.status_code, asked.status_code, ended


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("INSUFFICIENT_FUNDS", (202, 200, ("FAILED", "INSUFFICIENT_FUNDS", 1))),
        ("TIMEOUT_BEFORE", (504, 404, None)),
        ("TIMEOUT_AFTER", (202, 200, ("PAID", None, 1))),
        ("TWICE", (202, 200, ("PAID", None, 2))),
    ],
)
async def test_a_fault_strikes_the_next_debit_and_no_other(
    bank: httpx2.AsyncClient, fault: str, expected: tuple[int, int, tuple[str, str | None, int] | None]
) -> None:
    assert (await bank.post("/faults", json={"fault": fault})).status_code == 204
    assert await collected(bank) == expected
    assert await collected(bank) == (202, 200, ("PAID", None, 1))


async def test_faults_that_are_deleted_strike_nobody(bank: httpx2.AsyncClient) -> None:
    await bank.post("/faults", json={"fault": "TIMEOUT_BEFORE", "next": 5})
    assert (await bank.delete("/faults")).status_code == 204
    assert (await collected(bank))[0] == 202
