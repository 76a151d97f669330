"""Verbs of the log, and those by which anyone checks what it proves."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.house import EXIT_ENVIRONMENT, EXIT_FAILED, AsJson, in_house, settings
from app.cli.proof import log, policy, receipt
from app.domain.proof.bundle import FILES_MAX

proof_cli = typer.Typer()
ledger_cli = typer.Typer(no_args_is_help=True, help="The log of records: its key, its witnesses.")
proof_cli.add_typer(ledger_cli, name="ledger")


@ledger_cli.command("key")
def key_command(
    out: Annotated[Path | None, typer.Option(help="Write it there too, for others to read.", dir_okay=False)] = None,
) -> None:
    """Tell the log's public key, which each witness must be given; the key is made when there is none."""
    vkey = policy.vkey_of_log(settings())
    if out is not None:
        out.write_text(f"{vkey}\n", encoding="utf-8")
    typer.echo(vkey)


@ledger_cli.command("policy")
def policy_command(
    witness: Annotated[list[str], typer.Option(help='"NAME VKEY URL"; VKEY may be @FILE. Repeated for each.')],
    least: Annotated[int, typer.Option(min=1, help="How many must have cosigned.")] = 2,
    introduce: Annotated[bool, typer.Option("--introduce", help="Then tell it to the bureau simulator.")] = False,
) -> None:
    """Write the policy: this log, these witnesses, so many of them. Without a quorum nothing is asked of the bureau."""
    found = settings()
    try:
        members = [policy.Member.parse(one) for one in witness]
        text = policy.written(policy.vkey_of_log(found), members, least)
        typer.echo(policy.keep(found, text))
        if introduce:
            policy.introduce(found, text)
    except policy.PolicyRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(EXIT_FAILED) from None


@ledger_cli.command("fsck")
def fsck_command(as_json: AsJson = False) -> None:
    """Reckon the log again from its entries: tree, tiles, checkpoints and records must agree."""
    _examine(beside_witnesses=False, as_json=as_json)


@ledger_cli.command("verify")
def ledger_verify_command(as_json: AsJson = False) -> None:
    """The same, and prove each published checkpoint, and compare with what every witness has seen."""
    _examine(beside_witnesses=True, as_json=as_json)


def _examine(*, beside_witnesses: bool, as_json: bool) -> None:
    report = in_house(lambda house: log.examined(house, beside_witnesses=beside_witnesses))
    typer.echo(log.as_json(report) if as_json else log.as_text(report))
    if report.found.wrong:
        raise typer.Exit(EXIT_FAILED)


@proof_cli.command("verify")
def verify_command(
    files: Annotated[
        list[Path],
        typer.Argument(help="The receipts; several are judged as those of one person.", dir_okay=False, exists=True),
    ],
    keys: Annotated[
        list[Path] | None,
        typer.Option(
            help="A policy with the public keys that you trust; may be repeated.", dir_okay=False, exists=True
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check receipts offline, with public keys alone: 0 when all hold and none is missing between them, else 1."""
    if len(files) > FILES_MAX:
        raise typer.BadParameter(f"at most {FILES_MAX} files at once")
    trusted = keys or [settings().home / receipt.POLICY_FILE]
    if not trusted[0].exists():
        typer.echo(f"no public keys: there is no {trusted[0]}. Give the policy that you trust with --keys", err=True)
        raise typer.Exit(EXIT_ENVIRONMENT)
    verdict = receipt.check(files, trusted)
    typer.echo(receipt.as_json(verdict) if as_json else receipt.as_text(verdict))
    if not verdict.is_well:
        raise typer.Exit(EXIT_FAILED)
