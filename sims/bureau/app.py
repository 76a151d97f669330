"""The bureau's doors."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.bureau.asking import REASONS, IdNumber, Inquiry
from sims.bureau.dates import day_of
from sims.bureau.faults import Fault, Faults, Kind
from sims.bureau.intents import Id, Introduction
from sims.bureau.people import SEED, Person, person
from sims.bureau.reporting import Correction, Told, Update, accounts_of, blocked, outlived
from sims.bureau.store import ASKER_TYPE, MAX_PAGE, NotRecorded, Recorded, Store
from sims.bureau.told.accounts import Block
from sims.bureau.told.report import render
from sims.bureau.told.spoiling import SPOILT
from sims.wire import BrokenOff, Doors, Dripping, Message, Refused, Twice, healthz, keep_silent, refuse

SILENT_ONCE = "004"
SLOW_SECONDS = 1.0
LATE_SECONDS = 0.0
SKEW_SECONDS = 3600.0
BROKEN = partial(JSONResponse, {"code": "INTERNAL", "message": "something broke"}, 500)
DEFAULT_PAGE = 100


class Search(Message):
    """Which records; every member may be left out."""

    institution: Id | None = None
    subject: IdNumber | None = None
    after: Annotated[int, Field(ge=0, strict=False)] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, strict=False)] = DEFAULT_PAGE

    @classmethod
    def from_query(cls, query: QueryParams) -> "Search":
        """The same, written in a URL.

        Raises:
            Refused: a member does not fit.
        """
        try:
            return cls.model_validate(dict(query))
        except ValueError:
            raise Refused(400, "MALFORMED", "does not fit: query") from None


class OwnFile(Message):
    """Which of an institution's own records."""

    institution: Id
    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE


class Stray(Message):
    """A record that no question led to, under an institution's name: what a bureau does wrong, or somebody in that name."""

    institution: Id
    id_number: IdNumber
    purpose: Annotated[str, Field(pattern=f"^({'|'.join(REASONS)})$")] = "FIRST_APPLICATION"
    recorded_at: AwareDatetime


