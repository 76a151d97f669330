"""What every verb of the command line begins with: the settings, the open house, the exit codes.

A verb loads what it needs when it runs, inside its own body: to check a receipt, or to print a page of help, needs
neither the tables nor the contract nor the score model.
"""

import json
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from app.main import House
    from app.settings import Settings

Result = TypeVar("Result")

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3
EXIT_INTERRUPTED = 130
FROM_FILE = "@"

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def settings() -> "Settings":
    """The settings of this process; a wrong one ends it with a clear line."""
    from pydantic import ValidationError

    from app.api.observe import set_up_logging
    from app.settings import Settings

    try:
        found = Settings()
    except ValidationError as error:
        for problem in error.errors():
            where = f"CLEARLINE_{str(problem['loc'][0]).upper()}: " if problem["loc"] else ""
            typer.echo(where + problem["msg"].removeprefix("Value error, "), err=True)
        raise typer.Exit(EXIT_ENVIRONMENT) from None
    set_up_logging(found.log_level)
    return found


def beside_server(found: "Settings") -> "Settings":
    """The settings, with the port and the bureau of the running server of this home, if there is one."""
    mark = found.home / "server.json"
    if not mark.exists():
        return found
    running = json.loads(mark.read_text(encoding="utf-8"))
    told = {"bureau_url": running["bureau"], "port": urlsplit(running["url"]).port or found.port}
    return found.model_copy(update=told)


def value_or_file(text: str) -> str:
    """The text itself, or what stands in the file that it names after an @.

    Raises:
        OSError: the file cannot be read.
    """
    return Path(text.removeprefix(FROM_FILE)).read_text(encoding="utf-8").strip() if text[:1] == FROM_FILE else text


def in_house(act: Callable[["House"], Awaitable[Result]]) -> Result:
    """Run `act` with every door open, beside the running server of this home if there is one."""
    from app.main import open_house

    async def run() -> Result:
        async with open_house(beside_server(settings())) as house:
            await house.must_fit()
            return await act(house)

    return to_the_end(run())


def to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` in a loop of its own; what came of it."""
    import asyncio

    return asyncio.run(work)
