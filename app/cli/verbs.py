"""The verbs of the command line. Each says what it does in one line; `--json` where a machine may listen."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import httpx2
import typer
from pydantic import ValidationError

from app.api.observe import set_up_logging
from app.cli import clock, contract, demo, doctor, feed, people, roles, serving, story, sweep
from app.domain.refusals import StillWorking
from app.main import House, open_house
from app.settings import ROOT, Settings
from models.connection import close_database, open_database
from models.migrate import migrate

Result = TypeVar("Result")

EXIT_FAILED = 1
EXIT_ENVIRONMENT = 3

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Clearline: a consumer credit line that asks the bureau in two cases only.",
)
clock_cli = typer.Typer(no_args_is_help=True, help="The sandbox's business clock.")
schema_cli = typer.Typer(no_args_is_help=True, help="The GraphQL contract.")
cli.add_typer(clock_cli, name="clock")
cli.add_typer(schema_cli, name="schema")

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def settings() -> Settings:
    """The settings of this process; a wrong one ends it with a clear line."""
    try:
        found = Settings()
    except ValidationError as error:
        for problem in error.errors():
            where = f"CLEARLINE_{str(problem['loc'][0]).upper()}: " if problem["loc"] else ""
            typer.echo(where + problem["msg"].removeprefix("Value error, "), err=True)
        raise typer.Exit(EXIT_ENVIRONMENT) from None
    set_up_logging(found.log_level)
    return found


def in_house(act: Callable[[House], Awaitable[Result]]) -> Result:
    """Run `act` with every door open."""

    async def run() -> Result:
        async with open_house(settings()) as house:
            await house.must_fit()
            return await act(house)

    return asyncio.run(run())


@cli.command("demo")
def demo_command(
    port: Annotated[
        int, typer.Option(envvar=["PORT", "CLEARLINE_PORT"], min=0, max=65535, help="Port of the API.")
    ] = 8000,
) -> None:
    """Start everything: database, seeded people, simulators, API and worker, in one command."""
    os.environ.setdefault("CLEARLINE_LOG_LEVEL", "WARNING")
    raise typer.Exit(demo.run(settings().model_copy(update={"port": port})))


@cli.command("serve")
def serve_command() -> None:
    """Serve the API (and the worker too with CLEARLINE_WORKER_IN_PROCESS=1)."""
    raise typer.Exit(serving.serve(settings()))


@cli.command("worker")
def worker_command() -> None:
    """Run a worker: assess applications and increases, pay out loans."""
    raise typer.Exit(serving.work(settings()))


@cli.command("migrate")
def migrate_command(
    seed: Annotated[
        bool, typer.Option("--seed", help="Then write the sandbox's texts and people where missing.")
    ] = False,
) -> None:
    """Bring the database to this release; safe to run twice, and from several machines."""

    async def run() -> list[str]:
        await open_database(settings().database)
        try:
            return [f"{step.number:04d} {step.name}" for step in await migrate()]
        finally:
            await close_database()

    for line in asyncio.run(run()) or ["nothing to do"]:
        typer.echo(line)
    if seed:
        seed_command()


@cli.command("seed")
def seed_command() -> None:
    """Write the sandbox's texts, staff and personas where they are missing."""
    from app.flows.sandbox.book import seed_book

    typer.echo(f"{in_house(lambda house: seed_book(house.desk))} people written")


@cli.command("bureau-sim")
def bureau_sim_command() -> None:
    """Run the bureau simulator in this process."""
    _simulator("sims.bureau", 8701)


@cli.command("payment-sim")
def payment_sim_command() -> None:
    """Run the payment simulator in this process."""
    _simulator("sims.payments", 8702)


@cli.command("feed-sim")
def feed_sim_command(
    customer: Annotated[str, typer.Option(help="A persona's login, or a customer's global id.")] = "lihua",
    kind: Annotated[
        list[str] | None, typer.Option(help="What happens; may be repeated. SALARY_IN when none is given.")
    ] = None,
    amount_minor: Annotated[int, typer.Option(help="Fen of each event.")] = 500_000,
    every: Annotated[float, typer.Option(help="Send again after so many seconds; 0 sends once.")] = 0,
    api: Annotated[str, typer.Option(help="Where the API is; the running demo by default.")] = "",
) -> None:
    """Be the sources of own data: sign events about a customer and send them, once or steadily."""
    found = settings()
    url = api or feed.running_api(found)
    try:
        keys = feed.write_source_keys(found)
        subject = feed.customer_id(url, customer)
    except feed.FeedRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(EXIT_ENVIRONMENT) from None
    asked = ["--api", url, "--customer", subject, "--amount-minor", str(amount_minor), "--keys", str(keys.resolve())]
    asked += [part for one in kind or ["SALARY_IN"] for part in ("--kind", one)]
    _become("sims.sources", *asked, *(["--every", str(every)] if every > 0 else []))


