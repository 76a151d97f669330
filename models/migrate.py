"""Schema changes as plain SQL, one file a step and dialect, each run once, in order, under a lock.

Tortoise's own migrations drop constraints without a word, so none is used.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from models.connection import connection, fetch, is_sqlite

FOLDER = Path(__file__).resolve().parent / "migrations"
_NAME = re.compile(r"^(\d{4})_(\w+)\.(sqlite|postgres)\.sql$")
_TRIGGER_BODY = re.compile(r"\s*CREATE\s+TRIGGER\b.*\bBEGIN\b", re.IGNORECASE | re.DOTALL)
_ENDS = re.compile(r"\bEND\s*$", re.IGNORECASE)
_LOCK = 5_482_904_631

_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migration (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL
)
"""


class MigrationFault(Exception):
    """The migrations on disk and those the database remembers do not agree."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its number, name, text and digest."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Digest of the text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def on_disk(dialect: str, folder: Path = FOLDER) -> list[Migration]:
    """The steps of one dialect, in order.

    Raises:
        MigrationFault: numbers have a gap or a double.
    """
    steps = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.match(path.name)
        if match is None:
            raise MigrationFault(f"not a migration's name: {path.name}")
        if match[3] == dialect:
            steps.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        raise MigrationFault(f"migrations of {dialect} have a gap or a double")
    return steps


def statements(sql: str) -> list[str]:
    """The single statements of a script, without lines that are remarks.

    A semicolon ends a statement, but for two: inside a $$ … $$ body (PostgreSQL) and inside the BEGIN … END of a
    trigger (SQLite), whose inner statements must not end with the word END. Quoted texts hold no semicolon.

    Raises:
        MigrationFault: a body does not end.
    """
    bare = "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))
    found: list[str] = []
    begun = ""
    for part in bare.split(";"):
        begun += part
        if _is_whole(begun):
            found.append(begun.strip())
            begun = ""
        else:
            begun += ";"
    if begun.strip(" \n;"):
        raise MigrationFault(f"a statement does not end: {begun.strip()[:60]}")
    return [statement for statement in found if statement]


def _is_whole(statement: str) -> bool:
    if statement.count("$$") % 2:
        return False
    return _TRIGGER_BODY.match(statement) is None or _ENDS.search(statement) is not None


async def _done() -> dict[int, str]:
    return {
        int(row["number"]): str(row["sha256"]) for row in await fetch("SELECT number, sha256 FROM schema_migration")
    }


async def pending(folder: Path = FOLDER) -> list[Migration]:
    """The steps that the database has not taken yet.

    Raises:
        MigrationFault: the database has a step that is not on disk, or whose text has changed since.
    """
    steps = on_disk("sqlite" if is_sqlite() else "postgres", folder)
    try:
        done = await _done()
    except OperationalError as error:  # a new database has no such table
        if "schema_migration" not in str(error):
            raise
        done = {}
    by_number = {step.number: step for step in steps}
    for number, digest in done.items():
        if number not in by_number:
            raise MigrationFault(f"the database has migration {number}, which this release does not know")
        if by_number[number].sha256 != digest:
            raise MigrationFault(f"migration {number} was changed after it ran")
    return [step for step in steps if step.number not in done]


async def _hold_writers() -> None:
    """Let whoever writes wait until the steps are taken: a step may make a table anew from its own rows.

    SQLite has one writer at a time anyway.
    """
    rows = await fetch("SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema()")
    names = ", ".join(sorted(str(row["name"]) for row in rows))
    await connection().execute_query(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


async def migrate(folder: Path = FOLDER) -> list[Migration]:
    """Take every pending step, each in one transaction; safe to run from several processes at once.

    Raises:
        MigrationFault: see `pending`.
    """
    async with in_transaction():
        if not is_sqlite():
            await fetch("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await connection().execute_query(_LEDGER)
        steps = await pending(folder)
        if steps and not is_sqlite():
            await _hold_writers()
        for step in steps:
            for statement in statements(step.sql):
                await connection().execute_query(statement)
            await fetch(
                "INSERT INTO schema_migration (number, name, sha256) VALUES ($1, $2, $3) RETURNING number",
                step.number,
                step.name,
                step.sha256,
            )
    return steps
