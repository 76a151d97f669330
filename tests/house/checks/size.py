"""Nothing grows without anyone noticing: files, functions, folders."""

import ast
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from tests.house.checks.finding import Finding, tree_of, within

FILE_LINES_MAX: Final = 400
TEST_LINES_MAX: Final = 600
FUNCTION_LINES_MAX: Final = 70
FOLDER_FILES_MAX: Final = 12


def long_files(path: str, source: str) -> list[Finding]:
    """A file has at most FILE_LINES_MAX lines, a test TEST_LINES_MAX."""
    lines = len(source.splitlines())
    most = TEST_LINES_MAX if within(path, "tests") else FILE_LINES_MAX
    return [Finding(path, most + 1, f"{lines} lines, at most {most}")] if lines > most else []


def long_functions(path: str, source: str) -> list[Finding]:
    """A function has at most FUNCTION_LINES_MAX lines, its decorators and docstring included."""
    found = []
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            lines = (node.end_lineno or first) - first + 1
            if lines > FUNCTION_LINES_MAX:
                found.append(Finding(path, first, f"{node.name}: {lines} lines, at most {FUNCTION_LINES_MAX}"))
    return found


def full_folders(paths: Iterable[str]) -> list[Finding]:
    """A folder holds at most FOLDER_FILES_MAX Python files; `__init__.py` and tests do not count."""
    files = (PurePosixPath(path) for path in paths if path.endswith(".py") and not within(path, "tests"))
    counts = Counter(str(file.parent) for file in files if file.name != "__init__.py")
    return [
        Finding(folder, 0, f"{count} Python files, at most {FOLDER_FILES_MAX}")
        for folder, count in sorted(counts.items())
        if count > FOLDER_FILES_MAX
    ]
