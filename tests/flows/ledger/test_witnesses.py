"""Witnesses that are away, slow, lying or right: what is published, what waits, and when nothing is signed any more."""

import pytest

from app.domain.proof.signed import cosignature, note
from app.domain.proof.signed.checkpoint import Checkpoint
from app.flows.ledger.sequencer import Sequencer
from models.proof import TlogCheckpoint, TlogState
from tests.flows.ledger.tables import wrong_with_the_log
from tests.services.witnesses import NAMES, witnesses_of_this_run
from tests.world import World

TRIES_MAX = 10
FAULTS = ("503", "SLOW", "GARBAGE", "ENDLESS", "LIES_BEHIND", "LIES_AHEAD", "400", "403", "404", "422")


async def grown(world: World) -> TlogState:
    """One more record in the log, after one round of the house's sequencer; the state then."""
    await world.grant(await world.new(), "MARKETING")
    await world.sequencer.round()
    return await TlogState.get(id=1)


async def published(world: World) -> TlogState:
    """One more record in the log, and published: on a loaded machine a witness may miss a round."""
    state = await grown(world)
    for _ in range(TRIES_MAX):
        if state.published_size == state.size and state.standing == "FIT":
            break
        await world.sequencer.round()
        state = await TlogState.get(id=1)
    assert (state.published_size, state.standing) == (state.size, "FIT")
    return state


@pytest.mark.parametrize("fault", FAULTS)
async def test_one_witness_that_fails_stops_nothing(house: World, fault: str) -> None:
    await published(house)
    members = witnesses_of_this_run().members
    members["east"].fault = fault
    for _ in range(2):
        state = await published(house)
    head = await TlogCheckpoint.get(size=state.size)
    assert sorted(line.split()[1] for line in head.cosignatures.splitlines()) == [
        "north.example/w",
        "south.example/w",
    ]
    members["east"].fault = ""
    await house.sequencer.close()
    for _ in range(TRIES_MAX):  # the quorum waits for a third only a moment
        state = await published(house)
        lines = (await TlogCheckpoint.get(size=state.size)).cosignatures.count("\n")
        if lines == 3:
            break
    assert lines == 3
    assert await wrong_with_the_log(house) == []


@pytest.mark.parametrize("fault", ["503", "GARBAGE", "LIES_BEHIND", "422"])
async def test_two_that_fail_publish_nothing_until_one_is_back(house: World, fault: str) -> None:
    before = await published(house)
    members = witnesses_of_this_run().members
    members["north"].fault = members["south"].fault = fault
    state = await grown(house)
    assert state.published_size == before.published_size
    assert state.standing == "NO_QUORUM"
    head = await TlogCheckpoint.get(size=state.size)
    assert (head.published_at_us, head.cosignatures.count("\n")) == (None, 1)  # of the third
    members["south"].fault = ""
    await house.sequencer.round()
    state = await TlogState.get(id=1)
    assert (state.published_size, state.standing) == (state.size, "FIT")
    assert await wrong_with_the_log(house) == []


async def test_a_witness_that_was_away_for_long_follows_at_once(house: World) -> None:
    members = witnesses_of_this_run().members
    await grown(house)
    members["east"].fault = "503"
    for _ in range(3):
        await grown(house)
    members["east"].fault = ""
    state = await grown(house)
    assert "east.example/w" in (await TlogCheckpoint.get(size=state.size)).cosignatures


async def test_a_second_sequencer_that_remembers_nothing_finds_the_sizes(house: World) -> None:
    ledger = house.house.desk.ledger
    assert ledger is not None
    await grown(house)
    other = Sequencer(house.house.desk, ledger)
    await house.grant(await house.new(), "MARKETING")
    await other.round()
    state = await TlogState.get(id=1)
    assert state.published_size == state.size
    await other.close()
    state = await grown(house)
    assert state.published_size == state.size


@pytest.mark.parametrize("ahead", [0, 7])
async def test_nothing_is_signed_when_a_witness_holds_another_tree_that_our_key_signed(
    house: World, ahead: int
) -> None:
    """Somebody else has the key, or an older copy of the book was carried on."""
    ledger = house.house.desk.ledger
    assert ledger is not None
    state = await grown(house)
    witness = witnesses_of_this_run().members["north"]
    text = Checkpoint(ledger.origin, state.size + ahead, bytes(32)).text()
    line = cosignature.cosign(witness.cosigner.vkey, witness.cosigner.sign, text, 1_772_416_801)
    signed = note.sign_note(text, ledger.key.vkey, ledger.key.sign, [line])
    witness.shows[ledger.origin] = str(signed)
    fresh = Sequencer(house.house.desk, ledger)
    await house.grant(await house.new(), "MARKETING")
    await fresh.round()
    after = await TlogState.get(id=1)
    assert (after.standing, after.size, after.published_size) == ("FORKED", state.size, state.published_size)
    await fresh.round()
    assert (await TlogState.get(id=1)).size == state.size
    await fresh.close()
    witness.shows.clear()
    fresh = Sequencer(house.house.desk, ledger)
    await fresh.round()
    state = await TlogState.get(id=1)
    assert (state.standing, state.published_size) == ("FIT", state.size)
    await fresh.close()


async def test_a_checkpoint_that_our_key_never_signed_frightens_nobody(house: World) -> None:
    ledger = house.house.desk.ledger
    assert ledger is not None
    state = await grown(house)
    witness = witnesses_of_this_run().members["north"]
    text = Checkpoint(ledger.origin, state.size + 7, bytes(32)).text()
    line = cosignature.cosign(witness.cosigner.vkey, witness.cosigner.sign, text, 1_772_416_801)
    witness.shows[ledger.origin] = str(note.Note(text, (line,)))
    fresh = Sequencer(house.house.desk, ledger)
    await house.grant(await house.new(), "MARKETING")
    await fresh.round()
    after = await TlogState.get(id=1)
    assert (after.standing, after.published_size) == ("FIT", after.size)
    await fresh.close()


async def test_when_most_witnesses_are_silent_nobody_knows_so_nothing_is_signed(house: World) -> None:
    ledger = house.house.desk.ledger
    assert ledger is not None
    state = await grown(house)
    for name in NAMES[:2]:
        witnesses_of_this_run().members[name].fault = "503"
    fresh = Sequencer(house.house.desk, ledger)
    await house.grant(await house.new(), "MARKETING")
    await fresh.round()
    after = await TlogState.get(id=1)
    assert (after.standing, after.size) == ("NO_QUORUM", state.size)
    witnesses_of_this_run().behave()
    await fresh.round()
    after = await TlogState.get(id=1)
    assert (after.standing, after.published_size) == ("FIT", state.size + 1)
    await fresh.close()
