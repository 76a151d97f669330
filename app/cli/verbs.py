"""The verbs of the command line, room by room. Each says what it does in one line; `--json` for machines."""

import typer

from app.cli.audit.verbs import audit_cli
from app.cli.book.verbs import book_cli
from app.cli.days.verbs import days_cli
from app.cli.papers.verbs import papers_cli
from app.cli.privacy.verbs import privacy_cli
from app.cli.proof.verbs import proof_cli
from app.cli.start.outsiders import outsiders_cli
from app.cli.start.verbs import start_cli

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Clearline: a consumer credit line that asks the bureau in two cases only.",
)
for room in (start_cli, outsiders_cli, book_cli, days_cli, audit_cli, papers_cli, privacy_cli, proof_cli):
    cli.add_typer(room)
