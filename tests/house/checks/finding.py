"""What a check says, and the one parse of a source that they all read."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple


class Finding(NamedTuple):
    """A broken rule: where, and in a few words which."""

    path: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}"


@lru_cache(maxsize=2_000)
def tree_of(source: str) -> ast.Module:
    """The syntax tree of `source`, parsed once for all checks."""
    return ast.parse(source)


def calls(source: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the last part of the called name: `a.b.c()` is "c"."""
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node, node.func.id if isinstance(node.func, ast.Name) else node.func.attr


def imports(source: str) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Every absolute import as a dotted name: `from a.b import c` is "a.b.c"."""
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def within(path: str, *places: str) -> bool:
    """Whether `path` is one of `places` or lies below one of them."""
    return any(path == place or path.startswith(f"{place}/") for place in places)
