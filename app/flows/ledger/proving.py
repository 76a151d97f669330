"""Proofs that a record stands in the log before the quorum of its witnesses."""

from dataclasses import dataclass
from uuid import UUID

from app.domain.proof.record import Leaf
from app.domain.proof.signed.keys import Line, VerifierKey
from app.domain.proof.signed.note import Note
from app.domain.proof.signed.tlog_proof import TlogProof
from app.flows.ledger.tree import inclusion
from models.proof import TlogCheckpoint, TlogEntry


@dataclass(frozen=True, slots=True)
class Logged:
    """A record's leaf and the proof that it stands in a published checkpoint."""

    leaf: Leaf
    proof: TlogProof


async def proof_of(entry_id: UUID, log: VerifierKey) -> Logged | None:
    """The proof of a record by the first published checkpoint that holds it; None while there is none."""
    entry = await TlogEntry.get_or_none(entry_id=entry_id)
    if entry is None:
        return None
    published = TlogCheckpoint.filter(size__gt=entry.seq, published_at_us__isnull=False)
    head = await published.filter(body__startswith=of_log(log)).order_by("size").first()
    if head is None:
        return None
    hashes = await inclusion(entry.seq, head.size)
    return Logged(Leaf.parse(bytes(entry.leaf)), TlogProof(entry.seq, tuple(hashes), str(published_note(head, log))))


def of_log(log: VerifierKey) -> str:
    """How the body of every checkpoint of this log begins: a book may hold those of an earlier log too."""
    return f"{log.name}\n"


def published_note(head: TlogCheckpoint, log: VerifierKey) -> Note:
    """A stored checkpoint as a note: the log's line first, then the witnesses'."""
    return Note(head.body, (Line(log.name, log.id, bytes(head.log_signature)), *lines_of(head)))


def lines_of(head: TlogCheckpoint) -> tuple[Line, ...]:
    """The witnesses' lines under a stored checkpoint."""
    return tuple(Line.parse(line) for line in head.cosignatures.splitlines())
