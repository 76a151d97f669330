"""Verbs that move the book on: the business clock, the sweep."""

import asyncio
from typing import Annotated

import typer

from app.cli.book import clock, sweep
from app.cli.house import EXIT_FAILED, AsJson, in_house, settings
from app.domain.refusals import StillWorking

book_cli = typer.Typer()
clock_cli = typer.Typer(no_args_is_help=True, help="The sandbox's business clock.")
book_cli.add_typer(clock_cli, name="clock")


@book_cli.command("sweep")
def sweep_command(as_json: AsJson = False) -> None:
    """Look at every open line by the rules of watching, on own data only; twice the same day changes nothing."""
    try:
        found = in_house(lambda house: sweep.swept(house.desk))
    except StillWorking:
        typer.echo("another process sweeps at this moment", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(sweep.as_json(found) if as_json else sweep.as_text(found))


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
