"""What a witness must never forget: the last tree of each log that it cosigned. One SQLite file, safe before any answer.

The database itself refuses to go back: a trigger stands behind the law, so that no code path can shrink a tree.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.domain.proof.signed.note import Note
from app.domain.proof.witness import Head, place

WAIT_SECONDS_MAX: Final = 5.0
EVIDENCE_MAX: Final = 1_000  # pieces of one log; the first ones tell the most
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS witness (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    vkey TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS head (
    origin TEXT PRIMARY KEY,
    place TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    seconds INTEGER NOT NULL CHECK (seconds > 0),
    note TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS head_only_grows BEFORE UPDATE ON head
WHEN NEW.origin <> OLD.origin OR NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
    OR NEW.seconds < OLD.seconds
BEGIN SELECT RAISE(ABORT, 'a head only grows'); END;
CREATE TRIGGER IF NOT EXISTS head_stays BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'a head stays'); END;
CREATE TABLE IF NOT EXISTS evidence (
    digest BLOB PRIMARY KEY,
    origin TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    told TEXT NOT NULL,
    request BLOB NOT NULL
) STRICT;
"""


class Store:
    """The file of one witness."""

    def __init__(self, path: Path) -> None:
        """Open the file, made if need be.

        Raises:
            sqlite3.Error: it cannot be used.
        """
        self._db = sqlite3.connect(path, timeout=WAIT_SECONDS_MAX, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Alone with the file, whoever else may have it open: what was read is still true when it is written on.

        All of it is on the disk when this ends, or nothing is.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def vkey(self) -> str | None:
        """Whose store it is."""
        row = self._db.execute("SELECT vkey FROM witness").fetchone()
        return None if row is None else str(row[0])

    def belong_to(self, vkey: str) -> None:
        """Say whose store it is; only before anything is kept in it."""
        self._db.execute(
            "INSERT INTO witness VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET vkey = excluded.vkey", (vkey,)
        )

    def is_fresh(self) -> bool:
        """Whether nothing was ever cosigned."""
        return self._db.execute("SELECT 1 FROM head LIMIT 1").fetchone() is None

    def head(self, origin: str) -> Head | None:
        """The last tree of a log."""
        row = self._db.execute("SELECT size, root, seconds FROM head WHERE origin = ?", (origin,)).fetchone()
        return None if row is None else Head(*row)

    def keep(self, origin: str, head: Head, shown: Note) -> None:
        """Put a new last tree in the place of the one before."""
        self._db.execute(
            "INSERT INTO head VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET"
            " size = excluded.size, root = excluded.root, seconds = excluded.seconds, note = excluded.note",
            (origin, place(origin), head.size, head.root, head.seconds, str(shown)),
        )

    def shown(self, named: str) -> str | None:
        """The cosigned checkpoint of the log that monitors name so."""
        row = self._db.execute("SELECT note FROM head WHERE place = ?", (named,)).fetchone()
        return None if row is None else str(row[0])

    def testify(self, origin: str, body: bytes, told: str, seconds: int) -> None:
        """Keep a request that a log has signed and that does not fit, once, up to EVIDENCE_MAX of a log."""
        self._db.execute(
            "INSERT OR IGNORE INTO evidence SELECT ?, ?, ?, ?, ?"
            " WHERE (SELECT count(*) FROM evidence WHERE origin = ?) < ?",
            (hashlib.sha256(body).digest(), origin, seconds, told, body, origin, EVIDENCE_MAX),
        )
