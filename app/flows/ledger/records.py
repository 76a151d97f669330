"""Opening every sealed record of the log with the keys: each must say what its leaf has committed to."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.proof.record import Leaf, RecordClass, commitment
from app.domain.proof.strict import Unproven
from app.doors.keys import SubjectBox, WrongKey
from app.flows.ledger.fsck import Found
from app.flows.unit import Desk
from models.connection import fetch

PAGE = 500
PAGES_MAX = 1_000_000
_TABLE = "log_outbox"


@dataclass(slots=True)
class Opened:
    """How many records were opened, and how many nobody can open any more: their persons were erased."""

    opened: int = 0
    erased: int = 0


async def open_records(desk: Desk, found: Found) -> Opened:
    """Open every record of the outbox, page by page; what does not agree goes to `found`. Reads only.

    A record whose person has no key any more counts as erased only if the person stands on the list of the erased, which
    is kept outside the book: else somebody has taken the key away.
    """
    opened, after, erased = Opened(), 0, frozenset(desk.tombstones)
    for _ in range(PAGES_MAX):
        rows = await _page(after)
        for row in rows:
            _open(desk, row, erased, opened, found)
        if len(rows) < PAGE:
            return opened
        after = int(rows[-1]["id"])
    found.note(f"there are more than {PAGES_MAX * PAGE} records; the rest was not opened")
    return opened


async def _page(after: int) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT o.id, o.entry_id, o.subject_id, o.class, o.salt_sealed, o.record_sealed, o.commitment,"
        " o.customer_id, c.key_wrapped, e.seq, e.leaf FROM log_outbox o JOIN customer c ON c.id = o.customer_id"
        " LEFT JOIN tlog_entry e ON e.entry_id = o.entry_id WHERE o.id > $1 ORDER BY o.id LIMIT $2",
        *(after, PAGE),
    )


def _open(desk: Desk, row: dict[str, Any], erased: frozenset[UUID], opened: Opened, found: Found) -> None:
    place = f"entry {row['seq']}" if row["seq"] is not None else f"the waiting record {row['entry_id']}"
    owner, wrapped = UUID(str(row["customer_id"])), bytes(row["key_wrapped"])
    if not wrapped:
        opened.erased += 1
        found.hold(owner in erased, f"{place}: the person's key is gone, and nobody was erased")
        return
    opened.opened += 1
    try:
        agrees = _agrees(desk.keys.subject(owner, wrapped), row)
    except WrongKey:
        found.note(f"{place}: its record does not open")
    except (Unproven, ValueError, TypeError):
        found.note(f"{place}: its record cannot be read")
    else:
        found.hold(agrees, f"{place}: its record says something else than what was committed to")


def _agrees(box: SubjectBox, row: dict[str, Any]) -> bool:
    """Whether salt and record give the commitment, in the row and in the leaf, and the record is that of its row."""
    entry_id = UUID(str(row["entry_id"]))
    salt = box.open(_TABLE, "salt_sealed", entry_id, row["salt_sealed"])
    record = json.loads(box.open(_TABLE, "record_sealed", entry_id, row["record_sealed"]))
    kept = [bytes(row["commitment"])]
    if row["leaf"] is not None:
        kept.append(Leaf.parse(bytes(row["leaf"])).commitment)
    told = (record.get("class"), record.get("entry"), record.get("of"))
    meant = (RecordClass(row["class"]).name, str(entry_id), str(UUID(str(row["subject_id"]))))
    return told == meant and all(commitment(salt, record) == one for one in kept)
