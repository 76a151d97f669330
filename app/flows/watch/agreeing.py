"""What rules wait for from a person: held lines to be agreed to, and reviews to be settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.oversight.approval import noted
from app.domain.oversight.roles import Officer
from app.domain.refusals import DecisionClosed, InvalidInput, NotFound, OwnAccount
from app.domain.watching.rules import RULES, Rule
from app.domain.watching.watch import watch
from app.flows.book.snapshots import snapshot_of
from app.flows.unit import Desk
from app.flows.watch.watching import carry_out
from models.credit import CreditLine
from models.oversight.watch import RiskEvent, RuleAgreement

APPLY_AGREED = "APPLY_AGREED"
PAGE = 200
PAGES_MAX = 1000


@dataclass(frozen=True, slots=True)
class AgreeToRule:
    """An officer's word on the lines held from a rule on a day. `lines` is how many the officer was shown."""

    rule_id: str
    day: date
    lines: int
    agree: bool
    note: str


@dataclass(frozen=True, slots=True)
class SettleReview:
    """An officer has looked at what a rule queued, and says so."""

    event_id: UUID
    note: str


async def agree_to_rule(desk: Desk, officer: Officer, key: UUID, asked: AgreeToRule) -> UUID:
    """Let a rule touch the lines that it was held from on a day, or drop them; a job does the rest, line by line.

    Raises:
        NotFound: nothing is held. InvalidInput: the note, or other lines are held by now than the officer was shown.
        OwnAccount: a line of the officer's own is among them.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    if not asked.rule_id.isprintable():
        raise NotFound
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "agreeToRule", key, asked)
        if done:
            return UUID(done["agreement"])
        held = RiskEvent.filter(rule_id=asked.rule_id, period=asked.day, state="HELD")
        ids = [event.id for event in await held.order_by("id").select_for_update()]
        if not ids:
            raise NotFound
        if officer.customer_id is not None and await held.filter(customer_id=officer.customer_id).exists():
            raise OwnAccount
        if len(ids) != asked.lines:
            raise InvalidInput.at("lines", problem="LINES_HELD_OTHER")
        agreement = await RuleAgreement.create(
            id=uuid7(),
            rule_id=asked.rule_id,
            day=asked.day,
            lines=len(ids),
            agreed=asked.agree,
            officer_id=officer.id,
            note=note,
            settled_at=unit.now,
        )
        await held.update(state="AGREED" if asked.agree else "DROPPED", agreement_id=agreement.id)
        if asked.agree:
            await unit.enqueue(APPLY_AGREED, agreement.id)
        await unit.keep(agreement=agreement.id)
        return agreement.id


async def apply_agreed(desk: Desk, agreement_id: UUID, rules: Sequence[Rule] = RULES) -> timedelta | None:
    """The job APPLY_AGREED: carry out what was agreed to where the same rule still speaks; elsewhere it lapses."""
    for _ in range(PAGES_MAX):
        events = await RiskEvent.filter(agreement_id=agreement_id, state="AGREED").order_by("id").limit(PAGE)
        for event in events:
            await _apply(desk, event, rules)
        if len(events) < PAGE:
            return None
    return timedelta(seconds=1)


async def _apply(desk: Desk, held: RiskEvent, rules: Sequence[Rule]) -> None:
    async with desk.unit() as unit:
        customer = await unit.lock_customer(held.customer_id)
        event = await RiskEvent.filter(id=held.id).select_for_update().get()
        if event.state != "AGREED":
            return
        line = await CreditLine.filter(id=event.line_id).select_for_update().get()
        speaking = watch(await snapshot_of(line, unit.now), rules)
        same = (event.rule_id, event.rule_version)
        signal = next((said for said in speaking if (said.rule.id, said.rule.version) == same), None)
        if signal is None:
            event.state = "LAPSED"
        else:
            effect = await carry_out(unit, customer, line, signal)
            event.action, event.state = effect.action.value, effect.state
            event.freeze_id, event.limit_change_id = effect.freeze_id, effect.limit_change_id
        await event.save(update_fields=["action", "state", "freeze_id", "limit_change_id"])


async def settle_review(desk: Desk, officer: Officer, key: UUID, asked: SettleReview) -> UUID:
    """Put a person's note on a queued event, which leaves the queue; what follows from it has verbs of its own.

    Raises:
        NotFound: no such event. DecisionClosed: it waits for nobody. InvalidInput: the note. OwnAccount: as it says.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    row = await RiskEvent.get_or_none(id=asked.event_id)
    if row is None:
        raise NotFound
    officer.keep_off_own(row.customer_id)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(row.customer_id)
        done = await unit.once(officer.id, "settleReview", key, asked)
        if done:
            return UUID(done["event"])
        event = await RiskEvent.filter(id=row.id).select_for_update().get()
        if event.state != "WAITING":
            raise DecisionClosed
        event.state, event.settled_at, event.settled_by = "SETTLED", unit.now, officer.id
        event.note_sealed = desk.box(customer).seal("risk_event", "note_sealed", event.id, note.encode())
        await event.save(update_fields=["state", "settled_at", "settled_by", "note_sealed"])
        await unit.keep(event=event.id)
        return event.id
