"""Logs without personal data, metrics without labels about people, and the middleware that writes both."""

import logging
import sys
import time
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter("clearline_http_requests_total", "HTTP requests by route and status.", ["route", "status"])
LATENCY = Histogram("clearline_http_seconds", "Seconds from request to last byte, by route.", ["route"])
FAULTS = Counter("clearline_faults_total", "Masked faults by kind.", ["kind"])
BOOK: dict[str, tuple[tuple[str, ...], str]] = {
    "inquiries": (("purpose", "state"), "Inquiries by purpose and state"),
    "inquiries_avoided": ((), "Cases that own data ruled out, so that the bureau was not asked"),
    "ruled_out": (("reason",), "Cases that own data ruled out, by the strongest reason"),
    "decisions": (("outcome",), "Decisions by outcome"),
    "assessment_cpu_seconds": ((), "Processor time of all assessments in seconds"),
    "assessments": ((), "Cases whose processor time is known"),
    "jobs": (("kind", "state"), "Jobs by kind and state"),
    "reconciliation_results": (("result",), "References beside the bureau's records, by result"),
    "reconciliation_age_days": ((), "Business days since our inquiries were compared with the bureau's records"),
    "route_frozen": ((), "Whether the way to the bureau is shut"),
    "requests_waiting": (("reason",), "Open requests that nobody has decided on, by what they wait for"),
    "log_records": (("state",), "Records that wait for the log, stand in it, and were seen by a quorum"),
    "log_standing": (("standing",), "The standing of the log"),
}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ROUTES = frozenset({"/graphql", "/healthz", "/readyz", "/metrics", "/schema.graphql"})
_ERROR_STATUS = 500


def _fault_without_values(
    _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """An exception as the kinds and places in our code, never its message: a message may quote a person's data."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        places, trace = [], error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        event["fault"] = type(error).__name__
        event["at"] = places[-8:]
        if error.__cause__ is not None:
            event["because"] = type(error.__cause__).__name__
    return event


class _OnlyTheirName(logging.Formatter):
    """Other people's log lines: who spoke and how loud; their words may quote data, so they stay unsaid."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON line."""
        return f'{{"event": "library", "logger": "{record.name}", "level": "{record.levelname.lower()}"}}'


def set_up_logging(level: str) -> None:
    """JSON lines on standard error, for our own events and, without their words, for libraries."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _fault_without_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_OnlyTheirName())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def book_page(figures: dict[str, list[tuple[dict[str, str], int | float]]]) -> bytes:
    """Figures read from the book at this moment, in the text form of metrics. A family without rows shows none."""
    registry = CollectorRegistry()
    for name, rows in figures.items():
        labels, meaning = BOOK[name]
        gauge = Gauge(f"clearline_{name}", f"{meaning}, from the book.", labels, registry=registry)
        for told, number in rows:
            (gauge.labels(**told) if labels else gauge).set(number)
    return generate_latest(registry)


class Observed:
    """Counts and times each request, gives it an id, and logs it without its query string or body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        route = scope["path"] if scope["path"] in ROUTES else "other"
        started = time.perf_counter()
        status = _ERROR_STATUS

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - started
                REQUESTS.labels(route, str(status)).inc()
                LATENCY.labels(route).observe(seconds)
                self._log.info(
                    "request",
                    method=scope["method"] if scope["method"] in METHODS else "other",
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 1),
                )
