"""Processor time of one piece of work, told apart from everything else that the same thread does in between.

Counted are the steps of the work itself on the event loop, and what it hands to threads by `counted`. The database's
own time, the neighbours' and the machine's are not ours to count here.
"""

from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from app.clock import thread_cpu_ns

_Asked = ParamSpec("_Asked")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Meter:
    cpu_ns: int = 0


_RUNNING: ContextVar[_Meter | None] = ContextVar("cpu_meter", default=None)


class _Steps(Generator[Any, Any, Result]):
    """A coroutine, step by step: each is timed while it runs, none while it waits."""

    def __init__(self, work: Coroutine[Any, Any, Result], meter: _Meter) -> None:
        self._work = work
        self._meter = meter

    def __await__(self) -> Generator[Any, Any, Result]:
        return self

    def send(self, value: Any) -> Any:  # noqa: ANN401 - whatever the event loop sends
        """One step."""
        with _timing(self._meter):
            return self._work.send(value)

    def throw(self, *thrown: Any) -> Any:  # noqa: ANN401 - whatever the event loop throws
        """One step that begins with an exception: a cancellation, mostly."""
        with _timing(self._meter):
            return self._work.throw(*thrown)


@contextmanager
def _timing(meter: _Meter) -> Iterator[None]:
    began = thread_cpu_ns()
    try:
        yield
    finally:
        meter.cpu_ns += thread_cpu_ns() - began


async def metered(work: Coroutine[Any, Any, Result]) -> tuple[Result, int]:
    """What the work returns, and the microseconds of processor time that it took."""
    meter = _Meter()
    token = _RUNNING.set(meter)
    try:
        result = await _Steps(work, meter)
    finally:
        _RUNNING.reset(token)
    return result, meter.cpu_ns // 1000


def counted(work: Callable[_Asked, Result]) -> Callable[_Asked, Result]:
    """The same work for another thread, its processor time added to the meter that runs, if one does."""

    @wraps(work)
    def run(*args: _Asked.args, **kwargs: _Asked.kwargs) -> Result:
        meter = _RUNNING.get()
        if meter is None:
            return work(*args, **kwargs)
        with _timing(meter):
            return work(*args, **kwargs)

    return run
