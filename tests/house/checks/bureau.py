"""The bureau's costly door has one caller."""

from typing import Final

from tests.house.checks.finding import Finding, calls, imports, within

CALLER: Final = "app/flows/credit/assessing.py"
GUARDED: Final = {"inquire", "mint_permit"}
MINT: Final = "mint_permit"


def door_callers(path: str, source: str) -> list[Finding]:
    """Only CALLER calls `inquire` or `mint_permit`; nobody else outside the law gets hold of the mint."""
    if path == CALLER:
        return []
    found = [
        Finding(path, node.lineno, f"{name}() belongs to {CALLER} alone")
        for node, name in calls(source)
        if name in GUARDED
    ]
    if within(path, "app/domain"):
        return found
    taken = (node for node, name in imports(source) if name.split(".")[-1] == MINT)
    return found + [Finding(path, node.lineno, f"{MINT} belongs to {CALLER} alone") for node in taken]
