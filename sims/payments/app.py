"""The bank's doors, and the amounts that make it fail."""

import contextlib
import hashlib
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.payments.faults import Fault, Faults, Ordered
from sims.payments.store import MAX_ATTEMPTS, MAX_PAGE, Kind, Order, Status, Store
from sims.wire import Message, Refused, healthz, keep_silent, refuse

FEN = 100
PASSING_FAILURE, RETURNED_BY_BANK, NO_FUNDS, NOTICED_TWICE, WAITS = 1, 2, 3, 4, 7
MAX_AMOUNT_MINOR = 10**12
DEFAULT_PAGE = 100


class Account(Message):
    """The customer's account: a masked holder and the last four digits."""

    holder: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    tail: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class Instruction(Message):
    """One order to pay."""

    reference: UUID
    amount_minor: Annotated[int, Field(ge=1, le=MAX_AMOUNT_MINOR)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    account: Account
    requested_at: AwareDatetime
    attempt: Annotated[int, Field(ge=1, le=MAX_ATTEMPTS)] = 1

    def content(self) -> str:
        """What makes two sendings of a reference the same order; the hour and the attempt are no part."""
        members = self.model_dump(mode="json", exclude={"requested_at", "attempt"})
        return hashlib.sha256(json.dumps(members, sort_keys=True).encode()).hexdigest()


class Named(Message):
    """The reference of one order."""

    reference: UUID


class Hold(Message):
    """Whether payouts are kept pending."""

    on: bool


class Bank:
    """One bank over one store; an order is settled when somebody asks for it."""

    def __init__(self, store: Store, timeout_seconds: float) -> None:
        self.store = store
        self.faults = Faults()
        self._timeout_seconds = timeout_seconds

    async def instruct(self, request: Request, kind: Kind) -> Response:
        """POST /payouts and POST /debits."""
        told = await Instruction.read(request)
        known = self.store.content(str(told.reference))
        fault = self.faults.take() if known is None and kind is Kind.DEBIT else None
        if fault is Fault.TIMEOUT_BEFORE:
            await keep_silent(request, self._timeout_seconds)
            return Response(status_code=504)
        order = self._place(told, kind) if known is None else self._again(told, kind, known)
        if fault is not None:
            self.store.spoil(order, fault)
        if fault is Fault.TIMEOUT_AFTER:
            await keep_silent(request, self._timeout_seconds)
        answer = {"reference": order.reference, "status": order.status, "failureCode": order.failure}
        return JSONResponse(answer, 202)

    def _place(self, told: Instruction, kind: Kind) -> Order:
        if told.attempt != 1:
            raise Refused(409, "ATTEMPT_REFUSED", "the first attempt of a reference is 1")
        return self.store.place(
            kind,
            reference=str(told.reference),
            content=told.content(),
            amount=told.amount_minor,
            currency=told.currency,
        )

    def _again(self, told: Instruction, kind: Kind, known: str) -> Order:
        order = self.store.order(str(told.reference))
        if order.kind is not kind or known != told.content():
            raise Refused(409, "REFERENCE_REUSED", "this reference was used for another order")
        if told.attempt <= order.attempt:
            return order
        order = self._settle(order)
        if told.attempt != order.attempt + 1 or order.failure != "TEMPORARY":
            raise Refused(409, "ATTEMPT_REFUSED", "the next attempt follows a passing failure only")
        return self.store.try_again(order)

    async def status(self, request: Request, kind: Kind) -> Response:
        """GET /payouts/{reference} and GET /debits/{reference}."""
        order = self._settle(self.store.order(_reference(request), kind))
        return JSONResponse(self._told(order))

    def _settle(self, order: Order) -> Order:
        if order.status is not Status.PENDING:
            return order
        ending = _payout_ends(order) if order.kind is Kind.PAYOUT else self._debit_ends(order)
        if ending is None or (order.kind is Kind.PAYOUT and self.store.holds):
            return order
        return self.store.turn(order, *ending)

    async def release(self, request: Request) -> Response:
        """POST /release: a payout that waits goes on."""
        order = self.store.order(str((await Named.read(request)).reference), Kind.PAYOUT)
        self.store.release(order)
        return Response(status_code=204)

    async def give_back(self, request: Request) -> Response:
        """POST /return: a payout that was paid comes back later."""
        order = self._settle(self.store.order(str((await Named.read(request)).reference), Kind.PAYOUT))
        if order.status is not Status.PAID:
            raise Refused(409, "NOT_PAID", "only a payout that was paid can come back")
        self.store.turn(order, Status.RETURNED, "ACCOUNT_RETURNED")
        return Response(status_code=204)

    async def hold(self, request: Request) -> Response:
        """POST /hold."""
        self.store.hold(on=(await Hold.read(request)).on)
        return Response(status_code=204)

    async def movements(self, request: Request) -> Response:
        """GET /movements: the bank's own statement, settling nothing."""
        after, limit = _number(request, "after", 0), _number(request, "limit", DEFAULT_PAGE)
        if not 1 <= limit <= MAX_PAGE:
            raise Refused(400, "MALFORMED", "does not fit: limit")
        page = self.store.page(after, limit)
        following = page[-1].n if len(page) == limit else None
        return JSONResponse({"movements": [self._told(order) for order in page], "next": following})

    async def order_fault(self, request: Request) -> Response:
        """POST /faults."""
        self.faults.order(await Ordered.read(request))
        return Response(status_code=204)

    async def clear_faults(self, _request: Request) -> Response:
        """DELETE /faults."""
        self.faults.clear()
        return Response(status_code=204)

    def _debit_ends(self, order: Order) -> tuple[Status, str | None]:
        if order.amount % FEN == NO_FUNDS or self.store.spoilt(order) is Fault.INSUFFICIENT_FUNDS:
            return Status.FAILED, "INSUFFICIENT_FUNDS"
        return Status.PAID, None

    def _notices(self, order: Order) -> int:
        if order.status is Status.PENDING:
            return 0
        if order.kind is not Kind.DEBIT:
            return 1
        return 2 if order.amount % FEN == NOTICED_TWICE or self.store.spoilt(order) is Fault.TWICE else 1

    def _told(self, order: Order) -> dict[str, object]:
        return {
            "reference": order.reference,
            "kind": order.kind,
            "status": order.status,
            "failureCode": order.failure,
            "amountMinor": order.amount,
            "currency": order.currency,
            "attempt": order.attempt,
            "notices": self._notices(order),
        }


def _payout_ends(order: Order) -> tuple[Status, str | None] | None:
    fen = order.amount % FEN
    if fen == PASSING_FAILURE and order.attempt == 1:
        return Status.FAILED, "TEMPORARY"
    if fen == RETURNED_BY_BANK:
        return Status.FAILED, "ACCOUNT_RETURNED"
    return None if fen == WAITS and not order.released else (Status.PAID, None)


def _reference(request: Request) -> str:
    try:
        return str(UUID(request.path_params["reference"]))
    except ValueError:
        raise Refused(400, "MALFORMED", "does not fit: reference") from None


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refused(400, "MALFORMED", f"does not fit: {name}")
    return int(text)


def build(store_path: str, timeout_seconds: float = 30.0) -> Starlette:
    """The bank as an application; a time-out keeps silent for `timeout_seconds`."""
    store = Store(store_path)
    bank = Bank(store, timeout_seconds)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    routes = [
        Route("/healthz", healthz),
        Route("/release", bank.release, methods=["POST"]),
        Route("/return", bank.give_back, methods=["POST"]),
        Route("/hold", bank.hold, methods=["POST"]),
        Route("/movements", bank.movements),
        Route("/faults", bank.order_fault, methods=["POST"]),
        Route("/faults", bank.clear_faults, methods=["DELETE"]),
    ]
    for path, kind in (("/payouts", Kind.PAYOUT), ("/debits", Kind.DEBIT)):
        routes.append(Route(path, partial(bank.instruct, kind=kind), methods=["POST"]))
        routes.append(Route(path + "/{reference}", partial(bank.status, kind=kind)))
    return Starlette(routes=routes, exception_handlers={Refused: refuse}, lifespan=lifespan)
