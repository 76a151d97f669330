"""What is destroyed in a book on SQLite is overwritten in its file, not merely let go."""

from pathlib import Path

from models.connection import close_database, connection, fetch, open_database

SECRET = "destroyed" * 2000  # over several pages, as a long value is kept


def files_with_it(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if SECRET[:9].encode() in path.read_bytes()]


async def test_what_was_destroyed_is_no_longer_in_the_file(tmp_path: Path) -> None:
    book = tmp_path / "book.sqlite"
    await open_database(f"sqlite://{book}")
    try:
        assert connection().pragmas["secure_delete"] == "ON"  # type: ignore[attr-defined]
        await fetch("CREATE TABLE kept (id INTEGER PRIMARY KEY, sealed TEXT)")
        await fetch("INSERT INTO kept VALUES (1, $1)", SECRET)
        await fetch("PRAGMA wal_checkpoint(TRUNCATE)")
        assert files_with_it(tmp_path) == [book.name]
        await fetch("UPDATE kept SET sealed = NULL")
        await fetch("PRAGMA wal_checkpoint(TRUNCATE)")
        assert files_with_it(tmp_path) == []
    finally:
        await close_database()
