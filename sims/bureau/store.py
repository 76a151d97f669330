"""What the bureau has received, in an SQLite file of its own: nothing is answered before it is on disk."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from sims.bureau.asking import REASONS, Inquiry
from sims.bureau.names import fold
from sims.bureau.reporting import Row, Told
from sims.serving import prepare
from sims.wire import Refused

ASKER_TYPE = "24"
NEVER_MATCHES = "006"
MAX_PAGE = 500
MAX_EARLIER = 1000
BUDGET = 50
STRAY = "STRAY"

TABLES = """
CREATE TABLE IF NOT EXISTS people (id_number TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS institutions (name TEXT PRIMARY KEY, policy TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS receptions (
    n INTEGER PRIMARY KEY, reference TEXT NOT NULL, institution TEXT NOT NULL, subject TEXT NOT NULL,
    outcome TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS inquiries (
    n INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT NOT NULL UNIQUE, content TEXT NOT NULL,
    institution TEXT NOT NULL, purpose TEXT NOT NULL, reason TEXT NOT NULL, subject TEXT NOT NULL,
    consent_id TEXT NOT NULL, permit_id TEXT NOT NULL, recorded_at TEXT NOT NULL, report TEXT,
    UNIQUE (institution, consent_id), UNIQUE (institution, permit_id)) STRICT;
CREATE TABLE IF NOT EXISTS told (
    institution TEXT NOT NULL, account TEXT NOT NULL, month TEXT NOT NULL, subject TEXT NOT NULL, row TEXT NOT NULL,
    note TEXT NOT NULL, PRIMARY KEY (institution, account, month)) STRICT;
CREATE INDEX IF NOT EXISTS told_by_subject ON told (subject);
CREATE INDEX IF NOT EXISTS inquiries_by_subject ON inquiries (subject, n);
CREATE INDEX IF NOT EXISTS inquiries_by_institution ON inquiries (institution, n);
CREATE INDEX IF NOT EXISTS receptions_by_subject ON receptions (subject);
CREATE TRIGGER IF NOT EXISTS inquiries_stay BEFORE UPDATE ON inquiries
    BEGIN SELECT RAISE(ABORT, 'a query record never changes'); END;
CREATE TRIGGER IF NOT EXISTS inquiries_remain BEFORE DELETE ON inquiries
    BEGIN SELECT RAISE(ABORT, 'a query record never goes'); END;
"""


class NotRecorded(LookupError):
    """Nothing was recorded under a reference."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One query record: who asked about whom, when, why, and the report that was made for it."""

    n: int
    reference: str
    institution: str
    purpose: str
    reason: str
    subject: str
    recorded_at: str
    report: dict[str, object] | None

    @property
    def status(self) -> str:
        """How the status by reference names it."""
        return "ANSWERED" if self.report is not None else "RECORDED_NO_REPORT"


@dataclass(frozen=True, slots=True)
class Taken:
    """The record of a question, and what was new about it."""

    record: Recorded
    is_new: bool
    is_first_of_person: bool


Render = Callable[[Inquiry, str, list[Recorded]], dict[str, object] | None]


class Store:
    """The bureau's register and its own count of receptions."""

    def __init__(self, path: str, name: str) -> None:
        self._name = name
        self._db = sqlite3.connect(prepare(path), isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def introduce(self, institution: str, policy: str) -> None:
        """Keep by which log and witnesses an institution's intents are checked from now on."""
        self._db.execute(
            "INSERT INTO institutions (name, policy) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET policy = excluded.policy",
            (institution, policy),
        )

    def policy_of(self, institution: str) -> str | None:
        """The policy of an institution, if it was introduced."""
        row = self._db.execute("SELECT policy FROM institutions WHERE name = ?", (institution,)).fetchone()
        return None if row is None else str(row[0])

    def receive(self, inquiry: Inquiry, outcome: str) -> None:
        """Count a reception that led to no record."""
        self._db.execute(
            "INSERT INTO receptions (reference, institution, subject, outcome) VALUES (?, ?, ?, ?)",
            (inquiry.key, inquiry.institution, inquiry.subject.id_number, outcome),
        )

    def take(self, inquiry: Inquiry, render: Render) -> Taken:
        """Record the question with its report, or find the record that its reference has.

        Raises:
            Refused: counted as a reception, and not recorded.
        """
        try:
            with self._transaction():
                taken = self._take(inquiry, render)
                self.receive(inquiry, "RECORDED" if taken.is_new else "SAME_AGAIN")
                return taken
        except Refused as refusal:
            self.receive(inquiry, refusal.code)
            raise

    def _take(self, inquiry: Inquiry, render: Render) -> Taken:
        content = inquiry.content()
        known = self._db.execute("SELECT content FROM inquiries WHERE reference = ?", (inquiry.key,)).fetchone()
        if known is not None:
            if known[0] != content:
                raise Refused(409, "REFERENCE_REUSED", "this reference was used for another question")
            return Taken(self.by_reference(inquiry.key), is_new=False, is_first_of_person=False)
        inquiry.check()
        inquiry.check_intent(self.policy_of(inquiry.institution), self._name)
        if self.counts(inquiry.institution, inquiry.subject.id_number)["records"] >= BUDGET:
            raise Refused(409, "BUDGET_SPENT", f"an institution asks about a person {BUDGET} times at most")
        self._spend("consent_id", inquiry.consent_id(), inquiry.institution, "CONSENT_USED")
        self._spend("permit_id", inquiry.permit.id, inquiry.institution, "PERMIT_USED")
        name = self._match(inquiry)
        earlier = self._earlier(inquiry.subject.id_number)
        report = render(inquiry, name, earlier)
        self._record(
            inquiry.key,
            content,
            inquiry.institution,
            inquiry.purpose,
            inquiry.reason_code,
            inquiry.subject.id_number,
            inquiry.consent_id(),
            inquiry.permit.id,
            inquiry.at.isoformat(),
            None if report is None else json.dumps(report, ensure_ascii=False),
        )
        return Taken(self.by_reference(inquiry.key), is_new=True, is_first_of_person=not earlier)

    def _record(self, *values: str | None) -> None:
        self._db.execute(
            "INSERT INTO inquiries (reference, content, institution, purpose, reason, subject, consent_id,"
            " permit_id, recorded_at, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    def add_stray(self, institution: str, subject: str, purpose: str, recorded_at: str) -> Recorded:
        """Write a record that no question led to; there is no report under it, and nothing was received."""
        key = str(uuid4())
        self._record(key, STRAY, institution, purpose, REASONS[purpose], subject, key, key, recorded_at, None)
        return self.by_reference(key)

    def _spend(self, column: str, value: str, institution: str, code: str) -> None:
        query = f"SELECT 1 FROM inquiries WHERE institution = ? AND {column} = ?"  # noqa: S608 - a name of ours
        if self._db.execute(query, (institution, value)).fetchone() is not None:
            raise Refused(409, code, "already used for another reference")

    def _match(self, inquiry: Inquiry) -> str:
        """The registered name of the person; whoever is seen first with an ID number is registered."""
        id_number, name = inquiry.subject.id_number, fold(inquiry.subject.name)
        self._db.execute("INSERT OR IGNORE INTO people (id_number, name) VALUES (?, ?)", (id_number, name))
        row = self._db.execute("SELECT name FROM people WHERE id_number = ?", (id_number,)).fetchone()
        if row[0] != name or id_number[14:17] == NEVER_MATCHES:
            raise Refused(404, "SUBJECT_NOT_MATCHED", "name and ID number do not belong together")
        return name

    def _earlier(self, id_number: str) -> list[Recorded]:
        query = f"{SELECT} WHERE subject = ? ORDER BY n DESC LIMIT ?"
        return [_recorded(row) for row in self._db.execute(query, (id_number, MAX_EARLIER))]

    def by_reference(self, reference: str) -> Recorded:
        """The record of a reference.

        Raises:
            NotRecorded: the bureau never recorded it.
        """
        row = self._db.execute(f"{SELECT} WHERE reference = ?", (reference,)).fetchone()
        if row is None:
            raise NotRecorded
        return _recorded(row)

    def page(self, institution: str | None, subject: str | None, after: int, limit: int) -> list[Recorded]:
        """At most `limit` records after the record number `after`, oldest first."""
        query = (
            f"{SELECT} WHERE n > ? AND (? IS NULL OR institution = ?) AND (? IS NULL OR subject = ?)"
            " ORDER BY n LIMIT ?"
        )
        values = (after, institution, institution, subject, subject, min(limit, MAX_PAGE))
        return [_recorded(row) for row in self._db.execute(query, values)]

    def counts(self, institution: str | None, subject: str | None) -> dict[str, int]:
        """How many query records there are, and how often a question came in, refused or not."""
        where = "WHERE (? IS NULL OR institution = ?) AND (? IS NULL OR subject = ?)"
        values = (institution, institution, subject, subject)
        return {
            table: self._db.execute(f"SELECT count(*) FROM {source} {where}", values).fetchone()[0]  # noqa: S608
            for table, source in (("records", "inquiries"), ("receptions", "receptions"))
        }

    def told_of(self, institution: str, account: str) -> list[Row]:
        """The months that an institution has told of an account, oldest first."""
        query = "SELECT month, row, note FROM told WHERE institution = ? AND account = ? ORDER BY month"
        rows = self._db.execute(query, (institution, account))
        return [(month, Told.model_validate_json(row), note) for month, row, note in rows]

    def told_about(self, subject: str) -> list[tuple[str, str, Row]]:
        """Everything that was told of a person's accounts: institution, account, month."""
        query = (
            "SELECT institution, account, month, row, note FROM told WHERE subject = ?"
            " ORDER BY institution, account, month"
        )
        return [
            (institution, account, (month, Told.model_validate_json(row), note))
            for institution, account, month, row, note in self._db.execute(query, (subject,))
        ]

    def put(self, institution: str, month: str, told: Told, note: str = "") -> None:
        """Keep what an institution tells of an account in a month, in place of what it told before."""
        self._db.execute(
            "INSERT INTO told (institution, account, month, subject, row, note) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET subject = excluded.subject, row = excluded.row, note = excluded.note",
            (institution, told.account, month, told.id_number, told.model_dump_json(by_alias=True), note),
        )

    def forget(self, institution: str, account: str, months: list[str]) -> None:
        """Let months of an account go for ever."""
        self._db.executemany(
            "DELETE FROM told WHERE institution = ? AND account = ? AND month = ?",
            [(institution, account, month) for month in months],
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


SELECT = "SELECT n, reference, institution, purpose, reason, subject, recorded_at, report FROM inquiries"


def _recorded(row: tuple[int, str, str, str, str, str, str, str | None]) -> Recorded:
    n, reference, institution, purpose, reason, subject, recorded_at, kept = row
    report = None if kept is None else json.loads(kept)
    return Recorded(n, reference, institution, purpose, reason, subject, recorded_at, report)
