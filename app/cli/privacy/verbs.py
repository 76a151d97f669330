"""Verbs of those who guard the data: the register, what is past its time, the trainings of the staff."""

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from app.cli.house import EXIT_FAILED, AsJson, in_house
from app.domain.oversight.training import Course

privacy_cli = typer.Typer()
register_cli = typer.Typer(no_args_is_help=True, help="The privacy register, and what is past its time.")
training_cli = typer.Typer(no_args_is_help=True, help="Trainings of the staff.")
privacy_cli.add_typer(register_cli, name="privacy")
privacy_cli.add_typer(training_cli, name="training")


@register_cli.command("register")
def register_command(as_json: AsJson = False) -> None:
    """Tell every table and column with its class, purpose, basis, source and retention."""
    from app.cli.privacy import register

    typer.echo(register.as_json() if as_json else register.as_text())


@register_cli.command("sweep")
def sweep_command(as_json: AsJson = False) -> None:
    """Take away what is past its time; what a law holds stays. The end of a day does the same."""
    from app.flows.oversight.retention import sweep_retention

    gone = in_house(lambda house: sweep_retention(house.desk))
    if as_json:
        typer.echo(json.dumps({"schema": "clearline-retention/1", "takenAway": gone}))
    else:
        typer.echo("\n".join(f"{table:<22} {count}" for table, count in gone.items()) or "nothing is past its time")


@training_cli.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Tell how every officer stands in every course on the business date."""
    from app.cli.privacy import training

    found = in_house(lambda house: training.listed(house.desk))
    typer.echo(training.as_json(found) if as_json else training.as_text(found))


@training_cli.command("record")
def record_command(
    login: Annotated[str, typer.Argument(help="Who finished the course.")],
    course: Annotated[Course, typer.Argument(help="Which course.")],
    completed_on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day it was finished.")],
    evidence: Annotated[str, typer.Option(help="Where the proof is: 3 to 200 characters.")],
    by: Annotated[str, typer.Option(help="The officer of COMPLIANCE on whose word it is recorded; a colleague.")],
    key: Annotated[UUID | None, typer.Option(help="The same key records once.")] = None,
    as_json: AsJson = False,
) -> None:
    """Record that an officer finished a course; it counts from now on."""
    from uuid_utils.compat import uuid7

    from app.cli.privacy import training

    told = (course, completed_on.date(), evidence)
    chosen = key or uuid7()
    try:
        found = in_house(lambda house: training.recorded(house.desk, chosen, login, by, told))
    except training.TrainingRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(training.as_json([found]) if as_json else training.as_text([found]))
