"""The bureau's costly door has one caller, and its kept reports one reader."""

import ast
from typing import Final

from tests.house.checks.finding import Finding, calls, imports, within

CALLER: Final = "app/flows/credit/assessing.py"
GUARDED: Final = {"inquire", "mint_permit"}
MINT: Final = "mint_permit"
READER: Final = "app/flows/credit/reports.py"
REPORTS: Final = "bureau_report"


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


def report_readers(path: str, source: str) -> list[Finding]:
    """Only READER opens a kept report by name, and puts that on record; a copy for the person opens what the register lists."""
    if path == READER:
        return []
    return [
        Finding(path, node.lineno, f"a report is opened in {READER} alone")
        for node, name in calls(source)
        if name == "open" and node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == REPORTS
    ]
