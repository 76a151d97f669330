"""The demo: everything in one command, and nothing left behind when it stops."""

import asyncio
import fcntl
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from app.cli.proof import policy
from app.cli.proof.policy import PolicyRefused
from app.cli.start import beside
from app.cli.start.beside import Outsider, OutsiderFailed
from app.cli.start.serving import CannotListen, listen, run_to_end, serve_house
from app.domain.calendar import BUSINESS_ZONE
from app.doors.ledger import LedgerUnusable
from app.doors.notices import Printed
from app.flows.book.end_of_day import run_due_days
from app.flows.sandbox.book import PERSONAS, persona_token, seed_book
from app.main import House, open_house
from app.settings import Settings
from models.connection import close_database, open_database
from models.migrate import migrate
from models.shipped.policies import write_shipped_policies

EXIT_ENVIRONMENT = 3
LOOK_SECONDS = 1

console = Console(highlight=False, soft_wrap=True)


def run(settings: Settings) -> int:
    """Start everything and serve until told to stop; the exit code."""
    if not settings.sandbox:
        console.print("demo runs in the sandbox profile only")
        return EXIT_ENVIRONMENT
    settings.home.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGHUP, _stop_early)
    signal.signal(signal.SIGTERM, _stop_early)
    try:
        with _alone(settings), listen(settings) as listener:
            return run_to_end(_run(settings, listener))
    except (AlreadyRunning, CannotListen, LedgerUnusable, OutsiderFailed, PolicyRefused) as refused:
        console.print(str(refused))
        return EXIT_ENVIRONMENT
    except KeyboardInterrupt:
        return 0


def _stop_early(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


async def _run(settings: Settings, listener: socket.socket) -> int:
    started = time.perf_counter()
    _tick("settings", f"profile={settings.profile} · home={settings.home}")
    try:
        await open_database(settings.database)
        steps = await migrate()
        await write_shipped_policies()
    finally:
        await close_database()
    _tick("database", f"{settings.database.partition(':')[0]} · {len(steps)} migrations taken")
    with (
        beside.simulator(settings, "bureau") as bureau,
        beside.simulator(settings, "payments") as payments,
        beside.witnesses(settings) as witnesses,
    ):
        _tick("simulators", f"bureau {bureau.url} · payments {payments.url}")
        chosen = settings.model_copy(update={"bureau_url": bureau.url, "payments_url": payments.url})
        policy.introduce(chosen, settings.log_policy_file.read_text(encoding="utf-8"))
        _tick("witnesses", f"{len(witnesses)} · {settings.log_policy_file}")
        for one in witnesses:
            if one.moved:
                _plainly(
                    f" ! {one.name} found its port taken and listens on {one.url} now: the policy names the new address"
                )
        async with open_house(chosen, Printed(_plainly)) as house:
            await house.must_fit()
            _tick("score model", f"{house.desk.scorer.model_version} · digests verified")
            written = await seed_book(house.desk)
            await run_due_days(house.desk)
            _tick("demo book", f"{len(PERSONAS)} personas · {written} written now")
            base = f"http://{settings.host}:{listener.getsockname()[1]}"
            _banner(house, base, bureau.url, time.perf_counter() - started)
            watching = asyncio.create_task(_tell_of_ended([bureau, payments, *witnesses]))
            try:
                await serve_house(house, listener, with_worker=True)
            finally:
                watching.cancel()
    return 0


async def _tell_of_ended(outsiders: list[Outsider]) -> None:
    """Say once of each outsider that it has gone: what needs it waits, and nothing is lost."""
    running = list(outsiders)
    while running:
        await asyncio.sleep(LOOK_SECONDS)
        for one in [one for one in running if one.ended()]:
            running.remove(one)
            _plainly(
                f" ! the {one.name} has ended (code {one.process.returncode}). What needs it waits: start the demo again"
            )


def _tick(what: str, detail: str) -> None:
    console.print(f" [green]✔[/green] {what:<12} {detail}")


def _plainly(line: str) -> None:
    """A line whose brackets are nobody's markup."""
    console.print(line, markup=False)


def _banner(house: House, base: str, bureau_url: str, seconds: float) -> None:
    moment = house.desk.clock.now().astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M +08")
    console.print(f" [bold]Clearline ready in {seconds:.1f} s[/bold]            SANDBOX · clock {moment}")
    if (house.settings.playground / "index.html").exists():
        console.print(f" ├─ Playground   {base}/playground/     ← start with tab 1")
    else:
        console.print(" ├─ Playground   not built: make playground says why")
    console.print(f" ├─ GraphQL      {base}/graphql        http · sse · ws")
    console.print(f" ├─ SDL          {base}/schema.graphql")
    console.print(f" ├─ Receipts     {base}/verify/           ← drop one, and it is checked")
    console.print(f" ├─ Health       {base}/healthz · /readyz · /metrics")
    console.print(f" └─ Bureau's own record   {bureau_url}/records")
    for persona in PERSONAS[:4]:
        console.print(f" {persona.login:<9} {persona_token(persona.login):<19} {persona.story}")
    console.print(" …         one-time code is always 000000 · full list: .venv/bin/clearline personas")
    console.print(" ✉ what customers are told is printed below · Ctrl-C stops everything")


class AlreadyRunning(Exception):
    """A demo of this home runs already."""


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One demo a home: two would share simulators' files and each other's marks."""
    with (settings.home / "demo.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = f"a demo of {settings.home} runs already: stop it, or choose another home with CLEARLINE_HOME=…"
            raise AlreadyRunning(message) from error
        yield
