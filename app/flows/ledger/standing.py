"""May this tree be signed? An old copy of the database that was restored and carried on would fork the log."""

import asyncio
from dataclasses import dataclass

from app.domain.proof.signed.policy import Policy
from app.domain.proof.standing import Standing
from app.doors.ledger import Ledger
from app.doors.witnesses import Seen, Unwilling
from app.flows.ledger.sequencing import locked_state
from app.flows.ledger.tree import TreeDamaged, root_at
from app.flows.unit import Desk
from models.proof import TlogCheckpoint, TlogState


@dataclass(frozen=True, slots=True)
class Looked:
    """What the witnesses were found to hold: the standing, and the size that each knows."""

    standing: Standing
    sizes: dict[str, int]
    silent: frozenset[str]


async def look(ledger: Ledger) -> Looked:
    """Compare the tree in the database with the last checkpoint of every witness. Writes nothing.

    The log is fit when the tree begins with each of them, and the silent ones alone could not be a quorum: then every
    checkpoint that was ever published has been cosigned by somebody who answered. Those who answer must be a quorum
    too: where a policy requires one witness, the others alone can neither hide anything nor publish.

    Raises:
        TreeDamaged: the tiles do not lead to the root of the log.
    """
    names = tuple(ledger.policy.witnesses)
    answers = await asyncio.gather(*(ledger.witnesses.last_seen(name) for name in names))
    # Read before the state: another sequencer may append and sign meanwhile, and its head is of the tree that is read next.
    ours = [Seen(head.size, bytes(head.root)) for head in await TlogCheckpoint.all().order_by("-size").limit(1)]
    state = await TlogState.get_or_none(id=1)
    size = state.size if state else 0
    if state and await root_at(size) != bytes(state.root):
        raise TreeDamaged("the tiles do not lead to the root of the log")
    seen = {name: answer for name, answer in zip(names, answers, strict=True) if isinstance(answer, Seen)}
    silent = frozenset(name for name, answer in zip(names, answers, strict=True) if isinstance(answer, Unwilling))
    for one in {*seen.values(), *ours}:
        if one.size > size or await root_at(one.size) != one.root:
            return Looked(Standing.FORKED, {}, silent)
    return Looked(_of(ledger.policy, frozenset(seen), silent), {name: one.size for name, one in seen.items()}, silent)


def _of(policy: Policy, answering: frozenset[str], silent: frozenset[str]) -> Standing:
    return Standing.FIT if policy.reached(answering) and not policy.reached(silent) else Standing.NO_QUORUM


async def keep_standing(desk: Desk, standing: Standing) -> None:
    """Put the standing on the record, for whoever asks how the log is."""
    async with desk.unit():
        state = await locked_state()
        if state.standing != standing:
            await TlogState.filter(id=1).update(standing=standing.value)


async def present_standing() -> Standing:
    """The standing as it was last found."""
    state = await TlogState.get_or_none(id=1)
    return Standing(state.standing) if state else Standing.UNCHECKED
