"""Which functions of the product a function can lead to, read from the source: names that it uses, and what they are."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.settings import ROOT

Place = tuple[str, str]
"""A module and the name of a function, or of a class and its method, in it."""


@dataclass(slots=True)
class Sources:
    """The functions of the API and the flows, and where each name of a module comes from."""

    bodies: dict[Place, ast.AST] = field(default_factory=dict)
    names: dict[str, dict[str, Place]] = field(default_factory=dict)

    @classmethod
    def read(cls, *folders: str) -> "Sources":
        sources = cls()
        for folder in folders:
            for path in sorted((ROOT / folder).rglob("*.py")):
                sources._take(path)
        return sources

    def _take(self, path: Path) -> None:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        known = self.names.setdefault(module, {})
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for taken in node.names:
                    known[taken.asname or taken.name] = (node.module, taken.name)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign):
                for name in _named(node):
                    known[name] = (module, name)
                    self.bodies[module, name] = node

    def reached(self, start: ast.AST, module: str) -> set[Place]:
        """Every place that `start` of `module` can lead to, by what it names."""
        seen: set[Place] = set()
        waiting = list(self._used(start, module))
        while waiting:
            place = waiting.pop()
            if place not in seen:
                seen.add(place)
                if place in self.bodies:
                    waiting += self._used(self.bodies[place], place[0])
        return seen

    def _used(self, node: ast.AST, module: str) -> Iterator[Place]:
        known = self.names.get(module, {})
        for used in ast.walk(node):
            if isinstance(used, ast.Name) and used.id in known:
                yield known[used.id]
            if isinstance(used, ast.Attribute) and isinstance(used.value, ast.Name) and used.value.id in known:
                home, name = known[used.value.id]
                yield f"{home}.{name}", used.attr


def _named(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign):
        return [node.target.id] if isinstance(node.target, ast.Name) else []
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return [node.name]
