"""The payment service: paying out to the customer's own account, collecting from it, and what became of both."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from uuid import UUID

import httpx2

from app.domain.money import Money
from app.doors.whole import AnswerTooLarge, Told, ask_whole

ANSWER_BYTES_MAX = 64 * 1024
FAILURE_CODE_MAX = 40


class PayoutState(StrEnum):
    """What the payment service says of an order.

    NOT_PLACED: it knows of no such order. UNREACHABLE: it said nothing; ask again with the same reference.
    """

    PENDING = "PENDING"
    PAID = "PAID"
    FAILED = "FAILED"
    NOT_PLACED = "NOT_PLACED"
    UNREACHABLE = "UNREACHABLE"


_WORDS = {
    "PENDING": PayoutState.PENDING,
    "PAID": PayoutState.PAID,
    "FAILED": PayoutState.FAILED,
    "RETURNED": PayoutState.FAILED,
}
UNSETTLED = frozenset({PayoutState.PENDING, PayoutState.NOT_PLACED, PayoutState.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class PayoutAnswer:
    """The state of an order; `failure_code` is the service's word, TEMPORARY for one worth another attempt.

    `attempt` is the attempt of which the service speaks, where it says so.
    """

    state: PayoutState
    failure_code: str | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """What is to be paid. `reference` is ours, and the same on every try; `attempt` counts from 1."""

    reference: UUID
    amount: Money
    holder: str
    account_tail: str
    attempt: int
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class DebitOrder:
    """What is to be collected. `reference` is ours, and the same on every try of sending it."""

    reference: UUID
    amount: Money
    holder: str
    account_tail: str
    requested_at: datetime


class Payments:
    """An open line to the payment service."""

    def __init__(self, base_url: str, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._http = httpx2.AsyncClient(
            base_url=base_url,
            headers={"accept-encoding": "identity"},
            timeout=timeout_seconds,
            transport=httpx2.AsyncHTTPTransport(retries=0),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def pay_out(self, order: PayoutOrder) -> PayoutAnswer:
        """Order a payout; the same reference and attempt order the same payment, however often sent."""
        return await self._ask(
            "POST",
            "/payouts",
            {
                "reference": str(order.reference),
                "attempt": order.attempt,
                "amountMinor": order.amount.minor,
                "currency": order.amount.currency,
                "account": {"holder": order.holder, "tail": order.account_tail},
                "requestedAt": order.requested_at.isoformat(),
            },
        )

    async def payout_status(self, reference: UUID) -> PayoutAnswer:
        """What became of a payout."""
        return await self._ask("GET", f"/payouts/{reference}", None)

    async def collect(self, order: DebitOrder) -> PayoutAnswer:
        """Order a debit of the customer's account; the same reference orders the same debit, however often sent."""
        return await self._ask(
            "POST",
            "/debits",
            {
                "reference": str(order.reference),
                "amountMinor": order.amount.minor,
                "currency": order.amount.currency,
                "account": {"holder": order.holder, "tail": order.account_tail},
                "requestedAt": order.requested_at.isoformat(),
            },
        )

    async def debit_status(self, reference: UUID) -> PayoutAnswer:
        """What became of a debit."""
        return await self._ask("GET", f"/debits/{reference}", None)

    async def _ask(self, method: str, path: str, body: dict[str, object] | None) -> PayoutAnswer:
        try:
            told = await ask_whole(self._http, method, path, json=body, seconds=self._timeout, most=ANSWER_BYTES_MAX)
            return _read(told)
        except (httpx2.HTTPError, AnswerTooLarge, ValueError, KeyError, TypeError, AttributeError):
            return PayoutAnswer(PayoutState.UNREACHABLE)


def _read(told: Told) -> PayoutAnswer:
    """What an answer says; anything that is not in the service's format raises."""
    answer = told.json()
    if told.status == HTTPStatus.NOT_FOUND and answer["code"] == "UNKNOWN_REFERENCE":
        return PayoutAnswer(PayoutState.NOT_PLACED)
    if told.status not in {HTTPStatus.OK, HTTPStatus.ACCEPTED}:
        return PayoutAnswer(PayoutState.UNREACHABLE)
    attempt, code = answer.get("attempt"), answer.get("failureCode")
    return PayoutAnswer(
        _WORDS[answer["status"]],
        code if code is None or _is_code(code) else "UNSAID",
        attempt if isinstance(attempt, int) else None,
    )


def _is_code(code: object) -> bool:
    return isinstance(code, str) and 0 < len(code) <= FAILURE_CODE_MAX and code.isascii() and code.isprintable()
