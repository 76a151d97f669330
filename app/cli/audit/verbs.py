"""Verbs of internal audit: look at the whole book, list what was found, close it with evidence."""

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app.cli.house import EXIT_FAILED, EXIT_USAGE, AsJson, in_house, settings, to_the_end
from app.domain.auditing.finding import FindingState
from app.domain.auditing.rules import AuditRuleId
from app.domain.calendar import business_date

if TYPE_CHECKING:
    from app.flows.audit.report import Told
    from app.main import House

COMPLIANCE = "compliance"

audit_cli = typer.Typer()
verbs = typer.Typer(
    no_args_is_help=True, help="Internal audit: run, list, close. Code 1 means findings, 2 that it was not done."
)
audit_cli.add_typer(verbs, name="audit")

AsOfficer = Annotated[str, typer.Option("--as", help="The login of the officer who acts.", metavar="LOGIN")]


@verbs.command("run")
def run_command(officer: AsOfficer = COMPLIANCE, as_json: AsJson = False) -> None:
    """Look at the whole book by every rule; twice is harmless, and a run that was stopped goes on."""
    from app.cli.audit import acting, told

    try:
        report = to_the_end(acting.audited(settings(), officer))
    except acting.Refused as refused:
        _refuse(refused)
    typer.echo(told.report_as_json(report) if as_json else told.report_as_text(report))
    if report.unsettled:
        raise typer.Exit(EXIT_FAILED)


@verbs.command("list")
def list_command(
    state: Annotated[FindingState | None, typer.Option(help="Only findings of this state.")] = None,
    rule: Annotated[AuditRuleId | None, typer.Option(help="Only findings of this rule.")] = None,
    closed_too: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List findings that are not closed, newest first, at most 1000."""
    from app.cli.audit import told
    from app.flows.audit.report import findings_told

    async def look(house: "House") -> tuple["Told", str]:
        found = await findings_told(state, rule, closed_too=closed_too)
        today = business_date(await house.desk.refresh_clock())
        return found, told.list_as_json(found, today) if as_json else told.list_as_text(found, today)

    found, text = in_house(look)
    typer.echo(text)
    if any(row.state != FindingState.CLOSED for row in found.findings):
        raise typer.Exit(EXIT_FAILED)


@verbs.command("close")
def close_command(
    finding: Annotated[str, typer.Argument(help="The id of the finding, as `list` tells it.")],
    evidence: Annotated[str, typer.Option(help="What was done, and where the proof is; it names nobody.")],
    remains: Annotated[
        bool, typer.Option("--remains", help="A thing of the past that stays in the book: leave it closed.")
    ] = False,
    officer: AsOfficer = COMPLIANCE,
) -> None:
    """Close a finding with evidence; a run that finds the fault again opens it again."""
    from app.cli.audit import acting

    try:
        to_the_end(acting.closed(settings(), officer, finding, evidence, remains=remains))
    except acting.Refused as refused:
        _refuse(refused)
    typer.echo("closed")


def _refuse(refused: Exception) -> NoReturn:
    typer.echo(str(refused), err=True)
    raise typer.Exit(EXIT_USAGE) from None
