"""The bureau's doors."""

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.bureau.asking import IdNumber, Inquiry
from sims.bureau.faults import Fault, Faults, Kind
from sims.bureau.intents import Id, Introduction
from sims.bureau.report import Block, malformed, of_somebody_else, render
from sims.bureau.store import ASKER_TYPE, MAX_PAGE, NotRecorded, Recorded, Store
from sims.wire import BrokenOff, Message, Refused, healthz, keep_silent, refuse

SILENT_ONCE = "004"
SLOW_SECONDS = 1.0
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


class Bureau:
    """One bureau over one store."""

    def __init__(self, store: Store, timeout_seconds: float) -> None:
        self.store = store
        self.faults = Faults()
        self.timeout_seconds = timeout_seconds

    async def ask(self, request: Request) -> Response:
        """POST /inquiries."""
        inquiry = await Inquiry.read(request)
        fault = self.faults.take(inquiry)
        if fault is not None and fault.fault.is_before:
            self.store.receive(inquiry, fault.fault)
            return await self._fail(request, fault, Response())
        lost = fault is not None and fault.fault is Kind.REPORT_LOST
        taken = self.store.take(inquiry, partial(_render, lost=lost))
        if fault is None and taken.is_first_of_person and inquiry.subject.id_number[14:17] == SILENT_ONCE:
            fault = Fault(fault=Kind.TIMEOUT_AFTER, next=1)
        answer = JSONResponse(_told(taken.record))
        return answer if fault is None else await self._fail(request, fault, answer, taken.record)

    async def _fail(
        self, request: Request, fault: Fault, answer: Response, record: Recorded | None = None
    ) -> Response:
        report = record.report if record is not None else None
        match fault.fault:
            case Kind.TIMEOUT_BEFORE | Kind.TIMEOUT_AFTER:
                await keep_silent(request, self._seconds(fault, self.timeout_seconds))
                return JSONResponse({"code": "TIMEOUT", "message": "no answer in time"}, 504)
            case Kind.HTTP_500_BEFORE | Kind.HTTP_500_AFTER:
                return JSONResponse({"code": "INTERNAL", "message": "something broke"}, 500)
            case Kind.RESET:
                return BrokenOff(answer.body, headers=dict(answer.headers))
            case Kind.SLOW:
                await keep_silent(request, self._seconds(fault, SLOW_SECONDS))
            case Kind.MALFORMED if record is not None and report is not None:
                return JSONResponse({**_told(record), "report": malformed(report)})
            case Kind.WRONG_SUBJECT if record is not None and report is not None:
                return JSONResponse({**_told(record), "report": of_somebody_else(report)})
            case _:
                pass
        return answer

    @staticmethod
    def _seconds(fault: Fault, default: float) -> float:
        return default if fault.seconds is None else fault.seconds

    async def status(self, request: Request) -> Response:
        """GET /inquiries/{reference}: reads, counts nothing."""
        try:
            reference = str(UUID(request.path_params["reference"]))
        except ValueError:
            raise Refused(400, "MALFORMED", "does not fit: reference") from None
        try:
            return JSONResponse(_told(self.store.by_reference(reference)))
        except NotRecorded:
            return JSONResponse({"reference": reference, "status": "NOT_RECORDED"}, 404)

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


def _render(inquiry: Inquiry, name: str, earlier: list[Recorded], *, lost: bool) -> Block | None:
    return None if lost else render(inquiry, name, earlier)


def _told(record: Recorded) -> Block:
    told: Block = {"reference": record.reference, "status": record.status, "recordedAt": record.recorded_at}
    return told if record.report is None else {**told, "report": record.report}


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


def build(store_path: str, timeout_seconds: float = 30.0) -> Starlette:
    """The bureau as an application; a timeout keeps silent for `timeout_seconds`."""
    store = Store(store_path)
    bureau = Bureau(store, timeout_seconds)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/inquiries", bureau.ask, methods=["POST"]),
            Route("/inquiries/{reference}", bureau.status),
            Route("/records", bureau.records),
            Route("/records/search", bureau.records, methods=["POST"]),
            Route("/records/file", bureau.file, methods=["POST"]),
            Route("/counts", bureau.counts),
            Route("/counts/search", bureau.counts, methods=["POST"]),
            Route("/institutions", bureau.introduce, methods=["POST"]),
            Route("/faults", bureau.order_fault, methods=["POST"]),
            Route("/faults", bureau.clear_faults, methods=["DELETE"]),
        ],
        exception_handlers={Refused: refuse},
        lifespan=lifespan,
    )
