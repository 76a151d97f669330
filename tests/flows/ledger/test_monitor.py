"""The log as strangers follow it: served by its tiles, followed with a memory of one's own, caught when it cheats."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.cli.proof import monitor
from app.clock import real_now_us
from app.domain.proof.monitor import OUTCOME_SECONDS, Alarm
from app.domain.proof.record import Leaf, RecordClass
from app.domain.proof.signed import policy as policies
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.tree import merkle
from app.domain.proof.tree.tiles import Tile, bundle, tile_bytes
from app.doors.public_log import LogSilent
from app.doors.signing import verify
from app.flows.ledger.serving import StoredLog
from models.proof import TlogEntry, TlogState
from tests.domain.proof.a_log import ORIGIN, POLICY, SEEN, signed
from tests.flows.ledger.test_intent_first import away
from tests.world import World

INTENT = bytes(Leaf(RecordClass.INQUIRY_INTENT, None, b"\1" * 32))


def outcome_of(index: int) -> bytes:
    return bytes(Leaf(RecordClass.INQUIRY_OUTCOME, index, b"\2" * 32))


def other(byte: int) -> bytes:
    return bytes(Leaf(RecordClass.DECISION, None, bytes([byte]) * 32))


@dataclass
class MadeUpLog:
    """A log that shows whatever its maker likes, signed by the real keys of the small log."""

    entries: list[bytes] = field(default_factory=lambda: [INTENT, outcome_of(0), other(3)])
    shown: list[bytes] | None = None
    cosigners: tuple[str, ...] = ("north", "south")

    async def checkpoint(self) -> bytes:
        size = len(self.entries)
        head = Checkpoint(ORIGIN, size, merkle.root(size, self._nodes()))
        return str(signed(head, *self.cosigners)).encode()

    async def tile(self, tile: Tile) -> bytes:
        if tile.level is None:
            entries = self.shown or self.entries
            return bundle(entries[tile.index * 256 : tile.index * 256 + tile.width])
        if tile.index * 256 + tile.width > len(self.entries) >> (8 * tile.level):
            raise LogSilent(tile.path)
        return tile_bytes(tile, self._nodes())

    def _nodes(self) -> merkle.Nodes:
        return merkle.nodes_of([merkle.leaf_hash(entry) for entry in self.entries])


def watch(log: MadeUpLog, path: Path) -> monitor.Watch:
    return monitor.Watch(log, (policies.parse(POLICY),), path / "state.json")


async def alarms(log: MadeUpLog, path: Path, now: int = SEEN + 10) -> list[Alarm]:
    return [one.alarm for one in (await monitor.look(watch(log, path), now)).alarms]


async def test_a_growing_log_raises_nothing_and_is_remembered(tmp_path: Path) -> None:
    log = MadeUpLog()
    assert (await monitor.look(watch(log, tmp_path), SEEN)).grown == 3
    log.entries += [other(byte % 250) for byte in range(600)]
    report = await monitor.look(watch(log, tmp_path), SEEN)
    assert (report.grown, report.size, report.waiting, report.alarms) == (600, 603, 0, ())
    again = await monitor.look(watch(log, tmp_path), SEEN)
    assert (again.grown, again.alarms) == (0, ())


async def test_at_a_change_of_witnesses_the_earlier_policy_will_do_as_well(tmp_path: Path) -> None:
    followed = watch(MadeUpLog(), tmp_path)
    all_three = policies.parse(POLICY.replace(b"group seen 2", b"group seen 3"))
    report = await monitor.look(replace(followed, policies=(all_three,)), SEEN)
    assert [one.alarm for one in report.alarms] == [Alarm.NO_QUORUM]
    assert (await monitor.look(replace(followed, policies=(all_three, *followed.policies)), SEEN)).alarms == ()


@pytest.mark.parametrize("more", [0, 2])
async def test_another_history_is_a_fork_and_the_proof_of_it_is_kept(tmp_path: Path, more: int) -> None:
    log = MadeUpLog()
    assert await alarms(log, tmp_path) == []
    forked = MadeUpLog([INTENT, outcome_of(0), other(4), *[other(5)] * more])
    assert await alarms(forked, tmp_path) == [Alarm.FORKED]
    kept = json.loads((tmp_path / "state.json").read_text())
    assert (kept["size"], len(kept["evidence"])) == (3, 1)
    for text in (kept["checkpoint"], *kept["evidence"]):
        policies.judge(policies.parse(POLICY), text.encode(), verify)
    assert await alarms(log, tmp_path) == [Alarm.FORKED]  # it is not forgotten when the log behaves again


async def test_a_log_that_shrank_is_told_and_an_old_view_convicts_nobody(tmp_path: Path) -> None:
    log = MadeUpLog()
    assert await alarms(log, tmp_path) == []
    assert await alarms(MadeUpLog([INTENT]), tmp_path) == [Alarm.SHRUNK]

    class OldView(MadeUpLog):
        async def checkpoint(self) -> bytes:
            return await MadeUpLog(self.entries[:2]).checkpoint()

    assert await alarms(OldView(), tmp_path) == [Alarm.SHRUNK]
    assert await alarms(log, tmp_path) == []


async def test_a_smaller_tree_that_is_no_beginning_of_ours_is_a_fork(tmp_path: Path) -> None:
    log = MadeUpLog()
    assert await alarms(log, tmp_path) == []

    class Forked(MadeUpLog):
        async def checkpoint(self) -> bytes:
            return await MadeUpLog([INTENT, other(9)]).checkpoint()

    assert await alarms(Forked(), tmp_path) == [Alarm.FORKED]
    assert await alarms(log, tmp_path) == [Alarm.FORKED]


async def test_entries_that_are_not_those_of_the_tree_are_told(tmp_path: Path) -> None:
    log = MadeUpLog()
    assert await alarms(log, tmp_path) == []
    log.entries += [other(6), other(7)]
    log.shown = [*log.entries[:3], other(8), other(7)]
    assert await alarms(log, tmp_path) == [Alarm.ENTRIES_WRONG]
    log.shown = [*log.entries[:3], b"\2" * 42, other(7)]
    assert await alarms(log, tmp_path) == [Alarm.ENTRIES_WRONG]
    log.shown = None
    assert await alarms(log, tmp_path) == []


async def test_tiles_that_are_spoilt_on_the_way_are_told_and_convict_nobody(tmp_path: Path) -> None:
    log = MadeUpLog()
    assert await alarms(log, tmp_path) == []

    class Spoilt(MadeUpLog):
        async def tile(self, tile: Tile) -> bytes:
            told = await super().tile(tile)
            return told[:-1] + bytes([told[-1] ^ 1])

    class Cut(MadeUpLog):
        async def tile(self, tile: Tile) -> bytes:
            return (await super().tile(tile))[:-3]

    log.entries += [other(6), other(7)]
    for spoilt in (Spoilt(log.entries), Cut(log.entries)):
        assert await alarms(spoilt, tmp_path) == [Alarm.ENTRIES_WRONG]
    assert await alarms(log, tmp_path) == []


async def test_a_stale_view_and_a_missing_quorum_are_told(tmp_path: Path) -> None:
    assert await alarms(MadeUpLog(), tmp_path, SEEN + 299) == []
    assert await alarms(MadeUpLog(), tmp_path, SEEN + 301) == [Alarm.STALE]
    assert await alarms(MadeUpLog(cosigners=("north",)), tmp_path) == [Alarm.NO_QUORUM]


async def test_an_intent_without_an_outcome_is_told_after_its_deadline(tmp_path: Path) -> None:
    log = MadeUpLog([INTENT, other(3)])
    late = SEEN + OUTCOME_SECONDS + 1
    assert await alarms(log, tmp_path) == []
    assert await alarms(log, tmp_path, late) == [Alarm.STALE, Alarm.NO_OUTCOME]
    log.entries.append(outcome_of(0))
    assert await alarms(log, tmp_path, late) == [Alarm.STALE]


async def test_a_silent_log_and_a_damaged_memory_are_told(tmp_path: Path) -> None:
    class Silent(MadeUpLog):
        async def checkpoint(self) -> bytes:
            raise LogSilent("away")

    assert await alarms(Silent(), tmp_path) == [Alarm.SILENT]
    for damage in (b"", b"{}", b"[]", b'{"schema": "clearline-monitor/1", "size": -1}'):
        (tmp_path / "state.json").write_bytes(damage)
        with pytest.raises(monitor.MonitorUnusable, match="state"):
            await alarms(MadeUpLog(), tmp_path)


async def test_the_houses_log_is_served_and_followed_to_the_last_entry(house: World, tmp_path: Path) -> None:
    person = await house.with_line()
    await house.settle()
    ledger = house.house.desk.ledger
    assert ledger is not None

    class Served:
        async def checkpoint(self) -> bytes:
            return await self.get("checkpoint")

        async def tile(self, tile: Tile) -> bytes:
            return await self.get(tile.path)

        async def get(self, path: str) -> bytes:
            answer = await house.http.get(f"/log/{path}")
            assert answer.status_code == 200, path
            assert person.id_number.encode() not in answer.content
            return answer.content

    now = real_now_us() // 1_000_000
    size = (await TlogState.get(id=1)).published_size
    followed = monitor.Watch(Served(), (ledger.policy,), tmp_path / "state.json")
    report = await monitor.look(followed, now)
    assert (report.size, report.waiting, report.alarms) == (size, 0, ())
    from_store = await monitor.look(replace(followed, view=StoredLog(ledger)), now)
    assert (from_store.grown, from_store.alarms) == (0, ())
    tree = await Served().tile(Tile(0, 0, min(size, 256)))
    entries = await TlogEntry.filter(seq__lt=256).order_by("seq")
    assert tree == b"".join(bytes(entry.leaf_hash) for entry in entries)


async def test_nothing_is_served_beyond_the_published_tree_or_under_another_path(house: World) -> None:
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()
    away("north", "east")
    await house.grant(await house.new(), "MARKETING")
    await house.sequencer.round()
    state = await TlogState.get(id=1)
    assert state.size > state.published_size
    paths = [f"/log/{Tile(level, 0, state.size).path}" for level in (0, None)]
    paths += [
        "/log/tile/0/0",
        "/log/tile/0/000.p/256",
        "/log/tile/64/000",
        "/log/tile/0/000.p/0",
        "/log/tile/9" + "9" * 400,
        "/log/policies/0.txt",
        "/log/policies/2.txt",
        "/log/policies/9" + "9" * 400 + ".txt",
    ]
    assert {(await house.http.get(path)).status_code for path in paths} == {404}
    assert (await house.http.get("/log/policy.txt")).text.startswith("log ")
    assert (await house.http.get("/log/policies/1.txt")).content == house.house.settings.log_policy_file.read_bytes()