class Bureau:
    """One bureau over one store."""

    def __init__(self, store: Store, timeout_seconds: float, seed: int) -> None:
        self.store = store
        self.faults = Faults()
        self.timeout_seconds = timeout_seconds
        self.seed = seed

    async def ask(self, request: Request) -> Response:
        """POST /inquiries."""
        inquiry = await Inquiry.read(request)
        fault = self.faults.take(inquiry)
        if fault is None:
            return await self._take(request, inquiry, None)
        self.faults.spoil_status(inquiry.key, fault)
        if fault.fault is Kind.SKEW:
            inquiry = inquiry.seen_by(timedelta(seconds=self._seconds(fault, SKEW_SECONDS)))
        if not fault.fault.is_before:
            return await self._take(request, inquiry, fault)
        self.store.receive(inquiry, fault.fault)
        if fault.fault is Kind.HTTP_500_BEFORE:
            return BROKEN()
        if fault.fault is not Kind.LATE:
            return await self._silent(request, fault)
        await self._silent(request, None)
        await asyncio.sleep(self._seconds(fault, LATE_SECONDS))
        return await self._take(request, inquiry, None)

    async def _take(self, request: Request, inquiry: Inquiry, fault: Fault | None) -> Response:
        """Record, then answer as well or as badly as the order says."""
        lost = fault is not None and fault.fault is Kind.REPORT_LOST
        taken = self.store.take(inquiry, _nothing if lost else partial(render, known=self._known))
        if fault is None and taken.is_first_of_person and inquiry.subject.id_number[14:17] == SILENT_ONCE:
            fault = Fault(fault=Kind.TIMEOUT_AFTER, next=1)
        if fault is None:
            return JSONResponse(_told(taken.record))
        answer = JSONResponse(_spoilt(fault.fault, taken.record))
        match fault.fault:
            case Kind.TIMEOUT_AFTER | Kind.LIES_NOT_RECORDED:
                return await self._silent(request, fault)
            case Kind.HTTP_500_AFTER:
                return BROKEN()
            case Kind.RESET:
                return BrokenOff(answer.body, headers=dict(answer.headers))
            case Kind.TWICE:
                return Twice(answer.body, headers=dict(answer.headers))
            case Kind.DRIP:
                return Dripping(bytes(answer.body), self._seconds(fault, self.timeout_seconds))
            case Kind.SLOW:
                await keep_silent(request, self._seconds(fault, SLOW_SECONDS))
        return answer

    def _known(self, id_number: str, day: date) -> Person:
        """A person's story, and what lenders have told since."""
        story = person(id_number, self.seed)
        return replace(story, accounts=(*story.accounts, *accounts_of(self.store.told_about(id_number), day)))

    async def _silent(self, request: Request, fault: Fault | None) -> Response:
        await keep_silent(
            request, self.timeout_seconds if fault is None else self._seconds(fault, self.timeout_seconds)
        )
        return JSONResponse({"code": "TIMEOUT", "message": "no answer in time"}, 504)

    @staticmethod
    def _seconds(fault: Fault, default: float) -> float:
        return default if fault.seconds is None else fault.seconds

    async def status(self, request: Request) -> Response:
        """GET /inquiries/{reference}: reads, counts nothing."""
        try:
            reference = str(UUID(request.path_params["reference"]))
        except ValueError:
            raise Refused(400, "MALFORMED", "does not fit: reference") from None
        wrong = self.faults.of_status(reference)
        if wrong is Kind.LIES_RECORDED:
            return JSONResponse({"reference": reference, "status": "RECORDED_NO_REPORT"})
        try:
            record = self.store.by_reference(reference)
        except NotRecorded:
            record = None
        if record is None or wrong is Kind.LIES_NOT_RECORDED:
            return JSONResponse({"reference": reference, "status": "NOT_RECORDED"}, 404)
        return JSONResponse(_spoilt(wrong, record))

    async def records(self, request: Request) -> Response:
        """GET /records and POST /records/search."""
        search = await _search(request)
        page = self.store.page(search.institution, search.subject, search.after, search.limit)
        following = page[-1].n if len(page) == search.limit else None
        return JSONResponse({"records": [_listed(record) for record in page], "next": following})

    async def file(self, request: Request) -> Response:
        """POST /records/file: an institution's own inquiries, for it alone, and so with the persons' numbers."""
        asked = await OwnFile.read(request)
        page = self.store.page(asked.institution, None, asked.after, asked.limit)
        following = page[-1].n if len(page) == asked.limit else None
        records = [{**_listed(record), "idNumber": record.subject} for record in page]
        return JSONResponse({"records": records, "next": following})

    async def stray(self, request: Request) -> Response:
        """POST /records/stray."""
        order = await Stray.read(request)
        moment = order.recorded_at.isoformat()
        record = self.store.add_stray(order.institution, order.id_number, order.purpose, moment)
        return JSONResponse(_listed(record), 201)

    async def update(self, request: Request) -> Response:
        """POST /accounts: a lender's file of a month."""
        file = await Update.read(request)
        refused = {}
        for told in file.accounts:
            before = {month: row for month, row, _ in self.store.told_of(file.institution, told.account)}
            why = blocked(told, file.month, file.reported_at)
            if why is None and before.get(file.month, told) != told:
                why = "TOLD_OTHERWISE"
            if why is None and file.month not in before:
                self._keep(file.institution, file.month, told, file.reported_at)
            elif why is not None:
                refused[told.account] = why
        told_of = [{"account": account, "code": code} for account, code in refused.items()]
        return JSONResponse({"taken": len(file.accounts) - len(refused), "blocked": told_of})

    async def correct(self, request: Request) -> Response:
        """POST /accounts/corrections: one account of a month anew, with the words that the report shows beside it."""
        asked = await Correction.read(request)
        if asked.month not in {month for month, _, _ in self.store.told_of(asked.institution, asked.account.account)}:
            raise Refused(404, "NOT_TOLD", "nothing was told of this account in this month")
        if why := blocked(asked.account, asked.month, asked.reported_at):
            raise Refused(422, why, "see the codes of POST /accounts")
        self._keep(asked.institution, asked.month, asked.account, asked.reported_at, asked.annotation)
        return Response(status_code=204)

    def _keep(self, institution: str, month: str, told: Told, reported_at: datetime, note: str = "") -> None:
        """Keep it, and let go what has outlived its time."""
        self.store.put(institution, month, told, note)
        gone = outlived(self.store.told_of(institution, told.account), day_of(reported_at))
        self.store.forget(institution, told.account, gone)

    async def counts(self, request: Request) -> Response:
        """GET /counts and POST /counts/search."""
        search = await _search(request)
        return JSONResponse(self.store.counts(search.institution, search.subject))

    async def introduce(self, request: Request) -> Response:
        """POST /institutions."""
        introduction = await Introduction.read(request)
        introduction.check()
        self.store.introduce(introduction.institution, introduction.policy)
        return Response(status_code=204)

    async def order_fault(self, request: Request) -> Response:
        """POST /faults."""
        self.faults.order(await Fault.read(request))
        return Response(status_code=204)

    async def clear_faults(self, _request: Request) -> Response:
        """DELETE /faults."""
        self.faults.clear()
        return Response(status_code=204)


