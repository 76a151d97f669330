"""Whoever checks us needs the proof code alone: it stands by itself, and a witness takes nothing else of ours."""

from typing import Final

from tests.house.checks.finding import Finding, imports, within

CORE: Final = "app/domain/proof"
SHARED: Final = "app.domain.proof"
OURS: Final = ("app", "models", "ml", "sims", "tests")


def entangled(path: str, source: str) -> list[Finding]:
    """CORE and the witness import nothing of ours but the core."""
    if not within(path, CORE, "witness"):
        return []
    return [
        Finding(path, node.lineno, f"only {SHARED} may be known here: {name}")
        for node, name in imports(source)
        if name.split(".")[0] in OURS and not f"{name}.".startswith(f"{SHARED}.")
    ]
