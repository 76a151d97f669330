"""Who was erased, kept outside the database and its backups: a restored backup has its erasures applied again.

A line names a customer by id and carries a keyed digest, so that nobody is erased by a forged line.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from app.doors.keys import Keys

_USE = "tombstone"


class Tombstones:
    """The list in one file, which only grows."""

    __slots__ = ("_keys", "_path")

    def __init__(self, path: Path, keys: Keys) -> None:
        self._path = path
        self._keys = keys

    def add(self, customer_id: UUID) -> None:
        """Put a customer on the list; on the disk when this returns."""
        line = json.dumps({"customer": str(customer_id), "mac": self._mac(customer_id)}) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def __iter__(self) -> Iterator[UUID]:
        """Every customer on the list, line by line; a line that is not ours is passed over."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                found = self._read(line)
                if found is not None:
                    yield found

    def _read(self, line: str) -> UUID | None:
        try:
            told = json.loads(line)
            customer_id = UUID(told["customer"])
            return customer_id if told["mac"] == self._mac(customer_id) else None
        except (ValueError, KeyError, TypeError):
            return None

    def _mac(self, customer_id: UUID) -> str:
        return self._keys.mac(_USE, customer_id.bytes).hex()
