"""What a database says of itself: its tables, and the columns of each."""

from models.connection import fetch


async def tables(store: str) -> set[str]:
    """The name of every table."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    if store == "postgres":
        query = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    return {str(row["name"]) for row in await fetch(query)}


async def columns(store: str, table: str) -> dict[str, tuple[str, bool]]:
    """Type and nullability of each column."""
    if store == "sqlite":
        rows = await fetch(f"PRAGMA table_info({table})")
        return {row["name"]: (row["type"], not row["notnull"] and not row["pk"]) for row in rows}
    rows = await fetch(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = $1", table
    )
    return {row["column_name"]: (row["data_type"], row["is_nullable"] == "YES") for row in rows}
