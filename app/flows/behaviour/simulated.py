"""The sandbox's own sources: what they tell of an invented person, when connected and month after month."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from app.domain.deciding.behaviour import DataSource
from app.flows.behaviour.taking import SourceEvent, row_of, take_events
from app.flows.unit import Desk
from ml.training.book import Profile, simulate_events
from models.people import BehaviourEventRow, Customer

SEED = 2
HISTORY_MONTHS = 24


async def write_history(customer_id: UUID, profile: Profile, sources: Collection[DataSource], today: date) -> None:
    """Write two years of own data of a person who has just been invented, the same for every person of a profile."""
    events = [event for event in _told(customer_id, profile, today, HISTORY_MONTHS) if event.told.source in sources]
    await BehaviourEventRow.bulk_create([row_of(event) for event in events], batch_size=200)


async def hand_over(desk: Desk, customer_id: UUID) -> timedelta | None:
    """Have every connected source of an invented person tell of the last two years; a job, never due again."""
    customer = await Customer.get(id=customer_id)
    async with desk.unit() as unit:
        await take_events(unit, _of(customer, unit.today(), HISTORY_MONTHS))
    return None


async def tell_last_month(desk: Desk, customer: Customer, today: date) -> None:
    """Have every connected source of an invented person tell of the month before `today`'s.

    Twice tells nothing new. What happened before the person was invented is left to `write_history`.
    """
    async with desk.unit() as unit:
        await take_events(unit, _of(customer, today.replace(day=1), 1))


def is_month_start(day: date) -> bool:
    """Whether a month ended with the day before."""
    return day.day == 1


def _of(customer: Customer, before: date, months: int) -> list[SourceEvent]:
    if not customer.simulated_as:
        return []
    return _told(customer.id, Profile(customer.simulated_as), before, months)


def _told(customer_id: UUID, profile: Profile, before: date, months: int) -> list[SourceEvent]:
    """Simulated events with ids that are the same whenever they are told: a kind happens at most once a day."""
    return [
        SourceEvent(f"{customer_id.hex}:{event.kind}:{event.occurred_on}", customer_id, event)
        for event in simulate_events(SEED, profile, before, months)
    ]
