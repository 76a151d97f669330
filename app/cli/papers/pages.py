"""Writing a generated page of docs/, or telling that it is stale."""

from pathlib import Path


def written(path: Path, text: str, *, check: bool) -> bool:
    """Write a page (or, with `check`, only compare); whether it was not up to date."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    if not check:
        path.write_text(text, encoding="utf-8")
    return True


def row(cells: list[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def head(cells: list[str]) -> list[str]:
    """The first two rows of a table."""
    return [row(cells), row(["---"] * len(cells))]
