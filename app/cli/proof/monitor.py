"""Following the log from outside, with a memory of its own: what it must never do, it is caught at."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from app.domain.proof import monitor
from app.domain.proof.monitor import Alarm, Following, Watched
from app.domain.proof.signed import policy as policies
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.policy import POLICY_BYTES_MAX, Judged, Policy
from app.domain.proof.strict import HASH_BYTES, Fault, Unproven
from app.domain.proof.tree import merkle
from app.domain.proof.tree.tiles import WIDTH, Tile, entries_in, nodes_in
from app.doors.public_log import LogSilent, LogView
from app.doors.signing import verify

STATE_FILE = "monitor.json"
STATE_BYTES_MAX = 64 * 1024 * 1024
BUNDLES_MAX = 100_000  # in one run: 25 million entries


class MonitorUnusable(Exception):
    """The monitor's own files cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm, and a sentence."""

    alarm: Alarm
    told: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one look came to. `grown` entries are new; `waiting` intents have no outcome yet."""

    origin: str
    size: int
    grown: int
    waiting: int
    alarms: tuple[Raised, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """Which log, by which policies, with which memory, and how long an intent may go without an outcome, in seconds.

    One that any of the policies accepts counts: at a change of witnesses the old one holds until the new one does.
    """

    view: LogView
    policies: tuple[Policy, ...]
    state: Path
    patience: int = monitor.OUTCOME_SECONDS


def policy_in(path: Path) -> Policy:
    """The policy in a file.

    Raises:
        MonitorUnusable: there is none.
    """
    try:
        with path.open("rb") as file:
            return policies.parse(file.read(POLICY_BYTES_MAX + 1))
    except (OSError, Unproven) as trouble:
        raise MonitorUnusable(f"{path} is no policy: give the one that you trust with --keys") from trouble


async def look(watch: Watch, now: int) -> Report:
    """Look once, and remember what follows from what was seen before; `now` in seconds since 1970.

    Raises:
        MonitorUnusable: the state file is damaged, or cannot be written.
    """
    before = _remembered(watch.state)
    after, alarms = await _looked(watch, before, now)
    for index in monitor.overdue(after, now, watch.patience)[: monitor.OVERDUE_TOLD_MAX]:
        alarms.append(Raised(Alarm.NO_OUTCOME, f"the intent at {index} has no outcome"))
    if after.evidence and not any(one.alarm is Alarm.FORKED for one in alarms):
        alarms.append(Raised(Alarm.FORKED, "a view that contradicted what was seen is kept in the state file"))
    _remember(watch.state, after)
    return Report(after.origin, after.edge.size, after.edge.size - before.edge.size, len(after.open), tuple(alarms))


async def _looked(watch: Watch, before: Watched, now: int) -> tuple[Watched, list[Raised]]:
    alarms: list[Raised] = []
    try:
        signed = await watch.view.checkpoint()
        policy, judged = _judged(watch.policies, signed)
    except LogSilent as silent:
        return before, [Raised(Alarm.SILENT, str(silent))]
    except Unproven as refused:
        alarm = Alarm.NO_QUORUM if refused.fault is Fault.QUORUM_MISSING else Alarm.UNPROVEN
        return before, [Raised(alarm, refused.told)]
    text, head = signed.decode("utf-8"), judged.checkpoint
    if monitor.is_stale(policy, judged, now):
        alarms.append(Raised(Alarm.STALE, "less than the quorum has seen the log lately"))
    against = monitor.against(before, head)
    if against is Alarm.SHRUNK and await _begins_with(watch.view, head, before.seen) is False:
        against = Alarm.FORKED
    if against is not None:
        if against is Alarm.FORKED:
            before.keep(text)
        told = f"{head.size} entries are shown, where {before.edge.size} were seen"
        return before, [*alarms, Raised(against, told)]
    try:
        return await _followed(watch.view, before, judged, text), alarms
    except LogSilent as silent:
        return before, [*alarms, Raised(Alarm.SILENT, str(silent))]
    except Unproven as refused:
        if before.edge.size and await _begins_with(watch.view, before.seen, head) is False:
            before.keep(text)
            return before, [*alarms, Raised(Alarm.FORKED, refused.told)]
        return before, [*alarms, Raised(Alarm.ENTRIES_WRONG, refused.told)]


def _judged(trusted: tuple[Policy, ...], signed: bytes) -> tuple[Policy, Judged]:
    """The first policy that accepts the checkpoint, and what it says.

    Raises:
        Unproven: none does; why the first one does not.
    """
    refused: Unproven | None = None
    for policy in trusted:
        try:
            return policy, policies.judge(policy, signed, verify)
        except Unproven as fault:
            refused = refused or fault
    raise refused or Unproven(Fault.POLICY_UNKNOWN, "no policy to judge by")


async def _followed(view: LogView, before: Watched, judged: Judged, text: str) -> Watched:
    """Every entry between what was seen and the new checkpoint, reckoned here."""
    head = judged.checkpoint
    walk = Following(before, max(judged.witnessed.values(), default=0))
    if head.size - walk.size > BUNDLES_MAX * WIDTH:
        raise LogSilent(f"{head.size} entries are more than one run follows")
    while walk.size < head.size:
        index = walk.size // WIDTH
        tile = Tile(None, index, min(WIDTH, head.size - index * WIDTH))
        walk.take(entries_in(tile, await view.tile(tile))[walk.size - index * WIDTH :])
    return walk.end(head, text)


async def _begins_with(view: LogView, old: Checkpoint, new: Checkpoint) -> bool | None:
    """Whether, by the log's own tiles, the new tree begins with the old one.

    None where they are not to be had, or are not those of the new tree: nobody signs a tile, and one that was spoilt on
    the way convicts nobody.
    """
    tiles: dict[Tile, bytes] = {}
    wanted: set[Tile] = set()

    def read(tile: Tile) -> bytes:
        wanted.add(tile)
        return tiles.get(tile, bytes(tile.width * HASH_BYTES))

    def beginning() -> tuple[list[bytes], bytes]:
        nodes = nodes_in(new.size, read)
        return merkle.consistency_proof(old.size, new.size, nodes), merkle.root(old.size, nodes)

    try:
        beginning()
        for tile in sorted(wanted, key=lambda one: one.path):
            tiles[tile] = await view.tile(tile)
        proof, root = beginning()
        merkle.verify_consistency(old.size, new.size, proof, root, new.root)
    except (LogSilent, Unproven):
        return None
    return root == old.root


def _remembered(path: Path) -> Watched:
    try:
        with path.open("rb") as file:
            return Watched.parse(file.read(STATE_BYTES_MAX))
    except FileNotFoundError:
        return Watched()
    except (OSError, Unproven) as trouble:
        raise MonitorUnusable(f"{path} is not a monitor's state: restore it, or begin anew with another") from trouble


def _remember(path: Path, watched: Watched) -> None:
    """Whole or not at all, and on the disk before anybody is told."""
    part = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(bytes(watched))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as trouble:
        raise MonitorUnusable(f"{path} cannot be written: {trouble.strerror}") from trouble


def as_text(report: Report) -> str:
    """The report for a reader."""
    head = f"{report.origin or 'no log'}: {report.size} entries, {report.grown} new, {report.waiting} intents open"
    return "\n".join([head, *(f" ✘ {one.alarm.value}: {one.told}" for one in report.alarms)])


def as_json(report: Report) -> str:
    """The report for a machine (docs/formats/ledger.md)."""
    told = {
        "schema": "clearline-monitor-report/1",
        "origin": report.origin,
        "size": report.size,
        "grown": report.grown,
        "waiting": report.waiting,
        "alarms": [{"alarm": one.alarm.value, "told": one.told} for one in report.alarms],
    }
    return json.dumps(told, ensure_ascii=False)