def _simulator(module: str, port: int) -> None:
    """Become the simulator: an outsider shares nothing with us, not even a process."""
    home = Path(os.environ.get("CLEARLINE_HOME", ".clearline"))
    home.mkdir(parents=True, exist_ok=True)
    chosen = os.environ.get("CLEARLINE_PORT", str(port))
    store = home / f"{module.rpartition('.')[2]}.sqlite"
    host = os.environ.get("CLEARLINE_HOST", "127.0.0.1")
    _become(module, "--host", host, "--port", chosen, "--store", str(store))


def _become(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    os.chdir(ROOT)
    os.execv(command[0], command)  # noqa: S606 - no shell, our own module


@cli.command("personas")
def personas_command(as_json: AsJson = False) -> None:
    """Who can be played, with tokens, and what happens to whom."""
    typer.echo(people.as_json() if as_json else people.as_table())


@cli.command("sweep")
def sweep_command(as_json: AsJson = False) -> None:
    """Look at every open line by the rules of watching, on own data only; twice the same day changes nothing."""
    try:
        found = in_house(lambda house: sweep.swept(house.desk))
    except StillWorking:
        typer.echo("another process sweeps at this moment", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(sweep.as_json(found) if as_json else sweep.as_text(found))


@cli.command("doctor")
def doctor_command(as_json: AsJson = False) -> None:
    """Look at this machine and these settings, and say what is wrong and how to mend it."""
    found = asyncio.run(doctor.examine(settings()))
    typer.echo(json.dumps(doctor.report(found)) if as_json else doctor.as_text(found))
    if any(not check.ok for check in found):
        raise typer.Exit(EXIT_FAILED)


@cli.command("story")
def story_command(
    url: Annotated[str, typer.Option(help="Where the API is; the running demo by default.")] = "",
    bureau: Annotated[str, typer.Option(help="Where the bureau simulator is; the demo's own by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Play the whole story against a running server, with a new customer and the bureau's own count."""
    mark = settings().home / "server.json"
    running = json.loads(mark.read_text(encoding="utf-8")) if mark.exists() else {}
    api = url or running.get("url", "http://127.0.0.1:8000")
    try:
        told = story.play(api, bureau or running.get("bureau"))
    except story.StoryBroken as broken:
        typer.echo(str(broken), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    except httpx2.HTTPError:
        typer.echo(f"nothing answers at {api}: start it with make demo", err=True)
        raise typer.Exit(EXIT_ENVIRONMENT) from None
    typer.echo(story.as_json(told) if as_json else story.as_text(told))


@clock_cli.command("show")
def clock_show_command(as_json: AsJson = False) -> None:
    """Tell the business date."""
    typer.echo(clock.told(asyncio.run(clock.show(settings())), as_json=as_json))


@clock_cli.command("advance")
def clock_advance_command(
    days: Annotated[int, typer.Argument(help="Days to move forwards, 1 to 400.")], as_json: AsJson = False
) -> None:
    """Move the business date forwards, running every end of day in between."""
    try:
        reached = asyncio.run(clock.advance(settings(), days))
    except clock.ClockRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(clock.told(reached, as_json=as_json))


@schema_cli.command("export")
def schema_export_command(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail when a file is not up to date.")
    ] = False,
) -> None:
    """Print the contract into graphql/ (both SDLs, the register of trusted operations) and docs/roles.md."""
    stale = [f"graphql/{name}" for name in contract.export(check=check)]
    stale += ["docs/roles.md"] if roles.write(check=check) else []
    for name in stale:
        typer.echo(f"{'stale' if check else 'written'}: {name}")
    if check and stale:
        raise typer.Exit(EXIT_FAILED)
