"""Money is exact: no float is written, made or divided into being where money is reckoned."""

import ast
from typing import Final

from tests.house.checks.finding import Finding, tree_of, within

PLACES: Final = ("app/domain/money.py", "app/domain/lending", "app/domain/deciding", "app/flows/book")
EXEMPT: Final = {
    "app/domain/lending/annual_cost.py": "root finding in floats; the root is then verified in exact numbers",
}
FRACTIONS: Final = {
    "app/domain/deciding/limit.py": "divides one Fraction by another, which is exact",
}


def floats_near_money(path: str, source: str) -> list[Finding]:
    """No float literal, no `float()`, no true division in PLACES; FRACTIONS may divide."""
    if not within(path, *PLACES) or path in EXEMPT:
        return []
    found = []
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(Finding(path, node.lineno, f"a float near money: {node.value}"))
        elif isinstance(node, ast.Call) and _makes_float(node.func):
            found.append(Finding(path, node.lineno, "float() near money"))
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div) and path not in FRACTIONS:
            found.append(Finding(path, node.lineno, "true division near money: use // and a named rounding"))
    return found


def _makes_float(function: ast.expr) -> bool:
    """`float(…)` and `float.fromhex(…)`."""
    named = function.value if isinstance(function, ast.Attribute) else function
    return isinstance(named, ast.Name) and named.id == "float"
