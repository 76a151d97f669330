"""Verbs that move the book on, and that tell what it cost: the business clock, the sweep, dead jobs, reports."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from app.cli.house import EXIT_FAILED, AsJson, in_house, settings, to_the_end
from app.domain.calendar import ADVANCE_DAYS_MAX
from app.domain.oversight.cost import Period, PeriodWrong
from app.domain.refusals import StillWorking

book_cli = typer.Typer()
clock_cli = typer.Typer(no_args_is_help=True, help="The sandbox's business clock.")
report_cli = typer.Typer(no_args_is_help=True, help="Figures of the book.")
jobs_cli = typer.Typer(no_args_is_help=True, help="Jobs that have failed too often.")
book_cli.add_typer(clock_cli, name="clock")
book_cli.add_typer(jobs_cli, name="jobs")
book_cli.add_typer(report_cli, name="report")


@book_cli.command("sweep")
def sweep_command(as_json: AsJson = False) -> None:
    """Look at every open line by the rules of watching, on own data only; twice the same day changes nothing."""
    from app.cli.book import sweep

    try:
        found = in_house(lambda house: sweep.swept(house.desk))
    except StillWorking:
        typer.echo("another process sweeps at this moment", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(sweep.as_json(found) if as_json else sweep.as_text(found))


@report_cli.command("cost")
def report_cost_command(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First business day; else the beginning.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business day; else now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what deciding costs: inquiries, inquiries that own data spared, processor time."""
    from app.cli.book import cost
    from app.flows.cost.reporting import cost_report

    try:
        period = Period(_day(first), _day(last))
    except PeriodWrong as wrong:
        raise typer.BadParameter(str(wrong)) from None
    found = in_house(lambda house: cost_report(house.desk, period))
    typer.echo(cost.as_json(found) if as_json else cost.as_text(found))


@jobs_cli.command("list")
def jobs_list_command(as_json: AsJson = False) -> None:
    """Tell the dead jobs: what each was to do, and how it failed last; code 1 when there are any."""
    from app.cli.book import jobs
    from app.flows.dead import dead_jobs

    found = in_house(lambda _house: dead_jobs())
    typer.echo(jobs.as_json(found) if as_json else jobs.as_text(found))
    if found.many:
        raise typer.Exit(EXIT_FAILED)


@jobs_cli.command("retry")
def jobs_retry_command(
    job: Annotated[UUID | None, typer.Argument(help="Its id, as the list tells it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dead job.")] = False,
) -> None:
    """Make a dead job ready again, or all of them; a worker takes it up at once."""
    from app.flows.dead import revive

    if (job is None) != everything:
        raise typer.BadParameter("give the id of a job, or --all")
    many = in_house(lambda house: revive(house.desk, job))
    if not many:
        none = f"there is no dead job {job}: clearline jobs list tells those there are" if job else "no job is dead"
        typer.echo(none, err=True)
        raise typer.Exit(EXIT_FAILED)
    typer.echo(f"{many} made ready again")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@clock_cli.command("show")
def clock_show_command(as_json: AsJson = False) -> None:
    """Tell the business date."""
    from app.cli.book import clock

    typer.echo(clock.told(to_the_end(clock.show(settings())), as_json=as_json))


@clock_cli.command("advance")
def clock_advance_command(
    days: Annotated[int, typer.Argument(min=1, max=ADVANCE_DAYS_MAX, help="Days to move forwards.")],
    as_json: AsJson = False,
) -> None:
    """Move the business date forwards, running every end of day in between."""
    from app.cli.book import clock

    try:
        reached = to_the_end(clock.advance(settings(), days))
    except clock.ClockRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(clock.told(reached, as_json=as_json))
