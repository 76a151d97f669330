"""Verbs that print what others read: the contract and the generated documents."""

from typing import Annotated

import typer

from app.cli.house import EXIT_FAILED
from app.cli.papers import contract, register, roles

papers_cli = typer.Typer()
schema_cli = typer.Typer(no_args_is_help=True, help="The GraphQL contract.")
papers_cli.add_typer(schema_cli, name="schema")


@schema_cli.command("export")
def schema_export_command(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail when a file is not up to date.")
    ] = False,
) -> None:
    """Print the contract into graphql/ (SDLs, trusted operations), docs/roles.md and docs/privacy-register.md."""
    stale = [f"graphql/{name}" for name in contract.export(check=check)]
    stale += [f"docs/{page.PAGE.name}" for page in (roles, register) if page.write(check=check)]
    for name in stale:
        typer.echo(f"{'stale' if check else 'written'}: {name}")
    if check and stale:
        raise typer.Exit(EXIT_FAILED)
