"""Verbs of the log, and those by which anyone checks what it proves."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import EXIT_ENVIRONMENT, EXIT_FAILED, AsJson, in_house, settings, to_the_end
from app.domain.proof.bundle import FILES_MAX
from app.domain.proof.monitor import OUTCOME_SECONDS
from app.domain.proof.strict import Unproven

if TYPE_CHECKING:
    from app.doors.public_log import LogView
    from app.main import House

SECONDS_AN_HOUR = 3600

proof_cli = typer.Typer()
ledger_cli = typer.Typer(no_args_is_help=True, help="The log of records: its key, its witnesses.")
proof_cli.add_typer(ledger_cli, name="ledger")


@ledger_cli.command("key")
def key_command(
    out: Annotated[Path | None, typer.Option(help="Write it there too, for others to read.", dir_okay=False)] = None,
) -> None:
    """Tell the log's public key, which each witness must be given; the key is made when there is none."""
    from app.cli.proof import policy

    vkey = policy.vkey_of_log(settings())
    if out is not None:
        out.write_text(f"{vkey}\n", encoding="utf-8")
    typer.echo(vkey)


@ledger_cli.command("policy")
def policy_command(
    witness: Annotated[list[str], typer.Option(help='"NAME VKEY URL"; VKEY may be @FILE. Repeated for each.')],
    least: Annotated[int, typer.Option(min=1, help="How many of them must have cosigned.")] = 2,
    require: Annotated[
        list[str] | None,
        typer.Option(help="An independent witness, written alike, without whom nothing counts. Repeated for each."),
    ] = None,
    introduce: Annotated[bool, typer.Option("--introduce", help="Then tell it to the bureau simulator.")] = False,
) -> None:
    """Write the policy: this log, these witnesses, so many of them. Without a quorum nothing is asked of the bureau."""
    from app.cli.proof import policy

    found = settings()
    try:
        members, required = ([policy.Member.parse(one) for one in told] for told in (witness, require or []))
        text = policy.written(policy.vkey_of_log(found), members, least, required)
    except policy.PolicyRefused as refused:
        raise typer.BadParameter(str(refused)) from None
    typer.echo(policy.keep(found, text))
    try:
        if introduce:
            policy.introduce(found, text)
    except policy.PolicyRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(EXIT_FAILED) from None


@ledger_cli.command("policies")
def policies_command(
    out: Annotated[
        Path | None, typer.Option(help="Write each into this folder, for `--keys` of others.", file_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell every policy that checkpoints were published under, and from which size on."""
    from app.cli.proof import policy
    from app.domain.proof.signed import era

    try:
        eras = in_house(policy.published_under)
    except Unproven as changed:
        typer.echo(changed.told, err=True)
        raise typer.Exit(EXIT_FAILED) from None
    if out is not None:
        policy.write_each(eras, out)
    typer.echo(era.as_json(eras) if as_json else policy.eras_as_text(eras))


@ledger_cli.command("fsck")
def fsck_command(
    records: Annotated[
        bool, typer.Option("--records", help="Open every sealed record too, with the keys, and hold it to its leaf.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Reckon the log again from its entries: tree, tiles, checkpoints and records must agree."""
    _examine(beside_witnesses=False, records=records, as_json=as_json)


@ledger_cli.command("verify")
def ledger_verify_command(as_json: AsJson = False) -> None:
    """The same, and prove each published checkpoint, and compare with what every witness has seen.

    0 when all agrees, 1 when something does not, 3 when there is no policy or too few witnesses answer.
    """
    _examine(beside_witnesses=True, as_json=as_json)


def _examine(*, beside_witnesses: bool, records: bool = False, as_json: bool) -> None:
    from app.cli.proof import log

    report = in_house(lambda house: log.examined(house, beside_witnesses=beside_witnesses, records=records))
    typer.echo(log.as_json(report) if as_json else log.as_text(report))
    if report.found.wrong:
        raise typer.Exit(EXIT_FAILED)
    if report.not_compared:
        raise typer.Exit(EXIT_ENVIRONMENT)


@ledger_cli.command("reconcile")
def reconcile_command(as_json: AsJson = False) -> None:
    """Compare our inquiries with the records that the bureau holds under our name, now: 0 when they agree, else 1."""
    from app.cli.proof import reconciling
    from app.doors.bureau.follow_up import BureauAway

    try:
        told = in_house(reconciling.compared)
    except BureauAway as away:
        typer.echo(f"the bureau does not show its records ({away}): see clearline doctor", err=True)
        raise typer.Exit(EXIT_ENVIRONMENT) from None
    typer.echo(reconciling.as_json(told) if as_json else reconciling.as_text(told))
    if told.differing:
        raise typer.Exit(EXIT_FAILED)


@ledger_cli.command("monitor")
def monitor_command(
    url: Annotated[str | None, typer.Argument(help="Where the log is served, e.g. http://127.0.0.1:8000/log")] = None,
    store: Annotated[bool, typer.Option("--store", help="Read the log out of this home's book instead.")] = False,
    keys: Annotated[
        list[Path] | None, typer.Option(help="A policy that you trust; may be repeated. Else this home's.")
    ] = None,
    state: Annotated[Path | None, typer.Option(help="What the monitor remembers; else a file in the home.")] = None,
    patience: Annotated[
        int, typer.Option(min=1, help="Hours after which an intent must have an outcome.")
    ] = OUTCOME_SECONDS // SECONDS_AN_HOUR,
    every: Annotated[int, typer.Option(min=0, max=86_400, help="Look again after so many seconds; 0: once.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Follow the log from outside: 0 when all is well, 1 when it forked, shrank, is stale or hides an outcome."""
    import asyncio

    from app.cli.proof import monitor
    from app.clock import real_now_us

    if (url is None) != store:
        raise typer.BadParameter("give the URL of a log, or --store")
    found = settings()

    async def follow(view: "LogView") -> bool:
        trusted = tuple(monitor.policy_in(path) for path in keys or [found.log_policy_file])
        memory = state or found.home / monitor.STATE_FILE
        watch = monitor.Watch(view, trusted, memory, patience * SECONDS_AN_HOUR)
        while True:
            report = await monitor.look(watch, real_now_us() // 1_000_000)
            typer.echo(monitor.as_json(report) if as_json else monitor.as_text(report))
            if every == 0:
                return not report.alarms
            await asyncio.sleep(every)

    try:
        well = (
            in_house(lambda house: _from_store(house, follow)) if store else to_the_end(_from_url(str(url), follow))
        )
    except monitor.MonitorUnusable as unusable:
        typer.echo(str(unusable), err=True)
        raise typer.Exit(EXIT_ENVIRONMENT) from None
    if not well:
        raise typer.Exit(EXIT_FAILED)


async def _from_store(house: "House", follow: Callable[["LogView"], Awaitable[bool]]) -> bool:
    from app.cli.proof.monitor import MonitorUnusable
    from app.flows.ledger.serving import StoredLog

    if house.desk.ledger is None:
        raise MonitorUnusable("this home keeps no log: there is no policy (clearline ledger policy)")
    return await follow(StoredLog(house.desk.ledger))


async def _from_url(url: str, follow: Callable[["LogView"], Awaitable[bool]]) -> bool:
    from app.doors.public_log import PublicLog

    view = PublicLog(url)
    try:
        return await follow(view)
    finally:
        await view.close()


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
    from app.cli.proof import receipt

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
