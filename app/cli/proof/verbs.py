"""Verbs by which anyone checks what the log proves."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.house import EXIT_ENVIRONMENT, EXIT_FAILED, AsJson, settings
from app.cli.proof import receipt

proof_cli = typer.Typer()


@proof_cli.command("verify")
def verify_command(
    file: Annotated[Path, typer.Argument(help="The receipt.", dir_okay=False, exists=True)],
    keys: Annotated[
        list[Path] | None,
        typer.Option(
            help="A policy with the public keys that you trust; may be repeated.", dir_okay=False, exists=True
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a receipt offline against the public keys of log and witnesses: 0 when it holds, 1 when not."""
    trusted = keys or [settings().home / receipt.POLICY_FILE]
    if not trusted[0].exists():
        typer.echo(f"no public keys: there is no {trusted[0]}. Give the policy that you trust with --keys", err=True)
        raise typer.Exit(EXIT_ENVIRONMENT)
    verdict = receipt.check(file, trusted)
    typer.echo(receipt.as_json(verdict) if as_json else receipt.as_text(verdict))
    if verdict.proven is None:
        raise typer.Exit(EXIT_FAILED)