def _nothing(_inquiry: Inquiry, _name: str, _earlier: list[Recorded]) -> None:
    """The report that was lost."""


def _told(record: Recorded) -> Block:
    told: Block = {"reference": record.reference, "status": record.status, "recordedAt": record.recorded_at}
    return told if record.report is None else {**told, "report": record.report}


def _spoilt(kind: Kind | None, record: Recorded) -> Block:
    """What is told of a record by a bureau that does this wrong."""
    spoil = SPOILT.get(kind) if kind is not None else None
    if spoil is None or record.report is None:
        return _told(record)
    return {**_told(record), "report": spoil(record.report)}


def _listed(record: Recorded) -> Block:
    return {
        "n": record.n,
        "reference": record.reference,
        "institution": record.institution,
        "institutionType": ASKER_TYPE,
        "purpose": record.purpose,
        "reasonCode": record.reason,
        "recordedAt": record.recorded_at,
        "subject": "*" * 14 + record.subject[-4:],
    }


async def _search(request: Request) -> Search:
    return await Search.read(request) if request.method == "POST" else Search.from_query(request.query_params)


def build(
    store_path: str, timeout_seconds: float = 30.0, name: str = "bureau.example", seed: int = SEED
) -> Starlette:
    """The bureau as an application; a timeout keeps silent for `timeout_seconds`, and `seed` chooses the people's stories."""
    store = Store(store_path, name)
    bureau = Bureau(store, timeout_seconds, seed)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    return Doors(
        routes=[
            Route("/healthz", healthz),
            Route("/inquiries", bureau.ask, methods=["POST"]),
            Route("/inquiries/{reference}", bureau.status),
            Route("/records", bureau.records),
            Route("/records/search", bureau.records, methods=["POST"]),
            Route("/records/file", bureau.file, methods=["POST"]),
            Route("/records/stray", bureau.stray, methods=["POST"]),
            Route("/accounts", bureau.update, methods=["POST"]),
            Route("/accounts/corrections", bureau.correct, methods=["POST"]),
            Route("/counts", bureau.counts),
            Route("/counts/search", bureau.counts, methods=["POST"]),
            Route("/institutions", bureau.introduce, methods=["POST"]),
            Route("/faults", bureau.order_fault, methods=["POST"]),
            Route("/faults", bureau.clear_faults, methods=["DELETE"]),
        ],
        exception_handlers={Refused: refuse},
        lifespan=lifespan,
    )
