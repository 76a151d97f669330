"""What stands in the database, counted from outside the product's own reading."""

from models.connection import fetch


async def row_counts() -> dict[str, int]:
    """The number of rows of every table of the book."""
    tables = await fetch("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name: await _count(name) for name in sorted(str(table["name"]) for table in tables)}


async def _count(table: str) -> int:
    return int((await fetch(f'SELECT count(*) AS n FROM "{table}"'))[0]["n"])
