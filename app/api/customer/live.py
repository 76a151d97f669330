"""Subscriptions: an application's state now, then once per change; and what the customer is told, as it comes."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER
from app.api.customer.nouns.asking.application import Application
from app.api.customer.nouns.notice import Notice, shown
from app.api.errors import Ours
from app.api.reading import credit as read
from app.api.reading import notices
from app.api.scalars import decode_id
from app.domain.refusals import NotFound
from app.doors.cache import TooManyListeners, Waiter
from app.flows.notices.telling import inbox_topic

LISTEN_SECONDS_MAX = 600
LOOK_AGAIN_SECONDS = 2.0


@strawberry.type
class CustomerSubscription:
    @strawberry.subscription(
        directives=NEVER,
        description=(
            "First event: the state now. Then one per change, until nothing more happens by itself: DECIDED, "
            "ACCEPTED, EXPIRED or WITHDRAWN. Ends after ten minutes; subscribe again, nothing is lost."
        ),
    )
    async def application_updated(self, info: Info, id: strawberry.ID) -> AsyncGenerator[Application, None]:  # noqa: A002
        owner = info.context.customer_id
        try:
            key = decode_id(id, "Application")
        except NotFound:
            raise _nothing() from None
        shown: object = None
        async with _listening(info, f"case:{key}") as waiter:
            for _ in range(int(LISTEN_SECONDS_MAX / LOOK_AGAIN_SECONDS)):
                row = await read.application(owner, key)
                if row is None:
                    raise _nothing()
                decision = await read.latest_decision(application_id=key)
                wait = await read.wait_of(row)
                state = (row.status, decision.id if decision else None, wait.reason if wait else None)
                if state != shown:
                    shown = state
                    yield Application.of(row)
                if row.status not in {"RECEIVED", "IN_REVIEW"}:
                    return
                await waiter.wait(LOOK_AGAIN_SECONDS)

    @strawberry.subscription(
        directives=NEVER,
        description=(
            "Each notice as it comes into the viewer's inbox; those that are there already, `viewer.notices` tells. "
            "Ends after ten minutes; subscribe again, nothing is lost."
        ),
    )
    async def notice_arrived(self, info: Info) -> AsyncGenerator[Notice, None]:
        owner = info.context.customer_id
        async with _listening(info, inbox_topic(owner)) as waiter:
            known = {row.id for row in await notices.latest(owner)}
            for _ in range(int(LISTEN_SECONDS_MAX / LOOK_AGAIN_SECONDS)):
                await waiter.wait(LOOK_AGAIN_SECONDS)
                new = [row for row in await notices.latest(owner) if row.id not in known]
                known |= {row.id for row in new}
                for notice in await shown(info, new):
                    yield notice


@asynccontextmanager
async def _listening(info: Info, topic: str) -> AsyncIterator[Waiter]:
    """Listen to a topic, or say that too many do."""
    try:
        async with info.context.desk.cache.waiting(topic) as waiter:
            yield waiter
    except TooManyListeners:
        raise Ours("RATE_LIMITED", "LISTENERS_MANY") from None


def _nothing() -> Ours:
    return Ours("NOT_FOUND", "APPLICATION_NOT_THERE")
