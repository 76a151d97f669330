"""Verbs that start the product, fill it, play it and look whether it can run."""

import json
import os
from typing import Annotated

import typer

from app.cli.house import EXIT_ENVIRONMENT, EXIT_FAILED, AsJson, in_house, settings, to_the_end

start_cli = typer.Typer()


@start_cli.command("demo")
def demo_command(
    port: Annotated[
        int, typer.Option(envvar=["PORT", "CLEARLINE_PORT"], min=0, max=65535, help="Port of the API.")
    ] = 8000,
) -> None:
    """Start everything: database, seeded people, simulators, API and worker, in one command."""
    from app.cli.start import demo

    os.environ.setdefault("CLEARLINE_LOG_LEVEL", "WARNING")
    raise typer.Exit(demo.run(settings().model_copy(update={"port": port})))


@start_cli.command("serve")
def serve_command() -> None:
    """Serve the API (and the worker too with CLEARLINE_WORKER_IN_PROCESS=1)."""
    from app.cli.start import serving

    raise typer.Exit(serving.serve(settings()))


@start_cli.command("worker")
def worker_command() -> None:
    """Run a worker: assess applications and increases, pay out loans."""
    from app.cli.start import serving

    raise typer.Exit(serving.work(settings()))


@start_cli.command("migrate")
def migrate_command(
    seed: Annotated[
        bool, typer.Option("--seed", help="Then write the sandbox's texts and people where missing.")
    ] = False,
) -> None:
    """Bring the database to this release, its policies too; safe to run twice, and from several machines."""
    from models.connection import close_database, open_database
    from models.migrate import migrate
    from models.shipped.policies import write_shipped_policies

    async def run() -> list[str]:
        await open_database(settings().database)
        try:
            steps = [f"{step.number:04d} {step.name}" for step in await migrate()]
            return steps + [f"policy {version}" for version in await write_shipped_policies()]
        finally:
            await close_database()

    for line in to_the_end(run()) or ["nothing to do"]:
        typer.echo(line)
    if seed:
        seed_command()


@start_cli.command("seed")
def seed_command() -> None:
    """Write the sandbox's texts, staff and personas where they are missing."""
    from app.flows.sandbox.book import seed_book

    typer.echo(f"{in_house(lambda house: seed_book(house.desk))} people written")


@start_cli.command("personas")
def personas_command(as_json: AsJson = False) -> None:
    """Who can be played, with tokens, and what happens to whom."""
    from app.cli.start import people

    typer.echo(people.as_json() if as_json else people.as_table())


@start_cli.command("doctor")
def doctor_command(as_json: AsJson = False) -> None:
    """Look at this machine and these settings, and say what is wrong and how to mend it."""
    from app.cli.start import doctor

    found = to_the_end(doctor.examine(settings()))
    typer.echo(json.dumps(doctor.report(found)) if as_json else doctor.as_text(found))
    if any(not check.ok for check in found):
        raise typer.Exit(EXIT_FAILED)


@start_cli.command("story")
def story_command(
    url: Annotated[str, typer.Option(help="Where the API is; the running demo by default.")] = "",
    bureau: Annotated[str, typer.Option(help="Where the bureau simulator is; the demo's own by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Play the whole story against a running server, with a new customer and the bureau's own count."""
    import httpx2

    from app.cli.start import story

    mark = settings().home / "server.json"
    running = json.loads(mark.read_text(encoding="utf-8")) if mark.exists() else {}
    api = url or running.get("url", "http://127.0.0.1:8000")
    try:
        told = story.play(api, bureau or running.get("bureau"))
    except story.StoryBroken as broken:
        typer.echo(str(broken), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    except httpx2.HTTPError:
        typer.echo(f"nothing answers at {api}: start it with make demo", err=True)
        raise typer.Exit(EXIT_ENVIRONMENT) from None
    typer.echo(story.as_json(told) if as_json else story.as_text(told))
