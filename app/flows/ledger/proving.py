"""What proves that a record stands in the log before the quorum of its witnesses, and by which policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.clock import real_now_us
from app.domain.proof.record import Leaf
from app.domain.proof.signed import policy as policies
from app.domain.proof.signed.era import Era, in_force
from app.domain.proof.signed.keys import Line, VerifierKey
from app.domain.proof.signed.note import Note
from app.domain.proof.signed.policy import Judged
from app.domain.proof.signed.tlog_proof import TlogProof
from app.domain.proof.strict import Fault, Unproven
from app.doors.ledger import Ledger
from app.doors.signing import verify
from app.flows.ledger.tree import inclusion
from models.proof import TlogCheckpoint, TlogEntry, TlogPolicy

POLICIES_MAX = 1000
TRUSTED_MAX = 50


@dataclass(frozen=True, slots=True)
class Logged:
    """A record's leaf and the proof that it stands in a published checkpoint."""

    leaf: Leaf
    proof: TlogProof


@dataclass(frozen=True, slots=True)
class Seen:
    """A place in the log, a checkpoint over it, and the policy that accepts it; its note has no line of anybody else."""

    index: int
    note: Note
    judged: Judged
    policy: bytes


async def proof_of(entry_id: UUID, ledger: Ledger) -> Logged | None:
    """The proof of a record by a checkpoint that the present policy accepts; None while there is none."""
    seen = await seen_now(ledger, entry_id)
    if seen is None:
        return None
    entry = await TlogEntry.get(seq=seen.index)
    hashes = await inclusion(seen.index, seen.judged.checkpoint.size)
    return Logged(Leaf.parse(bytes(entry.leaf)), TlogProof(seen.index, tuple(hashes), str(seen.note)))


async def seen_now(ledger: Ledger, entry_id: UUID) -> Seen | None:
    """The first checkpoint of our log over an entry, or else the newest, that the present policy accepts."""
    return await _seen([ledger.key.vkey], entry_id, ("size", "-size"), (Era(1, 0, ledger.policy_text),))


async def seen_in_its_time(ledger: Ledger, entry_id: UUID) -> Seen | None:
    """The first checkpoint over an entry, by the policy that was in force then; None also where those were changed."""
    try:
        return await _seen(_logs(ledger), entry_id, ("size",), await eras(ledger))
    except Unproven:
        return None


def is_proven(ledger: Ledger, head: TlogCheckpoint, allowed: Sequence[Era]) -> bool:
    """Whether a published checkpoint is a log's of the present policy, and cosigned by the quorum of its time."""
    return _judged(_logs(ledger), head, allowed) is not None


async def _seen(
    logs: Sequence[VerifierKey], entry_id: UUID, orders: Sequence[str], allowed: Sequence[Era]
) -> Seen | None:
    entry = await TlogEntry.get_or_none(entry_id=entry_id)
    if entry is None:
        return None
    published = TlogCheckpoint.filter(size__gt=entry.seq, published_at_us__isnull=False)
    for order in orders:
        head = await published.order_by(order).first()
        found = _judged(logs, head, allowed) if head is not None else None
        if found is not None:
            return Seen(entry.seq, *found)
    return None


def _judged(
    logs: Sequence[VerifierKey], head: TlogCheckpoint, allowed: Sequence[Era]
) -> tuple[Note, Judged, bytes] | None:
    """A checkpoint of one of the logs, by the first policy that accepts it, with the lines of its parties alone."""
    log = next((key for key in logs if head.body.startswith(of_log(key))), None)
    if log is None:
        return None
    whole = published_note(head, log)
    for one in reversed(in_force(allowed, head.size)):
        policy = policies.parse(one.policy)
        known = {(key.name, key.id) for key in policy.keys}
        note = Note(whole.text, tuple(line for line in whole.lines if (line.name, line.key_id) in known))
        try:
            return note, policies.judge(policy, str(note).encode(), verify), one.policy
        except Unproven:
            continue
    return None


def _logs(ledger: Ledger) -> list[VerifierKey]:
    """The logs that the present policy knows: a stolen key is left out there, and proves nothing of any time."""
    return [party.key for party in ledger.policy.logs]


# ---- policies ----------------------------------------------------------------------------------------------


async def eras(ledger: Ledger) -> tuple[Era, ...]:
    """The policies that were published under, oldest first; before the first publishing, the present one.

    Raises:
        Unproven: somebody has changed one: no log of the present policy has signed it as it stands.
    """
    rows = await TlogPolicy.all().order_by("number").limit(POLICIES_MAX)
    if not rows:
        return (Era(1, 0, ledger.policy_text),)
    return tuple(_era(_logs(ledger), row, number) for number, row in enumerate(rows, start=1))


async def trusted_policies(ledger: Ledger | None) -> list[bytes]:
    """What a receipt of this log may rest on: the present policy, then earlier ones, newest first; none without a log."""
    if ledger is None:
        return []
    try:
        earlier = [era.policy for era in reversed(await eras(ledger))]
    except Unproven:
        earlier = []
    return list(dict.fromkeys([ledger.policy_text, *earlier]))[:TRUSTED_MAX]


def _era(logs: Sequence[VerifierKey], row: TlogPolicy, number: int) -> Era:
    era = Era(row.number, row.first_size, bytes(row.policy))
    signed = any(verify(key.public, era.text(key.name), bytes(row.signature)) for key in logs)
    if row.number != number or not signed:
        raise Unproven(Fault.SIGNATURE_WRONG, f"the policy number {number} is not as the log signed it")
    return era


async def keep_policy(ledger: Ledger, size: int) -> None:
    """Put on the record that a checkpoint of `size` is published under the present policy, if it is a new one.

    The state row is locked. Before any was kept, the present one is taken to have been in force from the beginning.
    """
    last = await TlogPolicy.all().order_by("-number").first()
    if last is not None and bytes(last.policy) == ledger.policy_text:
        return
    era = Era(last.number + 1, size, ledger.policy_text) if last else Era(1, 0, ledger.policy_text)
    signature = ledger.key.sign(era.text(ledger.origin))
    await TlogPolicy.create(
        number=era.number, first_size=era.first_size, policy=era.policy, signature=signature, kept_at_us=real_now_us()
    )


# ---- checkpoints -------------------------------------------------------------------------------------------


def of_log(log: VerifierKey) -> str:
    """How the body of every checkpoint of this log begins: a book may hold those of an earlier log too."""
    return f"{log.name}\n"


def published_note(head: TlogCheckpoint, log: VerifierKey) -> Note:
    """A stored checkpoint as a note: the log's line first, then the witnesses'."""
    return Note(head.body, (Line(log.name, log.id, bytes(head.log_signature)), *lines_of(head)))


def lines_of(head: TlogCheckpoint) -> tuple[Line, ...]:
    """The witnesses' lines under a stored checkpoint."""
    return tuple(Line.parse(line) for line in head.cosignatures.splitlines())
