"""Watching lines: what the rules say of each is put on record and done, once for a line, a rule and a period.

Own data only: nothing here, and nothing that it calls, can reach the bureau.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from tortoise.functions import Max
from uuid_utils.compat import uuid7

from app.domain.calendar import business_date
from app.domain.refusals import InvalidInput
from app.domain.watching.rules import RULES, RULES_MAX, Action, Rule
from app.domain.watching.snapshot import ACTIVE, CLOSED, Snapshot
from app.domain.watching.watch import Signal, cooling, watch
from app.flows.book.snapshots import snapshot_of
from app.flows.credit.concluding import change_limit
from app.flows.unit import Desk, Unit
from app.flows.watch.freezing import freeze
from app.flows.watch.jobs import WATCH
from models.connection import fetch, is_sqlite
from models.credit import CreditLine
from models.oversight.watch import DeviceEvent, RiskEvent
from models.people import Customer

WATCHER = "watch"
LINES_OF_A_CUSTOMER_MAX = 20
DEVICE_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class NoteDevice:
    """The device that a customer uses now, by any name that is the same each time."""

    device: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A rule that spoke on a line just now, and where its event stands."""

    rule_id: str
    action: Action
    state: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of a signal: the action carried out, the event's state, and the rows that the action wrote."""

    action: Action
    state: str
    freeze_id: UUID | None = None
    limit_change_id: UUID | None = None


async def note_device_change(desk: Desk, customer_id: UUID, key: UUID, asked: NoteDevice) -> int:
    """Note the device, kept as a keyed digest; how often it changed. The first is no change, the same again is none.

    A change has the customer's lines looked at.

    Raises:
        InvalidInput: a name of 1 to 200 characters is wanted. NotFound: no such customer.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    if not 1 <= len(asked.device.strip()) <= DEVICE_LENGTH_MAX:
        raise InvalidInput.at("device", problem="DEVICE_LENGTH")
    async with desk.unit() as unit:
        await unit.lock_customer(customer_id)
        if await unit.once(customer_id, "noteDevice", key, asked) is None:
            index = desk.keys.index("device", f"{customer_id}|{asked.device.strip()}")
            last = await DeviceEvent.filter(customer_id=customer_id).order_by("-id").first()
            if last is None or bytes(last.device_index) != index:
                await DeviceEvent.create(
                    id=uuid7(),
                    customer_id=customer_id,
                    device_index=index,
                    is_change=last is not None,
                    noted_at=unit.now,
                )
                await unit.enqueue(WATCH, customer_id)
            await unit.keep(customer=customer_id)
        return await DeviceEvent.filter(customer_id=customer_id, is_change=True).count()


async def watch_customer(desk: Desk, customer_id: UUID) -> timedelta | None:
    """The job WATCH: look at the customer's lines now. None: nothing is left to do."""
    lines = CreditLine.filter(customer_id=customer_id).exclude(status=CLOSED).order_by("id")
    for line in await lines.limit(LINES_OF_A_CUSTOMER_MAX):
        await watch_line(desk, line)
    return None


async def watch_line(desk: Desk, line: CreditLine, rules: Sequence[Rule] = RULES) -> tuple[Spoken, ...]:
    """Look at one line; what spoke, the gravest first. Where nothing speaks, nothing is locked or written.

    Raises:
        StillWorking: somebody else held the customer's affairs for too long.
    """
    now = await desk.refresh_clock()
    if not await _speaking(line, await snapshot_of(line, now), rules, business_date(now)):
        return ()
    async with desk.unit() as unit:
        customer = await unit.lock_customer(line.customer_id)
        locked = await CreditLine.filter(id=line.id).select_for_update().get()
        snapshot = await snapshot_of(locked, unit.now)
        spoken = []
        for signal in await _speaking(locked, snapshot, rules, unit.today()):
            if await _may_touch(signal.rule, unit.today()):
                effect = await carry_out(unit, customer, locked, signal)
            else:
                effect = Effect(Action.NONE, "HELD")
            await _put_on_record(unit, customer, locked, signal, snapshot, effect)
            spoken.append(Spoken(signal.rule.id, effect.action, effect.state))
        return tuple(spoken)


async def carry_out(unit: Unit, customer: Customer, line: CreditLine, signal: Signal) -> Effect:
    """Do to a locked line what a signal asks; a line that another signal has just frozen stays as it is."""
    rule = signal.rule
    if rule.action is Action.FREEZE and line.status == ACTIVE:
        frozen = await freeze(unit, customer, line, reason=rule.id, actor=WATCHER, days=rule.freeze_days)
        return Effect(Action.FREEZE, "DONE", freeze_id=frozen)
    if signal.to_limit_minor is not None and signal.to_limit_minor < line.limit_minor:
        change = await change_limit(unit, customer, line, signal.to_limit_minor, reason=rule.id, actor=WATCHER)
        return Effect(Action.REDUCE_LIMIT, "DONE", limit_change_id=change)
    if rule.action is Action.REVIEW:
        return Effect(Action.REVIEW, "WAITING")
    return Effect(Action.NONE, "DONE")


async def _speaking(line: CreditLine, snapshot: Snapshot, rules: Sequence[Rule], today: date) -> list[Signal]:
    """The signals of rules that are not cooling down on this line."""
    signals = watch(snapshot, rules)
    if not signals:
        return []
    last = await _last_spoken(line, [signal.rule.id for signal in signals])
    return [signal for signal in signals if not cooling(last.get(signal.rule.id), signal.rule, today)]


async def _last_spoken(line: CreditLine, rule_ids: Sequence[str]) -> dict[str, date]:
    """The last day on which each rule spoke on a line: one row a rule, however long the line's history is."""
    spoken = RiskEvent.filter(line_id=line.id, rule_id__in=rule_ids).annotate(last=Max("period")).group_by("rule_id")
    rows = await spoken.limit(RULES_MAX).values("rule_id", "last")
    return {row["rule_id"]: row["last"] for row in rows}


async def _may_touch(rule: Rule, day: date) -> bool:
    """Count one more line that the rule touches on the day; False, and not counted, when it has had its share.

    One statement: units of several customers count in the same row. Every unit asks in the order of `watch`, so no
    two wait for one another.
    """
    counted = await fetch(
        "INSERT INTO rule_day (rule_id, day, lines) VALUES ($1, $2, 1)"
        " ON CONFLICT (rule_id, day) DO UPDATE SET lines = rule_day.lines + 1 WHERE rule_day.lines < $3"
        " RETURNING lines",
        *(rule.id, day.isoformat() if is_sqlite() else day, rule.lines_a_day),
    )
    return bool(counted)


async def _put_on_record(
    unit: Unit, customer: Customer, line: CreditLine, signal: Signal, snapshot: Snapshot, effect: Effect
) -> None:
    event_id = uuid7()
    facts = json.dumps(asdict(snapshot), sort_keys=True).encode()
    await RiskEvent.create(
        id=event_id,
        line_id=line.id,
        customer_id=customer.id,
        rule_id=signal.rule.id,
        rule_version=signal.rule.version,
        period=unit.today(),
        severity=signal.rule.severity.name,
        wanted=signal.action.value,
        action=effect.action.value,
        state=effect.state,
        facts_sealed=unit.desk.box(customer).seal("risk_event", "facts_sealed", event_id, facts),
        raised_at=unit.now,
        freeze_id=effect.freeze_id,
        limit_change_id=effect.limit_change_id,
    )
