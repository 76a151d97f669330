"""Verbs that become an outsider: the simulators of bureau, payments and data sources, and a witness of the log."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.house import EXIT_ENVIRONMENT, settings, value_or_file

ROOT = Path(__file__).resolve().parents[3]

outsiders_cli = typer.Typer()


@outsiders_cli.command("bureau-sim")
def bureau_sim_command(
    seed: Annotated[int, typer.Option(help="Chooses the people's stories; the same seed, the same people.")] = 1,
) -> None:
    """Run the bureau simulator in this process."""
    _simulator("sims.bureau", 8701, "--name", settings().bureau_name, "--seed", str(seed))


@outsiders_cli.command("payment-sim")
def payment_sim_command() -> None:
    """Run the payment simulator in this process."""
    _simulator("sims.payments", 8702)


@outsiders_cli.command("feed-sim")
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
    from app.cli.start import feed

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


@outsiders_cli.command("witness")
def witness_command(
    name: Annotated[str, typer.Option(help="The name of its key, a schema-less URL: witness.example/w1.")],
    log: Annotated[list[str], typer.Option(help="The vkey of a log to follow, or @FILE; may be repeated.")],
    home: Annotated[Path, typer.Option(help="The folder of its key and store.", file_okay=False)],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8711,
) -> None:
    """Be a witness: cosign the checkpoints of logs that only grow, with a key and a store of its own."""
    asked = ["--name", name, "--home", str(home.resolve()), "--host", host, "--port", str(port)]
    _become("witness", *asked, *(part for one in log for part in ("--log", value_or_file(one))))


def _simulator(module: str, port: int, *more: str) -> None:
    """Become the simulator: an outsider shares nothing with us, not even a process."""
    home = Path(os.environ.get("CLEARLINE_HOME", ".clearline"))
    home.mkdir(parents=True, exist_ok=True)
    chosen = os.environ.get("CLEARLINE_PORT", str(port))
    store = home / f"{module.rpartition('.')[2]}.sqlite"
    host = os.environ.get("CLEARLINE_HOST", "127.0.0.1")
    _become(module, "--host", host, "--port", chosen, "--store", str(store), *more)


def _become(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    os.chdir(ROOT)
    os.execv(command[0], command)  # noqa: S606 - no shell, our own module
