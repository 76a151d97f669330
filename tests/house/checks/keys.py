"""Secrets are sealed in one place."""

from typing import Final

from tests.house.checks.finding import Finding, imports

PLACE: Final = "app/doors/keys.py"
PRIMITIVES: Final = "cryptography.hazmat.primitives.ciphers"  # and below it: the AEADs


def sealed_elsewhere(path: str, source: str) -> list[Finding]:
    """Ciphers are imported in PLACE only, so that nonces and associated data are chosen once."""
    if path == PLACE:
        return []
    return [
        Finding(path, node.lineno, f"ciphers belong to {PLACE} alone")
        for node, name in imports(source)
        if f"{name}.".startswith(f"{PRIMITIVES}.")
    ]
