"""Signing the tree's head, and publishing it once the quorum of witnesses has cosigned."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.clock import real_now_us
from app.domain.proof.signed import note
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.keys import Line
from app.domain.proof.signed.note import Note
from app.doors.ledger import Ledger
from app.flows.credit.intents import wake_logged
from app.flows.ledger.proving import keep_policy, lines_of, of_log
from app.flows.ledger.sequencing import locked_state
from app.flows.unit import Desk
from models.connection import fetch
from models.proof import TlogCheckpoint, TlogState

FRESH_US = 60 * 1_000_000


class WouldFork(Exception):
    """Another root was signed for this size before: nothing more is signed."""


@dataclass(frozen=True, slots=True)
class Head:
    """A tree that the log has signed."""

    size: int
    root: bytes
    signed: Note


async def sign_head(desk: Desk, ledger: Ledger) -> Head | None:
    """Sign the present tree, if the witnesses have not seen it, or not lately; None when there is nothing to tell.

    The signature is on the record before it leaves. Signing again after a crash gives the same bytes.

    Raises:
        WouldFork: another root of this size is on the record.
    """
    state = await TlogState.get_or_none(id=1)
    if state is None or state.size == 0:
        return None
    if state.published_size == state.size and abs(real_now_us() - state.witnessed_at_us) < FRESH_US:
        return None
    root = bytes(state.root)
    signed = note.sign_note(Checkpoint(ledger.origin, state.size, root).text(), ledger.key.vkey, ledger.key.sign)
    async with desk.unit():
        if not await TlogCheckpoint.exists(size=state.size):
            await fetch(
                "INSERT INTO tlog_checkpoint (size, root, body, log_signature, cosignatures)"
                " VALUES ($1, $2, $3, $4, '') ON CONFLICT DO NOTHING RETURNING size",
                *(state.size, root, signed.text, signed.lines[0].signature),
            )
        kept = await TlogCheckpoint.get(size=state.size)
    if bytes(kept.root) == root and not kept.body.startswith(of_log(ledger.key.vkey)):
        return None  # the last word of an earlier log over this book: ours begins with the next record
    if bytes(kept.root) != root or kept.body != signed.text:
        raise WouldFork(f"another tree of {state.size} entries was signed before")
    return Head(state.size, root, signed)


async def publish(desk: Desk, ledger: Ledger, head: Head, lines: Iterable[Line]) -> bool:
    """Keep the witnesses' lines under a head; whether they are the quorum, so that it is published.

    Lines of the same witness replace each other: a fresh one tells a later time. Intents that are in the log from now
    on wake their cases.
    """
    name_of = {(party.key.name, party.key.id): name for name, party in ledger.policy.witnesses.items()}
    async with desk.unit() as unit:
        state = await locked_state()
        kept = await TlogCheckpoint.filter(size=head.size).select_for_update().get()
        by_key = {(line.name, line.key_id): line for line in (*lines_of(kept), *lines)}
        reached = ledger.policy.reached(frozenset(name_of[key] for key in by_key if key in name_of))
        changed = {"cosignatures": "".join(f"{line}\n" for _, line in sorted(by_key.items()))}
        if kept.published_at_us is None and reached:
            await TlogCheckpoint.filter(size=head.size).update(**changed, published_at_us=real_now_us())
        else:
            await TlogCheckpoint.filter(size=head.size).update(**changed)
        if reached:
            size = max(state.published_size, head.size)
            await TlogState.filter(id=1).update(published_size=size, witnessed_at_us=real_now_us())
            await keep_policy(ledger, head.size)
            await wake_logged(unit, size)
        return reached
