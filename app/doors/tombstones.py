"""Who was erased and which reports were destroyed, kept outside the database and its backups.

A restored backup has both applied again.

A line names a customer or an inquiry by id and carries a keyed digest, so that nothing is erased by a forged line.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from app.doors.keys import Keys

_USES = {"customer": "tombstone", "report": "tombstone-report"}
"""What a line may name, and the use of the key that vouches for it."""


class Tombstones:
    """The list in one file, which only grows."""

    __slots__ = ("_keys", "_path")

    def __init__(self, path: Path, keys: Keys) -> None:
        self._path = path
        self._keys = keys

    def add(self, customer_id: UUID) -> None:
        """Put a customer on the list; on the disk when this returns."""
        self._put("customer", customer_id)

    def add_report(self, inquiry_id: UUID) -> None:
        """Put the report of an inquiry on the list; on the disk when this returns."""
        self._put("report", inquiry_id)

    def __iter__(self) -> Iterator[UUID]:
        """Every customer on the list, line by line; a line that is not ours is passed over."""
        return self._all("customer")

    def reports(self) -> Iterator[UUID]:
        """The inquiry of every report on the list, in the same way; one may come twice."""
        return self._all("report")

    def _put(self, kind: str, named: UUID) -> None:
        line = json.dumps({kind: str(named), "mac": self._mac(kind, named)}) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _all(self, kind: str) -> Iterator[UUID]:
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                found = self._read(kind, line)
                if found is not None:
                    yield found

    def _read(self, kind: str, line: str) -> UUID | None:
        try:
            told = json.loads(line)
            named = UUID(told[kind])
            return named if told["mac"] == self._mac(kind, named) else None
        except (ValueError, KeyError, TypeError):
            return None

    def _mac(self, kind: str, named: UUID) -> str:
        return self._keys.mac(_USES[kind], named.bytes).hex()
