"""Running the API and the worker, and stopping them cleanly."""

import asyncio
import gc
import json
import signal
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.applications import Starlette
from uvicorn.loops.auto import auto_loop_factory

from app.flows.ledger.sequencer import Sequencer
from app.flows.worker import Worker
from app.main import House, open_house
from app.settings import Settings

SHUTDOWN_SECONDS = 10
BACKLOG = 512
WORKER_STOP_SECONDS = 15


class CannotListen(Exception):
    """The address cannot be listened on; the message says what to do."""


def listen(settings: Settings) -> socket.socket:
    """Take the address before anything is started, so that "ready" is true when it is said.

    Raises:
        CannotListen: it is taken, or none of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        problem = f"cannot listen on {settings.host} port {settings.port}: {error.strerror}"
        raise CannotListen(f"{problem}. Stop what uses it, or choose another, e.g. PORT=8001 make demo") from error


class _QuietServer(uvicorn.Server):
    """A server that ends when told, and leaves signals to us: the stock one raises them again when it has closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def uvicorn_config(app: Starlette) -> uvicorn.Config:
    """How the server serves."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws_max_size=64 * 1024,
        ws_ping_interval=15,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        server_header=False,
    )


def settle_memory() -> None:
    """Take what stands for the whole run out of the collector's full rounds: one stopped every request for 160 ms."""
    gc.collect()
    gc.freeze()


def run_to_end(life: Coroutine[None, None, int]) -> int:
    """Run the life of a process on the fastest loop that this machine has."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(life)


def serve(settings: Settings) -> int:
    """Serve until told to stop; the exit code."""
    return run_to_end(_serve(settings))


async def _serve(settings: Settings) -> int:
    with listen(settings) as listener:
        async with open_house(settings) as house:
            await house.must_fit()
            await serve_house(house, listener, with_worker=settings.worker_in_process)
    return 0


async def serve_house(house: House, listener: socket.socket, *, with_worker: bool) -> None:
    """Serve an open house, with worker and sequencer beside it if asked, until a signal comes.

    Raises:
        LedgerUnusable: a worker is asked for, and the log has no witnesses.
    """
    hands = _hands(house) if with_worker else ()
    working = [asyncio.create_task(hand.run()) for hand in hands]
    server = _QuietServer(uvicorn_config(house.web()))
    settle_memory()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    mark = house.settings.home / "server.json"
    mark.parent.mkdir(parents=True, exist_ok=True)
    url = f"http://{house.settings.host}:{listener.getsockname()[1]}"
    mark.write_text(json.dumps({"url": url, "bureau": house.settings.bureau_url}), encoding="utf-8")
    for task in working:
        # A server whose worker has ended would say "well" and decide nothing.
        task.add_done_callback(lambda _ended: setattr(server, "should_exit", True))
    try:
        await server.serve(sockets=[listener])
    finally:
        mark.unlink(missing_ok=True)
        for hand in hands:
            hand.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*working, return_exceptions=True), WORKER_STOP_SECONDS)


def _hands(house: House) -> tuple[Worker, Sequencer]:
    """What works behind the API: cases and payouts, and the log without which no case goes on."""
    return house.worker(), house.sequencer()


def work(settings: Settings) -> int:
    """Work until told to stop; the exit code."""
    return run_to_end(_work(settings))


async def _work(settings: Settings) -> int:
    async with open_house(settings) as house:
        await house.must_fit()
        hands = _hands(house)
        settle_memory()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _stop, hands)
        await asyncio.gather(*(hand.run() for hand in hands))
    return 0


def _stop(hands: tuple[Worker, Sequencer]) -> None:
    for hand in hands:
        hand.stop()
