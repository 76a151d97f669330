"""What the bank was told and what became of it, in an SQLite file of its own."""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from sims.payments.faults import Fault
from sims.serving import prepare
from sims.wire import Refused

MAX_PAGE = 500
MAX_ATTEMPTS = 5

TABLES = """
CREATE TABLE IF NOT EXISTS orders (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, reference TEXT NOT NULL UNIQUE, content TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 1,
    released INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL, failure TEXT) STRICT;
CREATE TABLE IF NOT EXISTS spoilt (reference TEXT PRIMARY KEY, fault TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS switches (name TEXT PRIMARY KEY, is_on INTEGER NOT NULL) STRICT;
"""
SELECT = "SELECT n, kind, reference, amount, currency, attempt, released, status, failure FROM orders"


class Kind(StrEnum):
    """Which way the money goes: to the customer, or from the customer."""

    PAYOUT = "PAYOUT"
    DEBIT = "DEBIT"


class Status(StrEnum):
    """What became of an order."""

    PENDING = "PENDING"
    PAID = "PAID"
    FAILED = "FAILED"
    RETURNED = "RETURNED"


@dataclass(frozen=True, slots=True)
class Order:
    """One order to pay; `amount` in minor units."""

    n: int
    kind: Kind
    reference: str
    amount: int
    currency: str
    attempt: int
    released: bool
    status: Status
    failure: str | None


class Store:
    """The bank's book of orders."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(prepare(path), isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def content(self, reference: str) -> str | None:
        """The content that a reference was placed with, or None for a new reference."""
        row = self._db.execute("SELECT content FROM orders WHERE reference = ?", (reference,)).fetchone()
        return None if row is None else str(row[0])

    def place(self, kind: Kind, *, reference: str, content: str, amount: int, currency: str) -> Order:
        """A new order, pending, on disk."""
        self._db.execute(
            "INSERT INTO orders (kind, reference, content, amount, currency, status) VALUES (?, ?, ?, ?, ?, ?)",
            (kind, reference, content, amount, currency, Status.PENDING),
        )
        return self.order(reference)

    def order(self, reference: str, kind: Kind | None = None) -> Order:
        """The order of a reference.

        Raises:
            Refused: 404, there is none (of that kind).
        """
        query = f"{SELECT} WHERE reference = ? AND (? IS NULL OR kind = ?)"
        row = self._db.execute(query, (reference, kind, kind)).fetchone()
        if row is None:
            raise Refused(404, "UNKNOWN_REFERENCE", "nothing was ordered under this reference")
        return _order(row)

    def turn(self, order: Order, status: Status, failure: str | None = None) -> Order:
        """The order with its new status, on disk."""
        self._db.execute(
            "UPDATE orders SET status = ?, failure = ? WHERE reference = ?",
            (status, failure, order.reference),
        )
        return self.order(order.reference)

    def try_again(self, order: Order) -> Order:
        """The order pending again, as its next attempt."""
        self._db.execute("UPDATE orders SET attempt = attempt + 1 WHERE reference = ?", (order.reference,))
        return self.turn(order, Status.PENDING)

    def spoil(self, order: Order, fault: Fault) -> None:
        """Remember what goes wrong with an order."""
        self._db.execute("INSERT OR REPLACE INTO spoilt (reference, fault) VALUES (?, ?)", (order.reference, fault))

    def spoilt(self, order: Order) -> Fault | None:
        """What goes wrong with an order, if anything."""
        row = self._db.execute("SELECT fault FROM spoilt WHERE reference = ?", (order.reference,)).fetchone()
        return Fault(row[0]) if row is not None else None

    def release(self, order: Order) -> None:
        """Let an order go on that waits for a release."""
        self._db.execute("UPDATE orders SET released = 1 WHERE reference = ?", (order.reference,))

    def page(self, after: int, limit: int) -> list[Order]:
        """At most `limit` orders after the order number `after`, oldest first."""
        query = f"{SELECT} WHERE n > ? ORDER BY n LIMIT ?"
        return [_order(row) for row in self._db.execute(query, (after, min(limit, MAX_PAGE)))]

    @property
    def holds(self) -> bool:
        """Whether payouts are kept pending."""
        row = self._db.execute("SELECT is_on FROM switches WHERE name = 'hold'").fetchone()
        return row is not None and row[0] == 1

    def hold(self, *, on: bool) -> None:
        """Keep payouts pending, or no longer."""
        self._db.execute("INSERT OR REPLACE INTO switches (name, is_on) VALUES ('hold', ?)", (int(on),))


def _order(row: tuple[int, str, str, int, str, int, int, str, str | None]) -> Order:
    n, kind, reference, amount, currency, attempt, released, status, failure = row
    return Order(n, Kind(kind), reference, amount, currency, attempt, released == 1, Status(status), failure)
