"""Verbs of the command line inside the test's own process: for what they say and do, where a process is not the point."""

from pathlib import Path

from typer.testing import CliRunner, Result

from app.cli.verbs import cli


def verb(home: Path, *words: object, **more: str) -> Result:
    """What came of a verb in a home, with more of an environment."""
    return CliRunner().invoke(cli, [str(word) for word in words], env={"CLEARLINE_HOME": str(home), **more})
