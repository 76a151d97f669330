"""Verbs that print what others read: the contract and the generated documents; and that read what others wrote."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.house import EXIT_FAILED, AsJson, in_house

papers_cli = typer.Typer()
schema_cli = typer.Typer(no_args_is_help=True, help="The GraphQL contract.")
papers_cli.add_typer(schema_cli, name="schema")
policy_cli = typer.Typer(no_args_is_help=True, help="Policies: check a document, tell what the book holds.")
papers_cli.add_typer(policy_cli, name="policy")


@schema_cli.command("export")
def schema_export_command(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail when a file is not up to date.")
    ] = False,
) -> None:
    """Print the contract into graphql/ (SDLs, trusted operations), docs/roles.md and docs/privacy-register.md."""
    from app.cli.papers import contract, register, roles

    stale = [f"graphql/{name}" for name in contract.export(check=check)]
    stale += [f"docs/{page.PAGE.name}" for page in (roles, register) if page.write(check=check)]
    for name in stale:
        typer.echo(f"{'stale' if check else 'written'}: {name}")
    if check and stale:
        raise typer.Exit(EXIT_FAILED)


@policy_cli.command("check")
def policy_check_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The document.")],
    as_json: AsJson = False,
) -> None:
    """Check a policy document: what is wrong, where, and with an applicant who shows it. Needs no database."""
    from app.cli.papers import policy

    draft, problems = policy.examined(file)
    typer.echo(policy.as_json(draft, problems) if as_json else policy.as_text(draft, problems))
    if problems:
        raise typer.Exit(EXIT_FAILED)


@policy_cli.command("list")
def policy_list_command(
    segment: Annotated[str | None, typer.Option(help="Only of this segment.")] = None, as_json: AsJson = False
) -> None:
    """Tell the policies of the book, newest first, drafts and rejected ones too."""
    from app.cli.papers import policy

    rows = in_house(lambda _house: policy.listed(segment))
    typer.echo(policy.list_as_json(rows) if as_json else policy.list_as_text(rows))


@policy_cli.command("show")
def policy_show_command(version: Annotated[str, typer.Argument(help="As decisions name it.")]) -> None:
    """Print one policy with its document, as JSON."""
    from app.cli.papers import policy

    row = in_house(lambda _house: policy.named(version))
    if row is None:
        typer.echo(f"no policy is named {version}: clearline policy list tells them all", err=True)
        raise typer.Exit(EXIT_FAILED)
    typer.echo(policy.shown(row))
