"""Modules import one another in one direction: the graph has an order."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from tests.house.checks.finding import Finding, tree_of


def import_circles(sources: Mapping[str, str]) -> list[Finding]:
    """No module imports itself by way of others, not even late; what is imported for types only does not count."""
    modules = {module_name(path): path for path in sources}
    graph = {name: set(_imported(name, sources[path], modules)) - {name} for name, path in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        names: list[str] = circle.args[1][::-1]  # told from the imported to the importer
        return [Finding(modules[names[0]], 0, f"a circle of imports: {' > '.join(names)}")]
    return []


def module_name(path: str) -> str:
    """The dotted name of a file: app/api/__init__.py is "app.api"."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(name: str, source: str, modules: Mapping[str, str]) -> Iterator[str]:
    package = name if modules[name].endswith("__init__.py") else name.rpartition(".")[0]
    for node in _run_time(tree_of(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield from (found for found in [inner if inner in modules else base] if found in modules)


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])


def _run_time(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from _run_time(other)
        else:
            yield from _run_time(child)
