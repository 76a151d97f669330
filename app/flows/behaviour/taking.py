"""Own data come in: stored only while a consent for their source is live, each event once, in any order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.deciding.behaviour import BehaviourEvent, DataSource
from app.domain.refusals import IdempotencyConflict
from app.flows.credit.consents import live_source_consents
from app.flows.unit import CUSTOMERS_AT_ONCE_MAX, Desk, Unit
from app.flows.watch.jobs import WATCH
from models.credit import CreditLine
from models.people import BehaviourEventRow, FeedReceipt

EVENTS_MAX = CUSTOMERS_AT_ONCE_MAX
AGE_MAX = timedelta(days=731)  # what no figure looks back at is not collected (personal information law, art. 6)


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """An event as its source tells it. `id` is the source's own, unique within the source."""

    id: str
    customer_id: UUID
    told: BehaviourEvent


@dataclass(frozen=True, slots=True)
class Batch:
    """What a source sent at once; `sha256` is of the very bytes, `malformed` counts what was no event of its kind."""

    id: UUID
    source: DataSource
    sha256: bytes
    events: tuple[SourceEvent, ...]
    malformed: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of events, in numbers.

    `without_consent` counts people who are no customers too: to whom somebody is known is not for a source to learn.
    """

    accepted: int = 0
    duplicate: int = 0
    without_consent: int = 0
    invalid: int = 0


async def take_batch(desk: Desk, batch: Batch) -> Taken:
    """Take a batch, whole, once: the same bytes again are answered as the first time, and nothing happens.

    Raises:
        IdempotencyConflict: the source used this batch's id for other bytes.
        StillWorking: as everywhere.
    """
    async with desk.unit() as unit:
        receipt = FeedReceipt(
            id=uuid7(),
            source=batch.source.value,
            batch_id=batch.id,
            body_sha256=batch.sha256,
            received_at=unit.now,
        )
        await FeedReceipt.bulk_create([receipt], ignore_conflicts=True)
        kept = await FeedReceipt.get(source=batch.source.value, batch_id=batch.id)
        if bytes(kept.body_sha256) != batch.sha256:
            raise IdempotencyConflict
        if kept.id != receipt.id:
            return Taken(kept.accepted, kept.duplicate, kept.without_consent, kept.invalid)
        taken = await take_events(unit, batch.events)
        taken = replace(taken, invalid=taken.invalid + batch.malformed)
        await FeedReceipt.filter(id=receipt.id).update(
            accepted=taken.accepted,
            duplicate=taken.duplicate,
            without_consent=taken.without_consent,
            invalid=taken.invalid,
        )
        return taken


async def take_events(unit: Unit, events: Sequence[SourceEvent]) -> Taken:
    """Store the events that may be stored, and have the customers who have a line watched after the commit.

    Consents are read under the customers' locks, so that nothing is stored after a withdrawal has committed. An
    event of a later day than today, or older than two years, is invalid.

    Raises:
        ValueError: more than `EVENTS_MAX` events.
    """
    if len(events) > EVENTS_MAX:
        raise ValueError(f"at most {EVENTS_MAX} events at once, not {len(events)}")
    customers = await unit.lock_customers({event.customer_id for event in events})
    live = await live_source_consents([customer.id for customer in customers], unit.now)
    today = unit.today()
    timely = [event for event in events if today - AGE_MAX <= event.told.occurred_on <= today]
    agreed = [event for event in timely if (event.customer_id, event.told.source) in live]
    stored = await _store(agreed)
    await _have_watched(unit, frozenset(stored))
    return Taken(
        accepted=len(stored),
        duplicate=len(agreed) - len(stored),
        without_consent=len(timely) - len(agreed),
        invalid=len(events) - len(timely),
    )


async def _store(events: Sequence[SourceEvent]) -> list[UUID]:
    """Store events that are not stored yet; the customer of each that now is."""
    rows = [row_of(event) for event in events]
    if not rows:
        return []
    await BehaviourEventRow.bulk_create(rows, batch_size=EVENTS_MAX, ignore_conflicts=True)
    stored = await BehaviourEventRow.filter(id__in=[row.id for row in rows])
    return [row.customer_id for row in stored]


async def _have_watched(unit: Unit, customer_ids: frozenset[UUID]) -> None:
    """Watching acts on a line, so there is nothing to watch where there is none."""
    lines = await CreditLine.filter(customer_id__in=customer_ids, status__in=("ACTIVE", "FROZEN")).order_by("id")
    for line in lines:
        await unit.enqueue(WATCH, line.customer_id)


def row_of(event: SourceEvent) -> BehaviourEventRow:
    """The row of an event."""
    return BehaviourEventRow(
        id=uuid7(),
        customer_id=event.customer_id,
        kind=event.told.kind.value,
        occurred_on=event.told.occurred_on,
        amount_minor=event.told.amount_minor,
        source=event.told.source.value,
        source_event_id=event.id,
    )
