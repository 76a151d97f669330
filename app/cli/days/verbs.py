"""Verbs of the book's days: closing them, the loan tape, the trial balance."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli.house import EXIT_FAILED, AsJson, in_house, settings
from app.domain.calendar import business_date
from app.domain.days.trial import DayAhead, TrialBalance
from app.domain.refusals import StillWorking

if TYPE_CHECKING:
    from app.main import House

WORKERS_MAX = 16
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)

days_cli = typer.Typer()

On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Which business day.")]


@days_cli.command("end-of-day")
def end_of_day_command(
    workers: Annotated[
        int, typer.Option(min=1, max=WORKERS_MAX, help="Processes that share the pages of a day; one on SQLite.")
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Close every business day that has passed, one by one; killed, it goes on when run again; run twice, it does nothing."""
    from app.cli.days import told
    from app.cli.days.helpers import helped_by
    from app.flows.days.report import end_of_days
    from models.connection import dialect_of

    found = settings()
    helpers = workers - 1 if dialect_of(found.database) == "postgres" else 0
    try:
        with helped_by(found, helpers):
            report = in_house(lambda house: end_of_days(house.desk))
    except StillWorking:
        typer.echo("another process holds a part of the day: run it again, it goes on where it stands", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(told.end_of_day_json(report) if as_json else told.end_of_day_text(report))


@days_cli.command("loan-tape")
def loan_tape_command(on: On = None) -> None:
    """Print how each loan stood when a day was over, one line of JSON a loan; else of the last day that was closed."""
    printed = in_house(lambda house: _print_tape(house, _day(on)))
    if not printed:
        typer.echo("no loan has a row of that day: it is not over, or nothing was lent", err=True)
        raise typer.Exit(EXIT_FAILED)


@days_cli.command("trial-balance")
def trial_balance_command(on: On = None, as_json: AsJson = False) -> None:
    """Tell what every account held when a day ended, from the postings; else of the present day so far."""
    from app.cli.days import told

    try:
        trial = in_house(lambda house: _trial(house, _day(on)))
    except DayAhead as ahead:
        raise typer.BadParameter(str(ahead)) from None
    typer.echo(told.trial_json(trial) if as_json else told.trial_text(trial))
    if not trial.balanced:
        raise typer.Exit(EXIT_FAILED)


async def _print_tape(house: "House", day: date | None) -> int:
    from app.api.scalars import encode_id
    from app.cli.days import told
    from app.flows.days.reading import tape_of

    if day is None:
        today = business_date(await house.desk.refresh_clock())
        day = date.fromordinal(today.toordinal() - 1)
    printed = 0
    async for row in tape_of(day):
        typer.echo(told.tape_json(row, encode_id("Loan", UUID(str(row["loan_id"])))))
        printed += 1
    return printed


async def _trial(house: "House", day: date | None) -> TrialBalance:
    from app.flows.days.trial import trial_balance_on

    today = business_date(await house.desk.refresh_clock())
    return await trial_balance_on(day or today, today)


def _day(moment: datetime | None) -> date | None:
    if moment is None:
        return None
    if not EARLIEST <= moment.date() <= LATEST:
        raise typer.BadParameter("a business day lies in the years 2000 to 2999")
    return moment.date()
