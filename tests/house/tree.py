"""The files of the project as the checks see them."""

import subprocess
from functools import cache
from typing import Final

from tests.needs import ROOT

PRODUCT: Final = ("app", "models", "ml", "sims", "witness")


@cache
def paths() -> tuple[str, ...]:
    """Every file that is tracked or could be: what git does not ignore, from the root, with "/"."""
    # The checkout may belong to another user than the one who runs the tests.
    asking = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asking, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted({path for path in listed.split("\0") if path and (ROOT / path).is_file()}))


@cache
def text(path: str) -> str | None:
    """The text of a file; None when it is not a text."""
    content = (ROOT / path).read_bytes()
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def python(*places: str) -> dict[str, str]:
    """Path and source of each Python file below `places`."""
    names = (path for path in paths() if path.endswith(".py") and path.split("/", 1)[0] in places)
    return {path: source for path in names if (source := text(path)) is not None}
