"""Secrets are sealed in one place, and signatures are made and judged in as few."""

from typing import Final

from tests.house.checks.finding import Finding, imports

PLACE: Final = "app/doors/keys.py"
PRIMITIVES: Final = "cryptography.hazmat.primitives.ciphers"  # and below it: the AEADs
SIGNERS: Final = ("app/doors/signing.py", "witness/keys.py")
CURVES: Final = "cryptography.hazmat.primitives.asymmetric"


def sealed_elsewhere(path: str, source: str) -> list[Finding]:
    """Ciphers are imported in PLACE only, so that nonces and associated data are chosen once."""
    return _taken(path, source, PRIMITIVES, (PLACE,))


def signed_elsewhere(path: str, source: str) -> list[Finding]:
    """Curves are imported in SIGNERS only: everybody else verifies through a callable that was handed in."""
    return _taken(path, source, CURVES, SIGNERS)


def _taken(path: str, source: str, module: str, places: tuple[str, ...]) -> list[Finding]:
    if path in places:
        return []
    return [
        Finding(path, node.lineno, f"{module} belongs to {', '.join(places)} alone")
        for node, name in imports(source)
        if f"{name}.".startswith(f"{module}.")
    ]
