"""A guard stands under every flag of the interpreter, and an error is caught by its name."""

import ast
from typing import Final

from tests.house.checks.finding import Finding, tree_of, within

# Where an unknown error is met on purpose: the outermost edge of something that must go on.
EDGES: Final = {
    "app/api/transport.py": "a fault outside any resolver is masked like one inside",
    "app/flows/ledger/sequencer.py": "a database away must not end the sequencer",
    "app/flows/worker.py": "one job that fails must not end the worker",
}
EVERYTHING: Final = {"Exception", "BaseException"}


def asserts(path: str, source: str) -> list[Finding]:
    """No `assert` in the product: it vanishes under -O. Tests and simulators may."""
    if within(path, "tests", "sims"):
        return []
    nodes = (node for node in ast.walk(tree_of(source)) if isinstance(node, ast.Assert))
    return [Finding(path, node.lineno, "assert is no guard: raise") for node in nodes]


def catch_alls(path: str, source: str) -> list[Finding]:
    """`except:` and `except Exception:` only at the EDGES, or to tidy up and raise again."""
    if path in EDGES:
        return []
    handlers = (node for node in ast.walk(tree_of(source)) if isinstance(node, ast.ExceptHandler))
    return [
        Finding(path, node.lineno, "catches everything: name the error") for node in handlers if _catches_all(node)
    ]


def _catches_all(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in EVERYTHING for kind in kinds)
