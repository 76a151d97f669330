"""Time is an argument: one file reads the clock, and the law neither reads it nor waits."""

import ast
from collections.abc import Iterator
from typing import Final

from tests.house.checks.finding import Finding, imports, tree_of, within

CLOCKS: Final = ("app/clock.py",)
READINGS: Final = {"now", "utcnow", "today"}
TYPES: Final = {"datetime.datetime", "datetime.date"}
WAITING: Final = ast.Await | ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith
CLOCK_MODULES: Final = {"time", "asyncio", "sched", "threading", "concurrent"}


def clock_reads(path: str, source: str) -> list[Finding]:
    """`datetime.now`, `utcnow` and `today`, under whatever name they were imported, only in CLOCKS."""
    if path in CLOCKS:
        return []
    reads = (node for node in ast.walk(tree_of(source)) if isinstance(node, ast.Attribute) and node.attr in READINGS)
    return [
        Finding(path, node.lineno, f"reads the clock: .{node.attr}; take the time as an argument")
        for node in reads
        if _means(node.value, source) in TYPES
    ]


def clock_in_domain(path: str, source: str) -> list[Finding]:
    """In app/domain: no module that tells the time or waits, no `await`, no `async`."""
    if not within(path, "app/domain"):
        return []
    found = [
        Finding(path, node.lineno, f"the law has no clock: {name}")
        for node, name in imports(source)
        if name.split(".")[0] in CLOCK_MODULES
    ]
    waits = (node for node in ast.walk(tree_of(source)) if isinstance(node, WAITING))
    return found + [Finding(path, node.lineno, "the law does not wait: async") for node in waits]


def _means(value: ast.expr, source: str) -> str:
    """The imported thing that a name or a dotted name stands for, as far as it can be told."""
    if isinstance(value, ast.Attribute):
        return f"{_means(value.value, source)}.{value.attr}"
    return dict(_aliases(source)).get(value.id, value.id) if isinstance(value, ast.Name) else ""


def _aliases(source: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            yield from ((alias.asname or alias.name, f"{module}{alias.name}") for alias in node.names)
