"""What a test needs from outside the project; a missing thing skips with a clear word, or fails in strict mode."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
LONG = os.environ.get("CLEARLINE_PROFILE_TESTS") == "long"
"""Whether this is the longer profile."""


def strict() -> bool:
    """Whether a missing need is a failure (continuous integration) and not a skip."""
    return os.environ.get("CLEARLINE_STRICT") == "1"


def missing(what: str) -> None:
    """Skip the running test because `what` is missing; fail it in strict mode."""
    if strict():
        pytest.fail(f"missing, and strict mode forbids a skip: {what}")
    pytest.skip(f"missing: {what}")


def require_shared(*parts: str) -> Path:
    """The path of a file of the shared vectors or data beside the checkout, e.g. ("vectors", "lending")."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        missing(f"shared/{'/'.join(parts)} beside the checkout")
    return path
