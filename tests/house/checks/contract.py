"""The contract holds no code, and knows every refusal by its name."""

import ast
from collections.abc import Iterable, Mapping

from tests.house.checks.finding import Finding, tree_of, within


def python_in_contract(paths: Iterable[str]) -> list[Finding]:
    """No Python below graphql/: an `__init__.py` there would hide the library of that name."""
    return [
        Finding(path, 0, "Python in the contract")
        for path in paths
        if within(path, "graphql") and path.endswith((".py", ".pyi"))
    ]


def refusals_without_type(path: str, source: str, api: Mapping[str, str]) -> list[Finding]:
    """Every subclass of Refusal in `source` has a Strawberry type of its name in the files `api`."""
    classes = [node for node in tree_of(source).body if isinstance(node, ast.ClassDef)]
    refusals = {"Refusal"}
    known = {name for text in api.values() for name in _strawberry_types(text)}
    found = []
    for node in classes:  # a base stands above what derives from it, so one pass is enough
        if refusals & {base.id for base in node.bases if isinstance(base, ast.Name)}:
            refusals.add(node.name)
            if node.name not in known:
                found.append(Finding(path, node.lineno, f"{node.name} has no GraphQL type of its name in app/api"))
    return found


def _strawberry_types(source: str) -> Iterable[str]:
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.ClassDef):
            for decorator in node.decorator_list:
                if "strawberry" in ast.unparse(decorator):
                    yield _type_name(decorator) or node.name


def _type_name(decorator: ast.expr) -> str | None:
    """The name given in `@strawberry.type(name="…")`."""
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    for keyword in keywords:
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return None
